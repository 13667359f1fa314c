#include "tests/bench/grpc_sender.h"

#include <grpcpp/channel.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "puente/v1/gateway.grpc.pb.h"

namespace puente::bench {
namespace {

using Clock = std::chrono::steady_clock;

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

class GrpcSender::Connection {
 public:
  Connection(const std::filesystem::path& certs, ServerProcess& server) : server_(server) {
    grpc::SslCredentialsOptions tls;
    tls.pem_root_certs = read_file(certs / "ca.crt");
    tls.pem_private_key = read_file(certs / "carrier.key");
    tls.pem_cert_chain = read_file(certs / "carrier.crt");
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    channel_ = grpc::CreateCustomChannel(server.address(), grpc::SslCredentials(tls), arguments);
    if (!channel_->WaitForConnected(std::chrono::system_clock::now() + std::chrono::seconds(30))) std::abort();
    stub_ = v1::Sender::NewStub(channel_);
  }

  // Keeps `flight` calls outstanding for so long, or until `next` gives nothing more.
  Slice run(std::size_t flight, double seconds, const Next& next) {
    const double cpu = server_.cpu_seconds();
    std::vector<Call> calls(flight);
    std::vector<double> latencies;
    const auto begin = Clock::now();
    const auto end = begin + std::chrono::duration<double>(seconds);
    std::size_t open = 0;
    for (auto& call : calls) open += send(call, next) ? 1 : 0;
    while (open > 0) {
      void* tag = nullptr;
      bool good = false;
      if (!queue_.Next(&tag, &good)) std::abort();
      auto& call = *static_cast<Call*>(tag);
      if (!good || !call.status.ok() || !call.reply.has_receipt()) {
        std::fprintf(stderr, "gRPC: a call failed: %s\n", call.status.error_message().c_str());
        std::exit(1);
      }
      const auto now = Clock::now();
      latencies.push_back(std::chrono::duration<double, std::micro>(now - call.begun).count());
      if (now >= end || !send(call, next)) --open;
    }
    const double elapsed = std::chrono::duration<double>(Clock::now() - begin).count();
    return slice_of(std::move(latencies), elapsed, server_.cpu_seconds() - cpu);
  }

 private:
  struct Call {
    std::unique_ptr<grpc::ClientContext> context;
    v1::SubmitReply reply;
    grpc::Status status;
    std::unique_ptr<grpc::ClientAsyncResponseReader<v1::SubmitReply>> reader;
    Clock::time_point begun;
  };

  bool send(Call& call, const Next& next) {
    auto content = next();
    if (!content) return false;
    v1::SubmitRequest request;
    request.set_kind(v1::SAT_XML);
    request.set_content(std::move(*content));
    call.context = std::make_unique<grpc::ClientContext>();
    call.begun = Clock::now();
    call.reader = stub_->AsyncSubmit(call.context.get(), request, &queue_);
    call.reader->Finish(&call.reply, &call.status, &call);
    return true;
  }

  ServerProcess& server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::Sender::Stub> stub_;
  grpc::CompletionQueue queue_;
};

GrpcSender::GrpcSender(const std::filesystem::path& certs, ServerProcess& server)
    : connection_(std::make_unique<Connection>(certs, server)) {}
GrpcSender::~GrpcSender() = default;
Slice GrpcSender::run(std::size_t flight, double seconds, const Next& next) {
  return connection_->run(flight, seconds, next);
}

}  // namespace puente::bench
