#include "gateway/app/explain.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "gateway/app/findings_text.h"
#include "gateway/app/record_text.h"

namespace puente::app {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kDepth = 4;             // of derived elements shown below one another
constexpr std::size_t kSources = 12;  // shown for one element; what is more is counted
constexpr std::size_t kCollected = 200;

struct KindRow {
  v1::LineageSource::Kind kind;
  std::string_view word;
};
constexpr std::array<KindRow, 9> kKinds = {{{v1::LineageSource::DOCUMENT, "document"},
                                            {v1::LineageSource::NOTICE, "notice"},
                                            {v1::LineageSource::PROFILE, "profile"},
                                            {v1::LineageSource::CATALOG, "catalog"},
                                            {v1::LineageSource::REFERENCE, "reference"},
                                            {v1::LineageSource::DERIVED, "derived"},
                                            {v1::LineageSource::CONSTANT, "constant"},
                                            {v1::LineageSource::ARGUMENT, "argument"},
                                            {v1::LineageSource::LEDGER, "ledger"}}};

std::string_view word_of(v1::LineageSource::Kind kind) {
  for (const KindRow& row : kKinds)
    if (row.kind == kind) return row.word;
  return "";
}

std::string source_text(const v1::LineageSource& source) {
  const SourcePlace& place = source.place();
  std::string out(word_of(source.kind()));
  if (!place.document().empty()) {
    out += " " + place.document();
    if (place.line() > 0) out += ":" + std::to_string(place.line());
    if (place.line() > 0 && place.column() > 0) out += ":" + std::to_string(place.column());
  }
  if (!place.path().empty()) out += " " + place.path();
  return out;
}

// The nearest element above: lines[0].description[1] -> lines[0].description -> lines[0] -> lines.
std::string_view parent_of(std::string_view path) {
  const std::size_t cut = path.find_last_of(".[");
  return cut == std::string_view::npos ? std::string_view() : path.substr(0, cut);
}

// Whether `element` is `pattern` with numbers in its empty brackets.
bool stands_for(std::string_view element, std::string_view pattern) {
  while (!pattern.empty() && !element.empty()) {
    if (pattern.front() != element.front()) return false;
    const bool opens = pattern.starts_with("[]");
    pattern.remove_prefix(1);
    element.remove_prefix(1);
    if (opens) element.remove_prefix(std::min(element.find_first_not_of("0123456789"), element.size()));
  }
  return pattern.empty() && element.empty();
}

void collect(const LineageIndex& index, const v1::Lineage& row, std::string_view prefix, int depth,
             std::vector<Source>& out) {
  for (const v1::LineageSource& source : row.sources()) {
    if (out.size() >= kCollected) return;
    out.push_back({source_text(source), source.text(), source.unsealed(), depth});
    if (source.kind() != v1::LineageSource::DERIVED || depth + 1 >= kDepth) continue;
    const std::string& path = source.place().path();
    auto below = index.matching(path);
    if (below.empty()) below = index.matching(std::string(prefix) + path);
    for (const v1::Lineage* one : below)
      if (one != &row) collect(index, *one, prefix, depth + 1, out);
  }
}

std::string entry_prefix(int entry_index) { return "entries[" + std::to_string(entry_index) + "]."; }

bool same_record(const cbp::catair::Record& record, std::string_view asked) {
  if (asked.empty() || record.id == asked) return true;
  return record.id.size() == record.application.size() + asked.size() && record.id.ends_with(asked) &&
         record.id.starts_with(record.application);
}

bool wanted(const cbp::EncodedElement& element, const Narrow& narrow) {
  return narrow.element.empty() || element.field->name == narrow.element;
}

bool wanted(const cbp::EncodedRecord& record, const Narrow& narrow) {
  if (!same_record(*record.record, narrow.record)) return false;
  return std::any_of(record.elements.begin(), record.elements.end(),
                     [&](const auto& element) { return wanted(element, narrow); });
}

constexpr std::array<std::pair<cbp::FilingKind, Text>, 2> kTitles = {
    {{cbp::FilingKind::cargo_release, {"SE, cargo release", "SE, liberación de carga"}},
     {cbp::FilingKind::entry_summary, {"AE, entry summary", "AE, resumen de entrada"}}}};

std::string_view title_of(cbp::FilingKind kind, Language language) {
  return kTitles[kind == cbp::FilingKind::cargo_release ? 0 : 1].second.in(language);
}

void print_sources(Printer& out, const Explanation& explanation, Language language) {
  constexpr std::size_t kIndent = 12;
  std::size_t shown = 0;
  for (const Source& source : explanation.sources) {
    if (++shown > kSources) {
      out << std::string(kIndent, ' ') << Text{"and more: ", "y más: "}.in(language)
          << std::to_string(explanation.sources.size() - kSources) << "\n";
      return;
    }
    const std::string indent(kIndent + static_cast<std::size_t>(source.depth) * 2, ' ');
    std::string line = safe_text(source.text);
    if (!source.value.empty()) line += " = " + safe_text(source.value);
    if (source.unsealed) line += Text{" (not sealed)", " (sin sello)"}.in(language);
    out << indent << out.paint(Tone::faint, "< ") << wrapped(line, kTextWidth - indent.size() - 4, indent + "    ")
        << "\n";
  }
}

}  // namespace

LineageIndex::LineageIndex(const v1::Draft& draft) {
  for (const v1::Lineage& row : draft.lineage()) rows_.emplace(row.element(), &row);
}

const v1::Lineage* LineageIndex::find(std::string_view element) const {
  const auto found = rows_.find(element);
  return found == rows_.end() ? nullptr : found->second;
}

std::vector<const v1::Lineage*> LineageIndex::matching(std::string_view pattern) const {
  std::vector<const v1::Lineage*> out;
  const std::size_t wildcard = pattern.find("[]");
  if (wildcard == std::string_view::npos) {
    if (const v1::Lineage* row = find(pattern)) out.push_back(row);
    return out;
  }
  const std::string_view prefix = pattern.substr(0, wildcard + 1);
  for (auto row = rows_.lower_bound(prefix); row != rows_.end() && row->first.starts_with(prefix); ++row)
    if (stands_for(row->first, pattern)) out.push_back(row->second);
  return out;
}

const v1::Lineage* LineageIndex::of_entry(int entry_index, std::string_view path) const {
  for (; !path.empty(); path = parent_of(path))
    if (const v1::Lineage* row = find(entry_prefix(entry_index) + std::string(path))) return row;
  return nullptr;
}

Explanation explanation_of(const LineageIndex& index, int entry_index, std::string_view origin) {
  Explanation out;
  const v1::Lineage* row = index.of_entry(entry_index, origin);
  if (row == nullptr) {  // "constant", "computed: ...", "filer.contact_name": the layout's or the filer's own
    out.rule = origin;
    return out;
  }
  out.rule = row->rule();
  collect(index, *row, entry_prefix(entry_index), 0, out.sources);
  return out;
}

bool found(const Translation& translation, const Narrow& narrow) {
  return std::any_of(translation.filings.begin(), translation.filings.end(), [&](const Filing& filing) {
    return std::any_of(filing.encoded.records.begin(), filing.encoded.records.end(),
                       [&](const cbp::EncodedRecord& record) { return wanted(record, narrow); });
  });
}

void print_explanation(Terminal& terminal, const Translation& translation, const Narrow& narrow) {
  Printer& out = terminal.out;
  const Language language = terminal.language;
  const LineageIndex index(translation.draft);
  for (const Filing& filing : translation.filings) {
    const v1::Entry& entry = translation.draft.entries(filing.entry_index);
    if (std::none_of(filing.encoded.records.begin(), filing.encoded.records.end(),
                     [&](const cbp::EncodedRecord& record) { return wanted(record, narrow); }))
      continue;
    out << "\n"
        << out.paint(Tone::strong, title_of(filing.kind, language)) << Text{", entry ", ", entrada "}.in(language)
        << std::to_string(filing.entry_index + 1) << Text{" of ", " de "}.in(language)
        << std::to_string(translation.draft.entries_size()) << ", " << safe_text(entry.importer_of_record()) << "\n";
    std::size_t line = 0;
    for (const cbp::EncodedRecord& record : filing.encoded.records) {
      ++line;
      if (!wanted(record, narrow)) continue;
      print_ruler(out);
      print_record_line(out, line, record.text);
      out << kElementIndent
          << out.paint(Tone::faint, std::string(record.record->id) + " " + std::string(record.record->title)) << "\n";
      for (const cbp::EncodedElement& element : record.elements) {
        if (!wanted(element, narrow)) continue;
        const Explanation explanation = explanation_of(index, filing.entry_index, element.origin);
        print_element(out, *element.field, element.value, explanation.rule);
        print_sources(out, explanation, language);
      }
    }
  }
}

Json explanation_json(const Translation& translation, const Narrow& narrow) {
  const LineageIndex index(translation.draft);
  Json out = Json::array();
  for (const Filing& filing : translation.filings) {
    Json item;
    item["kind"] = cbp::kind_name(filing.kind);
    item["entry"] = filing.entry_index + 1;
    item["importer_of_record"] = translation.draft.entries(filing.entry_index).importer_of_record();
    item["records"] = Json::array();
    std::size_t line = 0;
    for (const cbp::EncodedRecord& record : filing.encoded.records) {
      ++line;
      if (!wanted(record, narrow)) continue;
      Json one;
      one["line"] = line;
      one["record"] = record.record->id;
      one["text"] = record.text;
      one["elements"] = Json::array();
      for (const cbp::EncodedElement& element : record.elements) {
        if (!wanted(element, narrow)) continue;
        const Explanation explanation = explanation_of(index, filing.entry_index, element.origin);
        Json sources = Json::array();
        for (const Source& source : explanation.sources)
          sources.push_back({{"source", source.text},
                             {"value", source.value},
                             {"sealed", !source.unsealed},
                             {"depth", source.depth}});
        one["elements"].push_back({{"name", element.field->name},
                                   {"start", element.field->start},
                                   {"end", element.field->end},
                                   {"value", element.value},
                                   {"origin", element.origin},
                                   {"rule", explanation.rule},
                                   {"sources", std::move(sources)}});
      }
      item["records"].push_back(std::move(one));
    }
    out.push_back(std::move(item));
  }
  return out;
}

}  // namespace puente::app
