// Doors through a client of the gateway's own, which have one shape: client::Client (gRPC), client::SocketClient.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "door.h"

namespace puente::conformance {

template <typename Client>
class ClientSender final : public SenderDoor {
 public:
  explicit ClientSender(std::unique_ptr<Client> client) : client_(std::move(client)) {}
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
  const std::unique_ptr<Client> client_;
};

template <typename Client, typename Feed>
class ClientFiler final : public FilerDoor {
 public:
  explicit ClientFiler(std::unique_ptr<Client> client) : client_(std::move(client)) {}
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
  const std::unique_ptr<Client> client_;
  std::unique_ptr<Feed> feed_;
};

// `Options` are those of the client; port 0: `own`.
template <typename Client, typename Options>
Result<std::unique_ptr<Client>> client_of(const std::filesystem::path& certificates, const std::string& partner,
                                          std::uint16_t port, std::uint16_t own) {
  Options options;
  options.address = "127.0.0.1:" + std::to_string(port == 0 ? own : port);
  options.authority = certificates / "ca.crt";
  options.certificate = certificates / (partner + ".crt");
  options.key = certificates / (partner + ".key");
  return Client::connect(options);
}

}  // namespace puente::conformance
