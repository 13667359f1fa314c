// Findings: what Puente says about a document, a shipment or a filing. Collected as values, never thrown.
//
// Codes, texts and remedies stand once, in catalogue/*.csv (one file a family), embedded at build time. add() looks the code up, fills the
// {params} into the texts of both languages and appends; an unknown code is a bug and aborts. A Findings list is bounded:
// the first 200 are kept, the rest counted by severity. Not thread-safe; a list belongs to one step of work.
#pragma once

#include <array>
#include <cstddef>
#include <initializer_list>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "puente/v1/finding.pb.h"

namespace puente {

using Finding = v1::Finding;
using Severity = v1::Severity;
using SourcePlace = v1::SourcePlace;
using TargetPlace = v1::TargetPlace;

struct CatalogueRow {
  std::string_view code;
  Severity severity;
  std::string_view stage;           // document, xml, structure, seal, stamp, rules, partner, party, entry, goods, record, delivery...
  std::string_view authority_rule;  // "" when the rule is ours
  std::string_view message_en, message_es, remedy_en, remedy_es;
};

std::span<const CatalogueRow> finding_catalogue();
const CatalogueRow* find_catalogue_row(std::string_view code);

using FindingParams = std::vector<std::pair<std::string_view, std::string>>;

// A finding of the catalogue with its texts filled. Aborts on an unknown code.
Finding make_finding(std::string_view code, const FindingParams& params = {});

std::string_view severity_name(Severity severity);  // error, hold, warning, info

class Findings {
 public:
  static constexpr std::size_t kLimit = 200;

  // Returns the finding for the caller to add place, where and detail; valid until the next add().
  Finding& add(std::string_view code, const FindingParams& params = {});
  Finding& add(Finding finding);
  void append(const Findings& other);

  bool has(Severity at_least) const;   // also counts findings beyond the limit
  bool has_code(std::string_view code) const;
  std::size_t left_out() const { return left_out_; }
  std::size_t size() const { return list_.size(); }
  bool empty() const { return list_.empty(); }
  auto begin() const { return list_.begin(); }
  auto end() const { return list_.end(); }
  std::vector<Finding>& list() { return list_; }
  const std::vector<Finding>& list() const { return list_; }

 private:
  std::vector<Finding> list_;
  Finding beyond_;  // what add() hands out past the limit
  std::size_t left_out_ = 0;
  Severity worst_ = Severity::SEVERITY_UNSPECIFIED;
};

}  // namespace puente
