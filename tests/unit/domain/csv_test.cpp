#include "mappings/domain/csv.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace puente
