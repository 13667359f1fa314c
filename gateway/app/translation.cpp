#include "gateway/app/translation.h"

#include <algorithm>

#include "gateway/app/files.h"
#include "gateway/app/knowledge.h"
#include "gateway/app/reading.h"

namespace puente::app {
namespace {

constexpr std::size_t kNoticeBytes = 256U << 10U;  // read_notice's own limit

std::string document_name(const sat::ReadOutcome& outcome, const std::string& file) {
  return "document " + (outcome.folio_fiscal.empty() ? file : outcome.folio_fiscal);
}

// Findings of a reading, as findings of the draft. Whether the document may be drafted from without reserve. A shipper
// may try documents before they are sealed or stamped: what is said about the missing seal or stamp then holds the
// filing (draft() says so too) instead of rejecting the document.
bool take_findings(const sat::ReadOutcome& outcome, const std::string& file, Translation& translation) {
  bool accepted = outcome.document != nullptr;
  for (Finding finding : told_once(outcome)) {
    if (about_missing_signature(finding, outcome.stages)) finding.set_severity(v1::SEVERITY_HOLD);
    if (finding.severity() == v1::SEVERITY_ERROR) accepted = false;
    if (finding.where().empty()) finding.set_where(document_name(outcome, file));
    *translation.draft.add_findings() = std::move(finding);
  }
  if (!accepted) translation.rejected_document = true;
  return accepted;
}

// The section of the broker whose filer code the entry carries.
const crosswalk::ProfileSection* broker_of(const crosswalk::Profiles& profiles, const v1::Entry& entry) {
  for (const crosswalk::ProfileSection* section : profiles.of("broker"))
    if (section->text("filer_code") == entry.filer_code()) return section;
  return profiles.broker();
}

// What the filer's side adds to an entry, each fact with the row that says where it came from (element
// "entries[N].filer.FACT").
class FilerSide {
 public:
  FilerSide(const crosswalk::Profiles& profiles, const crosswalk::Notice& notice, const std::optional<Date>& argument)
      : profiles_(profiles), notice_(notice), argument_(argument) {}

  // The reference that CBP echoes must be unique, so only the ledger gives one: it stays blank here.
  cbp::FilerFacts facts_of(v1::Draft& draft, int entry_index) {
    draft_ = &draft;
    prefix_ = "entries[" + std::to_string(entry_index) + "].filer.";
    const v1::Entry& entry = draft.entries(entry_index);
    cbp::FilerFacts facts;
    if (const auto* broker = broker_of(profiles_, entry)) {
      facts.abi_port = profile_fact("abi_port", *broker, "abi_port");
      facts.contact_name = profile_fact("contact_name", *broker, "contact.name");
      facts.contact_phone = profile_fact("contact_phone", *broker, "contact.phone");
    }
    if (profiles_.rules().flag("certify_from_summary").value_or(false)) {
      facts.certify_from_summary = true;
      profile_fact("certify_from_summary", profiles_.rules(), "certify_from_summary");
    }
    for (int i = 0; i < draft.manifest().shipments_size(); ++i) {
      const v1::ManifestShipment& shipment = draft.manifest().shipments(i);
      facts.equipment[shipment.scn()].assign(shipment.equipment().begin(), shipment.equipment().end());
      row("equipment[" + shipment.scn() + "]", v1::LineageSource::DERIVED, "",
          "manifest.shipments[" + std::to_string(i) + "].equipment", "");
    }
    facts.date = transmission_date(entry);
    return facts;
  }

 private:
  void row(const std::string& fact, v1::LineageSource::Kind kind, std::string_view document, std::string path,
           std::string text) {
    v1::Lineage& lineage = *draft_->add_lineage();
    lineage.set_element(prefix_ + fact);
    lineage.set_rule("filer");
    v1::LineageSource& source = *lineage.add_sources();
    source.set_kind(kind);
    source.mutable_place()->set_document(std::string(document));
    source.mutable_place()->set_path(std::move(path));
    source.set_text(std::move(text));
  }

  std::string profile_fact(const std::string& fact, const crosswalk::ProfileSection& section, std::string_view key) {
    std::string value(section.text(key).value_or(""));
    row(fact, v1::LineageSource::PROFILE, "", section.path(key), value);
    return value;
  }

  Date transmission_date(const v1::Entry& entry) {
    if (argument_) {
      row("date", v1::LineageSource::ARGUMENT, "", "--date", to_string(*argument_));
      return *argument_;
    }
    if (notice_.eta) {
      row("date", v1::LineageSource::NOTICE, notice_.name, "/eta", notice_.eta->to_string());
      return notice_.eta->date;
    }
    return parse_date(entry.estimated_entry_date()).value_or(Date{});
  }

  const crosswalk::Profiles& profiles_;
  const crosswalk::Notice& notice_;
  const std::optional<Date>& argument_;
  v1::Draft* draft_ = nullptr;
  std::string prefix_;
};

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
    const bool asked =
        output == Output::entry || (output == Output::se) == (filing.kind == cbp::FilingKind::cargo_release);
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
    const bool accepted = take_findings(outcome, file, translation);
    if (outcome.document != nullptr) documents.push_back({file, outcome.document, outcome.stages, accepted});
  }

  std::optional<Date> date;
  if (const auto given = arguments.text("--date")) date = parse_date(*given);
  crosswalk::DraftContext draft_context;
  draft_context.profiles = *profiles;
  draft_context.catalog = *catalog;
  draft_context.entry_date = date;
  if (const auto number = arguments.text("--entry-number")) {
    // One number is one entry: with several importers of record the first one drafted has it.
    draft_context.numbers.entry_number =
        [number = *number, importer = std::optional<std::string>()](
            std::string_view,
            std::string_view importer_of_record) mutable -> std::optional<crosswalk::GivenNumbers::EntryNumber> {
      if (!importer) importer = std::string(importer_of_record);
      if (*importer != importer_of_record) return std::nullopt;
      return crosswalk::GivenNumbers::EntryNumber{number, "argument"};
    };
  }

  std::vector<Finding> before(translation.draft.findings().begin(), translation.draft.findings().end());
  before.insert(before.end(), notice.findings.begin(), notice.findings.end());
  const crosswalk::Shipment shipment = crosswalk::join(std::move(documents), notice.notice);
  translation.draft = crosswalk::draft(shipment, draft_context);
  for (Finding& finding : before) *translation.draft.add_findings() = std::move(finding);

  FilerSide filer(**profiles, *notice.notice, date);
  for (int i = 0; i < translation.draft.entries_size(); ++i) {
    if (kinds.empty()) break;
    const cbp::FilerFacts facts = filer.facts_of(translation.draft, i);
    for (const cbp::FilingKind kind : kinds)
      translation.filings.push_back({i, kind, cbp::encode(kind, translation.draft.entries(i), facts)});
  }
  return translation;
}

}  // namespace puente::app
