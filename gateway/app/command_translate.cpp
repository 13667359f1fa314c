// puente translate: the documents of one shipment into the canonical entry or the 80-column lines.
#include <nlohmann/json.hpp>

#include "gateway/app/commands.h"
#include "gateway/app/faults.h"
#include "gateway/app/files.h"
#include "gateway/app/findings_text.h"
#include "gateway/app/reading.h"
#include "gateway/app/translation.h"
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
     true,
     {"canonical JSON, cargo release or entry summary", "JSON canónico, liberación de carga o resumen de entrada"},
     "entry se ae"},
    {"--findings",
     "FILE",
     OptionKind::text,
     false,
     {"write the findings there (JSON) instead of standard error",
      "escribe ahí los hallazgos (JSON) en vez del error estándar"}},
    kDocumentsOption,
};

std::vector<cbp::FilingKind> kinds_of(Output output) {
  switch (output) {
    case Output::entry:
      return {};
    case Output::se:
      return {cbp::FilingKind::cargo_release};
    case Output::ae:
      return {cbp::FilingKind::entry_summary};
  }
  return {};
}

ExitCode translate_command(const Arguments& arguments, Terminal& terminal) {
  const Output output = *parse_output(*arguments.text("--to"));
  const auto translation = translate(arguments, kinds_of(output));
  if (!translation) return report(terminal, translation.error());
  const std::vector<Finding> findings = translation->findings();
  if (output == Output::entry) {
    v1::Draft entry = translation->draft;
    entry.clear_lineage();  // explain shows it
    terminal.out << dump(project(entry)) << "\n";
  }
  for (const Filing& filing : translation->filings) terminal.out << filing.encoded.text();
  if (const auto file = arguments.text("--findings")) {
    if (const auto written = replace_file(*file, dump(findings_json(findings)) + "\n", 0644); !written)
      return report(terminal, written.error());
  } else if (output != Output::entry) {
    print_findings(terminal.err, findings, terminal.language, "");
  }
  return translation->blocked(output) ? ExitCode::findings : ExitCode::done;
}

}  // namespace

const Command kTranslate = {
    "translate",
    {"one shipment into the canonical entry or 80-column lines; nothing is filed",
     "un embarque en la entrada canónica o líneas de 80 columnas; nada se presenta"},
    "puente translate --partners partners --catalog catalog.csv --notice notice.json --to entry *.xml\n"
    "puente translate --partners partners --catalog catalog.csv --notice notice.json --to se --findings f.json *.xml",
    kOptions,
    translate_command};

}  // namespace puente::app
