// The rule tables against the reference's table of rules: every row that can be decided here is answered somewhere.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "mappings/domain/csv.h"
#include "mappings/findings/findings.h"
#include "mappings/sat/element_tables.h"
#include "mappings/sat/rule.h"
#include "tests/unit/sat/sat_files.h"

namespace puente::sat {
namespace {

void collect(const ElementRow& element, std::set<std::string>& rows) {
  for (const AttributeRow& attribute : element.attributes)
    if (!attribute.type.rule.empty()) rows.emplace(attribute.type.rule);
  for (const ChildRow& child : element.children) collect(*child.element, rows);
}

std::vector<const Rule*> all_rules() {
  std::vector<const Rule*> out;
  for (const auto rules : {cfdi::v40::rules(), carta_porte::v31::rules(), comercio_exterior::v20::rules()})
    for (const Rule& rule : rules) out.push_back(&rule);
  return out;
}

std::set<std::string> judged_rows() {
  std::set<std::string> rows;
  for (const Rule* rule : all_rules()) rows.emplace(rule->row);
  collect(comprobante_row(), rows);
  return rows;
}

TEST(Rules, EveryRowOfTheReferenceThatCanBeDecidedIsAnswered) {
  const auto file = kReference / "sat/validation-rules.csv";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "no reference at " << file;
  const auto table = parse_csv(read_file(file), "validation-rules.csv");
  ASSERT_TRUE(table.has_value());
  std::set<std::string> answered = judged_rows();
  for (const AnsweredElsewhere& row : answered_elsewhere())
    EXPECT_TRUE(answered.emplace(row.row).second) << row.row << " is judged and answered elsewhere";
  std::set<std::string> known;
  for (const auto& row : table->rows) {
    const std::string& code = row.cells[table->column("code")];
    const std::string& needs = row.cells[table->column("needs")];
    known.insert(code);
    if (needs == "registry") continue;
    EXPECT_TRUE(answered.contains(code)) << code << ": " << row.cells[table->column("condition_that_must_hold")];
  }
  for (const std::string& row : answered) EXPECT_TRUE(known.contains(row)) << row << " is not a row of the reference";
}

TEST(Rules, RejectAndWarnAreTheSeverityOfTheirFinding) {
  const auto file = kReference / "sat/validation-rules.csv";
  if (!std::filesystem::exists(file)) GTEST_SKIP() << "no reference at " << file;
  const auto table = parse_csv(read_file(file), "validation-rules.csv");
  ASSERT_TRUE(table.has_value());
  std::map<std::string, std::string> severities;
  for (const auto& row : table->rows)
    severities[row.cells[table->column("code")]] = row.cells[table->column("severity")];
  for (const Rule* rule : all_rules()) {
    const CatalogueRow* row = find_catalogue_row(rule->code);
    ASSERT_NE(row, nullptr) << rule->code;
    EXPECT_EQ(row->severity == Severity::SEVERITY_ERROR, severities[std::string(rule->row)] == "reject") << rule->row;
    EXPECT_EQ(row->stage, rule->needs == Needs::document ? "rules" : "catalogs") << rule->code;
    EXPECT_EQ(row->authority_rule, "") << rule->code << ": the rule's row says it";
  }
  for (const AnsweredElsewhere& row : answered_elsewhere())
    EXPECT_TRUE(row.code.empty() || find_catalogue_row(row.code) != nullptr) << row.code;
}

}  // namespace
}  // namespace puente::sat
