#include "gateway/transport/grpc/filer_service.h"

#include "gateway/ops/fault_points.h"

#include <optional>
#include <utility>

namespace puente::transport {
namespace {

constexpr std::string_view kFeed = "/puente.v1.Filer/Feed";
constexpr std::string_view kAct = "/puente.v1.Filer/Act";
constexpr std::string_view kTransport = "grpc";

using FeedReactor = grpc::ServerBidiReactor<v1::FilerAct, v1::FeedMessage>;

// One filer connected. What is queued is bounded by the credits it gave, and by the window of acts that are unanswered.
class FeedStream final : public Outbound<FeedReactor, v1::FeedMessage> {
 public:
  FeedStream(const Backend& backend, grpc::CallbackServerContext* context, Caller caller)
      : Outbound(context, std::move(caller)), backend_(backend) {}

  void start() {
    live(backend_.streams);
    const std::weak_ptr<FeedStream> weak = self();
    std::shared_ptr<delivery::FilerSession> session =
        backend_.delivery.attach(caller_.scope, kTransport, [weak](const v1::Filing& filing) {
          if (const auto stream = weak.lock()) stream->offer(filing);
        });
    const std::scoped_lock lock(mutex_);
    session_ = std::move(session);
    read_next_locked();
  }

  void OnReadDone(bool ok) override {
    std::shared_ptr<delivery::FilerSession> session;
    std::uint32_t credits = 0;
    std::optional<v1::FilerAct> act;
    {
      const std::scoped_lock lock(mutex_);
      reading_ = false;
      if (!ok) {
        half_closed_ = true;
      } else if (act_.has_credits()) {
        session = session_;
        credits = act_.credits().filings();
      } else {
        act = std::move(act_);
        ++in_flight_;
      }
    }
    if (!ok) return leave(grpc::Status::OK);
    if (session) session->grant(credits);
    if (act) {
      const std::weak_ptr<FeedStream> weak = self();
      backend_.delivery.act(caller_.scope, std::move(*act), kTransport, [weak](Result<v1::FilerActResult> result) {
        if (const auto stream = weak.lock()) stream->answered(std::move(result));
      });
    }
    const std::scoped_lock lock(mutex_);
    read_next_locked();
  }

  void drain() override { leave(status_of_finding(grpc::StatusCode::UNAVAILABLE, make_finding("GATEWAY_DRAINING"))); }

 protected:
  // Leases go back as soon as the filer is gone, so that another connection of it, or a later one, gets the filings.
  void ended() override {
    std::shared_ptr<delivery::FilerSession> session;
    {
      const std::scoped_lock lock(mutex_);
      session = std::exchange(session_, nullptr);
    }
    if (session) session->close();
  }

  void room() override {
    const std::scoped_lock lock(mutex_);
    read_next_locked();
  }

 private:
  std::shared_ptr<FeedStream> self() { return std::static_pointer_cast<FeedStream>(shared_from_this()); }

  void offer(const v1::Filing& filing) {
    v1::FeedMessage message;
    *message.mutable_filing() = filing;
    ops::cross(ops::FaultPoint::feed_before_send);
    const std::scoped_lock lock(mutex_);
    send_locked(std::move(message));
    ops::cross(ops::FaultPoint::feed_sent);
  }

  void answered(Result<v1::FilerActResult> result) {
    const std::scoped_lock lock(mutex_);
    --in_flight_;
    if (result) {
      v1::FeedMessage message;
      *message.mutable_result() = std::move(*result);
      ops::cross(ops::FaultPoint::act_result_before_send);
      send_locked(std::move(message));
    } else if (!end_) {
      end_ = status_of(result.error());
    }
    if (end_ && in_flight_ == 0) finish_locked(*end_);
    read_next_locked();
  }

  // No more filings; the acts in hand are still answered.
  void leave(const grpc::Status& status) {
    ended();
    const std::scoped_lock lock(mutex_);
    if (!end_) end_ = status;
    if (in_flight_ == 0) finish_locked(*end_);
  }

  void read_next_locked() {
    if (reading_ || half_closed_ || ending_locked() || end_) return;
    // What the filer does not read counts too: a peer that only writes is read no further.
    if (in_flight_ + waiting_locked() >= backend_.options.limits.stream_window) return;
    reading_ = true;
    StartRead(&act_);
  }

  const Backend& backend_;
  std::shared_ptr<delivery::FilerSession> session_;
  v1::FilerAct act_;
  bool reading_ = false, half_closed_ = false;
  std::size_t in_flight_ = 0;
  std::optional<grpc::Status> end_;  // the stream ends with it when the acts in flight have been answered
};

class RefusedFeed final : public FeedReactor {
 public:
  explicit RefusedFeed(const grpc::Status& status) { Finish(status); }
  void OnDone() override { delete this; }
};

}  // namespace

grpc::ServerBidiReactor<v1::FilerAct, v1::FeedMessage>* FilerService::Feed(grpc::CallbackServerContext* context) {
  auto caller = backend_.admit(*context, kFeed);
  if (!caller) return new RefusedFeed(caller.error());
  const auto stream = std::make_shared<FeedStream>(backend_, context, std::move(*caller));
  stream->start();
  return stream.get();
}

grpc::ServerUnaryReactor* FilerService::Act(grpc::CallbackServerContext* context, const v1::FilerAct* act,
                                            v1::FilerActResult* result) {
  return unary(backend_, context, kAct, *act, [&](const Caller& caller, grpc::ServerUnaryReactor* reactor) {
    backend_.delivery.act(caller.scope, *act, kTransport, [result, reactor](Result<v1::FilerActResult> done) {
      reactor->Finish(reply_with(std::move(done), result));
    });
  });
}

}  // namespace puente::transport
