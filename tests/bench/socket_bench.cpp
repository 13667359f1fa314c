// Durable submit over the TLS socket against a bare Asio exchange of the same bytes, and against the durable gRPC
// accept of the same run: one client connection, 32 submissions in flight, drafting paused. The same client asks both
// sockets.
#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl.hpp>
#include <boost/asio/write.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <functional>
#include <optional>

#include "gateway/transport/socket/codec.h"
#include "puente/v1/gateway.pb.h"
#include "puente/v1/socket.pb.h"
#include "tests/bench/bare_socket.h"
#include "tests/bench/corpus.h"
#include "tests/bench/documents.h"
#include "tests/bench/gateway_served.h"
#include "tests/bench/grpc_sender.h"
#include "tests/bench/rounds.h"

namespace puente::bench {
namespace {

namespace asio = boost::asio;
namespace wire = transport::socket;
using asio::ip::tcp;
using Clock = std::chrono::steady_clock;

constexpr double kOfBare = 0.3, kOfGrpc = 1.5;
constexpr std::size_t kFlight = 32, kBytes = 10'000;
constexpr std::size_t kFrame = std::size_t{1} << 20U;

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "socket_bench: %s\n", what);
  std::exit(1);
}

// What a protocol puts on the wire, and which calls the bytes that came have ended.
class Protocol {
 public:
  virtual ~Protocol() = default;
  virtual std::string greeting() { return {}; }  // answered before anything else is sent
  virtual bool greeted(std::string_view) { return true; }
  virtual void append(std::string& out, std::uint32_t call, const v1::SubmitRequest& request) = 0;
  virtual void take(std::string_view bytes, const std::function<void(std::uint32_t call)>& ended) = 0;
};

class Bare final : public Protocol {
 public:
  void append(std::string& out, std::uint32_t call, const v1::SubmitRequest& request) override {
    const auto size = request.ByteSizeLong();
    for (const unsigned shift : {24U, 16U, 8U, 0U}) out += static_cast<char>(size >> shift & 0xFFU);
    request.AppendToString(&out);
    order_.push_back(call);
  }
  void take(std::string_view bytes, const std::function<void(std::uint32_t)>& ended) override {
    for (came_ += bytes.size(); came_ >= 4 + kBareAnswer; came_ -= 4 + kBareAnswer) {  // in order
      const auto call = order_.front();
      order_.pop_front();
      ended(call);
    }
  }

 private:
  std::deque<std::uint32_t> order_;
  std::size_t came_ = 0;
};

class Frames final : public Protocol {
 public:
  std::string greeting() override {
    v1::Hello hello;
    hello.set_version_min(1);
    hello.set_version_max(1);
    std::string out;
    wire::append_message(out, wire::FrameType::hello, 0, hello, kFrame);
    return out;
  }
  bool greeted(std::string_view bytes) override {
    const auto received = reader_.next(bytes);
    return received && received->type == wire::FrameType::welcome;
  }
  void append(std::string& out, std::uint32_t call, const v1::SubmitRequest& request) override {
    wire::append_message(out, wire::FrameType::submit, call + 1, request, kFrame);
  }
  void take(std::string_view bytes, const std::function<void(std::uint32_t)>& ended) override {
    while (const auto received = reader_.next(bytes)) {
      v1::SubmitReply reply;
      if (received->kind != wire::Received::Kind::message || received->type != wire::FrameType::submit_reply ||
          !reply.ParseFromArray(received->payload.data(), static_cast<int>(received->payload.size())) ||
          !reply.has_receipt())
        fail("a submission was not answered with a receipt");
      ended(received->call - 1);
    }
  }

 private:
  wire::MessageReader reader_{wire::Side::gateway, {}};
};

class TlsSender {
 public:
  TlsSender(const std::filesystem::path& certs, ServerProcess& server, std::uint16_t port,
            std::unique_ptr<Protocol> protocol)
      : server_(server),
        tls_(asio::ssl::context::tls_client),
        stream_(io_, tls_setup(certs)),
        protocol_(std::move(protocol)) {
    stream_.lowest_layer().connect({asio::ip::address_v4::loopback(), port});
    stream_.lowest_layer().set_option(tcp::no_delay(true));
    stream_.handshake(asio::ssl::stream_base::client);
    if (const auto greeting = protocol_->greeting(); !greeting.empty()) {
      asio::write(stream_, asio::buffer(greeting));
      while (!protocol_->greeted(read())) {
      }
    }
  }

  Slice run(double seconds, NewDocuments& documents) {
    const double cpu = server_.cpu_seconds();
    std::array<Clock::time_point, kFlight> begun;
    std::vector<std::uint32_t> free;
    for (std::uint32_t call = 0; call < kFlight; ++call) free.push_back(call);
    std::vector<double> latencies;
    const auto begin = Clock::now();
    const auto end = begin + std::chrono::duration<double>(seconds);
    std::string out;
    for (bool open = true; open || free.size() < kFlight;) {
      open = Clock::now() < end;
      out.clear();
      for (; open && !free.empty(); free.pop_back()) {
        v1::SubmitRequest request;
        request.set_kind(v1::SAT_XML);
        request.set_content(documents.next());
        begun[free.back()] = Clock::now();
        protocol_->append(out, free.back(), request);
      }
      if (!out.empty()) asio::write(stream_, asio::buffer(out));
      if (free.size() == kFlight) break;
      protocol_->take(read(), [&](std::uint32_t call) {
        latencies.push_back(std::chrono::duration<double, std::micro>(Clock::now() - begun[call]).count());
        free.push_back(call);
      });
    }
    const double elapsed = std::chrono::duration<double>(Clock::now() - begin).count();
    return slice_of(std::move(latencies), elapsed, server_.cpu_seconds() - cpu);
  }

 private:
  asio::ssl::context& tls_setup(const std::filesystem::path& certs) {
    tls_.load_verify_file(certs / "ca.crt");
    tls_.set_verify_mode(asio::ssl::verify_peer);
    tls_.use_certificate_chain_file(certs / "carrier.crt");
    tls_.use_private_key_file(certs / "carrier.key", asio::ssl::context::pem);
    return tls_;
  }
  std::string_view read() {
    boost::system::error_code error;
    const auto length = stream_.read_some(asio::buffer(buffer_), error);
    if (error) fail("the server closed the connection");
    return {buffer_.data(), length};
  }

  ServerProcess& server_;
  asio::io_context io_;
  asio::ssl::context tls_;
  asio::ssl::stream<tcp::socket> stream_;
  std::unique_ptr<Protocol> protocol_;
  std::array<char, 64 * 1024> buffer_;
};

int run() {
  const int rounds = full_run() ? 9 : 1;
  const double seconds = full_run() ? 1.5 : 0.1;
  const WorkFolder folder;
  const auto authority = test::Authority::create();
  write_surroundings(folder.path(), authority);
  ServerProcess bare_server([&] { return serve_bare_socket(folder.path()); });
  ServerProcess gateway([&] { return serve_gateway(folder.path(), "paused.db", false); });
  NewDocuments documents(make_stamped(authority, make_issuer(authority, 0), kBytes, 1).front());
  const auto certs = folder.path() / "certs";
  TlsSender bare(certs, bare_server, bare_server.port(), std::make_unique<Bare>());
  TlsSender durable(certs, gateway, gateway.other_port(), std::make_unique<Frames>());
  GrpcSender grpc(certs, gateway);

  Figures figures("bench-socket");
  figures.line("  documents of " + std::to_string(documents.next().size()) + " bytes; one mTLS connection, " +
               std::to_string(kFlight) +
               " in flight; drafting paused; client and servers share the processors; ledger " + folder.description() +
               ", " + std::to_string(rounds) + " interleaved rounds of " + std::to_string(seconds).substr(0, 4) +
               " s a mode");
  Series of_bare, of_durable, of_grpc;
  std::vector<double> flushes;
  for (int round = 0; round <= rounds; ++round) {  // the first warms up
    flushes.push_back(folder.flush_microseconds());
    const auto a = bare.run(seconds, documents);
    const auto b = durable.run(seconds, documents);
    const auto c = grpc.run(kFlight, seconds, [&]() -> std::optional<std::string> { return documents.next(); });
    if (round == 0) continue;
    of_bare.add(a);
    of_durable.add(b);
    of_grpc.add(c);
  }
  figures.line("  a flush of the disk takes " + spread(flushes).text(0) + " us (disk cache: " + folder.disk_cache() +
               ")");
  figures.line("    bare exchange:         " + of_bare.text());
  figures.line("    durable, TLS socket:   " + of_durable.text());
  figures.line("    durable, gRPC:         " + of_grpc.text());
  figures.target("rate, durable socket / bare exchange", ratios(of_durable.rate, of_bare.rate), Bound::at_least,
                 kOfBare);
  figures.target("rate, durable socket / durable gRPC", ratios(of_durable.rate, of_grpc.rate), Bound::at_least,
                 kOfGrpc);
  return figures.missed() ? 1 : 0;
}

}  // namespace
}  // namespace puente::bench

int main() { return puente::bench::run(); }
