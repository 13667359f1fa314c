#include "mappings/findings/findings.h"

#include <gtest/gtest.h>

#include <regex>
#include <set>

namespace puente {
namespace {

std::set<std::string> placeholders(std::string_view text) {
  static const std::regex kName(R"(\{([a-z0-9_]+)\})");
  std::set<std::string> names;
  const std::string owned(text);
  for (std::sregex_iterator it(owned.begin(), owned.end(), kName), end; it != end; ++it) names.insert((*it)[1]);
  return names;
}

TEST(FindingCatalogue, EveryRow_HasBothLanguagesAndARemedy) {
  ASSERT_GT(finding_catalogue().size(), 150u);
  for (const auto& row : finding_catalogue()) {
    EXPECT_FALSE(row.message_en.empty()) << row.code;
    EXPECT_FALSE(row.message_es.empty()) << row.code;
    EXPECT_FALSE(row.remedy_en.empty()) << row.code;
    EXPECT_FALSE(row.remedy_es.empty()) << row.code;
    EXPECT_FALSE(row.stage.empty()) << row.code;
    EXPECT_TRUE(std::regex_match(std::string(row.code), std::regex("[A-Z][A-Z0-9_]+"))) << row.code;
  }
}

TEST(FindingCatalogue, BothLanguages_NameTheSameParameters) {
  for (const auto& row : finding_catalogue()) EXPECT_EQ(placeholders(row.message_en), placeholders(row.message_es)) << row.code;
}

TEST(Findings, Add_FillsParametersIntoBothLanguages) {
  Findings findings;
  findings.add("CATALOG_MISSING", {{"part", "BR-320V"}});
  EXPECT_NE(findings.list()[0].en().find("BR-320V"), std::string::npos);
  EXPECT_NE(findings.list()[0].es().find("BR-320V"), std::string::npos);
  EXPECT_EQ(findings.list()[0].severity(), Severity::SEVERITY_ERROR);
  EXPECT_EQ(findings.list()[0].params().at("part"), "BR-320V");
}

TEST(Findings, Add_BeyondTheLimit_CountsAndRemembersTheWorst) {
  Findings findings;
  for (std::size_t i = 0; i < Findings::kLimit; ++i) findings.add("RELATED_PARTY");
  EXPECT_FALSE(findings.has(Severity::SEVERITY_ERROR));
  findings.add("PORT_MISSING");
  EXPECT_EQ(findings.size(), Findings::kLimit);
  EXPECT_EQ(findings.left_out(), 1u);
  EXPECT_TRUE(findings.has(Severity::SEVERITY_ERROR));
  Findings all;
  all.append(findings);
  EXPECT_TRUE(all.has(Severity::SEVERITY_ERROR));
}

TEST(FindingsDeathTest, Add_CodeWithoutARow_IsABugAndAborts) {
  EXPECT_DEATH(make_finding("NO_SUCH_CODE"), "without a row");
}

}  // namespace
}  // namespace puente
