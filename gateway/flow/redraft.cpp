// draft: the shipment's documents become its filings. Everything here happens in the commit of the event that made it
// necessary: a document, a correction, a confirmation that came while a newer revision waited.
#include <algorithm>
#include <map>
#include <memory>
#include <set>

#include "gateway/flow/assemble.h"
#include "gateway/flow/drafted.h"
#include "gateway/flow/entry_filing.h"
#include "gateway/flow/estado.h"
#include "gateway/flow/flow.h"
#include "gateway/flow/identity.h"
#include "gateway/flow/join.h"
#include "gateway/flow/numbers.h"
#include "gateway/flow/on_file.h"
#include "gateway/ledger/lifecycle.h"
#include "gateway/ops/fault_points.h"

namespace puente::flow {
namespace {

using ledger::FilingRow;

constexpr std::string_view kVerb = "draft";
constexpr int kRounds = 3;  // of giving numbers

using ChainKey = std::pair<std::string, std::string>;  // importer, kind

// By what an entry's filings find each other. Entries without importer are held each for itself.
std::string importer_key(const v1::Entry& entry) {
  if (entry.has_importer_of_record()) return entry.importer_of_record();
  return entry.invoices_size() == 0 ? std::string() : entry.invoices(0).uuid();
}

// The filer reads why it gets the entry anew.
std::shared_ptr<const CutEntry> told_of(const std::vector<Finding>& findings, EntryDraft draft) {
  for (const auto& finding : findings) *draft.head.add_findings() = finding;
  return std::make_shared<const CutEntry>(std::move(draft));
}

// What one filer should file for one entry, as the documents stand now.
struct Wanted {
  std::string importer, kind;                // importer_key
  const partners::Partner* filer = nullptr;  // null: no route
  std::shared_ptr<const CutEntry> entry;     // its draft
  bool fileable = false;

  ledger::FilingDraft kept_with(const Encoded& encoded) const {
    return {entry->head_bytes + encoded.findings, entry->draft.lineage};
  }
};

struct Numbers {
  std::map<std::pair<std::string, std::string>, crosswalk::GivenNumbers::EntryNumber> entries;  // filer code, importer
  std::set<std::pair<std::string, std::string>> entries_asked;
  std::map<std::string, std::string> scns;  // invoice uuid
  std::set<std::string> scns_asked;
  std::map<std::string, std::set<std::string>> spent;  // of cancelled entries, by importer
};

v1::Draft head_of(ledger::Reader& reader, const FilingRow& row) {
  v1::Draft head;
  head.ParseFromString(reader.draft_head(row.id));
  return head;
}

// Entry numbers that filings of this shipment have already, and nothing for an entry that was cancelled: its number is
// spent.
Numbers known_numbers(ledger::Reader& reader, std::string_view shipment_id) {
  Numbers numbers;
  const auto rows = reader.filings_of_shipment(shipment_id);
  for (const auto& row : rows)
    if (row.action == "D" && reached(row) && !row.entry_number.empty())
      numbers.spent[row.importer].insert(row.filer_code + row.entry_number);
  for (const auto& row : rows) {
    if (row.entry_number.empty() || numbers.spent[row.importer].contains(row.filer_code + row.entry_number)) continue;
    const auto draft = head_of(reader, row);
    const bool from_range = draft.entries_size() > 0 && draft.entries(0).entry_number_assigned_by() == "range";
    numbers.entries[{row.filer_code, row.importer}] = {row.entry_number, from_range ? "range" : "broker"};
  }
  return numbers;
}

std::optional<std::string> broker_for(const Knowledge& knowledge, const partners::Registry& registry,
                                      std::string_view importer, std::string_view port, std::string_view scac) {
  std::string number;
  for (const auto* section : knowledge.profiles->of("importer"))
    if (section->name == importer) number = section->text("ior_number").value_or("");
  const auto* filer = registry.route(importer, number, port, scac, "se");
  if (filer == nullptr) filer = registry.route(importer, number, port, scac, "ae");
  return filer == nullptr || filer->broker.empty() ? std::nullopt : std::optional(filer->broker);
}

// With the numbers that were given so far. Lives as long as what it is made of.
std::shared_ptr<const Drafted> drafted_with(const Assembly& assembly, const crosswalk::Shipment& shipment,
                                            const Knowledge& knowledge, const partners::Registry& registry,
                                            Numbers& numbers) {
  Answers answers;
  answers.broker = [&](std::string_view importer, std::string_view port, std::string_view scac) {
    return broker_for(knowledge, registry, importer, port, scac);
  };
  answers.numbers.entry_number = [&](std::string_view filer_code,
                                     std::string_view importer) -> std::optional<crosswalk::GivenNumbers::EntryNumber> {
    const auto found = numbers.entries.find({std::string(filer_code), std::string(importer)});
    return found == numbers.entries.end() ? std::nullopt : std::optional(found->second);
  };
  answers.numbers.scn = [&](std::string_view uuid) -> std::optional<std::string> {
    const auto found = numbers.scns.find(std::string(uuid));
    return found == numbers.scns.end() ? std::nullopt : std::optional(found->second);
  };
  auto made = drafted(assembly, shipment, knowledge, answers);
  for (const auto& question : made->asked) {
    if (question.of == Drafted::Question::Of::entry_number)
      numbers.entries_asked.emplace(question.first, question.second);
    if (question.of == Drafted::Question::Of::scn) numbers.scns_asked.insert(question.first);
  }
  return made;
}

std::vector<cbp::FilingKind> kinds_of(const Knowledge& knowledge) {
  if (knowledge.profiles->rules().flag("certify_from_summary").value_or(false)) return {cbp::FilingKind::entry_summary};
  return {cbp::FilingKind::cargo_release, cbp::FilingKind::entry_summary};
}

// Null: no route.
const partners::Partner* filer_of(const v1::Entry& entry, std::string_view kind, const Assembly& assembly,
                                  const Knowledge& knowledge, const partners::Registry& registry) {
  const auto* importer = importer_section(*knowledge.profiles, entry.importer_of_record());
  return registry.route(importer == nullptr ? "" : importer->name, entry.importer_of_record(),
                        entry.has_port_of_entry() ? entry.port_of_entry() : assembly.notice->port_of_arrival,
                        entry.has_carrier_scac() ? entry.carrier_scac() : assembly.notice->carrier_scac, kind);
}

// A filing as it is named, before anything is written for it.
FilingRow named(const Wanted& wanted, const Assembly& assembly, std::string_view action, std::uint32_t revision) {
  FilingRow row;
  row.filer = wanted.filer->id;
  row.importer = wanted.importer;
  row.kind = wanted.kind;
  row.action = action;
  row.revision = revision;
  row.token = filing_token({assembly.identities, row.importer, row.kind, row.filer, row.revision});
  row.reference = filing_reference(row.token, 0);
  return row;
}

class Redraft {
 public:
  Redraft(ledger::Writer& writer, const Knowledge& knowledge, const partners::Registry& registry,
          const FlowOptions& options, ledger::ShipmentRow shipment, bool records_too)
      : writer_(writer),
        knowledge_(knowledge),
        registry_(registry),
        options_(options),
        shipment_(std::move(shipment)),
        records_too_(records_too),
        now_(options.clock()) {}

  Result<void> run();

 private:
  std::optional<crosswalk::Shipment> joined();
  std::shared_ptr<const Drafted> drafted(const crosswalk::Shipment& shipment, Numbers& numbers) const;
  Result<void> failed(const crosswalk::Shipment& shipment);
  Result<bool> allocate(const crosswalk::Shipment& shipment, const v1::Draft& draft, Numbers& numbers);
  void want(const Drafted& drafted, int index);
  Chain chain_of(std::string_view importer, std::string_view kind) const {
    return flow::chain_of(writer_, shipment_.id, importer, kind);
  }
  v1::Draft head_of(const FilingRow& row) const { return flow::head_of(writer_, row); }
  std::set<ChainKey> filed_keys() const;
  Result<void> look_at_estados(const std::vector<StoredDocument>& documents,
                               const std::vector<StoredDocument>& cancelled);
  bool stopped_by_estado(std::string_view importer, std::string_view kind) const;
  ledger::Micros estado_wait() const;
  void stop_filing();
  bool documents_withdrew(const FilingRow& filed, bool complete) const;
  void keep_on_file(const v1::Draft* draft);
  bool may_be_filed(const v1::Draft& draft, int index) const;
  void block(std::string_view code);
  bool unanswered(const FilingRow& row) const;
  Result<void> bring_up_to_date(const Wanted& wanted);
  Result<void> refresh(FilingRow row, const Wanted& wanted);
  std::shared_ptr<const Encoded> encode(FilingRow& row, const Wanted& wanted, ledger::Micros at) const {
    return write_records(row, wanted.entry->draft.head, wanted.entry->head_bytes, knowledge_, registry_, at);
  }
  std::shared_ptr<const Encoded> encode(FilingRow& row, const Wanted& wanted) const {
    return encode(row, wanted, now_);
  }
  bool records_differ(FilingRow row, const Wanted& wanted) const;
  Result<void> ask_again(const Chain& chain);
  Result<void> insert(const Wanted& wanted, const Chain& chain, std::string_view action, std::string_view replaces);
  Result<void> withdraw(const Chain& chain);
  Result<void> hold_back(const Chain& chain);
  Result<void> withdraw_unwanted();
  Result<void> move(FilingRow row, std::string_view state);
  Result<void> settle(const crosswalk::Shipment& shipment);
  ledger::Micros deadline() const;
  std::string worst() const;

  ledger::Writer& writer_;
  const Knowledge& knowledge_;
  const partners::Registry& registry_;
  const FlowOptions& options_;
  ledger::ShipmentRow shipment_;
  const bool records_too_;
  ledger::Micros now_;
  Assembly assembly_;
  Findings findings_;
  std::vector<Wanted> wanted_;
  std::string blocked_;                  // code of what keeps the shipment from going on though it is in no filing
  bool stopped_ = false;                 // nothing of the shipment is filed or withdrawn until a person has decided
  std::vector<Finding> cancelled_;       // documents that the SAT cancelled and nothing takes the place of
  bool invoice_cancelled_ = false;       // one of them is an invoice
  bool estado_awaited_ = false;          // first answers of the SAT are still to come
  std::set<ChainKey> kept_;              // on file, and wanted no more for no reason of the documents
  std::set<std::string> kept_invoices_;  // UUIDs of their invoices
};

// Numbers are spent only on what can be filed: on documents that are sealed and accepted, and on entries that nothing
// else stops.
Result<bool> Redraft::allocate(const crosswalk::Shipment& shipment, const v1::Draft& draft, Numbers& numbers) {
  if (invoice_cancelled_) return false;
  bool any = false;
  const bool genuine = std::all_of(assembly_.documents.begin(), assembly_.documents.end(), [](const auto& document) {
    return document.accepted && document.stages.seal == sat::Stage::pass && document.stages.stamp != sat::Stage::fail &&
           document.stages.stamp != sat::Stage::absent;
  });
  const auto* carrier = shipment.notice ? knowledge_.profiles->carrier_by_scac(shipment.notice->carrier_scac) : nullptr;
  if (genuine && carrier != nullptr && carrier->text("scn_pool_next")) {
    for (const auto& uuid : numbers.scns_asked) {
      if (numbers.scns.contains(uuid)) continue;
      const auto scn = allocate_scn(writer_, *carrier, uuid);
      if (scn) {
        numbers.scns[uuid] = *scn;
        any = true;
      } else if (scn.error().code == "numbers_exhausted") {
        if (!findings_.has_code("SCN_POOL_EXHAUSTED")) findings_.add("SCN_POOL_EXHAUSTED");
      } else {
        return tl::unexpected(scn.error());
      }
    }
  }
  for (int i = 0; i < draft.entries_size(); ++i) {
    const auto& entry = draft.entries(i);
    const std::pair key(entry.filer_code(), entry.importer_of_record());
    if (!may_be_filed(draft, i) || entry.has_entry_number() || !numbers.entries_asked.contains(key)) continue;
    for (const auto* broker : knowledge_.profiles->of("broker")) {
      if (broker->text("filer_code").value_or("") != key.first || broker->list("entry_pool").empty()) continue;
      auto object = shipment_.id + "/" + key.second;
      if (const auto spent = numbers.spent[key.second].size(); spent > 0) object += "/" + std::to_string(spent);
      const auto number = allocate_entry_number(writer_, *broker, object);
      if (number) {
        numbers.entries[key] = {*number, "range"};
        any = true;
      } else if (number.error().code == "numbers_exhausted") {
        if (!findings_.has_code("ENTRY_POOL_EXHAUSTED")) findings_.add("ENTRY_POOL_EXHAUSTED");
      } else {
        return tl::unexpected(number.error());
      }
    }
  }
  return any;
}

std::set<ChainKey> Redraft::filed_keys() const {
  std::set<ChainKey> keys;
  for (const auto& row : writer_.filings_of_shipment(shipment_.id)) keys.emplace(row.importer, row.kind);
  return keys;
}

void Redraft::block(std::string_view code) {
  if (blocked_.empty()) blocked_ = code;
}

// Documents are asked for once they are joined; what the SAT says of them is said here too.
Result<void> Redraft::look_at_estados(const std::vector<StoredDocument>& documents,
                                      const std::vector<StoredDocument>& cancelled) {
  if (options_.estado.consulta) {
    for (const auto& document : documents) {
      if (!document.read->document) continue;
      const auto row = enrol(writer_, document, options_);
      if (!row) return tl::unexpected(row.error());
      if (!*row) continue;
      estado_awaited_ = estado_awaited_ || awaited(**row);
      if (auto warning = warning_of(**row, document.row.folio_fiscal)) findings_.add(std::move(*warning));
    }
  }
  for (const auto& document : cancelled) {
    auto missed = still_missed(document, documents);
    if (!missed) continue;
    invoice_cancelled_ = invoice_cancelled_ || missed->stops;
    findings_.add(missed->finding);
    cancelled_.push_back(std::move(missed->finding));
  }
  if (invoice_cancelled_) block(cancelled_.front().code());
  return {};
}

// What the filer was given is brought up to date; what it was not is not filed before its documents are whole again.
bool Redraft::stopped_by_estado(std::string_view importer, std::string_view kind) const {
  if (!invoice_cancelled_) return false;
  const auto chain = chain_of(importer, kind);
  return !on_file(chain) && std::none_of(chain.begin(), chain.end(), with_filer);
}

// Until when a filing that nobody has seen waits for what the SAT says of its documents.
ledger::Micros Redraft::estado_wait() const {
  return estado_awaited_ ? now_ + std::chrono::microseconds(options_.estado.wait).count() : 0;
}

// What contradicts itself is not filed over what the filer or CBP has already.
void Redraft::stop_filing() {
  if (!given_away(writer_, shipment_.id)) return;
  const auto others = on_file_with(writer_, shipment_.id, knowledge_, options_);
  if (!others.empty()) findings_.add(kOnFileTwice, {{"other", others.front()}});
  for (const auto code : {kOnFileTwice, kNoticeConflict, kNoticeSeveralTrips})
    if (findings_.has_code(code)) {
      stopped_ = true;
      block(code);
    }
}

// Whether what was filed is wanted no more because of the documents: its invoices are no longer in force, the filer had
// its importer corrected, or documents that were all read leave the shipment incomplete.
bool Redraft::documents_withdrew(const FilingRow& filed, bool complete) const {
  const auto& corrections = assembly_.corrections;
  if (std::any_of(corrections.begin(), corrections.end(), [&](const crosswalk::ElementCorrection& correction) {
        return correction.importer_of_record == filed.importer && correction.element == "importer_of_record";
      }))
    return true;
  const auto draft = head_of(filed);
  bool in_force = false;
  for (const auto& entry : draft.entries())
    for (const auto& invoice : entry.invoices()) in_force = in_force || assembly_.folios.contains(invoice.uuid());
  if (!in_force) return true;
  return !complete && assembly_.all_read &&
         filed.token != filing_token({assembly_.identities, filed.importer, filed.kind, filed.filer, filed.revision});
}

// A profile that names another importer, a rule or code that changed gives the same documents other entries. What the
// filer or CBP has of them stays, and what they would be filed as now is held: a person decides. Null: no draft.
void Redraft::keep_on_file(const v1::Draft* draft) {
  std::set<ChainKey> drafted;
  if (draft != nullptr)
    for (const auto& entry : draft->entries())
      for (const auto kind : kinds_of(knowledge_)) drafted.emplace(importer_key(entry), cbp::kind_name(kind));
  for (const auto& key : filed_keys()) {
    if (drafted.contains(key)) continue;
    const auto chain = chain_of(key.first, key.second);
    const auto filed = std::find_if(chain.rbegin(), chain.rend(), on_file(chain) ? reached : with_filer);
    if (filed == chain.rend() || filed->action == "D" || documents_withdrew(*filed, draft != nullptr)) continue;
    const auto of_filed = head_of(*filed);
    for (const auto& entry : of_filed.entries())
      for (const auto& invoice : entry.invoices()) kept_invoices_.insert(invoice.uuid());
    kept_.insert(key);
  }
  if (kept_.empty()) return;
  findings_.add(kChangedOnFile);
  block(kChangedOnFile);
}

bool Redraft::may_be_filed(const v1::Draft& draft, int index) const {
  const auto& invoices = draft.entries(index).invoices();
  return !stopped_ && crosswalk::fileable(draft, index) &&
         std::none_of(invoices.begin(), invoices.end(),
                      [this](const v1::Invoice& invoice) { return kept_invoices_.contains(invoice.uuid()); });
}

void Redraft::want(const Drafted& drafted, int index) {
  const auto& entry = drafted.draft.entries(index);
  for (const auto kind : kinds_of(knowledge_)) {
    Wanted wanted;
    wanted.entry = drafted.entries[static_cast<std::size_t>(index)];
    wanted.importer = importer_key(entry);
    wanted.kind = cbp::kind_name(kind);
    wanted.filer = filer_of(entry, wanted.kind, assembly_, knowledge_, registry_);
    wanted.fileable = may_be_filed(drafted.draft, index) && !stopped_by_estado(wanted.importer, wanted.kind);
    if (!cancelled_.empty()) wanted.entry = told_of(cancelled_, wanted.entry->draft);
    if (wanted.filer == nullptr) {
      const auto* importer = importer_section(*knowledge_.profiles, entry.importer_of_record());
      findings_
          .add("NO_ROUTE", {{"kind", wanted.kind},
                            {"importer", importer == nullptr ? "?" : importer->name},
                            {"port", assembly_.notice->port_of_arrival}})
          .set_where("entry " + std::to_string(index + 1));
      block("NO_ROUTE");
    }
    wanted_.push_back(std::move(wanted));
  }
}

ledger::Micros Redraft::deadline() const {
  if (!assembly_.notice || !assembly_.notice->eta) return 0;
  const auto arrival = instant(*assembly_.notice->eta) - options_.deadline_before_arrival;
  return std::chrono::duration_cast<std::chrono::microseconds>(arrival.time_since_epoch()).count();
}

Result<void> Redraft::move(FilingRow row, std::string_view state) {
  row.state = state;
  row.changed_at = now_;
  return writer_.update_filing(row, {std::string(kVerb), row.filer, ""});
}

bool Redraft::unanswered(const FilingRow& row) const {
  if (row.attempts == 0 || reached(row)) return false;
  const auto attempts = writer_.attempts(row.id);
  if (attempts.empty()) return false;
  const auto& last = attempts.back();
  return last.outcome != "confirmed" && last.outcome != "refused" && last.detail != kCorrected;
}

Result<void> Redraft::insert(const Wanted& wanted, const Chain& chain, std::string_view action,
                             std::string_view replaces) {
  if (auto asked = ask_again(chain); !asked) return asked;
  std::uint32_t revision = 1;
  for (const auto& earlier : chain) revision = std::max(revision, earlier.revision + 1);
  auto row = named(wanted, assembly_, action, revision);
  row.id = new_id("FIL", now_);
  row.shipment = shipment_.id;
  for (unsigned salt = 1; writer_.filing_by_reference(row.reference); ++salt)
    row.reference = filing_reference(row.token, salt);
  const auto encoded = encode(row, wanted);
  row.state = wanted.fileable && encoded->clean ? "ready" : "held";
  row.created_at = row.changed_at = now_;
  row.deadline = deadline();
  row.replaces = replaces;
  if (action != "D") row.not_before = estado_wait();
  // The filer may have filed an earlier revision that it has not confirmed.
  row.possible_duplicate =
      std::any_of(chain.begin(), chain.end(), [this](const FilingRow& earlier) { return unanswered(earlier); });
  if (auto inserted = writer_.insert_filing(row, wanted.kept_with(*encoded),
                                            {std::string(kVerb), row.filer, row.kind + " " + row.action});
      !inserted)
    return inserted;
  ops::cross(ops::FaultPoint::draft_filing_inserted);
  if (auto indexed = index_number(writer_, "reference", row.reference, "filing", row.id); !indexed) return indexed;
  return index_entry_number(writer_, row);
}

// The same filing seen again: it takes on its entry number, a clearance or a stop, but no new revision. What is with
// the filer, or was, keeps its bytes.
Result<void> Redraft::refresh(FilingRow row, const Wanted& wanted) {
  if (row.state != "held" && row.state != "ready") return {};
  auto fresh = row;
  const auto encoded = encode(fresh, wanted);
  fresh.state = wanted.fileable && encoded->clean ? "ready" : "held";
  fresh.deadline = deadline();
  fresh.cause.clear();
  if (fresh.state != row.state && fresh.attempts == 0) fresh.not_before = estado_wait();
  const bool numbered = fresh.entry_number != row.entry_number;
  if (fresh.state == row.state && row.state == "ready" && !numbered) {
    if (fresh.deadline == row.deadline) return {};
    row.deadline = fresh.deadline;
    return writer_.update_filing(row, {});
  }
  fresh.changed_at = now_;
  if (auto put = writer_.put_draft(fresh.id, wanted.kept_with(*encoded)); !put) return put;
  if (auto updated = writer_.update_filing(fresh, {std::string(kVerb), fresh.filer, ""}); !updated) return updated;
  return numbered ? index_entry_number(writer_, fresh) : Result<void>();
}

// Whether this build and these profiles write the same filing otherwise than it was written. Records carry the day on
// which they were written, which is no difference: it lies between the row's first day and its last change.
bool Redraft::records_differ(FilingRow row, const Wanted& wanted) const {
  constexpr ledger::Micros kDay = 24LL * 3600 * 1'000'000;
  if (row.records.empty()) return false;
  const auto written = row.records;
  for (auto day = row.created_at; day < row.changed_at + kDay; day += kDay) {
    encode(row, wanted, std::min(day, row.changed_at));
    if (row.records == written) return false;
  }
  return true;
}

// What waits behind a dead letter that its filer never answered waits until the filer has: it is offered once more.
Result<void> Redraft::ask_again(const Chain& chain) {
  for (auto row : chain) {
    if (row.state != "dead_letter" || row.cause != ledger::kUnanswered) continue;
    row.cause.clear();
    row.not_before = 0;
    row.due_since = now_;
    if (auto moved = move(std::move(row), "in_doubt"); !moved) return moved;
  }
  return {};
}

Result<void> Redraft::bring_up_to_date(const Wanted& wanted) {
  if (wanted.filer == nullptr) return {};
  const auto chain = chain_of(wanted.importer, wanted.kind);
  const auto latest = std::find_if(chain.rbegin(), chain.rend(), [](const FilingRow& row) { return !over(row); });
  // Shipments that were merged may have filed the same entry each: the newest one stands.
  for (const auto& row : chain)
    if (waiting(row) && latest != chain.rend() && row.id != latest->id)
      if (auto moved = move(row, "replaced"); !moved) return moved;
  if (latest == chain.rend()) return insert(wanted, chain, on_file(chain) ? "R" : "A", "");

  const bool same_filer = latest->filer == wanted.filer->id || taken(*latest);
  const std::string_view action = on_file(chain) ? "R" : "A";
  const bool same_action =
      taken(*latest) || in_flight(*latest) || latest->state == "rejected" || latest->action == action;
  if (latest->action != "D" && same_filer && same_action &&
      fingerprint(head_of(*latest)) == wanted.entry->fingerprint && !(records_too_ && records_differ(*latest, wanted)))
    return refresh(*latest, wanted);
  if (latest->state == "released") {
    // Arrived and released: CBP refuses a replacement (CATAIR SE actions).
    findings_.add("VERSION_TOO_LATE");
    block("VERSION_TOO_LATE");
    return {};
  }
  if (waiting(*latest) || latest->state == "rejected")
    if (auto moved = move(*latest, "replaced"); !moved) return moved;
  return insert(wanted, chain, action, latest->id);
}

// The entry is no longer to be filed. What nobody has seen is stopped; what the filer has, or may have, is cancelled by
// a filing of action D made from what was filed.
Result<void> Redraft::withdraw(const Chain& chain) {
  const auto last = [&chain](const auto& condition) {
    const auto found = std::find_if(chain.rbegin(), chain.rend(), condition);
    return found == chain.rend() ? nullptr : &*found;
  };
  const auto* latest = last([](const FilingRow& row) { return !over(row); });
  const auto* filed = last(reached);
  const auto* given = last(with_filer);
  const bool filed_stands = on_file(chain);
  if (latest == nullptr ? !filed_stands : latest->action == "D") return {};
  if (latest != nullptr && latest->state == "released") {
    findings_.add("VERSION_TOO_LATE");
    block("VERSION_TOO_LATE");
    return {};
  }
  if (given == nullptr && !filed_stands) return move(*latest, "cancelled");
  // One that was confirmed after all revisions had been given up is withdrawn like any other.
  const auto& newest = latest == nullptr ? *filed : *latest;
  Wanted cancellation;
  cancellation.importer = newest.importer;
  cancellation.kind = newest.kind;
  cancellation.filer = registry_.by_id(newest.filer);
  EntryDraft of_filed;
  auto& head = of_filed.head;
  if (auto kept = writer_.draft((filed_stands ? *filed : *given).id)) {
    head.ParseFromString(kept->head);
    of_filed.lineage = std::move(kept->lineage);
  }
  // The number of one that was confirmed late stands in its row alone.
  if (filed_stands && !filed->entry_number.empty() && head.entries_size() > 0 && head.entries(0).entry_number().empty())
    set_entry_number(head, filed->entry_number, "broker", v1::LineageSource::ARGUMENT);
  *head.add_findings() = make_finding("CANCEL_REASON_PENDING");
  for (const auto& finding : cancelled_) *head.add_findings() = finding;
  cancellation.entry = std::make_shared<const CutEntry>(std::move(of_filed));
  cancellation.fileable = true;
  if (cancellation.filer == nullptr) {
    findings_.add("NO_ROUTE", {{"kind", newest.kind}, {"importer", "?"}, {"port", "?"}});
    block("NO_ROUTE");
    return {};
  }
  if (waiting(newest))
    if (auto moved = move(newest, "replaced"); !moved) return moved;
  return insert(cancellation, chain, "D", newest.id);
}

// What waits is not offered; nothing that the filer or CBP has is touched.
Result<void> Redraft::hold_back(const Chain& chain) {
  for (const auto& row : chain)
    if (row.state == "ready" && row.action != "D")
      if (auto moved = move(row, "held"); !moved) return moved;
  return {};
}

Result<void> Redraft::withdraw_unwanted() {
  for (const auto& [importer, kind] : filed_keys()) {
    const auto still = std::any_of(wanted_.begin(), wanted_.end(), [&](const Wanted& wanted) {
      return wanted.importer == importer && wanted.kind == kind;
    });
    if (still) continue;
    if (stopped_ || kept_.contains({importer, kind})) {
      if (auto held = hold_back(chain_of(importer, kind)); !held) return held;
      continue;
    }
    if (auto withdrawn = withdraw(chain_of(importer, kind)); !withdrawn) return withdrawn;
  }
  return {};
}

// The first of the gravest findings.
std::string Redraft::worst() const {
  const auto gravest = std::max_element(findings_.begin(), findings_.end(),
                                        [](const Finding& a, const Finding& b) { return a.severity() < b.severity(); });
  return gravest == findings_.end() ? std::string() : gravest->code();
}

Result<void> Redraft::settle(const crosswalk::Shipment& shipment) {
  v1::Draft findings;
  for (const auto& finding : findings_) *findings.add_findings() = finding;
  auto row = shipment_;
  row.findings = findings.SerializeAsString();
  row.missing.clear();
  for (const auto& code : shipment.missing) row.missing += (row.missing.empty() ? "" : ",") + code;
  row.cause.clear();
  std::string_view to;
  if (!shipment.complete()) {
    to = "gathering";
  } else {
    bool held = !blocked_.empty() || wanted_.empty();
    bool all_taken = true;
    for (const auto& filing : writer_.filings_of_shipment(row.id)) {
      if (over(filing)) continue;
      held = held || filing.state == "held" || filing.state == "refused" || filing.state == "rejected" ||
             filing.state == "dead_letter";
      all_taken = all_taken && taken(filing);
    }
    // Nothing new to file: what was filed stays filed.
    to = held                                                           ? "held"
         : all_taken && (row.state == "filed" || row.state == "closed") ? std::string_view(row.state)
                                                                        : "drafted";
    if (held) row.cause = blocked_.empty() ? worst() : blocked_;
  }
  if (!ledger::allowed("shipment", kVerb, row.state, to))
    to = ledger::allowed("shipment", kVerb, row.state, "held") ? "held" : row.state;
  row.state = to;
  row.changed_at = now_;
  return writer_.update_shipment(row, {std::string(kVerb), "", ""});
}

// Joining and drafting are pure: what they throw is a fault of ours (or amounts beyond all measure), and stops this
// shipment alone.
std::optional<crosswalk::Shipment> Redraft::joined() {
  try {
    return crosswalk::join(assembly_.documents, assembly_.notice);
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

std::shared_ptr<const Drafted> Redraft::drafted(const crosswalk::Shipment& shipment, Numbers& numbers) const {
  try {
    return drafted_with(assembly_, shipment, knowledge_, registry_, numbers);
  } catch (const std::exception&) {
    return nullptr;
  }
}

// Filings that exist stay as they are; a person looks at the shipment.
Result<void> Redraft::failed(const crosswalk::Shipment& shipment) {
  findings_.add("DRAFT_FAILED");
  block("DRAFT_FAILED");
  return settle(shipment);
}

Result<void> Redraft::run() {
  std::vector<StoredDocument> cancelled;
  const auto documents = joined_documents(writer_, shipment_.id, knowledge_, options_, &cancelled);
  assembly_ = assemble(documents, corrections_of(writer_, shipment_.id));
  findings_.append(assembly_.findings);
  if (auto looked = look_at_estados(documents, cancelled); !looked) return looked;
  const auto shipment = joined();
  if (!shipment) return failed({});
  findings_.append(shipment->findings);
  stop_filing();
  if (!shipment->complete()) keep_on_file(nullptr);
  if (shipment->complete()) {
    auto numbers = known_numbers(writer_, shipment_.id);
    auto draft = drafted(*shipment, numbers);
    if (!draft) return failed(*shipment);
    keep_on_file(&draft->draft);
    // A control number may make an entry fileable, which then takes its own.
    for (int round = 0; round < kRounds; ++round) {
      const auto allocated = allocate(*shipment, draft->draft, numbers);
      if (!allocated) return tl::unexpected(allocated.error());
      if (!*allocated) break;
      draft = drafted(*shipment, numbers);
      if (!draft) return failed(*shipment);
    }
    ops::cross(ops::FaultPoint::draft_allocated);
    for (const auto& finding : draft->draft.findings()) findings_.add(finding);
    for (int i = 0; i < draft->draft.entries_size(); ++i) want(*draft, i);
  }
  for (const auto& wanted : wanted_)
    if (auto done = bring_up_to_date(wanted); !done) return done;
  if (auto done = withdraw_unwanted(); !done) return done;
  return settle(*shipment);
}

}  // namespace

Result<void> redraft(ledger::Writer& writer, std::string_view shipment_id, const Knowledge& knowledge,
                     const partners::Registry& registry, const FlowOptions& options, bool records_too) {
  auto shipment = writer.shipment(shipment_id);
  if (!shipment) return permanent("shipment_unknown", "no such shipment");
  return Redraft(writer, knowledge, registry, options, std::move(*shipment), records_too).run();
}

void draft_ahead(ledger::Reader& reader, std::string_view shipment_id, const std::vector<StoredDocument>& documents,
                 const Knowledge& knowledge, const partners::Registry& registry, const FlowOptions& options) {
  try {
    const auto assembly = assemble(documents, corrections_of(reader, shipment_id));
    const auto shipment = crosswalk::join(assembly.documents, assembly.notice);
    if (!shipment.complete()) return;
    auto numbers = known_numbers(reader, shipment_id);
    const auto made = drafted_with(assembly, shipment, knowledge, registry, numbers);
    if (!reader.filings_of_shipment(shipment_id).empty()) return;  // what its filings will be named is not known here
    for (int i = 0; i < made->draft.entries_size(); ++i)
      for (const auto kind : kinds_of(knowledge)) {
        Wanted wanted;
        wanted.entry = made->entries[static_cast<std::size_t>(i)];
        wanted.importer = importer_key(made->draft.entries(i));
        wanted.kind = cbp::kind_name(kind);
        wanted.filer = filer_of(made->draft.entries(i), wanted.kind, assembly, knowledge, registry);
        if (wanted.filer == nullptr) continue;
        auto row = named(wanted, assembly, "A", 1);
        write_records(row, wanted.entry->draft.head, wanted.entry->head_bytes, knowledge, registry, options.clock());
      }
  } catch (const std::exception&) {
    // Thrown again, and told, where it is drafted.
  }
}

}  // namespace puente::flow
