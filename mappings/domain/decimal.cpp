#include "mappings/domain/decimal.h"

#include <algorithm>
#include <array>
#include <boost/multiprecision/cpp_int.hpp>
#include <stdexcept>

namespace puente {
namespace {

using Wide = boost::multiprecision::int512_t;

constexpr int kMaxDigits = 38;
constexpr int kMaxScale = 30;

Wide pow10(int exponent) {
  Wide result = 1;
  for (int i = 0; i < exponent; ++i) result *= 10;
  return result;
}

Wide widen(__int128 value) {
  const bool negative = value < 0;
  const auto magnitude = negative ? ~static_cast<unsigned __int128>(value) + 1 : static_cast<unsigned __int128>(value);
  Wide wide = static_cast<std::uint64_t>(magnitude >> 64);
  wide <<= 64;
  wide += static_cast<std::uint64_t>(magnitude);
  return negative ? Wide(-wide) : wide;
}

__int128 narrow(const Wide& wide) {
  static const Wide limit = pow10(kMaxDigits);
  if (wide >= limit || wide <= -limit) throw std::overflow_error("decimal beyond 38 digits");
  const bool negative = wide < 0;
  const Wide magnitude = negative ? Wide(-wide) : wide;
  const auto high = static_cast<std::uint64_t>(magnitude >> 64);
  const auto low = static_cast<std::uint64_t>(magnitude & Wide(~std::uint64_t{0}));
  const auto value = (static_cast<unsigned __int128>(high) << 64) | low;
  return negative ? -static_cast<__int128>(value) : static_cast<__int128>(value);
}

// Most numbers of a document fit 128 bits with room for their scales: those never see the wide integers.
using Narrow = __int128;
constexpr int kNarrowDigits = 38;
constexpr auto kNarrowPowers = [] {
  std::array<Narrow, kNarrowDigits + 1> powers{};
  Narrow power = 1;
  for (auto& p : powers) {
    p = power;
    if (&p != &powers.back()) power *= 10;
  }
  return powers;
}();
constexpr Narrow kLimit = kNarrowPowers[kMaxDigits];

constexpr bool fits(Narrow value) { return value < kLimit && value > -kLimit; }

// value * 10^digits; false when it leaves 128 bits.
bool shift_left(Narrow value, int digits, Narrow& shifted) {
  return digits <= kNarrowDigits &&
         !__builtin_mul_overflow(value, kNarrowPowers[static_cast<std::size_t>(digits)], &shifted);
}

// Both mantissas at the larger scale; false when they leave 128 bits.
bool align(Narrow a, int a_scale, Narrow b, int b_scale, Narrow& left, Narrow& right) {
  const int scale = std::max(a_scale, b_scale);
  return shift_left(a, scale - a_scale, left) && shift_left(b, scale - b_scale, right);
}

// Digits that shift_right() can take off a mantissa.
constexpr bool within_narrow(int digits) { return digits > 0 && digits <= kMaxScale; }

enum class Rounding { half_up, up, truncate };

// value / 10^digits with the asked rounding, for a mantissa and digits within_narrow().
Narrow shift_right(Narrow value, int digits, Rounding rounding) {
  const Narrow power = kNarrowPowers[static_cast<std::size_t>(digits)];
  constexpr Narrow kSmall = INT64_MAX;
  const bool small = value <= kSmall && value >= -kSmall && power <= kSmall;  // the processor divides these itself
  Narrow quotient = small ? static_cast<std::int64_t>(value) / static_cast<std::int64_t>(power) : value / power;
  const Narrow rest = value - quotient * power;
  switch (rounding) {
    case Rounding::half_up:
      if ((rest < 0 ? -rest : rest) * 2 >= power) quotient += value < 0 ? -1 : 1;
      break;
    case Rounding::up:
      if (rest > 0) quotient += 1;
      break;
    case Rounding::truncate:
      break;
  }
  return quotient;
}

// wide / 10^digits with the asked rounding.
Wide shift_right(const Wide& wide, int digits, Rounding rounding) {
  if (digits <= 0) return wide * pow10(-digits);
  const Wide power = pow10(digits);
  Wide quotient = wide / power;  // truncates towards zero
  const Wide rest = wide % power;
  switch (rounding) {
    case Rounding::half_up:
      if (abs(rest) * 2 >= power) quotient += wide < 0 ? -1 : 1;
      break;
    case Rounding::up:
      if (rest > 0) quotient += 1;
      break;
    case Rounding::truncate:
      break;
  }
  return quotient;
}

}  // namespace

std::optional<Decimal> Decimal::parse(std::string_view text) {
  bool negative = false;
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) {
    negative = text.front() == '-';
    text.remove_prefix(1);
  }
  constexpr int kSmallDigits = 18;  // that 64 bits hold
  std::uint64_t small = 0;
  __int128 mantissa = 0;
  int digits = 0;
  int scale = -1;
  for (const char c : text) {
    if (c == '.') {
      if (scale >= 0) return std::nullopt;
      scale = 0;
      continue;
    }
    if (c < '0' || c > '9') return std::nullopt;
    if (++digits > 30) return std::nullopt;
    if (digits <= kSmallDigits) {
      small = small * 10 + static_cast<std::uint64_t>(c - '0');
    } else {
      mantissa = (digits == kSmallDigits + 1 ? static_cast<__int128>(small) : mantissa) * 10 + (c - '0');
    }
    if (scale >= 0) ++scale;
  }
  if (digits == 0) return std::nullopt;
  if (digits <= kSmallDigits) mantissa = small;
  return Decimal(negative ? -mantissa : mantissa, std::max(scale, 0));
}

Decimal Decimal::round_half_up(int places) const {
  if (places >= scale_) return *this;
  if (within_narrow(scale_ - places))
    return Decimal(shift_right(mantissa_, scale_ - places, Rounding::half_up), places);
  return Decimal(narrow(shift_right(widen(mantissa_), scale_ - places, Rounding::half_up)), places);
}

Decimal Decimal::round_up(int places) const {
  if (places >= scale_) return *this;
  if (within_narrow(scale_ - places)) return Decimal(shift_right(mantissa_, scale_ - places, Rounding::up), places);
  return Decimal(narrow(shift_right(widen(mantissa_), scale_ - places, Rounding::up)), places);
}

Decimal Decimal::truncate(int places) const {
  if (places >= scale_) return *this;
  if (within_narrow(scale_ - places))
    return Decimal(shift_right(mantissa_, scale_ - places, Rounding::truncate), places);
  return Decimal(narrow(shift_right(widen(mantissa_), scale_ - places, Rounding::truncate)), places);
}

Decimal Decimal::divide(const Decimal& divisor, int places) const {
  if (divisor.mantissa_ == 0) throw std::domain_error("decimal division by zero");
  // mantissa / 10^scale / (d / 10^ds) = mantissa * 10^(ds - scale) / d, wanted with `places` digits and one half bit.
  Wide numerator = widen(mantissa_);
  Wide denominator = widen(divisor.mantissa_);
  const int shift = divisor.scale_ - scale_ + places;
  if (shift >= 0) {
    numerator *= pow10(shift);
  } else {
    denominator *= pow10(-shift);
  }
  if (denominator < 0) {
    denominator = -denominator;
    numerator = -numerator;
  }
  Wide quotient = numerator / denominator;
  const Wide rest = numerator % denominator;
  if (abs(rest) * 2 >= denominator) quotient += numerator < 0 ? -1 : 1;
  return Decimal(narrow(quotient), places);
}

std::string Decimal::to_fixed(int places) const {
  if (places == scale_ && scale_ <= kMaxScale) {
    char text[kMaxDigits + kMaxScale + 3];
    char* const end = text + sizeof text;
    char* at = end;
    auto rest = static_cast<unsigned __int128>(mantissa_ < 0 ? -mantissa_ : mantissa_);
    for (int digits = 0; rest > 0 || digits <= scale_; ++digits) {
      if (digits == scale_ && scale_ > 0) *--at = '.';
      const bool small = rest <= UINT64_MAX;
      const auto digit =
          small ? static_cast<unsigned>(static_cast<std::uint64_t>(rest) % 10) : static_cast<unsigned>(rest % 10);
      rest = small ? static_cast<std::uint64_t>(rest) / 10 : rest / 10;
      *--at = static_cast<char>('0' + digit);
    }
    if (mantissa_ < 0) *--at = '-';
    return {at, static_cast<std::size_t>(end - at)};
  }
  const Wide wide = shift_right(widen(mantissa_), scale_ - places, Rounding::half_up);
  const bool negative = wide < 0;
  std::string digits = Wide(abs(wide)).str();
  if (digits.size() <= static_cast<std::size_t>(places))
    digits.insert(0, static_cast<std::size_t>(places) + 1 - digits.size(), '0');
  if (places > 0) digits.insert(digits.size() - static_cast<std::size_t>(places), 1, '.');
  return negative ? "-" + digits : digits;
}

std::string Decimal::to_string() const {
  std::string text = to_fixed(scale_);
  if (scale_ == 0) return text;
  text.erase(text.find_last_not_of('0') + 1);
  if (text.back() == '.') text.pop_back();
  return text == "-0" ? "0" : text;
}

std::int64_t Decimal::to_int64() const {
  const Wide whole = shift_right(widen(mantissa_), scale_, Rounding::truncate);
  if (whole > INT64_MAX || whole < INT64_MIN) throw std::overflow_error("decimal beyond 64 bits");
  return static_cast<std::int64_t>(whole);
}

Decimal operator+(const Decimal& a, const Decimal& b) {
  const int scale = std::max(a.scale_, b.scale_);
  Narrow left = 0, right = 0, result = 0;
  if (align(a.mantissa_, a.scale_, b.mantissa_, b.scale_, left, right) &&
      !__builtin_add_overflow(left, right, &result) && fits(result))
    return Decimal(result, scale);
  return Decimal(narrow(widen(a.mantissa_) * pow10(scale - a.scale_) + widen(b.mantissa_) * pow10(scale - b.scale_)),
                 scale);
}

Decimal operator-(const Decimal& a, const Decimal& b) {
  const int scale = std::max(a.scale_, b.scale_);
  Narrow left = 0, right = 0, result = 0;
  if (align(a.mantissa_, a.scale_, b.mantissa_, b.scale_, left, right) &&
      !__builtin_sub_overflow(left, right, &result) && fits(result))
    return Decimal(result, scale);
  return Decimal(narrow(widen(a.mantissa_) * pow10(scale - a.scale_) - widen(b.mantissa_) * pow10(scale - b.scale_)),
                 scale);
}

Decimal operator*(const Decimal& a, const Decimal& b) {
  int scale = a.scale_ + b.scale_;
  if (Narrow result = 0;
      scale <= kMaxScale && !__builtin_mul_overflow(a.mantissa_, b.mantissa_, &result) && fits(result))
    return Decimal(result, scale);
  Wide product = widen(a.mantissa_) * widen(b.mantissa_);
  while (scale > kMaxScale || (scale > 0 && product % 10 == 0 && abs(product) >= pow10(kMaxDigits))) {
    if (product % 10 != 0) throw std::overflow_error("decimal beyond its scale");
    product /= 10;
    --scale;
  }
  return Decimal(narrow(product), scale);
}

std::strong_ordering operator<=>(const Decimal& a, const Decimal& b) {
  if (Narrow left = 0, right = 0; align(a.mantissa_, a.scale_, b.mantissa_, b.scale_, left, right)) {
    if (left == right) return std::strong_ordering::equal;
    return left < right ? std::strong_ordering::less : std::strong_ordering::greater;
  }
  const int scale = std::max(a.scale_, b.scale_);
  const Wide left = widen(a.mantissa_) * pow10(scale - a.scale_);
  const Wide right = widen(b.mantissa_) * pow10(scale - b.scale_);
  if (left < right) return std::strong_ordering::less;
  if (left > right) return std::strong_ordering::greater;
  return std::strong_ordering::equal;
}

}  // namespace puente
