#include "mappings/cbp/catair/text.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace puente::cbp {
namespace {

// Letters of Latin-1 and Latin Extended-A, U+00C0 to U+017F: what Unicode's compatibility decomposition leaves without
// its marks, in upper case; letters with a stroke, which do not decompose, stand as their base letter.
constexpr char32_t kFirstLetter = 0xC0;
constexpr std::array<std::string_view, 192> kLetters = {
    "A", "A", "A",  "A",  "A", "A", "AE", "C", "E", "E",  "E", "E", "I", "I", "I",  "I",   // U+00C0
    "D", "N", "O",  "O",  "O", "O", "O",  "X", "O", "U",  "U", "U", "U", "Y", "TH", "SS",  // U+00D0
    "A", "A", "A",  "A",  "A", "A", "AE", "C", "E", "E",  "E", "E", "I", "I", "I",  "I",   // U+00E0
    "D", "N", "O",  "O",  "O", "O", "O",  " ", "O", "U",  "U", "U", "U", "Y", "TH", "Y",   // U+00F0
    "A", "A", "A",  "A",  "A", "A", "C",  "C", "C", "C",  "C", "C", "C", "C", "D",  "D",   // U+0100
    "D", "D", "E",  "E",  "E", "E", "E",  "E", "E", "E",  "E", "E", "G", "G", "G",  "G",   // U+0110
    "G", "G", "G",  "G",  "H", "H", "H",  "H", "I", "I",  "I", "I", "I", "I", "I",  "I",   // U+0120
    "I", "I", "IJ", "IJ", "J", "J", "K",  "K", "K", "L",  "L", "L", "L", "L", "L",  "L",   // U+0130
    "L", "L", "L",  "N",  "N", "N", "N",  "N", "N", "'N", "N", "N", "O", "O", "O",  "O",   // U+0140
    "O", "O", "OE", "OE", "R", "R", "R",  "R", "R", "R",  "S", "S", "S", "S", "S",  "S",   // U+0150
    "S", "S", "T",  "T",  "T", "T", "T",  "T", "U", "U",  "U", "U", "U", "U", "U",  "U",   // U+0160
    "U", "U", "U",  "U",  "W", "W", "Y",  "Y", "Y", "Z",  "Z", "Z", "Z", "Z", "Z",  "S",   // U+0170
};

struct Sign {
  char32_t code;
  std::string_view text;
};

// Signs outside the letters, ascending. An empty text drops the sign. What is not here becomes a space.
constexpr Sign kSigns[] = {
    {0xA1, ""},       // inverted exclamation mark
    {0xAD, ""},       // soft hyphen
    {0xB2, "2"},      // superscripts
    {0xB3, "3"},      //
    {0xB9, "1"},      //
    {0xBC, "1/4"},    // fractions
    {0xBD, "1/2"},    //
    {0xBE, "3/4"},    //
    {0xBF, ""},       // inverted question mark
    {0x218, "S"},     // letters with comma below
    {0x219, "S"},     //
    {0x21A, "T"},     //
    {0x21B, "T"},     //
    {0x2BC, "'"},     // modifier apostrophe
    {0x1E9E, "SS"},   // capital sharp s
    {0x200B, ""},     // zero width
    {0x200C, ""},     //
    {0x200D, ""},     //
    {0x2010, "-"},    // hyphens and dashes
    {0x2011, "-"},    //
    {0x2012, "-"},    //
    {0x2013, "-"},    //
    {0x2014, "-"},    //
    {0x2015, "-"},    //
    {0x2018, "'"},    // curly quotes
    {0x2019, "'"},    //
    {0x201A, "'"},    //
    {0x201B, "'"},    //
    {0x201C, "\""},   //
    {0x201D, "\""},   //
    {0x201E, "\""},   //
    {0x201F, "\""},   //
    {0x2026, "..."},  // ellipsis
    {0x2032, "'"},    // feet and inches
    {0x2033, "\""},   //
    {0x2044, "/"},    // fraction slash
    {0x20AC, "EUR"},  //
    {0x2116, "NO"},   // numero sign
    {0x2122, "TM"},   //
    {0x2212, "-"},    // minus
    {0xFB01, "FI"},   // ligatures of type setting
    {0xFB02, "FL"},   //
    {0xFEFF, ""},     // byte order mark
};
static_assert(std::ranges::is_sorted(kSigns, {}, &Sign::code));

constexpr bool is_combining_mark(char32_t code) { return code >= 0x300 && code <= 0x36F; }

// The character at `at`, moving past it; nullopt for a byte that is not UTF-8 (one byte is passed over).
std::optional<char32_t> next_character(std::string_view text, std::size_t& at) {
  const auto byte = [&](std::size_t index) { return static_cast<std::uint8_t>(text[index]); };
  const std::uint8_t lead = byte(at++);
  if (lead < 0x80) return lead;
  const int following = lead >= 0xF0 && lead < 0xF5   ? 3
                        : lead >= 0xE0 && lead < 0xF0 ? 2
                        : lead >= 0xC2 && lead < 0xE0 ? 1
                                                      : 0;
  if (following == 0 || at + static_cast<std::size_t>(following) > text.size()) return std::nullopt;
  char32_t code = lead & (0x3Fu >> following);
  for (int i = 0; i < following; ++i) {
    const std::uint8_t continuation = byte(at + static_cast<std::size_t>(i));
    if ((continuation & 0xC0) != 0x80) return std::nullopt;
    code = (code << 6) | (continuation & 0x3Fu);
  }
  at += static_cast<std::size_t>(following);
  return code;
}

// Spaces of other widths, and the controls that separate words: a space for them loses nothing.
constexpr bool is_white_space(char32_t code) {
  return (code >= 0x09 && code <= 0x0D) || code == ' ' || code == 0xA0 || (code >= 0x2000 && code <= 0x200A) ||
         code == 0x2028 || code == 0x2029 || code == 0x202F || code == 0x205F || code == 0x3000;
}

std::string_view transliterate(char32_t code) {
  if (is_combining_mark(code)) return "";
  if (code >= kFirstLetter && code < kFirstLetter + kLetters.size()) return kLetters[code - kFirstLetter];
  const auto* sign = std::ranges::lower_bound(kSigns, code, {}, &Sign::code);
  if (sign != std::end(kSigns) && sign->code == code) return sign->text;
  return " ";
}

}  // namespace

bool is_cbp_character(char character) {
  constexpr std::string_view kPunctuation = " .,-()/'=+:?!\"%&*;<>#@$_";
  return (character >= 'A' && character <= 'Z') || (character >= '0' && character <= '9') ||
         kPunctuation.find(character) != std::string_view::npos;
}

CbpText to_cbp_text(std::string_view utf8) {
  CbpText result;
  result.text.reserve(utf8.size());
  const auto put = [&](char character) {
    if (character == ' ' && (result.text.empty() || result.text.back() == ' ')) return;
    result.text.push_back(character);
  };
  for (std::size_t at = 0; at < utf8.size();) {
    const std::optional<char32_t> code = next_character(utf8, at);
    if (code && *code < 0x80) {
      char character = static_cast<char>(*code);
      if (character >= 'a' && character <= 'z') character = static_cast<char>(character - 'a' + 'A');
      const bool allowed = is_cbp_character(character);
      if (!allowed) result.transliterated = true;
      if (!allowed && !is_white_space(*code)) result.lost = true;
      put(allowed ? character : ' ');
      continue;
    }
    result.transliterated = true;
    const std::string_view spelled = code ? transliterate(*code) : " ";
    if (spelled == " " && !(code && is_white_space(*code))) result.lost = true;
    for (const char character : spelled) put(character);
  }
  if (!result.text.empty() && result.text.back() == ' ') result.text.pop_back();
  return result;
}

}  // namespace puente::cbp
