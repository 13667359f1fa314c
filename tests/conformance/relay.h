// A TCP relay between a partner and a transport that lets a test lose connections at a chosen byte, or stop reading
// what the gateway sends. It knows no protocol: TLS goes through it whole.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

namespace puente::conformance {

class Relay {
 public:
  explicit Relay(std::uint16_t target);  // on 127.0.0.1; aborts the test program when there is no socket to be had
  ~Relay();
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  std::uint16_t port() const { return port_; }
  void cut();                         // resets every connection, from now on; returns when it is so
  void cut_after(std::size_t bytes);  // as soon as so many more bytes of partners have gone through
  void hold_answers(bool hold);       // what the gateway sends is not read
 private:
  struct Pair {
    int partner, gateway;
    std::vector<char> up, down;  // read and not yet written
    bool ended = false;
  };
  void work();
  void accept_one();
  bool move(Pair& pair, short partner_events, short gateway_events);
  static void reset(Pair& pair);
  void wake() const;

  std::uint16_t target_, port_ = 0;
  int listening_ = -1, wake_read_ = -1, wake_write_ = -1;
  std::mutex mutex_;
  std::condition_variable is_cut_;
  bool stopping_ = false, cut_ = false, all_reset_ = false, hold_ = false;  // a cut relay stays cut
  std::optional<std::size_t> cut_after_;
  std::list<Pair> pairs_;  // the thread's
  std::thread thread_;
};

}  // namespace puente::conformance
