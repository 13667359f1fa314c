#include "tests/bench/gateway_served.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <thread>

#include "gateway/delivery/delivery.h"
#include "gateway/flow/flow.h"
#include "gateway/flow/receipt_signer.h"
#include "gateway/ledger/open.h"
#include "gateway/ops/log.h"
#include "gateway/ops/readiness.h"
#include "gateway/partners/certificates.h"
#include "gateway/transport/grpc/grpc_server.h"
#include "gateway/transport/socket/socket_server.h"

namespace puente::bench {
namespace {

template <typename T>
T must(Result<T> result) {
  if (!result) {
    std::fprintf(stderr, "bench gateway: %s: %s\n", result.error().code.c_str(), result.error().text.c_str());
    std::abort();
  }
  return std::move(*result);
}

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

flow::Knowledge knowledge(const std::filesystem::path& folder) {
  const auto samples = std::filesystem::path(PUENTE_SOURCE_DIR) / "deploy" / "samples";
  std::vector<std::pair<std::string, std::string>> files;
  for (const auto& entry : std::filesystem::directory_iterator(samples / "partners"))
    files.emplace_back(entry.path().filename().string(), read_file(entry.path()));
  std::ranges::sort(files);
  flow::Knowledge known;
  known.trust = must(sat::TrustStore::load(sat::Environment::test, {folder / "trust"}));
  known.profiles = must(crosswalk::Profiles::parse(files));
  known.catalog = must(crosswalk::ProductCatalog::parse("catalog.csv", read_file(samples / "catalog.csv")));
  return known;
}

class Gateway final : public Served {
 public:
  Gateway(const std::filesystem::path& folder, const std::filesystem::path& ledger_name, bool drafting) {
    ops::set_log_level(ops::LogLevel::error);
    const auto certs = folder / "certs";
    ledger::SqliteOptions store;
    store.file = folder / ledger_name;
    ledger_ = must(ledger::open_sqlite(store));
    partners_ = std::make_unique<partners::Partners>(must(partners::Registry::parse(
        "registry.toml", "[partner.carrier]\nroles = [\"sender\"]\nkeys = [{ spki_sha256 = \"" +
                             must(partners::spki_sha256_of_pem(read_file(certs / "carrier.crt"))) + "\" }]\n" +
                             partners::widest_limits())));
    const auto signer = must(flow::EcdsaReceiptSigner::load(certs / "receipt.key"));
    flow_ = flow::make_flow(*ledger_, *partners_, knowledge(folder), signer, {});
    delivery_ = delivery::make_delivery(*ledger_, *partners_, *flow_, signer, {}, {});
    if (drafting) flow_->start();
    transport::GrpcOptions options;
    options.certificate = certs / "server.crt";
    options.key = certs / "server.key";
    options.client_authorities = {certs / "ca.crt"};
    grpc_ = must(transport::GrpcServer::start(options, *partners_, *flow_, *delivery_, *ledger_, readiness_));
    transport::SocketOptions socket;
    socket.certificate = options.certificate;
    socket.key = options.key;
    socket.client_authorities = options.client_authorities;
    socket_ = must(transport::SocketServer::start(std::move(socket), *partners_, *flow_, *delivery_, *ledger_));
  }

  ~Gateway() override {
    socket_.reset();
    grpc_.reset();
    flow_->drain();
    delivery_->drain();
    ledger_->close();
  }

  std::uint16_t port() const override { return grpc_->port(); }
  std::uint16_t other_port() const override { return socket_->port(); }

  void settle() override {
    for (bool idle = false; !idle; std::this_thread::yield())
      (void)ledger_->read([&](ledger::Reader& reader) -> Result<void> {
        idle = reader.documents_in_state("received", 1).empty() && reader.documents_in_state("read", 1).empty();
        return {};
      });
  }

 private:
  std::unique_ptr<ledger::Ledger> ledger_;
  std::unique_ptr<partners::Partners> partners_;
  std::unique_ptr<flow::Flow> flow_;
  std::unique_ptr<delivery::Delivery> delivery_;
  ops::Readiness readiness_{"bench"};
  std::unique_ptr<transport::GrpcServer> grpc_;
  std::unique_ptr<transport::SocketServer> socket_;
};

}  // namespace

void write_surroundings(const std::filesystem::path& folder, const test::Authority& authority) {
  if (auto written = partners::write_development_certificates(folder / "certs", {"carrier"}); !written) std::abort();
  std::filesystem::create_directories(folder / "trust");
  authority.write_trust(folder / "trust");
}

std::unique_ptr<Served> serve_gateway(const std::filesystem::path& folder, const std::filesystem::path& ledger_name,
                                      bool drafting) {
  return std::make_unique<Gateway>(folder, ledger_name, drafting);
}

}  // namespace puente::bench
