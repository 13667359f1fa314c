// puente check-config: every problem of a configuration at once.
#include <nlohmann/json.hpp>

#include "gateway/app/commands.h"
#include "gateway/app/configuration.h"
#include "gateway/app/findings_text.h"
#include "gateway/app/knowledge.h"
#include "mappings/findings/projection.h"

namespace puente::app {
namespace {

constexpr Option kOptions[] = {
    {"--config",
     "FILE",
     OptionKind::text,
     false,
     {"the configuration; default: /etc/puente/puente.toml", "la configuración; por omisión, /etc/puente/puente.toml"}},
    {"--json", "", OptionKind::flag, false, {"print the findings as JSON", "imprime los hallazgos en JSON"}},
    {"--print",
     "",
     OptionKind::flag,
     false,
     {"print the effective values with their origin", "imprime los valores efectivos con su origen"}},
    {"--reference",
     "",
     OptionKind::flag,
     false,
     {"print the page of all keys (deploy/CONFIG.md) and stop",
      "imprime la página de todas las claves (deploy/CONFIG.md) y termina"}},
};

ExitCode check_config(const Arguments& arguments, Terminal& terminal) {
  if (arguments.flag("--reference")) {
    terminal.out << configuration_reference();
    return ExitCode::done;
  }
  LoadedConfiguration loaded = load_configuration(arguments.text_or("--config", kDefaultConfiguration));
  if (loaded.usable()) check_contents(loaded, loaded.findings);
  if (arguments.flag("--print") && loaded.opened) terminal.out << print_configuration(loaded);
  if (arguments.flag("--json")) {
    auto findings = nlohmann::ordered_json::array();
    for (const Finding& finding : loaded.findings) findings.push_back(project_check_finding(finding));
    terminal.out << dump(findings) << "\n";
  } else {
    print_findings(terminal.err, loaded.findings.list(), terminal.language, "");
    terminal.err << loaded.file.string() << ": " << count_of(loaded.findings.list(), terminal.language) << "\n";
  }
  if (!loaded.opened) return ExitCode::cannot_open;
  return loaded.usable() ? ExitCode::done : ExitCode::configuration;
}

}  // namespace

const Command kCheckConfig = {
    "check-config",
    {"check a configuration: every problem at once", "revisa una configuración: todos los problemas a la vez"},
    "puente check-config --config puente.toml\n"
    "puente check-config --config puente.toml --print",
    kOptions,
    check_config};

}  // namespace puente::app
