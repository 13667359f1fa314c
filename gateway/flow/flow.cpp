#include "gateway/flow/flow.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <exception>
#include <future>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
#include <utility>

#include "gateway/flow/accept.h"
#include "gateway/flow/asking.h"
#include "gateway/flow/assemble.h"
#include "gateway/flow/drafted.h"
#include "gateway/flow/fair_queue.h"
#include "gateway/flow/join.h"
#include "gateway/flow/link_turns.h"
#include "gateway/flow/reading.h"
#include "gateway/flow/status.h"
#include "gateway/ops/fault_points.h"
#include "mappings/domain/cpu_budget.h"

namespace puente::flow {
namespace {

constexpr std::size_t kFetch = 256;  // documents looked up at once
constexpr std::size_t kHeldShipments = 10'000;
constexpr std::uint32_t kTries = 3;        // readings begun and never finished before a document is set apart
constexpr std::uint32_t kSuspect = 2;      // counted at its acceptance and once more: its reading did not end twice
constexpr std::chrono::seconds kRetry{1};  // pause after a fault of the store, rest of a document that was not read

// Faults of one document's reading: it rests, and the worker goes on with others.
constexpr const char *kReadingFailed = "reading_failed", *kReadingTooSlow = "reading_too_slow",
                     *kReadingWaits = "reading_waits";
bool of_one_document(const Fault& fault) {
  return fault.code == kReadingFailed || fault.code == kReadingTooSlow || fault.code == kReadingWaits;
}

Knowledge with_cache(Knowledge knowledge) {
  if (!knowledge.reads) knowledge.reads = std::make_shared<ReadCache>();
  knowledge.memo = std::make_shared<DraftMemo>();  // what other profiles or another trust store made is not in it
  return knowledge;
}

Fault queue_full() { return {FaultKind::retryable, "queue_full", "too much waits to be written"}; }
Fault draining() { return {FaultKind::retryable, "draining", "the gateway is shutting down"}; }

class FlowImpl final : public Flow {
 public:
  FlowImpl(ledger::Ledger& ledger, partners::Partners& partners, Knowledge knowledge,
           std::shared_ptr<const ReceiptSigner> signer, FlowOptions options)
      : ledger_(ledger),
        partners_(partners),
        signer_(std::move(signer)),
        options_(std::move(options)),
        shares_(options_.shares ? options_.shares : std::make_shared<partners::CpuShares>(partners)),
        durability_(ledger.durability()),
        knowledge_(with_cache(std::move(knowledge))) {
    if (options_.estado.consulta)
      asking_ = make_asking(
          ledger_, partners_, [this] { return this->knowledge(); }, options_);
  }
  ~FlowImpl() override { drain(); }

  void accept(const PartnerScope& scope, Submission submission,
              std::function<void(Result<v1::SubmitReply>)> done) override;
  v1::CheckReport check(std::string_view partner, std::string_view name, std::string content) override;
  Result<v1::StatusReply> status(const PartnerScope& scope, std::string_view number) override;
  Result<v1::Draft> draft_of(const PartnerScope& scope, std::string_view filing_id) override;
  Result<std::vector<v1::StatusEvent>> events(const PartnerScope& scope, std::uint64_t& last,
                                              std::size_t limit) override;
  void replace_knowledge(Knowledge knowledge) override;
  Knowledge knowledge() const override;
  void start() override;
  void drain() override;

 private:
  std::optional<Fault> begin_accept(std::size_t bytes);
  void work();
  std::optional<FairQueue::Task> next_task();
  Result<void> fetch();
  Result<void> process(const std::string& id);
  Result<void> process_document(const ledger::DocumentRow& row);
  Result<void> set_aside(const std::string& id, const Fault& fault);
  Result<bool> begin_reading(const ledger::DocumentRow& row);
  std::future<Result<void>> keep_reading(const ledger::DocumentRow& row, std::shared_ptr<const ReadDocument> read);
  Result<void> quarantine(const ledger::DocumentRow& row, std::uint32_t tries);
  Result<void> join(const StoredDocument& document, const Knowledge& knowledge);
  void ahead(const std::function<void(ledger::Reader&)>& compute);
  Result<std::shared_ptr<const ReadDocument>> read(const ledger::DocumentRow& row, const Knowledge& knowledge);

  struct Resting {
    FairQueue::Task task;
    std::chrono::steady_clock::time_point until;
  };

  ledger::Ledger& ledger_;
  partners::Partners& partners_;
  const std::shared_ptr<const ReceiptSigner> signer_;
  const FlowOptions options_;
  const std::shared_ptr<partners::CpuShares> shares_;
  const std::string durability_;

  LinkTurns turns_;      // at being joined
  std::mutex suspects_;  // held while one of them is read; nobody waits for it

  mutable std::mutex knowledge_mutex_;
  Knowledge knowledge_;

  std::mutex mutex_;
  std::condition_variable wake_, quiet_;
  FairQueue queue_;                                // documents to read and join, shipments to draft anew
  std::deque<Resting> resting_;                    // documents that are read again, the first one due first
  std::set<std::string, std::less<>> in_hand_;     // queued or being worked on
  std::set<std::string, std::less<>> first_try_;   // accepted by this run: the first reading is counted already
  std::map<std::string, std::uint32_t> failures_;  // of joining and drafting, by id
  bool more_ = true;                               // the ledger may hold documents that are not queued
  bool redraft_held_ = false;                      // new knowledge may free what is held
  bool draining_ = false;
  std::size_t accepting_ = 0, accepting_bytes_ = 0;
  std::size_t aside_ = 0;  // documents that this run does not fetch again
  std::vector<std::thread> workers_;
  std::unique_ptr<Asking> asking_;  // null: the SAT is not asked
};

void FlowImpl::accept(const PartnerScope& scope, Submission submission,
                      std::function<void(Result<v1::SubmitReply>)> done) {
  const std::size_t bytes = submission.content.size();
  if (auto refused = begin_accept(bytes)) {
    done(tl::unexpected(std::move(*refused)));
    return;
  }
  const auto finish = [this, bytes] {
    const std::lock_guard lock(mutex_);
    --accepting_;
    accepting_bytes_ -= bytes;
    quiet_.notify_all();
  };
  if (const auto wrong = submission_findings(submission, options_.limits); !wrong.empty()) {
    v1::SubmitReply reply;
    reply.set_client_ref(submission.client_ref);
    for (const auto& finding : wrong) *reply.add_findings() = finding;
    done(std::move(reply));
    finish();
    return;
  }
  auto acceptance = std::make_shared<Acceptance>(scope, std::move(submission), options_.limits, options_.clock());
  {
    const std::lock_guard lock(mutex_);
    first_try_.insert(acceptance->document_id());
  }
  ops::cross(ops::FaultPoint::accept_before_write);
  ledger_.write([this, acceptance](ledger::Writer& writer) { return acceptance->apply(writer, *signer_, durability_); },
                [this, acceptance, finish, done = std::move(done)](Result<void> committed) {
                  const bool kept = committed && acceptance->reply().has_receipt() && !acceptance->repeat();
                  {
                    const std::lock_guard lock(mutex_);
                    if (kept)
                      more_ = true;
                    else
                      first_try_.erase(acceptance->document_id());
                  }
                  ops::cross(ops::FaultPoint::accept_committed);
                  if (kept) wake_.notify_all();
                  if (committed)
                    done(acceptance->take_reply());
                  else
                    done(tl::unexpected(committed.error()));
                  ops::cross(ops::FaultPoint::accept_answered);
                  finish();
                });
}

std::optional<Fault> FlowImpl::begin_accept(std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  if (draining_) return draining();
  // One is always let in, whatever its size.
  if (accepting_ > 0 && accepting_bytes_ + bytes > options_.pending_bytes) return queue_full();
  ++accepting_;
  accepting_bytes_ += bytes;
  return std::nullopt;
}

v1::CheckReport FlowImpl::check(std::string_view partner, std::string_view name, std::string content) {
  try {
    return read_document(v1::SAT_XML, name, std::move(content), partner, knowledge(), options_)->report;
  } catch (const std::exception&) {  // one document never ends the process that serves all
    v1::CheckReport report;
    report.set_file(std::string(name));
    report.set_verdict("rejected");
    *report.add_findings() = make_finding("DOCUMENT_QUARANTINED", {{"times", "1"}});
    return report;
  }
}

Result<v1::StatusReply> FlowImpl::status(const PartnerScope& scope, std::string_view number) {
  v1::StatusReply reply;
  auto done = ledger_.read([&](ledger::Reader& reader) -> Result<void> {
    reply = status_of(reader, scope, number, options_.clock());
    return {};
  });
  if (!done) return tl::unexpected(done.error());
  return reply;
}

Result<v1::Draft> FlowImpl::draft_of(const PartnerScope& scope, std::string_view filing_id) {
  v1::Draft draft;
  auto done = ledger_.read([&](ledger::Reader& reader) -> Result<void> {
    const auto row = reader.filing(filing_id);
    // Another partner's filing answers exactly as an unknown one.
    if (!row || !Visibility(reader, scope).filing(*row)) return permanent("filing_unknown", "no such filing");
    if (const auto kept = reader.draft(row->id)) draft.ParseFromString(kept->whole());
    return {};
  });
  if (!done) return tl::unexpected(done.error());
  return draft;
}

Result<std::vector<v1::StatusEvent>> FlowImpl::events(const PartnerScope& scope, std::uint64_t& last,
                                                      std::size_t limit) {
  std::vector<v1::StatusEvent> events;
  auto done = ledger_.read([&](ledger::Reader& reader) -> Result<void> {
    events = events_since(reader, scope, last, limit);
    return {};
  });
  if (!done) return tl::unexpected(done.error());
  return events;
}

void FlowImpl::replace_knowledge(Knowledge knowledge) {
  auto cached = with_cache(std::move(knowledge));
  {
    const std::lock_guard lock(knowledge_mutex_);
    knowledge_ = std::move(cached);
  }
  const std::lock_guard lock(mutex_);
  redraft_held_ = more_ = true;
  wake_.notify_all();
}

Knowledge FlowImpl::knowledge() const {
  const std::lock_guard lock(knowledge_mutex_);
  return knowledge_;
}

void FlowImpl::start() {
  const std::lock_guard lock(mutex_);
  if (!workers_.empty() || draining_) return;
  for (std::size_t i = 0; i < std::max<std::size_t>(options_.workers, 1); ++i)
    workers_.emplace_back([this] { work(); });
  if (asking_) asking_->start();
}

void FlowImpl::drain() {
  if (asking_) asking_->stop();
  std::vector<std::thread> workers;
  {
    std::unique_lock lock(mutex_);
    draining_ = true;
    quiet_.wait(lock, [this] { return accepting_ == 0; });
    workers.swap(workers_);
  }
  wake_.notify_all();
  for (auto& worker : workers) worker.join();
}

// Documents in hand are finished; what is only queued waits in the ledger for the next run.
void FlowImpl::work() {
  while (auto task = next_task()) {
    const std::string& id = task->id;
    auto done = process(id);
    ops::cross(ops::FaultPoint::task_done);
    bool aside = false;
    if (!done && done.error().kind == FaultKind::permanent) {
      std::uint32_t failures = 0;
      {
        const std::lock_guard lock(mutex_);
        failures = ++failures_[id];
      }
      aside = failures >= kTries && set_aside(id, done.error()).has_value();
    }
    std::unique_lock lock(mutex_);
    if (!done && of_one_document(done.error())) {
      resting_.push_back({std::move(*task), std::chrono::steady_clock::now() + kRetry});
      wake_.notify_one();  // who sleeps without an end wakes up when it is due
      continue;
    }
    // What is set aside stays in hand: this run does not fetch it again.
    if (aside)
      ++aside_;
    else
      in_hand_.erase(id);
    if (done) failures_.erase(id);
    if (!done && !aside) {
      more_ = true;
      wake_.wait_for(lock, kRetry, [this] { return draining_; });
    }
  }
}

std::optional<FairQueue::Task> FlowImpl::next_task() {
  std::unique_lock lock(mutex_);
  while (!draining_) {
    while (!resting_.empty() && resting_.front().until <= std::chrono::steady_clock::now()) {
      queue_.push(std::move(resting_.front().task));
      resting_.pop_front();
    }
    const auto behind = shares_->behind();
    // Where only partners over their share wait, others may have come meanwhile.
    if (!queue_.empty() && !(more_ && queue_.only(behind))) return queue_.pop(behind);
    if (more_) {
      more_ = false;
      lock.unlock();
      const auto fetched = fetch();
      lock.lock();
      if (!fetched) {
        more_ = true;
        wake_.wait_for(lock, kRetry, [this] { return draining_; });
      }
      continue;
    }
    if (resting_.empty())
      wake_.wait(lock);
    else
      wake_.wait_until(lock, resting_.front().until);
  }
  return std::nullopt;
}

Result<void> FlowImpl::fetch() {
  std::vector<FairQueue::Task> tasks;
  const auto behind = shares_->behind();
  bool full = false, held = false;
  std::size_t limit = kFetch;
  {
    const std::lock_guard lock(mutex_);
    held = std::exchange(redraft_held_, false);
    limit += aside_;  // they are the oldest, and must not hide what came after them
  }
  auto found = ledger_.read([&](ledger::Reader& reader) -> Result<void> {
    // Read and not joined yet: an earlier run ended between the two commits.
    for (const auto* state : {"read", "received"}) {
      const auto rows = reader.documents_in_state(state, limit);
      full = full || rows.size() == limit;
      for (const auto& row : rows) tasks.push_back({row.id, row.partner});
      if (behind.empty() || rows.size() < limit) continue;
      // These are the oldest, and may all be of partners over their share.
      for (const auto& row : reader.documents_of_others_in_state(state, behind, limit))
        tasks.push_back({row.id, row.partner});
    }
    if (held)
      for (const auto& row : reader.shipments_in_state("held", kHeldShipments)) tasks.push_back({row.id, ""});
    return {};
  });
  const std::lock_guard lock(mutex_);
  if (!found) {
    redraft_held_ = redraft_held_ || held;
    return found;
  }
  std::size_t fresh = 0;
  for (auto& task : tasks) {
    if (!in_hand_.insert(task.id).second) continue;
    queue_.push(std::move(task));
    ++fresh;
  }
  // More than fits one fetch: look again once these are done.
  if (full && fresh > 0) more_ = true;
  if (fresh > 1) wake_.notify_all();
  return {};
}

Result<void> FlowImpl::process(const std::string& id) {
  std::optional<ledger::DocumentRow> document;
  std::optional<ledger::ShipmentRow> shipment;
  auto found = ledger_.read([&](ledger::Reader& reader) -> Result<void> {
    document = reader.document(id);
    if (!document) shipment = reader.shipment(id);
    return {};
  });
  if (!found) return found;
  if (document && (document->state == "received" || document->state == "read")) return process_document(*document);
  if (!shipment) return {};
  const auto known = knowledge();
  const auto registry = partners_.current();
  ahead([&](ledger::Reader& reader) {
    draft_ahead(reader, id, joined_documents(reader, id, known, options_), known, *registry, options_);
  });
  return ledger_.write_and_wait(
      [&](ledger::Writer& writer) { return redraft(writer, id, known, *registry, options_); });
}

Result<void> FlowImpl::process_document(const ledger::DocumentRow& row) {
  const auto known = knowledge();
  // What was being read when an earlier run ended, and again in the next, is read alone: only the document that ends
  // the process is counted, not the one beside it.
  std::unique_lock alone(suspects_, std::defer_lock);
  if (row.state == "received" && row.tries >= kSuspect && !alone.try_lock())
    return retryable(kReadingWaits, "another document is read alone");
  if (row.state == "received") {
    const auto begun = begin_reading(row);
    if (!begun) return tl::unexpected(begun.error());
    if (!*begun) return {};  // set apart
    ops::cross(ops::FaultPoint::read_begun, row.client_ref);
  }
  const auto document = [&] {
    const partners::CpuShares::Meter meter(*shares_, row.partner);
    return read(row, known);
  }();
  if (!document) return tl::unexpected(document.error());
  if (row.state != "received") return join({row, *document}, known);
  auto kept = keep_reading(row, *document);
  if (!(*document)->accepted || alone.owns_lock()) {
    if (auto done = kept.get(); !done || !(*document)->accepted) return done;
    if (alone.owns_lock()) alone.unlock();
    return join({row, *document}, known);
  }
  // Joined by a write behind the one that keeps the reading: nothing waits for the first.
  auto joined = join({row, *document}, known);
  auto done = kept.get();
  return done ? joined : done;
}

// Joining or drafting fails again and again: a person looks at it, the worker goes on. The next run tries anew.
Result<void> FlowImpl::set_aside(const std::string& id, const Fault& fault) {
  return ledger_.write_and_wait([&](ledger::Writer& writer) -> Result<void> {
    const auto row = writer.document(id);
    if (!row || (row->state != "read" && row->state != "received")) return {};
    return writer.move_document(id, row->state, "", fault.code, {});
  });
}

// The reading is counted before it begins, so a document that ends the process is set apart instead of ending it for
// ever.
Result<bool> FlowImpl::begin_reading(const ledger::DocumentRow& row) {
  {
    const std::lock_guard lock(mutex_);
    if (first_try_.erase(row.id) > 0) return true;
  }
  std::uint32_t tries = 0;
  auto counted = ledger_.write_and_wait([&](ledger::Writer& writer) -> Result<void> {
    auto number = writer.count_try(row.id);
    if (!number) return tl::unexpected(number.error());
    tries = *number;
    return {};
  });
  if (!counted) return tl::unexpected(counted.error());
  if (tries <= kTries) return true;
  if (auto set_apart = quarantine(row, tries - 1); !set_apart) return tl::unexpected(set_apart.error());
  return false;
}

Result<void> FlowImpl::quarantine(const ledger::DocumentRow& row, std::uint32_t tries) {
  v1::CheckReport report;
  report.set_file(row.id);
  report.set_verdict("rejected");
  *report.add_findings() = make_finding("DOCUMENT_QUARANTINED", {{"times", std::to_string(tries)}});
  return ledger_.write_and_wait([&](ledger::Writer& writer) {
    return writer.move_document(row.id, "quarantined", report.SerializeAsString(), "DOCUMENT_QUARANTINED",
                                {"read", row.partner, ""});
  });
}

Result<std::shared_ptr<const ReadDocument>> FlowImpl::read(const ledger::DocumentRow& row, const Knowledge& knowledge) {
  if (auto cached = knowledge.reads->find(row.id)) return cached;
  std::optional<std::string> body;
  auto found = ledger_.read([&](ledger::Reader& reader) -> Result<void> {
    body = reader.body(row.id);
    return {};
  });
  if (!found) return tl::unexpected(found.error());
  if (!body) return permanent("body_missing", "a document has no body");
  try {
    const CpuBudget budget(options_.limits.cpu_seconds);
    ops::cross(ops::FaultPoint::read_document, row.client_ref);
    auto document =
        read_document(static_cast<v1::DocumentKind>(row.kind), row.id, std::move(*body), row.partner, knowledge, options_);
    // What the parser gives up says so in a finding. What burns the processor after it may be our own mistake: it is
    // counted, and set apart after kTries.
    if (row.state == "received" && document->stages.xml != sat::Stage::fail && budget.spent())
      return retryable(kReadingTooSlow, "reading a document took too much processor time");
    knowledge.reads->put(row.id, document);
    return document;
  } catch (const std::exception&) {
    return retryable(kReadingFailed, "reading a document failed");  // counted: set apart after kTries
  }
}

// The outcome comes with the commit.
std::future<Result<void>> FlowImpl::keep_reading(const ledger::DocumentRow& row,
                                                 std::shared_ptr<const ReadDocument> read) {
  ops::cross(ops::FaultPoint::read_done);
  auto outcome = std::make_shared<std::promise<Result<void>>>();
  ledger_.write(
      [id = row.id, partner = row.partner, report = read->report.SerializeAsString(), read](ledger::Writer& writer) {
        return writer.move_document(id, read->accepted ? "read" : "rejected", report, "",
                                    {"read", partner, read->report.kind()});
      },
      [outcome](Result<void> committed) {
        ops::cross(ops::FaultPoint::read_committed);
        outcome->set_value(std::move(committed));
      });
  return outcome->get_future();
}

// What joining and drafting will ask for is read and computed here, not on the ledger's one writing thread. What fails
// fails there again and is told there.
void FlowImpl::ahead(const std::function<void(ledger::Reader&)>& compute) {
  (void)ledger_.read([&](ledger::Reader& reader) -> Result<void> {
    compute(reader);
    return {};
  });
}

Result<void> FlowImpl::join(const StoredDocument& document, const Knowledge& knowledge) {
  const auto registry = partners_.current();
  const auto turn = turns_.begin(link_keys_of(*document.read));
  ahead([&](ledger::Reader& reader) {
    const auto expected = expected_join(reader, document, knowledge, options_);
    draft_ahead(reader, expected.shipment, expected.documents, knowledge, *registry, options_);
  });
  ops::cross(ops::FaultPoint::join_before_write);
  return ledger_.write_and_wait([&](ledger::Writer& writer) -> Result<void> {
    auto shipment = join_document(writer, document.row, *document.read, knowledge, options_);
    if (!shipment) return tl::unexpected(shipment.error());
    if (shipment->empty()) return {};
    ops::cross(ops::FaultPoint::join_attached);
    if (auto drafted = redraft(writer, *shipment, knowledge, *registry, options_); !drafted) return drafted;
    ops::cross(ops::FaultPoint::join_drafted);
    // Filed like this one and named together with it: it stops too.
    for (const auto& other : on_file_with(writer, *shipment, knowledge, options_))
      if (auto stopped = redraft(writer, other, knowledge, *registry, options_); !stopped) return stopped;
    return {};
  });
}

}  // namespace

ledger::Micros system_clock_now() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::unique_ptr<Flow> make_flow(ledger::Ledger& ledger, partners::Partners& partners, Knowledge knowledge,
                                std::shared_ptr<const ReceiptSigner> signer, FlowOptions options) {
  return std::make_unique<FlowImpl>(ledger, partners, std::move(knowledge), std::move(signer), std::move(options));
}

}  // namespace puente::flow
