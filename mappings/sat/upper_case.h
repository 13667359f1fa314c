// Upper case of ASCII letters: a folio fiscal is kept upper case and compared ignoring case (formats section 8).
#pragma once

#include <string>
#include <string_view>

namespace puente::sat {

inline std::string upper_case(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return out;
}

}  // namespace puente::sat
