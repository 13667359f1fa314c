#include "mappings/domain/date.h"

#include <gtest/gtest.h>

namespace puente {
namespace {

TEST(Date, Parse_ImpossibleDays_AreRefused) {
  for (const auto* text : {"2026-02-29", "2026-13-01", "2026-00-10", "2026-1-10", "26-01-10", "2026-01-10 ", "2026/01/10"})
    EXPECT_FALSE(parse_date(text)) << text;
  EXPECT_TRUE(parse_date("2028-02-29"));
}

TEST(Date, Mmddyy_AsCatairClassD) { EXPECT_EQ(to_mmddyy(*parse_date("2026-11-09")), "110926"); }

TEST(LocalTime, Parse_OffsetWritten_IsKeptAndLocalTimeUntouched) {
  const auto time = parse_local_time("2026-11-11T09:30:00-06:00");
  ASSERT_TRUE(time);
  EXPECT_EQ(time->utc_offset_minutes, -360);
  EXPECT_EQ(time->to_string(), "2026-11-11T09:30:00");
  EXPECT_EQ(parse_local_time("2026-11-11T09:30:00Z")->utc_offset_minutes, 0);
  EXPECT_FALSE(parse_local_time("2026-11-11T09:30:00")->utc_offset_minutes);
}

TEST(LocalTime, Parse_BrokenTexts_AreRefused) {
  for (const auto* text : {"2026-11-11", "2026-11-11T24:00:00", "2026-11-11T09:60:00", "2026-11-11T09:30:00.",
                           "2026-11-11T09:30:00-6:00", "2026-11-11T09:30:00+15:00", "2026-11-11T09:30:00 -06:00"})
    EXPECT_FALSE(parse_local_time(text)) << text;
}

}  // namespace
}  // namespace puente
