// The table of fault points: each name is crossed where its row says and nowhere else, and an armed point does what was ordered. The
// crash test (K-2) sees each of them end the process.
#include "gateway/ops/fault_points.h"

#include <gtest/gtest.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <stdexcept>
#include <string>
#include <vector>

namespace puente::ops {
namespace {

namespace fs = std::filesystem;

std::map<std::string, std::vector<std::string>> crossings_of_product() {
  static const std::regex kCrossing(R"(cross\((?:ops::)?FaultPoint::([a-z_0-9]+))");
  std::map<std::string, std::vector<std::string>> found;
  const fs::path root = PUENTE_SOURCE_DIR;
  for (const auto* top : {"mappings", "gateway"})
    for (const auto& entry : fs::recursive_directory_iterator(root / top)) {
      if (entry.path().extension() != ".cpp") continue;
      std::ifstream in(entry.path());
      const std::string text{std::istreambuf_iterator<char>(in), {}};
      for (std::sregex_iterator match(text.begin(), text.end(), kCrossing), end; match != end; ++match)
        found[(*match)[1]].push_back(fs::relative(entry.path(), root).generic_string());
    }
  return found;
}

TEST(FaultPoints, EachRow_IsCrossedOnceAndWhereItSays) {
  auto found = crossings_of_product();
  EXPECT_GE(fault_points().size(), 40u);
  for (const auto& row : fault_points()) {
    EXPECT_EQ(found[std::string(row.name)], std::vector<std::string>{std::string(row.file)}) << row.name;
    EXPECT_FALSE(row.sentence.empty()) << row.name;
    found.erase(std::string(row.name));
  }
  for (const auto& [name, files] : found) ADD_FAILURE() << name << " is crossed in " << files.front() << " and has no row";
}

// Orders are read once a process: each case runs in a child of its own.
class Armed : public testing::Test {
 protected:
  Armed() { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

void arm(const char* order) { ::setenv("PUENTE_FAULT_POINT", order, 1); }

TEST_F(Armed, TheNthCrossing_KillsTheProcess) {
  EXPECT_EXIT(
      {
        arm("accept_committed:3");
        cross(FaultPoint::accept_committed);
        cross(FaultPoint::accept_answered);
        cross(FaultPoint::accept_committed);
        std::fputs("alive\n", stderr);
        cross(FaultPoint::accept_committed);
        std::exit(0);
      },
      testing::KilledBySignal(SIGKILL), "alive\n.*\"point\":\"accept_committed\"");
}

TEST_F(Armed, Subject_OnlyItsCrossingsCount) {
  EXPECT_EXIT(
      {
        arm("read_begun:0:throw:POISON,accept_committed:1");
        cross(FaultPoint::read_begun, "SOUND");
        int thrown = 0;
        for (int i = 0; i < 2; ++i) try {
            cross(FaultPoint::read_begun, "POISON");
          } catch (const std::runtime_error&) {
            ++thrown;
          }
        std::exit(thrown);
      },
      testing::ExitedWithCode(2), "read_begun");
}

TEST_F(Armed, UnknownName_EndsTheProcess) {
  EXPECT_EXIT(
      {
        arm("accept_comitted:1");
        cross(FaultPoint::accept_before_write);
        std::exit(0);
      },
      testing::ExitedWithCode(64), "fault_point_unknown");
}

TEST_F(Armed, Production_RefusesOrders) {
  EXPECT_EXIT(
      {
        arm("accept_committed:1");
        const auto refused = permit_fault_points(true);
        std::exit(permit_fault_points(false) && !refused && refused.error().code == "fault_points_refused" ? 7 : 0);
      },
      testing::ExitedWithCode(7), "");
}

TEST(FaultPoints, WithoutOrders_ProductionStarts) { EXPECT_TRUE(permit_fault_points(true)); }

}  // namespace
}  // namespace puente::ops
