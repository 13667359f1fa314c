// The authority's rules that the document alone decides.
#pragma once

#include "mappings/domain/cpu_budget.h"
#include "mappings/findings/findings.h"
#include "mappings/sat/document.h"
#include "mappings/sat/read.h"

namespace puente::sat {

// Fails when a rule that rejects is broken; a rule that warns leaves the stage alone. The document's structure must not
// have failed. `holds_unread`: a complement that is not read is there, so sums of taxes cannot be judged.
// Unknown once the budget is spent.
Stage check_rules(const Document& document, bool holds_unread, const CpuBudget& budget, Findings& findings);

}  // namespace puente::sat
