#include "tests/unit/flow/gateway_fixture.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <algorithm>
#include <fstream>
#include <future>
#include <iterator>

#include "gateway/flow/receipt_signer.h"

namespace puente::test {
namespace {

constexpr std::chrono::seconds kPatience{60};  // before a test says that something never happened

std::filesystem::path samples() { return std::filesystem::path(PUENTE_SOURCE_DIR) / "deploy" / "samples"; }

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  EXPECT_TRUE(in) << path;
  return {std::istreambuf_iterator<char>(in), {}};
}

// Keys take long to make: one authority and two issuers for the whole program.
struct Office {
  Authority authority = Authority::create();
  Signer supplier = authority.issue({"30001000000500003416", "AUTOPARTES DEL RIO BRAVO", "ARB100415K72"});
  Signer carrier = authority.issue({"30001000000500003417", "TRANSPORTES FRONTERA DEL NORTE", "TFR080521QW3"});
};
const Office& office() {
  static const Office made;
  return made;
}

std::string ec_key_pem() {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  BIO* bio = BIO_new(BIO_s_mem());
  PEM_write_bio_PrivateKey(bio, key, nullptr, nullptr, 0, nullptr, nullptr);
  char* data = nullptr;
  const auto size = BIO_get_mem_data(bio, &data);
  std::string pem(data, static_cast<std::size_t>(size));
  BIO_free(bio);
  EVP_PKEY_free(key);
  return pem;
}

void drop_attribute(std::string& text, std::string_view name) {
  const auto at = text.find(" " + std::string(name) + "=\"");
  if (at == std::string::npos) return;
  const auto open = text.find('"', at);
  text.erase(at, text.find('"', open + 1) + 1 - at);
}

void drop_element(std::string& text, std::string_view name) {
  const auto at = text.find("<" + std::string(name));
  if (at == std::string::npos) return;
  text.erase(at, text.find("/>", at) + 2 - at);
}

void relate(std::string& document, std::string_view replaced) {
  document.insert(document.find("<cfdi:Emisor"),
                  "<cfdi:CfdiRelacionados TipoRelacion=\"04\"><cfdi:CfdiRelacionado UUID=\"" + std::string(replaced) +
                      "\"/></cfdi:CfdiRelacionados>");
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

}  // namespace

std::string GatewayTest::reseal(std::string document, std::string_view uuid, std::string_view stamp_time) {
  drop_element(document, "tfd:TimbreFiscalDigital");
  for (const auto* name : {"Sello", "NoCertificado", "Certificado"}) drop_attribute(document, name);
  const bool of_carrier = document.find("<cfdi:Emisor Rfc=\"TFR080521QW3\"") != std::string::npos;
  const auto& issuer = of_carrier ? office().carrier : office().supplier;
  return stamp(seal(document, issuer), office().authority.stamping(), {std::string(uuid), std::string(stamp_time)});
}

Sample GatewayTest::sample() {
  static const Sample made = [] {
    const auto folder = samples() / "auto-parts";
    return Sample{
        reseal(read_file(folder / "documents" / "factura-EXP10452.xml"), kInvoiceUuid, "2026-11-09T09:20:00"),
        reseal(read_file(folder / "documents" / "carta-porte-TFN88120.xml"), kCartaPorteUuid, "2026-11-10T15:50:00"),
        read_file(folder / "notice.json")};
  }();
  return made;
}

std::string GatewayTest::substituted_invoice() {
  static const std::string made = [] {
    auto text = read_file(samples() / "auto-parts" / "documents" / "factura-EXP10452.xml");
    relate(text, kInvoiceUuid);
    replace_all(text, "Fecha=\"2026-11-09T09:12:33\"", "Fecha=\"2026-11-09T10:12:33\"");
    replace_all(text, "Folio=\"10452\"", "Folio=\"10453\"");
    return reseal(text, kSecondUuid, "2026-11-09T10:20:00");
  }();
  return made;
}

std::string GatewayTest::substituted_carta_porte() {
  static const std::string made = [] {
    auto text = read_file(samples() / "auto-parts" / "documents" / "carta-porte-TFN88120.xml");
    relate(text, kCartaPorteUuid);
    replace_all(text, kInvoiceUuid, kSecondUuid);
    replace_all(text, "Fecha=\"2026-11-10T15:41:08\"", "Fecha=\"2026-11-10T16:41:08\"");
    return reseal(text, "7C3D0A52-8B66-4D2F-8F8C-3E5B7D2A1B44", "2026-11-10T16:50:00");
  }();
  return made;
}

std::string GatewayTest::domestic_invoice() {
  static const std::string made = [] {
    auto text = read_file(samples() / "auto-parts" / "documents" / "factura-EXP10452.xml");
    relate(text, kInvoiceUuid);
    constexpr std::string_view kEnd = "</cce20:ComercioExterior>";
    const auto begin = text.find("<cce20:ComercioExterior");
    text.erase(begin, text.find(kEnd) + kEnd.size() - begin);
    replace_all(text, "Exportacion=\"02\"", "Exportacion=\"01\"");
    replace_all(text, "Fecha=\"2026-11-09T09:12:33\"", "Fecha=\"2026-11-09T10:12:33\"");
    return reseal(text, kSecondUuid, "2026-11-09T10:20:00");
  }();
  return made;
}

std::string GatewayTest::later_notice() {
  auto notice = sample().notice;
  replace_all(notice, "TFNB07731-1", "TFNB07731-2");
  replace_all(notice, "2026-11-10T19:05", "2026-11-10T20:05");
  replace_all(notice, "2026-11-11T09:30", "2026-11-12T09:30");
  return notice;
}

void GatewayTest::SetUp() {
  std::string name = (std::filesystem::temp_directory_path() / "puente-flow-XXXXXX").string();
  ASSERT_NE(::mkdtemp(name.data()), nullptr);
  folder_ = name;
  std::filesystem::create_directories(folder_ / "trust");
  office().authority.write_trust(folder_ / "trust");
  auto signer = flow::EcdsaReceiptSigner::from_pem(ec_key_pem());
  ASSERT_TRUE(signer);
  signer_ = *signer;
  open();
}

void GatewayTest::TearDown() {
  close();
  std::filesystem::remove_all(folder_);
}

std::string GatewayTest::registry_text() const {
  const auto key = [](char c) { return "keys = [{ spki_sha256 = \"" + std::string(64, c) + "\" }]\n" + partners::widest_limits(); };
  return "[partner.shipper]\nroles = [\"sender\"]\n" + key('1') + "[partner.carrier]\nroles = [\"sender\"]\n" +
         key('2') + "[partner.stranger]\nroles = [\"sender\"]\n" + key('3') + "[partner.ops]\nroles = [\"ops\"]\n" +
         key('4') +
         "[partner.broker]\nroles = [\"filer\"]\nbroker = \"laredo-customs-brokers\"\nlease_seconds = 60\nwindow = "
         "8\n" +
         key('5') + "[partner.other-broker]\nroles = [\"filer\"]\nbroker = \"laredo-customs-brokers\"\n" + key('6') +
         "[[route]]\nfiler = \"broker\"\n";
}

flow::FlowOptions GatewayTest::flow_options() const {
  flow::FlowOptions options;
  options.clock = [this] { return now_.load(); };
  options.limits = limits_;
  return options;
}

void GatewayTest::open() {
  ledger::SqliteOptions sqlite;
  sqlite.file = folder_ / "ledger.db";
  sqlite.clock = [this] { return now_.load(); };
  auto ledger = ledger::open_sqlite(sqlite);
  ASSERT_TRUE(ledger) << ledger.error().text;
  ledger_ = std::move(*ledger);
  auto registry = partners::Registry::parse("partners.toml", registry_text());
  ASSERT_TRUE(registry) << registry.error().text;
  partners_ = std::make_unique<partners::Partners>(*registry);

  flow::Knowledge knowledge;
  auto trust = sat::TrustStore::load(sat::Environment::test, {folder_ / "trust"});
  ASSERT_TRUE(trust) << trust.error().text;
  knowledge.trust = *trust;
  std::vector<std::pair<std::string, std::string>> files;
  for (const auto& entry : std::filesystem::directory_iterator(samples() / "partners"))
    files.emplace_back(entry.path().filename().string(), read_file(entry.path()));
  std::sort(files.begin(), files.end());
  const auto extra = extra_profile();
  for (auto& [name, text] : files)
    if (name == "broker.toml" && !extra.empty()) text.insert(text.find("abi_port"), extra + "\n");
  auto profiles = crosswalk::Profiles::parse(files);
  ASSERT_TRUE(profiles) << profiles.error().text;
  knowledge.profiles = *profiles;
  auto catalog = crosswalk::ProductCatalog::parse("catalog.csv", read_file(samples() / "catalog.csv"));
  ASSERT_TRUE(catalog) << catalog.error().text;
  knowledge.catalog = *catalog;

  flow_ = flow::make_flow(*ledger_, *partners_, knowledge, signer_, flow_options());
  delivery_ = delivery::make_delivery(*ledger_, *partners_, *flow_, signer_, delivery_options_, flow_options());
  ledger_->listen([this](std::uint64_t) {
    const std::lock_guard lock(changed_mutex_);
    ++changes_;
    changed_.notify_all();
  });
}

void GatewayTest::close() {
  if (flow_) flow_->drain();
  if (delivery_) delivery_->drain();
  if (ledger_) ledger_->close();
  delivery_.reset();
  flow_.reset();
  ledger_.reset();
}

flow::PartnerScope GatewayTest::scope(std::string_view partner) const {
  const auto registry = partners_->current();
  const auto* row = registry->by_id(partner);
  EXPECT_NE(row, nullptr);
  return {std::string(partner), row->roles};
}

Result<v1::SubmitReply> GatewayTest::submit(std::string_view partner, v1::DocumentKind kind, std::string content,
                                            std::string client_ref) {
  std::promise<Result<v1::SubmitReply>> promise;
  flow_->accept(scope(partner), {kind, std::move(content), std::move(client_ref), "test"},
                [&promise](Result<v1::SubmitReply> reply) { promise.set_value(std::move(reply)); });
  return promise.get_future().get();
}

void GatewayTest::submit_shipment(const Sample& documents) {
  ASSERT_TRUE(submit("shipper", v1::SAT_XML, documents.invoice)->has_receipt());
  ASSERT_TRUE(submit("carrier", v1::SAT_XML, documents.carta_porte)->has_receipt());
  ASSERT_TRUE(submit("carrier", v1::CROSSING_NOTICE, documents.notice)->has_receipt());
}

Result<v1::FilerActResult> GatewayTest::act(std::string_view partner, v1::FilerAct act) {
  std::promise<Result<v1::FilerActResult>> promise;
  delivery_->act(scope(partner), std::move(act), "test",
                 [&promise](Result<v1::FilerActResult> result) { promise.set_value(std::move(result)); });
  return promise.get_future().get();
}

void GatewayTest::wait_until(const std::function<bool()>& condition) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  std::unique_lock lock(changed_mutex_);
  for (;;) {
    const auto seen = changes_;
    lock.unlock();
    if (condition()) return;
    lock.lock();
    if (!changed_.wait_until(lock, end, [&] { return changes_ != seen; })) {
      ADD_FAILURE() << "waited in vain";
      return;
    }
  }
}

void GatewayTest::settle() {
  wait_until([this] {
    bool idle = false;
    look([&](ledger::Reader& reader) {
      idle = reader.documents_in_state("received", 1).empty() && reader.documents_in_state("read", 1).empty();
    });
    return idle;
  });
}

v1::StatusReply GatewayTest::status(std::string_view partner, std::string_view number) {
  auto reply = flow_->status(scope(partner), number);
  EXPECT_TRUE(reply);
  return reply ? *reply : v1::StatusReply();
}

void GatewayTest::look(const std::function<void(ledger::Reader&)>& body) {
  const auto done = ledger_->read([&](ledger::Reader& reader) -> Result<void> {
    body(reader);
    return {};
  });
  EXPECT_TRUE(done);
}

std::vector<ledger::FilingRow> GatewayTest::filings() {
  std::vector<ledger::FilingRow> rows;
  look([&](ledger::Reader& reader) {
    for (const auto* state : {"gathering", "drafted", "held", "filed", "closed", "cancelled"})
      for (const auto& shipment : reader.shipments_in_state(state, 100))
        for (auto& row : reader.filings_of_shipment(shipment.id)) rows.push_back(std::move(row));
  });
  std::sort(rows.begin(), rows.end(),
            [](const auto& a, const auto& b) { return std::tie(b.kind, a.revision) < std::tie(a.kind, b.revision); });
  return rows;
}

ledger::FilingRow GatewayTest::filing(std::string_view kind, std::uint32_t revision) {
  for (auto& row : filings())
    if (row.kind == kind && row.revision == revision) return row;
  ADD_FAILURE() << "no filing " << kind << " " << revision;
  return {};
}

std::vector<std::string> GatewayTest::finding_codes(const v1::DocumentStatus& status) {
  std::vector<std::string> codes;
  for (const auto& finding : status.findings()) codes.push_back(finding.code());
  return codes;
}

delivery::Delivery::Sink Inbox::sink() {
  return [this](const v1::Filing& filing) {
    const std::lock_guard lock(mutex_);
    filings_.push_back(filing);
    arrived_.notify_all();
  };
}

v1::Filing Inbox::wait_for(std::size_t number) {
  std::unique_lock lock(mutex_);
  if (!arrived_.wait_for(lock, kPatience, [&] { return filings_.size() >= number; })) {
    ADD_FAILURE() << "offer " << number << " never came";
    return {};
  }
  return filings_[number - 1];
}

std::size_t Inbox::size() const {
  const std::lock_guard lock(mutex_);
  return filings_.size();
}

std::vector<v1::Filing> Inbox::all() const {
  const std::lock_guard lock(mutex_);
  return filings_;
}

v1::FilerAct confirmation(std::string_view token, std::string_view entry_number) {
  v1::FilerAct act;
  act.mutable_confirmation()->set_token(std::string(token));
  act.mutable_confirmation()->set_entry_number(std::string(entry_number));
  return act;
}

v1::FilerAct refusal(std::string_view token, bool retry, std::string_view reason) {
  v1::FilerAct act;
  act.mutable_refusal()->set_token(std::string(token));
  act.mutable_refusal()->set_retry(retry);
  act.mutable_refusal()->set_reason(std::string(reason));
  return act;
}

v1::FilerAct correction(std::string_view token, std::string_view element, std::string_view value) {
  v1::FilerAct act;
  act.mutable_correction()->set_token(std::string(token));
  act.mutable_correction()->set_element(std::string(element));
  act.mutable_correction()->set_value(std::string(value));
  act.mutable_correction()->set_reason("checked with the carrier");
  return act;
}

v1::FilerAct answer(std::string_view lines, std::string_view token) {
  v1::FilerAct act;
  act.mutable_answer()->set_lines(std::string(lines));
  act.mutable_answer()->set_token(std::string(token));
  return act;
}

}  // namespace puente::test
