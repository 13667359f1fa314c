// What a number that somebody has in hand leads to, and what is told about it.
#include <gmock/gmock.h>

#include "gateway/flow/identity.h"
#include "gateway/flow/numbers.h"
#include "gateway/ledger/lifecycle.h"
#include "mappings/findings/findings.h"
#include "tests/unit/flow/gateway_fixture.h"

namespace puente::test {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string numbered(const std::string& serial) {
  for (char digit = '0'; digit <= '9'; ++digit)
    if (flow::entry_number_checks("B7P", serial + digit, {})) return serial + digit;
  return {};
}

std::string without(std::string text, char dropped) {
  text.erase(std::remove(text.begin(), text.end(), dropped), text.end());
  return text;
}

class Trace : public GatewayTest {
 protected:
  void SetUp() override {
    delivery_options_.poll = std::chrono::milliseconds(20);  // leases and backoff end when the test's clock says so
    GatewayTest::SetUp();
    run();
  }
  void file() {
    submit_shipment(sample());
    settle();
  }
  std::vector<std::string> kinds(const v1::StatusReply& reply) {
    std::vector<std::string> kinds;
    for (const auto& kind : reply.kinds()) kinds.push_back(kind.kind());
    return kinds;
  }
  v1::FilingStatus told(std::string_view partner, std::string_view kind, std::uint32_t revision = 1) {
    const auto reply = status(partner, kInvoiceUuid);
    for (const auto& shipment : reply.shipments())
      for (const auto& filing : shipment.filings())
        if (filing.kind() == kind && filing.revision() == revision) return filing;
    ADD_FAILURE() << "no filing " << kind;
    return {};
  }
};

TEST_F(Trace, AnyNumberInAnyWriting_LeadsToTheShipment) {
  file();
  const auto invoice = submit("shipper", v1::SAT_XML, sample().invoice);  // again: the first receipt
  ASSERT_TRUE(invoice && invoice->repeat());
  const auto& receipt = invoice->receipt().body();
  const auto entry = numbered("0000123");
  auto confirmed = confirmation(filing("se").token, entry);
  confirmed.mutable_confirmation()->set_filer_reference("LCB/2026-00417");
  ASSERT_TRUE(act("broker", confirmed)->applied());
  const auto se = filing("se");
  std::string upper_token = se.token;
  for (auto& c : upper_token) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));

  const std::vector<std::pair<std::string, std::string>> numbers{
      {std::string(kInvoiceUuid), "folio_fiscal"},
      {"6b2c9f41-7a55-4c1e-9e7b-2d4a6c1f0a11", "folio_fiscal"},
      {without(std::string(kInvoiceUuid), '-'), "folio_fiscal"},
      {"CCC1f9b0-3a7d-4e21-8c55-90a1b2c3d4e5", "id_ccp"},
      {"ccc1f9b03a7d4e218c5590a1b2c3d4e5", "id_ccp"},
      {"EXP10452", "invoice"},
      {"EXP 10452", "invoice"},
      {"exp-10452", "invoice"},
      {"TFN88120", "invoice"},
      {"TFNB00418827", "scn"},
      {"TFNB07731", "trip"},
      {"57AM9K", "plate"},
      {"57-AM-9K", "plate"},
      {"88UD4T", "plate"},
      {"88-UD-4T", "plate"},
      {entry, "entry_number"},
      {entry.substr(0, 7) + "-" + entry.substr(7), "entry_number"},
      {"B7P" + entry, "entry_number"},
      {"B7P-" + entry.substr(0, 7) + "-" + entry.substr(7), "entry_number"},
      {"b7p " + entry, "entry_number"},
      {receipt.document_id(), "document"},
      {flow::hex(receipt.sha256()), "sha256"},
      {std::to_string(receipt.ledger_sequence()), "sequence"},
      {se.reference, "reference"},
      {"LCB/2026-00417", "reference"},
      {"LCB 2026 00417", "reference"},
      {se.token, "token"},
      {upper_token, "token"},
      {se.id, "filing"},
      {se.shipment, "shipment"},
  };
  for (const auto& [number, kind] : numbers) {
    const auto reply = status("ops", number);
    ASSERT_EQ(reply.shipments_size(), 1) << number;
    EXPECT_EQ(reply.shipments(0).shipment_id(), se.shipment) << number;
    EXPECT_THAT(kinds(reply), Contains(kind)) << number;
  }
}

TEST_F(Trace, UnknownNumber_SaysWhatWasTried) {
  file();
  for (const auto* number : {"NOT-A-NUMBER", "", "---", "999999999999999999999", "1000000"}) {
    const auto reply = status("ops", number);
    EXPECT_FALSE(reply.found()) << number;
    EXPECT_EQ(reply.kinds_size(), static_cast<int>(flow::number_kinds().size())) << number;
  }
}

// A short number is nobody's receipt when it is something else.
TEST_F(Trace, Sequence_IsTriedOnlyWhenTheNumberIsNothingElse) {
  file();
  const auto first = submit("shipper", v1::SAT_XML, sample().invoice)->receipt().body();
  const auto sequence = std::to_string(first.ledger_sequence());
  EXPECT_THAT(kinds(status("shipper", sequence)), ElementsAre("sequence"));
  EXPECT_FALSE(status("stranger", sequence).found());
  auto confirmed = confirmation(filing("se").token);
  confirmed.mutable_confirmation()->set_filer_reference(sequence);
  ASSERT_TRUE(act("broker", confirmed)->applied());
  EXPECT_THAT(kinds(status("shipper", sequence)), ElementsAre("reference"));
}

TEST_F(Trace, PlateOfTwoCrossings_ShowsBothNewestFirst) {
  file();
  auto notice = sample().notice;
  const auto put = [&notice](std::string_view from, std::string_view to) {
    for (auto at = notice.find(from); at != std::string::npos; at = notice.find(from, at + to.size()))
      notice.replace(at, from.size(), to);
  };
  put("TFNB07731-1", "TFNB07744-1");
  put("2026-11-10T19:05:00-06:00", "2026-12-05T19:05:00-06:00");
  put("2026-11-11T09:30:00-06:00", "2026-12-06T09:30:00-06:00");
  put(kInvoiceUuid, kSecondUuid);
  put("CCC1f9b0-3a7d-4e21-8c55-90a1b2c3d4e5", "CCC1f9b0-3a7d-4e21-8c55-90a1b2c3d4e6");
  pass(std::chrono::hours(24 * 25));
  ASSERT_TRUE(submit("carrier", v1::CROSSING_NOTICE, notice)->has_receipt());
  settle();
  const auto reply = status("ops", "57-AM-9K");
  ASSERT_EQ(reply.shipments_size(), 2);
  EXPECT_GT(reply.shipments(0).shipment_id(), reply.shipments(1).shipment_id());
  EXPECT_EQ(reply.shipments(1).shipment_id(), filing("se").shipment);
}

TEST_F(Trace, ShipmentThatGathers_SaysWhatIsMissingAndWhoSendsIt) {
  ASSERT_TRUE(submit("shipper", v1::SAT_XML, sample().invoice)->has_receipt());
  settle();
  const auto reply = status("shipper", "EXP10452");
  ASSERT_EQ(reply.shipments_size(), 1);
  const auto& standing = reply.shipments(0).standing();
  const auto* row = ledger::state_row("shipment", reply.shipments(0).state());
  ASSERT_NE(row, nullptr);
  EXPECT_EQ(standing.state_es(), row->es);
  EXPECT_EQ(standing.state_en(), row->en);
  EXPECT_EQ(standing.owner(), "sender");
  EXPECT_TRUE(standing.exception());
  for (const auto* code : {"MISSING_CARTA_PORTE", "MISSING_NOTICE"}) {
    EXPECT_THAT(standing.next_es(), HasSubstr(std::string(find_catalogue_row(code)->remedy_es)));
    EXPECT_THAT(standing.next_en(), HasSubstr(std::string(find_catalogue_row(code)->remedy_en)));
  }
  const auto& document = reply.shipments(0).documents(0);
  EXPECT_EQ(document.partner(), "shipper");
  EXPECT_GT(document.ledger_sequence(), 0U);
  std::vector<std::string> verbs;
  for (const auto& step : document.steps()) verbs.push_back(step.verb());
  EXPECT_THAT(verbs, ElementsAre("accept", "read", "join"));
}

TEST_F(Trace, Attempts_AreToldOneByOneWithTheirEndsAndWhatComesNext) {
  delivery_->start();
  file();
  EXPECT_THAT(told("ops", "se").standing().next_en(), HasSubstr("as soon as"));
  EXPECT_FALSE(told("ops", "se").has_next_attempt());
  Inbox inbox;
  auto session = delivery_->attach(scope("broker"), "grpc", inbox.sink());
  session->grant(1);
  const auto first = inbox.wait_for(1);

  // With its filer: the lease runs.
  auto filing = told("ops", first.kind());
  ASSERT_EQ(filing.offers_size(), 1);
  EXPECT_EQ(filing.offers(0).number(), 1U);
  EXPECT_EQ(filing.offers(0).channel(), "grpc");
  EXPECT_FALSE(filing.offers(0).has_ended_at());
  EXPECT_FALSE(filing.offers(0).lease_id().empty());
  EXPECT_EQ(filing.offers(0).lease_until().seconds(), first.lease_until().seconds());
  EXPECT_EQ(filing.standing().next_at().seconds(), first.lease_until().seconds());
  EXPECT_EQ(filing.deadline().seconds(), first.deadline().seconds());
  EXPECT_TRUE(told("shipper", first.kind()).offers(0).lease_id().empty());  // a lease is between gateway and ops

  // Refused for now: offered again after the backoff.
  ASSERT_TRUE(act("broker", refusal(first.token(), true, "office closed"))->applied());
  filing = told("ops", first.kind());
  EXPECT_EQ(filing.offers(0).outcome(), "refused");
  EXPECT_EQ(filing.offers(0).detail(), "office closed");
  EXPECT_TRUE(filing.offers(0).has_ended_at());
  ASSERT_TRUE(filing.has_next_attempt());
  EXPECT_EQ(filing.standing().next_at().seconds(), filing.next_attempt().seconds());
  EXPECT_FALSE(filing.standing().exception());

  pass(std::chrono::hours(1));
  session->grant(1);
  const auto second = inbox.wait_for(2);
  session->grant(1);
  const auto third = inbox.wait_for(3);
  const auto& again = second.kind() == first.kind() ? second : third;
  EXPECT_EQ(again.token(), first.token());
  EXPECT_EQ(told("ops", first.kind()).offers_size(), 2);

  // Refused for good: a person must act, and the cause is told in words.
  ASSERT_TRUE(act("broker", refusal(first.token(), false, "no power of attorney"))->applied());
  const auto reply = status("shipper", kInvoiceUuid);
  filing = told("shipper", first.kind());
  EXPECT_EQ(filing.standing().cause(), "FILING_REFUSED");
  EXPECT_THAT(filing.standing().cause_en(), HasSubstr("no power of attorney"));
  EXPECT_THAT(filing.standing().cause_es(), HasSubstr("no power of attorney"));
  EXPECT_TRUE(filing.standing().exception());
  EXPECT_EQ(filing.standing().owner(), ledger::state_row("filing", filing.state())->owner);
  // The whole waits for it.
  EXPECT_TRUE(reply.shipments(0).standing().exception());
  EXPECT_THAT(reply.shipments(0).standing().next_en(), HasSubstr(filing.standing().next_en()));
}

TEST_F(Trace, NumberGivenByTheFiler_LeavesNoFindingTwice) {
  file();
  for (const auto* kind : {"se", "ae"}) {
    ASSERT_TRUE(act("broker", confirmation(this->filing(kind).token, numbered("0000123")))->applied());
    std::vector<std::string> said;
    const auto filing = told("ops", kind);
    for (const auto& finding : filing.findings()) said.push_back(finding.SerializeAsString());
    auto once = said;
    std::sort(once.begin(), once.end());
    once.erase(std::unique(once.begin(), once.end()), once.end());
    EXPECT_EQ(once.size(), said.size()) << kind;
  }
}

TEST_F(Trace, DeadlinePassed_IsTheCause) {
  file();
  EXPECT_EQ(told("ops", "se").standing().cause(), "");
  pass(std::chrono::hours(24 * 365));
  EXPECT_EQ(told("ops", "se").standing().cause(), "DEADLINE_PASSED");
  EXPECT_TRUE(told("ops", "se").standing().exception());
}

TEST_F(Trace, MergedShipment_LeadsToTheOneThatTookItOver) {
  // Invoice and notice alone open a shipment; the Carta Porte that names neither of the two by trip joins them.
  ASSERT_TRUE(submit("shipper", v1::SAT_XML, sample().invoice)->has_receipt());
  settle();
  const auto first = status("ops", kInvoiceUuid).shipments(0).shipment_id();
  pass(std::chrono::seconds(1));
  auto notice = sample().notice;
  const auto own = notice.find(std::string(kInvoiceUuid));
  ASSERT_NE(own, std::string::npos);
  while (notice.find(std::string(kInvoiceUuid)) != std::string::npos)
    notice.replace(notice.find(std::string(kInvoiceUuid)), kInvoiceUuid.size(), kSecondUuid);
  ASSERT_TRUE(submit("carrier", v1::CROSSING_NOTICE, notice)->has_receipt());
  settle();
  const auto second = status("ops", "TFNB07731").shipments(0).shipment_id();
  ASSERT_NE(first, second);
  ASSERT_TRUE(submit("carrier", v1::SAT_XML, sample().carta_porte)->has_receipt());
  settle();
  for (const auto& id : {first, second}) {
    const auto reply = status("ops", id);
    ASSERT_EQ(reply.shipments_size(), 1) << id;
    EXPECT_EQ(reply.shipments(0).shipment_id(), first) << id;
  }
}

TEST(Numbers, Forms_DropWhatPeopleAddAndKeepWhatCounts) {
  EXPECT_EQ(flow::number_form("b7p-0123456-5"), "B7P01234565");
  EXPECT_EQ(flow::number_form(" exp 10452 "), "EXP10452");
  EXPECT_EQ(flow::number_form("6b2c9f417a554c1e9e7b2d4a6c1f0a11"), "6B2C9F41-7A55-4C1E-9E7B-2D4A6C1F0A11");
  EXPECT_EQ(flow::number_form("{6B2C9F41-7A55-4C1E-9E7B-2D4A6C1F0A11}"), "6B2C9F41-7A55-4C1E-9E7B-2D4A6C1F0A11");
  EXPECT_EQ(flow::number_form("SEÑ-7"), "SEÑ7");
  EXPECT_EQ(flow::number_form("---"), "---");
  EXPECT_THAT(flow::number_forms("57-AM-9K"), ElementsAre("57-AM-9K", "57AM9K"));
  EXPECT_THAT(flow::number_forms("57AM9K"), ElementsAre("57AM9K"));
}

}  // namespace
}  // namespace puente::test
