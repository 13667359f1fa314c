// The rows of the ledger. Times are microseconds since the epoch, UTC; ids are text; blobs are serialized protos or
// bytes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace puente::ledger {

using Micros = std::int64_t;

struct DocumentRow {
  std::string id;              // DOC + 26 characters, sortable by time
  std::uint64_t sequence = 0;  // ledger sequence of its accept event
  std::string partner;         // who sent it
  int kind = 0;                // puente.v1.DocumentKind
  std::string identity;        // cfdi:<uuid>, notice:<scac>:<id>:<sent_at>, sha256:<hex>; unique
  std::string sha256;          // 32 bytes
  std::string folio_fiscal;
  std::string client_ref;
  std::string transport;  // grpc, spool, ...
  std::string state;      // lifecycle.h
  Micros received_at = 0;
  std::string receipt;  // serialized puente.v1.Receipt, given back unchanged to every repeat
  std::string report;   // serialized puente.v1.CheckReport once read
  std::string cause;    // why it is an exception, "" otherwise
  std::uint32_t tries =
      0;  // readings begun (Writer::count_try), counted before each: a document that ends the process is known
  Micros state_since = 0;  // set by the ledger: when it came into its state
};

struct ShipmentRow {
  std::string id;  // SHP...
  std::string state;
  std::uint32_t revision = 0;  // raised by every change of its documents
  std::string missing;         // codes, comma separated
  std::string findings;        // serialized puente.v1.Draft holding only findings (join and draft)
  Micros opened_at = 0, changed_at = 0;
  std::string cause;             // why it is an exception, "" otherwise
  std::string merged_into = {};  // shipment that took its documents over, "" unless merged
  Micros state_since = 0;        // set by the ledger
};

struct FilingRow {
  std::string id;     // FIL...
  std::string token;  // derived from partner, documents, kind, revision and filer: never from the channel
  std::string shipment;
  std::string filer;     // partner id
  std::string importer;  // importer of record of the entry
  std::string kind;      // se, ae
  std::string action;    // A, R, D
  std::uint32_t revision = 1;
  std::string state;
  std::string reference;  // CR reference, unique: what CBP echoes
  std::string filer_code, entry_number;
  std::string records;  // 80-column lines
  std::string sha256;   // of records, 32 bytes
  Micros created_at = 0, changed_at = 0;
  Micros deadline = 0;    // must be with the filer by
  Micros not_before = 0;  // backoff
  std::uint32_t attempts = 0;
  std::string lease_id;     // "" when not leased
  std::string lease_owner;  // channel instance
  Micros lease_until = 0;
  bool possible_duplicate = false;  // offered at least once before
  std::string replaces;             // filing id of the revision before, "" if none
  std::string cause;                // why it is an exception, "" otherwise
  Micros state_since = 0;           // set by the ledger
  Micros due_since = 0;             // giving up counts from here: first ready, or delivered anew by a person's order
};

// A filing's draft, apart from its row: fifteen times as long, and needed where its content is. Two messages that are
// read one after the other as one.
struct FilingDraft {
  std::string head;          // serialized puente.v1.Draft of this one entry, without the lineage below
  std::string lineage = {};  // serialized puente.v1.Draft holding only lineage: most of its bytes, and written once

  std::string whole() const { return head + lineage; }
};

// How a filer's channel stands by order of a person: no row is a channel that was never paused.
struct ChannelRow {
  std::string id;          // partner id of the filer
  std::string state;       // open, paused
  std::string cause;       // CHANNEL_PAUSED while it is
  std::string by, reason;  // who ordered it last, and why in their words
  Micros state_since = 0;
};

// The filings of one filer in one state.
struct FilerFigure {
  std::string filer, state;
  std::uint64_t filings = 0;
  Micros oldest_deadline = 0;  // 0: none has one
};

// What the SAT says of a document (sat/estado.h), and when it is asked again. No row: it was never meant to be asked.
struct EstadoRow {
  std::string document;
  std::string estado;                   // the SAT's words; "" before its first answer
  std::string cancelable, cancelacion;  // the SAT's words
  Micros answered_at = 0;               // when it last said so
  Micros next_at = 0;                   // asked again from then on; 0: not any more
  std::uint32_t failures = 0;           // questions in vain since
  std::string fault;                    // code of the last of them, "" after an answer
};

struct AttemptRow {
  std::string filing;
  std::uint32_t number = 0;
  std::string channel;  // grpc, spool
  std::string lease_id;
  Micros offered_at = 0, ended_at = 0;
  std::string outcome;  // offered, confirmed, refused, lease_expired, connection_lost, gateway_restarted, released
  std::string detail;
};

struct AnswerRow {
  std::string document;     // document id of the report
  std::string filing;       // "" while unmatched
  std::string application;  // SX, SO, AX
  std::string lines;        // serialized puente.v1.FilingStatus holding only answers
  Micros received_at = 0;
};

struct EventRow {
  std::uint64_t sequence = 0;
  Micros at = 0;
  std::string object;  // document, shipment, filing, ledger
  std::string object_id;
  std::string verb;  // accept, read, join, estado, draft, deliver, answer, admin
  std::string from_state, to_state;
  std::string partner;      // whose scope sees it; "" = ops only
  std::string text;         // ids, codes and counts: never personal data
  std::string hash;         // SHA-256 over the previous hash and this row's canonical bytes (chain.h)
  std::string digest = {};  // what the event vouches for: SHA-256 of the document, of the filing's records; else ""
};

// A number that a person has, and what it leads to.
struct NumberRow {
  std::string value;  // upper case, without blanks; flow/numbers.h says in which form
  std::string kind;   // of flow::number_kinds
  std::string object, object_id;
};

struct ExceptionRow {
  std::string object, object_id, state, owner, cause;
  Micros since = 0;
};

}  // namespace puente::ledger
