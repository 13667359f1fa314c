// Exact decimal arithmetic for money, quantities, weights and rates. No float ever holds one of these.
//
// A Decimal is an integer of at most 38 digits and a scale (digits after the point, 0 to 30). CFDI amounts have 18 + 6
// digits, so a product of an amount and a rate of 12 digits is exact. Arithmetic that leaves 38 digits throws
// std::overflow_error; `draft` catches it and reports DRAFT_VALUE_OUT_OF_RANGE, so hostile amounts cannot crash.
// Values are immutable and may be shared between threads.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace puente {

class Decimal {
 public:
  constexpr Decimal() = default;
  constexpr Decimal(std::int64_t whole) : mantissa_(whole) {}  // NOLINT(google-explicit-constructor): whole numbers are decimals

  // "12", "-0.50", "+3"; digits with at most one point, no exponent, no blanks, at most 30 digits. Else nullopt.
  static std::optional<Decimal> parse(std::string_view text);

  // Rounds half up (away from zero at the half) to `places` digits after the point, as CATAIR AE section 8 asks.
  Decimal round_half_up(int places) const;
  // Towards positive infinity.
  Decimal round_up(int places) const;
  Decimal truncate(int places) const;

  // The quotient rounded half up to `places`; the divisor must not be zero (std::domain_error).
  Decimal divide(const Decimal& divisor, int places) const;

  // Exactly `places` digits after the point ("12.50"), rounded half up.
  std::string to_fixed(int places) const;
  // As few digits after the point as the value needs ("12.5", "12").
  std::string to_string() const;
  // Whole part, truncated; throws std::overflow_error beyond 64 bits.
  std::int64_t to_int64() const;

  int scale() const { return scale_; }
  bool is_zero() const { return mantissa_ == 0; }
  bool is_negative() const { return mantissa_ < 0; }

  friend Decimal operator+(const Decimal& a, const Decimal& b);
  friend Decimal operator-(const Decimal& a, const Decimal& b);
  friend Decimal operator*(const Decimal& a, const Decimal& b);
  Decimal& operator+=(const Decimal& other) { return *this = *this + other; }
  Decimal& operator-=(const Decimal& other) { return *this = *this - other; }
  // By value: 1.0 == 1.00.
  friend bool operator==(const Decimal& a, const Decimal& b) { return (a <=> b) == std::strong_ordering::equal; }
  friend std::strong_ordering operator<=>(const Decimal& a, const Decimal& b);

 private:
  constexpr Decimal(__int128 mantissa, int scale) : mantissa_(mantissa), scale_(scale) {}
  __int128 mantissa_ = 0;
  int scale_ = 0;
};

}  // namespace puente
