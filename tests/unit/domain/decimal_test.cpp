#include "mappings/domain/decimal.h"

#include <gtest/gtest.h>

#include <boost/multiprecision/cpp_int.hpp>
#include <random>
#include <stdexcept>

namespace puente {
namespace {

Decimal decimal(std::string_view text) {
  const auto value = Decimal::parse(text);
  EXPECT_TRUE(value.has_value()) << text;
  return value.value_or(Decimal());
}

TEST(Decimal, Parse_TextThatIsNoDecimal_IsRefused) {
  for (const auto* text :
       {"", "-", ".", "1.2.3", "1e3", " 1", "1 ", "١", "0x1", "1,5", "1234567890123456789012345678901"})
    EXPECT_FALSE(Decimal::parse(text)) << text;
}

TEST(Decimal, Compare_DifferentScales_ByValue) {
  EXPECT_EQ(decimal("1.0"), decimal("1.00"));
  EXPECT_LT(decimal("-0.01"), decimal("0"));
  EXPECT_GT(decimal("2"), decimal("1.999999"));
}

// The examples of the AE chapter's rounding rule: 123.49 -> 123, 123.50 -> 124, 123.54500 -> 123.55.
TEST(Decimal, RoundHalfUp_ChapterExamples_AsPrinted) {
  EXPECT_EQ(decimal("123.49").to_fixed(0), "123");
  EXPECT_EQ(decimal("123.50").to_fixed(0), "124");
  EXPECT_EQ(decimal("123.54500").to_fixed(2), "123.55");
  EXPECT_EQ(decimal("-0.5").to_fixed(0), "-1");
  EXPECT_EQ(decimal("0.4").to_fixed(0), "0");
}

TEST(Decimal, RoundUp_PositiveRest_GoesUp) {
  EXPECT_EQ(decimal("1.001").round_up(2).to_string(), "1.01");
  EXPECT_EQ(decimal("-1.009").round_up(2).to_string(), "-1");
  EXPECT_EQ(decimal("1.009").truncate(2).to_string(), "1");
}

TEST(Decimal, Divide_RepeatingQuotient_RoundsAtTheAskedPlace) {
  EXPECT_EQ(decimal("2").divide(decimal("3"), 4).to_fixed(4), "0.6667");
  EXPECT_EQ(decimal("-1").divide(decimal("8"), 2).to_fixed(2), "-0.13");
  EXPECT_THROW(decimal("1").divide(Decimal(), 2), std::domain_error);
}

TEST(Decimal, Multiply_LargestCfdiAmountByExchangeRate_IsExact) {
  EXPECT_EQ((decimal("999999999999999999.999999") * decimal("0.054512")).to_string(), "54511999999999999.999999945488");
}

TEST(Decimal, Multiply_BeyondThirtyEightDigits_ThrowsInsteadOfWrapping) {
  const Decimal huge = decimal("999999999999999999999999999999");
  EXPECT_THROW(huge * huge, std::overflow_error);
}

TEST(Decimal, ToFixed_SmallFraction_KeepsLeadingZero) {
  EXPECT_EQ(decimal("0.05").to_fixed(2), "0.05");
  EXPECT_EQ(decimal("0.005").to_fixed(2), "0.01");
  EXPECT_EQ(decimal("12").to_fixed(2), "12.00");
  EXPECT_EQ(decimal("-0.00").to_string(), "0");
}

TEST(Decimal, SumAndProduct_RandomCents_AgreeWithIntegers) {
  std::mt19937_64 random(20261122);
  std::uniform_int_distribution<std::int64_t> cents(-1'000'000'000, 1'000'000'000);
  for (int i = 0; i < 2000; ++i) {
    const std::int64_t a = cents(random), b = cents(random);
    const auto text = [](std::int64_t value) {
      const std::string digits = std::to_string(value < 0 ? -value : value);
      const std::string padded = std::string(digits.size() < 3 ? 3 - digits.size() : 0, '0') + digits;
      return (value < 0 ? "-" : "") + padded.substr(0, padded.size() - 2) + "." + padded.substr(padded.size() - 2);
    };
    EXPECT_EQ((decimal(text(a)) + decimal(text(b))).to_fixed(2), decimal(text(a + b)).to_fixed(2));
    EXPECT_EQ((decimal(text(a)) - decimal(text(b))).to_fixed(2), decimal(text(a - b)).to_fixed(2));
    EXPECT_EQ(decimal(text(a)) < decimal(text(b)), a < b);
  }
}

// Another library's integers of any length say what is right: results that 38 digits hold are exact, others throw.
TEST(Decimal, Arithmetic_RandomMantissasAndScales_AgreesWithIntegersOfAnyLength) {
  using Integer = boost::multiprecision::cpp_int;
  constexpr int kPlaces = 60;
  const auto power = [](int exponent) -> Integer {
    return boost::multiprecision::pow(Integer(10), static_cast<unsigned>(exponent));
  };
  struct Exact {
    Integer mantissa;
    int scale;
  };
  const auto fixed = [&](const Exact& value) {
    const Integer shifted = value.mantissa * power(kPlaces - value.scale);
    std::string digits = Integer(abs(shifted)).str();
    if (digits.size() <= kPlaces) digits.insert(0, kPlaces + 1 - digits.size(), '0');
    digits.insert(digits.size() - kPlaces, 1, '.');
    return (shifted < 0 ? "-" : "") + digits;
  };
  const auto representable = [&](Exact value) {
    for (; value.scale > 0 && value.mantissa % 10 == 0; --value.scale) value.mantissa /= 10;
    return value.scale <= 30 && abs(value.mantissa) < power(38);
  };
  std::mt19937_64 random(20261123);
  const auto below = [&](unsigned n) { return static_cast<int>(random() % n); };
  const auto make = [&](Exact& exact) {
    std::string digits;
    for (int i = below(30); i >= 0; --i) digits += static_cast<char>('0' + (below(3) == 0 ? 0 : below(10)));
    const int scale = below(static_cast<unsigned>(digits.size()) + 1);
    const bool negative = below(2) == 0;
    exact = {Integer(digits.substr(std::min(digits.find_first_not_of('0'), digits.size() - 1))) * (negative ? -1 : 1),
             scale};
    digits.insert(digits.size() - static_cast<std::size_t>(scale), 1, '.');
    return decimal((negative ? "-" : "") + digits);
  };
  const auto expect = [&](const char* what, const auto& compute, const Exact& exact) {
    if (!representable(exact)) {
      EXPECT_THROW(compute(), std::overflow_error) << what << ' ' << fixed(exact);
    } else {
      EXPECT_EQ(compute().to_fixed(kPlaces), fixed(exact)) << what;
    }
  };
  for (int i = 0; i < 3000; ++i) {
    Exact x, y;
    const Decimal a = make(x), b = make(y);
    const int scale = std::max(x.scale, y.scale);
    const Integer left = x.mantissa * power(scale - x.scale), right = y.mantissa * power(scale - y.scale);
    if (abs(Integer(left + right)) < power(38)) expect("sum", [&] { return a + b; }, {left + right, scale});
    if (abs(Integer(left - right)) < power(38)) expect("difference", [&] { return a - b; }, {left - right, scale});
    expect("product", [&] { return a * b; }, {x.mantissa * y.mantissa, x.scale + y.scale});
    EXPECT_EQ(a < b, left < right);
    EXPECT_EQ(a == b, left == right);
    const int places = below(31);
    if (places >= x.scale) continue;
    const Integer unit = power(x.scale - places);
    Integer down = x.mantissa / unit, rest = x.mantissa % unit;
    const Integer away = x.mantissa < 0 ? -1 : 1;
    EXPECT_EQ(a.truncate(places).to_fixed(kPlaces), fixed({down, places}));
    EXPECT_EQ(a.round_up(places).to_fixed(kPlaces), fixed({rest > 0 ? Integer(down + 1) : down, places}));
    EXPECT_EQ(a.round_half_up(places).to_fixed(kPlaces),
              fixed({abs(rest) * 2 >= unit ? Integer(down + away) : down, places}));
    EXPECT_EQ(Decimal::parse(a.to_fixed(x.scale)), a);
  }
}

}  // namespace
}  // namespace puente
