// Durable accept over gRPC against a bare gRPC method: the gateway's rooms (ledger on disk, flow, door) and the least
// that a server can do, each in a process of its own, asked by one client over one mTLS connection with 1, 32 and 128
// calls in flight. Every document of the durable halves is a new one. "Drafting paused" has no flow workers; "drafting"
// reads (checks) and joins every document while it accepts.
#include <grpcpp/channel.h>
#include <grpcpp/completion_queue.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <sys/vfs.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <optional>

#include "puente/v1/gateway.grpc.pb.h"
#include "tests/bench/bare_grpc.h"
#include "tests/bench/corpus.h"
#include "tests/bench/documents.h"
#include "tests/bench/gateway_served.h"
#include "tests/bench/rounds.h"

namespace puente::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr double kRate = 0.4, kTail = 3;  // at 32 in flight
constexpr std::size_t kBytes = 10'000;

struct Slice {
  double rate = 0, p50 = 0, p99 = 0, server_us = 0;  // a second, microseconds, of the server's CPU a call
};

struct Series {
  std::vector<double> rate, p50, p99, server_us;
  void add(const Slice& slice) {
    rate.push_back(slice.rate);
    p50.push_back(slice.p50);
    p99.push_back(slice.p99);
    server_us.push_back(slice.server_us);
  }
  std::string text() const {
    return spread(rate).text(0) + "/s; p50 " + spread(p50).text(0) + ", p99 " + spread(p99).text(0) +
           " us; server CPU " + spread(server_us).text(0) + " us a document";
  }
};

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class Sender {
 public:
  Sender(const std::filesystem::path& certs, ServerProcess& server) : server_(server) {
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
  Slice run(std::size_t flight, double seconds, const std::function<std::optional<std::string>()>& next) {
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
        std::fprintf(stderr, "accept_bench: a call failed: %s\n", call.status.error_message().c_str());
        std::exit(1);
      }
      const auto now = Clock::now();
      latencies.push_back(std::chrono::duration<double, std::micro>(now - call.begun).count());
      if (now >= end || !send(call, next)) --open;
    }
    const double elapsed = std::chrono::duration<double>(Clock::now() - begin).count();
    std::ranges::sort(latencies);
    const auto count = static_cast<double>(latencies.size());
    const auto at = [&](double part) { return latencies[static_cast<std::size_t>(part * (count - 1))]; };
    return {count / elapsed, at(0.5), at(0.99), (server_.cpu_seconds() - cpu) * 1e6 / count};
  }

 private:
  struct Call {
    std::unique_ptr<grpc::ClientContext> context;
    v1::SubmitReply reply;
    grpc::Status status;
    std::unique_ptr<grpc::ClientAsyncResponseReader<v1::SubmitReply>> reader;
    Clock::time_point begun;
  };

  bool send(Call& call, const std::function<std::optional<std::string>()>& next) {
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

int run() {
  const int rounds = full_run() ? 9 : 1;
  const double seconds = full_run() ? 1.5 : 0.1;
  const std::size_t drafted = full_run() ? 1000 : 50;  // documents a round

  const WorkFolder folder;
  const auto authority = test::Authority::create();
  write_surroundings(folder.path(), authority);
  ServerProcess bare_server([&] { return serve_bare_grpc(folder.path()); });
  ServerProcess durable_server([&] { return serve_gateway(folder.path(), "paused.db", false); });
  ServerProcess drafting_server([&] { return serve_gateway(folder.path(), "drafting.db", true); });

  const auto issuer = make_issuer(authority, 0);
  const auto stamped = make_stamped(authority, issuer, kBytes, drafted * static_cast<std::size_t>(rounds + 1));
  NewDocuments documents(stamped.front());
  const auto any = [&]() -> std::optional<std::string> { return documents.next(); };
  std::size_t used = 0;

  Sender bare(folder.path() / "certs", bare_server);
  Sender durable(folder.path() / "certs", durable_server);
  Sender drafting(folder.path() / "certs", drafting_server);

  Figures figures("bench-accept");
  figures.line("  documents of " + std::to_string(stamped.front().size()) + " bytes; one mTLS connection; client and " +
               "servers share the processors; ledger " + folder.description() + ", " + std::to_string(rounds) +
               " interleaved rounds of " + std::to_string(seconds).substr(0, 4) + " s a mode");
  constexpr std::array<std::size_t, 3> kFlights{1, 32, 128};
  std::array<Series, 3> of_bare, of_durable;
  Series of_drafting;
  for (int round = 0; round <= rounds; ++round) {  // the first warms up
    std::size_t left = drafted;
    const auto valid = [&]() -> std::optional<std::string> {
      if (left == 0) return std::nullopt;
      --left;
      return stamped[used++];
    };
    for (std::size_t i = 0; i < kFlights.size(); ++i) {
      const auto one = bare.run(kFlights[i], seconds, any);
      const auto other = durable.run(kFlights[i], seconds, any);
      if (round == 0) continue;
      of_bare[i].add(one);
      of_durable[i].add(other);
    }
    const auto last = drafting.run(32, seconds * 4, valid);
    drafting_server.settle();
    if (round > 0) of_drafting.add(last);
  }
  for (std::size_t i = 0; i < kFlights.size(); ++i) {
    figures.line("  " + std::to_string(kFlights[i]) + " in flight");
    figures.line("    bare method:                     " + of_bare[i].text());
    figures.line("    durable accept, drafting paused: " + of_durable[i].text());
    if (kFlights[i] == 32) {
      figures.line("    durable accept while drafting:   " + of_drafting.text());
      figures.target("rate, durable / bare", ratios(of_durable[i].rate, of_bare[i].rate), Bound::at_least, kRate);
      figures.target("p99, durable / bare", ratios(of_durable[i].p99, of_bare[i].p99), Bound::at_most, kTail);
      figures.line("  ratio rate, durable while drafting / bare: " +
                   spread(ratios(of_drafting.rate, of_bare[i].rate)).text(2));
    } else {
      figures.line("  ratio rate, durable / bare: " + spread(ratios(of_durable[i].rate, of_bare[i].rate)).text(2) +
                   "; p99: " + spread(ratios(of_durable[i].p99, of_bare[i].p99)).text(2));
    }
  }
  return figures.missed() ? 1 : 0;
}

}  // namespace
}  // namespace puente::bench

int main() { return puente::bench::run(); }
