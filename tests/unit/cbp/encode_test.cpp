#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "mappings/cbp/filing.h"
#include "tests/unit/cbp/sample_entries.h"

namespace puente::cbp {
namespace {

const std::filesystem::path kExamples = std::filesystem::path(PUENTE_SHARED_DIR) / "reference" / "cbp" / "examples";

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::vector<std::string> example(const std::string& name) {
  std::ifstream in(kExamples / name, std::ios::binary);
  return lines_of(std::string{std::istreambuf_iterator<char>(in), {}});
}

std::set<std::string> codes(const Findings& findings) {
  std::set<std::string> all;
  for (const Finding& finding : findings) all.insert(finding.code());
  return all;
}

std::vector<std::string> starting(const EncodedFiling& filing, const std::string& id) {
  std::vector<std::string> found;
  for (const EncodedRecord& record : filing.records)
    if (record.text.starts_with(id)) found.push_back(record.text);
  return found;
}

const EncodedElement* element(const EncodedFiling& filing, std::string_view record, std::string_view name) {
  for (const EncodedRecord& encoded : filing.records)
    if (encoded.record->control_id() == record)
      for (const EncodedElement& each : encoded.elements)
        if (each.field->name == name) return &each;
  return nullptr;
}

std::string trimmed(std::string text) { return text.substr(0, text.find_last_not_of(' ') + 1); }

TEST(EncodeCargoRelease, DriveShaftEntry_GivesTheWorkedTransmission) {
  if (!std::filesystem::exists(kExamples)) GTEST_SKIP() << "reference transmissions are not at hand";
  std::vector<std::string> expected = example("se-01-auto-part.se.txt");
  ASSERT_FALSE(expected.empty());
  expected[0].replace(8, 6, 6, ' ');  // the example shows where the transmitter's password goes; we never hold one
  const EncodedFiling filing = encode(FilingKind::cargo_release, drive_shaft_entry(), drive_shaft_filer());
  EXPECT_EQ(lines_of(filing.text()), expected);
  // The contact is called Méndez.
  EXPECT_EQ(codes(filing.findings), std::set<std::string>{"CATAIR_TRANSLITERATED"});
}

TEST(EncodeEntrySummary, BrakeRotorEntry_GivesTheWorkedTransmission) {
  if (!std::filesystem::exists(kExamples)) GTEST_SKIP() << "reference transmissions are not at hand";
  std::vector<std::string> expected = example("ae-01-auto-parts-usmca.ae.txt");
  ASSERT_FALSE(expected.empty());
  expected[0].replace(8, 6, 6, ' ');  // password, as above
  for (std::string& line : expected) {
    // Signature and statement date are the broker's to give; the net cost indicator is not part of a canonical entry.
    if (line.starts_with("10")) line.replace(38, 1, " ").replace(51, 6, 6, ' ');
    if (line.starts_with("40")) line.replace(56, 1, " ");
  }
  const EncodedFiling filing = encode(FilingKind::entry_summary, brake_rotor_entry(), brake_rotor_filer());
  EXPECT_EQ(lines_of(filing.text()), expected);
  EXPECT_EQ(codes(filing.findings), (std::set<std::string>{"AE_SIGNATURE_BY_BROKER", "AE_STATEMENT_DATE_BY_BROKER"}));
}

TEST(Encode, EveryElement_HasItsOriginAndItsColumns) {
  for (const FilingKind kind : {FilingKind::cargo_release, FilingKind::entry_summary}) {
    const EncodedFiling filing = encode(kind, brake_rotor_entry(), brake_rotor_filer());
    for (const EncodedRecord& record : filing.records) {
      EXPECT_EQ(record.text.size(), 80u);
      for (const EncodedElement& each : record.elements) {
        EXPECT_FALSE(each.origin.empty()) << record.record->id << ' ' << each.field->name;
        EXPECT_FALSE(each.value.empty()) << record.record->id << ' ' << each.field->name;
      }
    }
  }
  const EncodedFiling filing = encode(FilingKind::entry_summary, brake_rotor_entry(), brake_rotor_filer());
  ASSERT_NE(element(filing, "50", "hts_number"), nullptr);
  EXPECT_EQ(element(filing, "50", "hts_number")->origin, "lines[0].tariffs[0].hts");
  EXPECT_EQ(element(filing, "A", "transmission_date")->origin, "filer.date");
  EXPECT_EQ(element(filing, "A", "communication_password"), nullptr);
  EXPECT_EQ(element(filing, "90", "grand_total_duty_amount")->origin, "computed: sum of lines[].tariffs[].duty_usd");
}

TEST(Encode, WithoutEntryNumber_LeavesItsPositionsBlankWithoutAFinding) {
  v1::Entry entry = drive_shaft_entry();
  entry.clear_entry_number();
  const EncodedFiling release = encode(FilingKind::cargo_release, entry, drive_shaft_filer());
  EXPECT_EQ(starting(release, "SE10")[0].substr(0, 21), "SE10AZZ9           01");
  EXPECT_EQ(codes(release.findings), std::set<std::string>{"CATAIR_TRANSLITERATED"});
  v1::Entry summary_entry = brake_rotor_entry();
  summary_entry.clear_entry_number();
  const EncodedFiling summary = encode(FilingKind::entry_summary, summary_entry, brake_rotor_filer());
  EXPECT_EQ(starting(summary, "10A")[0].substr(0, 21), "10AZZ9           2304");
  EXPECT_FALSE(codes(summary.findings).contains("CATAIR_ELEMENT_BLANK"));
}

TEST(Encode, WrongEntryNumber_IsAFindingAtTheNumber) {
  v1::Entry entry = drive_shaft_entry();
  entry.set_entry_number("12345670");
  EXPECT_TRUE(
      encode(FilingKind::cargo_release, entry, drive_shaft_filer()).findings.has_code("ENTRY_NUMBER_CHECK_DIGIT"));
  FilerFacts facts = drive_shaft_filer();
  facts.check_digit_factor = 3;  // 7 + 3 = 10: the digit of a filer with this factor
  EXPECT_FALSE(encode(FilingKind::cargo_release, entry, facts).findings.has_code("ENTRY_NUMBER_CHECK_DIGIT"));
  entry.set_entry_number("1234567");
  EXPECT_TRUE(
      encode(FilingKind::cargo_release, entry, drive_shaft_filer()).findings.has_code("ENTRY_NUMBER_MALFORMED"));
}

TEST(EncodeCargoRelease, Cancel_CarriesHeaderReasonAndReferenceOnly) {
  v1::Entry entry = drive_shaft_entry();
  FilerFacts facts = drive_shaft_filer();
  facts.action = Action::cancel;
  facts.cancel_reason = "03";
  facts.reference.clear();
  EXPECT_TRUE(encode(FilingKind::cargo_release, entry, facts).findings.has_code("SE_CANCEL_REFERENCE_MISSING"));
  v1::Reference& reference = *entry.add_references();
  reference.set_qualifier("EN");
  reference.set_value("ZZ912349992");
  facts.contact_name = "LAURA MENDEZ";
  const EncodedFiling filing = encode(FilingKind::cargo_release, entry, facts);
  EXPECT_TRUE(filing.findings.empty());
  ASSERT_EQ(filing.records.size(), 7u);
  EXPECT_EQ(trimmed(filing.records[3].text), "SE13LAURA MENDEZ                            9565550142     03");
  EXPECT_EQ(trimmed(filing.records[4].text), "SE20EN ZZ912349992");
}

TEST(EncodeCargoRelease, Update_CarriesBillsAndNeitherPartiesNorLines) {
  FilerFacts facts = drive_shaft_filer();
  facts.action = Action::update;
  const EncodedFiling filing = encode(FilingKind::cargo_release, drive_shaft_entry(), facts);
  std::vector<std::string> ids;
  for (const EncodedRecord& record : filing.records) ids.emplace_back(record.record->id);
  EXPECT_EQ(ids, (std::vector<std::string>{"A", "B", "SE10", "SE11", "SE13", "SE15", "SE17", "SE20", "Y", "Z"}));
}

TEST(EncodeCargoRelease, Chapter99Number_HasTenDigitsAndNoValue) {
  v1::Entry entry = drive_shaft_entry();
  const v1::Tariff classification = entry.lines(0).tariffs(0);
  v1::Tariff& chapter_99 = *entry.mutable_lines(0)->mutable_tariffs(0);
  chapter_99.set_hts("9903.03.08");
  chapter_99.set_value_usd(0);
  *entry.mutable_lines(0)->add_tariffs() = classification;
  const std::vector<std::string> tariffs =
      starting(encode(FilingKind::cargo_release, entry, drive_shaft_filer()), "SE60");
  ASSERT_EQ(tariffs.size(), 2u);
  EXPECT_EQ(trimmed(tariffs[0]), "SE609903030800");
  EXPECT_EQ(trimmed(tariffs[1]), "SE6087089981800000018450");
}

TEST(EncodeCargoRelease, InBondBill_HasNeitherIssuerNorQuantity) {
  v1::Entry entry = drive_shaft_entry();
  v1::Bill in_bond = entry.bills(0);
  in_bond.set_se_bill_type("I");
  in_bond.set_ae_component_type("I");
  in_bond.set_number("200456712");
  const v1::Bill bill = entry.bills(0);
  *entry.mutable_bills(0) = in_bond;
  *entry.add_bills() = bill;
  const std::vector<std::string> bills = starting(encode(FilingKind::cargo_release, entry, FilerFacts{}), "SE15");
  ASSERT_EQ(bills.size(), 2u);
  EXPECT_EQ(trimmed(bills[0]), "SE15I    200456712                                                      N");
  EXPECT_EQ(trimmed(bills[1]), "SE15RTMXF00458812                                          00000024     N");
  const EncodedFiling summary = encode(FilingKind::entry_summary, entry, FilerFacts{});
  EXPECT_EQ(starting(summary, "22").size(), 1u);
  ASSERT_EQ(starting(summary, "23").size(), 2u);
  EXPECT_EQ(trimmed(starting(summary, "23")[0]), "23I    200456712");
}

TEST(EncodeCargoRelease, SingleTransactionBond_GivesSuretyAndAmountReferences) {
  v1::Entry entry = drive_shaft_entry();
  entry.mutable_bond()->set_type("9");
  entry.mutable_bond()->set_surety_code("054");
  entry.mutable_bond()->set_amount_usd(90000);
  const std::vector<std::string> references =
      starting(encode(FilingKind::cargo_release, entry, drive_shaft_filer()), "SE20");
  ASSERT_EQ(references.size(), 3u);
  EXPECT_EQ(trimmed(references[1]), "SE20V1 054");
  EXPECT_EQ(trimmed(references[2]), "SE20AMT90000");
}

TEST(EncodeCargoRelease, ValueBelowItsLines_IsAFinding) {
  v1::Entry entry = drive_shaft_entry();
  entry.set_estimated_value_usd(15000);
  EXPECT_TRUE(encode(FilingKind::cargo_release, entry, drive_shaft_filer()).findings.has_code("SE_VALUE_BELOW_LINES"));
}

TEST(EncodeCargoRelease, LongAddress_TakesPairsAndThenReportsTheRest) {
  v1::Entry entry = drive_shaft_entry();
  v1::Party& seller = *entry.mutable_parties(0);
  for (int i = 2; i <= 6; ++i) seller.add_address_lines("LINE " + std::to_string(i));
  EncodedFiling filing = encode(FilingKind::cargo_release, entry, drive_shaft_filer());
  EXPECT_EQ(starting(filing, "SE35").size(), 4u);  // one of the buyer, three of the seller
  EXPECT_FALSE(filing.findings.has_code("CATAIR_TOO_MANY_RECORDS"));
  seller.add_address_lines("LINE 7");
  EXPECT_TRUE(
      encode(FilingKind::cargo_release, entry, drive_shaft_filer()).findings.has_code("CATAIR_TOO_MANY_RECORDS"));
}

TEST(EncodeCargoRelease, PartyThatDiffersByLine_StandsAtTheLine) {
  v1::Entry entry = drive_shaft_entry();
  v1::Party maker = entry.parties(1);
  maker.set_name("OTRO FABRICANTE");
  *entry.mutable_lines(0)->add_parties() = maker;
  v1::Line& second = *entry.add_lines();
  second = entry.lines(0);
  second.set_line(2);
  second.clear_parties();
  const std::vector<std::string> makers =
      starting(encode(FilingKind::cargo_release, entry, drive_shaft_filer()), "SE50MF");
  ASSERT_EQ(makers.size(), 2u);
  EXPECT_EQ(trimmed(makers[0]), "SE50MF OTRO FABRICANTE");
  EXPECT_EQ(trimmed(makers[1]), "SE50MF COMPONENTES AUTOMOTRICES DEL NORTE");
}

TEST(Encode, OverflowAndForeignCharacters_AreFindingsAtTheirColumns) {
  v1::Entry entry = drive_shaft_entry();
  entry.mutable_parties(0)->set_name("UN NOMBRE QUE PASA DE LARGO LAS TREINTA Y CINCO COLUMNAS");
  entry.mutable_lines(0)->set_description(0, "Baleros – Ñandú");
  entry.set_estimated_value_usd(123456789012);
  entry.mutable_bills(0)->set_issuer_scac("TOOLONG");
  entry.mutable_bond()->set_type("7");
  FilerFacts facts = drive_shaft_filer();
  facts.contact_name = "";
  const EncodedFiling filing = encode(FilingKind::cargo_release, entry, facts);
  std::set<std::string> seen;
  for (const Finding& finding : filing.findings) {
    EXPECT_GT(finding.target().start(), 0u) << finding.code();
    seen.insert(finding.code() + " " + finding.target().record() + " " + finding.target().element());
  }
  EXPECT_EQ(seen,
            (std::set<std::string>{"CATAIR_TEXT_CUT SE30 entity_name", "CATAIR_TRANSLITERATED SE40 description",
                                   "CATAIR_VALUE_TOO_LONG SE10 entered_value", "CATAIR_VALUE_TOO_LONG SE15 bill_issuer",
                                   "CATAIR_VALUE_UNLISTED SE10 bond_type", "CATAIR_ELEMENT_BLANK SE13 contact_name"}));
  EXPECT_EQ(trimmed(starting(filing, "SE40")[0]), "SE40001MX BALEROS - NANDU");
  EXPECT_EQ(starting(filing, "SE15")[0].substr(5, 4), "    ");
  facts.reference = "P260001170";  // a key is never cut
  const EncodedFiling summary = encode(FilingKind::entry_summary, brake_rotor_entry(), facts);
  EXPECT_TRUE(summary.findings.has_code("CATAIR_VALUE_TOO_LONG"));
  EXPECT_EQ(starting(summary, "10A")[0].substr(21, 9), std::string(9, ' '));
}

TEST(EncodeEntrySummary, AmountThatIsNone_IsReportedAndNothingThrows) {
  for (const char* amount : {"999999999999999999999999999999", "0.000000000000000000000000000001", "12,00", "-1.00"}) {
    v1::Entry entry = brake_rotor_entry();
    entry.mutable_lines(0)->mutable_tariffs(2)->set_duty_usd(amount);
    const EncodedFiling filing = encode(FilingKind::entry_summary, entry, brake_rotor_filer());
    EXPECT_TRUE(filing.findings.has_code("AE_TOTAL_MISMATCH")) << amount;
    EXPECT_TRUE(filing.findings.has(Severity::SEVERITY_ERROR)) << amount;
  }
}

TEST(EncodeEntrySummary, Fees_StandByLineByClassAndInTheTotal) {
  v1::Entry entry = brake_rotor_entry();
  const auto fee = [&](int line, const std::string& amount) {
    v1::Fee& added = *entry.mutable_lines(line)->add_fees();
    added.set_class_code("499");
    added.set_amount_usd(amount);
  };
  fee(0, "640.84");
  fee(1, "42.95");
  (*entry.mutable_totals()->mutable_fees_usd())["499"] = "670.86";  // limited
  entry.mutable_lines(0)->mutable_tariffs(2)->set_duty_usd("7215.00");
  entry.mutable_totals()->set_duty_usd("7215.00");
  const EncodedFiling filing = encode(FilingKind::entry_summary, entry, brake_rotor_filer());
  EXPECT_EQ(trimmed(starting(filing, "62")[0]), "6249900064084");
  EXPECT_EQ(trimmed(starting(filing, "89")[0]), "8949900000067086");
  EXPECT_EQ(starting(filing, "90")[0].substr(0, 25), "9000000721500 00000067086");
  EXPECT_FALSE(filing.findings.has(Severity::SEVERITY_WARNING));
  entry.mutable_totals()->set_duty_usd("7215.01");
  EXPECT_TRUE(encode(FilingKind::entry_summary, entry, brake_rotor_filer()).findings.has_code("AE_TOTAL_MISMATCH"));
}

TEST(EncodeEntrySummary, InformalFee_StandsInTheHeaderAndTheTotals) {
  v1::Entry entry = brake_rotor_entry();
  (*entry.mutable_totals()->mutable_fees_usd())["311"] = "2.77";
  const EncodedFiling filing = encode(FilingKind::entry_summary, entry, brake_rotor_filer());
  ASSERT_EQ(starting(filing, "34").size(), 1u);
  EXPECT_EQ(trimmed(starting(filing, "34")[0]), "3431100000277");
  EXPECT_EQ(trimmed(starting(filing, "89")[0]), "8931100000000277");
}

TEST(EncodeEntrySummary, Cancel_CarriesOneRecord) {
  FilerFacts facts = brake_rotor_filer();
  facts.action = Action::cancel;
  const EncodedFiling filing = encode(FilingKind::entry_summary, brake_rotor_entry(), facts);
  ASSERT_EQ(filing.records.size(), 5u);
  EXPECT_EQ(trimmed(filing.records[2].text), "10DZZ9  00441702 2304P26004417   01");
}

TEST(EncodeEntrySummary, Update_IsNotAnActionOfASummary) {
  FilerFacts facts = brake_rotor_filer();
  facts.action = Action::update;
  const EncodedFiling filing = encode(FilingKind::entry_summary, brake_rotor_entry(), facts);
  EXPECT_TRUE(filing.records.empty());
  EXPECT_TRUE(filing.findings.has_code("AE_ACTION_NOT_ALLOWED"));
}

TEST(EncodeEntrySummary, Certified_CarriesTheReleaseDataInsideAndNoPartyTwice) {
  v1::Entry entry = brake_rotor_entry();
  v1::Party seller = entry.parties(0);
  seller.set_role("seller");
  seller.set_se_code("SE");
  *entry.add_parties() = seller;
  FilerFacts facts = brake_rotor_filer();
  facts.certify_from_summary = true;
  facts.action = Action::replace;
  facts.equipment["TMXF00458930"] = {"TMXF530217"};
  const EncodedFiling filing = encode(FilingKind::entry_summary, entry, facts);
  std::vector<std::string> ids;
  for (const EncodedRecord& record : filing.records) ids.emplace_back(record.record->id);
  const std::vector<std::string> header = {"A",  "B",    "10", "11",   "20",   "SE13", "21",   "22",
                                           "23", "SE17", "31", "SE20", "SE30", "SE35", "SE36", "40"};
  ASSERT_GE(ids.size(), header.size());
  EXPECT_EQ(std::vector<std::string>(ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(header.size())), header);
  EXPECT_EQ(starting(filing, "10R")[0][39], 'A');
  EXPECT_EQ(starting(filing, "SE30").size(), 1u);  // the seller; the 47-record tells the buyer
  EXPECT_EQ(starting(filing, "SE50MF").size(), 2u);
  EXPECT_TRUE(starting(filing, "SE50BY").empty());
}

TEST(EncodeEntrySummary, Declarations_AreWrittenOrHeldForTheBroker) {
  v1::Entry entry = brake_rotor_entry();
  v1::Declaration& steel = *entry.mutable_lines(0)->add_declarations();
  steel.set_type("08");
  steel.set_country_of_melt_and_pour("MX");
  v1::Declaration& aluminum = *entry.mutable_lines(0)->add_declarations();
  aluminum.set_type("07");
  aluminum.set_country_of_primary_smelt("CA");
  aluminum.set_country_of_cast("MX");
  entry.mutable_lines(1)->add_declarations()->set_type("05");
  const EncodedFiling filing = encode(FilingKind::entry_summary, entry, brake_rotor_filer());
  ASSERT_EQ(starting(filing, "54").size(), 2u);
  EXPECT_EQ(trimmed(starting(filing, "54")[0]), "5408MX");
  EXPECT_EQ(trimmed(starting(filing, "54")[1]), "5407Y  CAN    MX");
  EXPECT_TRUE(filing.findings.has_code("AE_DECLARATION_BY_BROKER"));
}

TEST(EncodeEntrySummary, BuyerWithoutImporterNumber_IsHeld) {
  v1::Entry entry = brake_rotor_entry();
  entry.mutable_parties(1)->clear_id();
  EXPECT_TRUE(encode(FilingKind::entry_summary, entry, brake_rotor_filer()).findings.has_code("AE_SOLD_TO_UNKNOWN"));
}

TEST(EncodeEntrySummary, BillOfSeveralPackagings_CountsPieces) {
  v1::Entry entry = brake_rotor_entry();
  v1::Bill& bill = *entry.mutable_bills(0);
  bill.set_abi_uom("PKG");
  bill.add_package_breakdown()->set_abi_uom("CT");
  bill.add_package_breakdown()->set_abi_uom("PX");
  EXPECT_EQ(trimmed(starting(encode(FilingKind::entry_summary, entry, brake_rotor_filer()), "22")[0]), "2200000624PCS");
}

TEST(Encode, EmptyEntry_ReportsWhatIsMissingAndKeepsEightyColumns) {
  for (const FilingKind kind : {FilingKind::cargo_release, FilingKind::entry_summary}) {
    const EncodedFiling filing = encode(kind, v1::Entry{}, FilerFacts{});
    EXPECT_TRUE(filing.findings.has_code("CATAIR_ELEMENT_BLANK"));
    for (const EncodedRecord& record : filing.records) EXPECT_EQ(record.text.size(), 80u);
  }
}

TEST(Encode, PortOfAnotherDistrict_HoldsAndWritesTheRecords) {
  for (const FilingKind kind : {FilingKind::cargo_release, FilingKind::entry_summary}) {
    FilerFacts facts = drive_shaft_filer();
    facts.abi_port = "2301";  // Brownsville: same district as Laredo
    EXPECT_FALSE(codes(encode(kind, drive_shaft_entry(), facts).findings).contains("ABI_PORT_DISTRICT"));
    facts.abi_port = "2506";  // Otay Mesa
    const EncodedFiling filing = encode(kind, drive_shaft_entry(), facts);
    const auto told = std::ranges::find(filing.findings, "ABI_PORT_DISTRICT", &Finding::code);
    ASSERT_NE(told, filing.findings.end());
    EXPECT_EQ(told->severity(), v1::SEVERITY_HOLD);
    EXPECT_EQ(filing.records[1].text.substr(3, 4), "2506");
  }
}

}  // namespace
}  // namespace puente::cbp
