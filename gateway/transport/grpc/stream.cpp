#include "gateway/transport/grpc/stream.h"

#include <algorithm>

namespace puente::transport {

void LiveStreams::add(const std::shared_ptr<LiveStream>& stream) {
  bool draining = false;
  {
    const std::scoped_lock lock(mutex_);
    std::erase_if(streams_, [](const auto& entry) { return entry.expired(); });
    streams_.push_back(stream);
    draining = draining_;
  }
  if (draining) stream->drain();
}

std::vector<std::shared_ptr<LiveStream>> LiveStreams::open() {
  const std::scoped_lock lock(mutex_);
  std::vector<std::shared_ptr<LiveStream>> out;
  for (const auto& entry : streams_) {
    if (auto stream = entry.lock()) out.push_back(std::move(stream));
  }
  return out;
}

void LiveStreams::drain() {
  {
    const std::scoped_lock lock(mutex_);
    draining_ = true;
  }
  for (const auto& stream : open()) stream->drain();
}

void LiveStreams::abort_all(const grpc::Status& status) {
  for (const auto& stream : open()) stream->abort(status);
}

void LiveStreams::sweep(const Callers& callers, std::chrono::seconds stall_limit) {
  const auto now = LiveStream::Clock::now();
  for (const auto& stream : open()) {
    const Caller& caller = stream->caller();
    if (!callers.valid(caller.key)) {
      ops::log_warn("stream_ended", {{"partner", caller.scope.partner}, {"cause", "key_not_valid"}});
      stream->abort(
          status_of_finding(grpc::StatusCode::UNAUTHENTICATED, make_finding("PARTNER_UNKNOWN", {{"key", caller.key}})));
    } else if (stream->stalled(now, stall_limit)) {
      ops::log_warn("stream_ended", {{"partner", caller.scope.partner}, {"cause", "peer_takes_nothing"}});
      stream->abort(status_of_finding(grpc::StatusCode::RESOURCE_EXHAUSTED, make_finding("STREAM_STALLED")));
    }
  }
}

}  // namespace puente::transport
