#include "mappings/sat/xml_bytes.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "mappings/sat/utf8.h"
#include "mappings/sat/white_space.h"

namespace puente::sat {
namespace {

constexpr std::size_t kLineBlock = 4096;

XmlRefusal refusal_at(std::string_view code, std::string_view bytes, std::size_t offset, std::string detail = {}) {
  const auto place = LineIndex(bytes.substr(0, offset)).locate(bytes, offset);
  return {code, std::move(detail), place.line, place.column, offset};
}

// The value of a pseudo attribute of the XML declaration; nullopt when absent.
std::optional<std::string_view> pseudo_attribute(std::string_view declaration, std::string_view name) {
  for (std::size_t at = declaration.find(name); at != std::string_view::npos; at = declaration.find(name, at + 1)) {
    if (at == 0 || !is_space(declaration[at - 1])) continue;
    std::size_t equals = at + name.size();
    while (equals < declaration.size() && is_space(declaration[equals])) ++equals;
    if (equals >= declaration.size() || declaration[equals] != '=') continue;
    const std::size_t open = declaration.find_first_of("\"'", equals);
    if (open == std::string_view::npos) return std::nullopt;
    const std::size_t close = declaration.find(declaration[open], open + 1);
    if (close == std::string_view::npos) return std::nullopt;
    return declaration.substr(open + 1, close - open - 1);
  }
  return std::nullopt;
}

// What a declaration says, for a finding's text: nobody has checked yet that it is UTF-8.
std::string shown(std::string_view value) {
  std::string out(value.substr(0, 40));
  for (char& c : out)
    if (c < 0x20 || c > 0x7E) c = '?';
  return out;
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    return lower(x) == lower(y);
  });
}

// The first bytes of the encodings a parser would guess (XML 1.0 appendix F), UTF-8 aside.
bool begins_like_another_encoding(std::string_view bytes) {
  static constexpr std::array<std::string_view, 9> kBeginnings = {std::string_view("\xFF\xFE", 2),
                                                                  std::string_view("\xFE\xFF", 2),
                                                                  std::string_view("\0<", 2),
                                                                  std::string_view("<\0", 2),
                                                                  std::string_view("\0\0\xFE\xFF", 4),
                                                                  std::string_view("\0\0\0<", 4),
                                                                  std::string_view("\x4C\x6F\xA7\x94", 4),
                                                                  std::string_view("\x0E\xFE\xFF", 3),
                                                                  std::string_view("+/v", 3)};
  return std::ranges::any_of(kBeginnings, [&](std::string_view b) { return bytes.starts_with(b); });
}

// Length of the well formed UTF-8 sequence that begins at `at` (Unicode table 3-7), 0 when there is none.
std::size_t sequence_length(std::string_view bytes, std::size_t at) {
  const auto byte = [&](std::size_t i) -> unsigned {
    return at + i < bytes.size() ? static_cast<unsigned char>(bytes[at + i]) : 0u;
  };
  const auto continues = [&](std::size_t i) { return (byte(i) & 0xC0u) == 0x80u; };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead >= 0xC2 && lead <= 0xDF) return continues(1) ? 2 : 0;
  if (lead >= 0xE0 && lead <= 0xEF) {
    if (!continues(1) || !continues(2)) return 0;
    if (lead == 0xE0 && byte(1) < 0xA0) return 0;  // overlong
    if (lead == 0xED && byte(1) > 0x9F) return 0;  // surrogate
    return 3;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    if (!continues(1) || !continues(2) || !continues(3)) return 0;
    if (lead == 0xF0 && byte(1) < 0x90) return 0;  // overlong
    if (lead == 0xF4 && byte(1) > 0x8F) return 0;  // beyond U+10FFFF
    return 4;
  }
  return 0;
}

std::optional<XmlRefusal> check_characters(std::string_view bytes) {
  std::size_t at = 0;
  while (at < bytes.size()) {
    // Eight bytes of plain ASCII at a time: none above 0x7F, none below 0x20.
    constexpr std::uint64_t kHigh = 0x8080808080808080u;
    for (std::uint64_t word = 0; at + 8 <= bytes.size(); at += 8) {
      std::memcpy(&word, bytes.data() + at, 8);
      const std::uint64_t others = (word | (word - 0x2020202020202020u)) & kHigh;
      if (others == 0) continue;
      // The lowest mark is of another byte for sure; those above it may come of its borrow.
      if constexpr (std::endian::native == std::endian::little)
        at += static_cast<std::size_t>(std::countr_zero(others)) / 8;
      break;
    }
    if (at == bytes.size()) break;
    const auto byte = static_cast<unsigned char>(bytes[at]);
    if (byte < 0x20 && !is_space(bytes[at])) return refusal_at("XML_CONTROL_CHARACTER", bytes, at);
    const std::size_t length = sequence_length(bytes, at);
    if (length == 0) return refusal_at("XML_NOT_UTF8", bytes, at);
    at += length;
  }
  return std::nullopt;
}

// Offset of a DOCTYPE in the prolog, npos when there is none. After the root element one is not well formed.
std::size_t find_doctype(std::string_view bytes) {
  std::size_t at = bytes.starts_with(kUtf8Mark) ? kUtf8Mark.size() : 0;
  for (;;) {
    while (at < bytes.size() && is_space(bytes[at])) ++at;
    const std::string_view rest = bytes.substr(at);
    if (rest.starts_with("<!DOCTYPE")) return at;
    const bool comment = rest.starts_with("<!--");
    if (!comment && !rest.starts_with("<?")) return std::string_view::npos;
    const std::string_view end = comment ? "-->" : "?>";
    const auto found = bytes.find(end, at + (comment ? 4 : 2));  // "<?p?>" ends three characters after it begins
    if (found == std::string_view::npos) return std::string_view::npos;
    at = found + end.size();
  }
}

}  // namespace

std::optional<XmlRefusal> check_bytes(std::string_view bytes) {
  std::string_view text = bytes;
  if (text.starts_with(kUtf8Mark)) text.remove_prefix(kUtf8Mark.size());
  if (begins_like_another_encoding(text)) return XmlRefusal{"XML_ENCODING", "", 1, 1, 0};
  if (is_blank(text)) return XmlRefusal{"XML_EMPTY", "", 0, 0, 0};
  if (text.starts_with("<?xml") && text.size() > 5 && is_space(text[5])) {
    const std::string_view declaration = text.substr(0, text.find("?>"));
    // A value that goes on behind the first "?>" is one thing here and another to the parser.
    for (const std::string_view name : {"version", "encoding", "standalone"})
      if (declaration.find(name) != std::string_view::npos && !pseudo_attribute(declaration, name))
        return XmlRefusal{"XML_MALFORMED", std::string(name), 1, 1, 0};
    if (const auto version = pseudo_attribute(declaration, "version"); version && *version != "1.0")
      return XmlRefusal{"XML_VERSION", shown(*version), 1, 1, 0};
    if (const auto encoding = pseudo_attribute(declaration, "encoding");
        encoding && !equals_ignoring_case(*encoding, "UTF-8"))
      return XmlRefusal{"XML_ENCODING", shown(*encoding), 1, 1, 0};
  }
  if (auto refusal = check_characters(bytes)) return refusal;
  if (const std::size_t at = find_doctype(bytes); at != std::string_view::npos)
    return refusal_at("XML_DOCTYPE", bytes, at);
  return std::nullopt;
}

LineIndex::LineIndex(std::string_view bytes) {
  ends_before_.reserve(bytes.size() / kLineBlock + 1);
  std::uint32_t ends = 0;
  for (std::size_t at = 0;; at += kLineBlock) {
    ends_before_.push_back(ends);
    if (bytes.size() - at < kLineBlock) return;
    ends += static_cast<std::uint32_t>(std::ranges::count(bytes.substr(at, kLineBlock), '\n'));
  }
}

LineColumn LineIndex::locate(std::string_view bytes, std::size_t offset) const {
  offset = std::min(offset, bytes.size());
  const std::size_t block = offset / kLineBlock * kLineBlock;
  const auto in_block = std::ranges::count(bytes.substr(block, offset - block), '\n');
  const std::size_t end = offset == 0 ? std::string_view::npos : bytes.rfind('\n', offset - 1);
  const std::size_t begin = end == std::string_view::npos ? 0 : end + 1;
  std::string_view before = bytes.substr(begin, offset - begin);
  if (begin == 0 && before.starts_with(kUtf8Mark)) before.remove_prefix(kUtf8Mark.size());
  return {ends_before_[block / kLineBlock] + static_cast<std::uint32_t>(in_block) + 1,
          static_cast<std::uint32_t>(count_characters(before) + 1)};
}

bool StartTagCursor::skip_past(std::string_view delimiter) {
  const auto found = bytes_.find(delimiter, at_);
  at_ = found == std::string_view::npos ? bytes_.size() : found + delimiter.size();
  return found != std::string_view::npos;
}

std::size_t StartTagCursor::next() {
  while (at_ < bytes_.size()) {
    at_ = bytes_.find('<', at_);
    if (at_ == std::string_view::npos) break;
    const std::string_view rest = bytes_.substr(at_);
    if (rest.starts_with("<!--")) {
      at_ += 4;
      skip_past("-->");
    } else if (rest.starts_with("<![CDATA[")) {
      skip_past("]]>");
    } else if (rest.starts_with("<?")) {
      skip_past("?>");
    } else if (rest.starts_with("</")) {
      skip_past(">");
    } else {
      return at_++;  // '<' cannot stand in an attribute value, so the next search leaves this tag behind
    }
  }
  at_ = bytes_.size();
  return npos;
}

std::size_t find_attribute(std::string_view bytes, std::size_t tag_offset, std::string_view local_name) {
  std::size_t at = tag_offset;
  const auto skip_name = [&] {
    while (at < bytes.size() && !is_space(bytes[at]) && bytes[at] != '=' && bytes[at] != '>' && bytes[at] != '/') ++at;
  };
  const auto skip_spaces = [&] {
    while (at < bytes.size() && is_space(bytes[at])) ++at;
  };
  skip_name();
  for (;;) {
    skip_spaces();
    const std::size_t begin = at;
    skip_name();
    if (at == begin) return tag_offset;  // '>' or '/', or no tag at all
    if (bytes.substr(begin, at - begin) == local_name) return begin;
    skip_spaces();
    if (at >= bytes.size() || bytes[at] != '=') return tag_offset;
    ++at;
    skip_spaces();
    if (at >= bytes.size() || (bytes[at] != '"' && bytes[at] != '\'')) return tag_offset;
    at = bytes.find(bytes[at], at + 1);
    if (at == std::string_view::npos) return tag_offset;
    ++at;
  }
}

}  // namespace puente::sat
