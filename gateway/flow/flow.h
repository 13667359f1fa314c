// accept, read, join, draft: what happens to a submission, as steps over the ledger's lifecycle. Each verb ends in one
// commit. Free of transport types. Threads: every function may be called from any thread; callbacks run on the ledger's
// writing thread or a worker and must not block.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/ledger/ledger.h"
#include "gateway/partners/cpu_shares.h"
#include "gateway/partners/registry.h"
#include "mappings/crosswalk/draft.h"
#include "mappings/sat/read.h"
#include "puente/v1/gateway.pb.h"

namespace puente::estado {
class Consulta;  // gateway/estado/consulta.h
}

namespace puente::flow {

class DraftMemo;  // gateway/flow/drafted.h
class ReadCache;  // gateway/flow/reading.h

// What reading and drafting need of the outside, swapped as a whole on reload; yesterday's snapshot stays valid for who
// holds it.
struct Knowledge {
  std::shared_ptr<const sat::TrustStore> trust;
  std::shared_ptr<const catalogs::SatLists> lists = nullptr;  // null: the embedded ones
  std::shared_ptr<const crosswalk::Profiles> profiles;
  std::shared_ptr<const crosswalk::ProductCatalog> catalog;
  std::shared_ptr<const partners::Registry> registry = nullptr;  // severities of its partners' own; null: none
  std::shared_ptr<ReadCache> reads = nullptr;  // documents read with this trust, lists and registry; Flow makes one where it is null
  std::shared_ptr<DraftMemo> memo = nullptr;  // drafted with all of this: Flow makes a new one for whatever it is given
};

// Wall clock, for receipts, leases and deadlines. Tests pass their own.
using Clock = std::function<ledger::Micros()>;
ledger::Micros system_clock_now();

// Signs receipts: ECDSA P-256 over the serialized ReceiptBody. Thread-safe.
class ReceiptSigner {
 public:
  virtual ~ReceiptSigner() = default;
  virtual Result<std::string> sign(std::string_view bytes) const = 0;  // DER
  virtual std::string key_id() const = 0;                              // SHA-256 of the public key, hex
};

// The partner on whose behalf a call runs. Every request takes one; there is no unscoped query in request code.
struct PartnerScope {
  std::string partner;
  std::set<partners::Role> roles;
  bool ops() const { return roles.contains(partners::Role::ops); }
};

struct Submission {
  v1::DocumentKind kind = v1::DOCUMENT_KIND_UNSPECIFIED;
  std::string content;
  std::string client_ref;
  std::string transport;
};

// Asking the SAT for the status of the documents of open shipments. What each word of its means stands in flow/estado.
struct EstadoPolicy {
  std::shared_ptr<estado::Consulta> consulta = nullptr;   // null: nobody is asked, and nothing waits or is said
  std::chrono::milliseconds deadline{5'000};              // of one question
  std::chrono::milliseconds wait{10'000};                 // a new filing waits so long for first answers, never longer
  std::chrono::milliseconds keep{std::chrono::hours(6)};  // Vigente is asked again after it
  std::chrono::milliseconds again_first{std::chrono::minutes(1)};  // after a question in vain; doubles with each
  std::chrono::milliseconds again_limit{std::chrono::hours(1)};
  std::chrono::milliseconds until{std::chrono::hours(24 * 30)};  // after its arrival a document is not asked any more
  std::size_t at_once = 4;                                       // questions under way
};

struct FlowOptions {
  std::size_t workers = 8;  // they wait for commits most of their time
  sat::Limits limits;
  std::size_t pending_bytes = 256UL * 1024 * 1024;   // of submissions that are not committed yet; over it: queue_full
  std::chrono::minutes deadline_before_arrival{60};  // a filing must be with its filer this long before the truck's ETA
  Clock clock = system_clock_now;
  EstadoPolicy estado = {};
  std::shared_ptr<partners::CpuShares> shares = nullptr;  // shared with the doors; null: Flow makes its own
};

class Flow {
 public:
  virtual ~Flow() = default;
  // Durable, then `done`: a receipt (the first one for a repeat), or findings without receipt. Fault: store trouble,
  // queue_full, draining. Identities are scoped by partner: what one partner sends can neither block nor reveal what
  // another sends, so two partners handing over the same document each get a receipt of their own, and the shipment
  // uses the document once.
  virtual void accept(const PartnerScope& scope, Submission submission,
                      std::function<void(Result<v1::SubmitReply>)> done) = 0;
  virtual v1::CheckReport check(std::string_view partner, std::string_view name, std::string content) = 0;
  virtual Result<v1::StatusReply> status(const PartnerScope& scope, std::string_view number) = 0;
  virtual Result<v1::Draft> draft_of(const PartnerScope& scope, std::string_view filing_id) = 0;
  // Events of this partner's objects after a sequence, in order, at most `limit`; `last` becomes where to go on.
  virtual Result<std::vector<v1::StatusEvent>> events(const PartnerScope& scope, std::uint64_t& last,
                                                      std::size_t limit) = 0;
  virtual void replace_knowledge(Knowledge knowledge) = 0;
  virtual Knowledge knowledge() const = 0;
  virtual void start() = 0;  // workers begin; unfinished documents of an earlier run go on
  virtual void drain() = 0;  // accept answers with fault draining; work in hand finishes; returns when workers are idle
};

std::unique_ptr<Flow> make_flow(ledger::Ledger& ledger, partners::Partners& partners, Knowledge knowledge,
                                std::shared_ptr<const ReceiptSigner> signer, FlowOptions options);

// Shared by flow (drafting) and delivery (entry number, corrections): joins, drafts and encodes the shipment anew and
// brings its filings up to date in the given transaction. `records_too`: a filing whose entry is the same but whose
// records this build or these profiles write otherwise becomes a new revision too; else it keeps its bytes. Defined in
// flow/redraft.cpp.
Result<void> redraft(ledger::Writer& writer, std::string_view shipment_id, const Knowledge& knowledge,
                     const partners::Registry& registry, const FlowOptions& options, bool records_too = false);

}  // namespace puente::flow
