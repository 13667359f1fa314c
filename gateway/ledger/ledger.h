// The durable record of everything: documents, shipments, filings, attempts, answers, numbers and an append-only,
// hash-chained list of events. One interface; sqlite/ implements it, PostgreSQL comes later behind the same.
//
// Threads: every public function may be called from any thread. Writes are closures run on the ledger's one writing
// thread, many of them in one transaction (group commit); a closure that fails is rolled back alone and fails alone.
// `done` is called after the transaction is on stable storage, never before, on a thread that does nothing else than
// telling what was committed, in that order. Reads run on the calling thread against a snapshot. Closures must not
// block, must not call back into the ledger, and may run again from the start.
//
// Faults: what a caller did wrong comes back as a Result and has changed nothing (row_unknown, row_conflict,
// transition_refused, filing_identity_changed, identity_taken, digest_mismatch, lease_unknown, numbers_exhausted ...).
// A fault of the store itself (disk full, a damaged body) ends the closure: Reader and Writer functions throw it as
// StoreFault, read() and write() catch it and give it back as a Fault: store_full, store_busy and store_readonly are
// retryable; store_io, store_damaged, body_damaged and store_failed are permanent. Closures therefore hold nothing that
// an exception would leak and catch nothing of their own accord.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/ledger/packing.h"
#include "gateway/ledger/rows.h"
#include "mappings/domain/result.h"

namespace puente::ledger {

// Slack of a deadline from which on it is an exception, the filing being with nobody who confirmed it.
inline constexpr Micros kDeadlineNear = 15LL * 60 * 1'000'000;

class Reader {
 public:
  virtual ~Reader() = default;
  virtual std::optional<DocumentRow> document(std::string_view id) = 0;
  virtual std::optional<DocumentRow> document_by_identity(std::string_view identity) = 0;
  virtual std::optional<DocumentRow> document_by_sequence(std::uint64_t sequence) = 0;         // of its receipt
  virtual std::vector<DocumentRow> documents_by_identity_prefix(std::string_view prefix) = 0;  // oldest first
  virtual std::vector<DocumentRow> documents_by_digest(std::string_view sha256) = 0;           // 32 bytes; oldest first
  // Decompressed, digest checked; a body that is not what was received is a StoreFault (body_damaged), never wrong
  // bytes.
  virtual std::optional<std::string> body(std::string_view document_id) = 0;
  virtual std::vector<DocumentRow> documents_in_state(std::string_view state, std::size_t limit) = 0;  // oldest first
  // The same without those of some partners.
  virtual std::vector<DocumentRow> documents_of_others_in_state(std::string_view state,
                                                                const std::vector<std::string>& partners,
                                                                std::size_t limit) = 0;
  virtual std::optional<ShipmentRow> shipment(std::string_view id) = 0;
  virtual std::vector<ShipmentRow> shipments_in_state(std::string_view state, std::size_t limit) = 0;
  virtual std::vector<std::string> documents_of_shipment(std::string_view shipment_id) = 0;  // in order of arrival
  virtual std::optional<std::string> shipment_of_document(std::string_view document_id) = 0;
  virtual std::vector<std::string> shipments_by_link(const std::vector<std::string>& keys) = 0;
  virtual std::optional<FilingRow> filing(std::string_view id) = 0;
  virtual std::optional<FilingDraft> draft(std::string_view filing_id) = 0;
  virtual std::string draft_head(std::string_view filing_id) = 0;  // "" for none
  virtual std::optional<FilingRow> filing_by_token(std::string_view token) = 0;
  virtual std::optional<FilingRow> filing_by_reference(std::string_view reference) = 0;
  virtual std::vector<FilingRow> filings_by_entry_number(std::string_view filer_code,
                                                         std::string_view entry_number) = 0;
  virtual std::vector<FilingRow> filings_of_shipment(std::string_view shipment_id) = 0;
  virtual std::vector<FilingRow> filings_in_state(std::string_view state, std::size_t limit) = 0;  // oldest first
  virtual std::vector<AttemptRow> attempts(std::string_view filing_id) = 0;
  virtual std::vector<AnswerRow> answers_of_filing(std::string_view filing_id) = 0;
  virtual std::vector<AnswerRow> unmatched_answers(std::size_t limit) = 0;
  virtual std::vector<NumberRow> find_number(std::string_view value) = 0;
  virtual std::vector<EventRow> events_after(std::uint64_t sequence, std::size_t limit) = 0;
  virtual std::vector<EventRow> events_of_partner(std::string_view partner, std::uint64_t sequence,
                                                  std::size_t limit) = 0;
  virtual std::vector<EventRow> events_of(std::string_view object_id) = 0;
  // Whatever is in an exception state, has a cause and is not finished, or is a filing waiting past its deadline
  // (DEADLINE_PASSED) or less than kDeadlineNear before it (DEADLINE_NEAR); oldest first.
  virtual std::vector<ExceptionRow> exceptions(Micros now, std::size_t limit) = 0;
  // Documents of this partner that are in an exception state, and shipments in one that hold a document of it.
  virtual std::uint64_t open_exceptions(std::string_view partner) = 0;
  // Bytes, as received, of the documents that this partner handed over at `since` or later.
  virtual std::uint64_t stored_bytes(std::string_view partner, Micros since) = 0;
  virtual std::uint64_t last_sequence() = 0;
  // Earliest not_before in the future among this filer's filings that are ready or in doubt; 0 = none.
  virtual Micros next_due(std::string_view filer, Micros now) = 0;
  // Offered, and the lease is over; the longest over first.
  virtual std::vector<FilingRow> leases_over(Micros now, std::size_t limit) = 0;
  // Ready or in doubt, with deadline and due_since both at or before this time; earliest deadline first.
  virtual std::vector<FilingRow> given_up(Micros before, std::size_t limit) = 0;
  // Ids of the filings in a state that match what else is given ("" and 0 match all); earliest deadline first.
  virtual std::vector<std::string> filings_selected(std::string_view state, std::string_view filer,
                                                    std::string_view cause, Micros since, std::size_t limit) = 0;
  // Ready or in doubt: of this filer without a cause, or of all with this one.
  virtual std::vector<FilingRow> offerable(std::string_view filer, std::size_t limit) = 0;
  virtual std::vector<FilingRow> offerable_with_cause(std::string_view cause, std::size_t limit) = 0;
  // Of the states ready, in_doubt, offered, refused and dead_letter, by filer and state.
  virtual std::vector<FilerFigure> filer_figures() = 0;
  virtual std::optional<EstadoRow> estado(std::string_view document_id) = 0;
  virtual std::vector<EstadoRow> estados_due(Micros now, std::size_t limit) = 0;  // the longest due first
  // Documents of this kind joined to shipments that are not finished, of which there is no estado row; oldest first.
  virtual std::vector<std::string> documents_without_estado(int kind, std::size_t limit) = 0;
  virtual std::optional<ChannelRow> channel(std::string_view filer) = 0;
  virtual std::vector<ChannelRow> channels() = 0;
};

// What an event says beside the state change it records. Without a verb the change is recorded in no event, which is
// refused (event_missing) where the state changes.
struct EventText {
  std::string verb, partner, text;
  Micros at = 0;  // 0: the time the row itself gives, else SqliteOptions::clock
};

inline constexpr std::string_view kIdentityTaken = "identity_taken";  // fault of insert_document

class Writer : public Reader {
 public:
  // Inserts the row (sequence and, when empty, sha256 are set here) and its body (zstd). An
  // identity that is there already is the fault identity_taken, an id that is row_conflict, a sha256 that is not the
  // body's digest_mismatch; nothing is changed then, and the closure may go on. Bodies packed beforehand (packing.h)
  // spare the writing thread the compression.
  virtual Result<void> insert_document(DocumentRow& row, const PackedBody& body, const EventText& event) = 0;
  Result<void> insert_document(DocumentRow& row, std::string_view body, const EventText& event) {
    return insert_document(row, pack(body), event);
  }
  // The sequence that this closure's next event gets: a document can be inserted with its receipt in it.
  virtual std::uint64_t next_sequence() const = 0;
  virtual Result<std::uint32_t> count_try(std::string_view document_id) = 0;  // one more reading begins: its number
  // State changes are refused (fault transition_refused) when lifecycle has no row for them. An empty report leaves the
  // one there.
  virtual Result<void> move_document(std::string_view id, std::string_view to, std::string_view report,
                                     std::string_view cause, const EventText& event) = 0;
  virtual Result<void> insert_shipment(const ShipmentRow& row, const EventText& event) = 0;
  virtual Result<void> update_shipment(const ShipmentRow& row, const EventText& event) = 0;
  // A document belongs to one shipment: attaching it again changes nothing, attaching it to another is
  // document_attached.
  virtual Result<void> attach_document(std::string_view shipment_id, std::string_view document_id) = 0;
  virtual Result<void> detach_document(std::string_view document_id) = 0;
  // Documents, link keys, numbers and filings of `from` become those of `into`; `from` is merged.
  virtual Result<void> merge_shipments(std::string_view into, std::string_view from, const EventText& event) = 0;
  virtual Result<void> add_link_keys(std::string_view shipment_id, const std::vector<std::string>& keys) = 0;
  virtual Result<void> insert_filing(const FilingRow& row, const FilingDraft& draft, const EventText& event) = 0;
  // Once offered, a filing keeps token, filer, importer, kind and revision for ever (filing_identity_changed). Its
  // lease ends with the state offered. sha256 is computed from the records here; due_since begins anew where a filing
  // that was not waiting becomes ready.
  virtual Result<void> update_filing(const FilingRow& row, const EventText& event) = 0;
  // In the commit that changes the filing's row, where it does. put_draft_head leaves the lineage.
  virtual Result<void> put_draft(std::string_view filing_id, const FilingDraft& draft) = 0;
  virtual Result<void> put_draft_head(std::string_view filing_id, std::string_view head) = 0;
  // The due filings of a filer (state ready or in doubt, not_before reached), earliest deadline first, then the oldest.
  // Of one shipment, importer and kind one is with the filer at a time: one in doubt before anything newer, else the
  // newest revision; older ones that the filer cannot have become replaced then. Each gets a lease of its own, one more
  // attempt, and the possible-duplicate mark when it was offered before. Records that are not what their digest says
  // are held, not offered.
  virtual Result<std::vector<FilingRow>> claim(std::string_view filer, std::string_view channel,
                                               std::string_view lease_owner, Micros now, Micros lease_until,
                                               std::size_t limit) = 0;
  // Closes the attempt of this lease; the filing is without a lease then and in doubt unless update_filing moves it. A
  // lease that is not the filing's current one is lease_unknown: a late worker changes nothing.
  virtual Result<void> end_attempt(std::string_view filing_id, std::string_view lease_id, std::string_view outcome,
                                   std::string_view detail, Micros now) = 0;
  // The next filings whose lease is over (leases_over) become in doubt; their attempts end as lease_expired, and each
  // is offered again from the time that `not_before` says.
  virtual Result<std::vector<FilingRow>> expire_leases(Micros now, std::size_t limit,
                                                       const std::function<Micros(const FilingRow&)>& not_before) = 0;
  // Inserts or updates. With a verb the event says `text` of the document; its state stays.
  virtual Result<void> put_estado(const EstadoRow& row, const EventText& event) = 0;
  // Inserts or updates; a change of state follows the lifecycle of `channel`.
  virtual Result<void> put_channel(const ChannelRow& row, const EventText& event) = 0;
  virtual Result<void> insert_answer(const AnswerRow& row, const EventText& event) = 0;
  // An unmatched answer has found its filing.
  virtual Result<void> assign_answer(std::string_view document_id, std::string_view filing_id,
                                     const EventText& event) = 0;
  virtual Result<void> index_number(const NumberRow& row) = 0;
  // The number that `purpose` + `object` was given before, else the first of next(last given), next(that) ... that was
  // not given for this purpose yet; `previous` is "" at the first. Once given it is never given again. Fault
  // numbers_exhausted when `next` ends.
  virtual Result<std::string> allocate(
      std::string_view purpose, std::string_view object,
      const std::function<std::optional<std::string>(std::string_view previous)>& next) = 0;
  virtual Result<std::uint64_t> append_event(const EventRow& row) = 0;  // for what changes no row (admin)
};

struct VerifyReport {
  bool intact = true;
  std::uint64_t events = 0, documents = 0;
  std::string text;                  // first break: what and where
  std::uint64_t break_sequence = 0;  // event at which the chain breaks, 0 when it is elsewhere
};

class Ledger {
 public:
  virtual ~Ledger() = default;
  using WriteBody = std::function<Result<void>(Writer&)>;
  using WriteDone = std::function<void(Result<void>)>;
  virtual void write(WriteBody body, WriteDone done) = 0;
  Result<void> write_and_wait(WriteBody body);  // never from a closure, a `done` or a listener
  // Not from within another read() of the same thread: fault read_nested.
  virtual Result<void> read(const std::function<Result<void>(Reader&)>& body) = 0;

  // Called after each commit that appended events, after the commit's `done`s and on their thread, with the new last
  // sequence. Must not block and must not call listen or unlisten. After unlisten returned the listener is not called
  // any more.
  using Listener = std::function<void(std::uint64_t last_sequence)>;
  virtual std::uint64_t listen(Listener listener) = 0;  // returns a handle
  virtual void unlisten(std::uint64_t handle) = 0;

  virtual Result<VerifyReport> verify() = 0;                                    // chain, digests, integrity of the file
  virtual Result<std::uint64_t> backup(const std::filesystem::path& file) = 0;  // online; bytes written
  virtual std::string durability() const = 0;                                   // "one disk, fsynced"
  virtual void close() = 0;                                                     // finishes queued writes
};

}  // namespace puente::ledger
