// puente check: SAT documents, each judged alone.
#include <nlohmann/json.hpp>

#include "gateway/app/commands.h"
#include "gateway/app/faults.h"
#include "gateway/app/files.h"
#include "gateway/app/findings_text.h"
#include "gateway/app/reading.h"
#include "mappings/findings/projection.h"

namespace puente::app {
namespace {

using Json = nlohmann::ordered_json;

constexpr Option kOptions[] = {
    {"--json", "", OptionKind::flag, false, {"print a JSON array", "imprime un arreglo JSON"}},
    kTrustOption,
    kCatalogsOption,
    kPartnerOption,
    kConfigOption,
    {"FILE",
     "FILE...",
     OptionKind::texts,
     true,
     {"SAT XML documents; - is standard input", "documentos XML del SAT; - es la entrada estándar"}},
};

Json check_json(const std::string& file, const sat::ReadOutcome& outcome) {
  Json out;
  out["file"] = file;
  out["folio_fiscal"] = outcome.folio_fiscal;
  out["kind"] = sat::kind_name(outcome.kind);
  out["verdict"] = outcome.accepted ? "accepted" : "rejected";
  for (const Stage& stage : stages()) out["stages"][stage.name] = stage_outcome(outcome.stages.*stage.member);
  out["findings"] = Json::array();
  for (const Finding& finding : outcome.findings) out["findings"].push_back(project_check_finding(finding));
  out["findings_left_out"] = outcome.findings.left_out();
  return out;
}

Tone tone_of_outcome(sat::Stage stage) {
  return stage == sat::Stage::pass ? Tone::good : stage == sat::Stage::fail ? Tone::bad : Tone::faint;
}

constexpr Text kAccepted = {"accepted", "aceptado"}, kRejected = {"rejected", "rechazado"};

// `bytes`: the document, for the lines that a terminal is shown.
void print_outcome(Terminal& terminal, const std::string& file, const sat::ReadOutcome& outcome,
                   std::string_view bytes) {
  Printer& out = terminal.out;
  const Language language = terminal.language;
  out << out.paint(Tone::strong, safe_text(shown_path(file))) << "  "
      << (outcome.accepted ? out.paint(Tone::good, kAccepted.in(language))
                           : out.paint(Tone::bad, kRejected.in(language)))
      << "  " << sat::kind_name(outcome.kind);
  if (!outcome.folio_fiscal.empty()) out << "  " << safe_text(outcome.folio_fiscal);
  out << "\n ";
  for (const Stage& stage : stages()) {
    const sat::Stage result = outcome.stages.*stage.member;
    out << " " << stage.title.in(language) << " "
        << out.paint(tone_of_outcome(result), stage_outcome_title(result).in(language));
    if (&stage != &stages().back()) out << ",";
  }
  const std::vector<Finding> told = told_once(outcome);
  out << "\n  " << count_of(told, language);
  if (outcome.findings.left_out() > 0)
    out << Text{", and more that are not shown: ", ", y más que no se muestran: "}.in(language)
        << std::to_string(outcome.findings.left_out());
  out << "\n";
  print_findings(out, told, language, "  ", bytes);
}

ExitCode check(const Arguments& arguments, Terminal& terminal) {
  const auto context = reading_context(arguments);
  if (!context) return report(terminal, context.error());
  const bool json = arguments.flag("--json");
  Json reports = Json::array();
  ExitCode code = ExitCode::done;
  for (const std::string& file : arguments.list("FILE")) {
    auto bytes = read_file(file, context->limits.bytes);
    if (!bytes) {
      code = report(terminal, bytes.error());  // the other files are still checked
      continue;
    }
    const std::string shown = !json && terminal.out.tty() ? *bytes : "";
    const sat::ReadOutcome outcome = sat::read(file, std::move(*bytes), *context);
    if (!outcome.accepted && code == ExitCode::done) code = ExitCode::findings;
    if (json) {
      reports.push_back(check_json(file, outcome));
    } else {
      print_outcome(terminal, file, outcome, shown);
    }
  }
  if (json) terminal.out << dump(reports) << "\n";
  return code;
}

}  // namespace

const Command kCheck = {"check",
                        {"check SAT documents, each alone", "revisa documentos del SAT, cada uno por sí solo"},
                        "puente check factura.xml\n"
                        "puente check --json --trust deploy/samples/authority *.xml",
                        kOptions,
                        check};

}  // namespace puente::app
