// The authority's rules that the document decides, alone or with the SAT's lists.
#pragma once

#include <string>
#include <unordered_set>

#include "mappings/catalogs/sat_lists.h"
#include "mappings/domain/cpu_budget.h"
#include "mappings/findings/findings.h"
#include "mappings/sat/document.h"
#include "mappings/sat/read.h"

namespace puente::sat {

struct RulesOutcome {
  Stage rules = Stage::unknown, catalogs = Stage::unknown;
};

// A stage fails when a rule that rejects is broken; a rule that warns leaves it alone. catalogs is unknown where a list
// that the document asks for is not loaded, both are once the budget is spent. `unsound`: the nodes that the structural
// check found fault with, and all above them; what a rule would say of those would only repeat it.
// Severities are the partner's where an override acts today.
RulesOutcome check_rules(const Document& document, const std::unordered_set<const Node*>& unsound,
                         const catalogs::SatLists& lists, std::span<const SeverityOverride> overrides,
                         const Date& today, const CpuBudget& budget, Findings& findings);

}  // namespace puente::sat
