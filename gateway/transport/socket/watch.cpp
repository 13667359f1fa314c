#include "gateway/transport/socket/watch.h"

#include <utility>

#include "gateway/transport/socket/errors.h"

namespace puente::transport::socket {
namespace {
constexpr std::size_t kEventsAtOnce = 16;
}

Watch::Watch(std::shared_ptr<Outbox> outbox, std::uint32_t call, flow::PartnerScope scope, v1::WatchRequest request,
             flow::Flow& flow, ledger::Ledger& ledger, std::size_t waiting_bytes)
    : outbox_(std::move(outbox)),
      call_(call),
      scope_(std::move(scope)),
      request_(std::move(request)),
      flow_(flow),
      waiting_bytes_(waiting_bytes),
      related_(ledger) {}

void Watch::start(const std::shared_ptr<Watch>& watch, EventTap& tap) {
  const std::uint64_t asked = watch->request_.after_sequence();
  watch->subscription_ = tap.subscribe(watch, watch->scope_, asked != 0 ? asked : tap.last_sequence());
}

void Watch::room() {
  if (starved_.exchange(false)) subscription_->wake();
}

std::size_t Watch::event_room() {
  if (!outbox_->in_hand(call_)) return 0;
  // Said before it is looked at: room that comes between is then not missed.
  starved_ = true;
  if (outbox_->waiting() >= waiting_bytes_) return 0;
  starved_ = false;
  return kEventsAtOnce;
}

void Watch::take_event(v1::StatusEvent event) {
  if (!request_.number().empty()) {
    if (related_.empty() && !resolve()) return;
    const auto belongs = related_.contains(event);
    if (!belongs) return event_fault(belongs.error());
    if (!*belongs) return;
    // What follows happens to the shipment it was merged into.
    if (event.state() == "merged" && !resolve()) return;
  }
  outbox_->send_in_call(FrameType::event, call_, event);
}

void Watch::event_fault(const Fault& fault) { outbox_->answer(FrameType::error, call_, error_of(fault)); }

// What the number leads to now; nothing yet for a number that is not known yet.
bool Watch::resolve() {
  const auto status = flow_.status(scope_, request_.number());
  if (!status) {
    event_fault(status.error());
    return false;
  }
  for (const v1::DocumentStatus& document : status->documents()) related_.add_document(document.document_id());
  for (const v1::ShipmentStatus& shipment : status->shipments()) {
    related_.add_shipment(shipment.shipment_id());
    for (const v1::DocumentStatus& document : shipment.documents()) related_.add_document(document.document_id());
  }
  return true;
}

}  // namespace puente::transport::socket
