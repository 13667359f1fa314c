#include "mappings/sat/read.h"

#include "mappings/sat/document_builder.h"
#include "mappings/sat/rules.h"
#include "mappings/sat/signatures.h"

namespace puente::sat {
namespace {

void report_refusal(const XmlRefusal& refusal, std::string_view name, Findings& findings) {
  Finding& finding = findings.add(refusal.code, {{"detail", refusal.detail}});
  finding.set_detail(refusal.detail);
  finding.mutable_source()->set_document(std::string(name));
  finding.mutable_source()->set_line(refusal.line);
  finding.mutable_source()->set_column(refusal.column);
  finding.mutable_source()->set_byte_offset(refusal.byte_offset);
}

Stage structure_stage(const DocumentBuilder& builder) {
  if (builder.structure_failed()) return Stage::fail;
  return builder.holds_unread() ? Stage::unknown : Stage::pass;
}

}  // namespace

ReadOutcome read(std::string_view name, std::string bytes, const ReadContext& context) {
  const CpuBudget budget(context.limits.cpu_seconds);
  ReadOutcome outcome;
  DocumentBuilder builder(name, std::move(bytes), outcome.findings);
  if (const auto refusal = parse_xml(builder.bytes(), context.limits, builder)) {
    // What was found before the parse stopped would judge half a document.
    outcome.findings = Findings();
    report_refusal(*refusal, name, outcome.findings);
    outcome.stages.xml = Stage::fail;
    return outcome;
  }
  outcome.stages.xml = Stage::pass;
  outcome.stages.structure = structure_stage(builder);
  if (const auto document = builder.finish()) {
    const auto trust = context.trust != nullptr ? context.trust : TrustStore::empty(Environment::production);
    const auto lists = context.lists != nullptr ? context.lists : catalogs::SatLists::embedded();
    outcome.kind = document->kind();
    outcome.folio_fiscal = document->folio_fiscal();
    if (!builder.version_refused() && !budget.spent())
      outcome.stages.seal = check_seal(*document, !builder.holds_unread(), *trust, lists.get(), outcome.findings);
    if (!budget.spent()) outcome.stages.stamp = check_stamp(*document, *trust, lists.get(), outcome.findings);
    if (!builder.version_refused()) {
      const RulesOutcome rules =
          check_rules(*document, builder.unsound(), *lists, context.overrides, context.today, budget, outcome.findings);
      outcome.stages.rules = rules.rules;
      outcome.stages.catalogs = rules.catalogs;
    }
    if (!builder.comprobante_refused()) outcome.document = document;
  }
  if (budget.spent()) outcome.findings.add("XML_TOO_SLOW").mutable_source()->set_document(std::string(name));
  outcome.accepted = !outcome.findings.has(Severity::SEVERITY_ERROR);
  return outcome;
}

}  // namespace puente::sat
