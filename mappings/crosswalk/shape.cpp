#include "mappings/crosswalk/shape.h"

#include <algorithm>
#include <charconv>

#include "mappings/crosswalk/text_mask.h"
#include "mappings/domain/date.h"
#include "mappings/domain/decimal.h"

namespace puente::crosswalk {
namespace {

// `sizes` is "3", "8-15" or empty for any.
bool size_fits(std::string_view sizes, std::size_t size) {
  if (sizes.empty()) return true;
  std::size_t low = 0;
  const auto [end, error] = std::from_chars(sizes.data(), sizes.data() + sizes.size(), low);
  std::size_t high = low;
  if (error == std::errc{} && end != sizes.data() + sizes.size())
    std::from_chars(end + 1, sizes.data() + sizes.size(), high);
  return low <= size && size <= high;
}

// The two halves of first..last.
template <typename Half>
bool is_span(std::string_view text, Half half) {
  const auto dots = text.find("..");
  return dots != std::string_view::npos && half(text.substr(0, dots)) && half(text.substr(dots + 2));
}

bool is_date(std::string_view text) { return parse_date(text).has_value(); }

bool is_date_time(std::string_view text) {
  const auto time = parse_local_time(text);
  return time && time->utc_offset_minutes;
}

bool is_decimal(std::string_view text) {
  const auto value = Decimal::parse(text);
  return value && !value->is_negative();
}

// No duty of the schedule comes near 1000%: a rate above is a percentage taken for a fraction.
bool is_rate(std::string_view text) {
  const auto value = Decimal::parse(text);
  return value && !value->is_negative() && *value <= 10;
}

// Three or four letters (the SAT allows N-tilde and ampersand), date, three of A-Z0-9.
bool is_rfc(std::string_view text) {
  std::size_t letters = 0;
  while (!text.empty()) {
    if (is_upper(text.front()) || text.front() == '&') {
      text.remove_prefix(1);
    } else if (text.starts_with("\xC3\x91")) {
      text.remove_prefix(2);
    } else {
      break;
    }
    ++letters;
  }
  return (letters == 3 || letters == 4) && fits_mask("NNNNNNXXX", text);
}

bool is_specific_rate(std::string_view text) {
  const auto blank = text.find(' ');
  return blank != std::string_view::npos && is_decimal(text.substr(0, blank)) &&
         text.substr(blank).starts_with(" USD/") && text.size() > blank + 5 &&
         only_alphanumeric(text.substr(blank + 5));
}

bool is_one_of(std::string_view values, std::string_view text) {
  while (!values.empty()) {
    const auto end = std::min(values.find(' '), values.size());
    if (values.substr(0, end) == text) return true;
    values.remove_prefix(std::min(end + 1, values.size()));
  }
  return false;
}

bool is_case_number(std::string_view text) {
  const auto hyphens = std::count(text.begin(), text.end(), '-');
  return text.size() - static_cast<std::size_t>(hyphens) == 10 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c == '-' || is_alphanumeric(c); });
}

}  // namespace

bool has_shape(Shape shape, std::string_view values, std::string_view text) {
  switch (shape) {
    case Shape::text:
    case Shape::list:
      return true;
    case Shape::flag:
      return text == "true" || text == "false";
    case Shape::count:
      return text.size() <= 18 && only_digits(text);
    case Shape::decimal:
      return is_decimal(text);
    case Shape::rate:
      return is_rate(text);
    case Shape::date:
      return is_date(text);
    case Shape::date_or_span:
      return is_date(text) || is_span(text, is_date);
    case Shape::date_time:
      return is_date_time(text);
    case Shape::digits:
      return only_digits(text) && size_fits(values, text.size());
    case Shape::alphanumeric:
      return only_alphanumeric(text) && size_fits(values, text.size());
    case Shape::importer_number:
      return fits_mask("NN-NNNNNNNXX", text) || fits_mask("NNNNNN-NNNNN", text) || fits_mask("NNN-NN-NNNN", text);
    case Shape::rfc:
      return is_rfc(text);
    case Shape::scac:
      return fits_mask("AAAA", text);
    case Shape::alpha2:
      return fits_mask("AA", text);
    case Shape::heading99:
      return fits_mask("99NN.NN.NN", text) || fits_mask("9902.NN.NN", text);
    case Shape::specific_rate:
      return is_specific_rate(text);
    case Shape::package_code:
      return text.size() == 3 && text.front() == 'X' && only_alphanumeric(text);
    case Shape::case_number:
      return is_case_number(text);
    case Shape::entry_ranges:
      return is_span(text, [](std::string_view half) { return fits_mask("NNNNNNNN", half); });
    case Shape::one_of:
      return is_one_of(values, text);
  }
  return false;
}

std::string_view shape_name(Shape shape) {
  switch (shape) {
    case Shape::text:
      return "text";
    case Shape::flag:
      return "true or false";
    case Shape::count:
      return "a whole number";
    case Shape::list:
      return "an array of texts";
    case Shape::decimal:
      return "a decimal written as text";
    case Shape::rate:
      return "a fraction of value (0.025 for 2.5%), at most 10";
    case Shape::date:
      return "a date YYYY-MM-DD written as text";
    case Shape::date_or_span:
      return "a date YYYY-MM-DD or two joined by .. written as text";
    case Shape::date_time:
      return "a date and time with zone written as text";
    case Shape::digits:
      return "digits written as text";
    case Shape::alphanumeric:
      return "upper-case letters and digits";
    case Shape::importer_number:
      return "NN-NNNNNNNXX, YYDDPP-NNNNN or NNN-NN-NNNN";
    case Shape::rfc:
      return "an RFC";
    case Shape::scac:
      return "four upper-case letters";
    case Shape::alpha2:
      return "two upper-case letters";
    case Shape::heading99:
      return "a heading such as 9903.88.03";
    case Shape::specific_rate:
      return "a rate such as 0.112 USD/KG";
    case Shape::package_code:
      return "an X code of c_ClaveUnidad";
    case Shape::case_number:
      return "ten letters and digits";
    case Shape::entry_ranges:
      return "an array of first..last, eight digits each";
    case Shape::one_of:
      return "one of the listed values";
  }
  return {};
}

bool key_matches(std::string_view pattern, std::string_view key) {
  while (!pattern.empty()) {
    if (pattern == "*") return !key.empty();
    const auto pattern_end = std::min(pattern.find('.'), pattern.size());
    const auto key_end = std::min(key.find('.'), key.size());
    const auto word = key.substr(0, key_end);
    if (pattern.substr(0, pattern_end) == "N") {
      if (word.empty() || word.front() == '0' || word.size() > 3 || !only_digits(word)) return false;
    } else if (pattern.substr(0, pattern_end) != word) {
      return false;
    }
    // Both go on, or both end here.
    if ((pattern_end == pattern.size()) != (key_end == key.size())) return false;
    if (pattern_end == pattern.size()) return true;
    pattern.remove_prefix(pattern_end + 1);
    key.remove_prefix(key_end + 1);
  }
  return false;
}

}  // namespace puente::crosswalk
