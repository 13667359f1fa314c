// Entry type 11: when it is made, what it changes, and what is said when it is asked for in vain. Amounts are worked
// out from the reference tables (entry-types, fees, tariff-measures); the record lines are those of the reference's
// example ae-05-informal-11, whose goods these are.
#include <gmock/gmock.h>

#include <algorithm>

#include "mappings/cbp/filing.h"
#include "tests/unit/crosswalk/lineage_walk.h"
#include "tests/unit/crosswalk/shipment_samples.h"

namespace puente::crosswalk {
namespace {

using namespace samples;
using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

constexpr std::string_view kAllowed = "[rules]\nallow_informal = true\n";
constexpr std::string_view kStatuette = "STATUETTE,,6913905000,CERAMIC STATUETTES,STATUETTES,MX,0.06,NO,none,,,,\n";

// 900 statuettes of 240 kg for the importer of the samples.
struct Case {
  std::string importe = "1850.00", rules, importer, row{kStatuette};
  std::vector<GoodSample> more;
  std::string date;
};

DraftContext context_of(const Case& one) {
  DraftContext out;
  std::string toml = partners_toml();
  const std::string_view section = "[importer.rio-grande]\n";
  toml.insert(toml.find(section) + section.size(), one.importer);
  const auto profiles = Profiles::parse({{"partners.toml", toml + one.rules}});
  EXPECT_TRUE(profiles) << (profiles ? "" : profiles.error().text);
  const auto catalog = ProductCatalog::parse(
      "catalog.csv",
      "part,supplier_rfc,hts10,description_en,description_manifest,origin,mfn_rate,uom1,s232.program,mid,ad_case,c98,"
      "usmca.status\n" +
          one.row + "SHELF,,9403200050,STEEL SHELVES,STEEL SHELVES,MX,0.00,NO,none,,,,\n");
  EXPECT_TRUE(catalog) << (catalog ? "" : catalog.error().text);
  if (profiles) out.profiles = *profiles;
  if (catalog) out.catalog = *catalog;
  if (!one.date.empty()) out.entry_date = parse_date(one.date);
  return out;
}

v1::Draft draft_case(const Case& one) {
  InvoiceSample sample;
  sample.goods = {{"STATUETTE", one.importe, "900", "6913900100", ""}};
  sample.goods.insert(sample.goods.end(), one.more.begin(), one.more.end());
  std::vector<LoadSample> loads = {{kUuidA, "240.000", one.importe, "20", "6913900100"}};
  for (const GoodSample& good : one.more) loads.push_back({kUuidA, "10.000", good.importe, "1", good.fraccion});
  return draft(join({invoice(sample), carta_porte(loads)}, notice()), context_of(one));
}

Case allowed() {
  Case one;
  one.rules = kAllowed;
  return one;
}
Case asked() {
  Case one;
  one.importer = "entry_type = \"11\"\n";
  return one;
}

std::string sources_of(const v1::Draft& draft, std::string_view element) {
  std::string text;
  for (const v1::Lineage& row : draft.lineage())
    if (row.element() == element)
      for (const auto& source : row.sources()) text += source.ShortDebugString() + "\n";
  return text;
}

std::vector<std::string> lines_of(const v1::Draft& draft, cbp::FilingKind kind) {
  cbp::FilerFacts facts;
  facts.abi_port = "2304";
  facts.contact_name = "LAURA MENDEZ";
  facts.contact_phone = "9565550142";
  facts.reference = "P26004422";
  facts.date = Date{std::chrono::year{2026} / 11 / 11};
  std::vector<std::string> lines;
  for (const auto& record : cbp::encode(kind, draft.entries(0), facts).records) {
    std::string text = record.text;
    text.erase(text.find_last_not_of(' ') + 1);
    lines.push_back(std::move(text));
  }
  return lines;
}

TEST(InformalEntry, AllowedAndWithinTheLimit_IsMadeWithoutBondAndWithTheFixedFee) {
  const v1::Draft draft = draft_case(allowed());
  const v1::Entry& entry = draft.entries(0);
  ASSERT_EQ(entry.status(), "ready") << entry.reason();
  EXPECT_EQ(entry.entry_type(), "11");
  EXPECT_EQ(entry.bond().type(), "0");
  EXPECT_FALSE(entry.bond().has_surety_code());
  EXPECT_FALSE(entry.bond().has_designation());
  // Chapter 99 is reported as on 01: 9903.05.55 at 10 % of 1850, and 6 % of column 1.
  ASSERT_EQ(entry.lines_size(), 1);
  EXPECT_EQ(entry.lines(0).fees_size(), 0);
  EXPECT_EQ(entry.totals().duty_usd(), "296.00");
  ASSERT_EQ(entry.totals().fees_usd().size(), 1U);
  EXPECT_EQ(entry.totals().fees_usd().at("311"), "2.77");
  EXPECT_EQ(entry.totals().total_due_usd(), "298.77");
  EXPECT_FALSE(entry.totals().has_mpf_sum_of_lines_usd());
  EXPECT_FALSE(says(draft.findings(), "INFORMAL_OPTION"));
  EXPECT_FALSE(says(draft.findings(), "MPF_MINIMUM_APPLIED"));
  EXPECT_THAT(lineage_faults(draft), IsEmpty());
  const auto why = sources_of(draft, "entries[0].entry_type");
  EXPECT_THAT(why, HasSubstr("1850"));
  EXPECT_THAT(why, HasSubstr("entry-types"));
  EXPECT_THAT(why, HasSubstr("rules.allow_informal"));
}

TEST(InformalEntry, Summary_HasTheLinesOfTheReferenceExample) {
  const auto lines = lines_of(draft_case(allowed()), cbp::FilingKind::entry_summary);
  for (const auto* line : {"3431100000277", "44CERAMIC STATUETTES", "5099030555   0000018500 0000000000",
                           "506913905000 0000011100 0000001850 000000090000NO", "8931100000000277",
                           "9000000029600 00000000277 00000000000 00000000000 00000000000 00000000000"})
    EXPECT_THAT(lines, Contains(line));
  EXPECT_THAT(lines, Not(Contains(StartsWith("31"))));
  EXPECT_THAT(lines, Not(Contains(StartsWith("62"))));
  const auto header =
      std::find_if(lines.begin(), lines.end(), [](const auto& line) { return line.starts_with("10A"); });
  ASSERT_NE(header, lines.end());
  EXPECT_EQ(header->substr(33, 5), "11300");  // type, truck, bond waiver without a reason
}

TEST(InformalEntry, Release_SaysTypeElevenAndNoBond) {
  const auto lines = lines_of(draft_case(allowed()), cbp::FilingKind::cargo_release);
  const auto header =
      std::find_if(lines.begin(), lines.end(), [](const auto& line) { return line.starts_with("SE10A"); });
  ASSERT_NE(header, lines.end());
  // As in se-06-informal-11: type in 20-21, mode 37-38, bond 39, value 40-49, port 50-53.
  EXPECT_EQ(header->substr(19, 2), "11");
  EXPECT_EQ(header->substr(36), "30000000018502304");
  EXPECT_THAT(lines, Contains(StartsWith("SE6069139050000000001850")));
}

TEST(InformalEntry, Limit_IsTheShipmentsOfTheImporterToTheCent) {
  Case one = allowed();
  one.importe = "2500.00";
  EXPECT_EQ(draft_case(one).entries(0).entry_type(), "11");
  one.importe = "2500.01";
  EXPECT_EQ(draft_case(one).entries(0).entry_type(), "01");
  one.importe = "1850.00";
  one.more = {{"SHELF", "650.00", "1", "9403200101", ""}};
  EXPECT_EQ(draft_case(one).entries(0).entry_type(), "11");
  one.more = {{"SHELF", "651.00", "1", "9403200101", ""}};
  const v1::Draft over = draft_case(one);
  EXPECT_EQ(over.entries(0).entry_type(), "01");
  EXPECT_EQ(over.entries(0).bond().type(), "8");
  EXPECT_FALSE(over.entries(0).totals().fees_usd().contains("311"));
  EXPECT_THAT(sources_of(over, "entries[0].entry_type"), HasSubstr("2501"));
  // Permission is no order: nobody is troubled.
  EXPECT_FALSE(says(over.findings(), "INFORMAL_VALUE_EXCEEDED"));
}

TEST(InformalEntry, TwoImportersOnOneTruck_EachHaveTheirOwnLimit) {
  Case one = allowed();
  InvoiceSample first, second;
  first.goods = {{"STATUETTE", "2000.00", "900", "6913900100", ""}};
  second.folio = "10453";
  second.uuid = kUuidB;
  second.tax_id = "271650093";
  second.buyer = "ALAMO RACK SUPPLY LLC";
  second.goods = {{"SHELF", "2000.00", "10", "9403200101", ""}};
  const v1::Draft draft = crosswalk::draft(join({invoice(first), invoice(second),
                                                 carta_porte({{kUuidA, "240.000", "2000.00", "20", "6913900100"},
                                                              {kUuidB, "100.000", "2000.00", "5", "9403200101"}})},
                                                notice({{kUuidA}, {kUuidB}})),
                                           context_of(one));
  ASSERT_EQ(draft.entries_size(), 2);
  for (const v1::Entry& entry : draft.entries()) EXPECT_EQ(entry.entry_type(), "11");
}

TEST(InformalEntry, WithoutPermission_IsFormalAndTheOptionIsTold) {
  const v1::Draft silent = draft_case({});
  EXPECT_EQ(silent.entries(0).entry_type(), "01");
  EXPECT_EQ(silent.entries(0).totals().fees_usd().at("499"), "34.58");
  EXPECT_TRUE(says(silent.findings(), "INFORMAL_OPTION"));
  // Where the importer wants 01, the rules' permission does not count and nothing is suggested.
  Case formal = allowed();
  formal.importer = "entry_type = \"01\"\n";
  const v1::Draft wanted = draft_case(formal);
  EXPECT_EQ(wanted.entries(0).entry_type(), "01");
  EXPECT_FALSE(says(wanted.findings(), "INFORMAL_OPTION"));
  EXPECT_THAT(sources_of(wanted, "entries[0].entry_type"), HasSubstr("importer.rio-grande.entry_type"));
}

TEST(InformalEntry, AskedForInVain_IsFormalWithAHoldThatSaysWhy) {
  EXPECT_EQ(draft_case(asked()).entries(0).entry_type(), "11");
  Case dear = asked();
  dear.importe = "2600.00";
  Case foreign = asked();
  foreign.importer += "resident = false\nresident_agent = \"AGENT INC\"\n";
  Case quota = asked();
  quota.row = "STATUETTE,,6913905000,CERAMIC STATUETTES,STATUETTES,MX,0.06,NO,none,,,9823.02.01,\n";
  for (const auto& [one, code] : {std::pair<Case, const char*>{dear, "INFORMAL_VALUE_EXCEEDED"},
                                  {foreign, "INFORMAL_NONRESIDENT"},
                                  {quota, "INFORMAL_GOODS_EXCLUDED"}}) {
    const v1::Draft draft = draft_case(one);
    EXPECT_EQ(draft.entries(0).status(), "ready") << code;
    EXPECT_EQ(draft.entries(0).entry_type(), "01") << code;
    EXPECT_EQ(draft.entries(0).bond().type(), "8") << code;
    const auto said = std::find_if(draft.findings().begin(), draft.findings().end(),
                                   [&](const Finding& finding) { return finding.code() == code; });
    ASSERT_NE(said, draft.findings().end()) << code;
    EXPECT_EQ(said->severity(), v1::SEVERITY_HOLD) << code;
    EXPECT_TRUE(fileable(draft, 0)) << code;  // the broker clears it
    EXPECT_THAT(lineage_faults(draft), IsEmpty()) << code;
  }
  Case dumped = asked();
  dumped.row = "STATUETTE,,6913905000,CERAMIC STATUETTES,STATUETTES,MX,0.06,NO,none,,A201123000,,\n";
  EXPECT_TRUE(says(draft_case(dumped).findings(), "INFORMAL_ADCVD"));  // and the entry is held by its missing rate
}

TEST(InformalEntry, WhatIsNotSure_IsTheProfilesToSay) {
  Case foreign = asked();
  foreign.importer += "resident = false\nresident_agent = \"AGENT INC\"\n";
  foreign.rules = "[rules]\ninformal_nonresident_until = \"2026-11-29\"\n";
  EXPECT_EQ(draft_case(foreign).entries(0).entry_type(), "11");
  foreign.date = "2026-11-30";
  EXPECT_EQ(draft_case(foreign).entries(0).entry_type(), "01");

  Case excluded = asked();
  excluded.rules = "[rules]\ninformal_excluded_hts = [\"6913.90\"]\n";
  const v1::Draft without = draft_case(excluded);
  EXPECT_EQ(without.entries(0).entry_type(), "01");
  EXPECT_TRUE(says(without.findings(), "INFORMAL_GOODS_EXCLUDED"));

  Case fee = asked();
  fee.rules = "[rules]\ninformal_fee_usd = \"2.80\"\n";
  EXPECT_EQ(draft_case(fee).entries(0).totals().fees_usd().at("311"), "2.80");
}

TEST(InformalEntry, FeeOfTheDay_IsThatOfTheTable) {
  Case one = asked();
  one.date = "2026-09-30";
  EXPECT_EQ(draft_case(one).entries(0).totals().fees_usd().at("311"), "2.69");
  one.date = "2027-10-01";  // beyond the table
  const v1::Draft later = draft_case(one);
  EXPECT_EQ(later.entries(0).status(), "held");
  EXPECT_TRUE(says(later.findings(), "INFORMAL_FEE_UNKNOWN"));
}

TEST(InformalEntry, NoBondOnAFormalEntry_IsAnError) {
  Case one;
  one.importe = "90000.00";
  DraftContext context = context_of(one);
  std::string toml = partners_toml();
  for (std::size_t at = 0; (at = toml.find("bond_type = \"8\"", at)) != std::string::npos; ++at) toml[at + 13] = '0';
  const auto profiles = Profiles::parse({{"partners.toml", toml}});
  ASSERT_TRUE(profiles);
  context.profiles = *profiles;
  InvoiceSample sample;
  sample.goods = {{"STATUETTE", "90000.00", "900", "6913900100", ""}};
  const v1::Draft draft = crosswalk::draft(
      join({invoice(sample), carta_porte({{kUuidA, "240.000", "90000.00", "20", "6913900100"}})}, notice()), context);
  EXPECT_EQ(draft.entries(0).status(), "held");
  EXPECT_EQ(draft.entries(0).reason(), "BOND_REQUIRED");
}

}  // namespace
}  // namespace puente::crosswalk
