// puente broker: the demo broker on the command line.
#include <nlohmann/json.hpp>

#include "gateway/app/client_options.h"
#include "gateway/app/commands.h"
#include "gateway/app/faults.h"
#include "gateway/app/files.h"
#include "gateway/app/findings_text.h"
#include "gateway/simulators/demo_broker.h"
#include "mappings/findings/projection.h"

namespace puente::app {
namespace {

constexpr std::uint64_t kLargestSerial = 9'999'999;

constexpr Option kOptions[] = {
    kClientConfigOption,
    kAddressOption,
    kCertificateOption,
    kKeyOption,
    kAuthorityOption,
    kServerNameOption,
    {"--save",
     "DIR",
     OptionKind::text,
     false,
     {"keep each filing there: records (.txt) and all of it (.json)",
      "guarda ahí cada trámite: registros (.txt) y todo (.json)"}},
    {"--first-number",
     "N",
     OptionKind::number,
     false,
     {"first entry number of its range, without check digit; default 1",
      "primer número de entrada de su rango, sin dígito verificador; por omisión 1"}},
    {"--once", "N", OptionKind::number, false, {"stop after N filings", "termina tras N trámites"}},
    {"--refuse",
     "REASON",
     OptionKind::text,
     false,
     {"refuse each filing with this reason", "rechaza cada trámite con este motivo"}},
    {"--no-confirm", "", OptionKind::flag, false, {"take filings and do not answer", "recibe trámites y no responde"}},
    {"--answer",
     "FILE",
     OptionKind::text,
     false,
     {"report CBP's lines of this file and stop", "informa las líneas de CBP de este archivo y termina"}},
    {"--token", "T", OptionKind::text, false, {"with --answer: of this filing", "con --answer: de este trámite"}},
    {"--json", "", OptionKind::flag, false, {"print one JSON object a line", "imprime un objeto JSON por línea"}},
};

void print_result(Terminal& terminal, const v1::FilerActResult& result) {
  Printer& out = terminal.out;
  out << "  "
      << (result.applied() ? Text{"applied", "aplicado"} : Text{"not applied", "no aplicado"}).in(terminal.language)
      << (result.repeat() ? Text{" (before)", " (antes)"}.in(terminal.language) : "") << "  "
      << safe_text(result.token()) << "\n";
  print_findings(out, {result.findings().begin(), result.findings().end()}, terminal.language);
  if (result.has_rebuilt()) out << safe_records(result.rebuilt().records());
  out.flush();
}

void print_filing(Terminal& terminal, const v1::Filing& filing, const std::filesystem::path& saved) {
  Printer& out = terminal.out;
  out << out.paint(Tone::strong, filing.kind()) << "  " << safe_text(filing.token()) << "  "
      << Text{"revision ", "revisión "}.in(terminal.language) << std::to_string(filing.revision()) << "  "
      << Text{"attempt ", "intento "}.in(terminal.language) << std::to_string(filing.attempt());
  if (filing.possible_duplicate())
    out << "  " << out.paint(Tone::caution, Text{"possible duplicate", "posible duplicado"}.in(terminal.language));
  if (!saved.empty()) out << "  " << saved.string();
  out << "\n";
  if (saved.empty()) out << safe_records(filing.records());
  out.flush();
}

ExitCode answer(const Arguments& arguments, Terminal& terminal, const std::string& file) {
  const auto lines = read_file(file, 1U << 20U);
  if (!lines) return report(terminal, lines.error());
  const auto client = connect(arguments);
  if (!client) return report(terminal, client.error());
  v1::FilerAct act;
  act.mutable_answer()->set_lines(*lines);
  act.mutable_answer()->set_token(arguments.text_or("--token", ""));
  const auto result = (*client)->act(act);
  if (!result) return report(terminal, result.error());
  if (arguments.flag("--json")) {
    terminal.out << dump(project(*result), -1) << "\n";
  } else {
    print_result(terminal, *result);
  }
  return any_error({result->findings().begin(), result->findings().end()}) ? ExitCode::findings : ExitCode::done;
}

ExitCode broker(const Arguments& arguments, Terminal& terminal) {
  if (const auto file = arguments.text("--answer")) return answer(arguments, terminal, *file);
  const auto connection = client_options(arguments);
  if (!connection) return report(terminal, connection.error());
  simulators::DemoBrokerOptions options;
  options.connection = *connection;
  options.save = arguments.text_or("--save", "");
  const std::uint64_t first = arguments.number("--first-number").value_or(1);
  if (first > kLargestSerial)
    return report(terminal, Fault{FaultKind::permanent, "usage", "--first-number: at most seven digits"});
  options.first_number = static_cast<std::uint32_t>(first);
  options.stop_after = arguments.number("--once").value_or(0);
  options.confirm = !arguments.flag("--no-confirm");
  options.refuse = arguments.text_or("--refuse", "");
  const bool json = arguments.flag("--json");
  bool problems = false;
  simulators::DemoBrokerEvents events;
  events.on_filing = [&](const v1::Filing& filing, const std::filesystem::path& saved) {
    if (!json) return print_filing(terminal, filing, saved);
    terminal.out << dump({{"filing", project(filing)}}, -1) << "\n";
    terminal.out.flush();
  };
  events.on_result = [&](const v1::FilerActResult& result) {
    problems = problems || any_error({result.findings().begin(), result.findings().end()});
    if (!json) return print_result(terminal, result);
    terminal.out << dump({{"result", project(result)}}, -1) << "\n";
    terminal.out.flush();
  };
  events.on_lost = [&](const Fault& fault, std::chrono::seconds again_in) {
    terminal.err << fault.code << ": " << safe_text(fault.text)
                 << Text{"; again in ", "; otra vez en "}.in(terminal.language) << std::to_string(again_in.count())
                 << " s\n";
    terminal.err.flush();
  };
  const auto ended = simulators::run_demo_broker(options, events);
  if (!ended) return report(terminal, ended.error());
  return problems ? ExitCode::findings : ExitCode::done;
}

}  // namespace

const Command kBroker = {
    "broker",
    {"the demo broker, a simulator: receives filings and confirms them; a production gateway refuses it",
     "el agente de demostración, un simulador: recibe trámites y los confirma; en producción se rechaza"},
    "puente broker --config demo/client-broker.toml --save filings --once 2\n"
    "puente broker --config demo/client-broker.toml --answer answer.so.txt",
    kOptions,
    broker};

}  // namespace puente::app
