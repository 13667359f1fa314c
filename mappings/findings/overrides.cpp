#include "mappings/findings/overrides.h"

#include <algorithm>

namespace puente {

bool may_be_overridden(std::string_view code) {
  const CatalogueRow* row = find_catalogue_row(code);
  return row == nullptr || row->stage == "rules" || row->stage == "catalogs";
}

const SeverityOverride* find_override(std::span<const SeverityOverride> overrides, std::string_view code,
                                      std::string_view authority_rule, const Date& today) {
  const auto found = std::find_if(overrides.begin(), overrides.end(), [&](const SeverityOverride& row) {
    return today <= row.expires && (row.code == code || (!authority_rule.empty() && row.code == authority_rule));
  });
  return found == overrides.end() ? nullptr : &*found;
}

void apply_override(const SeverityOverride& override, Finding& finding) {
  finding.mutable_override()->set_was(finding.severity());
  finding.mutable_override()->set_owner(override.owner);
  finding.mutable_override()->set_reason(override.reason);
  finding.mutable_override()->set_expires(to_string(override.expires));
  finding.set_severity(override.severity);
}

}  // namespace puente
