// A JSON string from any bytes: one line, valid UTF-8, bounded, and nothing in it that a terminal obeys.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace puente::ops {

inline constexpr std::size_t kLogTextLimit = 256;  // bytes taken from the text, before escaping

// Appends `text` as a quoted JSON string. At most `limit` bytes of it are taken, cut between characters, "…" marking
// the cut. Control, bidirectional and line-separating characters become \u escapes; bytes that are not UTF-8 become
// U+FFFD.
void append_json_text(std::string& out, std::string_view text, std::size_t limit = kLogTextLimit);

}  // namespace puente::ops
