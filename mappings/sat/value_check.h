// The facets of XML Schema on one attribute value, enumerations of the SAT's catalogs aside.
#pragma once

#include <optional>
#include <string_view>

#include "mappings/findings/findings.h"
#include "mappings/sat/element_tables.h"

namespace puente::sat {

struct ValueProblem {
  std::string_view code;  // of the catalogue of findings
  std::string expected;   // what the type asks for: "1-100", a pattern, a bound
};

// `raw` is the value as the parser delivers it, before any projection; `collapsed` the same with its white space
// collapsed.
std::optional<ValueProblem> check_value(const ValueType& type, std::string_view raw, std::string_view collapsed);

// Compares two decimals by value, of any number of digits: negative, zero or positive. Both are lexically decimals.
int compare_decimals(std::string_view a, std::string_view b);

}  // namespace puente::sat
