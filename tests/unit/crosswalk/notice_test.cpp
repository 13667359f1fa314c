#include "mappings/crosswalk/notice.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/crosswalk/golden_files.h"

namespace puente::crosswalk {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::string_view kNotice = R"({
 "schema": "puente.notice/1", "notice_id": "TFNB07731-1", "sent_at": "2026-11-10T19:05:00-06:00",
 "carrier_scac": "tfnb", "trip_number": "TFNB07731", "port_of_arrival": "2304", "eta": "2026-11-11T09:30:00-06:00",
 "carta_porte": ["CCC1f9b0-3a7d-4e21-8c55-90a1b2c3d4e5"],
 "conveyance": {"type": "TR", "plate": "57am9k", "plate_country": "MX", "plate_state": "TAM", "vin": "3AKJHHDR3MSLA7731"},
 "equipment": [{"type": "TF", "plate": "88UD4T", "number": "TFN53187", "seals": ["TFN0481127"]}],
 "crew": [{"role": "driver", "person_in_charge": true, "first_name": "Jorge", "last_name": "Gómez", "birth_date": "1985-03-12",
   "gender": "M", "citizenship": "MX", "licence": {"number": "LFD00123456", "country": "MX"},
   "documents": [{"type": "passport", "number": "G38215507", "country": "MX", "expires": "2031-04-18"}]}],
 "bills": [{"scn": "TFNB00418827", "type": "PAPS", "invoices": ["6b2c9f41-7a55-4c1e-9e7b-2d4a6c1f0a11"],
   "equipment": ["88UD4T"], "packages": [{"count": 2, "unit": "H87"}]}],
 "carrier_note": {"kept": "not used"}})";

std::string with(std::string_view from, std::string_view to) {
  std::string text(kNotice);
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

std::vector<std::string> places(const NoticeOutcome& outcome) {
  std::vector<std::string> paths;
  for (const Finding& finding : outcome.findings) paths.push_back(finding.code() + " " + finding.source().path());
  return paths;
}

TEST(ReadNotice, Complete_HasEveryFact) {
  const NoticeOutcome outcome = read_notice("notice.json", kNotice);
  ASSERT_TRUE(outcome.notice);
  EXPECT_THAT(places(outcome), IsEmpty());
  const Notice& notice = *outcome.notice;
  EXPECT_EQ(notice.name, "notice.json");
  EXPECT_EQ(notice.notice_id, "TFNB07731-1");
  EXPECT_EQ(notice.carrier_scac, "TFNB");
  EXPECT_EQ(notice.trip_number, "TFNB07731");
  EXPECT_EQ(notice.port_of_arrival, "2304");
  ASSERT_TRUE(notice.eta);
  EXPECT_EQ(notice.eta->to_string(), "2026-11-11T09:30:00");
  EXPECT_EQ(notice.eta->utc_offset_minutes, -360);
  EXPECT_THAT(notice.carta_porte, ElementsAre("CCC1f9b0-3a7d-4e21-8c55-90a1b2c3d4e5"));
  EXPECT_EQ(notice.conveyance.plate, "57AM9K");
  ASSERT_EQ(notice.equipment.size(), 1u);
  EXPECT_THAT(notice.equipment[0].seals, ElementsAre("TFN0481127"));
  ASSERT_EQ(notice.crew.size(), 1u);
  EXPECT_TRUE(notice.crew[0].person_in_charge);
  EXPECT_EQ(notice.crew[0].last_name, "Gómez");
  EXPECT_EQ(notice.crew[0].licence_number, "LFD00123456");
  ASSERT_EQ(notice.crew[0].documents.size(), 1u);
  EXPECT_EQ(notice.crew[0].documents[0].type, "passport");
  ASSERT_EQ(notice.bills.size(), 1u);
  EXPECT_THAT(notice.bills[0].invoices, ElementsAre("6B2C9F41-7A55-4C1E-9E7B-2D4A6C1F0A11"));
  ASSERT_EQ(notice.bills[0].packages.size(), 1u);
  EXPECT_EQ(notice.bills[0].packages[0].count, "2");
}

TEST(ReadNotice, MissingKeys_AreNoFindingHere) {
  const NoticeOutcome outcome = read_notice("n", R"({"schema": "puente.notice/1"})");
  ASSERT_TRUE(outcome.notice);
  EXPECT_TRUE(outcome.findings.empty());
  EXPECT_EQ(outcome.notice->port_of_arrival, "");
  EXPECT_FALSE(outcome.notice->eta);
}

TEST(ReadNotice, KeyOfWrongType_IsDroppedWithItsPointer) {
  const NoticeOutcome outcome = read_notice("n", with(R"("port_of_arrival": "2304")", R"("port_of_arrival": 2304)"));
  ASSERT_TRUE(outcome.notice);
  EXPECT_THAT(places(outcome), ElementsAre("NOTICE_KEY_INVALID /port_of_arrival"));
  EXPECT_EQ(outcome.findings.list()[0].severity(), Severity::SEVERITY_ERROR);
  EXPECT_EQ(outcome.notice->port_of_arrival, "");
  EXPECT_THAT(outcome.notice->refused, ElementsAre("/port_of_arrival"));
}

TEST(ReadNotice, Null_IsLikeAbsent) {
  const NoticeOutcome outcome = read_notice("n", with(R"("port_of_arrival": "2304")", R"("port_of_arrival": null)"));
  ASSERT_TRUE(outcome.notice);
  EXPECT_TRUE(outcome.findings.empty());
  EXPECT_THAT(outcome.notice->refused, IsEmpty());
}

TEST(ReadNotice, NumberOfWrongShape_IsDropped) {
  EXPECT_EQ(read_notice("n", with(R"("trip_number": "TFNB07731")", R"("trip_number": "07731")")).notice->trip_number,
            "");
  EXPECT_EQ(read_notice("n", with("TFNB00418827", "TFNB004-1882")).notice->bills[0].scn, "");
  EXPECT_THAT(places(read_notice("n", with("6b2c9f41-7a55", "6b2c9f41_7a55"))),
              ElementsAre("NOTICE_KEY_INVALID /bills/0/invoices/0"));
  EXPECT_THAT(places(read_notice("n", with(R"("count": 2)", R"("count": 2.5)"))),
              ElementsAre("NOTICE_KEY_INVALID /bills/0/packages/0/count"));
  EXPECT_THAT(places(read_notice("n", with(R"("count": 2)", R"("count": -2)"))),
              ElementsAre("NOTICE_KEY_INVALID /bills/0/packages/0/count"));
}

TEST(ReadNotice, DescriptionOfWrongShape_IsKeptWithAWarning) {
  const NoticeOutcome outcome = read_notice("n", with("3AKJHHDR3MSLA7731", "3AKJ"));
  EXPECT_THAT(places(outcome), ElementsAre("NOTICE_KEY_INVALID /conveyance/vin"));
  EXPECT_EQ(outcome.findings.list()[0].severity(), Severity::SEVERITY_WARNING);
  EXPECT_EQ(outcome.notice->conveyance.vin, "3AKJ");
}

TEST(ReadNotice, TimeWithoutZone_IsDropped) {
  const NoticeOutcome outcome = read_notice("n", with("2026-11-11T09:30:00-06:00", "2026-11-11T09:30:00"));
  EXPECT_FALSE(outcome.notice->eta);
  EXPECT_THAT(places(outcome), ElementsAre("NOTICE_KEY_INVALID /eta"));
}

TEST(ReadNotice, PersonalData_StandsInNoFinding) {
  const NoticeOutcome outcome = read_notice("n", with("1985-03-12", "born in March 1985"));
  ASSERT_EQ(outcome.findings.size(), 1u);
  EXPECT_EQ(outcome.findings.list()[0].ShortDebugString().find("March"), std::string::npos);
}

TEST(ReadNotice, NotJson_IsInvalidWithItsPlace) {
  const NoticeOutcome outcome = read_notice("n", "{\"schema\": \"puente.notice/1\",\n \"eta\": }");
  EXPECT_FALSE(outcome.notice);
  ASSERT_TRUE(outcome.findings.has_code("NOTICE_INVALID"));
  EXPECT_EQ(outcome.findings.list()[0].source().line(), 2u);
  EXPECT_EQ(outcome.findings.list()[0].source().column(), 9u);
}

TEST(ReadNotice, OtherShapes_AreInvalid) {
  const std::string deep =
      "{\"schema\": \"puente.notice/1\", \"x\": " + std::string(100, '[') + std::string(100, ']') + "}";
  const std::string large = std::string(300 * 1024, ' ') + std::string(kNotice);
  for (const std::string& text :
       {std::string(), std::string("[]"), std::string("12"), std::string("{}"),
        std::string(R"({"schema": "puente.notice/2"})"), std::string(R"({"schema": 1})"), deep, large,
        std::string("{\"schema\": \"\xFF\"}"), std::string(kNotice) + "x",
        std::string(R"({"schema": "puente.notice/1", "eta": 1, "eta": 2})"), std::string(200000, '[')}) {
    const NoticeOutcome outcome = read_notice("n", text);
    EXPECT_FALSE(outcome.notice) << text.substr(0, 60);
    EXPECT_TRUE(outcome.findings.has_code("NOTICE_INVALID")) << text.substr(0, 60);
  }
}

TEST(ReadNotice, SixteenLevels_AreRead) {
  const std::string text =
      "{\"schema\": \"puente.notice/1\", \"x\": " + std::string(15, '[') + std::string(15, ']') + "}";
  EXPECT_TRUE(read_notice("n", text).notice);
}

TEST(ReadNotice, ListOfMixedTypes_KeepsWhatFits) {
  const NoticeOutcome outcome = read_notice(
      "n", R"({"schema": "puente.notice/1", "crew": [1, {"role": "driver"}], "carta_porte": [2], "bills": {}})");
  EXPECT_THAT(places(outcome), ElementsAre("NOTICE_KEY_INVALID /carta_porte/0", "NOTICE_KEY_INVALID /crew/0",
                                           "NOTICE_KEY_INVALID /bills"));
  EXPECT_EQ(outcome.notice->crew.size(), 1u);
}

TEST(ReadNotice, OfEachGoldenCase_HasNoFinding) {
  if (!golden::present()) GTEST_SKIP() << "no reference at " << golden::root();
  for (std::string_view name : golden::kCases) {
    const NoticeOutcome outcome = read_notice("notice.json", golden::bytes(golden::folder(name) / "notice.json"));
    ASSERT_TRUE(outcome.notice) << name;
    EXPECT_THAT(places(outcome), IsEmpty()) << name;
    const auto manifest = golden::expected(name)["manifest"];
    EXPECT_EQ(outcome.notice->trip_number.substr(4),
              manifest["trip_number"].get<std::string>().substr(
                  manifest["trip_number"].get<std::string>().starts_with("TFNB") ? 4 : 0));
    EXPECT_EQ(outcome.notice->port_of_arrival, manifest["port"]);
    EXPECT_EQ(outcome.notice->eta->to_string(), manifest["estimated_arrival"]);
    EXPECT_EQ(outcome.notice->bills.front().scn, manifest["shipments"][0]["scn"]);
  }
}

}  // namespace
}  // namespace puente::crosswalk
