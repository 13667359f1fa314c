#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "mappings/cbp/filing.h"

namespace puente::cbp {
namespace {

std::string lines(const std::vector<std::string>& list) {
  std::string text;
  for (std::string line : list) {
    line.resize(80, ' ');
    text += line + "\n";
  }
  return text;
}

TEST(ReadAnswers, RejectedRelease_HasConditionAndDisposition) {
  const std::vector<Answer> answers = read_answers(
      lines({"A2304ZZ9      031626     SX", "B  2304ZZ9SX                                               PUENTE000117",
             "SE10AZZ9  12345677 01EI 12-34567890030800000150002304", "SE9011119VALUE LESS THAN ALL LINE-ITEM VALUES",
             "SE9001   SE DATA REJECTED", "Y  2304ZZ9SX00003", "Z2304ZZ9      031626"}));
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_EQ(answers[0].application, "SX");
  EXPECT_EQ(answers[0].filer_code, "ZZ9");
  EXPECT_EQ(answers[0].entry_number, "12345677");
  EXPECT_EQ(answers[0].block_text, "PUENTE000117");
  ASSERT_EQ(answers[0].lines.size(), 3u);
  EXPECT_EQ(answers[0].lines[0].disposition_code, "");
  EXPECT_EQ(answers[0].lines[1].disposition_code, "11 119");
  EXPECT_EQ(answers[0].lines[2].disposition_code, "01");
  EXPECT_EQ(answers[0].lines[2].disposition_text, "SE DATA REJECTED");
}

TEST(ReadAnswers, StatusNotification_HasReferenceAndEveryDisposition) {
  const std::vector<Answer> answers =
      read_answers(lines({"A2304ZZ9      031626     SO", "B  2304ZZ9SO",
                          "SO102304ZZ9  12345677 0112-345678900TMXF                    00417031626", "SO20CR P26000117",
                          "SO50031626165595BILL ARRIVED                            N",
                          "SO60031626165698RELEASED                                03162603",
                          "SO70FDAFOO031626151007MAY PROCEED                   072300101001              04",
                          "Y  2304ZZ9SO00005", "Z2304ZZ9      031626"}));
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_EQ(answers[0].application, "SO");
  EXPECT_EQ(answers[0].reference, "P26000117");
  ASSERT_EQ(answers[0].lines.size(), 5u);
  EXPECT_EQ(answers[0].lines[2].disposition_code, "95");
  EXPECT_EQ(answers[0].lines[3].disposition_code, "98");
  EXPECT_EQ(answers[0].lines[3].disposition_text, "RELEASED");
  EXPECT_EQ(answers[0].lines[4].disposition_code, "07 07");
}

TEST(ReadAnswers, TwoSummariesInOneBlock_AreTwoAnswers) {
  const std::vector<Answer> answers =
      read_answers(lines({"A2304ZZ9      111926     AX                                PUENTE-AE-00004417",
                          "B  2304ZZ9AX", "E0 SUMMRY 000001 REF ID: ZZ9 00441702 P26004417    7A1",
                          "E1A 995   SUMMARY HAS BEEN ADDED                  ZZ9  0044170200100P26004417",
                          "E0 SUMMRY 000002 REF ID: ZZ9 00442031 P26004420",
                          "E1 F657   FEE MISSING                             ZZ9  00442031     P26004420",
                          "E1RF998   TRANSACTION DATA REJECTED               ZZ9  00442031     P26004420",
                          "Y  2304ZZ9AX00005", "Z2304ZZ9      111926"}));
  ASSERT_EQ(answers.size(), 2u);
  EXPECT_EQ(answers[0].entry_number, "00441702");
  EXPECT_EQ(answers[0].user_text, "PUENTE-AE-00004417");
  EXPECT_EQ(answers[0].lines[1].disposition_code, "995");
  EXPECT_EQ(answers[1].reference, "P26004420");
  ASSERT_EQ(answers[1].lines.size(), 3u);
  EXPECT_EQ(answers[1].lines[2].disposition_code, "998");
}

TEST(ReadAnswers, RejectedBatch_HasNoApplicationAndItsConditions) {
  const std::vector<Answer> answers = read_answers(lines(
      {"A2304ZZ9      111926                                       PUENTE-AE-00004424",
       "B                                                                              B",
       "X0 BLOCK  000001 REF ID: 2304 ZZ9    AE BLK-004422-01", "X1RFX32   Y-REC DOES NOT MATCH B-REC",
       "X1RF999   BATCH REJECTED", "Y           00003                                                              Y",
       "Z                                                                              Z"}));
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_EQ(answers[0].application, "");
  EXPECT_EQ(answers[0].user_text, "PUENTE-AE-00004424");
  ASSERT_EQ(answers[0].lines.size(), 3u);
  EXPECT_EQ(answers[0].lines[1].disposition_code, "X32");
}

TEST(ReadAnswers, UnknownText_IsKeptLineByLine) {
  const std::vector<Answer> answers = read_answers("the broker wrote a letter\r\nof two lines\n");
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_EQ(answers[0].application, "");
  ASSERT_EQ(answers[0].lines.size(), 2u);
  EXPECT_EQ(answers[0].lines[1].line, "of two lines");
  EXPECT_TRUE(read_answers("").empty());
  EXPECT_EQ(read_answers(lines({"A2304ZZ9      111926     SX"})).size(), 1u);
}

TEST(ReadAnswers, LinesWithoutTheirEnvelope_StillSayWhoseTheyAre) {
  const std::vector<Answer> answers =
      read_answers(lines({"SE10AZZ9  12345677 01EI 12-34567890030800000184502304", "SE9002   SE DATA ACCEPTED"}));
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_EQ(answers[0].application, "SX");
  EXPECT_EQ(answers[0].entry_number, "12345677");
}

}  // namespace
}  // namespace puente::cbp
