// The identity of a document in the plain shape nearly every CFDI has, without the parser: accept asks for it on every
// submission, and a whole parse would be the dearest part of accepting. Pure; any thread.
//
// It answers only where it is sure that the hardened parser says the same. It knows a subset of XML 1.0 with namespaces
// and follows it to the last byte: elements with prefix, attributes in quotes, the five predefined references in
// values, white space between elements. Whatever else a document holds (comment, CDATA, DOCTYPE, processing
// instruction, other references, default namespace, text, names beyond ASCII, whatever is not well formed, whatever
// nears a limit) is left to the parser. tests/unit/sat/identify_test.cpp compares the two over documents and mutations
// of them.
#pragma once

#include <optional>
#include <string_view>

#include "mappings/sat/read.h"

namespace puente::sat {

// Nothing where the parser has to decide.
std::optional<Identity> identify_plain(std::string_view bytes, const Limits& limits);

// By the parser, always.
Identity identify_hardened(std::string_view bytes, const Limits& limits);

}  // namespace puente::sat
