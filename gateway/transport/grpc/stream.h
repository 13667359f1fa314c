// The writing half of every stream: a bounded order of messages, one write at a time, and an end that comes exactly
// once.
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <chrono>
#include <deque>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "gateway/ops/log.h"
#include "gateway/transport/grpc/access.h"
#include "gateway/transport/grpc/status.h"

namespace puente::transport {

// What the server does to a stream that is open, whatever it carries. Thread-safe.
class LiveStream {
 public:
  using Clock = std::chrono::steady_clock;
  virtual ~LiveStream() = default;
  virtual const Caller& caller() const = 0;
  virtual bool stalled(Clock::time_point now, std::chrono::seconds limit) const = 0;
  virtual void drain() = 0;                     // ends with UNAVAILABLE when what is in hand has been answered
  virtual void abort(const grpc::Status&) = 0;  // ends at once; what waits to be written is dropped
};

// The streams that are open. Thread-safe.
class LiveStreams {
 public:
  void add(const std::shared_ptr<LiveStream>& stream);
  void drain();  // all of them, and every one added from now on
  void abort_all(const grpc::Status& status);
  // Ends streams whose caller's key is no longer valid, and those whose peer has taken nothing for the limit.
  void sweep(const Callers& callers, std::chrono::seconds stall_limit);

 private:
  std::vector<std::shared_ptr<LiveStream>> open();

  std::mutex mutex_;
  bool draining_ = false;
  std::vector<std::weak_ptr<LiveStream>> streams_;
};

// Base of the reactors. The object keeps itself alive until gRPC is done with it; callbacks from elsewhere hold weak
// pointers. Hooks marked `locked` run under mutex_. gRPC never calls a reaction back from within StartRead, StartWrite
// or Finish, so these are called under mutex_ too: after finish_locked() nothing more is started.
template <typename Reactor, typename Response>
class Outbound : public Reactor, public LiveStream, public std::enable_shared_from_this<Outbound<Reactor, Response>> {
 public:
  Outbound(grpc::CallbackServerContext* context, Caller caller) : context_(context), caller_(std::move(caller)) {}

  // The caller of make_shared calls this once: from here gRPC owns a share until OnDone.
  void live(LiveStreams& streams) {
    self_ = this->shared_from_this();
    streams.add(self_);
  }

  const Caller& caller() const final { return caller_; }

  bool stalled(Clock::time_point now, std::chrono::seconds limit) const final {
    const std::scoped_lock lock(mutex_);
    return writing_ && now - write_began_ > limit;
  }

  void abort(const grpc::Status& status) final {
    const std::scoped_lock lock(mutex_);
    abort_locked(status);
  }

 protected:
  virtual void
  ended() = 0;            // the stream has ended or is about to: release what it holds elsewhere; any number of times
  virtual void room() {}  // there may be room for more

  bool ending_locked() const { return ending_; }
  std::size_t waiting_locked() const { return queue_.size() + (writing_ ? 1 : 0); }

  void send_locked(Response response) {
    if (ending_) return;
    queue_.push_back(std::move(response));
    write_next_locked();
  }

  // After everything queued has been written.
  void finish_locked(grpc::Status status) {
    if (ending_) return;
    ending_ = true;
    status_ = std::move(status);
    write_next_locked();
  }

  void abort_locked(const grpc::Status& status) {
    if (finished_) return;
    if (!ending_) status_ = status;
    ending_ = true;
    queue_.clear();
    // A write that the peer does not take ends only with the call; its peer then sees CANCELLED instead of the status.
    if (writing_) context_->TryCancel();
    write_next_locked();
  }

  void OnWriteDone(bool ok) final {
    {
      const std::scoped_lock lock(mutex_);
      writing_ = false;
      if (!ok) {
        ending_ = true;
        queue_.clear();
      }
      write_next_locked();
    }
    room();
  }

  void OnCancel() final {
    {
      const std::scoped_lock lock(mutex_);
      if (!ending_) status_ = grpc::Status::CANCELLED;
      ending_ = true;
      queue_.clear();
      write_next_locked();
    }
    ended();
  }

  void OnDone() final {
    ended();
    const auto last = std::move(self_);
  }

  grpc::CallbackServerContext* const context_;
  const Caller caller_;
  mutable std::mutex mutex_;

 private:
  void write_next_locked() {
    if (writing_ || finished_) return;
    if (!queue_.empty()) {
      current_ = std::move(queue_.front());
      queue_.pop_front();
      writing_ = true;
      write_began_ = Clock::now();
      this->StartWrite(&current_);
    } else if (ending_) {
      finished_ = true;
      this->Finish(status_);
    }
  }

  std::deque<Response> queue_;
  Response current_;
  bool writing_ = false, ending_ = false, finished_ = false;
  Clock::time_point write_began_;
  grpc::Status status_;
  std::shared_ptr<LiveStream> self_;
};

}  // namespace puente::transport
