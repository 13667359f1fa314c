#include "mappings/sat/value_check.h"

#include <algorithm>
#include <string>

#include "mappings/domain/date.h"
#include "mappings/sat/utf8.h"

namespace puente::sat {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// A decimal split into sign, whole digits without leading zeros and fraction digits without trailing zeros.
struct Parts {
  bool negative = false;
  std::string_view whole, fraction;
};

Parts split(std::string_view text) {
  Parts parts;
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) {
    parts.negative = text[0] == '-';
    text.remove_prefix(1);
  }
  const auto point = text.find('.');
  parts.whole = text.substr(0, point);
  if (point != std::string_view::npos) parts.fraction = text.substr(point + 1);
  while (!parts.whole.empty() && parts.whole.front() == '0') parts.whole.remove_prefix(1);
  while (!parts.fraction.empty() && parts.fraction.back() == '0') parts.fraction.remove_suffix(1);
  if (parts.whole.empty() && parts.fraction.empty()) parts.negative = false;
  return parts;
}

bool is_number(std::string_view text, bool point_allowed) {
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) text.remove_prefix(1);
  std::size_t digits = 0;
  bool point = false;
  for (const char c : text) {
    if (is_digit(c)) {
      ++digits;
    } else if (c == '.' && point_allowed && !point) {
      point = true;
    } else {
      return false;
    }
  }
  return digits > 0;
}

std::string range_text(const ValueType& type) {
  if (type.maximum.empty()) return ">= " + std::string(type.minimum);
  return std::string(type.minimum) + " - " + std::string(type.maximum);
}

std::string list_text(std::span<const std::string_view> values) {
  std::string out;
  for (const auto value : values) {
    if (!out.empty()) out += ", ";
    out += value;
  }
  return out;
}

std::optional<ValueProblem> check_text(const ValueType& type, std::string_view value) {
  if (!type.fixed.empty() && value != type.fixed) return ValueProblem{"ATTRIBUTE_FIXED", std::string(type.fixed)};
  if (!type.values.empty() && std::ranges::find(type.values, value) == type.values.end())
    return ValueProblem{"ATTRIBUTE_NOT_IN_LIST", list_text(type.values)};
  if (type.most_characters != 0) {
    // A value of n bytes has between n / 4 and n characters.
    const bool surely_within = value.size() <= type.most_characters && value.size() >= 4u * type.least_characters;
    const std::size_t characters = surely_within ? type.most_characters : count_characters(value);
    if (characters < type.least_characters || characters > type.most_characters)
      return ValueProblem{"ATTRIBUTE_LENGTH",
                          std::to_string(type.least_characters) + "-" + std::to_string(type.most_characters)};
  }
  if (type.no_pipe && value.find('|') != std::string_view::npos) return ValueProblem{"ATTRIBUTE_PIPE", ""};
  return std::nullopt;
}

std::optional<ValueProblem> check_number(const ValueType& type, std::string_view value) {
  if (!is_number(value, type.base == Base::decimal)) return ValueProblem{"ATTRIBUTE_NOT_A_NUMBER", ""};
  if (type.fraction_digits >= 0) {
    const auto most = static_cast<std::size_t>(type.fraction_digits);
    const auto point = value.find('.');
    const bool surely_within = point == std::string_view::npos || value.size() - point - 1 <= most;
    if (!surely_within && split(value).fraction.size() > most)
      return ValueProblem{"ATTRIBUTE_DECIMALS", std::to_string(type.fraction_digits)};
  }
  const bool surely_least = type.minimum == "0" && value.front() != '-';
  if ((!surely_least && !type.minimum.empty() && compare_decimals(value, type.minimum) < 0) ||
      (!type.maximum.empty() && compare_decimals(value, type.maximum) > 0))
    return ValueProblem{"ATTRIBUTE_RANGE", range_text(type)};
  return std::nullopt;
}

}  // namespace

int compare_decimals(std::string_view a, std::string_view b) {
  const Parts left = split(a);
  const Parts right = split(b);
  if (left.negative != right.negative) return left.negative ? -1 : 1;
  const int sign = left.negative ? -1 : 1;
  if (left.whole.size() != right.whole.size()) return left.whole.size() < right.whole.size() ? -sign : sign;
  if (const int order = left.whole.compare(right.whole); order != 0) return order < 0 ? -sign : sign;
  const int order = left.fraction.compare(right.fraction);
  return order == 0 ? 0 : (order < 0 ? -sign : sign);
}

std::optional<ValueProblem> check_value(const ValueType& type, std::string_view raw, std::string_view collapsed) {
  const std::string_view value = type.space == Space::collapse ? collapsed : raw;

  const bool needs_text = type.pattern != nullptr || type.least_characters > 0 || type.base != Base::text ||
                          !type.values.empty() || !type.catalog.empty();
  // Left empty instead of left out is the shippers' most common slip: it has a remedy of its own.
  if (value.empty() && needs_text) return ValueProblem{"ATTRIBUTE_EMPTY", ""};

  switch (type.base) {
    case Base::text:
      if (auto problem = check_text(type, value)) return problem;
      break;
    case Base::decimal:
    case Base::integer:
      if (auto problem = check_number(type, value)) return problem;
      break;
    case Base::date:
    case Base::date_time:
      break;  // the pattern first: it is narrower than the calendar
  }
  if (type.pattern != nullptr && !type.pattern->matches(value))
    return ValueProblem{"ATTRIBUTE_PATTERN", std::string(type.pattern->text())};
  if ((type.base == Base::date && !parse_date(value)) || (type.base == Base::date_time && !parse_local_time(value)))
    return ValueProblem{"ATTRIBUTE_NOT_A_DATE", ""};
  return std::nullopt;
}

}  // namespace puente::sat
