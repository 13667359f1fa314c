#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <condition_variable>
#include <deque>
#include <fstream>
#include <iterator>
#include <mutex>
#include <set>
#include <stdexcept>
#include <utility>

#include "puente/v1/gateway.grpc.pb.h"
#include "tests/support/load/wire.h"

namespace puente::load {
namespace {

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error("cannot open " + path.string());
  return {std::istreambuf_iterator<char>(in), {}};
}

std::shared_ptr<grpc::Channel> channel_to(const Endpoint& endpoint) {
  grpc::SslCredentialsOptions tls;
  tls.pem_root_certs = read_file(endpoint.certificates / "ca.crt");
  tls.pem_cert_chain = read_file(endpoint.certificates / (endpoint.partner + ".crt"));
  tls.pem_private_key = read_file(endpoint.certificates / (endpoint.partner + ".key"));
  grpc::ChannelArguments arguments;
  arguments.SetMaxReceiveMessageSize(16 << 20);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 50);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 10'000);  // what a handshake may take, however busy the machine
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 500);
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // a line is a connection of its own
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  return grpc::CreateCustomChannel(endpoint.address, grpc::SslCredentials(tls), arguments);
}

bool worth_repeating(grpc::StatusCode code) {
  switch (code) {
    case grpc::StatusCode::INVALID_ARGUMENT:
    case grpc::StatusCode::PERMISSION_DENIED:
    case grpc::StatusCode::UNAUTHENTICATED:
    case grpc::StatusCode::UNIMPLEMENTED:
    case grpc::StatusCode::NOT_FOUND:
      return false;
    default:
      return true;
  }
}

std::string cause_of(const grpc::Status& status) {
  return std::to_string(static_cast<int>(status.error_code())) + " " + status.error_message();
}

class CallSender final : public SenderLine {
 public:
  CallSender(const Endpoint& endpoint, SenderEvents events)
      : events_(std::move(events)), stub_(v1::Sender::NewStub(channel_to(endpoint))) {}

  ~CallSender() override {
    std::unique_lock lock(mutex_);
    for (Call* call : calls_) call->context.TryCancel();
    quiet_.wait(lock, [this] { return calls_.empty(); });
  }

  void submit(const v1::SubmitRequest& request) override {
    auto* call = new Call;
    call->request = request;
    call->context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(120));
    {
      const std::scoped_lock lock(mutex_);
      calls_.insert(call);
    }
    stub_->async()->Submit(&call->context, &call->request, &call->reply, [this, call](const grpc::Status& status) {
      if (status.ok())
        events_.on_reply(call->reply);
      else
        events_.on_lost({call->request.client_ref(), worth_repeating(status.error_code()), cause_of(status)});
      const std::scoped_lock lock(mutex_);
      calls_.erase(call);
      delete call;
      if (calls_.empty()) quiet_.notify_all();
    });
  }

 private:
  struct Call {
    grpc::ClientContext context;
    v1::SubmitRequest request;
    v1::SubmitReply reply;
  };
  const SenderEvents events_;
  const std::unique_ptr<v1::Sender::Stub> stub_;
  std::mutex mutex_;
  std::condition_variable quiet_;
  std::set<Call*> calls_;
};

// Both ways of one stream; the reading ends it. The owner's destructor waits for that end.
template <typename Request, typename Response>
class Stream : public grpc::ClientBidiReactor<Request, Response> {
 public:
  Stream(std::function<void(const Response&)> on_read, std::function<void(const grpc::Status&)> on_end)
      : on_read_(std::move(on_read)), on_end_(std::move(on_end)) {}

  grpc::ClientContext context;

  void begin() {
    this->AddHold();  // writes begin outside of reactions
    this->StartRead(&response_);
    this->StartCall();
  }

  void send(const Request& request) {
    const std::scoped_lock lock(mutex_);
    if (ended_) return;
    queue_.push_back(request);
    write_next_locked();
  }

  void stop() {
    context.TryCancel();
    std::unique_lock lock(mutex_);
    done_changed_.wait(lock, [this] { return done_; });
  }

  void OnReadDone(bool ok) override {
    if (ok) {
      on_read_(response_);
      this->StartRead(&response_);
      return;
    }
    const std::scoped_lock lock(mutex_);
    end_locked();
  }

  void OnWriteDone(bool ok) override {
    const std::scoped_lock lock(mutex_);
    writing_ = false;
    if (!ok) return;  // the reading sees the end
    write_next_locked();
  }

  void OnDone(const grpc::Status& status) override {
    {
      const std::scoped_lock lock(mutex_);
      ended_ = true;
    }
    on_end_(status);
    const std::scoped_lock lock(mutex_);
    done_ = true;
    done_changed_.notify_all();
  }

 private:
  void write_next_locked() {
    if (writing_ || ended_ || queue_.empty()) return;
    writing_ = true;
    current_ = std::move(queue_.front());
    queue_.pop_front();
    this->StartWrite(&current_);
  }
  void end_locked() {
    if (ended_) return;
    ended_ = true;
    this->RemoveHold();
  }

  const std::function<void(const Response&)> on_read_;
  const std::function<void(const grpc::Status&)> on_end_;
  std::mutex mutex_;
  std::condition_variable done_changed_;
  std::deque<Request> queue_;
  Request current_;
  Response response_;
  bool writing_ = false, ended_ = false, done_ = false;
};

class StreamSender final : public SenderLine {
 public:
  StreamSender(const Endpoint& endpoint, SenderEvents events)
      : events_(std::move(events)),
        stub_(v1::Sender::NewStub(channel_to(endpoint))),
        stream_(
            [this](const v1::SubmitEvent& event) {
              if (event.has_reply()) events_.on_reply(event.reply());
            },
            [this](const grpc::Status& status) {
              events_.on_lost({"", worth_repeating(status.error_code()), cause_of(status)});
            }) {
    stub_->async()->SubmitMany(&stream_.context, &stream_);
    stream_.begin();
  }
  ~StreamSender() override { stream_.stop(); }
  void submit(const v1::SubmitRequest& request) override { stream_.send(request); }

 private:
  const SenderEvents events_;
  const std::unique_ptr<v1::Sender::Stub> stub_;
  Stream<v1::SubmitRequest, v1::SubmitEvent> stream_;
};

class GrpcFiler final : public FilerLine {
 public:
  GrpcFiler(const Endpoint& endpoint, FilerEvents events)
      : events_(std::move(events)),
        stub_(v1::Filer::NewStub(channel_to(endpoint))),
        stream_(
            [this](const v1::FeedMessage& message) {
              if (message.has_filing()) events_.on_filing(message.filing());
              if (message.has_result()) events_.on_result(message.result());
            },
            [this](const grpc::Status& status) { events_.on_end(cause_of(status)); }) {
    stub_->async()->Feed(&stream_.context, &stream_);
    stream_.begin();
  }
  ~GrpcFiler() override { stream_.stop(); }
  void send(const v1::FilerAct& act) override { stream_.send(act); }

 private:
  const FilerEvents events_;
  const std::unique_ptr<v1::Filer::Stub> stub_;
  Stream<v1::FilerAct, v1::FeedMessage> stream_;
};

class GrpcWire final : public Wire {
 public:
  explicit GrpcWire(bool stream) : stream_(stream) {}
  std::string_view name() const override { return stream_ ? "grpc-stream" : "grpc"; }
  std::unique_ptr<SenderLine> sender(const Endpoint& endpoint, SenderEvents events) override {
    if (stream_) return std::make_unique<StreamSender>(endpoint, std::move(events));
    return std::make_unique<CallSender>(endpoint, std::move(events));
  }
  std::unique_ptr<FilerLine> filer(const Endpoint& endpoint, FilerEvents events) override {
    return std::make_unique<GrpcFiler>(endpoint, std::move(events));
  }

 private:
  const bool stream_;
};

}  // namespace

std::unique_ptr<Wire> make_grpc_wire(bool stream) { return std::make_unique<GrpcWire>(stream); }

}  // namespace puente::load
