// The durable record of everything: documents, shipments, filings, attempts, answers, numbers and an append-only, hash-chained
// list of events. One interface; sqlite/ implements it, PostgreSQL comes later behind the same.
//
// Threads: every public function may be called from any thread. Writes are closures run on the ledger's one writing thread, many of
// them in one transaction (group commit); a closure that fails is rolled back alone (savepoint) and fails alone. `done` is called
// on the writing thread after the transaction is on stable storage, never before. Reads run on the calling thread against a
// snapshot. Closures must not block, must not call back into the ledger, and may run again from the start.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/ledger/rows.h"
#include "mappings/domain/result.h"

namespace puente::ledger {

class Reader {
 public:
  virtual ~Reader() = default;
  virtual std::optional<DocumentRow> document(std::string_view id) = 0;
  virtual std::optional<DocumentRow> document_by_identity(std::string_view identity) = 0;
  virtual std::optional<std::string> body(std::string_view document_id) = 0;  // decompressed, digest checked
  virtual std::vector<DocumentRow> documents_in_state(std::string_view state, std::size_t limit) = 0;  // oldest first
  virtual std::optional<ShipmentRow> shipment(std::string_view id) = 0;
  virtual std::vector<ShipmentRow> shipments_in_state(std::string_view state, std::size_t limit) = 0;
  virtual std::vector<std::string> documents_of_shipment(std::string_view shipment_id) = 0;  // in order of arrival
  virtual std::optional<std::string> shipment_of_document(std::string_view document_id) = 0;
  virtual std::vector<std::string> shipments_by_link(const std::vector<std::string>& keys) = 0;
  virtual std::optional<FilingRow> filing(std::string_view id) = 0;
  virtual std::optional<FilingRow> filing_by_token(std::string_view token) = 0;
  virtual std::optional<FilingRow> filing_by_reference(std::string_view reference) = 0;
  virtual std::vector<FilingRow> filings_by_entry_number(std::string_view filer_code, std::string_view entry_number) = 0;
  virtual std::vector<FilingRow> filings_of_shipment(std::string_view shipment_id) = 0;
  virtual std::vector<AttemptRow> attempts(std::string_view filing_id) = 0;
  virtual std::vector<AnswerRow> answers_of_filing(std::string_view filing_id) = 0;
  virtual std::vector<AnswerRow> unmatched_answers(std::size_t limit) = 0;
  virtual std::vector<NumberRow> find_number(std::string_view value) = 0;
  virtual std::vector<EventRow> events_after(std::uint64_t sequence, std::size_t limit) = 0;
  virtual std::vector<EventRow> events_of(std::string_view object_id) = 0;
  virtual std::vector<ExceptionRow> exceptions(Micros now, std::size_t limit) = 0;
  virtual std::uint64_t last_sequence() = 0;
  // Earliest not_before or lease_until in the future among this filer's waiting filings; 0 = none.
  virtual Micros next_due(std::string_view filer, Micros now) = 0;
};

// What an event says beside the state change it records.
struct EventText {
  std::string verb, partner, text;
};

class Writer : public Reader {
 public:
  // Inserts the row (sequence is set here) and its body (zstd). The caller has looked for the identity in the same closure.
  virtual Result<void> insert_document(DocumentRow& row, std::string_view body, const EventText& event) = 0;
  virtual Result<void> set_document_receipt(std::string_view id, std::string_view receipt) = 0;
  // State changes are refused (fault transition_refused) when lifecycle has no row for them.
  virtual Result<void> move_document(std::string_view id, std::string_view to, std::string_view report, std::string_view cause,
                                     const EventText& event) = 0;
  virtual Result<void> insert_shipment(const ShipmentRow& row, const EventText& event) = 0;
  virtual Result<void> update_shipment(const ShipmentRow& row, const EventText& event) = 0;
  virtual Result<void> attach_document(std::string_view shipment_id, std::string_view document_id) = 0;
  virtual Result<void> merge_shipments(std::string_view into, std::string_view from, const EventText& event) = 0;
  virtual Result<void> add_link_keys(std::string_view shipment_id, const std::vector<std::string>& keys) = 0;
  virtual Result<void> insert_filing(const FilingRow& row, const EventText& event) = 0;
  virtual Result<void> update_filing(const FilingRow& row, const EventText& event) = 0;
  // The due filings of a filer (state ready, or leased with an expired lease), earliest deadline first, at most one revision of a
  // shipment's entry at a time; each gets the lease and one more attempt.
  virtual Result<std::vector<FilingRow>> claim(std::string_view filer, std::string_view channel, std::string_view lease_owner, Micros now,
                                               Micros lease_until, std::size_t limit) = 0;
  virtual Result<void> end_attempt(std::string_view filing_id, std::string_view lease_id, std::string_view outcome, std::string_view detail,
                                   Micros now) = 0;
  virtual Result<void> insert_answer(const AnswerRow& row, const EventText& event) = 0;
  virtual Result<void> index_number(const NumberRow& row) = 0;
  // The number that `purpose` + `object` was given before, else the next free one of the list [first, last] (text of equal length),
  // skipping those `next` does not make; once given it is never given again. Fault numbers_exhausted.
  virtual Result<std::string> allocate(std::string_view purpose, std::string_view object,
                                       const std::function<std::optional<std::string>(std::string_view previous)>& next) = 0;
  virtual Result<std::uint64_t> append_event(const EventRow& row) = 0;  // for what changes no row (admin)
};

struct VerifyReport {
  bool intact = true;
  std::uint64_t events = 0, documents = 0;
  std::string text;  // first break: what and where
};

class Ledger {
 public:
  virtual ~Ledger() = default;
  using WriteBody = std::function<Result<void>(Writer&)>;
  using WriteDone = std::function<void(Result<void>)>;
  virtual void write(WriteBody body, WriteDone done) = 0;
  Result<void> write_and_wait(WriteBody body);
  virtual Result<void> read(const std::function<Result<void>(Reader&)>& body) = 0;

  // Called after each commit that appended events, on the writing thread, with the new last sequence. Must not block.
  using Listener = std::function<void(std::uint64_t last_sequence)>;
  virtual std::uint64_t listen(Listener listener) = 0;  // returns a handle
  virtual void unlisten(std::uint64_t handle) = 0;

  virtual Result<VerifyReport> verify() = 0;                                    // chain, digests, integrity of the file
  virtual Result<std::uint64_t> backup(const std::filesystem::path& file) = 0;  // online; bytes written
  virtual std::string durability() const = 0;                                   // "one disk, fsynced"
  virtual void close() = 0;                                                     // finishes queued writes
};

}  // namespace puente::ledger
