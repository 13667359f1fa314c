// Acts that come late, twice or in an unexpected order, and what CBP must not be given because of them.
#include <gmock/gmock.h>

#include <algorithm>

#include "gateway/flow/numbers.h"
#include "tests/unit/flow/gateway_fixture.h"

namespace puente::test {
namespace {

using ::testing::HasSubstr;

std::string numbered(const std::string& serial) {
  for (char digit = '0'; digit <= '9'; ++digit)
    if (flow::entry_number_checks("B7P", serial + digit, {})) return serial + digit;
  return {};
}

// A final E1 line of AX, column by column (CATAIR ESS, E1).
std::string final_line(std::string_view disposition, std::string_view code, std::string_view filer_code,
                       std::string_view entry_number, std::string_view reference) {
  std::string line(80, ' ');
  const auto put = [&line](std::size_t column, std::string_view text) { line.replace(column - 1, text.size(), text); };
  put(1, "E1");
  put(3, disposition);
  put(5, code);
  put(11, "FINAL");
  put(51, filer_code);
  put(56, entry_number);
  put(69, reference);
  return line + "\n";
}
const std::string kBlock = "B  2304B7PAX" + std::string(68, ' ') + "\n";

class LateActs : public GatewayTest {
 protected:
  void SetUp() override {
    delivery_options_.poll = std::chrono::milliseconds(20);
    GatewayTest::SetUp();
    run();
    delivery_->start();
  }
  void file() {
    submit_shipment(sample());
    settle();
  }
  // The filer says that it has not filed them yet: newer revisions may take their place.
  void put_off(std::vector<std::string> kinds = {"se", "ae"}) {
    for (const auto& kind : kinds) ASSERT_TRUE(act("broker", refusal(filing(kind).token, true))->applied());
  }
  ledger::FilingRow newest(std::string_view kind) {
    ledger::FilingRow found;
    for (auto& row : filings())
      if (row.kind == kind && row.revision > found.revision - (found.id.empty() ? 1 : 0)) found = std::move(row);
    return found;
  }
};

TEST_F(LateActs, Confirmation_WhoseAnswerWasLost_BringsTheRebuiltRecordsAgain) {
  file();
  const auto said = confirmation(filing("se").token, numbered("0000123"));
  const auto first = act("broker", said);
  const auto again = act("broker", said);
  ASSERT_TRUE(first && again);
  EXPECT_TRUE(again->repeat());
  EXPECT_THAT(again->rebuilt().records(), HasSubstr(numbered("0000123")));
  EXPECT_EQ(first->rebuilt().sha256(), again->rebuilt().sha256());
}

TEST_F(LateActs, Confirmation_OfWhatIsWithCbp_SpeaksOfTheRecordsOfferedOrOfThoseRebuilt) {
  Inbox inbox;
  const auto session = delivery_->attach(scope("broker"), "grpc", inbox.sink());
  session->grant(8);
  file();
  inbox.wait_for(2);
  const auto offered = filing("se");
  const auto said = [&](const std::string& sha256, const std::string& reference, const std::string& number = "") {
    auto act = confirmation(offered.token, number);
    act.mutable_confirmation()->set_sha256(sha256);
    act.mutable_confirmation()->set_filer_reference(reference);
    return this->act("broker", act);
  };
  const auto refused = [](const Result<v1::FilerActResult>& result) {
    ASSERT_TRUE(result);
    EXPECT_FALSE(result->applied());
    ASSERT_EQ(result->findings_size(), 1);
    EXPECT_EQ(result->findings(0).code(), "RECORDS_DIGEST_MISMATCH");
  };
  ASSERT_TRUE(said(offered.sha256, "first")->applied());
  refused(said(std::string(32, 'x'), "of other records", numbered("0000123")));
  EXPECT_EQ(filing("se").entry_number, "");
  ASSERT_TRUE(said(offered.sha256, "with its number", numbered("0000123"))->applied());
  const auto rebuilt = filing("se");
  ASSERT_NE(rebuilt.sha256, offered.sha256);
  EXPECT_TRUE(said(offered.sha256, "as offered")->applied());
  EXPECT_TRUE(said(rebuilt.sha256, "as rebuilt")->applied());
  refused(said(std::string(32, 'x'), "of other records again"));
}

TEST_F(LateActs, Replacement_RejectedByCbp_LeavesTheEntryOnFile) {
  file();
  ASSERT_TRUE(act("broker", confirmation(filing("ae").token, numbered("0000123")))->applied());
  ASSERT_TRUE(submit("carrier", v1::CROSSING_NOTICE, later_notice())->has_receipt());
  settle();
  const auto replacement = newest("ae");
  ASSERT_EQ(replacement.action, "R");
  ASSERT_TRUE(act("broker", confirmation(replacement.token))->applied());
  EXPECT_EQ(filing("ae", 1).state, "replaced");
  const auto line = final_line("R", "998", replacement.filer_code, replacement.entry_number, replacement.reference);
  ASSERT_TRUE(act("broker", answer(kBlock + line, replacement.token))->applied());
  ASSERT_EQ(newest("ae").state, "rejected");
  ASSERT_TRUE(act("broker", correction(replacement.token, "port_of_unlading", "2305"))->applied());
  EXPECT_GT(newest("ae").revision, replacement.revision);
  EXPECT_EQ(newest("ae").action, "R") << "the first filing still stands at CBP";
}

TEST_F(LateActs, Confirmation_OfAnEarlierRevision_TakesTheNewOneBackFromTheFiler) {
  Inbox inbox;
  auto session = delivery_->attach(scope("broker"), "grpc", inbox.sink());
  session->grant(2);
  file();
  inbox.wait_for(2);
  session->close();
  const auto token = filing("se", 1).token;
  put_off({"se"});
  ASSERT_TRUE(submit("carrier", v1::CROSSING_NOTICE, later_notice())->has_receipt());
  settle();
  Inbox after;
  auto second = delivery_->attach(scope("broker"), "grpc", after.sink());
  second->grant(2);
  after.wait_for(2);
  EXPECT_EQ(filing("se", 2).state, "offered");
  EXPECT_TRUE(filing("se", 2).possible_duplicate) << "the filer may have filed the first revision";
  ASSERT_TRUE(act("broker", confirmation(token)));
  EXPECT_EQ(filing("se", 2).state, "replaced");
  EXPECT_EQ(filing("se", 3).action, "R");
}

TEST_F(LateActs, Withdrawal_WhileTheFilerHasAnEarlierRevision_IsCancelledThere) {
  Inbox inbox;
  auto session = delivery_->attach(scope("broker"), "grpc", inbox.sink());
  session->grant(2);
  file();
  inbox.wait_for(2);
  ASSERT_TRUE(submit("carrier", v1::CROSSING_NOTICE, later_notice())->has_receipt());
  settle();
  ASSERT_EQ(filing("se", 2).state, "ready");
  ASSERT_TRUE(submit("shipper", v1::SAT_XML, domestic_invoice())->has_receipt());
  settle();
  EXPECT_EQ(filing("se", 1).state, "offered");
  EXPECT_EQ(filing("se", 2).state, "replaced");
  EXPECT_EQ(filing("se", 3).action, "D");
}

TEST_F(LateActs, Confirmation_AfterWithdrawal_IsCancelledAtCbp) {
  Inbox inbox;
  auto session = delivery_->attach(scope("broker"), "grpc", inbox.sink());
  session->grant(2);
  file();
  inbox.wait_for(2);
  session->close();
  const auto token = filing("se", 1).token;
  put_off();
  ASSERT_TRUE(submit("carrier", v1::CROSSING_NOTICE, later_notice())->has_receipt());
  settle();
  ASSERT_EQ(filing("se", 1).state, "replaced");
  ASSERT_TRUE(submit("shipper", v1::SAT_XML, domestic_invoice())->has_receipt());
  settle();
  EXPECT_EQ(filing("se", 2).state, "cancelled");
  ASSERT_TRUE(act("broker", confirmation(token, numbered("0000123"))));
  EXPECT_EQ(newest("se").action, "D");
  EXPECT_EQ(newest("se").state, "ready");
  EXPECT_THAT(newest("se").records, HasSubstr(numbered("0000123")));
}

TEST_F(LateActs, Answer_ToARevisionThatWasNeverConfirmed_PutsItOnFile) {
  Inbox inbox;
  auto session = delivery_->attach(scope("broker"), "grpc", inbox.sink());
  session->grant(2);
  file();
  inbox.wait_for(2);
  session->close();
  put_off();
  const auto first = filing("ae", 1);
  ASSERT_TRUE(submit("carrier", v1::CROSSING_NOTICE, later_notice())->has_receipt());
  settle();
  ASSERT_EQ(filing("ae", 1).state, "replaced");
  ASSERT_EQ(newest("ae").action, "A");
  const auto line = final_line("A", "995", "B7P", numbered("0000123"), first.reference);
  ASSERT_TRUE(act("broker", answer(kBlock + line, first.token)));
  EXPECT_EQ(filing("ae", 1).entry_number, numbered("0000123"));
  EXPECT_EQ(newest("ae").action, "R");
  EXPECT_EQ(newest("ae").state, "ready");
}

TEST_F(LateActs, Report_OfAKnownAndAnUnknownEntry_IsKeptWhole) {
  file();
  const auto row = filing("ae");
  const auto foreign = final_line("A", "995", "B7P", numbered("0000999"), "ZZZZZZZZZ");
  const auto own = final_line("A", "995", "B7P", numbered("0000123"), row.reference);
  const auto result = act("broker", answer(kBlock + foreign + kBlock + own));
  ASSERT_TRUE(result) << result.error().text;
  EXPECT_TRUE(result->applied());
  EXPECT_EQ(filing("ae").entry_number, numbered("0000123"));
}

TEST_F(LateActs, AnswerToTheSummary_BeforeTheReleaseIsConfirmed_FindsTheSummary) {
  file();
  const auto line = final_line("A", "995", "B7P", numbered("0000123"), "");
  ASSERT_TRUE(act("broker", answer(kBlock + line)));
  ASSERT_TRUE(act("broker", confirmation(filing("se").token, numbered("0000123")))->applied());
  EXPECT_EQ(filing("ae").state, "accepted");
  look([](ledger::Reader& reader) { EXPECT_TRUE(reader.unmatched_answers(10).empty()); });
}

}  // namespace
}  // namespace puente::test
