#include "mappings/crosswalk/mid.h"

#include <algorithm>

#include "mappings/cbp/catair/text.h"
#include "mappings/crosswalk/text_mask.h"

namespace puente::crosswalk {
namespace {

constexpr std::size_t kMinLength = 8;
constexpr std::size_t kNameWords = 2;
constexpr std::size_t kWordLetters = 3;
constexpr std::size_t kNumberDigits = 4;
constexpr std::size_t kCityLetters = 3;

// English articles and connectives that the directive skips.
constexpr std::string_view kSkippedWords[] = {"A", "AN", "AND", "OF", "THE"};
// What the directive skips in front of a name.
constexpr std::string_view kGenericPrefixes[] = {"FABRICA DE ARTIGOS DE", "PT", "JSC", "OAO", "OOO", "ZAO"};
// Corporate regimes that stand as a second word of a one-word name (NEMAK, S.A.B. DE C.V.).
constexpr std::string_view kRegimes[] = {"SA", "SAB", "SAPI", "SAS", "SC", "SPR", "SRL", "AC"};
// Ends of ordinals, Spanish and English: 3ERA, 12TH, 2DO.
constexpr std::string_view kOrdinalEnds[] = {"ER", "ERA", "ERO", "RA", "RO", "DA", "DO", "TA", "TO", "MA",
                                             "MO", "VA",  "VO",  "NA", "NO", "ST", "ND", "RD", "TH"};
// In front of a city's name; a city is known with and without.
constexpr std::string_view kCityPrefixes[] = {"CIUDAD ", "CD. ", "CD "};

template <std::size_t N>
bool contains(const std::string_view (&list)[N], std::string_view word) {
  return std::find(std::begin(list), std::end(list), word) != std::end(list);
}

template <typename Keep>
std::string only(std::string_view text, Keep keep) {
  std::string kept;
  std::copy_if(text.begin(), text.end(), std::back_inserter(kept), keep);
  return kept;
}

std::vector<std::string_view> split(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const auto end = std::min(text.find_first_of(separators), text.size());
    if (end > 0) words.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

// ---- Name -----------------------------------------------------------------------------------------------------------

// The words that count, punctuation removed: initials in a row are one word, a lone one is none.
std::vector<std::string> name_words(std::string_view name, std::string_view separators) {
  std::vector<std::string> words;
  std::string initials;
  const auto end_initials = [&] {
    if (initials.size() > 1) words.push_back(initials);
    initials.clear();
  };
  for (std::string_view token : split(name, separators)) {
    std::string word = only(token, is_alphanumeric);
    if (word.empty()) continue;
    if (word.size() == 1 && is_upper(word.front())) {
      initials += word;
      continue;
    }
    end_initials();
    if (!contains(kSkippedWords, word)) words.push_back(std::move(word));
  }
  end_initials();
  return words;
}

std::string name_part(std::string_view name, std::string_view separators, bool without_regime) {
  std::string part;
  auto words = name_words(name, separators);
  if (without_regime && words.size() > 1 && contains(kRegimes, words[1])) words.resize(1);
  for (std::size_t i = 0; i < std::min(kNameWords, words.size()); ++i) part += words[i].substr(0, kWordLetters);
  return part;
}

std::string_view without_generic_prefix(std::string_view name) {
  for (std::string_view prefix : kGenericPrefixes)
    if (name.starts_with(prefix) && name.size() > prefix.size() + 1 &&
        (name[prefix.size()] == ' ' || name[prefix.size()] == '.'))
      return name.substr(prefix.size() + 1);
  return name;
}

// ---- Number ---------------------------------------------------------------------------------------------------------

bool is_ordinal(std::string_view digits, std::string_view letters) {
  // 1A and 2O are ordinals (primera, segundo), 75A is a house number.
  constexpr std::size_t kSmall = 1;
  if (letters == "A" || letters == "O") return digits.size() <= kSmall;
  return contains(kOrdinalEnds, letters);
}

bool larger(std::string_view a, std::string_view b) {
  const auto significant = [](std::string_view digits) {
    return digits.substr(std::min(digits.find_first_not_of('0'), digits.size()));
  };
  const auto x = significant(a);
  const auto y = significant(b);
  return x.size() != y.size() ? x.size() > y.size() : x > y;
}

// How a point between digits is read: it joins them (the directive drops punctuation), or a decimal begins that does
// not count.
enum class Point { joins, begins_decimals };

// The largest number of the line. Commas and hyphens inside a number are dropped; ordinals are none.
std::string number_part(std::string_view address, Point point) {
  std::string largest;
  for (std::size_t at = 0; at < address.size();) {
    if (!is_digit(address[at])) {
      ++at;
      continue;
    }
    std::string digits;
    bool counts = true;
    while (at < address.size()) {
      const bool inside = at + 1 < address.size() && is_digit(address[at + 1]);
      if (is_digit(address[at])) {
        if (counts) digits += address[at];
      } else if (address[at] == '.' && inside) {
        counts = counts && point == Point::joins;
      } else if ((address[at] != ',' && address[at] != '-') || !inside) {
        break;
      }
      ++at;
    }
    const std::size_t letters = at;
    while (at < address.size() && is_upper(address[at])) ++at;
    if (is_ordinal(digits, address.substr(letters, at - letters))) continue;
    if (largest.empty() || larger(digits, largest)) largest = digits;
  }
  return largest.substr(0, kNumberDigits);
}

// ---- City -----------------------------------------------------------------------------------------------------------

std::string city_part(std::string_view city) { return only(city, is_upper).substr(0, kCityLetters); }

std::optional<std::string> short_city(std::string_view city) {
  for (std::string_view prefix : kCityPrefixes)
    if (city.starts_with(prefix) && city.size() > prefix.size()) return std::string(city.substr(prefix.size()));
  return std::nullopt;
}

}  // namespace

std::optional<DerivedMid> derive_mid(std::string_view country, std::string_view name, std::string_view address,
                                     std::string_view city, const std::vector<std::string>& other_cities) {
  if (!fits_mask("AA", country)) return std::nullopt;
  const std::string words = cbp::to_cbp_text(name).text;
  const std::string_view bare = without_generic_prefix(words);
  const std::string street = cbp::to_cbp_text(address).text;
  const std::string town = cbp::to_cbp_text(city).text;

  // The first reading of each part is the rule's, the others are what another reader may have taken.
  const std::vector<std::string> names = {name_part(bare, " ,/&", false), name_part(bare, " ,/&-", false),
                                          name_part(bare, " ,/&", true)};
  const std::vector<std::string> numbers = {number_part(street, Point::joins),
                                            number_part(street, Point::begins_decimals)};
  std::vector<std::string> cities = {city_part(town)};
  if (const auto shorter = short_city(town)) cities.push_back(city_part(*shorter));
  for (const std::string& other : other_cities) cities.push_back(city_part(cbp::to_cbp_text(other).text));

  if (names.front().empty()) return std::nullopt;
  DerivedMid derived;
  for (const std::string& name_text : names) {
    for (const std::string& number : numbers) {
      for (const std::string& city_text : cities) {
        std::string mid = std::string(country) + name_text + number + city_text;
        if (derived.mid.empty()) {
          if (mid.size() < kMinLength) return std::nullopt;
          derived.mid = std::move(mid);
        } else if (mid.size() >= kMinLength && mid != derived.mid &&
                   std::find(derived.alternatives.begin(), derived.alternatives.end(), mid) ==
                       derived.alternatives.end()) {
          derived.alternatives.push_back(std::move(mid));
        }
      }
    }
  }
  return derived;
}

}  // namespace puente::crosswalk
