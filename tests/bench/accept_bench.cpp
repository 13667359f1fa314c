// Durable accept over gRPC against a bare gRPC method: the gateway's rooms (ledger on disk, flow, door) and the least
// that a server can do, each in a process of its own, asked by one client over one mTLS connection with 1, 32 and 128
// calls in flight. Every document of the durable halves is a new one. "Drafting paused" has no flow workers; "drafting"
// reads (checks) and joins every document while it accepts. Targets are judged with the ledger on disk; what a flush of
// that disk takes is printed, and beside it, for information, the same with the ledger in memory.

#include <array>
#include <optional>

#include "tests/bench/bare_grpc.h"
#include "tests/bench/corpus.h"
#include "tests/bench/documents.h"
#include "tests/bench/gateway_served.h"
#include "tests/bench/grpc_sender.h"
#include "tests/bench/rounds.h"

namespace puente::bench {
namespace {

constexpr double kRate = 0.4, kTail = 3;  // at 32 in flight
constexpr std::size_t kBytes = 10'000;

int run() {
  const int rounds = full_run() ? 9 : 1;
  const double seconds = full_run() ? 1.5 : 0.1;
  const std::size_t drafted = full_run() ? 1000 : 50;  // documents a round

  const WorkFolder folder;
  const auto authority = test::Authority::create();
  write_surroundings(folder.path(), authority);
  ServerProcess bare_server([&] { return serve_bare_grpc(folder.path()); });
  ServerProcess durable_server([&] { return serve_gateway(folder.path(), "paused.db", false); });
  const WorkFolder memory("/dev/shm");
  ServerProcess memory_server([&] { return serve_gateway(folder.path(), memory.path() / "memory.db", false); });
  ServerProcess drafting_server([&] { return serve_gateway(folder.path(), "drafting.db", true); });

  const auto issuer = make_issuer(authority, 0);
  const auto stamped = make_stamped(authority, issuer, kBytes, drafted * static_cast<std::size_t>(rounds + 1));
  NewDocuments documents(stamped.front());
  const auto any = [&]() -> std::optional<std::string> { return documents.next(); };
  std::size_t used = 0;

  GrpcSender bare(folder.path() / "certs", bare_server);
  GrpcSender durable(folder.path() / "certs", durable_server);
  GrpcSender in_memory(folder.path() / "certs", memory_server);
  GrpcSender drafting(folder.path() / "certs", drafting_server);

  Figures figures("bench-accept");
  figures.line("  documents of " + std::to_string(stamped.front().size()) + " bytes; one mTLS connection; client and " +
               "servers share the processors; ledger " + folder.description() + ", " + std::to_string(rounds) +
               " interleaved rounds of " + std::to_string(seconds).substr(0, 4) + " s a mode");
  constexpr std::array<std::size_t, 3> kFlights{1, 32, 128};
  std::array<Series, 3> of_bare, of_durable;
  Series of_memory, of_drafting;
  std::vector<double> flushes;
  for (int round = 0; round <= rounds; ++round) {  // the first warms up
    std::size_t left = drafted;
    const auto valid = [&]() -> std::optional<std::string> {
      if (left == 0) return std::nullopt;
      --left;
      return stamped[used++];
    };
    flushes.push_back(folder.flush_microseconds());
    for (std::size_t i = 0; i < kFlights.size(); ++i) {
      const auto one = bare.run(kFlights[i], seconds, any);
      const auto other = durable.run(kFlights[i], seconds, any);
      if (round == 0) continue;
      of_bare[i].add(one);
      of_durable[i].add(other);
    }
    const auto unflushed = in_memory.run(32, seconds / 3, any);
    if (round > 0) of_memory.add(unflushed);
    const auto last = drafting.run(32, seconds * 4, valid);
    drafting_server.settle();
    if (round > 0) of_drafting.add(last);
  }
  figures.line("  a flush of the disk takes " + spread(flushes).text(0) + " us (disk cache: " + folder.disk_cache() +
               "; ratios, not power-loss safety)");
  for (std::size_t i = 0; i < kFlights.size(); ++i) {
    figures.line("  " + std::to_string(kFlights[i]) + " in flight");
    figures.line("    bare method:                     " + of_bare[i].text());
    figures.line("    durable accept, drafting paused: " + of_durable[i].text());
    if (kFlights[i] == 32) {
      figures.line("    durable accept while drafting:   " + of_drafting.text());
      figures.line("    drafting paused, in memory:      " + of_memory.text());
      figures.target("rate, durable / bare", ratios(of_durable[i].rate, of_bare[i].rate), Bound::at_least, kRate);
      figures.target("p99, durable / bare", ratios(of_durable[i].p99, of_bare[i].p99), Bound::at_most, kTail);
      figures.line("  not judged, ledger in memory / bare: rate " +
                   spread(ratios(of_memory.rate, of_bare[i].rate)).text(2) + "; p99 " +
                   spread(ratios(of_memory.p99, of_bare[i].p99)).text(2));
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
