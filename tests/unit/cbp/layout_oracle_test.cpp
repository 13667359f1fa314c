// Our tables against the reference layouts (CSV) and the reference transmissions, where they are at hand.
#include <gtest/gtest.h>

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <optional>
#include <ostream>
#include <set>
#include <string>
#include <vector>

#include "mappings/cbp/catair/layout.h"
#include "mappings/cbp/catair/record.h"
#include "mappings/cbp/filing.h"
#include "mappings/domain/csv.h"

namespace puente::cbp {
namespace {

const std::filesystem::path kReference = std::filesystem::path(PUENTE_SHARED_DIR) / "reference" / "cbp";

std::string read(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

struct Row {
  std::string field, start, end, cls;
  std::string justify, decimals, empty, values;  // only where the reference has these columns
  bool operator==(const Row&) const = default;
};
void PrintTo(const Row& row, std::ostream* out) {
  *out << row.field << ' ' << row.start << '-' << row.end << ' ' << row.cls << ' ' << row.justify << row.decimals
       << row.empty << ' ' << row.values;
}

using Layouts = std::map<std::string, std::vector<Row>>;  // "AE in 10" -> rows

Layouts reference_layouts() {
  Layouts layouts;
  for (const char* name : {"se-layout.csv", "so-layout.csv", "ae-layout.csv", "batch-block-layout.csv"}) {
    const Result<CsvTable> table = parse_csv(read(kReference / name), name);
    if (!table) continue;
    for (const CsvTable::Row& row : table->rows) {
      const auto cell = [&](const char* column) { return row.cells[table->column(column)]; };
      layouts[cell("message") + " " + cell("direction") + " " + cell("record")].push_back(
          {cell("field"), cell("start"), cell("end"), cell("class"), "", "", "", ""});
      if (table->column("justify") == CsvTable::npos || cell("field").starts_with("filler")) continue;
      Row& last = layouts[cell("message") + " " + cell("direction") + " " + cell("record")].back();
      last.justify = cell("justify");
      last.decimals = cell("decimals").empty() ? "0" : cell("decimals");
      last.empty = cell("empty");
      last.values = cell("values");
    }
  }
  return layouts;
}

std::string reference_key(const catair::Record& record) {
  const std::string id = record.id == "SO70/V3" ? "SO70V3" : std::string(record.id);
  const std::map<std::string, std::string> prefix = {
      {"", "ABI in "},  {"ANSWER", "ABI out "}, {"SE", id == "SE90" ? "SX out " : "SE in "},
      {"AE", "AE in "}, {"AX", "AX out "},      {"SO", "SO out "}};
  return prefix.at(std::string(record.application)) + id;
}

TEST(CatairTables, AgainstReferenceLayouts_AgreeInEveryColumnTheyHave) {
  if (!std::filesystem::exists(kReference)) GTEST_SKIP() << "reference layouts are not at hand";
  const char* kClasses[] = {"A", "N", "(S)N", "AN", "D", "X", "S"};
  const char* kEmpties[] = {"S", "Z", "-"};
  const Layouts layouts = reference_layouts();
  for (const catair::Record* record : catair::all_records()) {
    const auto found = layouts.find(reference_key(*record));
    ASSERT_NE(found, layouts.end()) << reference_key(*record);
    // The layouts of SE and SO do not print fill, decimals and lists; those of AE and the envelope do.
    const bool whole = !record->application.starts_with("S");
    std::vector<Row> ours;
    for (const catair::Field& field : record->fields) {
      Row row{std::string(field.name),
              std::to_string(field.start),
              std::to_string(field.end),
              kClasses[static_cast<std::size_t>(field.cls)],
              "",
              "",
              "",
              ""};
      if (whole && !field.is_filler()) {
        row.justify = field.justify == catair::Justify::left ? "L" : "R";
        row.decimals = std::to_string(field.decimals);
        row.empty = kEmpties[static_cast<std::size_t>(field.empty)];
        row.values = field.values;
      }
      ours.push_back(row);
    }
    EXPECT_EQ(ours, found->second) << reference_key(*record);
  }
}

// Every line of a transmission file decodes and encodes back to its own bytes; the password comes back as spaces.
struct Counts {
  std::size_t lines = 0, compared = 0, skipped = 0;
};

Counts round_trip(const std::filesystem::path& path) {
  Counts counts;
  const std::string text = read(path);
  const std::optional<DecodedTransmission> decoded = decode(text);
  if (!decoded) {
    ADD_FAILURE() << path << " is not taken for records";
    return counts;
  }
  const std::string again = reencode(*decoded);
  for (std::size_t at = 0, index = 0; at < text.size(); at += 81, ++index) {
    ++counts.lines;
    if (index >= decoded->records.size() || decoded->records[index].record == nullptr) {
      ++counts.skipped;
      continue;
    }
    std::string line = text.substr(at, 80);
    if (decoded->records[index].record->id == "A") line.replace(8, 6, 6, ' ');
    EXPECT_EQ(again.substr(index * 81, 80), line) << path.filename();
    EXPECT_EQ(decoded->records[index].text, line) << path.filename();
    ++counts.compared;
  }
  return counts;
}

TEST(CatairTables, ReferenceTransmissions_DecodeAndEncodeBackByteForByte) {
  if (!std::filesystem::exists(kReference / "examples")) GTEST_SKIP() << "reference transmissions are not at hand";
  Counts all;
  for (const auto& entry : std::filesystem::directory_iterator(kReference / "examples")) {
    const std::string name = entry.path().filename().string();
    if (!(name.starts_with("se-") || name.starts_with("ae-")) || entry.path().extension() != ".txt") continue;
    const Counts counts = round_trip(entry.path());
    all.lines += counts.lines;
    all.compared += counts.compared;
    all.skipped += counts.skipped;
  }
  RecordProperty("lines", static_cast<int>(all.lines));
  RecordProperty("compared", static_cast<int>(all.compared));
  RecordProperty("skipped", static_cast<int>(all.skipped));
  std::cout << "[   COUNTS ] lines " << all.lines << ", compared " << all.compared << ", of records without a table "
            << all.skipped << "\n";
  EXPECT_GT(all.compared, 400u);
  EXPECT_EQ(all.lines, all.compared + all.skipped);
}

TEST(CatairTables, ReferenceTransmissions_GiveNoFindingsButTheOnesMeant) {
  if (!std::filesystem::exists(kReference / "examples")) GTEST_SKIP() << "reference transmissions are not at hand";
  for (const auto& entry : std::filesystem::directory_iterator(kReference / "examples")) {
    const std::string name = entry.path().filename().string();
    if (!(name.starts_with("se-") || name.starts_with("ae-")) || entry.path().extension() != ".txt") continue;
    const std::optional<DecodedTransmission> decoded = decode(read(entry.path()));
    ASSERT_TRUE(decoded) << name;
    std::set<std::string> codes;
    for (const Finding& finding : decoded->findings) {
      if (finding.code() == "CATAIR_RECORD_UNKNOWN" || finding.code() == "CATAIR_PASSWORD_DROPPED") continue;
      codes.insert(finding.code());
      if (name != "ae-09-batch-reject.ae-bad.txt") ADD_FAILURE() << name << ": " << finding.en();
    }
    // Its Y record names another port than its B record: that is the point of the example.
    if (name == "ae-09-batch-reject.ae-bad.txt") {
      EXPECT_EQ(codes, std::set<std::string>{"CATAIR_ENVELOPE_MISMATCH"});
    }
  }
}

}  // namespace
}  // namespace puente::cbp
