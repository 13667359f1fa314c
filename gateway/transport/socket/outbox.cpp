#include "gateway/transport/socket/outbox.h"

#include <algorithm>
#include <utility>

#include "gateway/transport/socket/codec.h"

namespace puente::transport::socket {

void Outbox::queued_locked(std::size_t before) {
  waiting_.fetch_add(queue_.size() - before, std::memory_order_relaxed);
  if (woken_) return;
  woken_ = true;
  wake_();
}

void Outbox::send(FrameType type, std::uint32_t call, const google::protobuf::MessageLite& message) {
  const std::scoped_lock lock(mutex_);
  if (closed_) return;
  const std::size_t before = queue_.size();
  append_message(queue_, type, call, message, frame_bytes_);
  queued_locked(before);
}

void Outbox::send_bytes(FrameType type, std::uint32_t call, std::string_view payload) {
  const std::scoped_lock lock(mutex_);
  if (closed_) return;
  const std::size_t before = queue_.size();
  append_payload(queue_, type, call, payload, frame_bytes_);
  queued_locked(before);
}

void Outbox::send_in_call(FrameType type, std::uint32_t call, const google::protobuf::MessageLite& message) {
  const std::scoped_lock lock(mutex_);
  if (closed_ || find_locked(call) == nullptr) return;
  const std::size_t before = queue_.size();
  append_message(queue_, type, call, message, frame_bytes_);
  queued_locked(before);
}

void Outbox::answer(FrameType type, std::uint32_t call, const google::protobuf::MessageLite& message) {
  const std::scoped_lock lock(mutex_);
  if (closed_ || find_locked(call) == nullptr) return;
  const std::size_t before = queue_.size();
  append_message(queue_, type, call, message, frame_bytes_);
  end_locked(call);
  queued_locked(before);
}

void Outbox::answer_bytes(FrameType type, std::uint32_t call, std::string_view payload) {
  const std::scoped_lock lock(mutex_);
  if (closed_ || find_locked(call) == nullptr) return;
  const std::size_t before = queue_.size();
  append_payload(queue_, type, call, payload, frame_bytes_);
  end_locked(call);
  queued_locked(before);
}

const Outbox::Call* Outbox::find_locked(std::uint32_t call) const {
  const auto found = std::find_if(calls_.begin(), calls_.end(), [&](const Call& entry) { return entry.number == call; });
  return found == calls_.end() ? nullptr : &*found;
}

bool Outbox::begin(std::uint32_t call, Kind kind, std::size_t bytes) {
  const std::scoped_lock lock(mutex_);
  if (find_locked(call) != nullptr) return false;
  calls_.push_back({call, kind, bytes});
  if (kind == Kind::stream) ++streams_;
  request_bytes_ += bytes;
  return true;
}

void Outbox::end_locked(std::uint32_t call) {
  const auto found = std::find_if(calls_.begin(), calls_.end(), [&](const Call& entry) { return entry.number == call; });
  if (found->kind == Kind::stream) --streams_;
  request_bytes_ -= found->bytes;
  *found = calls_.back();
  calls_.pop_back();
}

bool Outbox::in_hand(std::uint32_t call) const {
  const std::scoped_lock lock(mutex_);
  return find_locked(call) != nullptr;
}

std::size_t Outbox::requests() const {
  const std::scoped_lock lock(mutex_);
  return calls_.size() - streams_;
}

std::size_t Outbox::streams() const {
  const std::scoped_lock lock(mutex_);
  return streams_;
}

std::size_t Outbox::request_bytes() const {
  const std::scoped_lock lock(mutex_);
  return request_bytes_;
}

void Outbox::take(std::string& sent) {
  const std::scoped_lock lock(mutex_);
  woken_ = false;
  sent.swap(queue_);
}

void Outbox::close() {
  const std::scoped_lock lock(mutex_);
  closed_ = true;
  release(queue_);
}

}  // namespace puente::transport::socket
