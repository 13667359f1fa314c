#include <stdexcept>
#include <thread>
#include <utility>

#include "gateway/transport/socket/client.h"
#include "tests/support/load/wire.h"

namespace puente::load {
namespace {

using client::SocketClient;

// cancelled: this line was thrown away with what it had not been answered.
bool worth_repeating(const Fault& fault) { return fault.kind == FaultKind::retryable || fault.code == "cancelled"; }

std::string cause_of(const Fault& fault) { return fault.code + " " + fault.text; }

Result<std::unique_ptr<SocketClient>> connection_to(const Endpoint& endpoint) {
  client::ClientOptions options;
  options.address = endpoint.address;
  options.authority = endpoint.certificates / "ca.crt";
  options.certificate = endpoint.certificates / (endpoint.partner + ".crt");
  options.key = endpoint.certificates / (endpoint.partner + ".key");
  return SocketClient::connect(options);
}

class SocketSender final : public SenderLine {
 public:
  SocketSender(const Endpoint& endpoint, SenderEvents events) : events_(std::move(events)) {
    auto client = connection_to(endpoint);
    if (client)
      client_ = std::move(*client);
    else
      events_.on_lost({"", worth_repeating(client.error()), cause_of(client.error())});
  }

  void submit(const v1::SubmitRequest& request) override {
    if (!client_) return events_.on_lost({request.client_ref(), true, "no connection"});
    client_->submit(request, [this, ref = request.client_ref()](const Result<v1::SubmitReply>& reply) {
      if (reply)
        events_.on_reply(*reply);
      else
        events_.on_lost({ref, worth_repeating(reply.error()), cause_of(reply.error())});
    });
  }

 private:
  const SenderEvents events_;
  std::unique_ptr<SocketClient> client_;  // ends first: its last callbacks need the events
};

class SocketFiler final : public FilerLine {
 public:
  SocketFiler(const Endpoint& endpoint, FilerEvents events) : events_(std::move(events)) {
    auto client = connection_to(endpoint);
    if (!client) {
      events_.on_end(cause_of(client.error()));
      return;
    }
    client_ = std::move(*client);
    feed_ = client_->feed({events_.on_filing, events_.on_result});
    end_ = std::thread([this] {
      const auto ended = feed_->wait();
      events_.on_end(ended ? "ended" : cause_of(ended.error()));
    });
  }
  ~SocketFiler() override {
    if (client_) client_->cancel();
    if (end_.joinable()) end_.join();
    feed_.reset();
  }
  void send(const v1::FilerAct& act) override {
    if (feed_) feed_->send(act);
  }

 private:
  const FilerEvents events_;
  std::unique_ptr<SocketClient> client_;
  std::unique_ptr<client::Feed> feed_;
  std::thread end_;
};

class SocketWire final : public Wire {
 public:
  std::string_view name() const override { return "socket"; }
  std::unique_ptr<SenderLine> sender(const Endpoint& endpoint, SenderEvents events) override {
    return std::make_unique<SocketSender>(endpoint, std::move(events));
  }
  std::unique_ptr<FilerLine> filer(const Endpoint& endpoint, FilerEvents events) override {
    return std::make_unique<SocketFiler>(endpoint, std::move(events));
  }
};

}  // namespace

std::unique_ptr<Wire> make_socket_wire() { return std::make_unique<SocketWire>(); }

}  // namespace puente::load
