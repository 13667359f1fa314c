// Counting characters of well formed UTF-8, eight bytes at a time: a place in a long line costs little.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace puente::sat {

inline std::size_t count_characters(std::string_view text) {
  // Every byte counts but the continuations, 10xxxxxx.
  std::size_t continuations = 0;
  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, 8);
    continuations += static_cast<std::size_t>(std::popcount(word & ~(word << 1) & 0x8080808080808080u));
  }
  for (; at < text.size(); ++at)
    if ((static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) ++continuations;
  return text.size() - continuations;
}

}  // namespace puente::sat
