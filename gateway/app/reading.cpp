#include "gateway/app/reading.h"

#include <algorithm>
#include <array>
#include <filesystem>

#include "gateway/app/configuration.h"
#include "gateway/app/findings_text.h"
#include "gateway/app/knowledge.h"

namespace puente::app {
namespace {

constexpr std::array<Stage, 6> kStages = {{{"xml", {"xml", "xml"}, &sat::Stages::xml},
                                           {"structure", {"structure", "estructura"}, &sat::Stages::structure},
                                           {"seal", {"seal", "sello"}, &sat::Stages::seal},
                                           {"stamp", {"stamp", "timbre"}, &sat::Stages::stamp},
                                           {"rules", {"rules", "reglas"}, &sat::Stages::rules},
                                           {"catalogs", {"catalogs", "catálogos"}, &sat::Stages::catalogs}}};

// The attributes of a Comprobante that sealing fills.
constexpr std::array<std::string_view, 3> kSealAttributes = {
    "/cfdi:Comprobante/@Sello", "/cfdi:Comprobante/@Certificado", "/cfdi:Comprobante/@NoCertificado"};

}  // namespace

std::span<const Stage> stages() { return kStages; }

std::string_view stage_outcome(sat::Stage stage) {
  switch (stage) {
    case sat::Stage::pass:
      return "pass";
    case sat::Stage::fail:
      return "fail";
    case sat::Stage::absent:
      return "absent";
    case sat::Stage::unknown:
      break;
  }
  return "unknown";
}

bool about_missing_signature(const Finding& finding, const sat::Stages& stages) {
  const CatalogueRow* row = find_catalogue_row(finding.code());
  if (row == nullptr) return false;
  if (row->stage == "stamp") return stages.stamp == sat::Stage::absent;
  if (stages.seal != sat::Stage::absent) return false;
  return row->stage == "seal" ||
         std::find(kSealAttributes.begin(), kSealAttributes.end(), finding.source().path()) != kSealAttributes.end();
}

std::vector<Finding> told_once(const sat::ReadOutcome& outcome) {
  // The finding that says it in so many words stands for those of the single attributes.
  const Finding *seal = nullptr, *stamp = nullptr;
  const auto stage_of = [](const Finding& finding) { return find_catalogue_row(finding.code())->stage; };
  const auto missing = [&](const Finding& finding) { return about_missing_signature(finding, outcome.stages); };
  const auto place_of = [&](const Finding& finding) -> const Finding*& {
    return stage_of(finding) == "stamp" ? stamp : seal;
  };
  for (const Finding& finding : outcome.findings) {
    if (!missing(finding)) continue;
    const Finding*& told = place_of(finding);
    if (told == nullptr || (stage_of(finding) == "seal" && stage_of(*told) != "seal")) told = &finding;
  }
  std::vector<Finding> out;
  for (const Finding& finding : outcome.findings)
    if (!missing(finding) || place_of(finding) == &finding) out.push_back(finding);
  return lists_together(std::move(out));
}

Text stage_outcome_title(sat::Stage stage) {
  switch (stage) {
    case sat::Stage::pass:
      return {"pass", "pasa"};
    case sat::Stage::fail:
      return {"fail", "falla"};
    case sat::Stage::absent:
      return {"absent", "no viene"};
    case sat::Stage::unknown:
      break;
  }
  return {"unknown", "sin determinar"};
}

Result<sat::ReadContext> reading_context(const Arguments& arguments) {
  sat::Environment environment = sat::Environment::test;
  std::vector<std::filesystem::path> folders;
  std::filesystem::path lists;
  sat::ReadContext context;
  if (const auto file = arguments.text("--config")) {
    const LoadedConfiguration loaded = load_configuration(*file);
    if (!loaded.usable()) return tl::unexpected(loaded.fault());
    environment = loaded.values.environment;
    folders = loaded.values.trust;
    lists = loaded.values.lists;
    context.limits = read_limits(loaded.values);
  }
  if (const auto id = arguments.text("--partner")) {
    const auto file = arguments.text("--config");
    if (!file) return permanent("usage", "--partner needs --config: the registry says what acts");
    const auto registry = load_registry(load_configuration(*file).values.registry);
    if (!registry) return tl::unexpected(registry.error());
    const partners::Partner* partner = (*registry)->by_id(*id);
    if (partner == nullptr) return permanent("input_invalid", *id + ": no partner of the registry");
    context.overrides = partner->overrides;
    context.today = std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
  }
  for (const std::string& folder : arguments.list("--trust")) {
    if (environment == sat::Environment::production)
      return permanent("trust_in_production", "--trust is refused where the configuration says production");
    std::error_code error;
    if (!std::filesystem::is_directory(folder, error))
      return permanent("cannot_open", folder + ": " + (error ? error.message() : "not a folder"));
    folders.emplace_back(folder);
  }
  if (const auto folder = arguments.text("--catalogs")) lists = *folder;
  auto loaded_lists = load_lists(lists);
  if (!loaded_lists) return tl::unexpected(loaded_lists.error());
  context.lists = std::move(*loaded_lists);
  auto trust = sat::TrustStore::load(environment, folders);
  if (!trust) return tl::unexpected(trust.error());
  context.trust = std::move(*trust);
  return context;
}

}  // namespace puente::app
