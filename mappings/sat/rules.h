// The authority's rules that the document alone decides.
#pragma once

#include "mappings/findings/findings.h"
#include "mappings/sat/document.h"
#include "mappings/sat/read.h"

namespace puente::sat {

// Fails when a rule that rejects is broken; a rule that warns leaves the stage alone.
Stage check_rules(const Document& document, Findings& findings);

}  // namespace puente::sat
