#include "gateway/transport/grpc/grpc_server.h"

#include <grpcpp/ext/proto_server_reflection_plugin.h>
#include <grpcpp/health_check_service_interface.h>
#include <grpcpp/resource_quota.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <utility>

#include "gateway/ops/allocator.h"
#include "gateway/ops/log.h"
#include "gateway/transport/entrance/descriptors.h"
#include "gateway/transport/grpc/administration_service.h"
#include "gateway/transport/grpc/backend.h"
#include "gateway/transport/grpc/certificate_files.h"
#include "gateway/transport/grpc/filer_service.h"
#include "gateway/transport/grpc/library_log.h"
#include "gateway/transport/grpc/sender_service.h"
#include "gateway/transport/grpc/streams_opened.h"

namespace puente::transport {
namespace {

constexpr std::array<std::string_view, 3> kServices{"puente.v1.Sender", "puente.v1.Filer", "puente.v1.Administration"};
constexpr std::uint64_t kUnfinishedBytes = std::uint64_t{64} << 20U;
constexpr std::uint64_t kNamelessStreams = 1000;  // a second
constexpr std::uint64_t kStreamsEnding = 64;      // reset by the peer and not counted as ended yet
constexpr std::uint64_t kRecountTicks = 5, kTrimTicks = 2;

ConnectionLimits connection_limits(const GrpcLimits& limits) {
  return {.connections = connections_within_descriptors(limits.connections),
          .per_address = limits.connections_per_address,
          .handshakes = limits.handshakes,
          .handshakes_per_address = limits.handshakes_per_address,
          .handshake = limits.handshake};
}

int millis(std::chrono::seconds time) {
  return static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(time).count());
}

void apply(grpc::ServerBuilder& builder, const GrpcLimits& limits) {
  builder.SetMaxReceiveMessageSize(static_cast<int>(limits.message_bytes));
  // A few kilobytes can say "gzip" of gigabytes: only identity is taken and sent.
  builder.SetDefaultCompressionAlgorithm(GRPC_COMPRESS_NONE);
  for (const auto algorithm : {GRPC_COMPRESS_DEFLATE, GRPC_COMPRESS_GZIP}) {
    builder.SetCompressionAlgorithmSupportStatus(algorithm, false);
  }
  grpc::ResourceQuota quota("puente");
  quota.Resize(limits.memory_bytes);
  quota.SetMaxThreads(limits.threads);
  builder.SetResourceQuota(quota);
  const std::pair<const char*, int> arguments[] = {
      {GRPC_ARG_MAX_METADATA_SIZE, static_cast<int>(limits.metadata_bytes)},
      {GRPC_ARG_MAX_CONCURRENT_STREAMS, limits.streams_per_connection},
      {GRPC_ARG_SERVER_HANDSHAKE_TIMEOUT_MS, millis(limits.handshake)},
      {GRPC_ARG_KEEPALIVE_TIME_MS, 60'000},
      {GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 20'000},
      {GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS, 60'000},
      {GRPC_ARG_HTTP2_MAX_PING_STRIKES, 2},
      {GRPC_ARG_MAX_CONNECTION_IDLE_MS, millis(limits.connection_idle)},
      {GRPC_ARG_MAX_CONNECTION_AGE_MS, millis(limits.connection_age)},
      {GRPC_ARG_MAX_CONNECTION_AGE_GRACE_MS, millis(limits.connection_grace)},
  };
  for (const auto& [name, value] : arguments) builder.AddChannelArgument(name, value);
}

}  // namespace

class GrpcServer::Server {
 public:
  Server(GrpcOptions options, partners::Partners& partners, flow::Flow& flow, delivery::Delivery& delivery,
         ledger::Ledger& ledger, ops::Readiness& readiness)
      : options_(std::move(options)),
        partners_(partners),
        readiness_(readiness),
        certificates_(options_.certificate, options_.key, options_.client_authorities),
        callers_(partners),
        admission_(options_.admission ? options_.admission : std::make_shared<Admission>(partners, ledger)),
        connections_(connection_limits(options_.limits)),
        tap_(ledger, flow, events_),
        checks_(options_.limits.check_workers, options_.limits.check_queue),
        reads_(options_.limits.read_workers, options_.limits.read_queue),
        administration_(1, 4),
        events_(options_.limits.read_workers, 0),
        backend_{.options = options_,
                 .callers = callers_,
                 .admission = *admission_,
                 .connections = connections_,
                 .streams = streams_,
                 .tap = tap_,
                 .checks = checks_,
                 .reads = reads_,
                 .administration = administration_,
                 .flow = flow,
                 .delivery = delivery,
                 .ledger = ledger},
        sender_(backend_),
        filer_(backend_),
        administration_service_(backend_) {}

  ~Server() { stop(); }

  Result<void> start() {
    take_library_log();
    if (auto rows = check_operations(kServices); !rows) return rows;
    if (auto loaded = certificates_.load(); !loaded) return loaded;
    auto acceptor = Acceptor::open(options_.listen, connections_);
    if (!acceptor) return tl::unexpected(acceptor.error());
    acceptor_ = std::move(*acceptor);
    if (auto tapped = tap_.start(); !tapped) return tapped;
    if (auto counted = admission_->recount(); !counted) return counted;

    grpc::EnableDefaultHealthCheckService(true);
    grpc::reflection::InitProtoReflectionServerBuilderPlugin();
    grpc::experimental::TlsServerCredentialsOptions tls(certificates_.provider());
    tls.watch_root_certs();
    tls.watch_identity_key_cert_pairs();
    tls.set_cert_request_type(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
    const auto credentials = grpc::experimental::TlsServerCredentials(tls);

    grpc::ServerBuilder builder;
    apply(builder, options_.limits);
    builder.RegisterService(&sender_).RegisterService(&filer_).RegisterService(&administration_service_);
    std::vector<std::unique_ptr<grpc::experimental::ServerInterceptorFactoryInterface>> gates;
    gates.push_back(std::make_unique<Gate>(callers_, connections_, *admission_, kServices));
    builder.experimental().SetInterceptorCreators(std::move(gates));
    handoff_ = builder.experimental().AddExternalConnectionAcceptor(
        grpc::ServerBuilder::experimental_type::ExternalConnectionType::FROM_FD, credentials);
    grpc_ = builder.BuildAndStart();
    if (!grpc_) return permanent("grpc_start", "gRPC did not start");

    show_health(readiness_.ready());
    readiness_listener_ = readiness_.listen([this](bool ready) { show_health(ready); });
    partners_listener_ = partners_.listen([this](const partners::Registry&) { acceptor_->poke(); });
    acceptor_->start(
        [this](int fd) {
          grpc::experimental::ExternalConnectionAcceptor::NewConnectionParameters connection;
          connection.fd = fd;
          handoff_->HandleNewConnection(&connection);
        },
        [this] { sweep(); });
    ops::log_info("grpc_listening", {{"port", port()}, {"partners", partners_.current()->partners().size()}});
    return {};
  }

  std::uint16_t port() const { return acceptor_->port(); }
  std::size_t connections() const { return connections_.size(); }

  Result<void> reload_certificates() {
    auto loaded = certificates_.load();
    if (loaded) {
      ops::log_info("certificates_loaded");
    } else {
      ops::log_error("certificates_kept", {{"code", loaded.error().code}, {"text", loaded.error().text}});
    }
    return loaded;
  }

  void drain(std::chrono::seconds grace) {
    const std::scoped_lock lock(end_mutex_);
    if (!grpc_) return;
    if (readiness_listener_ != 0) readiness_.unlisten(std::exchange(readiness_listener_, 0));
    if (auto* health = grpc_->GetHealthCheckService()) health->Shutdown();
    acceptor_->stop();
    streams_.drain();
    grpc_->Shutdown(std::chrono::system_clock::now() + grace);
    grpc_->Wait();
  }

  void stop() {
    drain(std::chrono::seconds(0));
    const std::scoped_lock lock(end_mutex_);
    if (partners_listener_ != 0) partners_.unlisten(std::exchange(partners_listener_, 0));
    tap_.stop();
  }

 private:
  void show_health(bool ready) {
    auto* health = grpc_->GetHealthCheckService();
    if (health == nullptr) return;
    health->SetServingStatus(ready);
    for (const std::string_view service : kServices) health->SetServingStatus(std::string(service), ready);
  }

  // Streams are told why first; what still holds a connection a tick later is shut down.
  void sweep() {
    streams_.sweep(callers_, options_.limits.write_stall);
    if (++ticks_ % kRecountTicks == 0) {
      reads_.post([this] {
        if (const auto counted = admission_->recount(); !counted)
          ops::log_warn("contracts_not_counted", {{"code", counted.error().code}});
      });
    }
    watch_streams();
    connections_.sweep([this](std::string_view partner, std::string_view key) {
      if (admission_->blocked(partner)) return false;
      if (callers_.valid(key)) {
        condemned_.erase(std::string(key));
        return true;
      }
      return condemned_.insert(std::string(key)).second;
    });
  }

  // The library holds a peer to our settings only once it has acknowledged them, and forgets streams that are reset:
  // one that acknowledges nothing, or resets at once, is ended here.
  void watch_streams() {
    const auto most = static_cast<std::uint64_t>(options_.limits.streams_per_connection);
    for (const auto& [peer, streams, open, messages] : streams_opened()) {
      const auto done = connections_.progress(peer, streams, messages);
      if (!done) continue;
      // Streams that are reset at once never get as far as a method, where a connection learns whose it is.
      const bool nameless = done->partner.empty();
      std::string_view cause;
      if (open > most + kStreamsEnding) cause = "too_many_streams";
      if (nameless ? done->streams > kNamelessStreams : admission_->calls(done->partner, done->streams).has_value())
        cause = "too_many_calls";
      // The library keeps what it has received of every message until its last byte, whatever its size.
      if (done->unfinished > kUnfinishedBytes) cause = "too_many_bytes";
      if (cause.empty()) continue;
      connections_.shut_down(peer, cause);
      trim_at_ = ticks_ + kTrimTicks;
    }
    // Tens of thousands of calls were begun and dropped: what they took is given back to the system.
    if (trim_at_ == ticks_) reads_.post([] { ops::give_memory_back(); });
  }

  const GrpcOptions options_;
  partners::Partners& partners_;
  ops::Readiness& readiness_;
  CertificateFiles certificates_;
  Callers callers_;
  const std::shared_ptr<Admission> admission_;
  ConnectionTable connections_;
  LiveStreams streams_;
  EventTap tap_;
  // After what their jobs use, so that they end first. Streams that are opened by the thousand fill the queue of
  // events, not that of the others' questions.
  Work checks_, reads_, administration_, events_;
  Backend backend_;
  SenderService sender_;
  FilerService filer_;
  AdministrationService administration_service_;
  std::uint64_t ticks_ = 0, trim_at_ = 0;
  std::set<std::string> condemned_;  // keys found invalid by the sweep before; touched by the accepting thread only
  std::unique_ptr<Acceptor> acceptor_;
  std::unique_ptr<grpc::experimental::ExternalConnectionAcceptor> handoff_;
  std::unique_ptr<grpc::Server> grpc_;
  std::uint64_t readiness_listener_ = 0, partners_listener_ = 0;
  std::mutex end_mutex_;
};

GrpcServer::GrpcServer(std::unique_ptr<Server> server) : server_(std::move(server)) {}
GrpcServer::~GrpcServer() = default;

Result<std::unique_ptr<GrpcServer>> GrpcServer::start(GrpcOptions options, partners::Partners& partners,
                                                      flow::Flow& flow, delivery::Delivery& delivery,
                                                      ledger::Ledger& ledger, ops::Readiness& readiness) {
  auto server = std::make_unique<Server>(std::move(options), partners, flow, delivery, ledger, readiness);
  if (auto started = server->start(); !started) return tl::unexpected(started.error());
  return std::unique_ptr<GrpcServer>(new GrpcServer(std::move(server)));
}

std::uint16_t GrpcServer::port() const { return server_->port(); }
std::size_t GrpcServer::connections() const { return server_->connections(); }
Result<void> GrpcServer::reload_certificates() { return server_->reload_certificates(); }
void GrpcServer::drain(std::chrono::seconds grace) { server_->drain(grace); }
void GrpcServer::stop() { server_->stop(); }

}  // namespace puente::transport
