// White space as XML Schema collapses it and as the cadena original projects it: U+0020, U+0009, U+000A and U+000D; a
// no-break space is not white space (cadena-original section 1).
#pragma once

#include <cstdint>
#include <cstring>
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
inline bool is_collapsed(std::string_view text) {
  // Eight bytes at a time until one of them is a space or below it.
  std::size_t plain = 0;
  for (std::uint64_t word = 0; plain + 8 <= text.size(); plain += 8) {
    std::memcpy(&word, text.data() + plain, 8);
    if (((word - 0x2121212121212121u) & ~word & 0x8080808080808080u) != 0) break;
  }
  bool after_space = plain == 0;  // at the start, a space is too much
  for (const char c : text.substr(plain)) {
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
