// puente decode: 80-column lines into named elements.
#include <nlohmann/json.hpp>

#include "gateway/app/commands.h"
#include "gateway/app/faults.h"
#include "gateway/app/files.h"
#include "gateway/app/findings_text.h"
#include "gateway/app/record_text.h"
#include "mappings/cbp/filing.h"
#include "mappings/findings/projection.h"

namespace puente::app {
namespace {

using Json = nlohmann::ordered_json;

constexpr Option kOptions[] = {
    {"--json", "", OptionKind::flag, false, {"print JSON", "imprime JSON"}},
    {"FILE",
     "FILE",
     OptionKind::text,
     true,
     {"80-column lines; - is standard input", "líneas de 80 columnas; - es la entrada estándar"}},
};

Json record_json(const cbp::DecodedRecord& record) {
  Json item;
  item["line"] = record.line;
  item["record"] = record.record != nullptr ? Json(record.record->id) : Json(nullptr);
  if (record.record != nullptr) item["title"] = record.record->title;
  item["text"] = record.text;
  item["elements"] = Json::array();
  for (const cbp::DecodedElement& element : record.elements) {
    item["elements"].push_back({{"name", element.field->name},
                                {"start", element.field->start},
                                {"end", element.field->end},
                                {"text", element.text},
                                {"value", element.value}});
  }
  return item;
}

// `text` below a key of the outermost object: every line after the first stands `depth` further in.
std::string indented(std::string_view text, std::size_t depth) {
  std::string out;
  for (const char character : text) {
    out += character;
    if (character == '\n') out.append(depth, ' ');
  }
  return out;
}

// One record after the other, as dump() would print them all: the tree of the largest transmission taken would need
// hundreds of times its bytes.
void print_json(Printer& out, const cbp::DecodedTransmission& transmission) {
  out << "{\n \"application\": " << dump(Json(transmission.application)) << ",\n \"records\": [";
  for (const cbp::DecodedRecord& record : transmission.records)
    out << (&record == &transmission.records.front() ? "\n  " : ",\n  ") << indented(dump(record_json(record)), 2);
  out << "\n ],\n \"findings\": " << indented(dump(findings_json(transmission.findings.list())), 1) << "\n}\n";
}

void print_transmission(Terminal& terminal, const cbp::DecodedTransmission& transmission) {
  Printer& out = terminal.out;
  for (const cbp::DecodedRecord& record : transmission.records) {
    print_ruler(out);
    print_record_line(out, record.line, record.text);
    if (record.record == nullptr) {
      out << kElementIndent << Text{"unknown record", "registro desconocido"}.in(terminal.language) << "\n";
    } else {
      out << kElementIndent
          << out.paint(Tone::faint, std::string(record.record->id) + " " + std::string(record.record->title)) << "\n";
    }
    for (const cbp::DecodedElement& element : record.elements) {
      if (element.text.empty()) continue;  // blank positions say nothing; --json has them
      print_element(out, *element.field, element.value, "");
    }
    for (const Finding& finding : transmission.findings)
      if (finding.target().record_line() == record.line) print_finding(out, finding, terminal.language, kElementIndent);
  }
  // What concerns no single line.
  std::vector<Finding> others;
  for (const Finding& finding : transmission.findings)
    if (finding.target().record_line() == 0) others.push_back(finding);
  if (!others.empty()) out << "\n";
  print_findings(out, others, terminal.language);
  terminal.err << transmission.application << (transmission.application.empty() ? "" : ": ")
               << std::to_string(transmission.records.size())
               << Text{" records, ", " registros, "}.in(terminal.language)
               << count_of(transmission.findings.list(), terminal.language) << "\n";
}

ExitCode decode(const Arguments& arguments, Terminal& terminal) {
  const std::string file = *arguments.text("FILE");
  const auto text = read_file(file, cbp::kDecodeBytes);
  if (!text) return report(terminal, text.error());
  if (text->size() > cbp::kDecodeBytes) {
    const std::string most = std::to_string(cbp::kDecodeBytes >> 20U);
    return report(terminal, Fault{FaultKind::permanent, "input_invalid", file + ": more than " + most + " MiB"});
  }
  const auto transmission = cbp::decode(*text);
  if (!transmission)
    return report(terminal, Fault{FaultKind::permanent, "input_invalid", file + ": no 80-column records"});
  if (arguments.flag("--json")) {
    print_json(terminal.out, *transmission);
  } else {
    print_transmission(terminal, *transmission);
  }
  return any_error(transmission->findings.list()) ? ExitCode::findings : ExitCode::done;
}

}  // namespace

const Command kDecode = {
    "decode",
    {"80-column CATAIR lines into named elements", "líneas CATAIR de 80 columnas en elementos con nombre"},
    "puente decode entry.se.txt\n"
    "puente decode --json answer.so.txt",
    kOptions,
    decode};

}  // namespace puente::app
