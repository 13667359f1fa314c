// WATCH: the events of one partner after a sequence, or of what belongs to one number, on their way to one connection.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "gateway/transport/entrance/event_tap.h"
#include "gateway/transport/entrance/related.h"
#include "gateway/transport/socket/outbox.h"

namespace puente::transport::socket {

class Watch final : public EventTarget {
 public:
  // Reads on only while less than `waiting_bytes` wait in the outbox.
  Watch(std::shared_ptr<Outbox> outbox, std::uint32_t call, flow::PartnerScope scope, v1::WatchRequest request,
        flow::Flow& flow, ledger::Ledger& ledger, std::size_t waiting_bytes);
  static void start(const std::shared_ptr<Watch>& watch, EventTap& tap);
  void room();  // the outbox is empty

  std::size_t event_room() override;
  void take_event(v1::StatusEvent event) override;
  void event_fault(const Fault& fault) override;

 private:
  bool resolve();

  const std::shared_ptr<Outbox> outbox_;
  const std::uint32_t call_;
  const flow::PartnerScope scope_;
  const v1::WatchRequest request_;
  flow::Flow& flow_;
  const std::size_t waiting_bytes_;
  Related related_;
  std::shared_ptr<EventTap::Subscription> subscription_;
  std::atomic<bool> starved_ = false;
};

}  // namespace puente::transport::socket
