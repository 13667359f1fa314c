#include <mutex>

#include "door.h"
#include "gateway/transport/grpc/client.h"
#include "gateway/transport/grpc/grpc_server.h"

namespace puente::conformance {
namespace {

class GrpcDoor final : public Door {
 public:
  explicit GrpcDoor(std::unique_ptr<client::Client> client) : client_(std::move(client)) {}

  Result<v1::SubmitReply> submit(const v1::SubmitRequest& request) override { return client_->submit(request); }
  Result<v1::StatusReply> status(const std::string& number) override { return client_->status(number); }
  void take(std::uint32_t filings) override {
    if (!feed_) {
      feed_ = client_->feed({.on_filing =
                                 [this](const v1::Filing& filing) {
                                   const std::scoped_lock lock(mutex_);
                                   taken_.push_back(filing);
                                 },
                             .on_result = {}});
    }
    feed_->grant(filings);
  }
  std::vector<v1::Filing> taken() override {
    const std::scoped_lock lock(mutex_);
    return taken_;
  }
  Result<v1::FilerActResult> act(const v1::FilerAct& act) override { return client_->act(act); }
  void lose_connection() override {
    feed_.reset();
    client_.reset();
  }

 private:
  std::mutex mutex_;
  std::vector<v1::Filing> taken_;
  std::unique_ptr<client::Client> client_;
  std::unique_ptr<client::Feed> feed_;
};

class GrpcTransport final : public Transport {
 public:
  explicit GrpcTransport(std::filesystem::path certificates) : certificates_(std::move(certificates)) {}

  Result<void> start(const Rooms& rooms) {
    GrpcOptions options;
    options.certificate = certificates_ / "server.crt";
    options.key = certificates_ / "server.key";
    options.client_authorities = {certificates_ / "ca.crt"};
    auto started =
        transport::GrpcServer::start(options, rooms.partners, rooms.flow, rooms.delivery, rooms.ledger, readiness_);
    if (!started) return tl::unexpected(started.error());
    server_ = std::move(*started);
    return {};
  }

  Result<std::unique_ptr<Door>> connect(const std::string& partner) override {
    client::ClientOptions options;
    options.address = "127.0.0.1:" + std::to_string(server_->port());
    options.authority = certificates_ / "ca.crt";
    options.certificate = certificates_ / (partner + ".crt");
    options.key = certificates_ / (partner + ".key");
    auto client = client::Client::connect(options);
    if (!client) return tl::unexpected(client.error());
    return std::make_unique<GrpcDoor>(std::move(*client));
  }

 private:
  using GrpcOptions = transport::GrpcOptions;
  const std::filesystem::path certificates_;
  ops::Readiness readiness_{"test"};
  std::unique_ptr<transport::GrpcServer> server_;
};

}  // namespace

Result<std::unique_ptr<Transport>> start_grpc(const Rooms& rooms) {
  auto transport = std::make_unique<GrpcTransport>(rooms.certificates);
  if (auto started = transport->start(rooms); !started) return tl::unexpected(started.error());
  return transport;
}

}  // namespace puente::conformance
