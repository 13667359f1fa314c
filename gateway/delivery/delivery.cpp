#include "gateway/delivery/delivery.h"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "gateway/delivery/acts.h"
#include "gateway/delivery/filing_message.h"
#include "gateway/flow/identity.h"
#include "gateway/ops/fault_points.h"

#include <google/protobuf/util/time_util.h>

namespace puente::delivery {
namespace {

constexpr std::size_t kExceptions = 1000;  // rows of one list
constexpr std::size_t kEventsPerRead = 512;
constexpr std::string_view kVerb = "deliver";
constexpr std::size_t kLeasesOfAnEarlierRun = 100'000;  // more than all windows together

struct Offer {
  std::string lease_id;
  ledger::Micros until = 0;
};

// One attached filer. What it holds is guarded by the desk's mutex; calls of the sink by its own, so that a closed
// session is never called again and a slow one keeps nobody else waiting.
struct Session {
  flow::PartnerScope scope;
  std::string channel, lease_owner;
  Delivery::Sink sink;
  std::mutex sink_mutex;
  bool closed = false;  // both mutexes to set, either to read

  std::uint32_t credits = 0;
  std::map<std::string, Offer> offers;  // by filing id
};

}  // namespace

class Desk final : public Delivery {
 public:
  Desk(ledger::Ledger& ledger, partners::Partners& partners, flow::Flow& flow,
       std::shared_ptr<const flow::ReceiptSigner> signer, DeliveryOptions options, flow::FlowOptions flow_options)
      : ledger_(ledger),
        partners_(partners),
        flow_(flow),
        signer_(std::move(signer)),
        options_(options),
        flow_options_(std::move(flow_options)),
        durability_(ledger.durability()) {}
  ~Desk() override { drain(); }

  std::unique_ptr<FilerSession> attach(const flow::PartnerScope& scope, std::string_view channel, Sink sink) override;
  void act(const flow::PartnerScope& scope, v1::FilerAct act, std::string_view transport,
           std::function<void(Result<v1::FilerActResult>)> done) override;
  Result<std::vector<v1::ExceptionRow>> exceptions() override;
  void start() override;
  void drain() override;

  void grant(const std::shared_ptr<Session>& session, std::uint32_t credits);
  void close(const std::shared_ptr<Session>& session);

 private:
  // What one claim may take for a session.
  struct Opening {
    std::shared_ptr<Session> session;
    std::size_t room = 0;
    std::chrono::seconds lease{0};
  };

  void work();
  std::vector<Opening> openings();
  bool serve(const Opening& opening);
  Result<std::vector<ledger::FilingRow>> claim(const Opening& opening);
  Result<bool> exhaust(ledger::Writer& writer, ledger::FilingRow row);
  void offer(const Opening& opening, const ledger::FilingRow& row);
  void give_back(std::map<std::string, Offer> offers, std::string_view why);
  void offer_ended(const std::string& filing_id);
  void wake();
  bool begin_act();
  bool filings_became_ready();

  ledger::Ledger& ledger_;
  partners::Partners& partners_;
  flow::Flow& flow_;
  const std::shared_ptr<const flow::ReceiptSigner> signer_;
  const DeliveryOptions options_;
  const flow::FlowOptions flow_options_;
  const std::string durability_;

  std::mutex mutex_;
  std::condition_variable wake_, quiet_;
  std::vector<std::shared_ptr<Session>> sessions_;
  std::size_t next_session_ = 0;  // who is served first in the next round
  bool due_ = false;              // something to offer, or somebody to offer it to
  bool events_ = false;           // the ledger has events that were not looked at
  bool draining_ = false;
  std::uint64_t seen_ = 0;   // last event looked at; delivery's thread only
  std::size_t pending_ = 0;  // writes whose end calls back into this desk
  std::uint64_t listener_ = 0;
  std::thread thread_;
};

namespace {

class AttachedSession final : public FilerSession {
 public:
  AttachedSession(Desk& desk, std::shared_ptr<Session> session) : desk_(desk), session_(std::move(session)) {}
  ~AttachedSession() override { close(); }
  void grant(std::uint32_t credits) override { desk_.grant(session_, credits); }
  void close() override { desk_.close(session_); }

 private:
  Desk& desk_;
  const std::shared_ptr<Session> session_;
};

}  // namespace

std::unique_ptr<FilerSession> Desk::attach(const flow::PartnerScope& scope, std::string_view channel, Sink sink) {
  auto session = std::make_shared<Session>();
  session->scope = scope;
  session->channel = channel;
  session->lease_owner = flow::new_id(std::string(channel) + "/", flow_options_.clock());
  session->sink = std::move(sink);
  {
    const std::lock_guard lock(mutex_);
    session->closed = draining_;
    if (!draining_) sessions_.push_back(session);
  }
  return std::make_unique<AttachedSession>(*this, std::move(session));
}

void Desk::grant(const std::shared_ptr<Session>& session, std::uint32_t credits) {
  {
    const std::lock_guard lock(mutex_);
    // Credits never add up to more than any window.
    session->credits = credits > UINT32_MAX - session->credits ? UINT32_MAX : session->credits + credits;
  }
  wake();
}

void Desk::close(const std::shared_ptr<Session>& session) {
  std::map<std::string, Offer> offers;
  {
    const std::scoped_lock lock(session->sink_mutex, mutex_);
    session->closed = true;
    offers.swap(session->offers);
    std::erase(sessions_, session);
  }
  give_back(std::move(offers), "connection_lost");
}

// Offers of a connection, or of a whole run, that is gone: due again at once, marked as possible duplicates.
void Desk::give_back(std::map<std::string, Offer> offers, std::string_view why) {
  if (offers.empty()) return;
  {
    const std::lock_guard lock(mutex_);
    ++pending_;
  }
  const auto now = flow_options_.clock();
  ops::cross(ops::FaultPoint::give_back_before);
  ledger_.write(
      [offers = std::move(offers), why = std::string(why), now](ledger::Writer& writer) -> Result<void> {
        for (const auto& [filing_id, held] : offers) {
          const auto row = writer.filing(filing_id);
          if (!row || row->lease_id != held.lease_id) continue;  // confirmed, refused or leased anew meanwhile
          if (auto ended = writer.end_attempt(filing_id, held.lease_id, why, "", now); !ended)
            return ended;
          auto back = writer.filing(filing_id);
          if (!back || back->state != "offered") continue;
          back->state = "ready";
          back->possible_duplicate = true;
          back->changed_at = now;
          if (auto moved = writer.update_filing(*back, {std::string(kVerb), back->filer, why}); !moved)
            return moved;
        }
        return {};
      },
      // Should this fail the leases end by themselves.
      [this](const Result<void>&) {
        ops::cross(ops::FaultPoint::give_back_committed);
        const std::lock_guard lock(mutex_);
        --pending_;
        due_ = true;
        wake_.notify_all();
        quiet_.notify_all();
      });
}

void Desk::offer_ended(const std::string& filing_id) {
  const std::lock_guard lock(mutex_);
  for (const auto& session : sessions_) session->offers.erase(filing_id);
  due_ = true;
  wake_.notify_all();
}

void Desk::wake() {
  const std::lock_guard lock(mutex_);
  due_ = true;
  wake_.notify_all();
}

bool Desk::begin_act() {
  const std::lock_guard lock(mutex_);
  if (!draining_) ++pending_;
  return !draining_;
}

void Desk::act(const flow::PartnerScope& scope, v1::FilerAct act, std::string_view transport,
               std::function<void(Result<v1::FilerActResult>)> done) {
  if (!begin_act()) {
    done(retryable("draining", "the gateway is shutting down"));
    return;
  }
  auto work = std::make_shared<Act>(
      scope, std::move(act), transport,
      ActContext{flow_.knowledge(), partners_.current(), signer_, durability_, options_, flow_options_});
  ops::cross(ops::FaultPoint::act_before_write);
  ledger_.write([work](ledger::Writer& writer) { return work->apply(writer); },
                [this, work, done = std::move(done)](const Result<void>& committed) {
                  ops::cross(ops::FaultPoint::act_committed);
                  if (committed && !work->ended().empty()) offer_ended(work->ended());
                  if (committed || committed.error().code == Act::kRefused) {
                    auto result = work->result();
                    if (!committed) {
                      // Nothing was kept: there is no receipt, and nothing was rebuilt.
                      result.set_applied(false);
                      result.clear_receipt();
                      result.clear_rebuilt();
                    }
                    done(std::move(result));
                  } else {
                    done(tl::unexpected(committed.error()));
                  }
                  ops::cross(ops::FaultPoint::act_answered);
                  const std::lock_guard lock(mutex_);
                  --pending_;
                  quiet_.notify_all();
                });
}

Result<std::vector<v1::ExceptionRow>> Desk::exceptions() {
  std::vector<v1::ExceptionRow> rows;
  const auto now = flow_options_.clock();
  auto found = ledger_.read([&](ledger::Reader& reader) -> Result<void> {
    for (const auto& exception : reader.exceptions(now, kExceptions)) {
      auto& row = rows.emplace_back();
      row.set_object(exception.object);
      row.set_object_id(exception.object_id);
      row.set_state(exception.state);
      row.set_owner(exception.owner);
      *row.mutable_since() = google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(exception.since);
      row.set_cause(exception.cause);
    }
    return {};
  });
  if (!found) return tl::unexpected(found.error());
  return rows;
}

void Desk::start() {
  {
    const std::lock_guard lock(mutex_);
    if (thread_.joinable() || draining_) return;
  }
  std::uint64_t last = 0;
  // Only one process has the ledger open, and its sessions attach after this: a lease found here is of a run that was killed.
  std::map<std::string, Offer> left;
  (void)ledger_.read([&last, &left](ledger::Reader& reader) -> Result<void> {
    last = reader.last_sequence();
    for (const auto& row : reader.filings_in_state("offered", kLeasesOfAnEarlierRun))
      if (!row.lease_id.empty()) left.emplace(row.id, Offer{row.lease_id, row.lease_until});
    return {};
  });
  give_back(std::move(left), "gateway_restarted");
  {
    const std::lock_guard lock(mutex_);
    if (thread_.joinable() || draining_) return;
    due_ = true;
    seen_ = last;
    thread_ = std::thread([this] { work(); });
  }
  // Not under the mutex: the ledger calls listeners under a lock of its own.
  const auto listener = ledger_.listen([this](std::uint64_t) {
    const std::lock_guard lock(mutex_);
    events_ = true;
    wake_.notify_all();
  });
  {
    const std::lock_guard lock(mutex_);
    if (!draining_) {
      listener_ = listener;
      return;
    }
  }
  ledger_.unlisten(listener);
}

void Desk::drain() {
  std::vector<std::shared_ptr<Session>> sessions;
  std::thread thread;
  std::uint64_t listener = 0;
  {
    const std::lock_guard lock(mutex_);
    draining_ = true;
    sessions = sessions_;
    thread.swap(thread_);
    listener = std::exchange(listener_, 0);
    wake_.notify_all();
  }
  if (listener != 0) ledger_.unlisten(listener);
  if (thread.joinable()) thread.join();
  for (const auto& session : sessions) close(session);
  std::unique_lock lock(mutex_);
  quiet_.wait(lock, [this] { return pending_ == 0; });
}

// One round serves every session that has room, beginning with another one each time. Most events of the ledger are not
// about filings: they are looked through before anything is claimed. Leases and backoff that end are found by the poll.
void Desk::work() {
  std::unique_lock lock(mutex_);
  while (!draining_) {
    const bool woken = wake_.wait_for(lock, options_.poll, [this] { return due_ || events_ || draining_; });
    if (draining_) break;
    const bool due = std::exchange(due_, false);
    events_ = false;
    lock.unlock();
    if (filings_became_ready() || due || !woken)
      for (const auto& opening : openings()) serve(opening);
    lock.lock();
  }
}

bool Desk::filings_became_ready() {
  bool ready = false;
  (void)ledger_.read([&](ledger::Reader& reader) -> Result<void> {
    for (;;) {
      const auto rows = reader.events_after(seen_, kEventsPerRead);
      for (const auto& row : rows) {
        seen_ = row.sequence;
        ready = ready || (row.object == "filing" && row.to_state == "ready");
      }
      if (rows.size() < kEventsPerRead) return {};
    }
  });
  return ready;
}

std::vector<Desk::Opening> Desk::openings() {
  const auto registry = partners_.current();
  const auto now = flow_options_.clock();
  const std::lock_guard lock(mutex_);
  std::map<std::string, std::size_t> in_flight;
  for (const auto& session : sessions_) {
    std::erase_if(session->offers, [now](const auto& held) { return held.second.until <= now; });
    in_flight[session->scope.partner] += session->offers.size();
  }
  std::vector<Opening> found;
  for (std::size_t i = 0; i < sessions_.size(); ++i) {
    const auto& session = sessions_[(next_session_ + i) % sessions_.size()];
    const auto* partner = registry->by_id(session->scope.partner);
    if (partner == nullptr || session->credits == 0) continue;
    auto& flying = in_flight[session->scope.partner];
    if (flying >= partner->window) continue;
    const std::size_t room = std::min<std::size_t>(session->credits, partner->window - flying);
    flying += room;
    found.push_back({session, room, partner->lease});
  }
  ++next_session_;
  return found;
}

// A filing that was offered again and again without an answer waits for a person.
Result<bool> Desk::exhaust(ledger::Writer& writer, ledger::FilingRow row) {
  if (attempts_in_vain(writer, row.id) < options_.attempts_before_exception) return false;
  if (auto ended = writer.end_attempt(row.id, row.lease_id, "released", "attempts exhausted", flow_options_.clock());
      !ended)
    return tl::unexpected(ended.error());
  auto fresh = writer.filing(row.id);
  if (!fresh) return false;
  v1::Draft draft;
  draft.ParseFromString(fresh->draft);
  *draft.add_findings() =
      make_finding("ATTEMPTS_EXHAUSTED", {{"times", std::to_string(options_.attempts_before_exception)}});
  fresh->draft = draft.SerializeAsString();
  fresh->state = "refused";
  fresh->cause = "ATTEMPTS_EXHAUSTED";
  if (auto moved = writer.update_filing(*fresh, {std::string(kVerb), fresh->filer, "ATTEMPTS_EXHAUSTED"}); !moved)
    return tl::unexpected(moved.error());
  return true;
}

Result<std::vector<ledger::FilingRow>> Desk::claim(const Opening& opening) {
  const auto& session = *opening.session;
  const auto now = flow_options_.clock();
  const auto until = now + std::chrono::microseconds(opening.lease).count();
  std::vector<ledger::FilingRow> claimed;
  ops::cross(ops::FaultPoint::claim_before);
  auto committed = ledger_.write_and_wait([&](ledger::Writer& writer) -> Result<void> {
    claimed.clear();
    auto rows = writer.claim(session.scope.partner, session.channel, session.lease_owner, now, until, opening.room);
    if (!rows) return tl::unexpected(rows.error());
    for (auto& row : *rows) {
      const auto exhausted = exhaust(writer, row);
      if (!exhausted) return tl::unexpected(exhausted.error());
      if (!*exhausted) claimed.push_back(std::move(row));
    }
    if (!claimed.empty()) ops::cross(ops::FaultPoint::claim_in_commit);
    return {};
  });
  if (!committed) return tl::unexpected(committed.error());
  return claimed;
}

bool Desk::serve(const Opening& opening) {
  const auto claimed = claim(opening);
  if (!claimed) return false;  // the store is in trouble: the poll tries again
  if (!claimed->empty()) ops::cross(ops::FaultPoint::claim_committed);
  for (const auto& row : *claimed) {
    offer(opening, row);
    ops::cross(ops::FaultPoint::offer_sent);
  }
  return !claimed->empty();
}

// Committed first, then offered: a filing that was claimed for a session that closed meanwhile goes back.
void Desk::offer(const Opening& opening, const ledger::FilingRow& row) {
  const auto& session = opening.session;
  const std::unique_lock sink_lock(session->sink_mutex);
  bool open = false;
  {
    const std::lock_guard lock(mutex_);
    open = !session->closed;
    if (open) {
      session->offers[row.id] = {row.lease_id, row.lease_until};
      if (session->credits > 0) --session->credits;
    }
  }
  if (open)
    session->sink(filing_message(row));
  else
    give_back({{row.id, {row.lease_id, row.lease_until}}}, "connection_lost");
}

std::unique_ptr<Delivery> make_delivery(ledger::Ledger& ledger, partners::Partners& partners, flow::Flow& flow,
                                        std::shared_ptr<const flow::ReceiptSigner> signer, DeliveryOptions options,
                                        flow::FlowOptions flow_options) {
  return std::make_unique<Desk>(ledger, partners, flow, std::move(signer), options, std::move(flow_options));
}

}  // namespace puente::delivery
