#include "gateway/transport/entrance/event_tap.h"

#include <algorithm>
#include <utility>

namespace puente::transport {
namespace {
constexpr std::size_t kBatch = 64;
}

EventTap::EventTap(ledger::Ledger& ledger, flow::Flow& flow, Work& work) : ledger_(ledger), flow_(flow), work_(work) {}

Result<void> EventTap::start() {
  listener_ = ledger_.listen([this](std::uint64_t last_sequence) {
    last_ = last_sequence;
    if (!waking_.exchange(true)) work_.post([this] { wake_all(); });
  });
  return ledger_.read([this](ledger::Reader& reader) -> Result<void> {
    // A commit meanwhile has told a later number already.
    std::uint64_t before = last_, found = reader.last_sequence();
    while (found > before && !last_.compare_exchange_weak(before, found)) {
    }
    return {};
  });
}

EventTap::~EventTap() { stop(); }

void EventTap::stop() {
  if (listener_ != 0) ledger_.unlisten(std::exchange(listener_, 0));
}

std::shared_ptr<EventTap::Subscription> EventTap::subscribe(std::weak_ptr<EventTarget> target, flow::PartnerScope scope,
                                                            std::uint64_t after) {
  auto subscription = std::make_shared<Subscription>(*this, std::move(target), std::move(scope), after);
  {
    const std::scoped_lock lock(mutex_);
    std::erase_if(subscriptions_, [](const auto& entry) { return entry.expired(); });
    subscriptions_.push_back(subscription);
  }
  subscription->wake();
  return subscription;
}

void EventTap::wake_all() {
  waking_ = false;
  std::vector<std::shared_ptr<Subscription>> open;
  {
    const std::scoped_lock lock(mutex_);
    for (const auto& entry : subscriptions_) {
      if (auto subscription = entry.lock()) open.push_back(std::move(subscription));
    }
  }
  for (const auto& subscription : open) subscription->wake();
}

void EventTap::Subscription::wake() {
  {
    const std::scoped_lock lock(mutex_);
    if (std::exchange(state_, state_ == State::idle ? State::running : State::again) != State::idle) return;
  }
  tap_.work_.post([self = shared_from_this()] { self->run(); });
}

void EventTap::Subscription::run() {
  for (;;) {
    if (const auto target = target_.lock()) pull(*target);
    const std::scoped_lock lock(mutex_);
    if (state_ == State::running) {
      state_ = State::idle;
      return;
    }
    state_ = State::running;
  }
}

void EventTap::Subscription::pull(EventTarget& target) {
  for (;;) {
    const std::size_t room = std::min(target.event_room(), kBatch);
    if (room == 0) return;
    const std::uint64_t before = cursor_;
    auto events = tap_.flow_.events(scope_, cursor_, room);
    if (!events) return target.event_fault(events.error());
    if (events->empty() && cursor_ == before) return target.caught_up();
    for (v1::StatusEvent& event : *events) target.take_event(std::move(event));
  }
}

}  // namespace puente::transport
