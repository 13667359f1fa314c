#include "gateway/app/findings_text.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "gateway/app/files.h"
#include "mappings/findings/projection.h"

namespace puente::app {
namespace {

struct SeverityRow {
  Severity severity;
  Tone tone;
  Text one, many;
};
constexpr std::array<SeverityRow, 4> kSeverities = {{
    {v1::SEVERITY_ERROR, Tone::bad, {"error", "error"}, {"errors", "errores"}},
    {v1::SEVERITY_HOLD, Tone::caution, {"hold", "retención"}, {"holds", "retenciones"}},
    {v1::SEVERITY_WARNING, Tone::caution, {"warning", "aviso"}, {"warnings", "avisos"}},
    {v1::SEVERITY_INFO, Tone::faint, {"info", "nota"}, {"notes", "notas"}},
}};

const SeverityRow& row_of(Severity severity) {
  for (const SeverityRow& row : kSeverities)
    if (row.severity == severity) return row;
  return kSeverities.back();
}

constexpr std::size_t kWidth = 100;

// Remedies of what asks nothing of anyone.
constexpr Text kNoRemedy = {"None.", "Ninguna."};

// factura.xml:12:34  /cfdi:Comprobante/@SubTotal, or the record's place, or "entry 1".
std::string place_of(const Finding& finding) {
  std::string out;
  const auto word = [&](std::string_view text) {
    if (text.empty()) return;
    if (!out.empty()) out += "  ";
    out += safe_text(text);
  };
  if (const SourcePlace& place = finding.source(); finding.has_source()) {
    std::string file = shown_path(place.document());
    if (place.line() > 0) file += ":" + std::to_string(place.line());
    if (place.line() > 0 && place.column() > 0) file += ":" + std::to_string(place.column());
    word(file);
    word(place.path());
  }
  if (const TargetPlace& place = finding.target(); finding.has_target()) {
    std::string record = place.record();
    if (place.record_line() > 0) record += " (line " + std::to_string(place.record_line()) + ")";
    if (place.start() > 0) record += " " + std::to_string(place.start()) + "-" + std::to_string(place.end());
    if (!place.element().empty()) record += " " + place.element();
    word(record);
  }
  word(finding.where());
  return out;
}

}  // namespace

std::string_view message_of(const Finding& finding, Language language) {
  return language == Language::es ? finding.es() : finding.en();
}

std::string_view remedy_of(const Finding& finding, Language language) {
  return language == Language::es ? finding.remedy_es() : finding.remedy_en();
}

Tone tone_of(Severity severity) { return row_of(severity).tone; }
Text severity_word(Severity severity) { return row_of(severity).one; }

void print_finding(Printer& printer, const Finding& finding, Language language, std::string_view indent,
                   std::string_view document) {
  const std::string inner = std::string(indent) + "      ";
  const auto block = [&](std::string_view text) {
    if (!text.empty()) printer << inner << wrapped(safe_text(text), kWidth - inner.size(), inner) << "\n";
  };
  std::string head = safe_text(finding.code());
  if (!finding.authority_rule().empty() && finding.authority_rule() != finding.code())
    head += " (" + safe_text(finding.authority_rule()) + ")";
  const std::string_view word = severity_word(finding.severity()).in(language);
  printer << indent << printer.paint(tone_of(finding.severity()), word) << " " << printer.paint(Tone::strong, head);
  const std::string place = place_of(finding);
  const std::size_t used = indent.size() + columns_of(word) + 1 + columns_of(head) + 2;
  const std::string_view remedy = remedy_of(finding, language);
  const bool asks_nothing = finding.severity() == v1::SEVERITY_INFO && remedy == kNoRemedy.in(language);
  if (asks_nothing && finding.detail().empty()) {
    std::string line = place.empty() ? place : place + "  ";
    line += safe_text(message_of(finding, language));
    if (used + columns_of(line) <= kWidth) {
      printer << "  " << line << "\n";
      return;
    }
  }
  if (!place.empty() && used + columns_of(place) <= kWidth) {
    printer << "  " << place << "\n";
  } else {
    printer << "\n";
    block(place);
  }
  if (printer.tty() && !document.empty() && finding.has_source()) {
    const std::string shown = excerpt(document, finding.source(), kWidth - inner.size());
    std::string_view lines = shown;
    while (!lines.empty()) {
      const std::string_view line = lines.substr(0, lines.find('\n'));
      lines.remove_prefix(std::min(lines.size(), line.size() + 1));
      printer << inner << printer.paint(lines.empty() ? tone_of(finding.severity()) : Tone::faint, line) << "\n";
    }
  }
  block(message_of(finding, language));
  if (!finding.detail().empty()) block(finding.detail());
  if (finding.has_override()) {
    const v1::SeverityOverride& override = finding.override();
    block(std::string(Text{"severity changed from ", "severidad cambiada de "}.in(language)) +
          std::string(severity_word(override.was()).in(language)) + Text{" by ", " por "}.in(language).data() +
          override.owner() + Text{" until ", " hasta "}.in(language).data() + override.expires() + ": " +
          override.reason());
  }
  if (!remedy.empty() && !asks_nothing) block("> " + std::string(remedy));
}

void print_findings(Printer& printer, std::vector<Finding> findings, Language language, std::string_view indent,
                    std::string_view document) {
  std::stable_sort(findings.begin(), findings.end(),
                   [](const Finding& a, const Finding& b) { return a.severity() > b.severity(); });
  for (const Finding& finding : findings) print_finding(printer, finding, language, indent, document);
}

std::string excerpt(std::string_view document, const SourcePlace& place, std::size_t width) {
  if (place.line() == 0 || place.byte_offset() >= document.size()) return "";
  const auto offset = static_cast<std::size_t>(place.byte_offset());
  const auto boundary = [&](std::size_t at) {
    while (at > 0 && at < document.size() && (static_cast<unsigned char>(document[at]) & 0xC0) == 0x80) --at;
    return at;
  };
  const std::size_t line_begin = offset == 0 ? 0 : document.rfind('\n', offset - 1) + 1;  // npos + 1 is 0
  const std::size_t line_end = std::min(document.find_first_of("\r\n", offset), document.size());
  // A third of the width before the place: the attributes of a CFDI stand in one long line.
  std::size_t begin = std::max(line_begin, boundary(offset - std::min(offset, width / 3)));
  if (begin == line_begin)
    while (begin < offset && (document[begin] == ' ' || document[begin] == '\t')) ++begin;
  std::size_t end = std::min(line_end, boundary(std::min(document.size(), begin + width - 6)));
  const std::string before = (begin > line_begin && document[begin - 1] != ' ' ? "..." : "") +
                             safe_text(document.substr(begin, offset - begin));
  const std::string_view rest = document.substr(offset, end - offset);
  // An attribute to the end of its value, an element to the end of its name.
  std::size_t marked = rest.find_first_of(" \t/>");
  if (const std::size_t quote = rest.find_first_of("\"'"); !rest.starts_with('<') && quote != std::string_view::npos) {
    const std::size_t close = rest.find(rest[quote], quote + 1);
    marked = close == std::string_view::npos ? rest.size() : close + 1;
  }
  const std::size_t columns = columns_of(safe_text(rest.substr(0, marked)));
  return before + safe_text(rest) + (end < line_end ? "..." : "") + "\n" + std::string(columns_of(before), ' ') + "^" +
         std::string(columns > 1 ? columns - 1 : 0, '~') + "\n";
}

std::vector<Finding> lists_together(std::vector<Finding> findings) {
  constexpr std::string_view kNotLoaded = "SAT_LIST_NOT_LOADED";
  const auto names_list = [&](const Finding& finding) { return finding.code() == kNotLoaded; };
  const auto first = std::find_if(findings.begin(), findings.end(), names_list);
  if (first == findings.end()) return findings;
  std::string lists;
  for (auto finding = first; finding != findings.end(); ++finding)
    if (names_list(*finding)) (lists += lists.empty() ? "" : ", ") += finding->params().at("list");
  findings.erase(std::remove_if(first + 1, findings.end(), names_list), findings.end());
  Finding together = make_finding(kNotLoaded, {{"list", lists}});
  *together.mutable_source() = first->source();
  *first = std::move(together);
  return findings;
}

std::string count_of(const std::vector<Finding>& findings, Language language) {
  std::string out;
  for (const SeverityRow& row : kSeverities) {
    const auto count =
        std::count_if(findings.begin(), findings.end(), [&](const Finding& f) { return f.severity() == row.severity; });
    if (count == 0) continue;
    if (!out.empty()) out += ", ";
    out += std::to_string(count) + " " + std::string((count == 1 ? row.one : row.many).in(language));
  }
  return out.empty() ? std::string(Text{"no findings", "sin hallazgos"}.in(language)) : out;
}

nlohmann::ordered_json findings_json(const std::vector<Finding>& findings) {
  auto out = nlohmann::ordered_json::array();
  for (const Finding& finding : findings) out.push_back(project_entry_finding(finding));
  return out;
}

bool any_error(const std::vector<Finding>& findings) {
  return std::any_of(findings.begin(), findings.end(),
                     [](const Finding& finding) { return finding.severity() == v1::SEVERITY_ERROR; });
}

}  // namespace puente::app
