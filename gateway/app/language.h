// The two languages of everything a person reads. Codes, keys and JSON are the same in both.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace puente::app {

enum class Language : std::uint8_t { en, es };

struct Text {
  std::string_view en, es;
  constexpr std::string_view in(Language language) const { return language == Language::es ? es : en; }
};

std::optional<Language> parse_language(std::string_view name);  // "es", "en"
// From LC_ALL, LC_MESSAGES, LANG in this order, as setlocale(3) reads them; English when none says Spanish.
Language language_of_environment();

}  // namespace puente::app
