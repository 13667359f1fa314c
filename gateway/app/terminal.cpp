#include "gateway/app/terminal.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <utility>
#include <vector>

namespace puente::app {
namespace {

struct CodePoint {
  char32_t value = 0xFFFD;
  std::size_t length = 1;
  bool valid = false;
};

// One character of UTF-8 at `text[at]`; overlong forms, surrogates and cut sequences are invalid and one byte long.
CodePoint decode(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(at);
  if (lead < 0x80) return {lead, 1, true};
  const std::size_t length = lead >= 0xF0 && lead < 0xF5 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 1;
  if (length == 1 || lead >= 0xF5 || at + length > text.size()) return {};
  char32_t value = lead & (0xFFU >> (length + 1));
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(at + i) & 0xC0U) != 0x80U) return {};
    value = value << 6 | (byte(at + i) & 0x3FU);
  }
  static constexpr std::array<char32_t, 5> kLeast = {0, 0, 0x80, 0x800, 0x10000};
  if (value < kLeast[length] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF)) return {};
  return {value, length, true};
}

// Left out of everything shown: controls, and the format characters that reorder or hide text (Unicode TR 36).
constexpr std::array<std::pair<char32_t, char32_t>, 9> kHidden = {{{0x00, 0x1F},
                                                                   {0x7F, 0x9F},
                                                                   {0x061C, 0x061C},
                                                                   {0x180E, 0x180E},
                                                                   {0x200B, 0x200F},
                                                                   {0x2028, 0x202E},
                                                                   {0x2060, 0x206F},
                                                                   {0xFEFF, 0xFEFF},
                                                                   {0xE0000, 0xE007F}}};

bool hidden(char32_t value) {
  return std::any_of(kHidden.begin(), kHidden.end(),
                     [&](const auto& range) { return value >= range.first && value <= range.second; });
}

bool combining(char32_t value) { return value >= 0x0300 && value <= 0x036F; }

constexpr std::array<std::string_view, 6> kPaint = {"", "\x1b[1m", "\x1b[2m", "\x1b[32m", "\x1b[33m", "\x1b[31m"};

bool wants_colour(bool tty) {
  const char* no_colour = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  return tty && (no_colour == nullptr || *no_colour == '\0') && (term == nullptr || std::string_view(term) != "dumb");
}

}  // namespace

std::optional<Language> parse_language(std::string_view name) {
  if (name == "en") return Language::en;
  if (name == "es") return Language::es;
  return std::nullopt;
}

Language language_of_environment() {
  for (const char* variable : {"LC_ALL", "LC_MESSAGES", "LANG"}) {
    const char* value = std::getenv(variable);
    if (value == nullptr || *value == '\0') continue;
    return std::string_view(value).starts_with("es") ? Language::es : Language::en;
  }
  return Language::en;
}

std::string Printer::paint(Tone tone, std::string_view text) const {
  if (!colour_ || tone == Tone::plain) return std::string(text);
  std::string out(kPaint[static_cast<std::size_t>(tone)]);
  out += text;
  out += "\x1b[0m";
  return out;
}

Terminal Terminal::of_process() {
  const bool out_tty = isatty(STDOUT_FILENO) == 1;
  const bool err_tty = isatty(STDERR_FILENO) == 1;
  return {Printer(std::cout, out_tty, wants_colour(out_tty)), Printer(std::cerr, err_tty, wants_colour(err_tty)),
          language_of_environment()};
}

std::string safe_text(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint point = decode(text, at);
    if (!point.valid) {
      out += "\xEF\xBF\xBD";
    } else if (point.value == '\n' || point.value == '\r' || point.value == '\t') {
      out += ' ';
    } else if (!hidden(point.value)) {
      out += text.substr(at, point.length);
    }
    at += point.length;
  }
  return out;
}

std::string safe_records(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    out += safe_text(text.substr(0, end)) + "\n";
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

std::size_t columns_of(std::string_view text) {
  std::size_t columns = 0;
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint point = decode(text, at);
    if (!combining(point.value)) ++columns;
    at += point.length;
  }
  return columns;
}

std::string padded(std::string_view text, std::size_t width) {
  std::string out(text);
  const std::size_t columns = columns_of(text);
  if (columns < width) out.append(width - columns, ' ');
  return out;
}

std::string wrapped(std::string_view text, std::size_t width, std::string_view indent) {
  std::string out;
  while (columns_of(text) > width) {
    std::size_t fits = 0;   // bytes of the first `width` columns
    std::size_t space = 0;  // after the last space within them
    std::size_t mark = 0;   // after the last '/', or the '.' of a path's element; the dot of a file name breaks nothing
    for (std::size_t columns = 0; fits < text.size() && columns < width; ++columns) {
      const char c = text[fits];
      fits += decode(text, fits).length;
      if (c == ' ') space = fits;
      if (c == '/' || (c == '.' && fits > 1 && text[fits - 2] == ']')) mark = fits;
    }
    const std::size_t end = space > width / 3 ? space : mark > width / 3 ? mark : fits;
    std::string_view line = text.substr(0, end);
    while (line.ends_with(' ')) line.remove_suffix(1);
    out += line;
    out += '\n';
    out += indent;
    text.remove_prefix(end);
    while (text.starts_with(' ')) text.remove_prefix(1);
  }
  out += text;
  return out;
}

}  // namespace puente::app
