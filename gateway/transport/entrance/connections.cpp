#include "gateway/transport/entrance/connections.h"

#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <charconv>
#include <thread>
#include <utility>
#include <vector>

#include "gateway/ops/log.h"
#include "gateway/transport/entrance/received.h"

namespace puente::transport {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using ErrorCode = boost::system::error_code;

constexpr std::chrono::seconds kTick{1};
constexpr std::chrono::milliseconds kPause{50};

// gRPC writes ipv4:127.0.0.1:4711 and ipv6:%5B::1%5D:4711; the table is keyed by what follows the scheme, decoded.
std::string peer_key(std::string_view peer) {
  peer.remove_prefix(std::min(peer.size(), peer.find(':') + 1));
  std::string out;
  while (!peer.empty()) {
    const bool bracket = peer.starts_with("%5B") || peer.starts_with("%5D");
    out += bracket ? (peer[2] == 'B' ? '[' : ']') : peer.front();
    peer.remove_prefix(bracket ? 3 : 1);
  }
  return out;
}

std::string peer_key(const tcp::endpoint& endpoint) {
  const std::string address = endpoint.address().to_string();
  return (endpoint.address().is_v6() ? "[" + address + "]" : address) + ":" + std::to_string(endpoint.port());
}

}  // namespace

ConnectionTable::~ConnectionTable() {
  for (const auto& [peer, connection] : connections_) ::close(connection.fd);
}

bool ConnectionTable::handshaking(const Connection& connection, Clock::time_point now) const {
  // gRPC itself ends a handshake that takes longer, so what is still there after that time has finished it.
  return connection.key.empty() && now - connection.accepted < limits_.handshake;
}

ConnectionTable::Entry ConnectionTable::admit(const std::string& address, Clock::time_point now) {
  const std::scoped_lock lock(mutex_);
  std::size_t same_address = 0, handshakes = 0, handshakes_of_address = 0;
  const auto count = [&] {
    same_address = handshakes = handshakes_of_address = 0;
    for (const auto& [peer, connection] : connections_) {
      const bool same = connection.address == address, busy = handshaking(connection, now);
      same_address += same ? 1 : 0;
      handshakes += busy ? 1 : 0;
      handshakes_of_address += same && busy ? 1 : 0;
    }
    return connections_.size() < limits_.connections && same_address < limits_.per_address &&
           handshakes < limits_.handshakes && handshakes_of_address < limits_.handshakes_per_address;
  };
  if (count()) return Entry::admitted;
  forget_ended_locked();  // the counts may be a second old
  if (count()) return Entry::admitted;
  const bool refused = connections_.size() >= limits_.connections || same_address >= limits_.per_address ||
                       handshakes_of_address >= limits_.handshakes_per_address;
  return refused ? Entry::refused : Entry::wait;
}

bool ConnectionTable::add(const std::string& address, const std::string& peer, int fd, Clock::time_point now) {
  const int duplicate = ::fcntl(fd, F_DUPFD_CLOEXEC, 0);
  if (duplicate < 0) return false;
  const std::scoped_lock lock(mutex_);
  // The same address and port again: the connection before it has ended.
  if (const auto before = connections_.find(peer); before != connections_.end()) {
    ::close(before->second.fd);
    connections_.erase(before);
  }
  connections_.emplace(peer, Connection{duplicate, address, {}, {}, now, {}, 0, 0, 0});
  return true;
}

std::optional<NotNow> ConnectionTable::identify(std::string_view peer, const std::string& partner,
                                                const std::string& key, Admission& admission) {
  std::unique_lock lock(mutex_);
  const std::string name = peer_key(peer);
  if (const auto found = connections_.find(name); found != connections_.end() && !found->second.key.empty())
    return std::nullopt;
  auto seat = admission.connection(partner);
  if (!seat) {
    forget_ended_locked();  // the count may be a second old
    seat = admission.connection(partner);
  }
  const auto found = connections_.find(name);
  if (!seat || found == connections_.end()) {  // it may have been shut down a moment ago
    NotNow refused =
        seat ? NotNow{make_finding("GATEWAY_BUSY"), std::chrono::seconds(1), true} : std::move(seat.error());
    if (found != connections_.end()) ::shutdown(found->second.fd, SHUT_RDWR);
    ops::log_warn("connection_refused", {{"partner", partner}, {"code", refused.finding.code()}});
    return refused;
  }
  found->second.partner = partner;
  found->second.key = key;
  found->second.seat = std::move(*seat);
  const auto room = on_room_;
  lock.unlock();
  if (room) room();
  return std::nullopt;
}

std::size_t ConnectionTable::sweep(const std::function<bool(std::string_view partner, std::string_view key)>& valid) {
  const std::scoped_lock lock(mutex_);
  std::size_t ended = 0;
  for (auto& [peer, connection] : connections_) {
    if (connection.key.empty() || valid(connection.partner, connection.key)) continue;
    ::shutdown(connection.fd, SHUT_RDWR);
    ops::log_warn("connection_ended", {{"partner", connection.partner}});
    ++ended;
  }
  forget_ended_locked();
  return ended;
}

std::optional<ConnectionTable::Progress> ConnectionTable::progress(std::string_view peer, std::uint64_t streams,
                                                                   std::uint64_t messages) {
  const std::scoped_lock lock(mutex_);
  const auto found = connections_.find(peer_key(peer));
  if (found == connections_.end()) return std::nullopt;
  Connection& connection = found->second;
  const std::uint64_t received = bytes_received(connection.fd);
  if (std::exchange(connection.messages, messages) != messages) connection.bytes = received;
  // A smaller number is of the connection that had this port before.
  const std::uint64_t before = std::exchange(connection.streams, streams);
  return Progress{.partner = connection.partner,
                  .streams = streams - std::min(before, streams),
                  .unfinished = received - std::min(connection.bytes, received)};
}

void ConnectionTable::shut_down(std::string_view peer, std::string_view cause) {
  const std::scoped_lock lock(mutex_);
  const auto found = connections_.find(peer_key(peer));
  if (found == connections_.end()) return;
  ::shutdown(found->second.fd, SHUT_RDWR);
  ops::log_warn("connection_ended", {{"partner", found->second.partner}, {"cause", cause}});
}

void ConnectionTable::forget_ended() {
  const std::scoped_lock lock(mutex_);
  forget_ended_locked();
}

void ConnectionTable::forget_ended_locked() {
  // gRPC shuts a socket down before it closes its own descriptor, which is seen on ours as a hang-up.
  std::vector<pollfd> descriptors;
  std::vector<std::string> peers;
  for (const auto& [peer, connection] : connections_) {
    descriptors.push_back({connection.fd, 0, 0});
    peers.push_back(peer);
  }
  if (::poll(descriptors.data(), descriptors.size(), 0) <= 0) return;
  for (std::size_t index = 0; index < descriptors.size(); ++index) {
    if (descriptors[index].revents == 0) continue;
    ::close(descriptors[index].fd);
    connections_.erase(peers[index]);
  }
}

void ConnectionTable::shut_down_all() {
  const std::scoped_lock lock(mutex_);
  for (const auto& [peer, connection] : connections_) ::shutdown(connection.fd, SHUT_RDWR);
}

std::size_t ConnectionTable::size() const {
  const std::scoped_lock lock(mutex_);
  return connections_.size();
}

void ConnectionTable::on_room(std::function<void()> callback) {
  const std::scoped_lock lock(mutex_);
  on_room_ = std::move(callback);
}

class Acceptor::Loop {
 public:
  explicit Loop(ConnectionTable& table) : table_(table) {}
  ~Loop() {
    stop();
    if (reserve_ >= 0) ::close(reserve_);
  }

  Result<void> open(const std::string& listen) {
    const std::size_t colon = listen.rfind(':');
    std::string host = listen.substr(0, colon == std::string::npos ? 0 : colon);
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
    const char* const end = listen.data() + listen.size();
    std::uint16_t port = 0;
    ErrorCode error;
    const auto address = asio::ip::make_address(host, error);
    const auto parsed = std::from_chars(listen.data() + std::min(listen.size(), colon + 1), end, port);
    if (error || colon == std::string::npos || parsed.ec != std::errc() || parsed.ptr != end) {
      return permanent("listen_address", "\"" + listen + "\" is not an address and port such as 0.0.0.0:8443");
    }
    const tcp::endpoint endpoint(address, port);
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    // One family a listener: an address that is both would have two spellings in the table.
    if (!error && address.is_v6()) acceptor_.set_option(asio::ip::v6_only(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (!error) acceptor_.native_non_blocking(true, error);
    if (!error) port_ = acceptor_.local_endpoint(error).port();
    if (error) return permanent("listen_refused", listen + ": " + error.message());
    hold_reserve();
    return {};
  }

  std::uint16_t port() const { return port_; }

  void start(Handoff handoff, std::function<void()> tick) {
    handoff_ = std::move(handoff);
    tick_ = std::move(tick);
    table_.on_room([this] {
      if (waiting_) asio::post(context_, [this] { resume(); });
    });
    wait();
    next_tick();
    thread_ = std::thread([this] { context_.run(); });
  }

  void poke() {
    asio::post(context_, [this] {
      if (tick_) tick_();
    });
  }

  void stop() {
    table_.on_room({});
    // At once and from here: the accepting thread may be busy with those who came before.
    ::shutdown(acceptor_.native_handle(), SHUT_RDWR);
    asio::post(context_, [this] {
      ErrorCode ignored;
      acceptor_.close(ignored);
      context_.stop();
    });
    if (thread_.joinable()) thread_.join();
  }

 private:
  void hold_reserve() {
    if (reserve_ < 0) reserve_ = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  }

  void next_tick() {
    tick_timer_.expires_after(kTick);
    tick_timer_.async_wait([this](ErrorCode error) {
      if (error) return;
      hold_reserve();
      tick_();
      if (waiting_) resume();
      next_tick();
    });
  }

  void wait() {
    acceptor_.async_wait(tcp::acceptor::wait_read, [this](ErrorCode error) {
      if (!error) accept_all();
    });
  }

  void resume() {
    if (waiting_.exchange(false)) accept_all();
  }

  void pause() {
    pause_timer_.expires_after(kPause);
    pause_timer_.async_wait([this](ErrorCode error) {
      if (!error) accept_all();
    });
  }

  void accept_all() {
    for (;;) {
      // Decided before accept(): whoever must wait waits in the listening queue, where it costs us nothing.
      if (table_.admit({}, ConnectionTable::Clock::now()) == ConnectionTable::Entry::wait) {
        waiting_ = true;
        return;
      }
      tcp::endpoint remote;
      socklen_t size = static_cast<socklen_t>(remote.capacity());
      const int fd = ::accept4(acceptor_.native_handle(), remote.data(), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd >= 0) {
        remote.resize(size);
        take(fd, remote);
        continue;
      }
      switch (errno) {
        case EAGAIN:
          return wait();
        case EMFILE:
        case ENFILE:
        case ENOBUFS:
        case ENOMEM:
          if (!give_up_reserve()) return pause();
          break;
        case EBADF:
        case EINVAL:
          return;  // closed
        default:
          break;  // this one connection failed before we took it
      }
    }
  }

  void take(int fd, const tcp::endpoint& remote) {
    const auto now = ConnectionTable::Clock::now();
    const std::string address = remote.address().to_string();
    if (table_.admit(address, now) == ConnectionTable::Entry::refused ||
        !table_.add(address, peer_key(remote), fd, now)) {
      ::close(fd);
      refused();
      return;
    }
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    handoff_(fd);
  }

  bool give_up_reserve() {
    table_.forget_ended();
    if (reserve_ < 0) {
      hold_reserve();
      return reserve_ >= 0;
    }
    ::close(std::exchange(reserve_, -1));
    const int fd = ::accept4(acceptor_.native_handle(), nullptr, nullptr, SOCK_CLOEXEC);
    if (fd >= 0) ::close(fd);
    hold_reserve();
    refused();
    return reserve_ >= 0;
  }

  // One line a second at most: an attack must not write the log full.
  void refused() {
    ++refused_;
    const auto now = ConnectionTable::Clock::now();
    if (now - refused_told_ < kTick) return;
    refused_told_ = now;
    ops::log_warn("connections_refused", {{"count", std::exchange(refused_, 0)}, {"open", table_.size()}});
  }

  ConnectionTable& table_;
  asio::io_context context_{1};
  tcp::acceptor acceptor_{context_};
  asio::steady_timer tick_timer_{context_}, pause_timer_{context_};
  std::uint16_t port_ = 0;
  int reserve_ = -1;
  std::atomic<bool> waiting_ = false;
  std::uint64_t refused_ = 0;
  ConnectionTable::Clock::time_point refused_told_;
  Handoff handoff_;
  std::function<void()> tick_;
  std::thread thread_;
};

Acceptor::Acceptor(std::unique_ptr<Loop> loop) : loop_(std::move(loop)) {}
Acceptor::~Acceptor() = default;

Result<std::unique_ptr<Acceptor>> Acceptor::open(const std::string& listen, ConnectionTable& table) {
  auto loop = std::make_unique<Loop>(table);
  if (auto opened = loop->open(listen); !opened) return tl::unexpected(opened.error());
  return std::unique_ptr<Acceptor>(new Acceptor(std::move(loop)));
}

std::uint16_t Acceptor::port() const { return loop_->port(); }
void Acceptor::start(Handoff handoff, std::function<void()> tick) { loop_->start(std::move(handoff), std::move(tick)); }
void Acceptor::poke() { loop_->poke(); }
void Acceptor::stop() { loop_->stop(); }

}  // namespace puente::transport
