// What accepting and checking are made of, one by one (Google Benchmark): for finding where time goes, judged by
// nobody.
//   parts_bench --benchmark_filter=accept
#include <benchmark/benchmark.h>

#include <condition_variable>
#include <cstdlib>
#include <mutex>

#include "gateway/flow/flow.h"
#include "gateway/flow/receipt_signer.h"
#include "gateway/ledger/open.h"
#include "gateway/ledger/packing.h"
#include "gateway/partners/certificates.h"
#include "mappings/sat/identify_plain.h"
#include "mappings/sat/read.h"
#include "tests/bench/corpus.h"
#include "tests/bench/documents.h"

namespace puente::bench {
namespace {

const Corpus& corpus() {
  static const Corpus made = make_corpus(24);
  return made;
}

// The documents in turn; bytes and documents a second are reported.
template <typename Do>
void over_corpus(benchmark::State& state, Do&& run) {
  (void)corpus();  // made outside the loop
  std::size_t i = 0;
  std::int64_t bytes = 0;
  for (auto _ : state) {
    const auto& text = corpus().documents[i++ % corpus().documents.size()];
    bytes += static_cast<std::int64_t>(text.size());
    benchmark::DoNotOptimize(run(text));
  }
  state.SetBytesProcessed(bytes);
}

void check(benchmark::State& state) {
  const sat::ReadContext context{corpus().trust, {}};
  over_corpus(state, [&](const std::string& text) { return sat::read("document", text, context).accepted; });
}
BENCHMARK(check);

void identify(benchmark::State& state) {
  over_corpus(state, [](const std::string& text) { return sat::identify(text, {}).folio_fiscal.size(); });
}
BENCHMARK(identify);

void identify_hardened(benchmark::State& state) {
  over_corpus(state, [](const std::string& text) { return sat::identify_hardened(text, {}).folio_fiscal.size(); });
}
BENCHMARK(identify_hardened);

void digest(benchmark::State& state) {
  over_corpus(state, [](const std::string& text) { return ledger::sha256(text).size(); });
}
BENCHMARK(digest);

void pack(benchmark::State& state) {
  double whole = 0, packed = 0;
  over_corpus(state, [&](const std::string& text) {
    const auto body = ledger::pack(text);
    whole += static_cast<double>(text.size());
    packed += static_cast<double>(body.bytes.size());
    return body.bytes.size();
  });
  state.counters["size"] = packed / whole;
}
BENCHMARK(pack);

void unpack(benchmark::State& state) {
  std::vector<ledger::PackedBody> bodies;
  for (const auto& text : corpus().documents) bodies.push_back(ledger::pack(text));
  std::size_t i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(ledger::unpack(bodies[i++ % bodies.size()]));
}
BENCHMARK(unpack);

std::shared_ptr<const flow::ReceiptSigner> signer() {
  partners::CertificateRequest request;
  request.common_name = "receipt";
  request.purpose = partners::Purpose::receipt;
  request.not_before = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  request.not_after = request.not_before + std::chrono::hours(24);
  const auto credentials = partners::issue_certificate(request, nullptr);
  return flow::EcdsaReceiptSigner::from_pem(credentials.value().key_pem).value();
}

void sign_receipt(benchmark::State& state) {
  const auto sign = signer();
  ledger::DocumentRow row;
  row.id = "DOC01ARZ3NDEKTSV4RRFFQ69G5FAV";
  row.sha256 = std::string(32, 's');
  row.folio_fiscal = "4C1D7E90-2B6F-4A35-8E11-90AB34CD56EF";
  row.received_at = 1'793'700'000'000'000;
  row.kind = v1::SAT_XML;
  for (auto _ : state) {
    ++row.sequence;
    benchmark::DoNotOptimize(flow::make_receipt(row, *sign, "one disk, fsynced"));
  }
}
BENCHMARK(sign_receipt);

// Flow and ledger without a door, `flight` documents under way: all threads' CPU time a document.
void accept(benchmark::State& state) {
  const auto flight = static_cast<std::size_t>(state.range(0));
  const WorkFolder folder;
  ledger::SqliteOptions store;
  store.file = folder.path() / "ledger.db";
  auto ledger = ledger::open_sqlite(store).value();
  partners::Partners partners(partners::Registry::parse("registry.toml", "").value());
  auto flow = flow::make_flow(*ledger, partners, {}, signer(), {});
  const auto authority = test::Authority::create();
  NewDocuments documents(make_stamped(authority, make_issuer(authority, 0), 10'000, 1).front());
  std::mutex mutex;
  std::condition_variable landed;
  std::size_t open = 0;
  const flow::PartnerScope scope{"carrier", {partners::Role::sender}};
  for (auto _ : state) {
    {
      std::unique_lock lock(mutex);
      landed.wait(lock, [&] { return open < flight; });
      ++open;
    }
    flow->accept(scope, {v1::SAT_XML, documents.next(), "", "bench"}, [&](Result<v1::SubmitReply> reply) {
      if (!reply || !reply->has_receipt()) std::abort();
      const std::lock_guard lock(mutex);
      --open;
      landed.notify_one();
    });
  }
  std::unique_lock lock(mutex);
  landed.wait(lock, [&] { return open == 0; });
  lock.unlock();
  flow->drain();
  ledger->close();
}
BENCHMARK(accept)->Arg(1)->Arg(32)->Arg(128)->MeasureProcessCPUTime()->UseRealTime();

}  // namespace
}  // namespace puente::bench

BENCHMARK_MAIN();
