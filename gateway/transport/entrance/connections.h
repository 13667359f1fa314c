// Accepts connections and hands them to gRPC, within limits; keeps a second descriptor of each, so that a connection
// can be ended.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/transport/entrance/admission.h"
#include "mappings/domain/result.h"

namespace puente::transport {

struct ConnectionLimits {
  std::size_t connections, per_address, handshakes, handshakes_per_address;
  std::chrono::seconds handshake;
};

// The connections that are open, by the peer's address and port. Thread-safe.
class ConnectionTable {
 public:
  using Clock = std::chrono::steady_clock;
  explicit ConnectionTable(const ConnectionLimits& limits) : limits_(limits) {}
  ~ConnectionTable();

  enum class Entry { admitted, refused, wait };
  // May one more from this address come in? `wait`: too many handshakes at once, ask again when one has ended.
  Entry admit(const std::string& address, Clock::time_point now);
  // Takes a duplicate of `fd`, which stays the caller's; false when no descriptor is left for it.
  bool add(const std::string& address, const std::string& peer, int fd, Clock::time_point now);

  // The first authenticated call of a connection says whose it is: its handshake is over. `peer` as gRPC writes it.
  // Not now, when this partner has or opens too many connections: this one is shut down.
  std::optional<NotNow> identify(std::string_view peer, const std::string& partner, const std::string& key,
                                 Admission& admission);

  // Shuts down connections that `valid` denies and forgets those that have ended; returns how many were shut down.
  std::size_t sweep(const std::function<bool(std::string_view partner, std::string_view key)>& valid);
  // This connection has opened so many streams and completed so many messages since it began. Answers with what it did
  // since the last time, and whose it is ("" where no call has told yet). Nothing for a connection that is gone.
  struct Progress {
    std::string partner;
    std::uint64_t streams;     // opened since the last time
    std::uint64_t unfinished;  // bytes received since a message was completed
  };
  std::optional<Progress> progress(std::string_view peer, std::uint64_t streams, std::uint64_t messages);
  void shut_down(std::string_view peer, std::string_view cause);
  void forget_ended();
  void shut_down_all();
  std::size_t size() const;

  void on_room(
      std::function<void()> callback);  // after a handshake or a connection has ended; set before the first admit

 private:
  struct Connection {
    int fd;
    std::string address, partner, key;
    Clock::time_point accepted;
    Seat seat;  // of its partner's connections
    std::uint64_t streams = 0, messages = 0;
    std::uint64_t bytes = 0;  // received when the latest message was completed
  };
  void forget_ended_locked();
  bool handshaking(const Connection& connection, Clock::time_point now) const;

  const ConnectionLimits limits_;
  mutable std::mutex mutex_;
  std::map<std::string, Connection, std::less<>> connections_;
  std::function<void()> on_room_;
};

// Listens, and accepts on a thread of its own. When descriptors run out, a reserve is given up to take the waiting
// connection and close it at once, so that peers are told and the listening queue does not stay full.
class Acceptor {
 public:
  using Handoff = std::function<void(int fd)>;  // takes the descriptor
  // Faults: listen_address, listen_refused.
  static Result<std::unique_ptr<Acceptor>> open(const std::string& listen, ConnectionTable& table);
  ~Acceptor();

  std::uint16_t port() const;
  // `tick` runs about once a second on the accepting thread; poke() runs it soon.
  void start(Handoff handoff, std::function<void()> tick);
  void poke();
  void stop();  // closes the listening socket and ends the thread

 private:
  class Loop;
  explicit Acceptor(std::unique_ptr<Loop> loop);
  std::unique_ptr<Loop> loop_;
};

}  // namespace puente::transport
