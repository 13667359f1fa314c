// TOML text as a flat list of keys with their places. toml++ stays behind this header.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "mappings/domain/result.h"

namespace puente::app {

struct TomlOther {};  // a float, a date, an array that is not all text, an array of tables
using TomlScalar = std::variant<std::string, std::int64_t, bool, std::vector<std::string>, TomlOther>;

struct TomlValue {
  std::string key;  // "delivery.backoff_first"
  TomlScalar value;
  std::uint32_t line = 0, column = 0;  // of the value
};

struct TomlError {
  std::string text;
  std::uint32_t line = 0, column = 0;
};

tl::expected<std::vector<TomlValue>, TomlError> parse_toml(std::string_view text);

// `text` as a TOML basic string, quoted.
std::string toml_text(std::string_view text);

}  // namespace puente::app
