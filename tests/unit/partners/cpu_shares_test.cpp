#include "gateway/partners/cpu_shares.h"

#include <gtest/gtest.h>

namespace puente::partners {
namespace {

using namespace std::chrono_literals;

class CpuSharesTest : public testing::Test {
 protected:
  static std::shared_ptr<const Registry> registry() {
    return *Registry::parse("r.toml", "[partner.acme]\nroles = [\"ops\"]\nkeys = [{ spki_sha256 = \"" +
                                          std::string(64, 'a') + "\" }]\nlimits.cpu_seconds_per_minute = 6\n");
  }
  CpuShares::Time now_{1000h};
  Partners partners_{registry()};
  CpuShares shares_{partners_, [this] { return now_; }};
};

TEST_F(CpuSharesTest, Used_AMinutesShare_BehindUntilForgiven) {
  shares_.charge("acme", 6s);
  EXPECT_FALSE(shares_.behind("acme"));
  shares_.charge("acme", 1s);
  EXPECT_TRUE(shares_.behind("acme"));
  EXPECT_EQ(shares_.behind(), std::vector<std::string>{"acme"});
  EXPECT_FALSE(shares_.behind("other"));
  now_ += 11s;  // a tenth of a second each second
  EXPECT_FALSE(shares_.behind("acme"));
  EXPECT_TRUE(shares_.behind().empty());
}

TEST_F(CpuSharesTest, Meter_WorkOfThisThread_Charged) {
  std::uint64_t work = 1;
  {
    const CpuShares::Meter meter(shares_, "busy");
    const auto end = std::chrono::steady_clock::now() + 50ms;
    while (std::chrono::steady_clock::now() < end) work = work * 31 + 7;
  }
  EXPECT_NE(work, 0U);
  shares_.charge("busy", 20s - 1us);
  EXPECT_TRUE(shares_.behind("busy")) << "what the meter saw was not charged";
}

}  // namespace
}  // namespace puente::partners
