#include "mappings/cbp/catair/element.h"

#include <algorithm>
#include <cstddef>
#include <optional>

#include "mappings/domain/date.h"

namespace puente::cbp::catair {
namespace {

bool is_digit(char character) { return character >= '0' && character <= '9'; }
bool is_upper(char character) { return character >= 'A' && character <= 'Z'; }
bool all_digits(std::string_view text) { return !text.empty() && std::ranges::all_of(text, is_digit); }

std::size_t width_of(const Field& field) { return static_cast<std::size_t>(field.width()); }

std::string justified(const Field& field, std::string_view text) {
  const std::size_t gap = width_of(field) - text.size();
  if (field.justify == Justify::left) return std::string(text) + std::string(gap, ' ');
  return std::string(gap, field.cls == Class::N || field.cls == Class::SN ? '0' : ' ') + std::string(text);
}

Placed blank(const Field& field, Misfit misfit) { return {std::string(width_of(field), ' '), misfit}; }

// "1234.5" with two implied decimals: "123450". Nothing for what is not a number; more decimals than implied must be 0.
std::optional<std::string> implied(std::string_view value, std::size_t decimals, Misfit& misfit) {
  const std::size_t point = value.find('.');
  const std::string_view whole = value.substr(0, point);
  std::string_view fraction = point == std::string_view::npos ? std::string_view() : value.substr(point + 1);
  if (!all_digits(whole) || (point != std::string_view::npos && !all_digits(fraction))) {
    misfit = Misfit::not_number;
    return std::nullopt;
  }
  if (fraction.size() > decimals) {
    if (fraction.find_first_not_of('0', decimals) != std::string_view::npos) {
      misfit = Misfit::too_long;
      return std::nullopt;
    }
    fraction = fraction.substr(0, decimals);
  }
  std::string digits = std::string(whole) + std::string(fraction) + std::string(decimals - fraction.size(), '0');
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size() - 1));
  return digits;
}

std::string pointed(std::string_view digits, std::size_t decimals) {
  std::string whole(digits);
  if (whole.size() <= decimals) whole.insert(0, decimals + 1 - whole.size(), '0');
  std::string fraction = whole.substr(whole.size() - decimals);
  whole.resize(whole.size() - decimals);
  whole.erase(0, std::min(whole.find_first_not_of('0'), whole.size() - 1));
  return decimals == 0 ? whole : whole + "." + fraction;
}

std::optional<std::string> iso_date(std::string_view mmddyy) {
  if (mmddyy.size() != 6 || !all_digits(mmddyy)) return std::nullopt;
  std::string iso = "20";
  iso.append(mmddyy.substr(4, 2)).append("-").append(mmddyy.substr(0, 2)).append("-").append(mmddyy.substr(2, 2));
  return parse_date(iso) ? std::optional(iso) : std::nullopt;
}

}  // namespace

std::string_view trim_right(std::string_view text) {
  const std::size_t last = text.find_last_not_of(' ');
  return last == std::string_view::npos ? std::string_view() : text.substr(0, last + 1);
}

std::string_view trim(std::string_view text) {
  text = trim_right(text);
  return text.substr(std::min(text.find_first_not_of(' '), text.size()));
}

bool list_has(std::string_view list, std::string_view value) {
  while (true) {
    const std::size_t end = list.find(';');
    if (list.substr(0, end) == value) return true;
    if (end == std::string_view::npos) return false;
    list.remove_prefix(end + 1);
  }
}

bool is_listed(const Field& field, std::string_view value) {
  return field.values.empty() || list_has(field.values, value);
}

bool may_stand(const Field& field, char character) {
  if (character == ' ' || field.also.find(character) != std::string_view::npos) return true;
  switch (field.cls) {
    case Class::A:
      return is_upper(character);
    case Class::N:
    case Class::SN:
    case Class::D:
      return is_digit(character);
    case Class::AN:
      return is_upper(character) || is_digit(character);
    case Class::X:
      return character > ' ' && character <= '~' && !(character >= 'a' && character <= 'z');
    case Class::S:
      return false;
  }
  return false;
}

std::string unused(const Field& field) { return std::string(width_of(field), field.empty == Empty::zeros ? '0' : ' '); }

Placed place(const Field& field, std::string_view value) {
  if (value.empty()) return blank(field, Misfit::none);
  std::string text(value);
  if (field.is_number()) {
    Misfit misfit = Misfit::none;
    const std::optional<std::string> digits = implied(value, static_cast<std::size_t>(field.decimals), misfit);
    if (!digits) return blank(field, misfit);
    text = *digits;
  } else if (field.is_date()) {
    const std::optional<Date> date = parse_date(value);
    if (!date || date->year() < std::chrono::year(2000) || date->year() > std::chrono::year(2099))
      return blank(field, Misfit::not_date);
    text = to_mmddyy(*date);
  }
  const bool digits_only = field.cls == Class::N || field.cls == Class::SN || field.cls == Class::D;
  const auto allowed = [&](char character) {
    return may_stand(field, character) && !(digits_only && character == ' ');
  };
  if (!std::ranges::all_of(text, allowed)) return blank(field, Misfit::character);
  if (text.size() > width_of(field)) return blank(field, Misfit::too_long);
  return {justified(field, text), is_listed(field, text) ? Misfit::none : Misfit::not_listed};
}

Taken take(const Field& field, std::string_view columns) {
  Taken taken;
  taken.text = trim_right(columns);
  if (taken.text.empty()) {
    taken.misfit = field.empty == Empty::never ? Misfit::missing : Misfit::none;
    return taken;
  }
  taken.value = taken.text;
  if (!std::ranges::all_of(columns, [&](char character) { return may_stand(field, character); })) {
    taken.misfit = Misfit::character;
    return taken;
  }
  if (field.is_date()) {
    const std::optional<std::string> iso = iso_date(columns);
    if (!iso) taken.misfit = Misfit::not_date;
    taken.value = iso.value_or(taken.text);
    return taken;
  }
  if (field.cls == Class::N || field.cls == Class::SN) {
    // (S)N allows spaces before the digits, and no class of digits allows any after or between.
    const std::string_view digits = field.cls == Class::SN ? columns.substr(columns.find_first_not_of(' ')) : columns;
    if (!all_digits(digits)) {
      taken.misfit = Misfit::not_number;
      return taken;
    }
    if (field.is_number()) {
      taken.text = digits;
      taken.value = pointed(digits, static_cast<std::size_t>(field.decimals));
      if (!is_listed(field, digits)) taken.misfit = Misfit::not_listed;
      return taken;
    }
  }
  if (!is_listed(field, taken.text)) taken.misfit = Misfit::not_listed;
  return taken;
}

}  // namespace puente::cbp::catair
