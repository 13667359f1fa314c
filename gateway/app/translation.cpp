#include "gateway/app/translation.h"

#include <algorithm>

#include "gateway/app/files.h"
#include "gateway/app/knowledge.h"
#include "gateway/app/reading.h"

namespace puente::app {
namespace {

constexpr std::size_t kNoticeBytes = 256U << 10U;  // read_notice's own limit

// A shipper may try documents before they are sealed or stamped: what is said about the missing seal or stamp then holds the
// filing (draft() says so) instead of rejecting the document.
bool about_missing_signature(const Finding& finding, const sat::Stages& stages) {
  const CatalogueRow* row = find_catalogue_row(finding.code());
  if (row == nullptr) return false;
  return (row->stage == "seal" && stages.seal == sat::Stage::absent) ||
         (row->stage == "stamp" && stages.stamp == sat::Stage::absent);
}

std::string document_name(const sat::ReadOutcome& outcome, const std::string& file) {
  return "document " + (outcome.folio_fiscal.empty() ? file : outcome.folio_fiscal);
}

// Findings of a reading, as findings of the draft.
void take_findings(const sat::ReadOutcome& outcome, const std::string& file, Translation& translation) {
  for (Finding finding : outcome.findings) {
    if (about_missing_signature(finding, outcome.stages)) finding.set_severity(v1::SEVERITY_HOLD);
    if (finding.severity() == v1::SEVERITY_ERROR) translation.rejected_document = true;
    if (finding.where().empty()) finding.set_where(document_name(outcome, file));
    *translation.draft.add_findings() = std::move(finding);
  }
}

// The section of the broker whose filer code the entry carries.
const crosswalk::ProfileSection* broker_of(const crosswalk::Profiles& profiles, const v1::Entry& entry) {
  for (const crosswalk::ProfileSection* section : profiles.of("broker"))
    if (section->text("filer_code") == entry.filer_code()) return section;
  return profiles.broker();
}

// The reference that CBP echoes must be unique, so only the ledger gives one: it stays blank here.
cbp::FilerFacts filer_facts(const crosswalk::Profiles& profiles, const v1::Draft& draft, const v1::Entry& entry,
                            const std::optional<Date>& date) {
  cbp::FilerFacts facts;
  for (const v1::ManifestShipment& shipment : draft.manifest().shipments())
    facts.equipment[shipment.scn()].assign(shipment.equipment().begin(), shipment.equipment().end());
  if (const auto* broker = broker_of(profiles, entry)) {
    facts.abi_port = broker->text("abi_port").value_or("");
    facts.contact_name = broker->text("contact.name").value_or("");
    facts.contact_phone = broker->text("contact.phone").value_or("");
  }
  facts.certify_from_summary = profiles.rules().flag("certify_from_summary").value_or(false);
  facts.date = date.value_or(parse_date(entry.estimated_entry_date()).value_or(Date{}));
  return facts;
}

bool of_manifest(const Finding& finding) { return finding.where().starts_with("manifest"); }

bool blocks(const Finding& finding) { return finding.severity() == v1::SEVERITY_ERROR && !of_manifest(finding); }

}  // namespace

std::optional<Output> parse_output(std::string_view name) {
  if (name == "entry") return Output::entry;
  if (name == "se") return Output::se;
  if (name == "ae") return Output::ae;
  return std::nullopt;
}

std::vector<Finding> Translation::findings() const {
  std::vector<Finding> all(draft.findings().begin(), draft.findings().end());
  for (const Filing& filing : filings)
    for (Finding finding : filing.encoded.findings) {
      if (finding.where().empty()) finding.set_where("entry " + std::to_string(filing.entry_index + 1));
      all.push_back(std::move(finding));
    }
  return all;
}

bool Translation::blocked(Output output) const {
  if (rejected_document || draft.entries().empty()) return true;
  const auto held = [](const v1::Entry& entry) { return entry.status() == "held"; };
  if (std::any_of(draft.entries().begin(), draft.entries().end(), held)) return true;
  if (std::any_of(draft.findings().begin(), draft.findings().end(), blocks)) return true;
  return std::any_of(filings.begin(), filings.end(), [&](const Filing& filing) {
    const bool asked = output == Output::entry || (output == Output::se) == (filing.kind == cbp::FilingKind::cargo_release);
    return asked && std::any_of(filing.encoded.findings.begin(), filing.encoded.findings.end(), blocks);
  });
}

Result<Translation> translate(const Arguments& arguments, const std::vector<cbp::FilingKind>& kinds) {
  const auto context = reading_context(arguments);
  if (!context) return tl::unexpected(context.error());
  const auto profiles = load_profiles(*arguments.text("--partners"));
  if (!profiles) return tl::unexpected(profiles.error());
  const auto catalog = load_catalog(*arguments.text("--catalog"));
  if (!catalog) return tl::unexpected(catalog.error());
  const std::string notice_file = *arguments.text("--notice");
  const auto notice_bytes = read_file(notice_file, kNoticeBytes);
  if (!notice_bytes) return tl::unexpected(notice_bytes.error());
  crosswalk::NoticeOutcome notice = crosswalk::read_notice(notice_file, *notice_bytes);
  if (!notice.notice) {
    std::string why = notice_file + ": not a crossing notice (puente.notice/1)";
    if (!notice.findings.empty()) why += ": " + notice.findings.begin()->en();
    return permanent("input_invalid", why);
  }

  Translation translation;
  std::vector<crosswalk::ShipmentDocument> documents;
  for (const std::string& file : arguments.list("FILE")) {
    auto bytes = read_file(file, context->limits.bytes);
    if (!bytes) return tl::unexpected(bytes.error());
    sat::ReadOutcome outcome = sat::read(file, std::move(*bytes), *context);
    take_findings(outcome, file, translation);
    if (outcome.document == nullptr) {
      translation.rejected_document = true;
      continue;
    }
    documents.push_back({file, outcome.document, outcome.stages, outcome.accepted});
  }

  std::optional<Date> date;
  if (const auto given = arguments.text("--date")) date = parse_date(*given);
  crosswalk::DraftContext draft_context;
  draft_context.profiles = *profiles;
  draft_context.catalog = *catalog;
  draft_context.entry_date = date;
  if (const auto number = arguments.text("--entry-number")) {
    // One number is one entry: with several importers of record the first one drafted has it.
    draft_context.numbers.entry_number = [number = *number, importer = std::optional<std::string>()](
                                             std::string_view, std::string_view importer_of_record) mutable
        -> std::optional<crosswalk::GivenNumbers::EntryNumber> {
      if (!importer) importer = std::string(importer_of_record);
      if (*importer != importer_of_record) return std::nullopt;
      return crosswalk::GivenNumbers::EntryNumber{number, "argument"};
    };
  }
  if (!date && notice.notice->eta) date = notice.notice->eta->date;

  std::vector<Finding> before(translation.draft.findings().begin(), translation.draft.findings().end());
  before.insert(before.end(), notice.findings.begin(), notice.findings.end());
  const crosswalk::Shipment shipment = crosswalk::join(std::move(documents), std::move(notice.notice));
  translation.draft = crosswalk::draft(shipment, draft_context);
  for (Finding& finding : before) *translation.draft.add_findings() = std::move(finding);

  for (int i = 0; i < translation.draft.entries_size(); ++i)
    for (const cbp::FilingKind kind : kinds) {
      const v1::Entry& entry = translation.draft.entries(i);
      if (entry.status() == "held") continue;  // its goods are not drafted: there is nothing to write as records
      translation.filings.push_back({i, kind, cbp::encode(kind, entry, filer_facts(**profiles, translation.draft, entry, date))});
    }
  return translation;
}

}  // namespace puente::app
