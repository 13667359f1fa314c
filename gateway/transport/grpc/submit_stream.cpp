#include "gateway/transport/grpc/submit_stream.h"

#include <utility>
#include <vector>

#include "gateway/ledger/lifecycle.h"
#include "gateway/ops/fault_points.h"

namespace puente::transport {
namespace {

constexpr std::size_t kUndecidedWindows = 4;

// Nothing more is to come from the gateway by itself.
bool settled(std::string_view state) {
  const ledger::StateRow* row = ledger::state_row("document", state);
  return row != nullptr && row->owner != "gateway";
}

}  // namespace

SubmitStream::SubmitStream(const Backend& backend, grpc::CallbackServerContext* context, Caller caller)
    : Outbound(context, std::move(caller)), backend_(backend), related_(backend.ledger) {}

void SubmitStream::start() {
  live(backend_.streams);
  // From here on: an event of a document of this stream comes after its submission.
  subscription_ = backend_.tap.subscribe(std::static_pointer_cast<SubmitStream>(shared_from_this()), caller_.scope,
                                         backend_.tap.last_sequence());
  const std::scoped_lock lock(mutex_);
  read_next_locked();
}

void SubmitStream::read_next_locked() {
  const GrpcLimits& limits = backend_.options.limits;
  if (reading_ || held_ || half_closed_ || ending_locked() || failure_) return;
  if (in_flight_ + waiting_locked() >= limits.stream_window || bytes_in_flight_ >= limits.stream_bytes) return;
  reading_ = true;
  StartRead(&request_);
}

void SubmitStream::OnReadDone(bool ok) {
  {
    const std::scoped_lock lock(mutex_);
    reading_ = false;
    if (ok) {
      submission_ = {.kind = request_.kind(),
                     .content = std::move(*request_.mutable_content()),
                     .client_ref = request_.client_ref(),
                     .transport = "grpc"};
      held_ = true;
      ++in_flight_;
      bytes_in_flight_ += submission_.content.size();
    } else {
      half_closed_ = true;
    }
  }
  if (!ok) return subscription_->wake();
  offer();
}

// What the partner's limits do not let in yet is held, and nothing more is read: the peer feels it as flow control.
void SubmitStream::offer() {
  const std::size_t bytes = submission_.content.size();
  {
    const std::scoped_lock lock(mutex_);
    if (ending_locked() || failure_) {  // waited while the stream ended
      held_ = false;
      --in_flight_;
      bytes_in_flight_ -= bytes;
      if (failure_ && in_flight_ == 0) finish_locked(*failure_);
      return;
    }
  }
  const std::weak_ptr<SubmitStream> weak = std::static_pointer_cast<SubmitStream>(shared_from_this());
  std::function<void(Result<v1::SubmitReply>)> done = [weak, bytes](Result<v1::SubmitReply> reply) {
    if (const auto stream = weak.lock()) stream->answered(std::move(reply), bytes);
  };
  const auto refused = backend_.admission.submit(backend_.flow, caller_.scope, submission_, done);
  if (refused && refused->waits) return offer_again_in(refused->retry_after);
  {
    const std::scoped_lock lock(mutex_);
    held_ = false;
  }
  if (refused) {
    v1::SubmitReply reply;
    reply.set_client_ref(submission_.client_ref);
    *reply.add_findings() = refused->finding;
    done(std::move(reply));
  }
  const std::scoped_lock lock(mutex_);
  read_next_locked();
}

void SubmitStream::offer_again_in(std::chrono::milliseconds time) {
  const std::weak_ptr<SubmitStream> weak = std::static_pointer_cast<SubmitStream>(shared_from_this());
  alarm_ = std::make_unique<grpc::Alarm>();  // never the one whose callback may be running
  alarm_->Set(std::chrono::system_clock::now() + time, [weak](bool) {
    if (const auto stream = weak.lock()) stream->offer();
  });
}

void SubmitStream::answered(Result<v1::SubmitReply> reply, std::size_t bytes) {
  bool wake = false;
  {
    const std::scoped_lock lock(mutex_);
    --in_flight_;
    bytes_in_flight_ -= bytes;
    if (reply) {
      if (reply->has_receipt()) {
        const std::string& id = reply->receipt().body().document_id();
        related_.add_document(id);
        unsettled_.insert(id);
      }
      v1::SubmitEvent event;
      *event.mutable_reply() = std::move(*reply);
      ops::cross(ops::FaultPoint::receipt_stream_before_send);
      send_locked(std::move(event));
    } else if (!failure_) {
      failure_ = status_of(reply.error());
    }
    if (failure_ && in_flight_ == 0) finish_locked(*failure_);
    read_next_locked();
    wake = (half_closed_ && in_flight_ == 0) || any_undecided_;
  }
  if (wake) subscription_->wake();
}

void SubmitStream::fail_locked(grpc::Status status) {
  if (!failure_) failure_ = std::move(status);
  if (in_flight_ == 0) finish_locked(*failure_);
}

void SubmitStream::drain() {
  const std::scoped_lock lock(mutex_);
  fail_locked(status_of_finding(grpc::StatusCode::UNAVAILABLE, make_finding("GATEWAY_DRAINING")));
}

void SubmitStream::room() {
  bool wake = false;
  {
    const std::scoped_lock lock(mutex_);
    read_next_locked();
    if (starved_ && waiting_locked() <= backend_.options.limits.stream_window / 2) {
      starved_ = false;
      wake = true;
    }
  }
  if (wake) subscription_->wake();
}

std::size_t SubmitStream::event_room() {
  const std::scoped_lock lock(mutex_);
  const std::size_t window = backend_.options.limits.stream_window, waiting = waiting_locked();
  if (ending_locked()) return 0;
  starved_ = waiting >= window;
  return starved_ ? 0 : window - waiting;
}

void SubmitStream::take_event(v1::StatusEvent event) {
  decide();
  consider(std::move(event));
}

// An event may be read before the answer that says its document is one of this stream: while answers are due, what does
// not belong is kept aside, in order, and looked at again.
void SubmitStream::consider(v1::StatusEvent event) {
  bool answers_due = false;
  {
    const std::scoped_lock lock(mutex_);  // asked first: an answer that comes meanwhile is seen by contains()
    answers_due = in_flight_ > 0;
  }
  const auto belongs = related_.contains(event);
  if (!belongs) return event_fault(belongs.error());
  if (*belongs) {
    const std::scoped_lock lock(mutex_);
    if (event.object() == "document" && settled(event.state())) unsettled_.erase(event.object_id());
    v1::SubmitEvent out;
    *out.mutable_status() = std::move(event);
    send_locked(std::move(out));
  } else if (answers_due) {
    undecided_.push_back(std::move(event));
    if (undecided_.size() > kUndecidedWindows * backend_.options.limits.stream_window) undecided_.pop_front();
    any_undecided_ = true;
  }
}

void SubmitStream::decide() {
  if (!any_undecided_.exchange(false)) return;
  for (v1::StatusEvent& event : std::exchange(undecided_, {})) consider(std::move(event));
}

void SubmitStream::caught_up() {
  decide();
  bool answers_due = false;
  {
    const std::scoped_lock lock(mutex_);
    answers_due = in_flight_ > 0;
  }
  if (!answers_due) decide();  // the last answer came while the first look was taken
  std::vector<std::string> asked;
  {
    const std::scoped_lock lock(mutex_);
    if (!half_closed_ || in_flight_ > 0 || ending_locked()) return;
    if (!verified_) asked.assign(unsettled_.begin(), unsettled_.end());
  }
  // A repeat may have settled long before this stream began: the first time, the ledger is asked instead of the events.
  std::vector<std::string> done;
  const auto read = asked.empty() ? Result<void>() : backend_.ledger.read([&](ledger::Reader& reader) -> Result<void> {
    done.clear();
    for (const std::string& id : asked) {
      const auto row = reader.document(id);
      if (!row || settled(row->state)) done.push_back(id);
    }
    return {};
  });
  const std::scoped_lock lock(mutex_);
  if (!read) return fail_locked(status_of(read.error()));
  verified_ = true;
  for (const std::string& id : done) unsettled_.erase(id);
  if (unsettled_.empty()) finish_locked(grpc::Status::OK);
}

void SubmitStream::event_fault(const Fault& fault) {
  const std::scoped_lock lock(mutex_);
  fail_locked(status_of(fault));
}

}  // namespace puente::transport
