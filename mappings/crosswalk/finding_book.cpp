#include "mappings/crosswalk/finding_book.h"

#include <algorithm>
#include <map>
#include <tuple>

namespace puente::crosswalk {
namespace {

constexpr std::size_t kMaxJoinedParams = 10;  // values of one parameter named in a merged text

bool of_goods(const Scope& scope) { return scope.kind == Scope::Kind::line || scope.kind == Scope::Kind::goods; }

// A number given wrong is not taken; the entry is drafted all the same.
bool of_number(std::string_view code) { return code == "ENTRY_NUMBER_FORMAT" || code == "ENTRY_NUMBER_CHECK_DIGIT"; }

std::string join_numbers(const std::set<int>& numbers) {
  std::string out;
  for (const int number : numbers) out += (out.empty() ? "" : ",") + std::to_string(number);
  return out;
}

// All findings of one code at one place, on their way to become one.
struct Merged {
  Finding first;
  std::set<int> lines;
  std::vector<std::string> details;
  std::map<std::string, std::vector<std::string>> params;
};

void append_new(std::vector<std::string>& list, const std::string& value) {
  if (!value.empty() && list.size() < kMaxJoinedParams && std::find(list.begin(), list.end(), value) == list.end())
    list.push_back(value);
}

std::string joined(const std::vector<std::string>& list, std::string_view separator) {
  std::string out;
  for (const std::string& value : list) out += (out.empty() ? std::string() : std::string(separator)) + value;
  return out;
}

Finding finish(const Merged& merged, std::string where) {
  std::vector<std::pair<std::string, std::string>> values;
  for (const auto& [name, list] : merged.params) values.emplace_back(name, joined(list, ", "));
  FindingParams params;
  for (const auto& [name, value] : values) params.emplace_back(name, value);
  Finding finding = make_finding(merged.first.code(), params);
  *finding.mutable_source() = merged.first.source();
  finding.set_where(std::move(where));
  finding.set_detail(joined(merged.details, "; "));
  return finding;
}

}  // namespace

void FindingBook::add(Scope scope, std::string_view code, std::vector<std::pair<std::string, std::string>> params,
                      std::string detail, const SourcePlace& place) {
  FindingParams views;
  for (const auto& [name, value] : params) views.emplace_back(name, value);
  Finding finding = make_finding(code, views);
  finding.set_detail(std::move(detail));
  *finding.mutable_source() = place;
  notes_.push_back({std::move(scope), std::move(finding)});
}

void FindingBook::add(const Scope& scope, const Findings& findings, const SourcePlace& place) {
  for (const Finding& finding : findings) {
    notes_.push_back({scope, finding});
    if (finding.source().path().empty()) *notes_.back().finding.mutable_source() = place;
  }
}

std::optional<std::string> FindingBook::blocking_code(int entry) const {
  for (const auto& [scope, finding] : notes_) {
    if (finding.severity() != Severity::SEVERITY_ERROR || of_number(finding.code())) continue;
    if (scope.entry == entry || scope.kind == Scope::Kind::document) return finding.code();
  }
  return std::nullopt;
}

Findings FindingBook::resolve(const std::set<int>& held, int entries) const {
  const bool one_ready = entries - static_cast<int>(held.size()) <= 1;
  std::map<std::tuple<std::string, Scope::Kind, int, std::string>, Merged> merged;
  for (const auto& [scope, finding] : notes_) {
    Scope::Kind kind = scope.kind;
    std::string name = scope.name;
    if (of_goods(scope)) {
      if (held.contains(scope.entry)) {
        if (finding.severity() != Severity::SEVERITY_ERROR) continue;
        kind = Scope::Kind::invoice;
      } else if (kind == Scope::Kind::goods) {
        kind = Scope::Kind::invoice;
      } else {
        name.clear();  // lines of several invoices of an entry share a finding
      }
    }
    Merged& one = merged[{finding.code(), kind, scope.entry, name}];
    if (one.first.code().empty()) one.first = finding;
    if (kind == Scope::Kind::line) one.lines.insert(scope.line);
    append_new(one.details, finding.detail());
    for (const auto& [key, value] : finding.params()) append_new(one.params[key], value);
  }

  Findings out;
  std::vector<Finding> list;
  for (const auto& [key, one] : merged) {
    const auto& [code, kind, entry, name] = key;
    std::string where;
    switch (kind) {
      case Scope::Kind::entry:
        where = "entry " + std::to_string(entry + 1);
        break;
      case Scope::Kind::line:
        where = one_ready ? "" : "entry " + std::to_string(entry + 1) + ' ';
        where += (one.lines.size() > 1 ? "lines " : "line ") + join_numbers(one.lines);
        break;
      case Scope::Kind::goods:
      case Scope::Kind::invoice:
        where = "invoice " + name;
        break;
      case Scope::Kind::bill:
        where = "bill " + name;
        break;
      case Scope::Kind::manifest:
        where = "manifest";
        break;
      case Scope::Kind::crew:
        where = "manifest.crew";
        break;
      case Scope::Kind::equipment:
        where = "manifest.equipment";
        break;
      case Scope::Kind::document:
        where = "document " + name;
        break;
    }
    list.push_back(finish(one, std::move(where)));
  }
  std::stable_sort(list.begin(), list.end(),
                   [](const Finding& a, const Finding& b) { return a.severity() > b.severity(); });
  for (Finding& finding : list) out.add(std::move(finding));
  return out;
}

}  // namespace puente::crosswalk
