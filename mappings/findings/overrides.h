// Severities changed for one partner: a row with owner, reason and expiry, keyed by the code of the finding or by the
// authority's number. Only findings of the stages rules and catalogs may be changed: what proves a document (its XML,
// its structure, seal and stamp) is the same for everybody.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "mappings/domain/date.h"
#include "mappings/findings/findings.h"

namespace puente {

struct SeverityOverride {
  std::string code;  // FORMA_PAGO_PPD or CFDI40105
  Severity severity = Severity::SEVERITY_WARNING;
  std::string owner, reason;
  Date expires;  // the last day on which it acts
};

// Whether a row may be about this code: a code of the catalogue in the stages rules or catalogs. What the authority's
// numbers are, the rule tables know: a text that is no code of the catalogue is taken for one.
bool may_be_overridden(std::string_view code);

// The first row about the code, or the authority's number, that still acts on the day; nullptr for none.
const SeverityOverride* find_override(std::span<const SeverityOverride> overrides, std::string_view code,
                                      std::string_view authority_rule, const Date& today);

// Gives the finding the row's severity and notes the row in it.
void apply_override(const SeverityOverride& override, Finding& finding);

}  // namespace puente
