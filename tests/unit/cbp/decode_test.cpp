#include <gtest/gtest.h>

#include <set>
#include <string>
#include <vector>

#include "mappings/cbp/filing.h"
#include "tests/unit/cbp/sample_entries.h"

namespace puente::cbp {
namespace {

std::string line(std::string text) {
  text.resize(80, ' ');
  return text;
}

std::set<std::string> codes(const Findings& findings) {
  std::set<std::string> all;
  for (const Finding& finding : findings) all.insert(finding.code());
  return all;
}

std::string value(const DecodedRecord& record, std::string_view name) {
  for (const DecodedElement& element : record.elements)
    if (element.field->name == name) return element.value;
  return "(none)";
}

const std::string kSe10 = line("SE10AZZ9  12345677 01EI 12-34567890030800000184502304");

TEST(Decode, CargoReleaseHeader_GivesTypedElements) {
  const auto decoded = decode(kSe10 + "\n");
  ASSERT_TRUE(decoded);
  EXPECT_TRUE(decoded->findings.empty());
  EXPECT_EQ(decoded->application, "SE");
  ASSERT_EQ(decoded->records.size(), 1u);
  EXPECT_EQ(value(decoded->records[0], "entry_number"), "12345677");
  EXPECT_EQ(value(decoded->records[0], "entered_value"), "18450");
  EXPECT_EQ(value(decoded->records[0], "ior_number"), "12-345678900");
  EXPECT_EQ(value(decoded->records[0], "split_release"), "");
  EXPECT_EQ(value(decoded->records[0], "filler_1"), "(none)");
}

TEST(Decode, SummaryTariff_HasPointsAndDates) {
  const auto decoded = decode(line("40  001 MXMX111826      S 0000000850     0000018960    YY") + "\n" +
                              line("508708305030 0000000123 0000061320 000000240000NO"));
  ASSERT_TRUE(decoded);
  EXPECT_TRUE(decoded->findings.empty());
  EXPECT_EQ(value(decoded->records[0], "date_of_exportation"), "2026-11-18");
  EXPECT_EQ(value(decoded->records[1], "duty_amount"), "1.23");
  EXPECT_EQ(value(decoded->records[1], "quantity_1"), "2400.00");
}

TEST(Decode, SeparatorsOfEveryKind_GiveTheSameRecords) {
  const std::string other = line("SE13LAURA MENDEZ                            9565550142");
  for (const std::string& text : {kSe10 + other, kSe10 + "\n" + other, kSe10 + "\r\n" + other + "\r\n",
                                  kSe10 + other + "\n", "\n" + kSe10 + "\n\n" + other + "\n"}) {
    const auto decoded = decode(text);
    ASSERT_TRUE(decoded);
    ASSERT_EQ(decoded->records.size(), 2u);
    EXPECT_EQ(reencode(*decoded), kSe10 + "\n" + other + "\n");
    EXPECT_TRUE(decoded->findings.empty());
  }
}

TEST(Decode, PasswordOfTheARecord_IsNowhereInTheResult) {
  const std::string a = line("A2304ZZ9SECRET031626     SE");
  const auto decoded = decode(a + "\n");
  ASSERT_TRUE(decoded);
  EXPECT_EQ(codes(decoded->findings), std::set<std::string>{"CATAIR_PASSWORD_DROPPED"});
  EXPECT_EQ(decoded->records[0].text.find("SECRET"), std::string::npos);
  EXPECT_EQ(reencode(*decoded), line("A2304ZZ9      031626     SE") + "\n");
  for (const DecodedElement& element : decoded->records[0].elements)
    EXPECT_EQ(element.text.find("SECRET"), std::string::npos);
  for (const Finding& finding : decoded->findings) EXPECT_EQ(finding.DebugString().find("SECRET"), std::string::npos);
}

struct Broken {
  const char* text;
  const char* code;
  const char* element;
};

TEST(Decode, BrokenElement_IsNamedWithItsPositionsAndTheRestGoesOn) {
  for (const Broken& broken : {
           Broken{"SE10AZZ9  12345677 01EI 12-345678900308000001845X2304", "CATAIR_CHARACTER", "entered_value"},
           Broken{"SE10AZZ9  12345677 01EI 12-34567890030800000 84502304", "CATAIR_CHARACTER", "entered_value"},
           Broken{"SE10XZZ9  12345677 01EI 12-34567890030800000184502304", "CATAIR_VALUE_NOT_LISTED", "action_code"},
           Broken{"SE10AZZ9XX12345677 01EI 12-34567890030800000184502304", "CATAIR_FILLER_NOT_BLANK", "filler_1"},
           Broken{"SE10AZZ9  12345677   EI 12-34567890030800000184502304", "CATAIR_ELEMENT_MISSING", "entry_type"},
           Broken{"SE10AZZ9  12345678 01EI 12-34567890030800000184502304", "CATAIR_CHECK_DIGIT", "entry_number"},
           Broken{"SE10AZZ9  12345677 01EI 12-3456789003080000018450230-", "CATAIR_CHARACTER", "port_of_entry"},
           Broken{"SE16TMXF00417133226000000240", "CATAIR_DATE_INVALID", "arrival_date"},
       }) {
    const auto decoded = decode(kSe10 + "\n" + line(broken.text) + "\n" + kSe10 + "\n");
    ASSERT_TRUE(decoded);
    ASSERT_EQ(decoded->records.size(), 3u) << broken.text;
    ASSERT_EQ(decoded->findings.size(), 1u) << broken.text;
    const Finding& finding = decoded->findings.list()[0];
    EXPECT_EQ(finding.code(), broken.code) << broken.text;
    EXPECT_EQ(finding.target().element(), broken.element);
    EXPECT_EQ(finding.target().record_line(), 2u);
    EXPECT_GT(finding.target().start(), 0u);
    EXPECT_EQ(finding.params().count("element"), 1u);
    EXPECT_EQ(finding.en().find('{'), std::string::npos) << finding.en();
    // What is broken is still there when the lines are written again.
    EXPECT_EQ(reencode(*decoded).substr(81, 80), line(broken.text));
  }
}

TEST(Decode, WrongLengthAndUnknownRecord_AreFindingsAndTheNextLineIsRead) {
  const auto decoded = decode(kSe10 + "\nSE13LAURA MENDEZ                            9565550142\n" + kSe10 + "EXTRA\n" +
                              line("QQ99 WHAT IS THIS") + "\n" + kSe10 + "\n");
  ASSERT_TRUE(decoded);
  ASSERT_EQ(decoded->records.size(), 5u);
  EXPECT_EQ(codes(decoded->findings), (std::set<std::string>{"CATAIR_LINE_LENGTH", "CATAIR_RECORD_UNKNOWN"}));
  const auto unknown = decode(kSe10 + "\n" + line("QQ99 WHAT IS THIS") + "\n");
  ASSERT_TRUE(unknown);
  EXPECT_EQ(codes(unknown->findings), std::set<std::string>{"CATAIR_RECORD_UNKNOWN"});
  EXPECT_EQ(unknown->records[1].record, nullptr);
  EXPECT_EQ(reencode(*unknown), kSe10 + "\n" + line("QQ99 WHAT IS THIS") + "\n");
}

TEST(Decode, WhatIsNoRecord_IsRefused) {
  for (const std::string& text :
       {std::string(), std::string("\n\n"), std::string("A quick brown fox"), std::string("<?xml version=\"1.0\"?>"),
        "<cfdi:Comprobante " + std::string(400, 'x') + "/>", std::string("{\"schema\": \"puente.entry/1\"}"),
        std::string(5, '\0'), std::string(200, '\xFF'), std::string("10 little lines of something\n40 more")})
    EXPECT_FALSE(decode(text)) << text.substr(0, 30);
}

TEST(Decode, EnvelopeThatDisagrees_IsReportedWithItsRule) {
  const std::string text = line("A2304ZZ9      111926     AE") + "\n" + line("B  2304ZZ9AE") + "\n" +
                           line("Y  2301ZZ9AE") + "\n" + line("Z2305ZZ9      111926") + "\n";
  const auto decoded = decode(text);
  ASSERT_TRUE(decoded);
  ASSERT_EQ(decoded->findings.size(), 2u);
  EXPECT_EQ(decoded->findings.list()[0].code(), "CATAIR_ENVELOPE_MISMATCH");
  EXPECT_EQ(decoded->findings.list()[0].authority_rule(), "X32");
}

TEST(Decode, AnswerBlockWithAnotherCount_IsReported) {
  const auto decoded =
      decode(line("B  2304ZZ9SX") + "\n" + line("SE9002   SE DATA ACCEPTED") + "\n" + line("Y  2304ZZ9SX00002") + "\n");
  ASSERT_TRUE(decoded);
  EXPECT_EQ(codes(decoded->findings), std::set<std::string>{"CATAIR_COUNT_MISMATCH"});
}

TEST(Decode, AgencyStatusOfEitherVersion_FindsItsLayout) {
  const auto decoded =
      decode(line("SO70FDAFOO031626130201DATA UNDER PGA REVIEW         01  00101001              04") + "\n" +
             line("SO70FDADEV052616093207MAY PROCEED                   072200011001              01") + "\n");
  ASSERT_TRUE(decoded);
  EXPECT_EQ(value(decoded->records[0], "begin_cbp_line"), "001");
  EXPECT_EQ(value(decoded->records[1], "begin_cbp_line"), "0001");
}

TEST(Reencode, WhatEncodeWrote_DecodesWithoutFindings) {
  for (const FilingKind kind : {FilingKind::cargo_release, FilingKind::entry_summary}) {
    const v1::Entry entry = kind == FilingKind::cargo_release ? drive_shaft_entry() : brake_rotor_entry();
    const FilerFacts facts = kind == FilingKind::cargo_release ? drive_shaft_filer() : brake_rotor_filer();
    const std::string text = encode(kind, entry, facts).text();
    const auto decoded = decode(text);
    ASSERT_TRUE(decoded);
    EXPECT_EQ(reencode(*decoded), text);
    for (const Finding& finding : decoded->findings) ADD_FAILURE() << finding.en();
  }
}

struct CheckDigit {
  const char *filer, *number;
  char digit;
};

TEST(EntryCheckDigit, WorkedExamples_Agree) {
  for (const CheckDigit& worked :
       {CheckDigit{"B76", "0324527", '8'}, CheckDigit{"ABC", "1234567", '6'}, CheckDigit{"999", "9999999", '0'},
        CheckDigit{"ZZ9", "0044203", '1'}, CheckDigit{"ZZ9", "1234567", '7'}, CheckDigit{"ZZ9", "2000456", '3'}})
    EXPECT_EQ(entry_check_digit(worked.filer, worked.number), worked.digit) << worked.filer << worked.number;
}

TEST(EntryCheckDigit, FactorAndBadInput_AreHandled) {
  EXPECT_EQ(entry_check_digit("B76", "0324527", 3), '1');
  EXPECT_FALSE(entry_check_digit("B7", "0324527"));
  EXPECT_FALSE(entry_check_digit("b76", "0324527"));
  EXPECT_FALSE(entry_check_digit("B76", "032452X"));
  EXPECT_FALSE(entry_check_digit("B76", "0324527", 10));
}

const std::string kA = line("A2304ZZ9      111826     SE"), kB = line("B  2304ZZ9SE"), kY = line("Y  2304ZZ9SE"),
                  kZ = line("Z2304ZZ9      111826");

std::string text_of(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& each : lines) text += each + "\n";
  return text;
}

TEST(Decode, RecordsInOrder_GiveNoOrderFinding) {
  const std::vector<std::vector<std::string>> good = {
      {kA, kB, kSe10, kY, kZ}, {kA, kB, kSe10, kY, kB, kSe10, kY, kZ, kA, kB, kSe10, kY, kZ}, {kSe10}, {kB, kSe10, kY}};
  for (const auto& lines : good) {
    const auto decoded = decode(text_of(lines));
    ASSERT_TRUE(decoded);
    EXPECT_EQ(codes(decoded->findings), std::set<std::string>{}) << text_of(lines);
  }
}

TEST(Decode, RecordsOutOfOrder_AreTold) {
  const std::vector<std::vector<std::string>> bad = {
      {kA, kA, kB, kSe10, kY, kZ},    {kB, kA, kSe10, kY, kZ}, {kA, kY, kB, kSe10, kZ}, {kA, kB, kSe10, kY, kZ, kSe10},
      {kSe10, kA, kB, kSe10, kY, kZ}, {kA, kB, kSe10, kZ},     {kA, kSe10, kZ, kB, kY}};
  for (const auto& lines : bad) {
    const auto decoded = decode(text_of(lines));
    ASSERT_TRUE(decoded);
    EXPECT_TRUE(codes(decoded->findings).contains("CATAIR_RECORD_ORDER")) << text_of(lines);
  }
}

TEST(Decode, LowerCase_ReadsAsCapitalsWithOneFinding) {
  const auto decoded = decode(line("se10azz9  12345677 01ei 12-34567890030800000184502304") + "\n" +
                              line("se13laura mendez                            9565550142"));
  ASSERT_TRUE(decoded);
  ASSERT_EQ(decoded->findings.size(), 1u);
  EXPECT_EQ(decoded->findings.begin()->code(), "CATAIR_LOWER_CASE");
  EXPECT_EQ(value(decoded->records[0], "ior_number"), "12-345678900");
  EXPECT_EQ(value(decoded->records[1], "contact_name"), "LAURA MENDEZ");
}

TEST(Decode, FullLinesWithoutTable_AreUnknownRecords) {
  const auto decoded = decode(text_of({line("OI        BRAKE ROTORS"), line("PG01001AMS")}));
  ASSERT_TRUE(decoded);
  EXPECT_EQ(codes(decoded->findings), std::set<std::string>{"CATAIR_RECORD_UNKNOWN"});
  EXPECT_FALSE(decode(line("An article about brakes that fills its line")));
  EXPECT_FALSE(decode("OI BRAKE ROTORS\n"));
}

TEST(Decode, OtherIdentifierThatBeginsWithZ_IsNoTrailer) {
  const auto decoded = decode(text_of({kA, kB, kSe10, line("ZZ99"), kY, kZ}));
  ASSERT_TRUE(decoded);
  EXPECT_EQ(decoded->records[3].record, nullptr);
  EXPECT_EQ(codes(decoded->findings), std::set<std::string>{"CATAIR_RECORD_UNKNOWN"});
}

TEST(Decode, CountInTrailer_IsTakenOfQpAndWpOnly) {
  for (const std::string application : {"QP", "WP"}) {
    const auto decoded =
        decode(text_of({line("A2304ZZ9      111826     " + application), line("B  2304ZZ9" + application),
                        line("Y  2304ZZ9" + application + "00000"), kZ}));
    ASSERT_TRUE(decoded);
    EXPECT_EQ(codes(decoded->findings), std::set<std::string>{}) << application;
  }
  const auto decoded = decode(text_of({kA, kB, kSe10, line("Y  2304ZZ9SE00001"), kZ}));
  ASSERT_TRUE(decoded);
  EXPECT_EQ(codes(decoded->findings), std::set<std::string>{"CATAIR_FILLER_NOT_BLANK"});
}

TEST(Decode, BlankEntryNumber_IsAWarning) {
  const auto decoded = decode(line("SE10AZZ9           01EI 12-34567890030800000184502304"));
  ASSERT_TRUE(decoded);
  ASSERT_EQ(codes(decoded->findings), std::set<std::string>{"CATAIR_ENTRY_NUMBER_BLANK"});
  EXPECT_EQ(decoded->findings.begin()->severity(), v1::SEVERITY_WARNING);
}

TEST(Decode, MoreThanItTakes_IsRefused) { EXPECT_FALSE(decode(std::string(kDecodeBytes, '\n') + kSe10)); }

}  // namespace
}  // namespace puente::cbp
