#include "gateway_fixture.h"

#include <openssl/evp.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

#include "gateway/ops/log.h"
#include "gateway/partners/certificates.h"

namespace puente::transport::testing {
namespace {

std::string sha256(std::string_view bytes) {
  std::string digest(32, '\0');
  EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()), nullptr, EVP_sha256(),
             nullptr);
  return digest;
}

std::string hex(std::string_view bytes) {
  std::string out;
  for (const char byte : bytes) {
    out += "0123456789abcdef"[static_cast<unsigned char>(byte) >> 4U];
    out += "0123456789abcdef"[static_cast<unsigned char>(byte) & 15U];
  }
  return out;
}

ledger::EventText event_text(const char* verb, const flow::PartnerScope& scope) {
  ledger::EventText event;
  event.verb = verb;
  event.partner = scope.partner;
  return event;
}

}  // namespace

bool eventually(const std::function<bool()>& condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::yield();
  }
  return true;
}

void FlowOnLedger::accept(const flow::PartnerScope& scope, flow::Submission submission,
                          std::function<void(Result<v1::SubmitReply>)> done) {
  if (submission.content == "fault") return done(retryable("store_busy", "the store is busy"));
  if (submission.content == "refuse") {
    v1::SubmitReply reply;
    reply.set_client_ref(submission.client_ref);
    *reply.add_findings() = make_finding("DOCUMENT_EMPTY");
    return done(std::move(reply));
  }
  if (submission.content.starts_with("hold")) {
    const std::scoped_lock lock(mutex_);
    held_.push_back({scope, std::move(submission), std::move(done)});
    return;
  }
  keep(scope, std::move(submission), std::move(done));
}

void FlowOnLedger::keep(const flow::PartnerScope& scope, flow::Submission submission,
                        std::function<void(Result<v1::SubmitReply>)> done) {
  const auto reply = std::make_shared<v1::SubmitReply>();
  reply->set_client_ref(submission.client_ref);
  const auto body = std::make_shared<std::string>(std::move(submission.content));
  ledger_.write(
      [=](ledger::Writer& writer) -> Result<void> {
        const std::string digest = sha256(*body), identity = scope.partner + ":sha256:" + hex(digest);
        if (const auto first = writer.document_by_identity(identity)) {
          reply->set_repeat(true);
          reply->mutable_receipt()->ParseFromString(first->receipt);
          return {};
        }
        ledger::DocumentRow row;
        row.id = "DOC" + hex(digest).substr(0, 26);
        row.partner = scope.partner;
        row.kind = v1::SAT_XML;
        row.identity = identity;
        row.sha256 = digest;
        row.state = "received";
        row.received_at = 1;
        row.sequence = writer.next_sequence();
        v1::Receipt& receipt = *reply->mutable_receipt();
        receipt.mutable_body()->set_document_id(row.id);
        receipt.mutable_body()->set_sha256(digest);
        receipt.mutable_body()->set_ledger_sequence(row.sequence);
        row.receipt = receipt.SerializeAsString();
        if (auto done_ = writer.insert_document(row, *body, event_text("accept", scope)); !done_) return done_;
        if (auto done_ = writer.move_document(row.id, "read", "", "", event_text("read", scope)); !done_) return done_;
        return writer.move_document(row.id, "joined", "", "", event_text("join", scope));
      },
      [reply, done = std::move(done)](Result<void> written) {
        if (!written) return done(tl::unexpected(written.error()));
        done(std::move(*reply));
      });
}

v1::CheckReport FlowOnLedger::check(std::string_view, std::string_view, std::string content) {
  v1::CheckReport report;
  report.set_verdict(content == "bad" ? "rejected" : "accepted");
  return report;
}

Result<v1::StatusReply> FlowOnLedger::status(const flow::PartnerScope& scope, std::string_view number) {
  v1::StatusReply reply;
  auto read = ledger_.read([&](ledger::Reader& reader) -> Result<void> {
    const auto row = reader.document(number);
    if (!row || (row->partner != scope.partner && !scope.ops())) return {};
    reply.set_found(true);
    reply.add_documents()->set_document_id(row->id);
    return {};
  });
  if (!read) return tl::unexpected(read.error());
  return reply;
}

Result<v1::Draft> FlowOnLedger::draft_of(const flow::PartnerScope&, std::string_view) {
  return permanent("filing_unknown", "no filing has this number");
}

Result<std::vector<v1::StatusEvent>> FlowOnLedger::events(const flow::PartnerScope& scope, std::uint64_t& last,
                                                          std::size_t limit) {
  std::vector<v1::StatusEvent> out;
  {
    const std::scoped_lock lock(mutex_);
    for (; made_up_ != 0 && last < made_up_ && out.size() < limit; ++given_) {
      v1::StatusEvent& event = out.emplace_back();
      event.set_sequence(++last);
      event.set_text(std::string(made_up_bytes_, 'x'));
    }
    if (made_up_ != 0) return out;
  }
  auto read = ledger_.read([&](ledger::Reader& reader) -> Result<void> {
    for (const ledger::EventRow& row : reader.events_of_partner(scope.partner, last, limit)) {
      v1::StatusEvent& event = out.emplace_back();
      event.set_sequence(row.sequence);
      event.set_object(row.object);
      event.set_object_id(row.object_id);
      event.set_verb(row.verb);
      event.set_state(row.to_state);
      last = row.sequence;
    }
    return {};
  });
  if (!read) return tl::unexpected(read.error());
  return out;
}

void FlowOnLedger::release() {
  std::vector<Held> held;
  {
    const std::scoped_lock lock(mutex_);
    held.swap(held_);
  }
  for (Held& entry : held) keep(entry.scope, std::move(entry.submission), std::move(entry.done));
}

std::size_t FlowOnLedger::held() const {
  const std::scoped_lock lock(mutex_);
  return held_.size();
}

void FlowOnLedger::make_up_events(std::uint64_t count, std::size_t bytes) {
  const std::scoped_lock lock(mutex_);
  made_up_ = count;
  made_up_bytes_ = bytes;
}

std::uint64_t FlowOnLedger::events_given() const {
  const std::scoped_lock lock(mutex_);
  return given_;
}

class DeliveryOfTest::Session final : public delivery::FilerSession {
 public:
  Session(DeliveryOfTest& desk, Sink sink) : desk_(desk), sink_(std::move(sink)) {}
  ~Session() override { close(); }
  void grant(std::uint32_t credits) override {
    for (std::uint32_t index = 0; index < credits; ++index) {
      v1::Filing filing;
      filing.set_token("TOKEN" + std::to_string(++offered_));
      sink_(filing);
    }
  }
  void close() override {
    const std::scoped_lock lock(desk_.mutex_);
    if (!closed_) --desk_.open_;
    closed_ = true;
  }

 private:
  DeliveryOfTest& desk_;
  const Sink sink_;
  bool closed_ = false;
  int offered_ = 0;
};

std::unique_ptr<delivery::FilerSession> DeliveryOfTest::attach(const flow::PartnerScope& scope, std::string_view,
                                                               Sink sink) {
  const std::scoped_lock lock(mutex_);
  ++open_;
  partners_.push_back(scope.partner);
  return std::make_unique<Session>(*this, std::move(sink));
}

void DeliveryOfTest::act(const flow::PartnerScope&, v1::FilerAct act, std::string_view,
                         std::function<void(Result<v1::FilerActResult>)> done) {
  v1::FilerActResult result;
  result.set_applied(act.has_confirmation());
  result.set_token(act.confirmation().token());
  done(std::move(result));
}

int DeliveryOfTest::sessions_open() const {
  const std::scoped_lock lock(mutex_);
  return open_;
}

std::vector<std::string> DeliveryOfTest::partners_seen() const {
  const std::scoped_lock lock(mutex_);
  return partners_;
}

std::string GatewayTest::text_of(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

v1::SubmitRequest GatewayTest::document(const std::string& content) {
  v1::SubmitRequest request;
  request.set_kind(v1::SAT_XML);
  request.set_content(content);
  request.set_client_ref("ref " + content.substr(0, 32));
  return request;
}

// Rates are proved in admission_test.cpp and do not hinder here; the others are the presets.
constexpr const char* kFast =
    "limits.connections_per_minute = 1000000\nlimits.documents_per_second = 1000000\nlimits.documents_burst = 1000000\n"
    "limits.questions_per_second = 1000000\nlimits.calls_per_second = 1000000\n";

std::string GatewayTest::registry_text(std::string_view revoked) const {
  std::string out;
  const std::map<std::string, std::string> roles{{"carrier", "sender"}, {"broker", "filer"}, {"keeper", "ops"}};
  for (const auto& [name, role] : roles) {
    out += "[partner." + name + "]\nroles = [\"" + role + "\"]\n" + (role == "filer" ? "broker = \"broker\"\n" : "") +
           "keys = [{ spki_sha256 = \"" + partners::spki_sha256_of_pem(text_of(file(name + ".crt"))).value() +
           "\", revoked = " + (name == revoked ? "true" : "false") + " }]\n" + kFast;
  }
  return out;
}

void GatewayTest::SetUp() {
  ops::set_log_level(ops::LogLevel::error);
  std::string pattern = ::testing::TempDir() + "puente-grpc-XXXXXX";
  ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
  dir_ = pattern;
  ASSERT_TRUE(partners::write_development_certificates(dir_ / "certs", {"carrier", "broker", "keeper", "stranger"}));
  ledger::SqliteOptions store;
  store.file = dir_ / "ledger.db";
  auto ledger = ledger::open_sqlite(store);
  ASSERT_TRUE(ledger) << ledger.error().text;
  ledger_ = std::move(*ledger);
  flow_ = std::make_unique<FlowOnLedger>(*ledger_);
  auto registry = partners::Registry::parse("registry.toml", registry_text());
  ASSERT_TRUE(registry) << registry.error().text;
  partners_ = std::make_unique<partners::Partners>(*registry);
  GrpcOptions options;
  options.certificate = file("server.crt");
  options.key = file("server.key");
  options.client_authorities = {file("ca.crt")};
  options.limits = limits();
  auto server = GrpcServer::start(options, *partners_, *flow_, delivery_, *ledger_, readiness_);
  ASSERT_TRUE(server) << server.error().text;
  server_ = std::move(*server);
}

void GatewayTest::TearDown() {
  if (flow_) flow_->release();
  server_.reset();
  if (ledger_) ledger_->close();
  ledger_.reset();
  std::filesystem::remove_all(dir_);
  ops::set_log_level(ops::LogLevel::info);
}

void GatewayTest::revoke(std::string_view name) {
  auto registry = partners::Registry::parse("registry.toml", registry_text(name));
  ASSERT_TRUE(registry) << registry.error().text;
  partners_->replace(*registry);
}

Result<std::unique_ptr<client::Client>> GatewayTest::try_connect(const std::string& name) const {
  return client::Client::connect({.address = address(),
                                  .authority = file("ca.crt"),
                                  .certificate = file(name + ".crt"),
                                  .key = file(name + ".key")});
}

std::unique_ptr<client::Client> GatewayTest::connect(const std::string& name) const {
  auto connected = try_connect(name);
  EXPECT_TRUE(connected) << connected.error().text;
  return connected ? std::move(*connected) : nullptr;
}

}  // namespace puente::transport::testing
