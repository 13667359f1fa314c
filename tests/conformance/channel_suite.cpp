// What every channel must do for those who file.
#include <openssl/sha.h>

#include <algorithm>
#include <map>
#include <set>
#include <sstream>
#include <thread>

#include "fixture.h"

namespace puente::conformance {
namespace {

std::string sha256_of(const std::string& bytes) {
  std::string digest(SHA256_DIGEST_LENGTH, '\0');
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
         reinterpret_cast<unsigned char*>(digest.data()));
  return digest;
}

std::string code_of(const Result<v1::FilerActResult>& result) {
  return result && result->findings_size() > 0 ? result->findings(0).code() : std::string();
}

class Filers : public Conformance {
 protected:
  // The broker's door with what the first shipment gives it: release and summary.
  std::unique_ptr<FilerDoor> with_two_filings(const Relay* relay = nullptr) {
    send_shipments(1);
    auto door = filer("broker", relay);
    if (!door) return nullptr;
    door->take(8);
    EXPECT_TRUE(offered(*door, 2));
    return door->taken().size() < 2 ? nullptr : std::move(door);
  }
  static v1::Filing of_kind(FilerDoor& door, std::string_view kind) {
    for (const v1::Filing& filing : door.taken())
      if (filing.kind() == kind) return filing;
    ADD_FAILURE() << "no " << kind;
    return {};
  }
  static std::size_t offers_of(FilerDoor& door, const std::string& token) {
    const auto all = door.taken();
    return static_cast<std::size_t>(
        std::count_if(all.begin(), all.end(), [&](const auto& filing) { return filing.token() == token; }));
  }
  static std::set<std::string> tokens(const std::vector<v1::Filing>& filings) {
    std::set<std::string> found;
    for (const v1::Filing& filing : filings) found.insert(filing.token());
    return found;
  }
};

TEST_P(Filers, Filing_ArrivesWholeWithTheDigestOfItsRecords) {
  const auto broker = with_two_filings();
  ASSERT_TRUE(broker);
  EXPECT_EQ(tokens(broker->taken()).size(), 2U);
  for (const v1::Filing& offer : broker->taken()) {
    const auto row = filing(offer.kind());
    EXPECT_EQ(offer.token(), row.token);
    EXPECT_EQ(offer.records(), row.records);
    EXPECT_EQ(offer.sha256(), sha256_of(offer.records()));
    EXPECT_EQ(offer.attempt(), 1U);
    EXPECT_EQ(offer.action(), "A");
    EXPECT_FALSE(offer.possible_duplicate());
    EXPECT_GT(offer.lease_until().seconds(), 0);
    EXPECT_GT(offer.deadline().seconds(), 0);
    EXPECT_EQ(offer.draft().entries_size(), 1);
    std::istringstream lines(offer.records());
    for (std::string line; std::getline(lines, line);) EXPECT_EQ(line.size(), 80U) << line;
  }
}

TEST_P(Filers, Confirmation_WithItsNumber_BringsRebuiltRecordsAndTheSenderSeesIt) {
  const auto broker = with_two_filings();
  ASSERT_TRUE(broker);
  const auto number = entry_number(123);
  for (const v1::Filing& offer : broker->taken()) {
    auto said = test::confirmation(offer.token(), number);
    said.mutable_confirmation()->set_sha256(sha256_of(offer.records()));
    const auto result = broker->act(said);
    ASSERT_TRUE(result) << result.error().text;
    EXPECT_TRUE(result->applied()) << code_of(result);
    EXPECT_TRUE(result->has_receipt());
    EXPECT_NE(result->rebuilt().records().find(number), std::string::npos);
    EXPECT_EQ(result->rebuilt().records(), filing(offer.kind()).records);
  }
  const auto told = status("shipper", kInvoiceUuid);
  ASSERT_EQ(told.shipments_size(), 1);
  ASSERT_EQ(told.shipments(0).filings_size(), 2);
  for (const auto& shown : told.shipments(0).filings()) {
    EXPECT_EQ(shown.state(), "confirmed");
    EXPECT_NE(shown.entry_number().find(number), std::string::npos);
  }
}

TEST_P(Filers, Confirmation_SaidAgain_FirstReceiptAndNoSecondEffect) {
  const auto broker = with_two_filings();
  ASSERT_TRUE(broker);
  const auto said = test::confirmation(of_kind(*broker, "se").token(), entry_number(123));
  const auto first = broker->act(said);
  const auto again = broker->act(said);
  ASSERT_TRUE(first && again);
  EXPECT_TRUE(first->applied());
  EXPECT_FALSE(first->repeat());
  EXPECT_TRUE(again->repeat());
  EXPECT_EQ(again->receipt().SerializeAsString(), first->receipt().SerializeAsString());
  EXPECT_EQ(again->rebuilt().records(), first->rebuilt().records());
  EXPECT_EQ(times(filing("se").id, "confirmed"), 1U);
}

TEST_P(Filers, Confirmation_WhoseAnswerWasLost_SaidAgainHasOneEffect) {
  NEEDS(connection);
  const auto way = relay();
  const auto broker = with_two_filings(way.get());
  ASSERT_TRUE(broker);
  const auto said = test::confirmation(of_kind(*broker, "se").token(), entry_number(123));
  way->hold_answers(true);
  Result<v1::FilerActResult> unheard = v1::FilerActResult();
  std::thread call([&] { unheard = broker->act(said); });
  EXPECT_TRUE(eventually([&] { return filing("se").state == "confirmed"; }));
  way->cut();
  call.join();
  ASSERT_FALSE(unheard);
  EXPECT_EQ(unheard.error().kind, FaultKind::retryable) << unheard.error().code;
  const auto back = filer("broker");
  const auto again = back->act(said);
  ASSERT_TRUE(again) << again.error().text;
  EXPECT_TRUE(again->repeat());
  EXPECT_TRUE(again->has_receipt());
  EXPECT_NE(again->rebuilt().records().find(entry_number(123)), std::string::npos);
  EXPECT_EQ(times(filing("se").id, "confirmed"), 1U);
  back->take(8);
  // Only the summary is left to offer.
  EXPECT_TRUE(offered(*back, 1));
  EXPECT_EQ(tokens(back->taken()), std::set{filing("ae").token});
}

TEST_P(Filers, Confirmation_OfOtherRecords_IsRefusedAndTheOfferStands) {
  const auto broker = with_two_filings();
  ASSERT_TRUE(broker);
  auto said = test::confirmation(of_kind(*broker, "se").token());
  said.mutable_confirmation()->set_sha256(sha256_of("other records"));
  EXPECT_EQ(code_of(broker->act(said)), "RECORDS_DIGEST_MISMATCH");
  EXPECT_EQ(filing("se").state, "offered");
  said.mutable_confirmation()->set_sha256(sha256_of(of_kind(*broker, "se").records()));
  EXPECT_TRUE(broker->act(said)->applied());
}

TEST_P(Filers, AnotherFilersToken_AnswersAsAnUnknownOne) {
  const auto broker = with_two_filings();
  ASSERT_TRUE(broker);
  const auto token = of_kind(*broker, "se").token();
  const auto other = filer("other-broker");
  for (const auto& act : {test::confirmation(token), test::refusal(token, false), test::correction(token, "eta", "x")})
    EXPECT_EQ(code_of(other->act(act)), "TOKEN_UNKNOWN");
  EXPECT_EQ(code_of(other->act(test::confirmation("no-such-token"))), "TOKEN_UNKNOWN");
  other->take(8);
  EXPECT_EQ(filing("se").state, "offered");
  EXPECT_TRUE(other->taken().empty());
}

TEST_P(Filers, ConnectionCut_WithOffersHeld_SameTokensMarked) {
  NEEDS(connection);
  const auto way = relay();
  const auto broker = with_two_filings(way.get());
  ASSERT_TRUE(broker);
  const auto before = tokens(broker->taken());
  way->cut();
  const auto back = filer("broker");
  back->take(8);
  ASSERT_TRUE(offered(*back, 2));
  EXPECT_EQ(tokens(back->taken()), before);
  for (const v1::Filing& offer : back->taken()) {
    EXPECT_TRUE(offer.possible_duplicate());
    EXPECT_EQ(offer.attempt(), 2U);
    EXPECT_TRUE(back->act(test::confirmation(offer.token()))->applied());
  }
}

TEST_P(Filers, LeaseRunOut_SameTokenMarkedAndTheLateWordCounts) {
  const auto broker = with_two_filings();
  ASSERT_TRUE(broker);
  const auto first = of_kind(*broker, "se");
  broker->take(8);
  pass(std::chrono::seconds(61));
  ASSERT_TRUE(eventually([&] { return filings_in("in_doubt") == 2; }));
  pass(std::chrono::minutes(15));  // whatever waits after the lease
  ASSERT_TRUE(eventually([&] { return offers_of(*broker, first.token()) >= 2; }));
  for (const v1::Filing& offer : broker->taken()) EXPECT_EQ(offer.possible_duplicate(), offer.attempt() > 1);
  EXPECT_TRUE(broker->act(test::confirmation(first.token()))->applied());
  EXPECT_EQ(times(filing("se").id, "confirmed"), 1U);
}

TEST_P(Filers, Correction_BringsRebuiltRecordsAsANewRevision) {
  const auto broker = with_two_filings();
  ASSERT_TRUE(broker);
  const auto first = of_kind(*broker, "se");
  const auto result = broker->act(test::correction(first.token(), "location_of_goods", "W123"));
  ASSERT_TRUE(result) << result.error().text;
  ASSERT_TRUE(result->applied()) << code_of(result);
  EXPECT_EQ(filing("se", 1).state, "replaced");
  const auto row = filing("se", 2);
  EXPECT_NE(row.token, first.token());
  broker->take(8);
  ASSERT_TRUE(eventually([&] { return offers_of(*broker, row.token) == 1; }));
  for (const v1::Filing& offer : broker->taken()) {
    if (offer.token() != row.token) continue;
    EXPECT_EQ(offer.revision(), 2U);
    EXPECT_EQ(offer.draft().entries(0).location_of_goods(), "W123");
    EXPECT_EQ(offer.sha256(), sha256_of(offer.records()));
    EXPECT_NE(offer.records(), first.records());
  }
  EXPECT_EQ(offers_of(*broker, first.token()), 1U) << "what was replaced was offered again";
  const auto without = broker->act(test::correction(row.token, "no_such_element", "x"));
  EXPECT_EQ(code_of(without), "CORRECTION_WITHOUT_EFFECT");
}

TEST_P(Filers, Refusal_ForNow_IsOfferedAgainLater) {
  const auto broker = with_two_filings();
  ASSERT_TRUE(broker);
  const auto first = of_kind(*broker, "se");
  const auto refused = broker->act(test::refusal(first.token(), true));
  ASSERT_TRUE(refused) << refused.error().text;
  EXPECT_TRUE(refused->applied()) << code_of(refused);
  EXPECT_EQ(filing("se").state, "ready");
  EXPECT_EQ(offers_of(*broker, first.token()), 1U);
  broker->take(8);
  pass(std::chrono::hours(1));
  ASSERT_TRUE(eventually([&] { return offers_of(*broker, first.token()) >= 2; }));
  EXPECT_TRUE(broker->act(test::confirmation(first.token()))->applied());
}

TEST_P(Filers, Refusal_ForGood_IsAnExceptionAndNeverOfferedAgain) {
  const auto broker = with_two_filings();
  ASSERT_TRUE(broker);
  const auto first = of_kind(*broker, "se"), other = of_kind(*broker, "ae");
  ASSERT_TRUE(broker->act(test::refusal(first.token(), false, "no power of attorney"))->applied());
  EXPECT_EQ(filing("se").state, "refused");
  const auto exceptions = delivery_->exceptions();
  ASSERT_TRUE(exceptions);
  EXPECT_TRUE(std::any_of(exceptions->begin(), exceptions->end(),
                          [&](const auto& row) { return row.object_id() == filing("se").id; }));
  broker->take(8);
  pass(std::chrono::seconds(61));
  ASSERT_TRUE(eventually([&] { return filings_in("in_doubt") == 1; }));
  pass(std::chrono::minutes(15));
  ASSERT_TRUE(eventually([&] { return offers_of(*broker, other.token()) >= 2; }));
  EXPECT_EQ(offers_of(*broker, first.token()), 1U);
}

TEST_P(Filers, Answer_MovesTheFilingAndReachesTheSenderLineByLine) {
  const auto broker = with_two_filings();
  ASSERT_TRUE(broker);
  ASSERT_TRUE(broker->act(test::confirmation(of_kind(*broker, "ae").token(), entry_number(123)))->applied());
  const auto row = filing("ae");
  std::string line(80, ' ');  // E1 of AX, column by column (CATAIR ESS)
  const auto put = [&line](std::size_t column, std::string_view text) { line.replace(column - 1, text.size(), text); };
  put(1, "E1");
  put(3, "A");
  put(5, "995");
  put(11, "FINAL");
  put(51, row.filer_code);
  put(56, row.entry_number);
  put(69, row.reference);
  const std::string report = "B  2304B7PAX" + std::string(68, ' ') + "\n" + line + "\n";
  const auto first = broker->act(test::answer(report));
  ASSERT_TRUE(first) << first.error().text;
  EXPECT_TRUE(first->applied()) << code_of(first);
  EXPECT_TRUE(broker->act(test::answer(report))->repeat());
  EXPECT_EQ(filing("ae").state, "accepted");
  EXPECT_EQ(times(row.id, "accepted"), 1U);
  bool shown = false;
  const auto told = status("shipper", kInvoiceUuid);
  for (const auto& filing : told.shipments(0).filings())
    for (const auto& answer : filing.answers()) shown = shown || answer.line() == line;
  EXPECT_TRUE(shown);
}

// The notice comes again while the filer has the first revision in hand: the second waits until he has spoken.
TEST_P(Filers, NewerRevision_NeverOvertakesOneInFlight) {
  const auto broker = with_two_filings();
  ASSERT_TRUE(broker);
  broker->take(8);
  ASSERT_TRUE(submit("carrier", v1::CROSSING_NOTICE, later_notice())->has_receipt());
  settle();
  // Another shipment is offered meanwhile: whatever could be offered has been.
  submit_shipment(shipment(1));
  ASSERT_TRUE(offered(*broker, 4));
  for (const v1::Filing& offer : broker->taken()) EXPECT_EQ(offer.revision(), 1U);
  const auto first = of_kind(*broker, "se");
  ASSERT_TRUE(broker->act(test::confirmation(first.token(), entry_number(123))));
  ASSERT_TRUE(eventually([&] {
    const auto all = broker->taken();
    return std::any_of(all.begin(), all.end(), [](const auto& f) { return f.kind() == "se" && f.revision() > 1; });
  }));
  std::map<std::string, std::uint32_t> last;  // by kind and shipment
  for (const v1::Filing& offer : broker->taken()) {
    auto& revision = last[offer.kind() + offer.draft().entries(0).bills(0).scn()];
    EXPECT_GE(offer.revision(), revision);
    revision = offer.revision();
    EXPECT_EQ(offer.action(), offer.kind() == "se" && offer.revision() > 1 ? "R" : "A");
  }
}

TEST_P(Filers, TwoConsumers_EachFilingGoesToOneAtATime) {
  NEEDS(several_consumers);
  constexpr int kShipments = 10;
  const auto one = filer("broker"), two = filer("broker");
  one->take(10);
  two->take(10);
  send_shipments(kShipments);
  EXPECT_TRUE(eventually([&] { return one->taken().size() + two->taken().size() >= 2 * kShipments; }));
  auto seen = tokens(one->taken());
  seen.merge(tokens(two->taken()));
  EXPECT_EQ(seen.size(), 2U * kShipments);
  EXPECT_EQ(one->taken().size(), 10U);
  EXPECT_EQ(two->taken().size(), 10U);
  for (FilerDoor* door : {one.get(), two.get()})
    for (const v1::Filing& offer : door->taken()) {
      EXPECT_FALSE(offer.possible_duplicate());
      EXPECT_TRUE(door->act(test::confirmation(offer.token()))->applied());
    }
}

TEST_P(Filers, Credits_BoundWhatIsOffered) {
  NEEDS(credits);
  const auto broker = filer("broker");
  broker->take(1);
  send_shipments(2);
  ASSERT_TRUE(offered(*broker, 1));
  ASSERT_TRUE(broker->act(test::confirmation(broker->taken()[0].token()))->applied());
  EXPECT_EQ(filings_in("offered"), 0U) << "no credit, no offer";
  broker->take(2);
  ASSERT_TRUE(offered(*broker, 3));
  EXPECT_EQ(filings_in("offered"), 2U);
  EXPECT_EQ(filings_in("ready"), 1U);
}

class FilersWithAWindow : public Filers {
 protected:
  std::string filer_settings() const override { return "window = 3\n"; }
};

TEST_P(FilersWithAWindow, Window_BoundsWhatIsInFlight) {
  const auto broker = filer("broker");
  broker->take(100);
  send_shipments(4);
  for (std::size_t confirmed = 0; confirmed < 8; ++confirmed) {
    ASSERT_TRUE(offered(*broker, std::min<std::size_t>(confirmed + 3, 8)));
    EXPECT_EQ(broker->taken().size(), std::min<std::size_t>(confirmed + 3, 8));
    EXPECT_LE(filings_in("offered"), 3U);
    ASSERT_TRUE(broker->act(test::confirmation(broker->taken()[confirmed].token()))->applied());
  }
  EXPECT_EQ(tokens(broker->taken()).size(), 8U);
}

class FilersWithARate : public Filers {
 protected:
  std::string limits() const override { return one_document_a_second(); }
};

// Whoever is slowed down as a sender is never kept from confirming: what is filed must be known.
TEST_P(FilersWithARate, ActsOverTheDocumentRate_AreNeverRefused) {
  const auto broker = filer("broker");
  broker->take(100);
  send_shipments(4);
  ASSERT_TRUE(offered(*broker, 8));
  for (const auto& filing : broker->taken()) {
    const auto result = broker->act(test::confirmation(filing.token()));
    ASSERT_TRUE(result) << result.error().text;
    EXPECT_TRUE(result->applied());
  }
  EXPECT_EQ(filings_in("confirmed"), 8U);
}

class TwoFilers : public Filers {
 protected:
  std::string filer_settings() const override { return "window = 8\n"; }
  std::string routes() const override {
    return "[[route]]\nkind = \"ae\"\nfiler = \"other-broker\"\n[[route]]\nfiler = \"broker\"\n";
  }
};

// One filer takes nothing of what it is sent; the other gets all of its own, and the first one costs its window.
TEST_P(TwoFilers, SlowReader_HoldsNobodyUpAndCostsItsWindow) {
  constexpr std::size_t kShipments = 20;
  const auto way = relay();
  const auto slow = filer("broker", way.get());
  slow->take(100);
  const auto fast = filer("other-broker");
  fast->take(100);
  if (way) way->hold_answers(true);
  send_shipments(kShipments);
  std::set<std::string> confirmed;
  ASSERT_TRUE(eventually([&] {
    for (const v1::Filing& offer : fast->taken())
      if (confirmed.insert(offer.token()).second) {
        EXPECT_TRUE(fast->act(test::confirmation(offer.token()))->applied());
      }
    return confirmed.size() == kShipments;
  }));
  look([](ledger::Reader& reader) {
    const auto offered = reader.filings_in_state("offered", 100);
    EXPECT_LE(offered.size(), 8U);
    for (const auto& row : offered) EXPECT_EQ(row.kind, "se");
  });
  if (way) way->cut();
  const auto back = filer("broker");
  back->take(100);
  std::set<std::string> late;
  EXPECT_TRUE(eventually([&] {
    for (const v1::Filing& offer : back->taken())
      if (late.insert(offer.token()).second) {
        EXPECT_TRUE(back->act(test::confirmation(offer.token()))->applied());
      }
    return late.size() == kShipments;
  }));
}

TEST_P(Filers, Drain_OffersComeAgainMarkedAndActsWait) {
  const auto broker = with_two_filings();
  ASSERT_TRUE(broker);
  const auto before = tokens(broker->taken());
  const auto confirmed = of_kind(*broker, "se").token();
  ASSERT_TRUE(broker->act(test::confirmation(confirmed))->applied());
  transport_->drain();
  const auto late = broker->act(test::confirmation(confirmed));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().kind, FaultKind::retryable) << late.error().code;
  restart();
  const auto back = filer("broker");
  back->take(8);
  ASSERT_TRUE(offered(*back, 1));
  EXPECT_EQ(back->taken()[0].token(), filing("ae").token);
  EXPECT_TRUE(before.contains(filing("ae").token));
  // A folder still holds the file of before; the new offer takes its place.
  EXPECT_TRUE(eventually([&] { return back->taken().back().possible_duplicate(); }));
  EXPECT_TRUE(back->act(test::confirmation(filing("ae").token))->applied());
  EXPECT_TRUE(back->act(test::confirmation(confirmed))->repeat());
}

INSTANTIATE_TEST_SUITE_P(EveryChannel, Filers, ::testing::ValuesIn(channels()),
                         [](const auto& row) { return row.param.name; });
INSTANTIATE_TEST_SUITE_P(EveryChannel, FilersWithAWindow, ::testing::ValuesIn(channels()),
                         [](const auto& row) { return row.param.name; });
INSTANTIATE_TEST_SUITE_P(EveryChannel, FilersWithARate, ::testing::ValuesIn(channels()),
                         [](const auto& row) { return row.param.name; });
INSTANTIATE_TEST_SUITE_P(EveryChannel, TwoFilers, ::testing::ValuesIn(channels()),
                         [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace puente::conformance
