#include "gateway/transport/grpc/client.h"

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <fstream>
#include <iterator>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

#include "puente/v1/gateway.grpc.pb.h"

namespace puente::client {
namespace {

constexpr int kReceiveLimit = 16 << 20;
constexpr int kKeepaliveMillis = 90'000;  // the gateway takes a ping a minute
constexpr int kFirstBackoffMillis = 100, kLastBackoffMillis = 5'000;

struct StatusRow {
  grpc::StatusCode status;
  FaultKind kind;
  const char* code;
};
constexpr auto kStatuses = std::to_array<StatusRow>({
    {grpc::StatusCode::UNAVAILABLE, FaultKind::retryable, "peer_unavailable"},
    {grpc::StatusCode::DEADLINE_EXCEEDED, FaultKind::retryable, "peer_unavailable"},
    {grpc::StatusCode::RESOURCE_EXHAUSTED, FaultKind::retryable, "limit_reached"},
    {grpc::StatusCode::UNAUTHENTICATED, FaultKind::permanent, "unauthenticated"},
    {grpc::StatusCode::PERMISSION_DENIED, FaultKind::permanent, "role_refused"},
    {grpc::StatusCode::INVALID_ARGUMENT, FaultKind::permanent, "request_invalid"},
    {grpc::StatusCode::NOT_FOUND, FaultKind::permanent, "not_found"},
    {grpc::StatusCode::CANCELLED, FaultKind::permanent, "cancelled"},
});

tl::unexpected<Fault> fault_of(const grpc::Status& status) {
  const auto row = std::find_if(kStatuses.begin(), kStatuses.end(),
                                [&](const StatusRow& entry) { return entry.status == status.error_code(); });
  if (row == kStatuses.end()) return permanent("peer_fault", status.error_message());
  return tl::unexpected(Fault{row->kind, row->code, status.error_message()});
}

Result<void> result_of(const grpc::Status& status) {
  if (!status.ok()) return fault_of(status);
  return {};
}

Result<std::string> read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in || text.empty()) return permanent("credentials_unreadable", path.string() + " cannot be read");
  return text;
}

// Contexts of the calls in progress, so that all of them can be ended.
class Calls {
 public:
  void add(grpc::ClientContext* context) {
    const std::scoped_lock lock(mutex_);
    contexts_.insert(context);
    if (cancelled_) context->TryCancel();
  }
  void remove(grpc::ClientContext* context) {
    const std::scoped_lock lock(mutex_);
    contexts_.erase(context);
  }
  void cancel() {
    const std::scoped_lock lock(mutex_);
    cancelled_ = true;
    for (grpc::ClientContext* context : contexts_) context->TryCancel();
  }

 private:
  std::mutex mutex_;
  bool cancelled_ = false;
  std::set<grpc::ClientContext*> contexts_;
};

struct Call {
  explicit Call(Calls& all) : calls(all) { calls.add(&context); }
  ~Call() { calls.remove(&context); }
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;

  Calls& calls;
  grpc::ClientContext context;
};

}  // namespace

class Client::Connection {
 public:
  Connection(const ClientOptions& options, std::shared_ptr<grpc::Channel> channel)
      : channel_(std::move(channel)),
        sender(v1::Sender::NewStub(channel_)),
        filer(v1::Filer::NewStub(channel_)),
        administration(v1::Administration::NewStub(channel_)),
        timeout_(options.call_timeout) {}

  template <typename Stub, typename Request, typename Reply>
  Result<Reply> unary(Stub& stub, grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Reply*),
                      const Request& request) {
    Call call(calls);
    call.context.set_deadline(std::chrono::system_clock::now() + timeout_);
    Reply reply;
    const grpc::Status status = (stub.*method)(&call.context, request, &reply);
    if (!status.ok()) return fault_of(status);
    return reply;
  }

  std::shared_ptr<grpc::Channel> channel_;
  const std::unique_ptr<v1::Sender::Stub> sender;
  const std::unique_ptr<v1::Filer::Stub> filer;
  const std::unique_ptr<v1::Administration::Stub> administration;
  Calls calls;
  const std::chrono::milliseconds timeout_;
};

namespace {

// Keeps the connection alive through `owner`; the reading thread ends with the stream.
class GrpcFeed final : public Feed {
 public:
  GrpcFeed(std::shared_ptr<void> owner, Calls& calls, v1::Filer::Stub& stub, FeedHandlers handlers)
      : owner_(std::move(owner)), call_(calls), handlers_(std::move(handlers)), stream_(stub.Feed(&call_.context)) {
    reader_ = std::thread([this] { read(); });
  }

  ~GrpcFeed() override {
    call_.context.TryCancel();
    reader_.join();
  }

  bool grant(std::uint32_t filings) override {
    v1::FilerAct act;
    act.mutable_credits()->set_filings(filings);
    return send(act);
  }

  bool send(const v1::FilerAct& act) override {
    const std::scoped_lock lock(write_mutex_);
    return !closed_ && stream_->Write(act);
  }

  void half_close() override {
    const std::scoped_lock lock(write_mutex_);
    if (!std::exchange(closed_, true)) stream_->WritesDone();
  }

  void cancel() override { call_.context.TryCancel(); }

  Result<void> wait() override {
    std::unique_lock lock(end_mutex_);
    ended_.wait(lock, [&] { return end_.has_value(); });
    return *end_;
  }

 private:
  void read() {
    v1::FeedMessage message;
    while (stream_->Read(&message)) {
      if (message.has_filing() && handlers_.on_filing) handlers_.on_filing(message.filing());
      if (message.has_result() && handlers_.on_result) handlers_.on_result(message.result());
    }
    auto end = result_of(stream_->Finish());
    {
      const std::scoped_lock lock(end_mutex_);
      end_ = std::move(end);
    }
    ended_.notify_all();
  }

  const std::shared_ptr<void> owner_;
  Call call_;
  const FeedHandlers handlers_;
  std::unique_ptr<grpc::ClientReaderWriter<v1::FilerAct, v1::FeedMessage>> stream_;
  std::mutex write_mutex_;
  bool closed_ = false;
  std::mutex end_mutex_;
  std::condition_variable ended_;
  std::optional<Result<void>> end_;
  std::thread reader_;
};

}  // namespace

Client::Client(std::shared_ptr<Connection> connection) : connection_(std::move(connection)) {}
Client::~Client() { cancel(); }

Result<std::unique_ptr<Client>> Client::connect(const ClientOptions& options) {
  grpc::SslCredentialsOptions tls;
  for (const auto& [path, text] :
       {std::pair{&options.authority, &tls.pem_root_certs}, std::pair{&options.certificate, &tls.pem_cert_chain},
        std::pair{&options.key, &tls.pem_private_key}}) {
    auto read = read_file(*path);
    if (!read) return tl::unexpected(read.error());
    *text = std::move(*read);
  }
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // one Client, one connection
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, kKeepaliveMillis);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, kFirstBackoffMillis);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, kLastBackoffMillis);
  arguments.SetMaxReceiveMessageSize(kReceiveLimit);
  if (!options.server_name.empty()) arguments.SetSslTargetNameOverride(options.server_name);
  auto channel = grpc::CreateCustomChannel(options.address, grpc::SslCredentials(tls), arguments);
  if (!channel->WaitForConnected(std::chrono::system_clock::now() + options.connect_timeout)) {
    return retryable("peer_unavailable", "no connection to " + options.address);
  }
  return std::unique_ptr<Client>(new Client(std::make_shared<Connection>(options, std::move(channel))));
}

void Client::cancel() { connection_->calls.cancel(); }

Result<v1::SubmitReply> Client::submit(const v1::SubmitRequest& request) {
  return connection_->unary(*connection_->sender, &v1::Sender::Stub::Submit, request);
}

Result<void> Client::submit_many(const std::function<std::optional<v1::SubmitRequest>()>& next,
                                 const std::function<void(const v1::SubmitEvent&)>& on_event) {
  Call call(connection_->calls);
  const auto stream = connection_->sender->SubmitMany(&call.context);
  std::thread reader([&] {
    v1::SubmitEvent event;
    while (stream->Read(&event)) on_event(event);
  });
  while (auto request = next()) {
    if (!stream->Write(*request)) break;
  }
  stream->WritesDone();
  reader.join();
  return result_of(stream->Finish());
}

Result<v1::CheckReport> Client::check(const std::string& content) {
  v1::CheckRequest request;
  request.set_content(content);
  return connection_->unary(*connection_->sender, &v1::Sender::Stub::Check, request);
}

Result<v1::StatusReply> Client::status(const std::string& number) {
  v1::StatusRequest request;
  request.set_number(number);
  return connection_->unary(*connection_->sender, &v1::Sender::Stub::Status, request);
}

Result<v1::Draft> Client::draft(const std::string& filing_id) {
  v1::DraftRequest request;
  request.set_filing_id(filing_id);
  return connection_->unary(*connection_->sender, &v1::Sender::Stub::GetDraft, request);
}

Result<void> Client::watch(const v1::WatchRequest& request,
                           const std::function<bool(const v1::StatusEvent&)>& on_event) {
  Call call(connection_->calls);
  const auto stream = connection_->sender->Watch(&call.context, request);
  v1::StatusEvent event;
  while (stream->Read(&event)) {
    if (on_event(event)) continue;
    call.context.TryCancel();
    while (stream->Read(&event)) {
    }
    stream->Finish();
    return {};
  }
  return result_of(stream->Finish());
}

std::unique_ptr<Feed> Client::feed(FeedHandlers handlers) {
  return std::make_unique<GrpcFeed>(connection_, connection_->calls, *connection_->filer, std::move(handlers));
}

Result<v1::FilerActResult> Client::act(const v1::FilerAct& act) {
  return connection_->unary(*connection_->filer, &v1::Filer::Stub::Act, act);
}

Result<v1::ExceptionsReply> Client::exceptions() {
  return connection_->unary(*connection_->administration, &v1::Administration::Stub::Exceptions,
                            v1::ExceptionsRequest());
}

Result<v1::StatusReply> Client::trace(const std::string& number) {
  v1::TraceRequest request;
  request.set_number(number);
  return connection_->unary(*connection_->administration, &v1::Administration::Stub::Trace, request);
}

Result<v1::ChannelsReply> Client::channels() {
  return connection_->unary(*connection_->administration, &v1::Administration::Stub::Channels, v1::ChannelsRequest());
}

Result<v1::ChannelOrderReply> Client::pause(const v1::ChannelOrder& order) {
  return connection_->unary(*connection_->administration, &v1::Administration::Stub::Pause, order);
}

Result<v1::ChannelOrderReply> Client::resume(const v1::ChannelOrder& order) {
  return connection_->unary(*connection_->administration, &v1::Administration::Stub::Resume, order);
}

Result<v1::RedeliverReply> Client::redeliver(const v1::FilingsOrder& order) {
  return connection_->unary(*connection_->administration, &v1::Administration::Stub::Redeliver, order);
}

Result<v1::RetranslateReply> Client::retranslate(const v1::FilingsOrder& order) {
  return connection_->unary(*connection_->administration, &v1::Administration::Stub::Retranslate, order);
}

Result<v1::ReloadReply> Client::reload() {
  return connection_->unary(*connection_->administration, &v1::Administration::Stub::Reload, v1::ReloadRequest());
}

Result<v1::VerifyReply> Client::verify() {
  return connection_->unary(*connection_->administration, &v1::Administration::Stub::Verify, v1::VerifyRequest());
}

Result<v1::BackupReply> Client::backup(const std::string& path) {
  v1::BackupRequest request;
  request.set_path(path);
  return connection_->unary(*connection_->administration, &v1::Administration::Stub::Backup, request);
}

}  // namespace puente::client
