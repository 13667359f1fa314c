#include <mutex>

#include "door.h"
#include "gateway/transport/grpc/client.h"
#include "gateway/transport/grpc/grpc_server.h"

namespace puente::conformance {
namespace {

class GrpcSender final : public SenderDoor {
 public:
  explicit GrpcSender(std::unique_ptr<client::Client> client) : client_(std::move(client)) {}
  Result<v1::SubmitReply> submit(const v1::SubmitRequest& request) override { return client_->submit(request); }
  Result<void> submit_many(const std::vector<v1::SubmitRequest>& requests,
                           const std::function<void(const v1::SubmitReply&)>& on_reply) override {
    auto next = requests.begin();
    return client_->submit_many(
        [&]() -> std::optional<v1::SubmitRequest> {
          return next == requests.end() ? std::nullopt : std::optional<v1::SubmitRequest>(*next++);
        },
        [&](const v1::SubmitEvent& event) {
          if (event.has_reply()) on_reply(event.reply());
        });
  }
  Result<v1::StatusReply> status(const std::string& number) override { return client_->status(number); }
  Result<void> watch(std::uint64_t after, const std::function<bool(const v1::StatusEvent&)>& on_event) override {
    v1::WatchRequest request;
    request.set_after_sequence(after);
    return client_->watch(request, on_event);
  }

 private:
  const std::unique_ptr<client::Client> client_;
};

class GrpcFiler final : public FilerDoor {
 public:
  explicit GrpcFiler(std::unique_ptr<client::Client> client) : client_(std::move(client)) {}
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

 private:
  std::mutex mutex_;
  std::vector<v1::Filing> taken_;
  const std::unique_ptr<client::Client> client_;
  std::unique_ptr<client::Feed> feed_;
};

class GrpcTransport final : public Transport {
 public:
  explicit GrpcTransport(std::filesystem::path certificates) : certificates_(std::move(certificates)) {}

  Result<void> start(const Rooms& rooms) {
    transport::GrpcOptions options;
    options.certificate = certificates_ / "server.crt";
    options.key = certificates_ / "server.key";
    options.client_authorities = {certificates_ / "ca.crt"};
    auto started =
        transport::GrpcServer::start(options, rooms.partners, rooms.flow, rooms.delivery, rooms.ledger, readiness_);
    if (!started) return tl::unexpected(started.error());
    server_ = std::move(*started);
    return {};
  }

  std::uint16_t port() const override { return server_->port(); }
  Result<std::unique_ptr<SenderDoor>> sender(const std::string& partner, std::uint16_t port) override {
    return connected<SenderDoor, GrpcSender>(partner, port);
  }
  Result<std::unique_ptr<FilerDoor>> filer(const std::string& partner, std::uint16_t port) override {
    return connected<FilerDoor, GrpcFiler>(partner, port);
  }
  void drain() override { server_->drain(std::chrono::seconds(20)); }

 private:
  template <typename Kind, typename Door>
  Result<std::unique_ptr<Kind>> connected(const std::string& partner, std::uint16_t port) const {
    client::ClientOptions options;
    options.address = "127.0.0.1:" + std::to_string(port == 0 ? server_->port() : port);
    options.authority = certificates_ / "ca.crt";
    options.certificate = certificates_ / (partner + ".crt");
    options.key = certificates_ / (partner + ".key");
    auto client = client::Client::connect(options);
    if (!client) return tl::unexpected(client.error());
    return std::make_unique<Door>(std::move(*client));
  }

  const std::filesystem::path certificates_;
  ops::Readiness readiness_{"test"};
  std::unique_ptr<transport::GrpcServer> server_;
};

}  // namespace

Result<std::unique_ptr<Transport>> start_grpc(const Rooms& rooms) {
  auto transport = std::make_unique<GrpcTransport>(rooms.folder / "certificates");
  if (auto started = transport->start(rooms); !started) return tl::unexpected(started.error());
  return transport;
}

}  // namespace puente::conformance
