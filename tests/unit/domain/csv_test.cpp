#include "mappings/domain/csv.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace puente {
namespace {

TEST(Csv, Parse_QuotedCommasQuotesAndLineBreaks_AsRfc4180) {
  const auto table = parse_csv("\xEF\xBB\xBFpart,text\r\nA,\"one, \"\"two\"\"\nthree\"\r\nB,\n", "x.csv");
  ASSERT_TRUE(table) << table.error().text;
  ASSERT_EQ(table->rows.size(), 2u);
  EXPECT_EQ(table->header, (std::vector<std::string>{"part", "text"}));
  EXPECT_EQ(table->rows[0].cells[1], "one, \"two\"\nthree");
  EXPECT_EQ(table->rows[0].line, 2u);
  EXPECT_EQ(table->rows[1].line, 4u);
  EXPECT_EQ(table->rows[1].cells[1], "");
}

TEST(Csv, Parse_RowLongerThanHeader_NamesFileAndLine) {
  const auto table = parse_csv("a,b\n1,2\n1,2,3\n", "catalog.csv");
  ASSERT_FALSE(table);
  EXPECT_EQ(table.error().code, "csv_invalid");
  EXPECT_NE(table.error().text.find("catalog.csv:3"), std::string::npos) << table.error().text;
}

TEST(Csv, Parse_UnbalancedQuote_IsAFaultNotACrash) {
  EXPECT_FALSE(parse_csv("a,b\n\"1,2\n", "x.csv"));
  EXPECT_FALSE(parse_csv("", "x.csv"));
}

TEST(Csv, Parse_NotUtf8OrNul_NamesFileAndLine) {
  using namespace std::string_view_literals;
  for (const std::string_view cell :
       {"Espa\xF1\x61"sv, "\xC0\xAF"sv, "\xED\xA0\x80"sv, "\xF5\x80\x80\x80"sv, "\xE2\x82"sv}) {
    const auto table = parse_csv("part,text\nA,ok\nB," + std::string(cell) + "\n", "catalog.csv");
    ASSERT_FALSE(table);
    EXPECT_EQ(table.error().code, "csv_invalid");
    EXPECT_EQ(table.error().text, "catalog.csv:3: not UTF-8 (save as CSV UTF-8)");
  }
  const auto table = parse_csv("part,text\nA,o\0k\n"sv, "catalog.csv");
  ASSERT_FALSE(table);
  EXPECT_EQ(table.error().text, "catalog.csv:2: NUL character (save as CSV UTF-8)");
}

TEST(Csv, Parse_WellFormedUtf8OfEveryLength_IsKept) {
  const auto table = parse_csv("part\nA\u00F1\u20AC\U0001F69A\n", "x.csv");
  ASSERT_TRUE(table) << table.error().text;
  EXPECT_EQ(table->rows[0].cells[0], "A\u00F1\u20AC\U0001F69A");
}

TEST(Csv, Parse_SemicolonsInHeader_SaysThatTheSeparatorIsAComma) {
  const auto table = parse_csv("part;text\nA;\"one; two\"\n", "catalog.csv");
  ASSERT_FALSE(table);
  EXPECT_EQ(table.error().text, "catalog.csv:1: the header is separated by semicolons; the separator must be a comma");
}

}  // namespace
}  // namespace puente
