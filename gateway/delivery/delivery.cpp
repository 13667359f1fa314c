#include "gateway/delivery/delivery.h"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <utility>
#include <vector>

#include "gateway/delivery/acts.h"
#include "gateway/delivery/breaker.h"
#include "gateway/delivery/filing_message.h"
#include "gateway/delivery/orders.h"
#include "gateway/delivery/sweep.h"
#include "gateway/flow/identity.h"
#include "gateway/flow/on_file.h"
#include "gateway/ops/fault_points.h"

#include <google/protobuf/util/time_util.h>

namespace puente::delivery {
namespace {

constexpr std::size_t kExceptions = 1000;  // rows of one list
constexpr std::size_t kEventsPerRead = 512;
constexpr std::string_view kVerb = "deliver";
constexpr std::size_t kLeasesOfAnEarlierRun = 100'000;       // more than all windows together
constexpr std::size_t kClaimsPerWrite = 128;                 // so that receipts do not wait behind them
constexpr std::chrono::seconds kLookAtAll{30};               // every channel is looked at so often, news or not
constexpr ledger::Micros kUnknownFilers = 30LL * 1'000'000;  // between looks for filings whose filer is not there

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

// One filer's channel: what happens in it costs the others nothing. Guarded by the desk's mutex.
struct Lane {
  Lane(const std::string& filer, const DeliveryOptions& options) : breaker(filer, options.channel) {}

  std::vector<std::shared_ptr<Session>> sessions;
  std::size_t next = 0;  // who is served first
  Breaker breaker;
  bool due = true;              // something may be ready
  ledger::Micros next_due = 0;  // when something becomes so by time alone; 0: nothing will
  bool paused = false;

  std::size_t in_flight() const {
    std::size_t count = 0;
    for (const auto& session : sessions) count += session->offers.size();
    return count;
  }
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
  Result<std::vector<std::string>> settled(const flow::PartnerScope& scope,
                                           const std::vector<std::string>& tokens) override;
  Result<std::vector<v1::ExceptionRow>> exceptions() override;
  Result<v1::ChannelsReply> channels() override;
  Result<v1::ChannelOrderReply> pause(const v1::ChannelOrder& order, std::string_view by) override {
    return this->order(order, by, true);
  }
  Result<v1::ChannelOrderReply> resume(const v1::ChannelOrder& order, std::string_view by) override {
    return this->order(order, by, false);
  }
  Result<v1::RedeliverReply> redeliver(const v1::FilingsOrder& order, std::string_view by) override {
    return delivery::redeliver(order_context(), order, by);
  }
  Result<v1::RetranslateReply> retranslate(const v1::FilingsOrder& order, std::string_view by) override {
    return delivery::retranslate(order_context(), order, by);
  }
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
    std::vector<ledger::FilingRow> claimed;
    std::vector<std::optional<ledger::FilingDraft>> drafts;  // of those
  };
  // Of one filer.
  struct Turn {
    std::string filer;
    std::vector<Opening> openings;
    bool probe = false, more = false;
    ledger::Micros next_due = 0;
  };
  static bool has_claimed(const Turn& turn) {
    return std::any_of(turn.openings.begin(), turn.openings.end(),
                       [](const Opening& opening) { return !opening.claimed.empty(); });
  }

  void work();
  void serve();
  std::vector<Turn> turns();
  bool turn_of(const std::string& filer, Lane& lane, std::size_t budget, ledger::Micros now, Turn& turn);
  Result<void> claim(std::vector<Turn>& turns);
  bool read_drafts(std::vector<Turn>& turns);
  void offer(const Opening& opening, std::size_t index);
  void sweep();
  void give_back(std::map<std::string, Offer> offers, std::string_view why);
  void act_done(const Act& act);
  void mark_due(std::string_view filer);
  void wake();
  bool begin_act();
  void look_through_events();
  Lane& lane_of(const std::string& filer);
  OrderContext order_context() const;
  Result<v1::ChannelOrderReply> order(const v1::ChannelOrder& order, std::string_view by, bool pause);
  v1::ChannelsReply channels_now(ledger::Reader& reader);

  ledger::Ledger& ledger_;
  partners::Partners& partners_;
  flow::Flow& flow_;
  const std::shared_ptr<const flow::ReceiptSigner> signer_;
  const DeliveryOptions options_;
  const flow::FlowOptions flow_options_;
  const std::string durability_;

  std::mutex mutex_;
  std::condition_variable wake_, quiet_;
  std::map<std::string, Lane, std::less<>> lanes_;  // by partner id; every filer that was ever attached or paused
  std::string last_served_;                         // the next round begins behind this lane
  bool due_ = false;                                // something to offer, or somebody to offer it to
  bool events_ = false;                             // the ledger has events that were not looked at
  bool registry_new_ = true;                        // filers may have come or gone
  bool draining_ = false;
  std::uint64_t seen_ = 0;                                           // last event looked at; delivery's thread only
  ledger::Micros unknown_looked_ = 0;                                // the same
  std::chrono::steady_clock::time_point swept_{}, looked_at_all_{};  // the same
  std::size_t pending_ = 0;                                          // writes whose end calls back into this desk
  std::uint64_t listener_ = 0, registry_listener_ = 0;
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
    if (!draining_) {
      Lane& lane = lane_of(scope.partner);
      lane.sessions.push_back(session);
      lane.due = true;
    }
  }
  return std::make_unique<AttachedSession>(*this, std::move(session));
}

void Desk::grant(const std::shared_ptr<Session>& session, std::uint32_t credits) {
  {
    const std::lock_guard lock(mutex_);
    // Credits never add up to more than any window.
    session->credits = credits > UINT32_MAX - session->credits ? UINT32_MAX : session->credits + credits;
    due_ = true;
    wake_.notify_all();
  }
}

void Desk::close(const std::shared_ptr<Session>& session) {
  std::map<std::string, Offer> offers;
  {
    const std::scoped_lock lock(session->sink_mutex, mutex_);
    session->closed = true;
    offers.swap(session->offers);
    Lane& lane = lane_of(session->scope.partner);
    if (std::erase(lane.sessions, session) > 0 && !offers.empty() && !draining_)
      lane.breaker.failed(flow_options_.clock());
  }
  give_back(std::move(offers), "connection_lost");
}

Lane& Desk::lane_of(const std::string& filer) { return lanes_.try_emplace(filer, filer, options_).first->second; }

// Offers of a connection, or of a whole run, that is gone: in doubt, and due at once under the same token.
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
          if (auto ended = writer.end_attempt(filing_id, held.lease_id, why, "", now); !ended) return ended;
          auto back = writer.filing(filing_id);
          if (!back || back->state != "offered") continue;
          back->state = "in_doubt";
          back->possible_duplicate = true;
          back->not_before = 0;
          back->changed_at = now;
          if (auto moved = writer.update_filing(*back, {std::string(kVerb), back->filer, why}); !moved) return moved;
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

// What an act that was applied says of its channel, and what it made room for.
void Desk::act_done(const Act& act) {
  const std::lock_guard lock(mutex_);
  const auto found = lanes_.find(act.filer());
  if (found == lanes_.end()) return;
  Lane& lane = found->second;
  for (const auto& session : lane.sessions)
    for (const auto& filing_id : act.ended()) session->offers.erase(filing_id);
  if (act.word() == Act::Word::answered) lane.breaker.answered();
  if (act.word() == Act::Word::put_off) lane.breaker.failed(flow_options_.clock());
  // Something newer may have waited for it.
  lane.due = true;
  due_ = true;
  wake_.notify_all();
}

void Desk::mark_due(std::string_view filer) {
  const std::lock_guard lock(mutex_);
  if (const auto found = lanes_.find(filer); found != lanes_.end()) {
    found->second.due = true;
  } else if (filer.empty()) {
    for (auto& [id, lane] : lanes_) lane.due = true;
  }
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
  const auto answer = [this, work, done = std::move(done)](const Result<void>& kept, bool applied) {
    if (kept) {
      auto result = work->take_result();
      if (!applied) {
        // It changed nothing: there is no receipt, and nothing was rebuilt.
        result.set_applied(false);
        result.clear_receipt();
        result.clear_rebuilt();
      }
      done(std::move(result));
    } else {
      done(tl::unexpected(kept.error()));
    }
    ops::cross(ops::FaultPoint::act_answered);
    const std::lock_guard lock(mutex_);
    --pending_;
    quiet_.notify_all();
  };
  (void)ledger_.read([&](ledger::Reader& reader) -> Result<void> {
    work->prepare(reader);
    return {};
  });
  ops::cross(ops::FaultPoint::act_before_write);
  ledger_.write([work](ledger::Writer& writer) { return work->apply(writer); },
                [this, work, answer](const Result<void>& committed) {
                  ops::cross(ops::FaultPoint::act_committed);
                  if (committed) act_done(*work);
                  if (committed || committed.error().code != Act::kRefused) return answer(committed, true);
                  ledger_.write([work](ledger::Writer& writer) { return work->keep_refused(writer); },
                                [answer](const Result<void>& kept) { answer(kept, false); });
                });
}

Result<std::vector<std::string>> Desk::settled(const flow::PartnerScope& scope,
                                               const std::vector<std::string>& tokens) {
  std::vector<std::string> over;
  auto read = ledger_.read([&](ledger::Reader& reader) -> Result<void> {
    for (const auto& token : tokens) {
      const auto row = reader.filing_by_token(token);
      if (!row || row->filer != scope.partner) continue;
      const bool awaited = flow::in_flight(*row) || row->state == "ready" || row->state == "dead_letter";
      if (!awaited) over.push_back(token);
    }
    return {};
  });
  if (!read) return tl::unexpected(read.error());
  return over;
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
  // Only one process has the ledger open, and its sessions attach after this: a lease found here is of a run that was
  // killed.
  std::map<std::string, Offer> left;
  std::vector<ledger::ChannelRow> channels;
  (void)ledger_.read([&last, &left, &channels](ledger::Reader& reader) -> Result<void> {
    last = reader.last_sequence();
    channels = reader.channels();
    for (const auto& row : reader.filings_in_state("offered", kLeasesOfAnEarlierRun))
      if (!row.lease_id.empty()) left.emplace(row.id, Offer{row.lease_id, row.lease_until});
    return {};
  });
  give_back(std::move(left), "gateway_restarted");
  {
    const std::lock_guard lock(mutex_);
    if (thread_.joinable() || draining_) return;
    for (const auto& channel : channels) lane_of(channel.id).paused = channel.state == "paused";
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
  const auto registry_listener = partners_.listen([this](const partners::Registry&) {
    const std::lock_guard lock(mutex_);
    registry_new_ = due_ = true;
    wake_.notify_all();
  });
  {
    const std::lock_guard lock(mutex_);
    if (!draining_) {
      listener_ = listener;
      registry_listener_ = registry_listener;
      return;
    }
  }
  ledger_.unlisten(listener);
  partners_.unlisten(registry_listener);
}

void Desk::drain() {
  std::vector<std::shared_ptr<Session>> sessions;
  std::thread thread;
  std::uint64_t listener = 0, registry_listener = 0;
  {
    const std::lock_guard lock(mutex_);
    draining_ = true;
    for (const auto& [filer, lane] : lanes_)
      sessions.insert(sessions.end(), lane.sessions.begin(), lane.sessions.end());
    thread.swap(thread_);
    listener = std::exchange(listener_, 0);
    registry_listener = std::exchange(registry_listener_, 0);
    wake_.notify_all();
  }
  if (listener != 0) ledger_.unlisten(listener);
  if (registry_listener != 0) partners_.unlisten(registry_listener);
  if (thread.joinable()) thread.join();
  for (const auto& session : sessions) close(session);
  std::unique_lock lock(mutex_);
  quiet_.wait(lock, [this] { return pending_ == 0; });
}

// A round looks through the ledger's news, marks the lanes they are about, and claims for those alone. What comes by
// time (leases and waits that end, filings given up) is found by the sweep.
void Desk::work() {
  std::unique_lock lock(mutex_);
  while (!draining_) {
    wake_.wait_for(lock, options_.poll, [this] { return due_ || events_ || draining_; });
    if (draining_) break;
    due_ = events_ = false;
    lock.unlock();
    look_through_events();
    sweep();
    serve();
    lock.lock();
  }
}

// Most events are not about filings. One that is carries its filer as partner.
void Desk::look_through_events() {
  std::set<std::string, std::less<>> filers;
  (void)ledger_.read([&](ledger::Reader& reader) -> Result<void> {
    for (;;) {
      const auto rows = reader.events_after(seen_, kEventsPerRead);
      for (const auto& row : rows) {
        seen_ = row.sequence;
        if (row.object == "filing" && (row.to_state == "ready" || row.to_state == "in_doubt"))
          filers.insert(row.partner);
      }
      if (rows.size() < kEventsPerRead) return {};
    }
  });
  for (const auto& filer : filers) mark_due(filer);
}

// By the steady clock once a poll; what it looks for is told by the wall clock, as leases are.
void Desk::sweep() {
  const auto steady = std::chrono::steady_clock::now();
  const auto now = flow_options_.clock();
  bool look_at_all = steady - looked_at_all_ >= kLookAtAll, registry_new = false;
  {
    const std::lock_guard lock(mutex_);
    registry_new = std::exchange(registry_new_, false);
    for (auto& [filer, lane] : lanes_) {
      if (look_at_all || registry_new || (lane.next_due != 0 && lane.next_due <= now)) lane.due = true;
      if (lane.next_due <= now) lane.next_due = 0;
    }
  }
  if (look_at_all) looked_at_all_ = steady;
  if (steady - swept_ < options_.poll * 9 / 10 && !registry_new) return;
  swept_ = steady;
  const Sweep found = swept(ledger_, options_, now);
  {
    const std::lock_guard lock(mutex_);
    for (const auto& row : found.expired) {
      const auto lane = lanes_.find(row.filer);
      if (lane == lanes_.end()) continue;
      lane->second.breaker.failed(now);
      for (const auto& session : lane->second.sessions) session->offers.erase(row.id);
      const auto due = lane->second.next_due;
      lane->second.next_due = due == 0 ? row.not_before : std::min(due, row.not_before);
    }
  }
  if (registry_new || now - unknown_looked_ >= kUnknownFilers || now < unknown_looked_) {
    unknown_looked_ = now;
    mark_unknown_filers(ledger_, *partners_.current(), now);
  }
}

// Claims for every lane that has something and room for it, in one write, then offers. What the budget of a write does
// not reach has its turn in the next round, after the news and the clock were looked at again.
void Desk::serve() {
  auto now_due = turns();
  if (now_due.empty()) return;
  const auto committed = claim(now_due);
  const bool claimed_any = committed && std::any_of(now_due.begin(), now_due.end(), &has_claimed);
  {
    const std::lock_guard lock(mutex_);
    for (const auto& turn : now_due) {
      Lane& lane = lane_of(turn.filer);
      if (!committed || turn.more) lane.due = true;
      if (committed && !turn.more) lane.next_due = turn.next_due;
      if (turn.probe && (!committed || !has_claimed(turn))) lane.breaker.probing(false);
    }
    due_ = due_ || claimed_any;
  }
  if (!claimed_any) return;  // nothing to offer, or the store is in trouble: the poll tries again
  ops::cross(ops::FaultPoint::claim_committed);
  if (!read_drafts(now_due)) return;
  for (const auto& turn : now_due)
    for (const auto& opening : turn.openings)
      for (std::size_t i = 0; i < opening.claimed.size(); ++i) {
        offer(opening, i);
        ops::cross(ops::FaultPoint::offer_sent);
      }
}

bool Desk::turn_of(const std::string& filer, Lane& lane, std::size_t budget, ledger::Micros now, Turn& turn) {
  const auto* partner = partners_.current()->by_id(filer);
  if (partner == nullptr) return false;
  const std::size_t flying = lane.in_flight();
  if (flying >= partner->window) return false;
  std::size_t room = lane.breaker.room(std::min(partner->window - flying, budget), now);
  turn.filer = filer;
  turn.probe = lane.breaker.state(now) == Breaker::State::half_open;
  for (std::size_t i = 0; i < lane.sessions.size() && room > 0; ++i) {
    const auto& session = lane.sessions[(lane.next + i) % lane.sessions.size()];
    const std::size_t share = std::min<std::size_t>(session->credits, room);
    if (share == 0) continue;
    turn.openings.push_back({session, share, partner->lease, {}, {}});
    room -= share;
  }
  ++lane.next;
  return !turn.openings.empty();
}

std::vector<Desk::Turn> Desk::turns() {
  const auto now = flow_options_.clock();
  const std::lock_guard lock(mutex_);
  std::vector<Turn> found;
  if (draining_ || lanes_.empty()) return found;
  std::size_t budget = kClaimsPerWrite;
  auto lane = lanes_.upper_bound(last_served_);
  for (std::size_t i = 0; i < lanes_.size() && budget > 0; ++i, ++lane) {
    if (lane == lanes_.end()) lane = lanes_.begin();
    if (!lane->second.due || lane->second.paused || lane->second.sessions.empty()) continue;
    Turn turn;
    if (!turn_of(lane->first, lane->second, budget, now, turn)) continue;
    for (const auto& opening : turn.openings) budget -= opening.room;
    lane->second.due = false;
    if (turn.probe) lane->second.breaker.probing(true);
    last_served_ = lane->first;
    found.push_back(std::move(turn));
  }
  return found;
}

Result<void> Desk::claim(std::vector<Turn>& turns) {
  const auto now = flow_options_.clock();
  ops::cross(ops::FaultPoint::claim_before);
  return ledger_.write_and_wait([&](ledger::Writer& writer) -> Result<void> {
    for (auto& turn : turns) {
      turn.more = false;
      turn.next_due = 0;
      for (auto& opening : turn.openings) opening.claimed.clear();
      // Asked here, where an order to pause is committed: nothing is claimed after it.
      if (const auto channel = writer.channel(turn.filer); channel && channel->state == "paused") continue;
      for (auto& opening : turn.openings) {
        const auto& session = *opening.session;
        const auto until = now + std::chrono::microseconds(opening.lease).count();
        auto rows = writer.claim(turn.filer, session.channel, session.lease_owner, now, until, opening.room);
        if (!rows) return tl::unexpected(rows.error());
        opening.claimed = std::move(*rows);
        turn.more = opening.claimed.size() == opening.room;
        if (!turn.more) break;
      }
      if (!turn.more) turn.next_due = writer.next_due(turn.filer, now);
    }
    if (std::any_of(turns.begin(), turns.end(), &has_claimed)) ops::cross(ops::FaultPoint::claim_in_commit);
    return {};
  });
}

// Not in the write that claims: it is on the ledger's one writing thread. Where the store does not give them, what was
// claimed goes back.
bool Desk::read_drafts(std::vector<Turn>& turns) {
  for (auto& turn : turns)
    for (auto& opening : turn.openings) opening.drafts.assign(opening.claimed.size(), std::nullopt);
  const auto read = ledger_.read([&](ledger::Reader& reader) -> Result<void> {
    for (auto& turn : turns)
      for (auto& opening : turn.openings)
        for (std::size_t i = 0; i < opening.claimed.size(); ++i)
          opening.drafts[i] = reader.draft(opening.claimed[i].id);
    return {};
  });
  if (read) return true;
  std::map<std::string, Offer> claimed;
  for (const auto& turn : turns)
    for (const auto& opening : turn.openings)
      for (const auto& row : opening.claimed) claimed.emplace(row.id, Offer{row.lease_id, row.lease_until});
  give_back(std::move(claimed), "released");
  return false;
}

// Committed first, then offered: a filing that was claimed for a session that closed meanwhile goes back.
void Desk::offer(const Opening& opening, std::size_t index) {
  const auto& row = opening.claimed[index];
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
    session->sink(filing_message(row, opening.drafts[index]));
  else
    give_back({{row.id, {row.lease_id, row.lease_until}}}, "connection_lost");
}

OrderContext Desk::order_context() const { return {ledger_, flow_.knowledge(), partners_.current(), flow_options_}; }

Result<v1::ChannelsReply> Desk::channels() {
  v1::ChannelsReply reply;
  auto read = ledger_.read([&](ledger::Reader& reader) -> Result<void> {
    reply = channels_now(reader);
    return {};
  });
  if (!read) return tl::unexpected(read.error());
  return reply;
}

// Every filer of the registry, and every one that filings or orders name.
v1::ChannelsReply Desk::channels_now(ledger::Reader& reader) {
  auto by_filer = channels_of(reader, *partners_.current());
  const auto now = flow_options_.clock();
  const std::lock_guard lock(mutex_);
  v1::ChannelsReply reply;
  for (auto& [filer, channel] : by_filer) {
    const auto lane = lanes_.find(filer);
    const auto state = lane == lanes_.end() ? Breaker::State::closed : lane->second.breaker.state(now);
    channel.set_breaker(std::string(name_of(state)));
    if (state == Breaker::State::open)
      *channel.mutable_breaker_until() =
          google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(lane->second.breaker.open_until());
    if (lane != lanes_.end()) channel.set_sessions(static_cast<std::uint32_t>(lane->second.sessions.size()));
    *reply.add_channels() = std::move(channel);
  }
  return reply;
}

Result<v1::ChannelOrderReply> Desk::order(const v1::ChannelOrder& order, std::string_view by, bool pause) {
  auto changed = order_channels(order_context(), order, by, pause);
  if (!changed) return tl::unexpected(changed.error());
  if (!order.dry_run()) {
    const std::lock_guard lock(mutex_);
    for (const auto& filer : changed->changed) {
      Lane& lane = lane_of(filer);
      lane.paused = pause;
      lane.due = true;
    }
    due_ = true;
    wake_.notify_all();
  }
  v1::ChannelOrderReply reply;
  reply.set_changed(static_cast<std::uint32_t>(changed->changed.size()));
  for (auto& finding : changed->findings) *reply.add_findings() = std::move(finding);
  const auto now = channels();
  if (!now) return tl::unexpected(now.error());
  for (const auto& channel : now->channels())
    if (changed->about.contains(channel.filer())) *reply.add_channels() = channel;
  return reply;
}

std::unique_ptr<Delivery> make_delivery(ledger::Ledger& ledger, partners::Partners& partners, flow::Flow& flow,
                                        std::shared_ptr<const flow::ReceiptSigner> signer, DeliveryOptions options,
                                        flow::FlowOptions flow_options) {
  return std::make_unique<Desk>(ledger, partners, flow, std::move(signer), options, std::move(flow_options));
}

}  // namespace puente::delivery
