// puente explain: each of the 80 columns back to what made it.
#include <algorithm>
#include <array>
#include <cctype>
#include <nlohmann/json.hpp>

#include "gateway/app/commands.h"
#include "gateway/app/explain.h"
#include "gateway/app/faults.h"
#include "gateway/app/files.h"
#include "gateway/app/findings_text.h"
#include "gateway/app/reading.h"
#include "gateway/app/translation.h"
#include "mappings/cbp/catair/record.h"
#include "mappings/findings/projection.h"

namespace puente::app {
namespace {

constexpr Option kOptions[] = {
    kPartnersOption,
    kCatalogOption,
    kNoticeOption,
    kTrustOption,
    kCatalogsOption,
    kPartnerOption,
    kConfigOption,
    kDateOption,
    kEntryNumberOption,
    {"--to",
     "entry|se|ae",
     OptionKind::text,
     false,
     {"only cargo release (se) or entry summary (ae); entry and default: both",
      "sólo liberación (se) o resumen (ae); entry y por omisión: ambos"},
     "entry se ae"},
    {"--record", "ID", OptionKind::text, false, {"only this record: SE40, 50", "sólo este registro: SE40, 50"}},
    {"--element", "NAME", OptionKind::text, false, {"only this element", "sólo este elemento"}},
    {"--json", "", OptionKind::flag, false, {"print JSON", "imprime JSON"}},
    {"--findings",
     "FILE",
     OptionKind::text,
     false,
     {"write the findings there (JSON) instead of standard error",
      "escribe ahí los hallazgos (JSON) en vez del error estándar"}},
    kDocumentsOption,
};

constexpr std::array<std::string_view, 3> kFiled = {"", "SE", "AE"};  // the envelope and what explain can show

bool is_filed(const cbp::catair::Record& record) {
  return std::find(kFiled.begin(), kFiled.end(), record.application) != kFiled.end();
}

std::string folded(std::string text, int (*fold)(int)) {
  for (char& character : text) character = static_cast<char>(fold(static_cast<unsigned char>(character)));
  return text;
}

void add_once(std::vector<std::string_view>& names, std::string_view name) {
  if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
}

// A name that no layout has is a slip of the hand: said at once, with the names there are.
Result<Narrow> narrow_of(const Arguments& arguments, Language language) {
  const Narrow narrow{folded(arguments.text_or("--record", ""), std::toupper),
                      folded(arguments.text_or("--element", ""), std::tolower)};
  std::vector<std::string_view> records, elements;
  bool record_known = narrow.record.empty(), element_known = narrow.element.empty();
  for (const cbp::catair::Record* record : cbp::catair::all_records()) {
    if (!is_filed(*record)) continue;
    add_once(records, record->control_id());
    const bool asked = narrow.record.empty() || narrow.record == record->control_id() || narrow.record == record->id;
    if (!asked) continue;
    record_known = true;
    for (const cbp::catair::Field& field : record->fields) {
      if (field.is_filler()) continue;
      add_once(elements, field.name);
      if (field.name == narrow.element) element_known = true;
    }
  }
  if (record_known && element_known) return narrow;
  std::string text = record_known ? "--element " + narrow.element : "--record " + narrow.record;
  text += Text{": no such name; there are:", ": no existe ese nombre; hay:"}.in(language);
  for (const std::string_view name : record_known ? elements : records) text += " " + std::string(name);
  return permanent("usage", std::move(text));
}

ExitCode explain(const Arguments& arguments, Terminal& terminal) {
  const Output output = parse_output(arguments.text_or("--to", "entry")).value_or(Output::entry);
  std::vector<cbp::FilingKind> kinds;
  if (output != Output::ae) kinds.push_back(cbp::FilingKind::cargo_release);
  if (output != Output::se) kinds.push_back(cbp::FilingKind::entry_summary);
  const auto asked = narrow_of(arguments, terminal.language);
  if (!asked) return report(terminal, asked.error());
  const Narrow& narrow = *asked;
  const auto translation = translate(arguments, kinds);
  if (!translation) return report(terminal, translation.error());
  if (arguments.flag("--json")) {
    terminal.out << dump(explanation_json(*translation, narrow)) << "\n";
  } else {
    print_explanation(terminal, *translation, narrow);
  }
  if (!translation->filings.empty() && !found(*translation, narrow))
    terminal.err << Text{"these filings have no ", "estos trámites no tienen "}.in(terminal.language)
                 << safe_text(narrow.record + (narrow.record.empty() || narrow.element.empty() ? "" : " ") +
                              narrow.element)
                 << "\n";
  const std::vector<Finding> findings = translation->findings();
  if (const auto file = arguments.text("--findings")) {
    if (const auto written = replace_file(*file, dump(findings_json(findings)) + "\n", 0644); !written)
      return report(terminal, written.error());
  } else {
    print_findings(terminal.err, findings, terminal.language, "");
  }
  return translation->blocked(output) ? ExitCode::findings : ExitCode::done;
}

}  // namespace

const Command kExplain = {"explain",
                          {"each of the 80 columns back to the attribute, key or cell that made it",
                           "cada una de las 80 columnas hasta el atributo, clave o celda que la formó"},
                          "puente explain --partners partners --catalog catalog.csv --notice notice.json *.xml\n"
                          "puente explain --partners partners --catalog catalog.csv --notice notice.json --record SE40 "
                          "--element description *.xml",
                          kOptions,
                          explain};

}  // namespace puente::app
