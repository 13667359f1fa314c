#include "mappings/domain/decimal.h"

#include <gtest/gtest.h>

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
  for (const auto* text : {"", "-", ".", "1.2.3", "1e3", " 1", "1 ", "١", "0x1", "1,5", "1234567890123456789012345678901"})
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

}  // namespace
}  // namespace puente
