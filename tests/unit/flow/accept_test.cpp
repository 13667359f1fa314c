#include <gmock/gmock.h>
#include <openssl/evp.h>

#include "gateway/flow/identity.h"
#include "tests/unit/flow/gateway_fixture.h"

namespace puente::test {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;

using Accept = GatewayTest;

TEST_F(Accept, Document_New_GetsSignedReceipt) {
  const auto documents = sample();
  const auto reply = submit("shipper", v1::SAT_XML, documents.invoice, "ref-1");
  ASSERT_TRUE(reply);
  ASSERT_TRUE(reply->has_receipt());
  EXPECT_EQ(reply->client_ref(), "ref-1");
  EXPECT_FALSE(reply->repeat());
  const auto& body = reply->receipt().body();
  EXPECT_EQ(body.sha256(), flow::sha256(documents.invoice));
  EXPECT_EQ(body.folio_fiscal(), kInvoiceUuid);
  EXPECT_TRUE(body.document_id().starts_with("DOC"));
  EXPECT_EQ(body.document_id().size(), 29U);
  EXPECT_GT(body.ledger_sequence(), 0U);
  EXPECT_EQ(reply->receipt().signed_part(), body.SerializeAsString());
  EXPECT_FALSE(reply->receipt().signature().empty());
  EXPECT_EQ(reply->receipt().key_id(), signer_->key_id());
}

TEST_F(Accept, Document_SentAgain_GetsIdenticalFirstReceipt) {
  const auto documents = sample();
  const auto first = submit("shipper", v1::SAT_XML, documents.invoice);
  pass(std::chrono::hours(1));
  const auto again = submit("shipper", v1::SAT_XML, documents.invoice);
  ASSERT_TRUE(first && again);
  EXPECT_TRUE(again->repeat());
  EXPECT_EQ(first->receipt().SerializeAsString(), again->receipt().SerializeAsString());
}

TEST_F(Accept, Document_SentAgainAfterRestart_GetsIdenticalFirstReceipt) {
  const auto documents = sample();
  const auto first = submit("shipper", v1::SAT_XML, documents.invoice);
  close();
  open();
  const auto again = submit("shipper", v1::SAT_XML, documents.invoice);
  ASSERT_TRUE(first && again);
  EXPECT_EQ(first->receipt().SerializeAsString(), again->receipt().SerializeAsString());
}

TEST_F(Accept, SameUuid_OtherBytes_IsConflictAndFirstUntouched) {
  const auto documents = sample();
  const auto first = submit("shipper", v1::SAT_XML, documents.invoice);
  auto other = documents.invoice;
  other += "\n";
  const auto conflict = submit("shipper", v1::SAT_XML, other);
  ASSERT_TRUE(conflict);
  EXPECT_FALSE(conflict->has_receipt());
  ASSERT_EQ(conflict->findings_size(), 1);
  EXPECT_EQ(conflict->findings(0).code(), "DUPLICATE_ID_CONFLICT");
  look([&](ledger::Reader& reader) {
    EXPECT_EQ(reader.body(first->receipt().body().document_id()), documents.invoice);
  });
}

TEST_F(Accept, SameDocument_OfAnotherPartner_GetsReceiptOfItsOwn) {
  const auto documents = sample();
  const auto first = submit("shipper", v1::SAT_XML, documents.invoice);
  const auto second = submit("carrier", v1::SAT_XML, documents.invoice);
  ASSERT_TRUE(first && second);
  EXPECT_FALSE(second->repeat());
  EXPECT_NE(first->receipt().body().document_id(), second->receipt().body().document_id());
}

TEST_F(Accept, Notice_SameIdOtherBytes_IsConflict) {
  const auto documents = sample();
  ASSERT_TRUE(submit("carrier", v1::CROSSING_NOTICE, documents.notice)->has_receipt());
  const auto conflict = submit("carrier", v1::CROSSING_NOTICE, documents.notice + " ");
  ASSERT_EQ(conflict->findings_size(), 1);
  EXPECT_EQ(conflict->findings(0).code(), "DUPLICATE_ID_CONFLICT");
}

TEST_F(Accept, OutsideLimits_GetsFindingAndNothingIsKept) {
  for (const auto& [kind, content, code] :
       {std::tuple{v1::SAT_XML, std::string(), "DOCUMENT_EMPTY"},
        std::tuple{v1::SAT_XML, std::string(flow_options().limits.bytes + 1, 'x'), "DOCUMENT_TOO_LARGE"},
        std::tuple{v1::CBP_ANSWER, std::string("x"), "DOCUMENT_KIND_UNKNOWN"}}) {
    const auto reply = submit("shipper", kind, content);
    ASSERT_TRUE(reply);
    EXPECT_FALSE(reply->has_receipt());
    ASSERT_EQ(reply->findings_size(), 1);
    EXPECT_EQ(reply->findings(0).code(), code);
  }
  const auto long_ref = submit("shipper", v1::SAT_XML, "x", std::string(65, 'r'));
  EXPECT_EQ(long_ref->findings(0).code(), "CLIENT_REF_TOO_LONG");
  look([](ledger::Reader& reader) { EXPECT_TRUE(reader.documents_in_state("received", 10).empty()); });
}

TEST_F(Accept, Garbage_IsKeptThenRejectedWithFindings) {
  run();
  for (const std::string& bytes :
       {std::string("not xml"), std::string("\x00\x01\x02\xff", 4), std::string("<a><b></a>"),
        std::string("<!DOCTYPE x [<!ENTITY e 'e'>]><x>&e;</x>"), std::string("<x xmlns='urn:unknown'/>"), [] {
          std::string deep;
          for (int i = 0; i < 5000; ++i) deep += "<a>";
          return deep;
        }()}) {
    const auto reply = submit("shipper", v1::SAT_XML, bytes);
    ASSERT_TRUE(reply);
    ASSERT_TRUE(reply->has_receipt());
    settle();
    const auto told = status("shipper", reply->receipt().body().document_id());
    ASSERT_TRUE(told.found());
    ASSERT_EQ(told.documents_size(), 1);
    EXPECT_EQ(told.documents(0).state(), "rejected");
    EXPECT_FALSE(told.documents(0).findings().empty());
  }
  const auto notice = submit("carrier", v1::CROSSING_NOTICE, "{\"schema\": \"other\"}");
  settle();
  EXPECT_EQ(status("carrier", notice->receipt().body().document_id()).documents(0).state(), "rejected");
}

TEST_F(Accept, DocumentThatEndedTheProcess_IsSetApartAfterThreeReadings) {
  const auto reply = submit("shipper", v1::SAT_XML, "<x/>");
  const auto id = reply->receipt().body().document_id();
  close();
  open();
  // Two more readings began and never ended.
  ASSERT_TRUE(ledger_->write_and_wait([&](ledger::Writer& writer) -> Result<void> {
    for (int i = 0; i < 2; ++i)
      if (auto counted = writer.count_try(id); !counted) return tl::unexpected(counted.error());
    return {};
  }));
  run();
  settle();
  const auto told = status("shipper", id);
  ASSERT_EQ(told.documents_size(), 1);
  EXPECT_EQ(told.documents(0).state(), "quarantined");
  EXPECT_THAT(finding_codes(told.documents(0)), Contains("DOCUMENT_QUARANTINED"));
}

TEST_F(Accept, DocumentOverItsProcessorTimeAfterTheParse_IsReadAgainThenSetApart) {
  limits_.cpu_seconds = -1;
  close();
  open();
  const auto id = submit("shipper", v1::SAT_XML, sample().invoice)->receipt().body().document_id();
  close();
  open();
  // One more reading began and never ended: the one of this run is the last.
  ASSERT_TRUE(ledger_->write_and_wait([&](ledger::Writer& writer) -> Result<void> {
    if (auto counted = writer.count_try(id); !counted) return tl::unexpected(counted.error());
    return {};
  }));
  run();
  settle();
  const auto told = status("shipper", id);
  ASSERT_EQ(told.documents_size(), 1);
  EXPECT_EQ(told.documents(0).state(), "quarantined");
  EXPECT_THAT(finding_codes(told.documents(0)), ElementsAre("DOCUMENT_QUARANTINED"));
}

TEST_F(Accept, Draining_AnswersFault) {
  run();
  flow_->drain();
  const auto reply = submit("shipper", v1::SAT_XML, "<x/>");
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, "draining");
  EXPECT_EQ(reply.error().kind, FaultKind::retryable);
}

TEST_F(Accept, Restart_ContinuesWhatWasReceived) {
  submit_shipment(sample());  // workers do not run
  close();
  open();
  run();
  settle();
  EXPECT_EQ(filings().size(), 2U);
}

}  // namespace
}  // namespace puente::test
