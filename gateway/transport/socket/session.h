// The gateway's end of one connection: greeting, who calls, and each frame to its desk.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "gateway/transport/entrance/callers.h"
#include "gateway/transport/entrance/connections.h"
#include "gateway/transport/entrance/event_tap.h"
#include "gateway/transport/entrance/work.h"
#include "gateway/transport/socket/link.h"
#include "gateway/transport/socket/socket_server.h"
#include "puente/v1/socket.pb.h"

namespace puente::transport::socket {

// Partners whose connections were closed for bad frames too often. Thread-safe.
class CoolOff {
 public:
  using Clock = std::chrono::steady_clock;
  explicit CoolOff(const SocketLimits& limits) : limits_(limits) {}
  void note_bad_close(const std::string& partner, Clock::time_point now);
  std::chrono::milliseconds remaining(const std::string& partner, Clock::time_point now);  // zero: welcome

 private:
  const SocketLimits& limits_;
  std::mutex mutex_;
  std::map<std::string, std::deque<Clock::time_point>> closes_;
};

// What every session works with.
struct Desks {
  const SocketLimits& limits;
  Callers& callers;
  Admission& admission;
  ConnectionTable& connections;
  CoolOff& cool_off;
  EventTap& tap;
  Work& checks;
  Work& reads;
  flow::Flow& flow;
  delivery::Delivery& delivery;
  ledger::Ledger& ledger;
};

class Watch;

class Session final : public Link {
 public:
  Session(const Desks& desks, boost::asio::io_context& context, boost::asio::ip::tcp::socket socket,
          const TlsContext& tls, std::vector<char>& scratch, std::function<void()> on_end);
  ~Session() override;

  void drain();
  void check_key();  // ends the session when its key is no partner's any more

 protected:
  void secured() override;
  void received(const Received& result) override;
  bool may_receive() const override;
  void flushed() override;
  void half_closed() override;
  void checked(Clock::time_point now) override;
  void too_slow() override;
  void ended() override;

 private:
  void take(const Received& message);
  void greet(std::string_view payload);
  void request(const Received& message, const FrameRow& row);
  void cancel(const Received& message);

  void submit(const Received& message, const Caller& caller);
  void check(const Received& message);
  void status(const Received& message, const Caller& caller);
  void watch(const Received& message, const Caller& caller);
  void draft(const Received& message, const Caller& caller);
  void feed(const Received& message, const Caller& caller);
  void act(const Received& message, const Caller& caller);

  template <typename Message>
  bool parse(const Received& message, Message& into);
  bool begin(const Received& message, Outbox::Kind kind);
  void refuse(std::uint32_t call, v1::ErrorCode code, const Finding& finding,
              std::chrono::milliseconds retry_after = std::chrono::milliseconds(0));
  void bad_frame(FrameFault fault);
  void say_go_away(v1::ErrorCode code, const Finding& finding,
                   std::chrono::milliseconds retry_after = std::chrono::milliseconds(0));
  void close_bad();
  void end_streams();
  void finish_when_done();

  const Desks& desks_;
  const std::string peer_;  // as gRPC writes it
  const std::function<void()> on_end_;
  std::string key_, partner_;
  bool greeted_ = false, draining_ = false, half_closed_ = false, pinged_ = false;
  std::size_t bad_frames_ = 0;
  Clock::time_point quiet_since_;  // last call or PING of the client
  std::map<std::uint32_t, std::shared_ptr<Watch>> watches_;
  std::uint32_t feed_call_ = 0;
  std::shared_ptr<delivery::FilerSession> feed_;
};

}  // namespace puente::transport::socket
