#include "gateway/transport/socket/socket_server.h"

#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "gateway/ops/log.h"
#include "gateway/transport/entrance/descriptors.h"
#include "gateway/transport/socket/session.h"

namespace puente::transport {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using socket::Session;

constexpr std::size_t kScratch = std::size_t{128} << 10U;
constexpr std::chrono::milliseconds kLongestTick{500};

ConnectionLimits connection_limits(const SocketLimits& limits) {
  return {.connections = connections_within_descriptors(limits.connections),
          .per_address = limits.connections_per_address,
          .handshakes = limits.handshakes,
          .handshakes_per_address = limits.handshakes_per_address,
          .handshake = std::chrono::ceil<std::chrono::seconds>(limits.handshake)};
}

// Often enough to be exact to a quarter of the shortest time that is watched.
std::chrono::milliseconds tick_of(const SocketLimits& limits) {
  const auto shortest = std::min(
      {limits.handshake, limits.header, limits.progress_window, limits.heartbeat, limits.idle, limits.write_stall});
  return std::clamp(shortest / 4, std::chrono::milliseconds(1), kLongestTick);
}

// One thread and the sessions that live on it.
class Lane {
 public:
  explicit Lane(std::chrono::milliseconds tick) : tick_(tick), scratch_(kScratch) {}
  ~Lane() { join(); }

  void start() {
    next_tick();
    thread_ = std::thread([this] { context_.run(); });
  }

  // Ends when the last session has ended.
  void join() {
    ticking_ = false;
    asio::post(context_, [this] { timer_.cancel(); });
    guard_.reset();
    if (thread_.joinable()) thread_.join();
  }

  template <typename Action>
  void for_each(Action action) {
    asio::post(context_, [this, action = std::move(action)] {
      for (const auto& entry : sessions_)
        if (const auto session = entry.lock()) action(*session);
    });
  }

  asio::io_context& context() { return context_; }
  std::vector<char>& scratch() { return scratch_; }
  void add(const std::shared_ptr<Session>& session) { sessions_.push_back(session); }  // on the lane's thread

 private:
  void next_tick() {
    timer_.expires_after(tick_);
    timer_.async_wait([this](boost::system::error_code error) {
      if (error || !ticking_) return;
      const auto now = socket::Link::Clock::now();
      std::erase_if(sessions_, [](const auto& entry) { return entry.expired(); });
      for (const auto& entry : sessions_)
        if (const auto session = entry.lock()) session->check_time(now);
      next_tick();
    });
  }

  const std::chrono::milliseconds tick_;
  asio::io_context context_{1};
  asio::executor_work_guard<asio::io_context::executor_type> guard_{context_.get_executor()};
  asio::steady_timer timer_{context_};
  std::atomic<bool> ticking_ = true;
  std::vector<char> scratch_;
  std::vector<std::weak_ptr<Session>> sessions_;
  std::thread thread_;
};

}  // namespace

class SocketServer::Server {
 public:
  Server(SocketOptions options, partners::Partners& partners, flow::Flow& flow, delivery::Delivery& delivery,
         ledger::Ledger& ledger)
      : options_(std::move(options)),
        partners_(partners),
        callers_(partners),
        admission_(options_.admission ? options_.admission : std::make_shared<Admission>(partners, ledger)),
        connections_(connection_limits(options_.limits)),
        cool_off_(options_.limits),
        tap_(ledger, flow, reads_),
        checks_(options_.limits.check_workers, options_.limits.check_queue),
        reads_(options_.limits.read_workers, options_.limits.read_queue),
        desks_{.limits = options_.limits,
               .callers = callers_,
               .admission = *admission_,
               .connections = connections_,
               .cool_off = cool_off_,
               .tap = tap_,
               .checks = checks_,
               .reads = reads_,
               .flow = flow,
               .delivery = delivery,
               .ledger = ledger} {}

  ~Server() { stop(); }

  Result<void> start() {
    if (auto loaded = reload_certificates(); !loaded) return loaded;
    auto acceptor = Acceptor::open(options_.listen, connections_);
    if (!acceptor) return tl::unexpected(acceptor.error());
    acceptor_ = std::move(*acceptor);
    if (auto tapped = tap_.start(); !tapped) return tapped;
    for (std::size_t index = 0; index < std::max<std::size_t>(options_.threads, 1); ++index) {
      lanes_.push_back(std::make_unique<Lane>(tick_of(options_.limits)));
      lanes_.back()->start();
    }
    partners_listener_ = partners_.listen([this](const partners::Registry&) { check_keys(); });
    acceptor_->start([this](int fd) { take(fd); }, [this] { sweep(); });
    ops::log_info("socket_listening", {{"port", port()}});
    return {};
  }

  std::uint16_t port() const { return acceptor_->port(); }

  std::size_t connections() const {
    const std::scoped_lock lock(mutex_);
    return open_;
  }

  Result<void> reload_certificates() {
    auto made = socket::server_context(options_.certificate, options_.key, options_.client_authorities);
    if (!made) {
      ops::log_error("socket_certificates_kept", {{"code", made.error().code}, {"text", made.error().text}});
      return tl::unexpected(made.error());
    }
    const std::scoped_lock lock(mutex_);
    tls_ = std::move(*made);
    return {};
  }

  void drain(std::chrono::seconds grace) {
    const std::scoped_lock end(end_mutex_);
    if (ended_ || !acceptor_) return;
    acceptor_->stop();
    for (const auto& lane : lanes_) lane->for_each([](Session& session) { session.drain(); });
    std::unique_lock lock(mutex_);
    all_closed_.wait_for(lock, grace, [&] { return open_ == 0; });
  }

  void stop() {
    drain(std::chrono::seconds(0));
    const std::scoped_lock end(end_mutex_);
    if (std::exchange(ended_, true)) return;
    if (partners_listener_ != 0) partners_.unlisten(std::exchange(partners_listener_, 0));
    tap_.stop();
    for (const auto& lane : lanes_) lane->for_each([](Session& session) { session.abort(); });
    for (const auto& lane : lanes_) lane->join();
  }

 private:
  void take(int fd) {
    TlsContext tls;
    {
      const std::scoped_lock lock(mutex_);
      tls = tls_;
      ++open_;
    }
    Lane& lane = *lanes_[next_lane_++ % lanes_.size()];
    asio::post(lane.context(), [this, &lane, fd, tls = std::move(tls)] {
      sockaddr_storage address{};
      socklen_t size = sizeof address;
      ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
      tcp::socket socket(lane.context());
      boost::system::error_code error;
      socket.assign(address.ss_family == AF_INET6 ? tcp::v6() : tcp::v4(), fd, error);
      if (!error) socket.native_non_blocking(true, error);
      if (error) {
        ::close(fd);
        return closed();
      }
      const auto session = std::make_shared<Session>(desks_, lane.context(), std::move(socket), tls, lane.scratch(),
                                                     [this] { closed(); });
      lane.add(session);
      session->run();
    });
  }

  void closed() {
    const std::scoped_lock lock(mutex_);
    if (--open_ == 0) all_closed_.notify_all();
  }

  void check_keys() {
    for (const auto& lane : lanes_) lane->for_each([](Session& session) { session.check_key(); });
  }

  // A key's window may end without a change of the registry.
  void sweep() {
    check_keys();
    connections_.sweep([this](std::string_view partner, std::string_view) { return !admission_->blocked(partner); });
  }

  using TlsContext = socket::TlsContext;

  const SocketOptions options_;
  partners::Partners& partners_;
  Callers callers_;
  const std::shared_ptr<Admission> admission_;
  ConnectionTable connections_;
  socket::CoolOff cool_off_;
  EventTap tap_;
  Work checks_, reads_;  // after what their jobs use, so that they end first
  const socket::Desks desks_;
  mutable std::mutex mutex_;
  std::condition_variable all_closed_;
  std::size_t open_ = 0;
  TlsContext tls_;
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::size_t next_lane_ = 0;  // touched by the accepting thread only
  std::unique_ptr<Acceptor> acceptor_;
  std::uint64_t partners_listener_ = 0;
  std::mutex end_mutex_;
  bool ended_ = false;
};

SocketServer::SocketServer(std::unique_ptr<Server> server) : server_(std::move(server)) {}
SocketServer::~SocketServer() = default;

Result<std::unique_ptr<SocketServer>> SocketServer::start(SocketOptions options, partners::Partners& partners,
                                                          flow::Flow& flow, delivery::Delivery& delivery,
                                                          ledger::Ledger& ledger) {
  auto server = std::make_unique<Server>(std::move(options), partners, flow, delivery, ledger);
  if (auto started = server->start(); !started) return tl::unexpected(started.error());
  return std::unique_ptr<SocketServer>(new SocketServer(std::move(server)));
}

std::uint16_t SocketServer::port() const { return server_->port(); }
std::size_t SocketServer::connections() const { return server_->connections(); }
Result<void> SocketServer::reload_certificates() { return server_->reload_certificates(); }
void SocketServer::drain(std::chrono::seconds grace) { server_->drain(grace); }
void SocketServer::stop() { server_->stop(); }

}  // namespace puente::transport
