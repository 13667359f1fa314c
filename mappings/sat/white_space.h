// White space as XML Schema collapses it and as the cadena original projects it: U+0020, U+0009, U+000A and U+000D; a
// no-break space is not white space (cadena-original section 1).
#pragma once

#include <string>
#include <string_view>

namespace puente::sat {

constexpr bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

constexpr bool is_blank(std::string_view text) {
  for (const char c : text)
    if (!is_space(c)) return false;
  return true;
}

// Whether collapse() would leave the text as it is.
constexpr bool is_collapsed(std::string_view text) {
  bool after_space = true;  // at the start, a space is too much
  for (const char c : text) {
    if (c == '\t' || c == '\n' || c == '\r') return false;
    if (c == ' ' && after_space) return false;
    after_space = c == ' ';
  }
  return text.empty() || !after_space;
}

inline std::string collapse(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    if (!is_space(c)) {
      out += c;
    } else if (!out.empty() && out.back() != ' ') {
      out += ' ';
    }
  }
  if (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

}  // namespace puente::sat
