// A shipment on the command line, from files to canonical entries and records: what translate and explain share.
// Nothing is kept, nothing is filed, and no number that must be unique is taken.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "gateway/app/command.h"
#include "mappings/cbp/filing.h"
#include "mappings/crosswalk/draft.h"
#include "mappings/sat/read.h"

namespace puente::app {

enum class Output { entry, se, ae };
std::optional<Output> parse_output(std::string_view name);

struct Filing {
  int entry_index = 0;
  cbp::FilingKind kind = cbp::FilingKind::cargo_release;
  cbp::EncodedFiling encoded;
};

struct Translation {
  v1::Draft draft;              // its findings are those of reading, joining and drafting
  std::vector<Filing> filings;  // of the outputs asked for, entry by entry
  bool rejected_document = false;

  // Findings of the draft and of the records.
  std::vector<Finding> findings() const;
  // Whether an error stands in the way of `output`: a rejected document, no entry, a held entry, an error finding of
  // the entry or of its records. Errors of the truck manifest (where "manifest...") do not: it is none of the outputs.
  bool blocked(Output output) const;
};

// --partners, --catalog, --notice, --trust, --config, --date, --entry-number and FILE of the arguments. Faults:
// cannot_open; input_invalid when there is no profile, or the notice is no puente.notice/1; those of profiles, catalog,
// trust and configuration.
Result<Translation> translate(const Arguments& arguments, const std::vector<cbp::FilingKind>& kinds);

// The options above, for the tables of both commands.
inline constexpr Option kPartnersOption = {
    "--partners",
    "DIR",
    OptionKind::text,
    true,
    {"folder with the partners' profiles (TOML)", "carpeta con los perfiles (TOML)"}};
inline constexpr Option kCatalogOption = {
    "--catalog", "FILE", OptionKind::text, true, {"product catalog (CSV)", "catálogo de productos (CSV)"}};
inline constexpr Option kNoticeOption = {"--notice",
                                         "FILE",
                                         OptionKind::text,
                                         true,
                                         {"crossing notice (puente.notice/1)", "aviso de cruce (puente.notice/1)"}};
inline constexpr Option kDateOption = {"--date",
                                       "YYYY-MM-DD",
                                       OptionKind::date,
                                       false,
                                       {"date of entry, selects the rules; default: the notice's arrival",
                                        "fecha de entrada, elige las reglas; por omisión, la llegada del aviso"}};
inline constexpr Option kEntryNumberOption = {
    "--entry-number",
    "N",
    OptionKind::text,
    false,
    {"entry number, 8 digits with check digit; with several importers it is the first entry's",
     "número de entrada, 8 dígitos con dígito verificador; con varios importadores es de la primera entrada"}};
inline constexpr Option kDocumentsOption = {
    "FILE",
    "FILE...",
    OptionKind::texts,
    true,
    {"the SAT documents of one shipment", "los documentos del SAT de un embarque"}};

}  // namespace puente::app
