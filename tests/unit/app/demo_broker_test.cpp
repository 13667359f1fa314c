#include "gateway/simulators/demo_broker.h"

#include <gtest/gtest.h>

namespace puente::simulators {
namespace {

// The rows of CBP's chapter on entry summaries, section 7.
TEST(EntryNumber, Serial_GetsCbpsCheckDigit) {
  EXPECT_EQ(entry_number("B76", 324527), "03245278");
  EXPECT_EQ(entry_number("ABC", 1234567), "12345676");
  EXPECT_EQ(entry_number("999", 9999999), "99999990");
  EXPECT_EQ(entry_number("ZZ9", 44203), "00442031");
}

TEST(EntryNumber, SerialOfEightDigits_IsNone) { EXPECT_EQ(entry_number("B76", 10'000'000), std::nullopt); }

TEST(EntryNumber, FilerCodeThatIsNone_HasNoNumber) { EXPECT_EQ(entry_number("", 1), std::nullopt); }

TEST(DemoBroker, GatewayThatIsAway_IsAFaultAndNotAnEndlessTry) {
  DemoBrokerOptions options;
  options.connection.address = "127.0.0.1:1";
  options.connection.certificate = options.connection.key = options.connection.authority = "/none.pem";
  const auto ended = run_demo_broker(options, {});
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code, "credentials_unreadable");
}

}  // namespace
}  // namespace puente::simulators
