// What check, translate and explain share: whom to trust, and documents read from files.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "gateway/app/command.h"
#include "mappings/domain/result.h"
#include "mappings/sat/read.h"

namespace puente::app {

inline constexpr Option kTrustOption = {
    "--trust",
    "DIR",
    OptionKind::texts,
    false,
    {"folder with roots and SAT certificates to trust beside the configured ones; not in production",
     "carpeta con raíces y certificados del SAT en los que confiar además de los configurados; no en producción"}};
inline constexpr Option kConfigOption = {"--config",
                                         "FILE",
                                         OptionKind::text,
                                         false,
                                         {"configuration whose environment, trust folders and limits apply",
                                          "configuración cuyo ambiente, carpetas de confianza y límites aplican"}};

inline constexpr Option kCatalogsOption = {
    "--catalogs",
    "DIR",
    OptionKind::text,
    false,
    {"folder with the SAT's code lists (c_*.csv, plain or .gz or .zst), in place of the configured one",
     "carpeta con los catálogos del SAT (c_*.csv, simples o .gz o .zst), en lugar de la configurada"}};

inline constexpr Option kPartnerOption = {
    "--partner",
    "ID",
    OptionKind::text,
    false,
    {"partner of the configured registry whose overrides of severities act",
     "socio del registro configurado cuyos cambios de severidad actúan"}};

// Environment, trust folders, lists and limits of --config (without it: test, none, the embedded ones, the defaults),
// and
// --trust and --catalogs beside them; the overrides of --partner.
// Faults: those of the configuration, of TrustStore::load, cannot_open for a folder that is not there,
// trust_in_production when --trust meets a production configuration.
Result<sat::ReadContext> reading_context(const Arguments& arguments);

// Whether a finding says no more than that the seal, or the stamp, is missing.
bool about_missing_signature(const Finding& finding, const sat::Stages& stages);
// The findings of a reading for people: a missing seal, a missing stamp, and the lists that are not loaded, once each.
std::vector<Finding> told_once(const sat::ReadOutcome& outcome);

struct Stage {
  std::string_view name;  // in JSON
  Text title;             // for people
  sat::Stage sat::Stages::*member;
};
std::span<const Stage> stages();                   // xml, structure, seal, stamp, rules, catalogs
std::string_view stage_outcome(sat::Stage stage);  // pass, fail, absent, unknown
Text stage_outcome_title(sat::Stage stage);        // the same for people

}  // namespace puente::app
