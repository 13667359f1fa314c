// Small tests on codes: digits, letters, masks; private to this room.
#pragma once

#include <algorithm>
#include <string_view>

namespace puente::crosswalk {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
constexpr bool is_alphanumeric(char c) { return is_digit(c) || is_upper(c); }

constexpr bool only_digits(std::string_view text) { return std::all_of(text.begin(), text.end(), is_digit); }
constexpr bool only_alphanumeric(std::string_view text) {
  return std::all_of(text.begin(), text.end(), is_alphanumeric);
}

// N a digit, A an upper-case letter, X either, anything else itself.
constexpr bool fits_mask(std::string_view mask, std::string_view text) {
  return mask.size() == text.size() && std::equal(mask.begin(), mask.end(), text.begin(), [](char m, char c) {
           switch (m) {
             case 'N':
               return is_digit(c);
             case 'A':
               return is_upper(c);
             case 'X':
               return is_alphanumeric(c);
             default:
               return m == c;
           }
         });
}

}  // namespace puente::crosswalk
