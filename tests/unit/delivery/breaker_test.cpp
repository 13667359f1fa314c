// One filer's trouble stays its own: the breaker, and what the others notice of it.
#include "gateway/delivery/breaker.h"

#include <algorithm>
#include <thread>

#include "tests/unit/flow/gateway_fixture.h"

namespace puente::test {
namespace {

using delivery::Breaker;

TEST(Breaker, OpensAfterThreeFailuresInARow_ProbesOnce_ClosesWithAnAnswer) {
  const auto step = delivery::kChannelSchedule.first.count();
  Breaker breaker("broker");
  breaker.failed(0);
  breaker.failed(0);
  breaker.answered();
  breaker.failed(0);
  breaker.failed(0);
  EXPECT_EQ(breaker.state(0), Breaker::State::closed);
  EXPECT_EQ(breaker.room(64, 0), 64U);
  breaker.failed(0);
  EXPECT_EQ(breaker.state(0), Breaker::State::open);
  EXPECT_EQ(breaker.room(64, 0), 0U);
  const auto until = breaker.open_until();
  EXPECT_LE(until, step + 1);
  EXPECT_EQ(breaker.room(64, until - 1), 0U);
  EXPECT_EQ(breaker.room(64, until), 1U);
  breaker.probing(true);
  EXPECT_EQ(breaker.room(64, until), 0U) << "one probe at a time";
  breaker.failed(until);
  EXPECT_EQ(breaker.state(until), Breaker::State::open);
  const auto second = breaker.open_until();
  EXPECT_LE(second, until + 2 * step + 1);
  EXPECT_EQ(breaker.room(64, second), 1U);
  breaker.probing(true);
  breaker.answered();
  EXPECT_EQ(breaker.state(second), Breaker::State::closed);
  EXPECT_EQ(breaker.room(64, second), 64U);
}

TEST(Breaker, FailuresOfWhatWasStillOut_DoNotKeepItOpenLonger) {
  Breaker breaker("broker");
  for (int i = 0; i < 3; ++i) breaker.failed(0);
  const auto until = breaker.open_until();
  for (int i = 0; i < 61; ++i) breaker.failed(until / 2);
  EXPECT_EQ(breaker.open_until(), until);
}

TEST(Breaker, ClockSetBack_DoesNotCloseTheChannelForDays) {
  Breaker breaker("broker");
  constexpr ledger::Micros kDay = 24LL * 3600 * 1'000'000;
  for (int i = 0; i < 3; ++i) breaker.failed(kDay);
  EXPECT_EQ(breaker.room(64, 0), 1U);
}

class Channels : public GatewayTest {
 protected:
  void SetUp() override {
    delivery_options_.poll = std::chrono::milliseconds(20);
    GatewayTest::SetUp();
    run();
    delivery_->start();
  }
  v1::Channel channel(std::string_view filer) {
    const auto reply = delivery_->channels();
    EXPECT_TRUE(reply);
    for (const auto& one : reply->channels())
      if (one.filer() == filer) return one;
    return {};
  }
  // Filings of their own, each of another shipment, as if they had been drafted.
  void put_ready(std::string_view filer, int count) {
    const auto put = ledger_->write_and_wait([&](ledger::Writer& writer) -> Result<void> {
      for (int i = 0; i < count; ++i) {
        const std::string name = std::string(filer) + std::to_string(i);
        ledger::ShipmentRow shipment;
        shipment.id = "SHP" + name;
        shipment.state = "gathering";
        shipment.opened_at = now_;
        if (auto done = writer.insert_shipment(shipment, {"join", "", ""}); !done) return done;
        ledger::FilingRow row;
        row.id = "FIL" + name;
        row.token = row.id;
        row.shipment = shipment.id;
        row.filer = filer;
        row.importer = "importer";
        row.kind = "se";
        row.action = "A";
        row.state = "ready";
        row.reference = row.id;
        row.records = "SE10";
        row.created_at = row.changed_at = now_ + i;
        if (auto done = writer.insert_filing(row, {}, {"draft", row.filer, ""}); !done) return done;
      }
      return {};
    });
    ASSERT_TRUE(put) << put.error().text;
  }
};

TEST_F(Channels, FilerThatTakesAndNeverAnswers_IsTriedByOneFilingAtATime) {
  Inbox inbox;
  auto session = delivery_->attach(scope("broker"), "grpc", inbox.sink());
  session->grant(100);
  put_ready("broker", 20);
  inbox.wait_for(8);  // its window
  EXPECT_EQ(channel("broker").in_flight(), 8U);
  pass(std::chrono::seconds(61));
  wait_until([this] { return channel("broker").in_doubt() == 8; });
  // The desk tells it of itself a moment after the ledger has it.
  for (const auto until = std::chrono::steady_clock::now() + std::chrono::minutes(1);
       channel("broker").breaker() != "open" && std::chrono::steady_clock::now() < until;)
    std::this_thread::yield();
  EXPECT_EQ(channel("broker").breaker(), "open");
  EXPECT_EQ(inbox.size(), 8U);
  pass(std::chrono::seconds(2));
  inbox.wait_for(9);
  wait_until([this] { return channel("broker").in_flight() == 1; });
  EXPECT_EQ(channel("broker").breaker(), "half_open");
  const auto probe = inbox.wait_for(9);
  ASSERT_TRUE(act("broker", confirmation(probe.token()))->applied());
  inbox.wait_for(17);
  EXPECT_EQ(channel("broker").breaker(), "closed");
}

TEST_F(Channels, OneDeadFiler_CostsTheOthersNothing) {
  Inbox dead, alive;
  auto one = delivery_->attach(scope("broker"), "grpc", dead.sink());
  auto other = delivery_->attach(scope("other-broker"), "grpc", alive.sink());
  one->grant(100);
  other->grant(100);
  put_ready("broker", 20);
  dead.wait_for(8);
  put_ready("other-broker", 40);
  alive.wait_for(40);
  for (const auto& filing : alive.all()) ASSERT_TRUE(act("other-broker", confirmation(filing.token()))->applied());
  EXPECT_EQ(dead.size(), 8U);
  EXPECT_EQ(channel("other-broker").in_flight(), 0U);
}

TEST_F(Channels, ConnectionsLostWithOffers_OpenTheBreaker_ButNotAStop) {
  put_ready("broker", 1);
  for (int i = 0; i < 3; ++i) {
    Inbox inbox;
    auto session = delivery_->attach(scope("broker"), "grpc", inbox.sink());
    session->grant(8);
    inbox.wait_for(1);
    EXPECT_EQ(channel("broker").breaker(), "closed");
    session->close();
  }
  EXPECT_EQ(channel("broker").breaker(), "open");
  wait_until([this] { return channel("broker").in_doubt() == 1; });
}

TEST_F(Channels, PutOffThreeTimes_OpensAndAFinalRefusalCloses) {
  Inbox inbox;
  auto session = delivery_->attach(scope("broker"), "grpc", inbox.sink());
  session->grant(8);
  put_ready("broker", 4);
  inbox.wait_for(4);
  for (std::size_t i = 1; i <= 3; ++i) ASSERT_TRUE(act("broker", refusal(inbox.wait_for(i).token(), true))->applied());
  EXPECT_EQ(channel("broker").breaker(), "open");
  ASSERT_TRUE(act("broker", refusal(inbox.wait_for(4).token(), false))->applied());
  EXPECT_EQ(channel("broker").breaker(), "closed");
}

// K-4: a connection that slept through its lease holds nothing any more when it wakes up.
TEST_F(Channels, ConnectionThatSleptThroughItsLease_GivesNothingBack) {
  Inbox first, second;
  auto session = delivery_->attach(scope("broker"), "grpc", first.sink());
  session->grant(1);
  put_ready("broker", 1);
  first.wait_for(1);
  pass(std::chrono::seconds(61));
  wait_until([this] { return channel("broker").in_doubt() == 1; });
  auto next = delivery_->attach(scope("broker"), "grpc", second.sink());
  next->grant(8);
  pass(std::chrono::seconds(3));
  second.wait_for(1);
  const auto lease = [this] {
    std::string id;
    look([&](ledger::Reader& reader) { id = reader.filing("FILbroker0")->lease_id; });
    return id;
  };
  const auto before = lease();
  session->close();
  EXPECT_EQ(channel("broker").in_flight(), 1U);
  EXPECT_EQ(lease(), before);
  ASSERT_TRUE(act("broker", confirmation(second.wait_for(1).token()))->applied());
}

}  // namespace
}  // namespace puente::test
