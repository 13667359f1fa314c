#include "tests/bench/bare_socket.h"

#include <array>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <cstring>
#include <thread>

namespace puente::bench {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

class BareSocket final : public Served {
 public:
  explicit BareSocket(const std::filesystem::path& certs)
      : tls_(asio::ssl::context::tls_server), acceptor_(io_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)) {
    tls_.use_certificate_chain_file(certs / "server.crt");
    tls_.use_private_key_file(certs / "server.key", asio::ssl::context::pem);
    tls_.load_verify_file(certs / "ca.crt");
    tls_.set_verify_mode(asio::ssl::verify_peer | asio::ssl::verify_fail_if_no_peer_cert);
    asio::co_spawn(io_, listen(), asio::detached);
    thread_ = std::thread([this] { io_.run(); });
  }
  ~BareSocket() override {
    io_.stop();
    thread_.join();
  }

  std::uint16_t port() const override { return acceptor_.local_endpoint().port(); }

 private:
  using Stream = asio::ssl::stream<tcp::socket>;

  asio::awaitable<void> listen() {
    for (;;) {
      auto socket = co_await acceptor_.async_accept(asio::use_awaitable);
      socket.set_option(tcp::no_delay(true));
      asio::co_spawn(io_, serve(Stream(std::move(socket), tls_)), asio::detached);
    }
  }

  asio::awaitable<void> serve(Stream stream) {
    try {
      co_await stream.async_handshake(asio::ssl::stream_base::server, asio::use_awaitable);
      std::vector<unsigned char> message;
      for (;;) {
        std::array<unsigned char, 4> length{};
        co_await asio::async_read(stream, asio::buffer(length), asio::use_awaitable);
        message.resize(std::size_t{length[0]} << 24U | std::size_t{length[1]} << 16U | std::size_t{length[2]} << 8U |
                       length[3]);
        co_await asio::async_read(stream, asio::buffer(message), asio::use_awaitable);
        bytes_ += message.size();
        std::array<unsigned char, 4 + kBareAnswer> answer{0, 0, 0, kBareAnswer};
        std::memcpy(answer.data() + 4, &bytes_, sizeof bytes_);
        co_await asio::async_write(stream, asio::buffer(answer), asio::use_awaitable);
      }
    } catch (const boost::system::system_error&) {  // the client has gone
    }
  }

  asio::io_context io_;
  asio::ssl::context tls_;
  tcp::acceptor acceptor_;
  std::uint64_t bytes_ = 0;
  std::thread thread_;
};

}  // namespace

std::unique_ptr<Served> serve_bare_socket(const std::filesystem::path& folder) {
  return std::make_unique<BareSocket>(folder / "certs");
}

}  // namespace puente::bench
