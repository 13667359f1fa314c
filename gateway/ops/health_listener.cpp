#include "gateway/ops/health_listener.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <charconv>
#include <chrono>
#include <thread>
#include <utility>

#include "gateway/ops/json_text.h"

namespace puente::ops {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using ErrorCode = boost::system::error_code;

constexpr std::size_t kRequestLimit = 4096;  // request line and headers
constexpr std::size_t kConnectionLimit = 32;
constexpr std::chrono::seconds kDeadline{5};
constexpr std::chrono::milliseconds kAcceptPause{100};

std::string readiness_json(const Readiness& readiness, bool ready) {
  std::string out = ready ? R"({"ready":true,"conditions":{)" : R"({"ready":false,"conditions":{)";
  bool first = true;
  for (const Condition& condition : readiness.conditions()) {
    if (!std::exchange(first, false)) out += ',';
    append_json_text(out, condition.name);
    out += condition.holds ? R"(:{"holds":true,"text":)" : R"(:{"holds":false,"text":)";
    append_json_text(out, condition.text);
    out += '}';
  }
  out += "}}\n";
  return out;
}

std::string response(std::string_view status, std::string_view body) {
  std::string out = "HTTP/1.1 ";
  out += status;
  out += "\r\nContent-Type: application/json\r\nCache-Control: no-store\r\nConnection: close\r\nContent-Length: ";
  out += std::to_string(body.size());
  out += "\r\n\r\n";
  out += body;
  return out;
}

std::string answer(std::string_view request, const Readiness& readiness) {
  const std::string_view line = request.substr(0, request.find("\r\n"));
  const std::size_t method_end = line.find(' ');
  const std::size_t target_end = line.rfind(' ');
  if (method_end == std::string_view::npos || target_end <= method_end ||
      !line.substr(target_end + 1).starts_with("HTTP/1.")) {
    return response("400 Bad Request", "{}\n");
  }
  if (line.substr(0, method_end) != "GET") return response("405 Method Not Allowed", "{}\n");
  const std::string_view target = line.substr(method_end + 1, target_end - method_end - 1);
  if (target == "/healthz") return response("200 OK", "{\"alive\":true}\n");
  if (target == "/readyz") {
    const bool ready = readiness.ready();
    return response(ready ? "200 OK" : "503 Service Unavailable", readiness_json(readiness, ready));
  }
  return response("404 Not Found", "{}\n");
}

// One request, one answer, then closed. The timer closes it for whoever is slower than the deadline.
class Exchange : public std::enable_shared_from_this<Exchange> {
 public:
  Exchange(tcp::socket socket, const Readiness& readiness, std::size_t& open)
      : socket_(std::move(socket)), timer_(socket_.get_executor()), readiness_(readiness), open_(open) {
    ++open_;
  }
  ~Exchange() { --open_; }

  void start() {
    timer_.expires_after(kDeadline);
    timer_.async_wait([self = shared_from_this()](ErrorCode error) {
      if (error != asio::error::operation_aborted) self->close();
    });
    asio::async_read_until(socket_, asio::dynamic_buffer(request_, kRequestLimit), "\r\n\r\n",
                           [self = shared_from_this()](ErrorCode error, std::size_t) { self->write(error); });
  }

 private:
  void write(ErrorCode error) {
    if (error && error != asio::error::not_found) return close();
    reply_ = error ? response("431 Request Header Fields Too Large", "{}\n") : answer(request_, readiness_);
    asio::async_write(socket_, asio::buffer(reply_), [self = shared_from_this()](ErrorCode, std::size_t) {
      ErrorCode ignored;
      self->socket_.shutdown(tcp::socket::shutdown_both, ignored);
      self->close();
    });
  }
  void close() {
    timer_.cancel();
    ErrorCode ignored;
    socket_.close(ignored);
  }

  tcp::socket socket_;
  asio::steady_timer timer_;
  const Readiness& readiness_;
  std::size_t& open_;
  std::string request_, reply_;
};

Result<tcp::endpoint> loopback_endpoint(const std::string& listen) {
  const auto refused = [&] {
    return permanent("health_listen", "\"" + listen + "\" is not a loopback address and port such as 127.0.0.1:9464");
  };
  const std::size_t colon = listen.rfind(':');
  if (colon == std::string::npos) return refused();
  std::string host = listen.substr(0, colon);
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
  std::uint16_t port = 0;
  const char* const end = listen.data() + listen.size();
  const auto [stop, parse_error] = std::from_chars(listen.data() + colon + 1, end, port);
  ErrorCode error;
  const auto address = asio::ip::make_address(host, error);
  if (error || parse_error != std::errc() || stop != end || !address.is_loopback()) return refused();
  return tcp::endpoint(address, port);
}

}  // namespace

class HealthListener::Listener {
 public:
  explicit Listener(const Readiness& readiness) : readiness_(readiness) {}
  ~Listener() {
    context_.stop();
    if (thread_.joinable()) thread_.join();
  }

  Result<void> start(const tcp::endpoint& endpoint) {
    ErrorCode error;
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(tcp::acceptor::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (!error) port_ = acceptor_.local_endpoint(error).port();
    if (error) return permanent("health_listen", error.message());
    accept();
    thread_ = std::thread([this] { context_.run(); });
    return {};
  }
  std::uint16_t port() const { return port_; }

 private:
  void accept() {
    acceptor_.async_accept([this](ErrorCode error, tcp::socket socket) {
      if (error == asio::error::operation_aborted) return;
      if (error) {
        // Out of descriptors: asking again at once would only spin.
        pause_.expires_after(kAcceptPause);
        pause_.async_wait([this](ErrorCode stopped) {
          if (!stopped) accept();
        });
        return;
      }
      if (open_ < kConnectionLimit) std::make_shared<Exchange>(std::move(socket), readiness_, open_)->start();
      accept();
    });
  }

  const Readiness& readiness_;
  std::size_t open_ = 0;  // before context_, whose destruction ends the last exchanges
  asio::io_context context_{1};
  tcp::acceptor acceptor_{context_};
  asio::steady_timer pause_{context_};
  std::uint16_t port_ = 0;
  std::thread thread_;
};

HealthListener::HealthListener(std::unique_ptr<Listener> listener) : listener_(std::move(listener)) {}
HealthListener::~HealthListener() = default;

Result<std::unique_ptr<HealthListener>> HealthListener::start(const std::string& listen, const Readiness& readiness) {
  const auto endpoint = loopback_endpoint(listen);
  if (!endpoint) return tl::unexpected(endpoint.error());
  auto listener = std::make_unique<Listener>(readiness);
  if (auto started = listener->start(*endpoint); !started) return tl::unexpected(started.error());
  return std::unique_ptr<HealthListener>(new HealthListener(std::move(listener)));
}

std::uint16_t HealthListener::port() const { return listener_->port(); }

}  // namespace puente::ops
