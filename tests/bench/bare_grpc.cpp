#include "tests/bench/bare_grpc.h"

#include <grpcpp/resource_quota.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <atomic>
#include <fstream>
#include <iterator>

#include "gateway/transport/grpc/grpc_server.h"
#include "puente/v1/gateway.grpc.pb.h"

namespace puente::bench {
namespace {

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class Counting final : public v1::Sender::CallbackService {
 public:
  grpc::ServerUnaryReactor* Submit(grpc::CallbackServerContext* context, const v1::SubmitRequest* request,
                                   v1::SubmitReply* reply) override {
    bytes_ += request->content().size();
    reply->set_client_ref(request->client_ref());
    reply->mutable_receipt()->mutable_body()->set_ledger_sequence(bytes_);
    auto* reactor = context->DefaultReactor();
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

 private:
  std::atomic<std::uint64_t> bytes_ = 0;
};

class BareGrpc final : public Served {
 public:
  explicit BareGrpc(const std::filesystem::path& certs) {
    grpc::SslServerCredentialsOptions tls(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
    tls.pem_root_certs = read_file(certs / "ca.crt");
    tls.pem_key_cert_pairs.push_back({read_file(certs / "server.key"), read_file(certs / "server.crt")});
    grpc::ServerBuilder builder;
    // As gateway/transport/grpc/grpc_server.cpp sets them, as far as they touch a call.
    const transport::GrpcLimits limits;
    builder.SetMaxReceiveMessageSize(static_cast<int>(limits.message_bytes));
    builder.SetDefaultCompressionAlgorithm(GRPC_COMPRESS_NONE);
    grpc::ResourceQuota quota("bare");
    quota.Resize(limits.memory_bytes);
    quota.SetMaxThreads(limits.threads);
    builder.SetResourceQuota(quota);
    builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, static_cast<int>(limits.metadata_bytes));
    builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, limits.streams_per_connection);
    builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, 60'000);
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::SslServerCredentials(tls), &port);
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    port_ = static_cast<std::uint16_t>(port);
  }
  ~BareGrpc() override { server_->Shutdown(); }

  std::uint16_t port() const override { return port_; }

 private:
  Counting service_;
  std::unique_ptr<grpc::Server> server_;
  std::uint16_t port_ = 0;
};

}  // namespace

std::unique_ptr<Served> serve_bare_grpc(const std::filesystem::path& folder) {
  return std::make_unique<BareGrpc>(folder / "certs");
}

}  // namespace puente::bench
