#include "socket_fixture.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace puente::transport::testing {

using socket::FrameType;
using socket::Tls;

namespace {
constexpr int kPatienceMillis = 60'000;  // ends a broken test only
}

std::string frame(FrameType type, std::uint32_t call, const google::protobuf::MessageLite& message) {
  std::string out;
  socket::append_message(out, type, call, message, std::size_t{1} << 20U);
  return out;
}

std::string frame(FrameType type, std::uint32_t call, std::string_view payload, std::uint16_t flags) {
  std::string out;
  socket::append_frame(out, type, call, payload, flags);
  return out;
}

Peer::Peer(std::uint16_t port, const std::filesystem::path& certificates, const std::string& name) {
  auto context = socket::client_context(certificates / "ca.crt", certificates / (name + ".crt"), certificates / (name + ".key"));
  EXPECT_TRUE(context) << context.error().text;
  context_ = *context;
  fd_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  EXPECT_EQ(::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  tls_ = std::make_unique<Tls>(context_, fd_, false, "127.0.0.1");
}

Peer::~Peer() {
  tls_.reset();
  if (fd_ >= 0) ::close(fd_);
}

void Peer::small_buffers() {
  const int size = 64 << 10;
  ::setsockopt(fd_, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
}

bool Peer::wait(Tls::Progress progress) const {
  pollfd entry{fd_, static_cast<short>(progress == Tls::Progress::want_read ? POLLIN : POLLOUT), 0};
  return ::poll(&entry, 1, kPatienceMillis) == 1;
}

bool Peer::secure() {
  for (;;) {
    const Tls::Progress progress = tls_->handshake();
    if (progress == Tls::Progress::done) return true;
    if (progress != Tls::Progress::want_read && progress != Tls::Progress::want_write) return false;
    if (!wait(progress)) return false;
  }
}

bool Peer::send(std::string_view bytes) {
  while (!bytes.empty()) {
    const Tls::Moved moved = tls_->write(bytes.data(), bytes.size());
    if (moved.progress == Tls::Progress::done) {
      bytes.remove_prefix(moved.bytes);
    } else if ((moved.progress != Tls::Progress::want_read && moved.progress != Tls::Progress::want_write) ||
               !wait(moved.progress)) {
      return false;
    }
  }
  return true;
}

bool Peer::send(FrameType type, std::uint32_t call, const google::protobuf::MessageLite& message) {
  return send(frame(type, call, message));
}

std::optional<Frame> Peer::next() {
  for (;;) {
    if (const auto result = reader_.next(rest_)) {
      EXPECT_EQ(result->kind, socket::Received::Kind::message) << "the gateway sent a frame that is not sound";
      return Frame{result->type, result->call, std::string(result->payload)};
    }
    bytes_.resize(std::size_t{64} << 10U);
    const Tls::Moved moved = tls_->read(bytes_.data(), bytes_.size());
    rest_ = std::string_view(bytes_).substr(0, moved.bytes);
    if (moved.progress == Tls::Progress::done) continue;
    if ((moved.progress != Tls::Progress::want_read && moved.progress != Tls::Progress::want_write) ||
        !wait(moved.progress))
      return std::nullopt;
  }
}

Frame Peer::expect(FrameType type) {
  auto got = next();
  // A gateway may ask at any time whether we are there.
  while (got && got->type == FrameType::ping && type != FrameType::ping) {
    send(frame(FrameType::pong, 0, got->payload));
    got = next();
  }
  if (!got) {
    ADD_FAILURE() << "closed instead of " << socket::row_of(type).name;
    return {};
  }
  if (got->type == FrameType::error && type != FrameType::error) {
    ADD_FAILURE() << "ERROR instead of " << socket::row_of(type).name << ": " << got->as<v1::Error>().text();
    return {};
  }
  EXPECT_EQ(socket::row_of(got->type).name, socket::row_of(type).name);
  return std::move(*got);
}

bool Peer::greet() {
  v1::Hello hello;
  hello.set_version_min(1);
  hello.set_version_max(1);
  return send(FrameType::hello, 0, hello) && expect(FrameType::welcome).type == FrameType::welcome;
}

bool Peer::closed() { return !next().has_value(); }

void Peer::say_goodbye() { tls_->say_goodbye(); }

void Peer::break_off() {
  const linger reset{1, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  tls_.reset();
  ::close(std::exchange(fd_, -1));
}

void SocketTest::SetUp() {
  GatewayTest::SetUp();
  serve({});
}

void SocketTest::serve(const SocketLimits& limits) {
  door_.reset();
  SocketOptions options;
  options.certificate = file("server.crt");
  options.key = file("server.key");
  options.client_authorities = {file("ca.crt")};
  options.limits = limits;
  auto door = SocketServer::start(options, *partners_, *flow_, delivery_, *ledger_);
  ASSERT_TRUE(door) << door.error().text;
  door_ = std::move(*door);
}

void SocketTest::TearDown() {
  if (flow_) flow_->release();
  door_.reset();
  GatewayTest::TearDown();
}

std::unique_ptr<Peer> SocketTest::peer(const std::string& name) const {
  auto made = std::make_unique<Peer>(port(), dir_ / "certs", name);
  EXPECT_TRUE(made->secure());
  return made;
}

std::unique_ptr<Peer> SocketTest::greeted(const std::string& name) const {
  auto made = peer(name);
  EXPECT_TRUE(made->greet());
  return made;
}

Result<std::unique_ptr<client::SocketClient>> SocketTest::try_connect_socket(const std::string& name) const {
  return client::SocketClient::connect({.address = "127.0.0.1:" + std::to_string(port()),
                                        .authority = file("ca.crt"),
                                        .certificate = file(name + ".crt"),
                                        .key = file(name + ".key")});
}

std::unique_ptr<client::SocketClient> SocketTest::connect_socket(const std::string& name) const {
  auto connected = try_connect_socket(name);
  EXPECT_TRUE(connected) << connected.error().text;
  return connected ? std::move(*connected) : nullptr;
}

}  // namespace puente::transport::testing
