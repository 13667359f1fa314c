#include <cstddef>

#include "mappings/cbp/filing.h"

namespace puente::cbp {
namespace {

// Letters of a filer code as digits: A to I and J to R are 1 to 9, S to Z are 2 to 9 (CATAIR appendix E).
std::optional<int> as_digit(char character) {
  if (character >= '0' && character <= '9') return character - '0';
  if (character >= 'A' && character <= 'I') return character - 'A' + 1;
  if (character >= 'J' && character <= 'R') return character - 'J' + 1;
  if (character >= 'S' && character <= 'Z') return character - 'S' + 2;
  return std::nullopt;
}

}  // namespace

std::optional<char> entry_check_digit(std::string_view filer_code, std::string_view seven_digits, int factor) {
  if (filer_code.size() != 3 || seven_digits.size() != 7 || factor < 0 || factor > 9) return std::nullopt;
  if (seven_digits.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  const std::string all = std::string(filer_code) + std::string(seven_digits);
  int sum = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const std::optional<int> digit = as_digit(all[i]);
    if (!digit) return std::nullopt;
    // Positions 2, 4, 6, 8, 10 count double; a product over 9 gets one more and keeps its units.
    const int doubled = *digit * 2;
    sum += i % 2 == 0 ? *digit : doubled > 9 ? (doubled + 1) % 10 : doubled;
  }
  return static_cast<char>('0' + ((10 - sum % 10) % 10 + factor) % 10);
}

}  // namespace puente::cbp
