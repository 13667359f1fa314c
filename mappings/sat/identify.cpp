// The identity of a document, without building it: one pass that keeps a few values.
#include "mappings/sat/identify_plain.h"
#include "mappings/sat/identity_reader.h"

namespace puente::sat {

Identity identify_hardened(std::string_view bytes, const Limits& limits) {
  IdentityReader reader;
  if (parse_xml(bytes, limits, reader)) return {};
  return std::move(reader).identity();
}

Identity identify(std::string_view bytes, const Limits& limits) {
  if (auto identity = identify_plain(bytes, limits)) return std::move(*identity);
  return identify_hardened(bytes, limits);
}

}  // namespace puente::sat
