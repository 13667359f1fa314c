// The tables as a page for people: mappings/cbp/LAYOUTS.md is this text, kept in step by a test.
#pragma once

#include <string>

namespace puente::cbp::catair {

std::string layouts_markdown();

}  // namespace puente::cbp::catair
