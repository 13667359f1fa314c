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

// Whether some character is a space or a control character, eight at a time.
inline bool holds_space_or_control(std::string_view text) {
  const auto low = [](std::uint64_t word) { return ((word - 0x2121212121212121u) & ~word & 0x8080808080808080u) != 0; };
  if (text.empty()) return false;
  std::uint64_t word = 0x7F7F7F7F7F7F7F7Fu;
  if (text.size() < 8) {
    std::memcpy(&word, text.data(), text.size());
    return low(word);
  }
  for (std::size_t at = 0; at + 8 < text.size(); at += 8) {
    std::memcpy(&word, text.data() + at, 8);
    if (low(word)) return true;
  }
  std::memcpy(&word, text.data() + text.size() - 8, 8);
  return low(word);
}

// Whether collapse() would leave the text as it is.
inline bool is_collapsed(std::string_view text) {
  if (!holds_space_or_control(text)) return true;
  bool after_space = true;  // at the start, a space is too much
  for (const char c : text) {
    if (c == '\t' || c == '\n' || c == '\r') return false;
    if (c == ' ' && after_space) return false;
    after_space = c == ' ';
  }
  return !after_space;
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
