#include "gateway/flow/entry_filing.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/util/message_differencer.h>

#include <algorithm>
#include <cctype>

#include "gateway/flow/drafted.h"
#include "gateway/flow/identity.h"
#include "gateway/flow/numbers.h"
#include "gateway/ledger/lifecycle.h"

namespace puente::flow {
namespace {

using google::protobuf::util::MessageDifferencer;

constexpr std::string_view kEntryNumberRule = "EM011";                            // entry-mapping, entry.entry_number
constexpr std::uint32_t kLineageTag = v1::Draft::kLineageFieldNumber << 3U | 2U;  // of a message within Draft
constexpr std::string_view kEntryNumberElement = "entries[0].entry_number";

// "entry 2 line 3" -> 2; 0 when no entry is named.
int entry_named(std::string_view where) {
  constexpr std::string_view kWord = "entry ";
  if (!where.starts_with(kWord)) return 0;
  int number = 0;
  for (const char c : where.substr(kWord.size())) {
    if (c < '0' || c > '9' || number > 99'999) break;
    number = number * 10 + (c - '0');
  }
  return number;
}

bool concerns(const Finding& finding, const v1::Draft& draft, int index) {
  const std::string_view where = finding.where();
  if (const int named = entry_named(where); named != 0) return named == index + 1;
  // Goods of a held entry are named by invoice (golden/README).
  constexpr std::string_view kInvoice = "invoice ";
  if (where.starts_with(kInvoice)) {
    for (int i = 0; i < draft.entries_size(); ++i)
      for (const auto& invoice : draft.entries(i).invoices())
        if (invoice.number() == where.substr(kInvoice.size())) return i == index;
  }
  // "line 3" without an entry: the only entry that is ready.
  if (where.starts_with("line")) return draft.entries(index).status() != "held";
  return true;
}

std::string letters_and_digits(std::string_view text) {
  std::string out;
  for (const char c : text)
    if (std::isalnum(static_cast<unsigned char>(c)) != 0)
      out += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return out;
}

Date utc_date(ledger::Micros now) {
  return Date{std::chrono::floor<std::chrono::days>(
      std::chrono::sys_time<std::chrono::microseconds>(std::chrono::microseconds(now)))};
}

cbp::Action action_of(std::string_view action) {
  if (action == "R") return cbp::Action::replace;
  if (action == "D") return cbp::Action::cancel;
  return cbp::Action::add;
}

}  // namespace

EntryDraft draft_of_entry(const v1::Draft& draft, int index) {
  EntryDraft one;
  auto& head = one.head;
  head.set_schema(draft.schema());
  *head.add_entries() = draft.entries(index);
  if (draft.has_manifest()) *head.mutable_manifest() = draft.manifest();
  for (const auto& finding : draft.findings()) {
    if (!concerns(finding, draft, index)) continue;
    auto& kept = *head.add_findings();
    kept = finding;
    if (entry_named(finding.where()) != 0) {
      const auto rest = finding.where().find(' ', std::string_view("entry ").size());
      kept.set_where("entry 1" + (rest == std::string::npos ? std::string() : finding.where().substr(rest)));
    }
  }
  const std::string own = "entries[" + std::to_string(index) + "]";
  v1::Draft renamed;
  google::protobuf::io::StringOutputStream stream(&one.lineage);
  google::protobuf::io::CodedOutputStream coded(&stream);
  const auto keep = [&](const v1::Lineage& lineage) {
    if (lineage.element() == kEntryNumberElement) {
      *head.add_lineage() = lineage;
      return;
    }
    coded.WriteVarint32(kLineageTag);
    coded.WriteVarint32(static_cast<std::uint32_t>(lineage.ByteSizeLong()));
    lineage.SerializeToCodedStream(&coded);
  };
  for (const auto& lineage : draft.lineage()) {
    const bool of_entry = lineage.element().starts_with("entries[");
    if (of_entry && !lineage.element().starts_with(own)) continue;
    if (index == 0) {  // it has its name already
      keep(lineage);
      continue;
    }
    auto kept = lineage;
    if (of_entry) kept.set_element("entries[0]" + lineage.element().substr(own.size()));
    for (auto& source : *kept.mutable_sources())
      if (source.kind() == v1::LineageSource::DERIVED && source.place().path().starts_with(own))
        source.mutable_place()->set_path("entries[0]" + source.place().path().substr(own.size()));
    keep(kept);
  }
  coded.Trim();
  return one;
}

std::string fingerprint(const v1::Draft& one_entry) {
  v1::Entry entry = one_entry.entries_size() > 0 ? one_entry.entries(0) : v1::Entry();
  entry.clear_entry_number();
  entry.clear_entry_number_assigned_by();
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream coded(&stream);
    coded.SetSerializationDeterministic(true);  // Totals has a map
    entry.SerializeToCodedStream(&coded);
  }
  return sha256(bytes);
}

void set_entry_number(v1::Draft& one_entry, std::string_view number, std::string_view assigned_by,
                      v1::LineageSource::Kind source) {
  if (one_entry.entries_size() == 0) return;
  auto& entry = *one_entry.mutable_entries(0);
  entry.set_entry_number(std::string(number));
  entry.set_entry_number_assigned_by(std::string(assigned_by));
  auto& findings = *one_entry.mutable_findings();
  findings.erase(std::remove_if(findings.begin(), findings.end(),
                                [](const Finding& finding) { return finding.code() == "ENTRY_NUMBER_PENDING"; }),
                 findings.end());
  auto& lineage = *one_entry.mutable_lineage();
  lineage.erase(std::remove_if(lineage.begin(), lineage.end(),
                               [](const v1::Lineage& row) { return row.element() == kEntryNumberElement; }),
                lineage.end());
  auto& row = *lineage.Add();
  row.set_element(std::string(kEntryNumberElement));
  row.set_rule(std::string(kEntryNumberRule));
  auto& from = *row.add_sources();
  from.set_kind(source);
  from.set_text(std::string(number));
}

const crosswalk::ProfileSection* broker_section(const crosswalk::Profiles& profiles, const partners::Partner* filer) {
  if (filer != nullptr && !filer->broker.empty())
    for (const auto* section : profiles.of("broker"))
      if (section->name == filer->broker) return section;
  return profiles.broker();
}

const crosswalk::ProfileSection* importer_section(const crosswalk::Profiles& profiles,
                                                  std::string_view importer_of_record) {
  const auto wanted = letters_and_digits(importer_of_record);
  for (const auto* section : profiles.of("importer"))
    if (letters_and_digits(section->text("ior_number").value_or("")) == wanted) return section;
  return nullptr;
}

namespace {

// What encoding depends on beside the head.
struct EncodeFacts {
  cbp::FilingKind kind = cbp::FilingKind::entry_summary;
  cbp::FilerFacts filer;

  EncodeFacts(const ledger::FilingRow& row, const crosswalk::Profiles& profiles, const partners::Registry& registry,
              ledger::Micros now) {
    if (row.kind == cbp::kind_name(cbp::FilingKind::cargo_release)) kind = cbp::FilingKind::cargo_release;
    if (const auto* broker = broker_section(profiles, registry.by_id(row.filer))) {
      filer.abi_port = broker->text("abi_port").value_or("");
      filer.contact_name = broker->text("contact.name").value_or("");
      filer.contact_phone = broker->text("contact.phone").value_or("");
    }
    filer.reference = row.reference;
    filer.date = utc_date(now);
    filer.action = action_of(row.action);
    filer.certify_from_summary = profiles.rules().flag("certify_from_summary").value_or(false);
  }

  // With `bytes`, all of it. Profiles are those of the memo's Knowledge.
  std::string key(std::string_view bytes) const {
    std::string key = sha256(bytes);
    for (const std::string_view part : {std::string_view(filer.abi_port), std::string_view(filer.contact_name),
                                        std::string_view(filer.contact_phone), std::string_view(filer.reference)})
      key.append(std::to_string(part.size())).append(":").append(part);
    key.append(std::to_string(std::chrono::sys_days(filer.date).time_since_epoch().count())).append(":");
    key.append(std::to_string(static_cast<int>(filer.action))).append(":").append(cbp::kind_name(kind));
    return key;
  }
};

Encoded encode(EncodeFacts facts, const v1::Draft& head) {
  Encoded out;
  v1::Draft added;
  if (head.entries_size() == 0) added.add_entries();  // nothing to file, and said to be so
  const auto& entry = head.entries_size() == 0 ? added.entries(0) : head.entries(0);
  out.filer_code = entry.filer_code();
  out.entry_number = entry.entry_number();
  if (entry.status() != "held") {
    for (const auto& shipment : head.manifest().shipments())
      facts.filer.equipment[shipment.scn()].assign(shipment.equipment().begin(), shipment.equipment().end());
    try {
      const auto encoded = cbp::encode(facts.kind, entry, facts.filer);
      out.records = encoded.text();
      // Records are written anew when the number is known: what the encoder said before is not said twice.
      for (const auto& finding : encoded.findings) {
        const auto said = [&](const auto& findings) {
          return std::any_of(findings.begin(), findings.end(),
                             [&](const Finding& one) { return MessageDifferencer::Equals(one, finding); });
        };
        if (!said(head.findings()) && !said(added.findings())) *added.add_findings() = finding;
      }
      out.clean = !encoded.findings.has(Severity::SEVERITY_ERROR);
    } catch (const std::exception&) {  // pure: what it throws is a fault of ours, and stops this filing alone
      *added.add_findings() = make_finding("DRAFT_FAILED");
      out.clean = false;
    }
  }
  out.sha256 = sha256(out.records);
  // Messages written one after the other are read as one.
  out.findings = added.SerializeAsString();
  return out;
}

void put_records(const Encoded& encoded, ledger::FilingRow& row) {
  row.filer_code = encoded.filer_code;
  row.entry_number = encoded.entry_number;
  row.records = encoded.records;
  row.sha256 = encoded.sha256;
}

}  // namespace

std::shared_ptr<const Encoded> write_records(ledger::FilingRow& row, const v1::Draft& head, std::string_view head_bytes,
                                             const Knowledge& knowledge, const partners::Registry& registry,
                                             ledger::Micros now) {
  EncodeFacts facts(row, *knowledge.profiles, registry, now);
  auto key = facts.key(head_bytes);
  auto encoded = knowledge.memo->records.find(key);
  if (!encoded) {
    encoded = std::make_shared<const Encoded>(encode(std::move(facts), head));
    knowledge.memo->records.put(std::move(key), encoded);
  }
  put_records(*encoded, row);
  return encoded;
}

std::shared_ptr<const Numbered> numbered(const ledger::FilingRow& row, std::string_view head_bytes,
                                         std::string_view number, const Knowledge& knowledge,
                                         const partners::Registry& registry, ledger::Micros now) {
  EncodeFacts facts(row, *knowledge.profiles, registry, now);
  auto key = facts.key(head_bytes) + ":" + std::string(number);
  if (auto known = knowledge.memo->numbered.find(key)) return known;
  v1::Draft draft;
  if (!draft.ParseFromArray(head_bytes.data(), static_cast<int>(head_bytes.size())) || draft.entries_size() == 0)
    return nullptr;
  // The encoder says its findings again.
  auto& findings = *draft.mutable_findings();
  findings.erase(std::remove_if(findings.begin(), findings.end(),
                                [](const Finding& finding) { return !finding.target().record().empty(); }),
                 findings.end());
  set_entry_number(draft, number, "broker", v1::LineageSource::ARGUMENT);
  auto made = std::make_shared<Numbered>();
  made->encoded = encode(std::move(facts), draft);
  made->head = draft.SerializeAsString() + made->encoded.findings;
  knowledge.memo->numbered.put(std::move(key), made);
  return made;
}

Result<void> give_entry_number(ledger::Writer& writer, ledger::FilingRow& row, std::string_view number,
                               const Knowledge& knowledge, const partners::Registry& registry, ledger::Micros now) {
  const auto made = numbered(row, writer.draft_head(row.id), number, knowledge, registry, now);
  if (!made) return {};
  put_records(made->encoded, row);
  return writer.put_draft_head(row.id, made->head);
}

Result<void> add_finding(ledger::Writer& writer, std::string_view filing_id, Finding finding) {
  v1::Draft added;
  *added.add_findings() = std::move(finding);
  return writer.put_draft_head(filing_id, writer.draft_head(filing_id) + added.SerializeAsString());
}

Result<void> index_entry_number(ledger::Writer& writer, const ledger::FilingRow& row) {
  if (row.entry_number.empty()) return {};
  for (const auto& value : {row.entry_number, row.filer_code + row.entry_number})
    if (auto indexed = index_number(writer, "entry_number", value, "filing", row.id); !indexed) return indexed;
  return {};
}

Result<void> settle_shipment(ledger::Writer& writer, std::string_view shipment_id, std::string_view verb,
                             std::string_view partner, ledger::Micros now) {
  auto row = writer.shipment(shipment_id);
  if (!row || row->state == "gathering" || row->state == "merged") return {};
  if (row->state == "held" && (row->cause == kChangedOnFile || row->cause == kOnFileTwice)) return {};
  bool any = false, held = false, confirmed = true, released = true;
  for (const auto& filing : writer.filings_of_shipment(shipment_id)) {
    if (filing.state == "replaced" || filing.state == "cancelled") continue;
    any = true;
    held = held || filing.state == "held" || filing.state == "refused" || filing.state == "rejected" ||
           filing.state == "dead_letter";
    confirmed = confirmed && (filing.state == "confirmed" || filing.state == "accepted" || filing.state == "released");
    released = released && filing.state == "released";
  }
  if (!any) return {};
  const std::string_view to = released ? "closed" : confirmed ? "filed" : held ? "held" : "drafted";
  if (row->state == to || !ledger::allowed("shipment", verb, row->state, to)) return {};
  row->state = to;
  if (to != "held") row->cause.clear();
  row->changed_at = now;
  return writer.update_shipment(*row, {std::string(verb), std::string(partner), ""});
}

}  // namespace puente::flow
