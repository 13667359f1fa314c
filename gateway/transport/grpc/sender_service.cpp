#include "gateway/transport/grpc/sender_service.h"

#include <utility>

#include "gateway/ops/fault_points.h"
#include "gateway/transport/entrance/related.h"
#include "gateway/transport/grpc/submit_stream.h"

namespace puente::transport {
namespace {

constexpr std::string_view kSubmit = "/puente.v1.Sender/Submit";
constexpr std::string_view kSubmitMany = "/puente.v1.Sender/SubmitMany";
constexpr std::string_view kCheck = "/puente.v1.Sender/Check";
constexpr std::string_view kStatus = "/puente.v1.Sender/Status";
constexpr std::string_view kWatch = "/puente.v1.Sender/Watch";
constexpr std::string_view kGetDraft = "/puente.v1.Sender/GetDraft";

// A stream that is refused before it begins.
template <typename Reactor>
class Refused final : public Reactor {
 public:
  explicit Refused(const grpc::Status& status) { this->Finish(status); }
  void OnDone() override { delete this; }
};

// Watch: the events of one partner after a sequence, or of what belongs to one number.
class WatchStream final : public Outbound<grpc::ServerWriteReactor<v1::StatusEvent>, v1::StatusEvent>,
                          public EventTarget {
 public:
  WatchStream(const Backend& backend, grpc::CallbackServerContext* context, Caller caller, v1::WatchRequest request)
      : Outbound(context, std::move(caller)),
        backend_(backend),
        request_(std::move(request)),
        related_(backend.ledger) {}

  void start() {
    live(backend_.streams);
    const std::uint64_t after =
        request_.after_sequence() != 0 ? request_.after_sequence() : backend_.tap.last_sequence();
    const auto self = std::static_pointer_cast<WatchStream>(shared_from_this());
    auto subscription = backend_.tap.subscribe(self, caller_.scope, after);
    const std::scoped_lock lock(mutex_);
    subscription_ = std::move(subscription);
  }

  void drain() override { abort(status_of_finding(grpc::StatusCode::UNAVAILABLE, make_finding("GATEWAY_DRAINING"))); }

  std::size_t event_room() override {
    const std::scoped_lock lock(mutex_);
    const std::size_t window = backend_.options.limits.stream_window, waiting = waiting_locked();
    if (ending_locked()) return 0;
    starved_ = waiting >= window;
    return starved_ ? 0 : window - waiting;
  }

  void take_event(v1::StatusEvent event) override {
    if (!request_.number().empty()) {
      if (related_.empty()) resolve();
      const auto belongs = related_.contains(event);
      if (!belongs) return event_fault(belongs.error());
      if (!*belongs) return;
      if (event.state() == "merged") resolve();  // what follows happens to the shipment it was merged into
    }
    const std::scoped_lock lock(mutex_);
    send_locked(std::move(event));
  }

  void event_fault(const Fault& fault) override { abort(status_of(fault)); }

 protected:
  void ended() override {}

  void room() override {
    std::shared_ptr<EventTap::Subscription> wake;
    {
      const std::scoped_lock lock(mutex_);
      if (starved_ && waiting_locked() <= backend_.options.limits.stream_window / 2) {
        starved_ = false;
        wake = subscription_;
      }
    }
    if (wake) wake->wake();
  }

 private:
  // What the number leads to now; nothing yet for a number that is not known yet.
  void resolve() {
    const auto status = backend_.flow.status(caller_.scope, request_.number());
    if (!status) return event_fault(status.error());
    for (const v1::DocumentStatus& document : status->documents()) related_.add_document(document.document_id());
    for (const v1::ShipmentStatus& shipment : status->shipments()) {
      related_.add_shipment(shipment.shipment_id());
      for (const v1::DocumentStatus& document : shipment.documents()) related_.add_document(document.document_id());
    }
  }

  const Backend& backend_;
  const v1::WatchRequest request_;
  Related related_;
  std::shared_ptr<EventTap::Subscription> subscription_;
  bool starved_ = false;
};

}  // namespace

grpc::ServerUnaryReactor* SenderService::Submit(grpc::CallbackServerContext* context, const v1::SubmitRequest* request,
                                                v1::SubmitReply* reply) {
  return unary(backend_, context, kSubmit, *request, [&](const Caller& caller, grpc::ServerUnaryReactor* reactor) {
    flow::Submission submission{.kind = request->kind(),
                                .content = request->content(),
                                .client_ref = request->client_ref(),
                                .transport = "grpc"};
    std::function<void(Result<v1::SubmitReply>)> done = [reply, reactor](Result<v1::SubmitReply> result) {
      const grpc::Status status = reply_with(std::move(result), reply);
      ops::cross(ops::FaultPoint::receipt_before_send);
      reactor->Finish(status);
    };
    if (const auto refused = backend_.admission.submit(backend_.flow, caller.scope, submission, done))
      reactor->Finish(status_of_not_now(*refused));
  });
}

grpc::ServerBidiReactor<v1::SubmitRequest, v1::SubmitEvent>* SenderService::SubmitMany(
    grpc::CallbackServerContext* context) {
  auto caller = backend_.admit(*context, kSubmitMany);
  if (!caller) return new Refused<grpc::ServerBidiReactor<v1::SubmitRequest, v1::SubmitEvent>>(caller.error());
  const auto stream = std::make_shared<SubmitStream>(backend_, context, std::move(*caller));
  stream->start();
  return stream.get();
}

grpc::ServerUnaryReactor* SenderService::Check(grpc::CallbackServerContext* context, const v1::CheckRequest* request,
                                               v1::CheckReport* reply) {
  return unary(backend_, context, kCheck, *request, [&](const Caller& caller, grpc::ServerUnaryReactor* reactor) {
    const auto& shares = backend_.admission.shares();
    const auto check = [this, request, reply, partner = caller.scope.partner, shares] {
      const partners::CpuShares::Meter meter(*shares, partner);
      *reply = backend_.flow.check(partner, "", request->content());
      return grpc::Status::OK;
    };
    finish_on(backend_.checks, context, reactor, check, shares->behind(caller.scope.partner));
  });
}

grpc::ServerUnaryReactor* SenderService::Status(grpc::CallbackServerContext* context, const v1::StatusRequest* request,
                                                v1::StatusReply* reply) {
  return unary(backend_, context, kStatus, *request, [&](const Caller& caller, grpc::ServerUnaryReactor* reactor) {
    finish_on(backend_.reads, context, reactor, [this, request, reply, scope = caller.scope] {
      return reply_with(backend_.flow.status(scope, request->number()), reply);
    });
  });
}

grpc::ServerWriteReactor<v1::StatusEvent>* SenderService::Watch(grpc::CallbackServerContext* context,
                                                                const v1::WatchRequest* request) {
  auto caller = backend_.admit(*context, kWatch);
  if (!caller) return new Refused<grpc::ServerWriteReactor<v1::StatusEvent>>(caller.error());
  const auto stream = std::make_shared<WatchStream>(backend_, context, std::move(*caller), *request);
  stream->start();
  return stream.get();
}

grpc::ServerUnaryReactor* SenderService::GetDraft(grpc::CallbackServerContext* context, const v1::DraftRequest* request,
                                                  v1::Draft* reply) {
  return unary(backend_, context, kGetDraft, *request, [&](const Caller& caller, grpc::ServerUnaryReactor* reactor) {
    finish_on(backend_.reads, context, reactor, [this, request, reply, scope = caller.scope] {
      return reply_with(backend_.flow.draft_of(scope, request->filing_id()), reply);
    });
  });
}

}  // namespace puente::transport
