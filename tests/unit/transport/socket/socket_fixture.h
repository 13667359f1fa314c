// The gateway of the gRPC tests with a socket door beside it, and a client that sends any bytes and reads frames.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "../gateway_fixture.h"
#include "gateway/transport/socket/client.h"
#include "gateway/transport/socket/codec.h"
#include "gateway/transport/socket/socket_server.h"
#include "gateway/transport/socket/tls.h"
#include "puente/v1/socket.pb.h"

namespace puente::transport::testing {

struct Frame {
  socket::FrameType type;
  std::uint32_t call;
  std::string payload;

  template <typename Message>
  Message as() const {
    Message message;
    EXPECT_TRUE(message.ParseFromString(payload));
    return message;
  }
};

// One TLS connection, blocking, that does exactly what it is told.
class Peer {
 public:
  Peer(std::uint16_t port, const std::filesystem::path& certificates, const std::string& name);
  ~Peer();
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  bool secure();  // the handshake
  bool send(std::string_view bytes);
  bool send(socket::FrameType type, std::uint32_t call, const google::protobuf::MessageLite& message);
  bool greet();  // HELLO, and WELCOME came
  std::optional<Frame> next();  // nothing: the gateway has closed
  Frame expect(socket::FrameType type);
  bool closed();             // the next thing is the end of the connection
  void say_goodbye();        // close_notify, and nothing more is written
  void break_off();          // resets the connection
  void small_buffers();      // of the kernel, before secure()
  int fd() const { return fd_; }

 private:
  bool wait(socket::Tls::Progress progress) const;
  int fd_ = -1;
  socket::TlsContext context_;
  std::unique_ptr<socket::Tls> tls_;
  socket::MessageReader reader_{socket::Side::gateway, {}};
  std::string bytes_;
  std::string_view rest_;
};

std::string frame(socket::FrameType type, std::uint32_t call, const google::protobuf::MessageLite& message);
std::string frame(socket::FrameType type, std::uint32_t call, std::string_view payload, std::uint16_t flags = 0);

class SocketTest : public GatewayTest {
 protected:
  void SetUp() override;
  void TearDown() override;
  void serve(const SocketLimits& limits);  // a new door in place of the one before

  std::unique_ptr<Peer> peer(const std::string& name = "carrier") const;  // handshake done
  std::unique_ptr<Peer> greeted(const std::string& name = "carrier") const;
  Result<std::unique_ptr<client::SocketClient>> try_connect_socket(const std::string& name) const;
  std::unique_ptr<client::SocketClient> connect_socket(const std::string& name) const;
  std::uint16_t port() const { return door_->port(); }

  std::unique_ptr<SocketServer> door_;
};

}  // namespace puente::transport::testing
