// ELEMENTS.md, rendered from the element tables. A test keeps the page in the tree in step.
#pragma once

#include <string>

namespace puente::sat {

std::string render_elements();

}  // namespace puente::sat
