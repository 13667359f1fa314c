#include <algorithm>
#include <fstream>
#include <iterator>
#include <set>
#include <thread>

#include "door.h"
#include "gateway/partners/certificates.h"
#include "tests/unit/flow/gateway_fixture.h"

namespace puente::conformance {
namespace {

// The partners of the flow's fixture, by the digit its registry uses for their keys.
constexpr std::pair<const char*, char> kPartners[] = {{"shipper", '1'}, {"carrier", '2'}, {"stranger", '3'},
                                                      {"ops", '4'},     {"broker", '5'},  {"other-broker", '6'}};

class Conformance : public test::GatewayTest, public ::testing::WithParamInterface<TransportRow> {
 protected:
  void SetUp() override {
    std::string pattern = ::testing::TempDir() + "puente-conformance-XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    certificates_ = pattern;
    ASSERT_TRUE(partners::write_development_certificates(
        certificates_, {"shipper", "carrier", "stranger", "ops", "broker", "other-broker", "nobody"}));
    GatewayTest::SetUp();
    if (HasFatalFailure()) return;
    auto started = GetParam().start({*partners_, *flow_, *delivery_, *ledger_, certificates_});
    ASSERT_TRUE(started) << started.error().text;
    transport_ = std::move(*started);
    flow_->start();
    delivery_->start();
  }

  void TearDown() override {
    transport_.reset();
    GatewayTest::TearDown();
    std::filesystem::remove_all(certificates_);
  }

  std::string registry_text() const override {
    std::string text = GatewayTest::registry_text();
    for (const auto& [name, digit] : kPartners) {
      std::ifstream in(certificates_ / (std::string(name) + ".crt"), std::ios::binary);
      const std::string pem{std::istreambuf_iterator<char>(in), {}};
      const std::string stand_in(64, digit);
      if (const auto at = text.find(stand_in); at != std::string::npos) {
        text.replace(at, stand_in.size(), partners::spki_sha256_of_pem(pem).value());
      }
    }
    return text;
  }

  std::unique_ptr<Door> connect(const std::string& partner) {
    auto door = transport_->connect(partner);
    EXPECT_TRUE(door) << door.error().text;
    return door ? std::move(*door) : nullptr;
  }

  static v1::SubmitRequest request(v1::DocumentKind kind, const std::string& content) {
    v1::SubmitRequest out;
    out.set_kind(kind);
    out.set_content(content);
    return out;
  }

  void send_shipment() {
    const test::Sample documents = sample();
    ASSERT_TRUE(connect("shipper")->submit(request(v1::SAT_XML, documents.invoice)));
    const auto carrier = connect("carrier");
    ASSERT_TRUE(carrier->submit(request(v1::SAT_XML, documents.carta_porte)));
    ASSERT_TRUE(carrier->submit(request(v1::CROSSING_NOTICE, documents.notice)));
  }

  // Until the door has been given so many filings; false when that never happens.
  static bool taken(Door& door, std::size_t count) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(120);
    while (door.taken().size() < count) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      std::this_thread::yield();
    }
    return true;
  }

  std::filesystem::path certificates_;
  std::unique_ptr<Transport> transport_;
};

TEST_P(Conformance, Document_Repeated_GetsTheIdenticalFirstReceipt) {
  const auto shipper = connect("shipper");
  const auto document = request(v1::SAT_XML, sample().invoice);
  const auto first = shipper->submit(document);
  ASSERT_TRUE(first) << first.error().text;
  ASSERT_TRUE(first->has_receipt());
  const auto again = connect("shipper")->submit(document);
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->repeat());
  EXPECT_EQ(again->receipt().SerializeAsString(), first->receipt().SerializeAsString());
}

TEST_P(Conformance, Document_SameIdentityOtherBytes_FindingAndNoReceipt) {
  const auto shipper = connect("shipper");
  std::string content = sample().invoice;
  ASSERT_TRUE(shipper->submit(request(v1::SAT_XML, content))->has_receipt());
  const auto conflict = shipper->submit(request(v1::SAT_XML, content + "\n"));
  ASSERT_TRUE(conflict) << conflict.error().text;
  EXPECT_FALSE(conflict->has_receipt());
  ASSERT_EQ(conflict->findings_size(), 1);
  EXPECT_EQ(conflict->findings(0).code(), "DUPLICATE_ID_CONFLICT");
}

TEST_P(Conformance, Document_NotXml_ReceiptedThenRejectedWithFindings) {
  const auto shipper = connect("shipper");
  const auto reply = shipper->submit(request(v1::SAT_XML, "not XML"));
  ASSERT_TRUE(reply) << reply.error().text;
  settle();
  const auto status = shipper->status(reply->receipt().body().document_id());
  ASSERT_TRUE(status) << status.error().text;
  ASSERT_EQ(status->documents_size(), 1);
  EXPECT_EQ(status->documents(0).state(), "rejected");
  EXPECT_GT(status->documents(0).findings_size(), 0);
}

TEST_P(Conformance, Shipment_Whole_FilerConfirmsAndTheSenderSeesIt) {
  send_shipment();
  const auto broker = connect("broker");
  broker->take(8);
  ASSERT_TRUE(taken(*broker, 2));
  std::set<std::string> tokens;
  for (const v1::Filing& filing : broker->taken()) {
    EXPECT_FALSE(filing.possible_duplicate());
    EXPECT_FALSE(filing.records().empty());
    tokens.insert(filing.token());
    const auto confirmed = broker->act(test::confirmation(filing.token()));
    ASSERT_TRUE(confirmed) << confirmed.error().text;
    EXPECT_TRUE(confirmed->applied());
    const auto again = broker->act(test::confirmation(filing.token()));
    ASSERT_TRUE(again);
    EXPECT_TRUE(again->repeat());
  }
  EXPECT_EQ(tokens.size(), 2U);
  const auto status = connect("shipper")->status(std::string(kInvoiceUuid));
  ASSERT_TRUE(status);
  ASSERT_EQ(status->shipments_size(), 1);
  for (const v1::FilingStatus& filing : status->shipments(0).filings()) EXPECT_EQ(filing.state(), "confirmed");
}

TEST_P(Conformance, Filer_ConnectionLost_SameTokensMarkedPossibleDuplicate) {
  send_shipment();
  std::set<std::string> first, second;
  {
    const auto broker = connect("broker");
    broker->take(8);
    ASSERT_TRUE(taken(*broker, 2));
    for (const v1::Filing& filing : broker->taken()) first.insert(filing.token());
    broker->lose_connection();
  }
  const auto broker = connect("broker");
  broker->take(8);
  ASSERT_TRUE(taken(*broker, 2));
  for (const v1::Filing& filing : broker->taken()) {
    EXPECT_TRUE(filing.possible_duplicate());
    second.insert(filing.token());
  }
  EXPECT_EQ(second, first);
}

TEST_P(Conformance, AnotherPartnersObjects_AnswerAsUnknownOnes) {
  send_shipment();
  const auto broker = connect("broker");
  broker->take(8);
  ASSERT_TRUE(taken(*broker, 2));
  const auto other = connect("other-broker");
  const auto theirs = other->act(test::confirmation(broker->taken()[0].token()));
  const auto unknown = other->act(test::confirmation("no such token"));
  ASSERT_TRUE(theirs);
  ASSERT_TRUE(unknown);
  ASSERT_EQ(theirs->findings_size(), 1);
  EXPECT_EQ(theirs->findings(0).code(), unknown->findings(0).code());
  const auto stranger = connect("stranger");
  EXPECT_EQ(stranger->status(std::string(kInvoiceUuid))->SerializeAsString(),
            stranger->status("00000000-0000-4000-8000-000000000000")->SerializeAsString());
}

TEST_P(Conformance, UnknownKeyOrWrongRole_RefusedAndServedOn) {
  const auto document = request(v1::SAT_XML, sample().invoice);
  const auto nobody = connect("nobody")->submit(document);
  ASSERT_FALSE(nobody);
  EXPECT_EQ(nobody.error().code, "unauthenticated");
  const auto filer = connect("broker")->submit(document);
  ASSERT_FALSE(filer);
  EXPECT_EQ(filer.error().code, "role_refused");
  const auto sender = connect("shipper")->act(test::confirmation("TOKEN"));
  ASSERT_FALSE(sender);
  EXPECT_EQ(sender.error().code, "role_refused");
  EXPECT_TRUE(connect("shipper")->submit(document));
}

TEST_P(Conformance, MessageOverTheLimit_RefusedAndServedOn) {
  const auto shipper = connect("shipper");
  const auto refused = shipper->submit(request(v1::SAT_XML, std::string(std::size_t{12} << 20U, ' ')));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "limit_reached");
  EXPECT_TRUE(connect("shipper")->submit(request(v1::SAT_XML, sample().invoice)));
}

INSTANTIATE_TEST_SUITE_P(EveryTransport, Conformance, ::testing::Values(TransportRow{"grpc", start_grpc}),
                         [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace puente::conformance
