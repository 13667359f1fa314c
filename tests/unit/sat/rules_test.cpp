// The rule tables against the reference's table of rules: every row that can be decided here is answered somewhere.
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "mappings/domain/csv.h"
#include "mappings/findings/findings.h"
#include "mappings/sat/element_tables.h"
#include "mappings/sat/rule.h"
#include "tests/unit/sat/documents.h"
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

SeverityOverride override_of(std::string code, Severity severity, const char* expires) {
  return {std::move(code), severity, "ops@example.mx", "template of the ERP, ticket 4711", *parse_date(expires)};
}

const Finding* finding_of(const ReadOutcome& outcome, std::string_view code) {
  for (const Finding& finding : outcome.findings)
    if (finding.code() == code) return &finding;
  return nullptr;
}

TEST(Overrides, ActOnTheCodeOrTheAuthoritysNumberUntilTheyExpire) {
  const std::string wrong = replace(signed_invoice(), "FormaPago=\"03\"", "FormaPago=\"77\"");
  for (const std::string_view code : {"SAT_CODE_UNKNOWN", "CFDI40104"}) {
    ReadContext context;
    context.overrides = {override_of(std::string(code), Severity::SEVERITY_WARNING, "2026-12-31")};
    context.today = *parse_date("2026-12-31");
    const auto softened = read("a.xml", wrong, context);
    const Finding* finding = finding_of(softened, "SAT_CODE_UNKNOWN");
    ASSERT_NE(finding, nullptr) << codes(softened.findings);
    EXPECT_EQ(finding->severity(), Severity::SEVERITY_WARNING);
    EXPECT_EQ(finding->override().was(), Severity::SEVERITY_ERROR);
    EXPECT_EQ(finding->override().owner(), "ops@example.mx");
    EXPECT_EQ(finding->override().expires(), "2026-12-31");
    EXPECT_NE(softened.stages.catalogs, Stage::fail);

    context.today = *parse_date("2027-01-01");
    const auto expired = read("a.xml", wrong, context);
    EXPECT_EQ(finding_of(expired, "SAT_CODE_UNKNOWN")->severity(), Severity::SEVERITY_ERROR);
    EXPECT_FALSE(finding_of(expired, "SAT_CODE_UNKNOWN")->has_override());
    EXPECT_EQ(expired.stages.catalogs, Stage::fail);
  }
}

TEST(Overrides, AWarningCanBecomeAnError) {
  ReadContext context;
  context.overrides = {override_of("UBICACION_TIMES", Severity::SEVERITY_ERROR, "2030-01-01")};
  EXPECT_TRUE(may_be_overridden("UBICACION_TIMES"));
  EXPECT_FALSE(may_be_overridden("SEAL_INVALID")) << "what proves a document is the same for everybody";
  EXPECT_FALSE(may_be_overridden("XML_DOCTYPE"));
  EXPECT_FALSE(may_be_overridden("ATTRIBUTE_MISSING"));
}

TEST(Rules, StructuralAndRuleDefectsAreToldAtOnce) {
  std::string bytes = signed_invoice();
  bytes = replace(bytes, "Descripcion=\"Uno\"", "Descripcion=\"\"");  // structure, first concept
  bytes = replace(bytes, "ObjetoImp=\"02\"", "ObjetoImp=\"01\"");     // rule, second concept
  bytes = replace(bytes, "UsoCFDI=\"G01\"", "UsoCFDI=\"Z99\"");       // list
  const auto outcome = read("a.xml", bytes, {});
  SCOPED_TRACE(codes(outcome.findings));
  EXPECT_NE(finding_of(outcome, "ATTRIBUTE_EMPTY"), nullptr);
  EXPECT_NE(finding_of(outcome, "OBJETO_IMP_TAXES"), nullptr);
  EXPECT_NE(finding_of(outcome, "SAT_CODE_UNKNOWN"), nullptr);
  EXPECT_EQ(finding_of(outcome, "SUBTOTAL_NOT_SUM"), nullptr) << "a sum over what is broken is not judged";
}

}  // namespace
}  // namespace puente::sat
