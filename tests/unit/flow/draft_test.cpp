#include <gmock/gmock.h>

#include <algorithm>
#include <array>

#include "gateway/flow/identity.h"
#include "gateway/flow/numbers.h"
#include "tests/unit/flow/gateway_fixture.h"

namespace puente::test {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

using Drafting = GatewayTest;

std::string with_uuid(std::string notice, std::string_view from, std::string_view to, std::string_view sent_at) {
  notice.replace(notice.find(from), from.size(), to);
  constexpr std::string_view kSent = "2026-11-10T19:05:00-06:00";
  notice.replace(notice.find(kSent), kSent.size(), sent_at);
  return notice;
}

TEST_F(Drafting, Shipment_InEveryOrder_GivesTheSameTwoFilings) {
  std::array<int, 3> order{0, 1, 2};
  std::vector<std::string> tokens;
  do {
    run();
    const auto documents = sample();
    for (const int which : order) {
      if (which == 0) {
        ASSERT_TRUE(submit("shipper", v1::SAT_XML, documents.invoice)->has_receipt());
      }
      if (which == 1) {
        ASSERT_TRUE(submit("carrier", v1::SAT_XML, documents.carta_porte)->has_receipt());
      }
      if (which == 2) {
        ASSERT_TRUE(submit("carrier", v1::CROSSING_NOTICE, documents.notice)->has_receipt());
      }
      settle();
    }
    const auto rows = filings();
    ASSERT_EQ(rows.size(), 2U);
    EXPECT_EQ(rows[0].kind, "se");
    EXPECT_EQ(rows[1].kind, "ae");
    for (const auto& row : rows) {
      EXPECT_EQ(row.state, "ready");
      EXPECT_EQ(row.revision, 1U);
      EXPECT_EQ(row.action, "A");
      EXPECT_EQ(row.filer, "broker");
      EXPECT_EQ(row.reference.size(), 9U);
      EXPECT_EQ(row.sha256, flow::sha256(row.records));
      tokens.push_back(row.token);
    }
    const auto told = status("shipper", kInvoiceUuid);
    ASSERT_EQ(told.shipments_size(), 1);
    EXPECT_EQ(told.shipments(0).state(), "drafted");
    close();
    std::filesystem::remove(folder_ / "ledger.db");
    std::filesystem::remove(folder_ / "ledger.db-wal");
    std::filesystem::remove(folder_ / "ledger.db-shm");
    open();
  } while (std::next_permutation(order.begin(), order.end()));
  // Derived, not random: six stores, the same two tokens.
  std::sort(tokens.begin(), tokens.end());
  tokens.erase(std::unique(tokens.begin(), tokens.end()), tokens.end());
  EXPECT_EQ(tokens.size(), 2U);
}

TEST_F(Drafting, Shipment_Incomplete_NamesWhatIsMissing) {
  run();
  ASSERT_TRUE(submit("shipper", v1::SAT_XML, sample().invoice)->has_receipt());
  settle();
  const auto told = status("shipper", "EXP10452");
  ASSERT_EQ(told.shipments_size(), 1);
  EXPECT_EQ(told.shipments(0).state(), "gathering");
  EXPECT_THAT(told.shipments(0).missing(), ElementsAre("MISSING_CARTA_PORTE", "MISSING_NOTICE"));
  EXPECT_TRUE(filings().empty());
}

TEST_F(Drafting, SameDocumentOfAnotherPartner_MakesNoNewRevision) {
  run();
  submit_shipment(sample());
  settle();
  ASSERT_TRUE(submit("carrier", v1::SAT_XML, sample().invoice)->has_receipt());
  settle();
  EXPECT_EQ(filings().size(), 2U);
}

TEST_F(Drafting, LaterNotice_ReplacesFilingsBeforeConfirmation) {
  run();
  submit_shipment(sample());
  settle();
  ASSERT_TRUE(submit("carrier", v1::CROSSING_NOTICE, later_notice())->has_receipt());
  settle();
  for (const auto* kind : {"se", "ae"}) {
    EXPECT_EQ(filing(kind, 1).state, "replaced");
    EXPECT_EQ(filing(kind, 2).state, "ready");
    EXPECT_EQ(filing(kind, 2).action, "A");
    EXPECT_EQ(filing(kind, 2).replaces, filing(kind, 1).id);
    EXPECT_NE(filing(kind, 2).token, filing(kind, 1).token);
  }
}

TEST_F(Drafting, EarlierNotice_ArrivingLate_ChangesNothing) {
  run();
  auto earlier = sample().notice;
  earlier.replace(earlier.find("TFNB07731-1"), 11, "TFNB07731-0");
  earlier.replace(earlier.find("2026-11-10T19:05"), 16, "2026-11-10T18:05");
  earlier.replace(earlier.find("2026-11-11T09:30"), 16, "2026-11-12T09:30");
  submit_shipment(sample());
  settle();
  ASSERT_TRUE(submit("carrier", v1::CROSSING_NOTICE, earlier)->has_receipt());
  settle();
  EXPECT_EQ(filings().size(), 2U);
}

TEST_F(Drafting, Substitution_BeforeConfirmation_StopsThenReplaces) {
  run();
  submit_shipment(sample());
  settle();
  ASSERT_TRUE(submit("shipper", v1::SAT_XML, substituted_invoice())->has_receipt());
  settle();
  EXPECT_EQ(filing("se", 1).state, "replaced");
  const auto first = status("shipper", kInvoiceUuid);
  ASSERT_EQ(first.shipments_size(), 1);
  const auto superseded = std::count_if(first.shipments(0).documents().begin(), first.shipments(0).documents().end(),
                                        [](const auto& document) { return document.state() == "superseded"; });
  EXPECT_EQ(superseded, 1);
  EXPECT_EQ(filing("se", 2).state, "held");
  // The Carta Porte and the notice that name the substitute.
  ASSERT_TRUE(submit("carrier", v1::SAT_XML, substituted_carta_porte())->has_receipt());
  auto later = with_uuid(sample().notice, kInvoiceUuid, kSecondUuid, "2026-11-10T20:05:00-06:00");
  ASSERT_TRUE(submit("carrier", v1::CROSSING_NOTICE, later)->has_receipt());
  settle();
  const auto rows = filings();
  const auto ready = std::count_if(rows.begin(), rows.end(), [](const auto& row) { return row.state == "ready"; });
  EXPECT_EQ(ready, 2);
  for (const auto& row : rows)
    if (row.state == "ready") {
      EXPECT_EQ(row.action, "A");
    }
}

TEST_F(Drafting, Substitution_AfterConfirmation_BecomesReplacement) {
  run();
  submit_shipment(sample());
  settle();
  ASSERT_TRUE(act("broker", confirmation(filing("se").token))->applied());
  ASSERT_TRUE(act("broker", confirmation(filing("ae").token))->applied());
  EXPECT_EQ(status("ops", kInvoiceUuid).shipments(0).state(), "filed");
  ASSERT_TRUE(submit("shipper", v1::SAT_XML, substituted_invoice())->has_receipt());
  ASSERT_TRUE(submit("carrier", v1::SAT_XML, substituted_carta_porte())->has_receipt());
  auto later = with_uuid(sample().notice, kInvoiceUuid, kSecondUuid, "2026-11-10T20:05:00-06:00");
  ASSERT_TRUE(submit("carrier", v1::CROSSING_NOTICE, later)->has_receipt());
  settle();
  for (const auto* kind : {"se", "ae"}) {
    EXPECT_EQ(filing(kind, 1).state, "confirmed");
    const auto rows = filings();
    const auto newest = std::find_if(rows.begin(), rows.end(),
                                     [&](const auto& row) { return row.kind == kind && row.state == "ready"; });
    ASSERT_NE(newest, rows.end());
    EXPECT_EQ(newest->action, "R");
    ASSERT_TRUE(act("broker", confirmation(newest->token))->applied());
    EXPECT_EQ(filing(kind, 1).state, "replaced");
  }
}

TEST_F(Drafting, UnsealedDocument_IsDraftedAndHeld) {
  run();
  auto documents = sample();
  const auto at = documents.invoice.find("<tfd:TimbreFiscalDigital");
  documents.invoice.erase(at, documents.invoice.find("/>", at) + 2 - at);
  submit_shipment(documents);
  settle();
  for (const auto& row : filings()) EXPECT_EQ(row.state, "held");
}

class DraftingWithoutRoute : public GatewayTest {
 protected:
  std::string registry_text() const override {
    const auto text = GatewayTest::registry_text();
    return text + "importer = \"nobody\"\n";  // of the only route
  }
};

TEST_F(DraftingWithoutRoute, Shipment_IsHeldAsException) {
  run();
  submit_shipment(sample());
  settle();
  EXPECT_TRUE(filings().empty());
  const auto told = status("shipper", kInvoiceUuid);
  ASSERT_EQ(told.shipments_size(), 1);
  EXPECT_EQ(told.shipments(0).state(), "held");
  const auto exceptions = delivery_->exceptions();
  ASSERT_TRUE(exceptions);
  EXPECT_TRUE(
      std::any_of(exceptions->begin(), exceptions->end(), [](const auto& row) { return row.cause() == "NO_ROUTE"; }));
}

// The serial with the check digit that fits it.
std::string numbered(const std::string& serial) {
  for (char digit = '0'; digit <= '9'; ++digit)
    if (flow::entry_number_checks("B7P", serial + digit, {})) return serial + digit;
  return {};
}

class DraftingFromRange : public GatewayTest {
 protected:
  std::string extra_profile() const override {
    return "entry_pool = [\"" + numbered("0100001") + ".." + numbered("0100009") + "\"]";
  }
};

TEST_F(DraftingFromRange, EntryNumber_IsAllocatedOnceForBothFilings) {
  run();
  submit_shipment(sample());
  settle();
  const auto number = filing("se").entry_number;
  EXPECT_EQ(number.size(), 8U);
  EXPECT_EQ(filing("ae").entry_number, number);
  EXPECT_THAT(filing("se").records, HasSubstr(number));
  ASSERT_TRUE(submit("carrier", v1::CROSSING_NOTICE, later_notice())->has_receipt());
  settle();
  EXPECT_EQ(filing("se", 2).entry_number, number);
  EXPECT_TRUE(status("shipper", "B7P" + number).found());
}

TEST(EntryNumbers, Range_GivesEachNumberOnceAndEnds) {
  const std::vector<std::string> ranges{numbered("0000008") + ".." + numbered("0000010"),
                                        numbered("0000020") + ".." + numbered("0000020")};
  std::vector<std::string> given;
  for (auto next = flow::next_entry_number("B7P", ranges, ""); next;
       next = flow::next_entry_number("B7P", ranges, *next))
    given.push_back(*next);
  EXPECT_THAT(given, ElementsAre(numbered("0000008"), numbered("0000009"), numbered("0000010"), numbered("0000020")));
}

TEST(EntryNumbers, AsWritten_AreReadOrRefused) {
  EXPECT_EQ(flow::entry_number_digits("B7P", "B7P-0123456-5"), "01234565");
  EXPECT_EQ(flow::entry_number_digits("B7P", "01234565"), "01234565");
  EXPECT_EQ(flow::entry_number_digits("B7P", "XYZ01234565"), std::nullopt);
  EXPECT_EQ(flow::entry_number_digits("B7P", "1234"), std::nullopt);
}

TEST_F(Drafting, ForeignNumbers_AnswerAsUnknown) {
  run();
  submit_shipment(sample());
  settle();
  const auto unknown = status("stranger", "NOT-A-NUMBER").SerializeAsString();
  std::vector<std::string> numbers{std::string(kInvoiceUuid),
                                   "EXP10452",
                                   "TFNB07731",
                                   "TFNB00418827",
                                   "57AM9K",
                                   filing("se").id,
                                   filing("se").token,
                                   filing("se").reference,
                                   filing("se").shipment};
  for (const auto& number : numbers) {
    EXPECT_TRUE(status("ops", number).found()) << number;
    EXPECT_EQ(status("stranger", number).SerializeAsString(), unknown) << number;
    EXPECT_EQ(status("other-broker", number).SerializeAsString(), unknown) << number;
  }
  EXPECT_TRUE(status("shipper", "EXP10452").found());
  EXPECT_TRUE(status("carrier", "TFNB07731").found());
  // Who takes part asks by any number of the shipment and sees it, but of the documents only its own.
  const auto by_scn = status("shipper", "TFNB00418827");
  ASSERT_EQ(by_scn.shipments_size(), 1);
  ASSERT_EQ(by_scn.shipments(0).documents_size(), 1);
  EXPECT_EQ(by_scn.shipments(0).documents(0).folio_fiscal(), kInvoiceUuid);
  EXPECT_TRUE(status("broker", "TFNB00418827").found());
  EXPECT_TRUE(status("broker", filing("se").token).found());
  EXPECT_EQ(status("broker", filing("se").token).shipments(0).documents_size(), 0);
  EXPECT_FALSE(flow_->draft_of(scope("stranger"), filing("se").id));
  EXPECT_EQ(flow_->draft_of(scope("stranger"), filing("se").id).error().text,
            flow_->draft_of(scope("stranger"), "FIL0").error().text);
}

TEST_F(Drafting, Events_ShowOnlyTheOwn) {
  run();
  submit_shipment(sample());
  settle();
  std::uint64_t last = 0;
  const auto none = flow_->events(scope("stranger"), last, 100);
  ASSERT_TRUE(none);
  EXPECT_TRUE(none->empty());
  EXPECT_GT(last, 0U);
  last = 0;
  const auto own = flow_->events(scope("shipper"), last, 3);
  ASSERT_TRUE(own);
  ASSERT_EQ(own->size(), 3U);
  EXPECT_EQ(own->front().verb(), "accept");
  const auto before = last;
  const auto rest = flow_->events(scope("shipper"), last, 1000);
  ASSERT_TRUE(rest);
  EXPECT_GT(rest->front().sequence(), before);
}

}  // namespace
}  // namespace puente::test
