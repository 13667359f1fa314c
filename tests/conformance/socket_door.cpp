#include "client_doors.h"
#include "gateway/transport/socket/client.h"
#include "gateway/transport/socket/socket_server.h"

namespace puente::conformance {
namespace {

class SocketTransport final : public Transport {
 public:
  explicit SocketTransport(std::filesystem::path certificates) : certificates_(std::move(certificates)) {}

  Result<void> start(const Rooms& rooms) {
    transport::SocketOptions options;
    options.certificate = certificates_ / "server.crt";
    options.key = certificates_ / "server.key";
    options.client_authorities = {certificates_ / "ca.crt"};
    auto started = transport::SocketServer::start(options, rooms.partners, rooms.flow, rooms.delivery, rooms.ledger);
    if (!started) return tl::unexpected(started.error());
    server_ = std::move(*started);
    return {};
  }

  std::uint16_t port() const override { return server_->port(); }
  Result<std::unique_ptr<SenderDoor>> sender(const std::string& partner, std::uint16_t port) override {
    auto client = client_of<client::SocketClient, client::ClientOptions>(certificates_, partner, port, server_->port());
    if (!client) return tl::unexpected(client.error());
    return std::make_unique<ClientSender<client::SocketClient>>(std::move(*client));
  }
  Result<std::unique_ptr<FilerDoor>> filer(const std::string& partner, std::uint16_t port) override {
    auto client = client_of<client::SocketClient, client::ClientOptions>(certificates_, partner, port, server_->port());
    if (!client) return tl::unexpected(client.error());
    return std::make_unique<ClientFiler<client::SocketClient, client::Feed>>(std::move(*client));
  }
  void drain() override { server_->drain(std::chrono::seconds(20)); }

 private:
  const std::filesystem::path certificates_;
  std::unique_ptr<transport::SocketServer> server_;
};

}  // namespace

Result<std::unique_ptr<Transport>> start_socket(const Rooms& rooms) {
  auto transport = std::make_unique<SocketTransport>(rooms.folder / "certificates");
  if (auto started = transport->start(rooms); !started) return tl::unexpected(started.error());
  return transport;
}

}  // namespace puente::conformance
