// What Puente recognises without reading: versions it refuses by name, and complements that may stand beside those it
// reads. Source: reference formats section 1 and rules CP113, CCE116.
#pragma once

#include <span>
#include <string_view>

#include "mappings/sat/document.h"

namespace puente::sat {

// A complement of a version no longer in force. Its document is refused: structure fails, the seal is not judged
// because the cadena of that version is not ours to write; the stamp, which has a cadena of its own, is.
struct RefusedComplement {
  std::string_view uri;
  std::string_view title;
  std::string_view version;
  std::string_view use_version;
  bool carta_porte;  // else Comercio Exterior
};
std::span<const RefusedComplement> refused_complements();

// A complement that Puente knows by name and does not read. The schema's wildcard is strict and the cadena includes it,
// so structure and seal stay unknown: a warning, not a guess. The same goes for one that nobody here has heard of.
struct UnreadComplement {
  std::string_view uri;
  std::string_view title;
  bool beside_carta_porte, beside_comercio_exterior;  // whether the rules let it stand there
};
std::span<const UnreadComplement> unread_complements();

// Defects of issuing systems that the reader passes over, each with a finding that says so (codes of the catalogue). The
// bytes stay as they came. Source: common-errors rows 27 and 32; formats section 1.
std::span<const std::string_view> repairs();

}  // namespace puente::sat
