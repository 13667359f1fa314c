#include "gateway/app/toml_source.h"

#include <toml++/toml.h>
#include <array>

namespace puente::app {
namespace {

TomlScalar scalar_of(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* number = node.as_integer()) return number->get();
  if (const auto* flag = node.as_boolean()) return flag->get();
  if (const auto* array = node.as_array()) {
    std::vector<std::string> list;
    for (const toml::node& item : *array) {
      const auto* text = item.as_string();
      if (text == nullptr) return TomlOther{};
      list.push_back(text->get());
    }
    return list;
  }
  return TomlOther{};
}

void flatten(const toml::table& table, const std::string& prefix, std::vector<TomlValue>& out) {
  for (const auto& [key, node] : table) {
    const std::string path = prefix + std::string(key.str());
    if (const auto* inner = node.as_table()) {
      flatten(*inner, path + ".", out);
      continue;
    }
    const auto& begin = node.source().begin;
    out.push_back({path, scalar_of(node), begin.line, begin.column});
  }
}

}  // namespace

tl::expected<std::vector<TomlValue>, TomlError> parse_toml(std::string_view text) {
  try {
    std::vector<TomlValue> out;
    flatten(toml::parse(text), "", out);
    return out;
  } catch (const toml::parse_error& error) {
    const auto& begin = error.source().begin;
    return tl::unexpected(TomlError{std::string(error.description()), begin.line, begin.column});
  }
}

std::string toml_text(std::string_view text) {
  static constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7F) {
      out += "\\u00";
      out += kHex[byte >> 4U];
      out += kHex[byte & 15U];
    } else {
      out += c;
    }
  }
  return out += '"';
}

}  // namespace puente::app
