// The reference's golden shipments, read, joined and drafted, against their expected.json by part (golden README,
// Parts).
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "mappings/crosswalk/draft.h"
#include "mappings/domain/csv.h"
#include "mappings/findings/projection.h"
#include "mappings/sat/read.h"
#include "tests/unit/crosswalk/lineage_walk.h"

namespace puente {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

const fs::path kGolden = fs::path(PUENTE_SHARED_DIR) / "reference/crosswalk/golden";

std::string slurp(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

std::vector<fs::path> files_of(const fs::path& directory, std::string_view extension) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(directory))
    if (entry.path().extension() == extension) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

v1::Draft draft_case(const fs::path& directory) {
  auto trust = sat::TrustStore::load(sat::Environment::test, {kGolden / "authority"});
  EXPECT_TRUE(trust) << (trust ? "" : trust.error().text);
  sat::ReadContext reading;
  if (trust) reading.trust = *trust;
  std::vector<crosswalk::ShipmentDocument> documents;
  for (const fs::path& file : files_of(directory / "documents", ".xml")) {
    sat::ReadOutcome outcome = sat::read(file.filename().string(), slurp(file), reading);
    EXPECT_NE(outcome.document, nullptr) << file;
    documents.push_back({file.filename().string(), outcome.document, outcome.stages, outcome.accepted});
  }
  std::vector<std::pair<std::string, std::string>> partners;
  for (const fs::path& file : files_of(directory / "partners", ".toml"))
    partners.emplace_back(file.filename().string(), slurp(file));
  auto profiles = crosswalk::Profiles::parse(partners);
  auto catalog = crosswalk::ProductCatalog::parse("catalog.csv", slurp(directory / "catalog.csv"));
  EXPECT_TRUE(profiles) << (profiles ? "" : profiles.error().text);
  EXPECT_TRUE(catalog) << (catalog ? "" : catalog.error().text);
  auto notice = crosswalk::read_notice("notice.json", slurp(directory / "notice.json"));
  crosswalk::DraftContext context;
  if (profiles) context.profiles = *profiles;
  if (catalog) context.catalog = *catalog;
  return crosswalk::draft(crosswalk::join(std::move(documents), notice.notice), context);
}

// Absent is the same as empty (golden README).
Json without_empty(const Json& json) {
  if (json.is_object()) {
    Json out = Json::object();
    for (const auto& [key, value] : json.items()) {
      Json kept = without_empty(value);
      if (!(kept.is_structured() && kept.empty())) out[key] = std::move(kept);
    }
    return out;
  }
  if (json.is_array()) {
    Json out = Json::array();
    for (const Json& value : json) out.push_back(without_empty(value));
    return out;
  }
  return json;
}

void differences(const Json& expected, const Json& actual, const std::string& path, std::vector<std::string>& out) {
  if (expected.is_object() && actual.is_object()) {
    std::set<std::string> keys;
    for (const auto& [key, value] : expected.items()) keys.insert(key);
    for (const auto& [key, value] : actual.items()) keys.insert(key);
    for (const std::string& key : keys) {
      const std::string below = path + '.' + key;
      if (!actual.contains(key)) {
        out.push_back(below + ": missing, expected " + expected[key].dump());
      } else if (!expected.contains(key)) {
        out.push_back(below + ": not expected, is " + actual[key].dump());
      } else {
        differences(expected[key], actual[key], below, out);
      }
    }
    return;
  }
  if (expected.is_array() && actual.is_array() && expected.size() == actual.size()) {
    for (std::size_t i = 0; i < expected.size(); ++i)
      differences(expected[i], actual[i], path + '[' + std::to_string(i) + ']', out);
    return;
  }
  if (expected != actual) out.push_back(path + ": expected " + expected.dump() + ", is " + actual.dump());
}

std::string compare(const Json& expected, const Json& actual) {
  std::vector<std::string> found;
  differences(without_empty(expected), without_empty(actual), "", found);
  std::string text;
  for (const std::string& one : found) text += one + '\n';
  return text;
}

Json only(const Json& object, const std::set<std::string>& keys) {
  Json out = Json::object();
  for (const auto& [key, value] : object.items())
    if (keys.contains(key)) out[key] = value;
  return out;
}

Json part_a(const Json& draft) {
  Json out = Json::array();
  for (Json entry : draft["entries"]) {
    entry.erase("lines");
    entry.erase("totals");
    out.push_back(std::move(entry));
  }
  return out;
}

Json lines_of(const Json& draft) {
  Json out = Json::array();
  for (const Json& entry : draft["entries"])
    if (entry.contains("lines"))
      for (const Json& line : entry["lines"]) out.push_back(line);
  return out;
}

Json part_b(const Json& draft) {
  static const std::set<std::string> kFields = {
      "line",         "invoice",         "invoice_uuid",   "concept",         "country_of_origin", "country_of_export",
      "spi",          "manufacturer_id", "description",    "gross_weight_kg", "related_party",     "parties",
      "declarations", "pga_flags",       "serial_numbers", "value_split"};
  Json out = Json::array();
  for (const Json& line : lines_of(draft)) {
    Json kept = only(line, kFields);
    if (line.contains("tariffs") && !line["tariffs"].empty())
      kept["classification"] = only(
          line["tariffs"].back(),
          {"hts", "value_usd", "quantity_1", "quantity_2", "quantity_3", "uom_1", "uom_2", "uom_3", "quantity_source"});
    out.push_back(std::move(kept));
  }
  return out;
}

Json part_c(const Json& draft) {
  Json lines = Json::array();
  for (const Json& line : lines_of(draft)) lines.push_back(only(line, {"tariffs", "fees", "charges_usd"}));
  Json totals = Json::array();
  for (const Json& entry : draft["entries"]) totals.push_back(only(entry, {"totals"}));
  return {{"lines", lines}, {"totals", totals}};
}

std::set<std::string> not_compared() {
  std::set<std::string> codes;
  const auto table = parse_csv(slurp(kGolden / "findings-not-compared.csv"), "findings-not-compared.csv");
  EXPECT_TRUE(table);
  if (table)
    for (const auto& row : table->rows) codes.insert(row.cells.front());
  return codes;
}

bool is_sat_rule(std::string_view code) {
  for (const std::string_view family : {"CFDI40", "CP", "CCE", "GW"})
    if (code.starts_with(family) && code.find_first_of("0123456789") != std::string_view::npos) return true;
  return false;
}

std::set<std::string> findings_of(const Json& draft) {
  static const std::set<std::string> kNotCompared = not_compared();
  std::set<std::string> out;
  if (!draft.contains("findings")) return out;
  for (const Json& finding : draft["findings"]) {
    const std::string code = finding["code"];
    if (kNotCompared.contains(code) || is_sat_rule(code)) continue;
    out.insert(code + ' ' + finding["severity"].get<std::string>() + " at " + finding["where"].get<std::string>());
  }
  return out;
}

class GoldenDraft : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    if (!fs::exists(kGolden)) GTEST_SKIP() << "the reference's golden cases are not beside this tree: " << kGolden;
    const fs::path directory = kGolden / GetParam();
    expected_ = Json::parse(slurp(directory / "expected.json"));
    message_ = draft_case(directory);
    actual_ = project(message_);
  }

  v1::Draft message_;
  Json expected_, actual_;
};

TEST_P(GoldenDraft, Entry_FromDocumentsNoticeAndProfile_EqualsPartA) {
  EXPECT_EQ(compare(part_a(expected_), part_a(actual_)), "");
}

TEST_P(GoldenDraft, Lines_FromDocumentsNoticeAndCatalog_EqualPartB) {
  EXPECT_EQ(compare(part_b(expected_), part_b(actual_)), "");
}

TEST_P(GoldenDraft, DutiesFeesAndTotals_OnTheDateOfEntry_EqualPartC) {
  EXPECT_EQ(compare(part_c(expected_), part_c(actual_)), "");
}

TEST_P(GoldenDraft, Manifest_FromNoticeAndCartaPorte_EqualsPartD) {
  EXPECT_EQ(compare(expected_["manifest"], actual_["manifest"]), "");
}

TEST_P(GoldenDraft, Findings_WithTheirPlaces_EqualPartE) { EXPECT_EQ(findings_of(actual_), findings_of(expected_)); }

TEST_P(GoldenDraft, EveryElement_HasLineageWithAKnownRule) {
  EXPECT_EQ(crosswalk::samples::lineage_faults(message_), std::vector<std::string>());
}

INSTANTIATE_TEST_SUITE_P(Cases, GoldenDraft,
                         testing::Values("auto-parts-usmca", "avocados", "heavy-truck", "steel-232"),
                         [](const auto& the_case) {
                           std::string name = the_case.param;
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace puente
