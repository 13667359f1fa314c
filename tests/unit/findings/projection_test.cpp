#include "mappings/findings/projection.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "mappings/findings/findings.h"
#include "puente/v1/entry.pb.h"
#include "puente/v1/gateway.pb.h"

namespace puente {
namespace {

TEST(Projection, UnsetFields_AreLeftOutOrNullAsTheContractSays) {
  v1::Entry entry;
  entry.set_filer_code("B7P");
  auto* line = entry.add_lines();
  line->set_spi("");
  line->set_concepto("BR-320V");
  line->add_tariffs()->set_value_usd(0);
  const auto json = project(entry);
  EXPECT_TRUE(json["entry_number"].is_null());
  EXPECT_FALSE(json.contains("port_of_entry"));
  EXPECT_EQ(json["lines"][0]["spi"], "");
  EXPECT_EQ(json["lines"][0]["concept"], "BR-320V");
  EXPECT_EQ(json["lines"][0]["tariffs"][0]["value_usd"], 0);
  EXPECT_FALSE(json.contains("bills"));
}

TEST(Projection, Maps_AreObjectsWithSortedKeys) {
  v1::Totals totals;
  (*totals.mutable_fees_usd())["499"] = "34.58";
  (*totals.mutable_fees_usd())["107"] = "1.00";
  EXPECT_EQ(dump(project(totals), -1), R"({"fees_usd":{"107":"1.00","499":"34.58"}})");
}

TEST(Projection, EnumsAndTimes_ReadAsTheirNames) {
  v1::CheckReport report;
  report.mutable_stages()->set_xml(v1::PASS);
  EXPECT_EQ(project(report)["stages"]["xml"], "pass");
  EXPECT_EQ(project(report)["stages"]["seal"], "unknown");
  v1::Step step;
  step.mutable_at()->set_seconds(0);
  EXPECT_EQ(project(step)["at"], "1970-01-01T00:00:00Z");
}

TEST(Projection, CheckFinding_HasExactlyTheAgreedKeys) {
  auto finding = make_finding("PORT_MISSING");
  finding.mutable_source()->set_line(7);
  const auto json = project_check_finding(finding);
  std::vector<std::string> keys;
  for (const auto& item : json.items()) keys.push_back(item.key());
  EXPECT_EQ(keys, (std::vector<std::string>{"code", "severity", "path", "line", "column", "authority_rule", "es", "en",
                                            "remedy_es", "remedy_en"}));
  EXPECT_EQ(json["severity"], "error");
  EXPECT_EQ(json["line"], 7);
}

TEST(Projection, BrokenUtf8_IsReplacedNotThrown) {
  auto finding = make_finding("PORT_MISSING");
  finding.set_detail("\xff\xfe");
  EXPECT_NO_THROW(dump(project(finding)));
}

}  // namespace
}  // namespace puente
