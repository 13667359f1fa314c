#include "gateway/app/gateway.h"

#include <unistd.h>

#include <cstdlib>
#include <mutex>
#include <thread>
#include <vector>

#include "gateway/app/exit_code.h"
#include "gateway/app/files.h"
#include "gateway/app/knowledge.h"
#include "gateway/delivery/delivery.h"
#include "gateway/estado/http_consulta.h"
#include "gateway/flow/flow.h"
#include "gateway/flow/receipt_signer.h"
#include "gateway/ledger/open.h"
#include "gateway/ops/fault_points.h"
#include "gateway/ops/health_listener.h"
#include "gateway/ops/log.h"
#include "gateway/ops/readiness.h"
#include "gateway/transport/grpc/grpc_server.h"
#include "gateway/transport/socket/socket_server.h"
#include "gateway/transport/spool/spool.h"

namespace puente::app {
namespace {

constexpr std::size_t kAuthorityBytes = 1U << 20U;

// The disk no longer does what was promised for receipts.
constexpr int kExitIo = static_cast<int>(ExitCode::io);

template <typename To>
To whole(std::chrono::milliseconds value) {
  return std::chrono::ceil<To>(value);
}

flow::FlowOptions flow_options(const Configuration& values) {
  flow::FlowOptions options;
  options.workers = values.workers;
  options.limits = read_limits(values);
  options.deadline_before_arrival = whole<std::chrono::minutes>(values.deadline_before_arrival);
  return options;
}

// Off: a policy that asks nobody.
Result<flow::EstadoPolicy> estado_policy(const Configuration& values, const flow::Clock& clock) {
  flow::EstadoPolicy policy;
  if (!values.estado_url) return policy;
  estado::HttpConsultaOptions options;
  options.url = values.estado_url->text;
  if (values.estado_proxy) options.proxy = values.estado_proxy->text;
  options.refuse_simulators = values.environment == sat::Environment::production;
  for (const auto& file : values.estado_authorities) {
    const auto pem = read_file(file, kAuthorityBytes);
    if (!pem) return tl::unexpected(pem.error());
    options.authorities += *pem + "\n";
  }
  auto client = estado::make_http_consulta(std::move(options));
  if (!client) return tl::unexpected(client.error());
  policy.consulta = estado::remembering(std::move(*client), values.estado_keep,
                                        [clock] { return std::chrono::microseconds(clock()); });
  policy.deadline = values.estado_deadline;
  policy.wait = values.estado_wait;
  policy.keep = values.estado_keep;
  policy.again_first = values.estado_again_first;
  policy.again_limit = values.estado_again_limit;
  policy.until = values.estado_until;
  policy.at_once = values.estado_at_once;
  return policy;
}

delivery::DeliveryOptions delivery_options(const Configuration& values) {
  delivery::DeliveryOptions options;
  options.poll = whole<std::chrono::seconds>(values.delivery_poll);
  options.filing.first = values.backoff_first;
  options.filing.limit = values.backoff_limit;
  options.give_up = whole<std::chrono::seconds>(values.give_up);
  return options;
}

ledger::SqliteOptions ledger_options(const Configuration& values, ops::Readiness& readiness) {
  ledger::SqliteOptions options;
  options.file = values.ledger;
  options.readers = values.ledger_readers;
  options.on_broken = [](const Fault& fault) {
    ops::log_error("ledger_broken", {{"code", fault.code}, {"text", fault.text}});
    ::_exit(kExitIo);  // only a new start, which reads the ledger back, knows what the disk holds
  };
  options.on_writable = [&readiness](const Fault* fault) {
    readiness.set("store_writable", fault == nullptr, fault == nullptr ? "" : fault->text);
    if (fault != nullptr)
      ops::log_error("store_unwritable", {{"code", fault->code}, {"text", fault->text}});
    else
      ops::log_info("store_writable");
  };
  return options;
}

Fault invalid(const Findings& findings, const std::filesystem::path& file) {
  for (const Finding& finding : findings)
    if (finding.severity() == v1::SEVERITY_ERROR)
      return {FaultKind::permanent, "config_invalid",
              file.string() + ": " + finding.source().path() + ": " + finding.detail()};
  return {FaultKind::permanent, "config_invalid", file.string()};
}

}  // namespace

// Members in the order in which they are built; destroyed in reverse.
struct Gateway::Rooms {
  LoadedConfiguration configuration;
  std::mutex reloading;
  ops::Readiness readiness{"ledger", "store_writable", "transports", "not_draining"};
  std::unique_ptr<ledger::Ledger> ledger;
  std::unique_ptr<partners::Partners> partners;
  std::shared_ptr<const flow::ReceiptSigner> signer;
  std::shared_ptr<transport::Admission> admission;
  std::unique_ptr<flow::Flow> flow;
  std::unique_ptr<delivery::Delivery> delivery;
  std::unique_ptr<transport::SpoolTransport> spool;
  std::unique_ptr<transport::GrpcServer> grpc;
  std::unique_ptr<transport::SocketServer> socket;  // null: off
  std::unique_ptr<ops::HealthListener> health;

  Result<void> build(Loaded loaded) {
    const Configuration& values = configuration.values;
    ops::set_log_level(values.log_level);
    auto health_started = ops::HealthListener::start(values.health_listen.text(), readiness);
    if (!health_started) return tl::unexpected(health_started.error());
    health = std::move(*health_started);
    ops::cross(ops::FaultPoint::start_before_ledger);
    auto opened = ledger::open_sqlite(ledger_options(values, readiness));
    if (!opened) return tl::unexpected(opened.error());
    ledger = std::move(*opened);
    readiness.set("ledger", true);
    readiness.set("store_writable", true);
    ops::cross(ops::FaultPoint::start_ledger_open);
    auto loaded_signer = flow::EcdsaReceiptSigner::load(values.receipt_key);
    if (!loaded_signer) return tl::unexpected(loaded_signer.error());
    signer = std::move(*loaded_signer);
    partners = std::make_unique<partners::Partners>(std::move(loaded.registry));
    admission = std::make_shared<transport::Admission>(*partners, *ledger);
    flow::FlowOptions options = flow_options(values);
    auto asking = estado_policy(values, options.clock);
    if (!asking) return tl::unexpected(asking.error());
    options.estado = std::move(*asking);
    const flow::FlowOptions of_delivery = options;
    options.shares = admission->shares();
    flow = flow::make_flow(*ledger, *partners, std::move(loaded.knowledge), signer, options);
    delivery = delivery::make_delivery(*ledger, *partners, *flow, signer, delivery_options(values), of_delivery);
    flow->start();
    delivery->start();
    ops::cross(ops::FaultPoint::start_workers);
    if (auto started = start_transports(values); !started) return started;
    ops::cross(ops::FaultPoint::start_doors_open);
    readiness.set("transports", true);
    readiness.set("not_draining", true);
    return {};
  }

  Result<void> start_transports(const Configuration& values);
  Findings reload();
};

Result<void> Gateway::Rooms::start_transports(const Configuration& values) {
  const std::scoped_lock lock(reloading);  // an order to reload may come before `grpc` is there
  transport::GrpcOptions options;
  options.listen = values.grpc_listen.text();
  options.certificate = values.tls_certificate;
  options.key = values.tls_key;
  options.client_authorities = {values.tls_client_ca};
  options.limits.connections = values.connections;
  options.limits.connections_per_address = values.connections_per_address;
  options.limits.handshakes = values.handshakes;
  options.limits.handshakes_per_address = values.handshakes_per_address;
  options.limits.connection_idle = whole<std::chrono::seconds>(values.connection_idle);
  options.limits.connection_age = whole<std::chrono::seconds>(values.connection_age);
  options.admission = admission;
  options.reload = [this]() -> Result<std::vector<Finding>> { return reload().list(); };
  auto started = transport::GrpcServer::start(std::move(options), *partners, *flow, *delivery, *ledger, readiness);
  if (!started) return tl::unexpected(started.error());
  grpc = std::move(*started);
  if (values.socket_listen) {
    transport::SocketOptions socket_options;
    socket_options.limits.connections = values.connections;
    socket_options.limits.connections_per_address = values.connections_per_address;
    socket_options.limits.handshakes = values.handshakes;
    socket_options.limits.handshakes_per_address = values.handshakes_per_address;
    socket_options.admission = admission;
    socket_options.listen = values.socket_listen->text();
    socket_options.certificate = values.tls_certificate;
    socket_options.key = values.tls_key;
    socket_options.client_authorities = {values.tls_client_ca};
    auto opened = transport::SocketServer::start(std::move(socket_options), *partners, *flow, *delivery, *ledger);
    if (!opened) return tl::unexpected(opened.error());
    socket = std::move(*opened);
  }
  transport::SpoolOptions spool_options;
  spool_options.poll = values.delivery_poll;
  spool_options.on_fault = [](const Fault& fault) {
    ops::log_warn("spool_fault", {{"code", fault.code}, {"text", fault.text}});
  };
  spool = transport::make_spool(*partners, *delivery, std::move(spool_options));
  spool->start();
  return {};
}

Findings Gateway::Rooms::reload() {
  const std::scoped_lock lock(reloading);
  LoadedConfiguration wanted = load_configuration(configuration.file);
  Findings findings = wanted.findings;
  ops::cross(ops::FaultPoint::reload_begun);
  if (wanted.usable()) {
    const std::vector<std::string> restarts = restart_needed(configuration.values, wanted.values);
    for (const std::string& key : restarts) {
      Finding& finding = findings.add("CONFIG_RESTART_NEEDED", {{"key", key}});
      finding.mutable_source()->set_document(wanted.file.string());
      finding.mutable_source()->set_path(key);
      finding.mutable_source()->set_line(wanted.line_of(key));
    }
    const bool environment_changed = wanted.values.environment != configuration.values.environment;
    if (!environment_changed) {
      const Loaded loaded = load_contents(wanted, findings);
      if (loaded.registry) partners->replace(loaded.registry);
      ops::cross(ops::FaultPoint::reload_registry);
      flow::Knowledge knowledge = flow->knowledge();
      if (loaded.knowledge.trust) {
        knowledge.trust = loaded.knowledge.trust;
        knowledge.reads = nullptr;  // read with the trust of before
      }
      if (loaded.registry) {
        knowledge.registry = loaded.registry;
        knowledge.reads = nullptr;
      }
      if (loaded.knowledge.lists) {
        knowledge.lists = loaded.knowledge.lists;
        knowledge.reads = nullptr;
      }
      if (loaded.knowledge.profiles) knowledge.profiles = loaded.knowledge.profiles;
      if (loaded.knowledge.catalog) knowledge.catalog = loaded.knowledge.catalog;
      flow->replace_knowledge(std::move(knowledge));
      ops::set_log_level(wanted.values.log_level);
    }
  }
  auto certificates = grpc->reload_certificates();
  if (socket && certificates) certificates = socket->reload_certificates();
  if (!certificates)
    findings.add("CONFIG_CONTENT_INVALID", {{"key", "tls.certificate"}, {"fault", certificates.error().code}})
        .set_detail(certificates.error().text);
  for (const Finding& finding : findings)
    ops::log_warn("reload_finding", {{"code", finding.code()},
                                     {"key", finding.source().path()},
                                     {"line", finding.source().line()},
                                     {"text", finding.en()},
                                     {"detail", finding.detail()}});
  ops::cross(ops::FaultPoint::reload_done);
  ops::log_info("reloaded", {{"findings", findings.size()}});
  return findings;
}

Gateway::Gateway(std::unique_ptr<Rooms> rooms) : rooms_(std::move(rooms)) {}

Gateway::~Gateway() = default;

Result<std::unique_ptr<Gateway>> Gateway::start(LoadedConfiguration configuration, Findings& findings) {
  check_surroundings(configuration, findings);
  Loaded loaded;
  if (!findings.has(v1::SEVERITY_ERROR)) loaded = load_contents(configuration, findings);
  if (findings.has(v1::SEVERITY_ERROR)) return tl::unexpected(invalid(findings, configuration.file));
  if (auto permitted = ops::permit_fault_points(configuration.values.environment == sat::Environment::production);
      !permitted)
    return tl::unexpected(permitted.error());
  auto rooms = std::make_unique<Rooms>();
  rooms->configuration = std::move(configuration);
  if (auto built = rooms->build(std::move(loaded)); !built) return tl::unexpected(built.error());
  ops::log_info("serving", {{"grpc_port", rooms->grpc->port()},
                            {"socket_port", rooms->socket ? rooms->socket->port() : 0},
                            {"health_port", rooms->health->port()},
                            {"durability", rooms->ledger->durability()},
                            {"production", rooms->configuration.values.environment == sat::Environment::production}});
  return std::unique_ptr<Gateway>(new Gateway(std::move(rooms)));
}

std::uint16_t Gateway::grpc_port() const { return rooms_->grpc->port(); }
std::uint16_t Gateway::socket_port() const { return rooms_->socket ? rooms_->socket->port() : 0; }
std::uint16_t Gateway::health_port() const { return rooms_->health->port(); }

bool Gateway::writes() {
  return rooms_->ledger->write_and_wait([](ledger::Writer&) -> Result<void> { return {}; }).has_value();
}

Findings Gateway::reload() { return rooms_->reload(); }

void Gateway::drain() {
  ops::log_info("draining");
  rooms_->readiness.set("not_draining", false, "the gateway is stopping");
  ops::cross(ops::FaultPoint::drain_begun);
  const auto grace = whole<std::chrono::seconds>(rooms_->configuration.values.drain_limit);
  // Both doors at the same time: each has the whole time.
  std::thread socket([&] {
    if (rooms_->socket) rooms_->socket->drain(grace);
  });
  rooms_->grpc->drain(grace);
  socket.join();
  rooms_->spool->stop();
  ops::cross(ops::FaultPoint::drain_doors_closed);
  rooms_->flow->drain();
  ops::cross(ops::FaultPoint::drain_flow_done);
  rooms_->delivery->drain();
  ops::cross(ops::FaultPoint::drain_delivery_done);
  rooms_->grpc->stop();
  if (rooms_->socket) rooms_->socket->stop();
  rooms_->ledger->close();
  ops::cross(ops::FaultPoint::drain_ledger_closed);
  ops::log_info("drained");
}

}  // namespace puente::app
