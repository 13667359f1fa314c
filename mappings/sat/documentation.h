// ELEMENTS.md and RULES.md, rendered from the tables of elements and rules. A test keeps the pages in the tree in step.
#pragma once

#include <string>

namespace puente::sat {

std::string render_elements();
std::string render_rules();

}  // namespace puente::sat
