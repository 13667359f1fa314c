#include "gateway/app/progress.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

namespace puente::app {
namespace {

using std::chrono::milliseconds;

TEST(ProgressLine, Halfway_ShowsCountRateAndTimeLeft) {
  EXPECT_EQ(progress_line(450, 1000, 0, milliseconds(3000), Language::en),
            "[#########...........]  450/1000  45%  150/s  3s left");
  EXPECT_EQ(progress_line(450, 1000, 2, milliseconds(3000), Language::es),
            "[#########...........]  450/1000  45%  150/s  3s restantes  2 rechazados");
}

TEST(ProgressLine, NothingDoneYet_PromisesNoTime) {
  EXPECT_EQ(progress_line(0, 10, 0, milliseconds(0), Language::en), "[....................]  0/10  0%  0/s");
}

class ProgressTest : public testing::Test {
 protected:
  std::ostringstream out_;
  std::chrono::steady_clock::time_point now_{};
  Progress::Clock clock_ = [this] { return now_; };
};

TEST_F(ProgressTest, Terminal_IsRedrawnAtMostTenTimesASecond) {
  Printer printer(out_, true, false);
  Progress progress(printer, 1000, Language::en, clock_);
  for (int i = 0; i < 1000; ++i) {
    now_ += milliseconds(1);
    progress.one(false);
  }
  const std::string text = out_.str();
  EXPECT_EQ(std::count(text.begin(), text.end(), '\r'), 10);
}

TEST_F(ProgressTest, Pipe_GetsPlainLinesOnly) {
  Printer printer(out_, false, false);
  {
    Progress progress(printer, 20, Language::en, clock_);
    for (int i = 0; i < 20; ++i) {
      now_ += milliseconds(1000);
      progress.one(i == 3);
    }
  }
  const std::string text = out_.str();
  EXPECT_EQ(text.find('\r'), std::string::npos);
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 3);  // at 10 s, at 20 s, at the end
  EXPECT_NE(text.find("20/20"), std::string::npos);
  EXPECT_NE(text.find("1 refused"), std::string::npos);
}

TEST_F(ProgressTest, OneDocument_NeedsNoBar) {
  Printer printer(out_, true, false);
  { Progress(printer, 1, Language::en, clock_).one(false); }
  EXPECT_EQ(out_.str(), "");
}

}  // namespace
}  // namespace puente::app
