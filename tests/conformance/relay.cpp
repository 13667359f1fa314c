#include "relay.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>

namespace puente::conformance {
namespace {

constexpr std::size_t kBuffer = 16 * 1024;
constexpr int kSmallWindow = 4096;  // what is not read stays with the gateway, not here

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

void require(bool condition) {
  if (!condition) std::abort();
}

// Reads into an empty buffer; false when the connection has ended.
bool fill(int from, std::vector<char>& buffer, std::size_t most) {
  buffer.resize(most);
  const auto got = ::recv(from, buffer.data(), most, MSG_DONTWAIT);
  buffer.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
}

bool empty(int to, std::vector<char>& buffer) {
  if (buffer.empty()) return true;
  const auto put = ::send(to, buffer.data(), buffer.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (put < 0) return errno == EAGAIN || errno == EINTR;
  buffer.erase(buffer.begin(), buffer.begin() + put);
  return true;
}

}  // namespace

Relay::Relay(std::uint16_t target) : target_(target) {
  listening_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address = loopback(0);
  socklen_t length = sizeof address;
  require(listening_ >= 0 && ::bind(listening_, reinterpret_cast<sockaddr*>(&address), length) == 0 &&
          ::listen(listening_, 64) == 0 &&
          ::getsockname(listening_, reinterpret_cast<sockaddr*>(&address), &length) == 0);
  port_ = ntohs(address.sin_port);
  std::array<int, 2> pipe{};
  require(::pipe2(pipe.data(), O_CLOEXEC | O_NONBLOCK) == 0);
  wake_read_ = pipe[0];
  wake_write_ = pipe[1];
  thread_ = std::thread([this] { work(); });
}

Relay::~Relay() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake();
  thread_.join();
  for (Pair& pair : pairs_) reset(pair);
  for (const int fd : {listening_, wake_read_, wake_write_}) ::close(fd);
}

void Relay::cut() {
  std::unique_lock lock(mutex_);
  cut_ = true;
  wake();
  is_cut_.wait(lock, [this] { return all_reset_; });
}

void Relay::cut_after(std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  cut_after_ = bytes;
}

void Relay::hold_answers(bool hold) {
  {
    const std::lock_guard lock(mutex_);
    hold_ = hold;
  }
  wake();
}

void Relay::wake() const {
  [[maybe_unused]] const auto written = ::write(wake_write_, "", 1);  // full: it is awake
}

// As a machine that is switched off and answers with a reset when it is back: no half-close, no close_notify.
void Relay::reset(Pair& pair) {
  const linger none{1, 0};
  for (const int fd : {pair.partner, pair.gateway}) {
    ::setsockopt(fd, SOL_SOCKET, SO_LINGER, &none, sizeof none);
    ::close(fd);
  }
}

void Relay::accept_one() {
  const int partner = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
  if (partner < 0) return;
  const int gateway = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  ::setsockopt(gateway, SOL_SOCKET, SO_RCVBUF, &kSmallWindow, sizeof kSmallWindow);
  const sockaddr_in address = loopback(target_);
  Pair pair{partner, gateway, {}, {}};
  if (::connect(gateway, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0)
    pairs_.push_back(std::move(pair));
  else
    reset(pair);
}

bool Relay::move(Pair& pair, short partner_events, short gateway_events) {
  constexpr short kReadable = POLLIN | POLLHUP | POLLERR;
  std::optional<std::size_t> left;
  {
    const std::lock_guard lock(mutex_);
    left = cut_after_;
  }
  if ((partner_events & kReadable) != 0 && pair.up.empty()) {
    if (!fill(pair.partner, pair.up, left ? std::min(*left, kBuffer) : kBuffer)) return false;
    if (left) {
      const std::lock_guard lock(mutex_);
      cut_after_ = *left - pair.up.size();
    }
  }
  if ((gateway_events & kReadable) != 0 && pair.down.empty() && !fill(pair.gateway, pair.down, kBuffer)) return false;
  if (!empty(pair.gateway, pair.up) || !empty(pair.partner, pair.down)) return false;
  const std::lock_guard lock(mutex_);
  if (cut_after_ == 0U && pair.up.empty()) {
    cut_ = true;
    return false;
  }
  return true;
}

void Relay::work() {
  std::vector<pollfd> waiting;
  for (;;) {
    bool hold = false;
    {
      const std::lock_guard lock(mutex_);
      if (stopping_) return;
      hold = hold_;
      if (cut_) {
        for (Pair& pair : pairs_) reset(pair);
        pairs_.clear();
        all_reset_ = true;
        is_cut_.notify_all();
      }
    }
    waiting.assign({{wake_read_, POLLIN, 0}, {listening_, POLLIN, 0}});
    for (const Pair& pair : pairs_) {
      const auto wants = [](bool read, bool write) {
        return static_cast<short>((read ? POLLIN : 0) | (write ? POLLOUT : 0));
      };
      waiting.push_back({pair.partner, wants(pair.up.empty(), !pair.down.empty()), 0});
      // A socket that is not to be read is not polled either: its end would be told again and again.
      const short gateway = wants(pair.down.empty() && !hold, !pair.up.empty());
      waiting.push_back({gateway == 0 ? -1 : pair.gateway, gateway, 0});
    }
    if (::poll(waiting.data(), waiting.size(), -1) < 0) continue;
    std::array<char, 64> drained{};
    while (::read(wake_read_, drained.data(), drained.size()) > 0) continue;
    std::size_t at = 2;
    for (auto pair = pairs_.begin(); pair != pairs_.end(); at += 2) {
      const bool open = move(*pair, waiting[at].revents, hold ? 0 : waiting[at + 1].revents);
      if (!open) reset(*pair);
      pair = open ? std::next(pair) : pairs_.erase(pair);
    }
    if ((waiting[1].revents & POLLIN) != 0) accept_one();
  }
}

}  // namespace puente::conformance
