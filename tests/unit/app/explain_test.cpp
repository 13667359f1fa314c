#include "gateway/app/explain.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <sstream>

namespace puente::app {
namespace {

constexpr cbp::catair::Field field(std::string_view name, int start, int end) {
  cbp::catair::Field out;
  out.name = name;
  out.start = start;
  out.end = end;
  return out;
}
constexpr cbp::catair::Field kFields[] = {field("control_identifier", 1, 4), field("description", 5, 74),
                                          field("value", 75, 80)};
constexpr cbp::catair::Record kRecord = {"SE", "SE40", "Line item", "test", kFields, {}};

v1::Lineage* add(v1::Draft& draft, const std::string& element, const std::string& rule) {
  v1::Lineage* row = draft.add_lineage();
  row->set_element(element);
  row->set_rule(rule);
  return row;
}

void source(v1::Lineage* row, v1::LineageSource::Kind kind, const std::string& document, const std::string& path,
            std::uint32_t line, const std::string& text) {
  v1::LineageSource* added = row->add_sources();
  added->set_kind(kind);
  added->mutable_place()->set_document(document);
  added->mutable_place()->set_path(path);
  added->mutable_place()->set_line(line);
  added->set_text(text);
}

Translation sample() {
  Translation out;
  v1::Entry* entry = out.draft.add_entries();
  entry->set_importer_of_record("74-123456700");
  source(add(out.draft, "entries[0].lines[0].description", "EM060"), v1::LineageSource::CATALOG, "catalog.csv",
         "description_en", 2, "BRAKE ROTORS");
  v1::Lineage* value = add(out.draft, "entries[0].lines[0].tariffs[0].value_usd", "EM097");
  source(value, v1::LineageSource::DERIVED, "", "lines[0].invoice_value", 0, "");
  source(add(out.draft, "entries[0].lines[0].invoice_value", "EM090"), v1::LineageSource::DOCUMENT, "factura.xml",
         "/cfdi:Comprobante/cfdi:Conceptos/cfdi:Concepto[2]/@Importe\x1b[2J", 57, "98,400.00");
  Filing filing;
  cbp::EncodedRecord record;
  record.record = &kRecord;
  record.text = "SE40" + std::string("BRAKE ROTORS") + std::string(58, ' ') + "098400";
  record.elements = {{&kFields[0], "SE40", "constant"},
                     {&kFields[1], "BRAKE ROTORS", "lines[0].description[0]"},
                     {&kFields[2], "098400", "lines[0].tariffs[0].value_usd"}};
  filing.encoded.records.push_back(record);
  out.filings.push_back(std::move(filing));
  return out;
}

TEST(Lineage, ListElement_IsFoundByTheElementThatHoldsIt) {
  const Translation translation = sample();
  const LineageIndex index(translation.draft);
  const Explanation explanation = explanation_of(index, 0, "lines[0].description[0]");
  EXPECT_EQ(explanation.rule, "EM060");
  ASSERT_EQ(explanation.sources.size(), 1U);
  EXPECT_EQ(explanation.sources[0].text, "catalog catalog.csv:2 description_en");
}

TEST(Lineage, DerivedElement_LeadsToTheAttribute) {
  const Translation translation = sample();
  const LineageIndex index(translation.draft);
  const Explanation explanation = explanation_of(index, 0, "lines[0].tariffs[0].value_usd");
  ASSERT_EQ(explanation.sources.size(), 2U);
  EXPECT_EQ(explanation.sources[0].text, "derived lines[0].invoice_value");
  EXPECT_EQ(explanation.sources[1].depth, 1);
  EXPECT_EQ(explanation.sources[1].value, "98,400.00");
}

TEST(Lineage, LayoutConstant_SaysSo) {
  const Translation translation = sample();
  const LineageIndex index(translation.draft);
  EXPECT_EQ(explanation_of(index, 0, "constant").rule, "constant");
}

TEST(Lineage, Cycle_Ends) {
  v1::Draft draft;
  source(add(draft, "entries[0].a", "R1"), v1::LineageSource::DERIVED, "", "b", 0, "");
  source(add(draft, "entries[0].b", "R2"), v1::LineageSource::DERIVED, "", "a", 0, "");
  EXPECT_LE(explanation_of(LineageIndex(draft), 0, "a").sources.size(), 8U);
}

class Printed : public testing::Test {
 protected:
  std::string print(const Narrow& narrow) {
    std::ostringstream out, err;
    Terminal terminal{Printer(out, false, false), Printer(err, false, false), Language::en};
    print_explanation(terminal, sample(), narrow);
    return out.str();
  }
};

TEST_F(Printed, Record_HasRulerPositionsRuleAndSourceWithin100Columns) {
  const std::string text = print({});
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(columns_of(line), 100U) << line;
  EXPECT_NE(text.find("         1         2"), std::string::npos);
  EXPECT_NE(text.find("75-80"), std::string::npos);
  EXPECT_NE(text.find("EM097"), std::string::npos);
  EXPECT_NE(text.find("document factura.xml:57 /cfdi:Comprobante"), std::string::npos);
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
  // The ruler stands above its columns.
  std::istringstream again(text);
  std::string ones, record;
  while (std::getline(again, ones) && ones.find("1234567890") == std::string::npos) {
  }
  std::getline(again, record);
  EXPECT_EQ(ones.find('1'), record.find("SE40"));
}

TEST_F(Printed, Narrowed_ShowsOnlyWhatWasAskedFor) {
  EXPECT_NE(print({"40", ""}).find("SE40"), std::string::npos);
  EXPECT_EQ(print({"SE10", ""}).find("SE40"), std::string::npos);
  const std::string one = print({"SE40", "description"});
  EXPECT_NE(one.find("EM060"), std::string::npos);
  EXPECT_EQ(one.find("EM097"), std::string::npos);
}

TEST_F(Printed, Json_CarriesRuleAndSources) {
  const auto json = explanation_json(sample(), {"SE40", "value"});
  const auto& element = json[0]["records"][0]["elements"][0];
  EXPECT_EQ(element["start"], 75);
  EXPECT_EQ(element["rule"], "EM097");
  EXPECT_EQ(element["sources"].size(), 2U);
}

}  // namespace
}  // namespace puente::app
