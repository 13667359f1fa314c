// puente version.
#include <nlohmann/json.hpp>

#include "gateway/app/commands.h"
#include "mappings/findings/projection.h"

namespace puente::app {
namespace {

constexpr Option kOptions[] = {{"--json", "", OptionKind::flag, false, {"print JSON", "imprime JSON"}}};

ExitCode version(const Arguments& arguments, Terminal& terminal) {
  if (arguments.flag("--json")) {
    const nlohmann::ordered_json json = {{"program", "puente"},
                                         {"version", PUENTE_VERSION},
                                         {"entry_schema", "puente.entry/1"},
                                         {"notice_schema", "puente.notice/1"},
                                         {"compiler", __VERSION__}};
    terminal.out << dump(json) << "\n";
  } else {
    terminal.out << version_text() << "\n";
  }
  return ExitCode::done;
}

}  // namespace

std::string_view version_text() { return "puente " PUENTE_VERSION; }

const Command kVersion = {
    "version", {"print the version", "muestra la versión"}, "puente version --json", kOptions, version};

}  // namespace puente::app
