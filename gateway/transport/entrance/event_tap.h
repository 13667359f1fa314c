// Status events on their way to streams. Nothing is buffered for a stream: when the ledger has grown, or a stream has
// room again, its subscription reads on from where it stands. A slow reader costs a cursor.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

#include "gateway/flow/flow.h"
#include "gateway/ledger/ledger.h"
#include "gateway/transport/entrance/work.h"

namespace puente::transport {

// Who takes events. Called on a worker, one call at a time.
class EventTarget {
 public:
  virtual ~EventTarget() = default;
  virtual std::size_t event_room() = 0;  // how many it takes now; 0: it will wake() its subscription when it has room
  virtual void take_event(v1::StatusEvent event) = 0;
  virtual void caught_up() {}  // there is no later event
  virtual void event_fault(const Fault& fault) = 0;
};

class EventTap {
 public:
  class Subscription : public std::enable_shared_from_this<Subscription> {
   public:
    Subscription(EventTap& tap, std::weak_ptr<EventTarget> target, flow::PartnerScope scope, std::uint64_t after)
        : tap_(tap), target_(std::move(target)), scope_(std::move(scope)), cursor_(after) {}
    void wake();  // any thread

   private:
    friend class EventTap;
    void run();
    void pull(EventTarget& target);

    EventTap& tap_;
    const std::weak_ptr<EventTarget> target_;
    const flow::PartnerScope scope_;
    std::uint64_t cursor_;  // touched by the run in progress only
    enum class State { idle, running, again };
    std::mutex mutex_;
    State state_ = State::idle;
  };

  EventTap(ledger::Ledger& ledger, flow::Flow& flow, Work& work);
  ~EventTap();
  Result<void> start();
  void stop();  // before `work` ends

  std::uint64_t last_sequence() const { return last_.load(); }
  // Events after `after` of what this scope sees, until the target is gone.
  std::shared_ptr<Subscription> subscribe(std::weak_ptr<EventTarget> target, flow::PartnerScope scope,
                                          std::uint64_t after);

 private:
  void wake_all();

  ledger::Ledger& ledger_;
  flow::Flow& flow_;
  Work& work_;
  std::atomic<std::uint64_t> last_ = 0;
  std::atomic<bool> waking_ = false;
  std::uint64_t listener_ = 0;
  std::mutex mutex_;
  std::vector<std::weak_ptr<Subscription>> subscriptions_;
};

}  // namespace puente::transport
