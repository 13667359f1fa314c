#include <gmock/gmock.h>

#include <algorithm>

#include "gateway/delivery/acts.h"
#include "gateway/delivery/dispositions.h"
#include "gateway/delivery/filing_message.h"
#include "gateway/flow/numbers.h"
#include "tests/unit/flow/gateway_fixture.h"

namespace puente::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string numbered(const std::string& serial) {
  for (char digit = '0'; digit <= '9'; ++digit)
    if (flow::entry_number_checks("B7P", serial + digit, {})) return serial + digit;
  return {};
}

std::string code_of(const Result<v1::FilerActResult>& result) {
  return result && result->findings_size() > 0 ? result->findings(0).code() : std::string();
}

// A final E1 line of AX for this entry, column by column (CATAIR ESS, E1).
std::string final_line(std::string_view disposition, std::string_view code, const ledger::FilingRow& row) {
  std::string line(80, ' ');
  const auto put = [&line](std::size_t column, std::string_view text) { line.replace(column - 1, text.size(), text); };
  put(1, "E1");
  put(3, disposition);
  put(5, code);
  put(11, "FINAL");
  put(51, row.filer_code);
  put(56, row.entry_number);
  put(69, row.reference);
  return line + "\n";
}

std::string final_answer(std::string_view disposition, std::string_view code, const ledger::FilingRow& row) {
  return "B  2304B7PAX" + std::string(68, ' ') + "\n" + final_line(disposition, code, row);
}

class Delivery : public GatewayTest {
 protected:
  void SetUp() override {
    delivery_options_.poll = std::chrono::milliseconds(20);  // leases and backoff end when the test's clock says so
    GatewayTest::SetUp();
    run();
    delivery_->start();
  }
  void file() {
    submit_shipment(sample());
    settle();
  }
};

TEST_F(Delivery, Filings_ReachTheirFilerAndAreConfirmed) {
  Inbox inbox;
  auto session = delivery_->attach(scope("broker"), "grpc", inbox.sink());
  session->grant(8);
  file();
  inbox.wait_for(2);
  for (const auto& filing : inbox.all()) {
    EXPECT_EQ(filing.attempt(), 1U);
    EXPECT_FALSE(filing.possible_duplicate());
    EXPECT_FALSE(filing.records().empty());
    EXPECT_GT(filing.lease_until().seconds(), 0);
    EXPECT_GT(filing.deadline().seconds(), 0);
    const auto result = act("broker", confirmation(filing.token(), numbered("0000123")));
    ASSERT_TRUE(result);
    EXPECT_TRUE(result->applied());
    EXPECT_TRUE(result->has_receipt());
  }
  EXPECT_EQ(filing("se").state, "confirmed");
  EXPECT_EQ(status("shipper", kInvoiceUuid).shipments(0).state(), "filed");
  EXPECT_EQ(status("shipper", "B7P" + numbered("0000123")).shipments_size(), 1);
}

TEST_F(Delivery, Confirmation_WithEntryNumber_RebuildsRecordsInTheSameRevision) {
  file();
  const auto before = filing("se");
  EXPECT_TRUE(before.entry_number.empty());
  const auto number = numbered("0000123");
  const auto result = act("broker", confirmation(before.token, "B7P" + number));
  ASSERT_TRUE(result && result->applied());
  EXPECT_THAT(result->rebuilt().records(), HasSubstr(number));
  EXPECT_EQ(result->rebuilt().token(), before.token);
  const auto after = filing("se");
  EXPECT_EQ(after.revision, 1U);
  EXPECT_EQ(after.entry_number, number);
  EXPECT_THAT(before.records, Not(HasSubstr(number)));
  // The summary waits with the same number.
  EXPECT_EQ(filing("ae").entry_number, number);
  EXPECT_EQ(filing("ae").state, "ready");
  EXPECT_EQ(filings().size(), 2U);
}

TEST_F(Delivery, Confirmation_Repeated_GetsFirstReceiptAndChangesNothing) {
  file();
  const auto token = filing("se").token;
  const auto first = act("broker", confirmation(token));
  const auto again = act("broker", confirmation(token));
  ASSERT_TRUE(first && again);
  EXPECT_FALSE(first->repeat());
  EXPECT_TRUE(again->repeat());
  EXPECT_EQ(first->receipt().SerializeAsString(), again->receipt().SerializeAsString());
}

TEST_F(Delivery, Confirmation_ThatCannotBe_IsRefusedWithItsReason) {
  file();
  const auto row = filing("se");
  auto bad = numbered("0000123");
  bad.back() = bad.back() == '9' ? '0' : static_cast<char>(bad.back() + 1);
  EXPECT_EQ(code_of(act("broker", confirmation(row.token, bad))), "ENTRY_NUMBER_CHECK_DIGIT");
  EXPECT_EQ(code_of(act("broker", confirmation(row.token, "12"))), "ENTRY_NUMBER_INVALID");
  auto digest = confirmation(row.token);
  digest.mutable_confirmation()->set_sha256(std::string(32, 'x'));
  EXPECT_EQ(code_of(act("broker", digest)), "RECORDS_DIGEST_MISMATCH");
  EXPECT_EQ(code_of(act("other-broker", confirmation(row.token))), "TOKEN_UNKNOWN");
  EXPECT_EQ(code_of(act("broker", confirmation("no-such-token"))), "TOKEN_UNKNOWN");
  EXPECT_EQ(code_of(act("broker", v1::FilerAct())), "ACT_EMPTY");
  EXPECT_EQ(filing("se").state, "ready");
  ASSERT_TRUE(act("broker", confirmation(row.token, numbered("0000123")))->applied());
  EXPECT_EQ(code_of(act("broker", confirmation(filing("ae").token, numbered("0000124")))), "ENTRY_NUMBER_CONFLICT");
}

TEST_F(Delivery, Credits_AndWindow_BoundWhatIsOffered) {
  Inbox inbox;
  auto session = delivery_->attach(scope("broker"), "grpc", inbox.sink());
  session->grant(1);
  file();
  const auto first = inbox.wait_for(1);
  look([&](ledger::Reader& reader) { EXPECT_EQ(reader.filing_by_token(first.token())->state, "offered"); });
  const auto rows = filings();
  EXPECT_EQ(std::count_if(rows.begin(), rows.end(), [](const auto& row) { return row.state == "offered"; }), 1);
  session->grant(1);
  EXPECT_NE(inbox.wait_for(2).token(), first.token());
}

TEST_F(Delivery, ConnectionLost_FilingGoesBackAtOnceMarked) {
  Inbox first, second;
  auto session = delivery_->attach(scope("broker"), "grpc", first.sink());
  session->grant(8);
  file();
  first.wait_for(2);
  session->close();
  auto next = delivery_->attach(scope("broker"), "grpc", second.sink());
  next->grant(8);
  second.wait_for(2);
  std::vector<std::string> before, after;
  for (const auto& filing : first.all()) before.push_back(filing.token());
  for (const auto& filing : second.all()) {
    after.push_back(filing.token());
    EXPECT_TRUE(filing.possible_duplicate());
    EXPECT_EQ(filing.attempt(), 2U);
  }
  EXPECT_THAT(after, ::testing::UnorderedElementsAreArray(before));
  const auto id = filing("se").id;
  look([&](ledger::Reader& reader) {
    const auto attempts = reader.attempts(id);
    ASSERT_EQ(attempts.size(), 2U);
    EXPECT_EQ(attempts[0].outcome, "connection_lost");
  });
}

TEST_F(Delivery, LeaseOver_FilingIsOfferedAgainMarked) {
  Inbox inbox;
  auto session = delivery_->attach(scope("broker"), "grpc", inbox.sink());
  session->grant(8);
  file();
  inbox.wait_for(2);
  pass(std::chrono::seconds(61));
  wait_until([this] { return filing("se").state == "in_doubt"; });
  pass(std::chrono::seconds(2));  // the longest first wait
  EXPECT_TRUE(inbox.wait_for(3).possible_duplicate());
  const auto id = filing("se").id;
  look([&](ledger::Reader& reader) {
    const auto attempts = reader.attempts(id);
    ASSERT_FALSE(attempts.empty());
    EXPECT_EQ(attempts.front().outcome, "lease_expired");
  });
}

TEST_F(Delivery, TwoSessionsOfOneFiler_EachFilingGoesToOne) {
  Inbox one, two;
  auto a = delivery_->attach(scope("broker"), "grpc", one.sink());
  auto b = delivery_->attach(scope("broker"), "grpc", two.sink());
  a->grant(1);
  b->grant(1);
  file();
  EXPECT_NE(one.wait_for(1).token(), two.wait_for(1).token());
}

TEST_F(Delivery, OtherFiler_IsOfferedNothing) {
  Inbox other, own;
  auto stranger = delivery_->attach(scope("other-broker"), "grpc", other.sink());
  stranger->grant(8);
  auto session = delivery_->attach(scope("broker"), "grpc", own.sink());
  session->grant(8);
  file();
  own.wait_for(2);
  EXPECT_EQ(other.size(), 0U);
}

TEST_F(Delivery, Refusal_WithRetry_IsOfferedAgainAfterBackoff) {
  Inbox inbox;
  auto session = delivery_->attach(scope("broker"), "grpc", inbox.sink());
  session->grant(1);
  file();
  const auto first = inbox.wait_for(1);
  const auto refused = act("broker", refusal(first.token(), true));
  ASSERT_TRUE(refused && refused->applied());
  look([&](ledger::Reader& reader) {
    const auto row = reader.filing_by_token(first.token());
    EXPECT_EQ(row->state, "ready");
    EXPECT_GT(row->not_before, now_.load());
  });
  // Said again about the same offer it is a repeat; about the next offer it is another refusal.
  EXPECT_TRUE(act("broker", refusal(first.token(), true))->repeat());
  pass(std::chrono::seconds(5));
  session->grant(8);
  inbox.wait_for(3);
  const auto offers = inbox.all();
  EXPECT_EQ(
      std::count_if(offers.begin(), offers.end(), [&](const auto& filing) { return filing.token() == first.token(); }),
      2);
  EXPECT_FALSE(act("broker", refusal(first.token(), true))->repeat());
}

TEST_F(Delivery, Refusal_WithoutRetry_IsAnExceptionThatTheSenderSees) {
  file();
  ASSERT_TRUE(act("broker", refusal(filing("se").token, false, "no power of attorney"))->applied());
  EXPECT_EQ(filing("se").state, "refused");
  const auto exceptions = delivery_->exceptions();
  ASSERT_TRUE(exceptions);
  EXPECT_TRUE(std::any_of(exceptions->begin(), exceptions->end(), [&](const auto& row) {
    return row.object_id() == filing("se").id && row.state() == "refused";
  }));
  const auto told = status("shipper", kInvoiceUuid);
  bool reason = false;
  for (const auto& shown : told.shipments(0).filings())
    for (const auto& finding : shown.findings())
      reason = reason || finding.en().find("no power of attorney") != std::string::npos;
  EXPECT_TRUE(reason);
}

TEST_F(Delivery, Correction_BecomesNewRevisionForTheFiler) {
  Inbox inbox;
  auto session = delivery_->attach(scope("broker"), "grpc", inbox.sink());
  session->grant(8);
  file();
  inbox.wait_for(2);
  const auto before = filing("se");
  const auto result = act("broker", correction(before.token, "location_of_goods", "W123"));
  ASSERT_TRUE(result);
  ASSERT_TRUE(result->applied()) << code_of(result);
  EXPECT_EQ(result->rebuilt().revision(), 2U);
  const auto read = delivery::with_draft_read(result->rebuilt());
  EXPECT_EQ(read.draft().entries(0).location_of_goods(), "W123");
  EXPECT_GT(read.draft().lineage_size(), 0);
  EXPECT_EQ(filing("se", 1).state, "replaced");
  for (std::size_t i = 3;; ++i) {
    const auto offered = inbox.wait_for(i);
    if (offered.token() == result->rebuilt().token() || offered.token().empty()) break;
  }
}

TEST_F(Delivery, Correction_OfNothing_IsRefused) {
  file();
  EXPECT_EQ(code_of(act("broker", correction(filing("se").token, "no_such_element", "x"))),
            "CORRECTION_WITHOUT_EFFECT");
  EXPECT_EQ(filing("se").state, "ready");
  EXPECT_EQ(filings().size(), 2U);
}

TEST_F(Delivery, Answer_Unmatched_IsKept) {
  const std::string line = "SE9002" + std::string(74, ' ');
  const auto result = act("broker", answer(line));
  ASSERT_TRUE(result);
  EXPECT_TRUE(result->applied());
  EXPECT_TRUE(result->has_receipt());
  EXPECT_EQ(code_of(result), "ANSWER_UNMATCHED");
  look([](ledger::Reader& reader) { EXPECT_EQ(reader.unmatched_answers(10).size(), 1U); });
  EXPECT_TRUE(act("broker", answer(line))->repeat());
}

TEST_F(Delivery, Answer_WithToken_ReachesTheSenderLineByLine) {
  file();
  ASSERT_TRUE(act("broker", confirmation(filing("se").token, numbered("0000123")))->applied());
  const std::string line = "not a line of CBP's that anybody knows";
  ASSERT_TRUE(act("broker", answer(line, filing("se").token))->applied());
  bool seen = false;
  const auto told = status("shipper", kInvoiceUuid);
  for (const auto& shown : told.shipments(0).filings())
    for (const auto& shown_line : shown.answers()) seen = seen || shown_line.line() == line;
  EXPECT_TRUE(seen);
}

TEST_F(Delivery, Restart_OffersWhatWasNotConfirmedMarked) {
  Inbox before, after;
  {
    auto session = delivery_->attach(scope("broker"), "grpc", before.sink());
    session->grant(8);
    file();
    before.wait_for(2);
    session->close();
  }
  close();
  open();
  delivery_->start();
  auto session = delivery_->attach(scope("broker"), "grpc", after.sink());
  session->grant(8);
  after.wait_for(2);
  for (const auto& filing : after.all()) EXPECT_TRUE(filing.possible_duplicate());
}

TEST_F(Delivery, LeasesOfAKilledRun_AreOfferedAgainAtOnceMarked) {
  file();
  wait_until([this] { return filings().size() == 2; });
  // What a process that was killed leaves behind: leases that run for another hour.
  const auto now = now_.load();
  const auto leased = ledger_->write_and_wait([now](ledger::Writer& writer) -> Result<void> {
    const auto claimed = writer.claim("broker", "grpc", "earlier run", now, now + 3'600'000'000, 8);
    if (!claimed) return tl::unexpected(claimed.error());
    return claimed->size() == 2 ? Result<void>() : permanent("test", "not two filings");
  });
  ASSERT_TRUE(leased) << leased.error().text;
  close();
  open();
  Inbox after;
  delivery_->start();
  auto session = delivery_->attach(scope("broker"), "grpc", after.sink());
  session->grant(8);
  after.wait_for(2);
  for (const auto& filing : after.all()) {
    EXPECT_TRUE(filing.possible_duplicate());
    EXPECT_EQ(filing.attempt(), 2u);
  }
}

TEST_F(Delivery, Drain_OffersNothingMoreAndRefusesActs) {
  file();
  delivery_->drain();
  Inbox inbox;
  auto session = delivery_->attach(scope("broker"), "grpc", inbox.sink());
  session->grant(8);
  const auto result = act("broker", confirmation(filing("se").token));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, "draining");
  EXPECT_EQ(inbox.size(), 0U);
}

TEST_F(Delivery, ShipmentStopped_BetweenOfferAndConfirmation_IsReplacedAfterIt) {
  Inbox inbox;
  auto session = delivery_->attach(scope("broker"), "grpc", inbox.sink());
  session->grant(2);
  file();
  inbox.wait_for(2);
  ASSERT_TRUE(submit("carrier", v1::CROSSING_NOTICE, later_notice())->has_receipt());
  settle();
  EXPECT_EQ(filing("se", 1).state, "offered");
  const auto result = act("broker", confirmation(filing("se", 1).token));
  ASSERT_TRUE(result && result->applied());
  EXPECT_EQ(code_of(result), "FILING_REPLACED");
  const auto rows = filings();
  const auto newest =
      std::find_if(rows.begin(), rows.end(), [](const auto& row) { return row.kind == "se" && row.state == "ready"; });
  ASSERT_NE(newest, rows.end());
  EXPECT_EQ(newest->action, "R");
}

// The invoice gives way to one that is no export: nothing is left to file.
TEST_F(Delivery, EntryWithdrawn_AfterConfirmation_IsCancelledAtTheFiler) {
  file();
  ASSERT_TRUE(act("broker", confirmation(filing("se").token, numbered("0000123")))->applied());
  ASSERT_TRUE(submit("shipper", v1::SAT_XML, domestic_invoice())->has_receipt());
  settle();
  const auto cancellation = filing("se", 2);
  EXPECT_EQ(cancellation.action, "D");
  EXPECT_EQ(cancellation.state, "ready");
  EXPECT_EQ(cancellation.entry_number, numbered("0000123"));
  EXPECT_EQ(filing("ae").state, "cancelled") << "what nobody has seen is only stopped";
  ASSERT_TRUE(act("broker", confirmation(cancellation.token))->applied());
  EXPECT_EQ(filing("se", 1).state, "replaced");
}

TEST_F(Delivery, Confirmation_OfARevisionReplacedMeanwhile_MakesTheNewOneAReplacement) {
  Inbox inbox;
  auto session = delivery_->attach(scope("broker"), "grpc", inbox.sink());
  session->grant(2);
  file();
  inbox.wait_for(2);
  session->close();
  const auto token = filing("se").token;
  ASSERT_TRUE(act("broker", refusal(token, true))->applied());  // answered: a newer one may take its place
  ASSERT_TRUE(submit("carrier", v1::CROSSING_NOTICE, later_notice())->has_receipt());
  settle();
  wait_until([&] { return filing("se", 1).state == "replaced"; });
  const auto result = act("broker", confirmation(token));
  ASSERT_TRUE(result);
  EXPECT_EQ(code_of(result), "FILING_REPLACED");
  const auto rows = filings();
  const auto newest =
      std::find_if(rows.begin(), rows.end(), [](const auto& row) { return row.kind == "se" && row.state == "ready"; });
  ASSERT_NE(newest, rows.end());
  EXPECT_EQ(newest->action, "R");
}

// ---- in doubt

TEST_F(Delivery, InDoubt_IsNotReplacedButAskedAgainFirst) {
  Inbox inbox;
  auto session = delivery_->attach(scope("broker"), "grpc", inbox.sink());
  session->grant(2);
  file();
  inbox.wait_for(2);
  session->close();
  wait_until([this] { return filing("se").state == "in_doubt" && filing("ae").state == "in_doubt"; });
  ASSERT_TRUE(submit("carrier", v1::CROSSING_NOTICE, later_notice())->has_receipt());
  settle();
  EXPECT_EQ(filing("se", 1).state, "in_doubt");
  EXPECT_EQ(filing("se", 2).state, "ready");
  Inbox after;
  auto next = delivery_->attach(scope("broker"), "grpc", after.sink());
  next->grant(8);
  after.wait_for(2);
  for (const auto& offered : after.all()) {
    EXPECT_EQ(offered.revision(), 1U);
    EXPECT_TRUE(offered.possible_duplicate());
  }
  EXPECT_EQ(after.size(), 2U) << "the newer revision waits for the filer's word";
  ASSERT_TRUE(act("broker", confirmation(filing("se", 1).token))->applied());
  EXPECT_EQ(after.wait_for(3).action(), "R");
  ASSERT_TRUE(act("broker", refusal(filing("ae", 1).token, false))->applied());
  const auto newer = after.wait_for(4);
  EXPECT_EQ(newer.kind(), "ae");
  EXPECT_EQ(newer.action(), "A") << "the filer did not file the first";
  EXPECT_EQ(filing("ae", 1).state, "replaced");
}

TEST_F(Delivery, InDoubt_WithdrawnShipment_IsAskedAgainAndThenCancelled) {
  Inbox inbox;
  auto session = delivery_->attach(scope("broker"), "grpc", inbox.sink());
  session->grant(2);
  file();
  inbox.wait_for(2);
  session->close();
  wait_until([this] { return filing("se").state == "in_doubt"; });
  ASSERT_TRUE(submit("shipper", v1::SAT_XML, domestic_invoice())->has_receipt());
  settle();
  EXPECT_EQ(filing("se", 1).state, "in_doubt");
  EXPECT_EQ(filing("se", 2).action, "D");
  Inbox after;
  auto next = delivery_->attach(scope("broker"), "grpc", after.sink());
  next->grant(8);
  EXPECT_EQ(after.wait_for(1).action(), "A");
  ASSERT_TRUE(act("broker", confirmation(filing("se", 1).token, numbered("0000123")))->applied());
  EXPECT_EQ(after.wait_for(3).action(), "D");
}

TEST_F(Delivery, InDoubt_AnsweredByCbp_IsAnswered) {
  Inbox inbox;
  auto session = delivery_->attach(scope("broker"), "grpc", inbox.sink());
  session->grant(2);
  file();
  inbox.wait_for(2);
  session->close();
  wait_until([this] { return filing("ae").state == "in_doubt"; });
  ASSERT_TRUE(act("broker", answer(final_answer("A", "995", filing("ae"))))->applied());
  EXPECT_EQ(filing("ae").state, "accepted");
}

// ---- giving up

class DeliveryThatGivesUp : public Delivery {
 protected:
  DeliveryThatGivesUp() { delivery_options_.give_up = std::chrono::hours(1); }
  // Until after the give-up time of what was ready now, or of its deadline.
  void pass_deadline() {
    const auto late = filing("se").deadline + 3'600'000'001;
    if (late > now_) now_ = late;
  }
  std::string cause(std::string_view kind) { return filing(kind).cause; }
  bool dead(std::string_view kind) { return filing(kind).state == "dead_letter"; }
};

TEST_F(DeliveryThatGivesUp, NeverTaken_BecomesADeadLetterAfterDeadlineAndGiveUp) {
  file();
  const auto deadline = filing("se").deadline;
  now_ = deadline + 1;
  const auto late = delivery_->exceptions();
  ASSERT_TRUE(late);
  EXPECT_TRUE(std::any_of(late->begin(), late->end(), [&](const auto& row) {
    return row.object_id() == filing("se").id && row.cause() == "DEADLINE_PASSED";
  }));
  now_ = deadline + 3'600'000'000 - 1;
  Inbox none;
  EXPECT_EQ(filing("se").state, "ready");
  pass_deadline();
  wait_until([this] { return dead("se") && dead("ae"); });
  EXPECT_EQ(cause("se"), "FILING_NEVER_TAKEN");
  const auto exceptions = delivery_->exceptions();
  EXPECT_TRUE(std::any_of(exceptions->begin(), exceptions->end(), [&](const auto& row) {
    return row.object_id() == filing("se").id && row.state() == "dead_letter" && row.owner() == "ops";
  }));
  const auto told = status("shipper", kInvoiceUuid);
  EXPECT_EQ(told.shipments(0).state(), "held");
}

TEST_F(DeliveryThatGivesUp, Unanswered_IsADeadLetterThatTheFilersWordStillLeaves) {
  Inbox inbox;
  auto session = delivery_->attach(scope("broker"), "grpc", inbox.sink());
  session->grant(2);
  file();
  inbox.wait_for(2);
  session->close();
  wait_until([this] { return filing("se").state == "in_doubt" && filing("ae").state == "in_doubt"; });
  pass_deadline();
  wait_until([this] { return dead("se") && dead("ae"); });
  EXPECT_EQ(cause("se"), "FILING_UNANSWERED");
  ASSERT_TRUE(act("broker", confirmation(filing("se").token))->applied());
  EXPECT_EQ(filing("se").state, "confirmed");
  EXPECT_EQ(cause("se"), "");
  ASSERT_TRUE(act("broker", refusal(filing("ae").token, false))->applied());
  EXPECT_EQ(filing("ae").state, "refused");
}

TEST_F(DeliveryThatGivesUp, UnansweredDeadLetter_WithANewerVersion_IsAskedAgainFirst) {
  Inbox inbox;
  auto session = delivery_->attach(scope("broker"), "grpc", inbox.sink());
  session->grant(2);
  file();
  inbox.wait_for(2);
  session->close();
  wait_until([this] { return filing("se").state == "in_doubt" && filing("ae").state == "in_doubt"; });
  pass_deadline();
  wait_until([this] { return dead("se") && dead("ae"); });
  ASSERT_TRUE(submit("carrier", v1::CROSSING_NOTICE, later_notice())->has_receipt());
  settle();
  EXPECT_EQ(filing("se", 1).state, "in_doubt");
  EXPECT_EQ(filing("se", 2).state, "ready");
}

TEST_F(DeliveryThatGivesUp, PutOff_UntilItIsTooLate_IsADeadLetterOfThatCause) {
  Inbox inbox;
  auto session = delivery_->attach(scope("broker"), "grpc", inbox.sink());
  session->grant(1);
  file();
  const auto token = inbox.wait_for(1).token();
  ASSERT_TRUE(act("broker", refusal(token, true))->applied());
  pass_deadline();
  const auto letter = [&] {
    std::optional<ledger::FilingRow> row;
    look([&](ledger::Reader& reader) { row = reader.filing_by_token(token); });
    return *row;
  };
  wait_until([&] { return letter().state == "dead_letter"; });
  EXPECT_EQ(letter().cause, "FILING_PUT_OFF");
}

TEST_F(Delivery, Answer_OfCbp_IsMatchedByEntryNumberAndMovesTheFiling) {
  file();
  const auto number = numbered("0000123");
  ASSERT_TRUE(act("broker", confirmation(filing("ae").token, number))->applied());
  const std::string block = "B  2304B7PAX" + std::string(68, ' ') + "\n";
  const auto result = act("broker", answer(block + final_line("A", "995", filing("ae"))));
  ASSERT_TRUE(result && result->applied());
  EXPECT_EQ(code_of(result), "");
  EXPECT_EQ(filing("ae").state, "accepted");
  bool seen = false;
  const auto told = status("shipper", kInvoiceUuid);
  for (const auto& shown : told.shipments(0).filings())
    for (const auto& line : shown.answers()) seen = seen || line.disposition_code().starts_with("995");
  EXPECT_TRUE(seen);
  // Another filer's report of the same lines reaches nothing.
  EXPECT_EQ(code_of(act("other-broker", answer(block + final_line("R", "998", filing("ae"))))), "ANSWER_UNMATCHED");
  EXPECT_EQ(filing("ae").state, "accepted");
}

TEST_F(Delivery, Answer_BeforeItsEntryNumberIsKnown_IsMatchedWhenConfirmed) {
  file();
  auto row = filing("ae");
  row.entry_number = numbered("0000123");
  row.reference = "         ";
  const std::string block = "B  2304B7PAX" + std::string(68, ' ') + "\n";
  EXPECT_EQ(code_of(act("broker", answer(block + final_line("A", "995", row)))), "ANSWER_UNMATCHED");
  ASSERT_TRUE(act("broker", confirmation(row.token, row.entry_number))->applied());
  EXPECT_EQ(filing("ae").state, "accepted");
  look([](ledger::Reader& reader) { EXPECT_TRUE(reader.unmatched_answers(10).empty()); });
}

TEST(Dispositions, Codes_MoveOrOnlyInform) {
  EXPECT_EQ(delivery::state_of_line("E1", "995"), "accepted");
  EXPECT_EQ(delivery::state_of_line("SE90", "01 119"), "rejected");
  EXPECT_EQ(delivery::state_of_line("SO60", "98"), "released");
  EXPECT_EQ(delivery::state_of_line("SO50", "91"), std::nullopt);
}

TEST(Schedule, Waits_GrowToTheLimitAndAreSpreadByChance) {
  using delivery::kFilingSchedule;
  for (std::uint32_t failures = 1; failures < 40; ++failures) {
    const auto step = std::min<ledger::Micros>(kFilingSchedule.first.count() << std::min(failures - 1, 20U),
                                               kFilingSchedule.limit.count());
    ledger::Micros least = step, most = 0;
    for (int filing = 0; filing < 200; ++filing) {
      const auto wait = delivery::wait_after(kFilingSchedule, failures, "token " + std::to_string(filing));
      EXPECT_EQ(wait, delivery::wait_after(kFilingSchedule, failures, "token " + std::to_string(filing)));
      least = std::min(least, wait);
      most = std::max(most, wait);
    }
    EXPECT_GT(least, 0);
    EXPECT_LE(most, step + 1);
    EXPECT_LT(least, step / 10) << failures;  // full jitter: some come back soon
    EXPECT_GT(most, step - step / 10) << failures;
  }
}

}  // namespace
}  // namespace puente::test
