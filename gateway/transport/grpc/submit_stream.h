// SubmitMany: submissions in; receipts, and the status events of the documents of this stream, out. Reading stops while
// a window of submissions is unanswered, and while the partner is over a limit that time cures. After the sender has
// half-closed, the stream ends when every document of it has left the gateway's hands (lifecycle: the state's owner is
// not the gateway); what happens later is told by Watch.
#pragma once

#include <grpcpp/alarm.h>

#include <atomic>
#include <deque>
#include <optional>
#include <set>
#include <string>

#include "gateway/transport/entrance/related.h"
#include "gateway/transport/grpc/backend.h"
#include "puente/v1/gateway.pb.h"

namespace puente::transport {

class SubmitStream final
    : public Outbound<grpc::ServerBidiReactor<v1::SubmitRequest, v1::SubmitEvent>, v1::SubmitEvent>,
      public EventTarget {
 public:
  SubmitStream(const Backend& backend, grpc::CallbackServerContext* context, Caller caller);
  void start();

  void OnReadDone(bool ok) override;
  void drain() override;

  std::size_t event_room() override;
  void take_event(v1::StatusEvent event) override;
  void caught_up() override;
  void event_fault(const Fault& fault) override;

 protected:
  void ended() override {}
  void room() override;

 private:
  void offer();
  void offer_again_in(std::chrono::milliseconds time);
  void answered(Result<v1::SubmitReply> reply, std::size_t bytes);
  void read_next_locked();
  void fail_locked(grpc::Status status);
  void consider(v1::StatusEvent event);
  void decide();

  const Backend& backend_;
  Related related_;
  std::shared_ptr<EventTap::Subscription> subscription_;
  v1::SubmitRequest request_;
  flow::Submission submission_;         // read and not taken yet, while held_; touched by its one offer only
  std::unique_ptr<grpc::Alarm> alarm_;  // of the next offer
  bool reading_ = false, held_ = false, half_closed_ = false, starved_ = false, verified_ = false;
  std::size_t in_flight_ = 0, bytes_in_flight_ = 0;
  std::optional<grpc::Status> failure_;    // the stream ends with it when what is in flight has been answered
  std::deque<v1::StatusEvent> undecided_;  // touched by the subscription's run only
  std::atomic<bool> any_undecided_ = false;
  std::set<std::string> unsettled_;  // documents that the gateway still works on
};

}  // namespace puente::transport
