#include "mappings/findings/findings.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <unordered_map>

#include "mappings/domain/csv.h"

namespace puente {

std::string_view embedded_findings(std::string_view file);  // made by puente_embed

namespace {

[[noreturn]] void bug(std::string_view what, std::string_view code) {
  std::fprintf(stderr, "puente: %.*s: %.*s\n", static_cast<int>(what.size()), what.data(), static_cast<int>(code.size()),
               code.data());
  std::abort();
}

Severity severity_of(std::string_view name) {
  if (name == "error") return Severity::SEVERITY_ERROR;
  if (name == "hold") return Severity::SEVERITY_HOLD;
  if (name == "warning") return Severity::SEVERITY_WARNING;
  if (name == "info") return Severity::SEVERITY_INFO;
  bug("severity in the catalogue of findings", name);
}

// One file a family: who raises the finding decides where its row stands.
constexpr std::array<std::string_view, 4> kFamilies = {"sat.csv", "cbp.csv", "crosswalk.csv", "gateway.csv"};

struct Catalogue {
  std::array<CsvTable, kFamilies.size()> tables;
  std::vector<CatalogueRow> rows;
  std::unordered_map<std::string_view, const CatalogueRow*> by_code;

  Catalogue() {
    for (std::size_t i = 0; i < kFamilies.size(); ++i) load(kFamilies[i], tables[i]);
    for (const auto& row : rows)
      if (!by_code.emplace(row.code, &row).second) bug("code twice in the catalogue of findings", row.code);
  }

  void load(std::string_view file, CsvTable& table) {
    auto parsed = parse_csv(embedded_findings(file), file);
    if (!parsed) bug("catalogue of findings", parsed.error().text);
    table = std::move(*parsed);
    static constexpr std::array<std::string_view, 8> kColumns = {"code",       "severity",   "stage",     "authority_rule",
                                                                 "message_en", "message_es", "remedy_en", "remedy_es"};
    std::array<std::size_t, 8> at{};
    for (std::size_t i = 0; i < kColumns.size(); ++i) {
      at[i] = table.column(kColumns[i]);
      if (at[i] == CsvTable::npos) bug("column missing in the catalogue of findings", kColumns[i]);
    }
    for (const auto& row : table.rows)
      rows.push_back({row.cells[at[0]], severity_of(row.cells[at[1]]), row.cells[at[2]], row.cells[at[3]], row.cells[at[4]],
                      row.cells[at[5]], row.cells[at[6]], row.cells[at[7]]});
  }
};

const Catalogue& the_catalogue() {
  static const Catalogue catalogue;
  return catalogue;
}

std::string fill(std::string_view text, const FindingParams& params) {
  std::string out;
  out.reserve(text.size() + 32);
  while (!text.empty()) {
    const auto open = text.find('{');
    const auto close = open == std::string_view::npos ? open : text.find('}', open);
    if (close == std::string_view::npos) break;
    out += text.substr(0, open);
    const auto name = text.substr(open + 1, close - open - 1);
    const auto found = std::find_if(params.begin(), params.end(), [&](const auto& p) { return p.first == name; });
    out += found == params.end() ? std::string("?") : found->second;
    text.remove_prefix(close + 1);
  }
  out += text;
  return out;
}

}  // namespace

std::span<const CatalogueRow> finding_catalogue() { return the_catalogue().rows; }

const CatalogueRow* find_catalogue_row(std::string_view code) {
  const auto& index = the_catalogue().by_code;
  const auto found = index.find(code);
  return found == index.end() ? nullptr : found->second;
}

Finding make_finding(std::string_view code, const FindingParams& params) {
  const CatalogueRow* row = find_catalogue_row(code);
  if (row == nullptr) bug("finding without a row in the catalogue", code);
  Finding finding;
  finding.set_code(std::string(code));
  finding.set_severity(row->severity);
  finding.set_authority_rule(std::string(row->authority_rule));
  for (const auto& [name, value] : params) (*finding.mutable_params())[std::string(name)] = value;
  finding.set_es(fill(row->message_es, params));
  finding.set_en(fill(row->message_en, params));
  finding.set_remedy_es(fill(row->remedy_es, params));
  finding.set_remedy_en(fill(row->remedy_en, params));
  return finding;
}

std::string_view severity_name(Severity severity) {
  switch (severity) {
    case Severity::SEVERITY_ERROR: return "error";
    case Severity::SEVERITY_HOLD: return "hold";
    case Severity::SEVERITY_WARNING: return "warning";
    case Severity::SEVERITY_INFO: return "info";
    default: return "unspecified";
  }
}

Finding& Findings::add(std::string_view code, const FindingParams& params) { return add(make_finding(code, params)); }

Finding& Findings::add(Finding finding) {
  worst_ = std::max(worst_, finding.severity());
  if (list_.size() >= kLimit) {
    ++left_out_;
    beyond_ = std::move(finding);
    return beyond_;
  }
  return list_.emplace_back(std::move(finding));
}

void Findings::append(const Findings& other) {
  for (const auto& finding : other.list_) add(finding);
  left_out_ += other.left_out_;
  worst_ = std::max(worst_, other.worst_);
}

bool Findings::has(Severity at_least) const {
  if (left_out_ > 0 && worst_ >= at_least) return true;
  return std::any_of(list_.begin(), list_.end(), [&](const Finding& f) { return f.severity() >= at_least; });
}

bool Findings::has_code(std::string_view code) const {
  return std::any_of(list_.begin(), list_.end(), [&](const Finding& f) { return f.code() == code; });
}

}  // namespace puente
