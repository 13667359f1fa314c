#include "gateway/ops/json_text.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

namespace puente::ops {
namespace {

struct Character {
  std::uint32_t code;
  std::size_t size;
};

// The UTF-8 character at the beginning of the text; none for truncated, overlong, surrogate or out-of-range forms (RFC
// 3629).
std::optional<Character> first_character(std::string_view text) {
  const auto byte = [&](std::size_t at) { return static_cast<std::uint8_t>(text[at]); };
  const std::uint8_t lead = byte(0);
  if (lead < 0x80) return Character{lead, 1};
  const std::size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  constexpr std::array<std::uint32_t, 5> kSmallest{0, 0, 0x80, 0x800, 0x10000};
  if (lead < 0xc2 || lead > 0xf4 || text.size() < size) return std::nullopt;
  std::uint32_t code = lead & (0xffU >> (size + 1));
  for (std::size_t at = 1; at < size; ++at) {
    if ((byte(at) & 0xc0U) != 0x80U) return std::nullopt;
    code = code << 6U | (byte(at) & 0x3fU);
  }
  const bool surrogate = code >= 0xd800 && code <= 0xdfff;
  if (code < kSmallest[size] || surrogate || code > 0x10ffff) return std::nullopt;
  return Character{code, size};
}

struct Range {
  std::uint32_t first, last;
};
// What a terminal, an editor or a line splitter acts upon instead of showing it.
constexpr std::array kActive{Range{0x00, 0x1f},     Range{0x7f, 0x9f},     Range{0x061c, 0x061c},
                             Range{0x200b, 0x200f}, Range{0x2028, 0x202e}, Range{0x2060, 0x206f},
                             Range{0xfeff, 0xfeff}, Range{0xfff9, 0xfffb}};

bool active(std::uint32_t code) {
  return std::any_of(kActive.begin(), kActive.end(),
                     [&](const Range& range) { return code >= range.first && code <= range.last; });
}

void append_escape(std::string& out, std::uint32_t code) {
  constexpr std::string_view kHex = "0123456789abcdef";
  out += "\\u";
  for (const unsigned shift : {12U, 8U, 4U, 0U}) out += kHex[code >> shift & 15U];
}

}  // namespace

void append_json_text(std::string& out, std::string_view text, std::size_t limit) {
  out += '"';
  std::size_t taken = 0;
  while (!text.empty()) {
    const auto character = first_character(text);
    const std::size_t size = character ? character->size : 1;
    if (taken + size > limit) {
      out += "…";
      break;
    }
    if (!character) {
      out += "\xef\xbf\xbd";
    } else if (active(character->code)) {
      append_escape(out, character->code);
    } else {
      if (character->code == '"' || character->code == '\\') out += '\\';
      out += text.substr(0, size);
    }
    text.remove_prefix(size);
    taken += size;
  }
  out += '"';
}

}  // namespace puente::ops
