// What one connection has to send, and the calls it has in hand. Thread-safe: answers come from the ledger's thread, from
// workers and from the connection's own. Whoever answers later holds the outbox, never the connection.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "gateway/transport/socket/frames.h"

namespace google::protobuf {
class MessageLite;
}

namespace puente::transport::socket {

class Outbox {
 public:
  // `wake` is called with the mutex held, once until take() has been called: it must only arrange for a take().
  Outbox(std::size_t frame_bytes, std::function<void()> wake) : frame_bytes_(frame_bytes), wake_(std::move(wake)) {}

  // What is sent after close() is dropped.
  void send(FrameType type, std::uint32_t call, const google::protobuf::MessageLite& message);
  void send_bytes(FrameType type, std::uint32_t call, std::string_view payload);
  // Only while the call is in hand.
  void send_in_call(FrameType type, std::uint32_t call, const google::protobuf::MessageLite& message);
  // The last message of a call; nothing for a call that is not in hand.
  void answer(FrameType type, std::uint32_t call, const google::protobuf::MessageLite& message);
  void answer_bytes(FrameType type, std::uint32_t call, std::string_view payload);

  enum class Kind : std::uint8_t { request, stream };
  // False: this call is in hand already.
  bool begin(std::uint32_t call, Kind kind, std::size_t bytes);
  bool in_hand(std::uint32_t call) const;
  std::size_t requests() const;       // in hand, streams not counted
  std::size_t streams() const;
  std::size_t request_bytes() const;  // of the requests in hand
  std::size_t waiting() const { return waiting_.load(std::memory_order_relaxed); }  // bytes neither taken nor sent()

  // The connection's side. take() exchanges what is queued with `sent`, an empty buffer that is used again.
  void take(std::string& sent);
  void sent(std::size_t bytes) { waiting_.fetch_sub(bytes, std::memory_order_relaxed); }
  void close();  // no wake() from here on

 private:
  struct Call {
    std::uint32_t number;
    Kind kind;
    std::size_t bytes;
  };
  const Call* find_locked(std::uint32_t call) const;
  void end_locked(std::uint32_t call);
  void queued_locked(std::size_t before);

  const std::size_t frame_bytes_;
  mutable std::mutex mutex_;
  std::function<void()> wake_;
  bool woken_ = false, closed_ = false;
  std::string queue_;
  std::vector<Call> calls_;
  std::size_t streams_ = 0, request_bytes_ = 0;
  std::atomic<std::size_t> waiting_ = 0;
};

}  // namespace puente::transport::socket
