#include "gateway/app/reading.h"

#include <array>
#include <filesystem>

#include "gateway/app/configuration.h"

namespace puente::app {
namespace {

constexpr std::array<Stage, 6> kStages = {{{"xml", &sat::Stages::xml},
                                           {"structure", &sat::Stages::structure},
                                           {"seal", &sat::Stages::seal},
                                           {"stamp", &sat::Stages::stamp},
                                           {"rules", &sat::Stages::rules},
                                           {"catalogs", &sat::Stages::catalogs}}};

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

Result<sat::ReadContext> reading_context(const Arguments& arguments) {
  sat::Environment environment = sat::Environment::test;
  std::vector<std::filesystem::path> folders;
  sat::ReadContext context;
  if (const auto file = arguments.text("--config")) {
    const LoadedConfiguration loaded = load_configuration(*file);
    if (!loaded.usable()) return tl::unexpected(loaded.fault());
    environment = loaded.values.environment;
    folders = loaded.values.trust;
    context.limits = read_limits(loaded.values);
  }
  for (const std::string& folder : arguments.list("--trust")) {
    if (environment == sat::Environment::production)
      return permanent("trust_in_production", "--trust is refused where the configuration says production");
    std::error_code error;
    if (!std::filesystem::is_directory(folder, error))
      return permanent("cannot_open", folder + ": " + (error ? error.message() : "not a folder"));
    folders.emplace_back(folder);
  }
  auto trust = sat::TrustStore::load(environment, folders);
  if (!trust) return tl::unexpected(trust.error());
  context.trust = std::move(*trust);
  return context;
}

}  // namespace puente::app
