// What operators order: pause and resume, redeliver, retranslate.
#include "gateway/delivery/orders.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "tests/unit/flow/gateway_fixture.h"

namespace puente::test {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::filesystem::path sample_partners() {
  return std::filesystem::path(PUENTE_SOURCE_DIR) / "deploy" / "samples" / "partners";
}

std::string text_of(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class Orders : public GatewayTest {
 protected:
  void SetUp() override {
    delivery_options_.poll = std::chrono::milliseconds(20);
    delivery_options_.give_up = std::chrono::hours(1);
    GatewayTest::SetUp();
    run();
    delivery_->start();
  }
  void file() {
    submit_shipment(sample());
    settle();
  }
  std::unique_ptr<delivery::FilerSession> connect(Inbox& inbox, std::uint32_t credits = 8) {
    auto session = delivery_->attach(scope("broker"), "grpc", inbox.sink());
    session->grant(credits);
    return session;
  }
  v1::ChannelOrder order(std::string_view filer, bool dry_run = false) const {
    v1::ChannelOrder wanted;
    wanted.set_filer(std::string(filer));
    wanted.set_reason("maintenance\nwindow");
    wanted.set_dry_run(dry_run);
    return wanted;
  }
  static v1::FilingsOrder of_state(std::string_view state, bool dry_run = false) {
    v1::FilingsOrder wanted;
    wanted.set_state(std::string(state));
    wanted.set_reason("asked for");
    wanted.set_dry_run(dry_run);
    return wanted;
  }
  void bury() {
    now_ = std::max<ledger::Micros>(now_, filing("se").deadline + 3'600'000'001);
    wait_until([this] { return filing("se").state == "dead_letter" && filing("ae").state == "dead_letter"; });
  }
  std::vector<std::string> admin_events() {
    std::vector<std::string> texts;
    look([&](ledger::Reader& reader) {
      for (const auto& event : reader.events_after(0, 10'000))
        if (event.verb == "admin") texts.push_back(event.object + ": " + event.text);
    });
    return texts;
  }
  void reload_profiles() {
    auto knowledge = flow_->knowledge();
    std::vector<std::pair<std::string, std::string>> files;
    for (const auto& entry : std::filesystem::directory_iterator(sample_partners()))
      files.emplace_back(entry.path().filename().string(), text_of(entry.path()));
    std::sort(files.begin(), files.end());
    for (auto& [name, text] : files)
      if (const auto at = text.find("phone = \""); name == "broker.toml" && at != std::string::npos)
        text.replace(at, text.find('"', at + 9) + 1 - at, "phone = \"9565550199\"");
    auto profiles = crosswalk::Profiles::parse(files);
    ASSERT_TRUE(profiles) << profiles.error().text;
    knowledge.profiles = *profiles;
    flow_->replace_knowledge(std::move(knowledge));
  }
};

TEST_F(Orders, Paused_IsOfferedNothingNew_AlsoAfterARestart_AndGoesOnWhenResumed) {
  Inbox inbox;
  auto session = connect(inbox, 1);
  file();
  const auto first = inbox.wait_for(1);
  auto dry = delivery_->pause(order("broker", true), "ops");
  ASSERT_TRUE(dry);
  EXPECT_EQ(dry->changed(), 1U);
  EXPECT_FALSE(dry->channels(0).paused());
  const auto paused = delivery_->pause(order("broker"), "ops");
  ASSERT_TRUE(paused);
  EXPECT_EQ(paused->changed(), 1U);
  EXPECT_TRUE(paused->channels(0).paused());
  EXPECT_EQ(paused->channels(0).in_flight(), 1U);
  EXPECT_EQ(paused->channels(0).paused_by(), "ops");
  EXPECT_EQ(paused->channels(0).reason(), "maintenance window");
  EXPECT_EQ(delivery_->pause(order("broker"), "ops")->changed(), 0U);
  session->grant(8);
  ASSERT_TRUE(act("broker", confirmation(first.token()))->applied()) << "what it has it may answer";
  const auto exceptions = delivery_->exceptions();
  EXPECT_TRUE(std::any_of(exceptions->begin(), exceptions->end(), [](const auto& row) {
    return row.cause() == "CHANNEL_PAUSED" && row.object_id() == "broker";
  }));
  session.reset();  // before the desk it belongs to
  close();
  open();
  delivery_->start();
  Inbox after;
  auto next = connect(after);
  ASSERT_TRUE(delivery_->channels());
  EXPECT_EQ(after.size() + inbox.size(), 1U);
  ASSERT_EQ(delivery_->resume(order(""), "ops")->changed(), 1U);
  after.wait_for(1);
  EXPECT_THAT(admin_events(), ::testing::ElementsAre("channel: paused by ops: maintenance window",
                                                     "channel: resumed by ops: maintenance window"));
  EXPECT_TRUE(ledger_->verify()->intact);
}

TEST_F(Orders, Pause_OfNobody_IsRefused) {
  const auto reply = delivery_->pause(order("shipper"), "ops");
  ASSERT_TRUE(reply);
  ASSERT_EQ(reply->findings_size(), 1);
  EXPECT_EQ(reply->findings(0).code(), "CHANNEL_UNKNOWN");
}

TEST_F(Orders, Pause_OfAll_IsOfEveryFiler) {
  const auto reply = delivery_->pause(order(""), "ops");
  ASSERT_TRUE(reply);
  EXPECT_EQ(reply->changed(), 2U);
  Inbox inbox;
  auto session = connect(inbox);
  file();
  EXPECT_EQ(filing("se").state, "ready");
  EXPECT_EQ(inbox.size(), 0U);
}

TEST_F(Orders, Redeliver_OfDeadLetters_OffersTheSameBytesUnderTheSameToken) {
  Inbox inbox;
  auto session = connect(inbox, 2);
  file();
  inbox.wait_for(2);
  const auto offered = inbox.all();
  session->close();
  bury();
  const auto dry = delivery_->redeliver(of_state("dead_letter", true), "ops");
  ASSERT_TRUE(dry);
  EXPECT_EQ(dry->selected(), 2U);
  EXPECT_EQ(dry->redelivered(), 2U);
  EXPECT_EQ(filing("se").state, "dead_letter");
  const auto done = delivery_->redeliver(of_state("dead_letter"), "ops");
  ASSERT_TRUE(done);
  EXPECT_EQ(done->redelivered(), 2U);
  EXPECT_EQ(done->filings(0).cause(), "FILING_UNANSWERED");
  EXPECT_EQ(done->filings(0).to_state(), "in_doubt") << "it was offered, and nobody knows what came of it";
  EXPECT_EQ(filing("se").cause, "");
  Inbox after;
  auto next = connect(after);
  after.wait_for(2);
  for (const auto& again : after.all()) {
    EXPECT_TRUE(again.possible_duplicate());
    EXPECT_TRUE(std::any_of(offered.begin(), offered.end(), [&](const auto& first) {
      return first.token() == again.token() && first.records() == again.records() && first.sha256() == again.sha256();
    }));
  }
  EXPECT_THAT(admin_events(), ::testing::Contains("ledger: 2 filings redelivered by ops: asked for"));
  EXPECT_EQ(filing("se").state, "offered") << "giving up counts from the order";
}

TEST_F(Orders, Redeliver_OfConfirmed_StaysOnFileUntilConfirmedAgain) {
  file();
  const auto said = confirmation(filing("se").token);
  ASSERT_TRUE(act("broker", said)->applied());
  v1::FilingsOrder wanted;
  wanted.add_numbers(filing("se").token);
  ASSERT_EQ(delivery_->redeliver(wanted, "ops")->redelivered(), 1U);
  EXPECT_EQ(filing("se").state, "in_doubt");
  // A version that comes meanwhile replaces what CBP has.
  ASSERT_TRUE(submit("carrier", v1::CROSSING_NOTICE, later_notice())->has_receipt());
  settle();
  EXPECT_EQ(filing("se", 2).action, "R");
  Inbox inbox;
  auto session = connect(inbox, 1);
  EXPECT_EQ(inbox.wait_for(1).token(), filing("se").token);
  const auto again = act("broker", said);  // word for word as the first time
  ASSERT_TRUE(again);
  EXPECT_FALSE(again->repeat());
  EXPECT_EQ(filing("se").state, "confirmed");
  EXPECT_EQ(filing("se").cause, "");
}

TEST_F(Orders, Redeliver_OfConfirmed_RefusedAsKnownAlready_StaysOnFile) {
  file();
  ASSERT_TRUE(act("broker", confirmation(filing("se").token))->applied());
  v1::FilingsOrder wanted;
  wanted.add_numbers(filing("se").id);
  ASSERT_EQ(delivery_->redeliver(wanted, "ops")->redelivered(), 1U);
  ASSERT_TRUE(act("broker", refusal(filing("se").token, true))->applied());
  EXPECT_EQ(filing("se").state, "in_doubt");
  ASSERT_TRUE(act("broker", refusal(filing("se").token, false, "we have it already"))->applied());
  EXPECT_EQ(filing("se").state, "confirmed");
  ASSERT_EQ(delivery_->redeliver(wanted, "ops")->redelivered(), 1U);
  ASSERT_TRUE(act("broker", correction(filing("se").token, "location_of_goods", "W123"))->applied());
  EXPECT_EQ(filing("se", 2).action, "R");
}

TEST_F(Orders, Redeliver_OfConfirmed_ThatIsNotAnswered_LeavesItConfirmed) {
  file();
  ASSERT_TRUE(act("broker", confirmation(filing("se").token))->applied());
  v1::FilingsOrder wanted;
  wanted.add_numbers(filing("se").id);
  ASSERT_EQ(delivery_->redeliver(wanted, "ops")->redelivered(), 1U);
  now_ = filing("se").deadline + 3'600'000'001;
  wait_until([this] { return filing("se").state == "confirmed"; });
  EXPECT_EQ(filing("ae").state, "dead_letter");
}

TEST_F(Orders, Selection_OfNothingUnknownOrTooMuch_DoesNothing) {
  file();
  const auto code = [](const Result<v1::RedeliverReply>& reply) {
    return reply && reply->findings_size() > 0 ? reply->findings(0).code() : std::string();
  };
  EXPECT_EQ(code(delivery_->redeliver({}, "ops")), "SELECTION_EMPTY");
  EXPECT_EQ(code(delivery_->redeliver(of_state("no_such_state"), "ops")), "SELECTION_UNKNOWN");
  v1::FilingsOrder number;
  number.add_numbers("NOBODY-HAS-THIS");
  EXPECT_EQ(code(delivery_->redeliver(number, "ops")), "SELECTION_UNKNOWN");
  auto two = of_state("ready");
  two.set_at_most(1);
  const auto over = delivery_->redeliver(two, "ops");
  EXPECT_EQ(code(over), "SELECTION_OVER_LIMIT");
  EXPECT_EQ(over->redelivered(), 0U);
  EXPECT_TRUE(admin_events().empty());
  auto trip = v1::FilingsOrder();
  trip.add_numbers("TFNB07731");  // the trip: every filing of its shipment
  trip.set_dry_run(true);
  const auto found = delivery_->redeliver(trip, "ops");
  ASSERT_TRUE(found);
  EXPECT_EQ(code(found), "");
  EXPECT_EQ(found->selected(), 2U);
}

TEST_F(Orders, Retranslate_ShowsTheDifferenceFirst_ThenMakesANewRevision) {
  file();
  ASSERT_TRUE(act("broker", refusal(filing("se").token, false, "wrong telephone"))->applied());
  ASSERT_TRUE(act("broker", confirmation(filing("ae").token))->applied());
  v1::FilingsOrder wanted;
  wanted.add_numbers(std::string(kInvoiceUuid));
  wanted.set_dry_run(true);
  const auto same = delivery_->retranslate(wanted, "ops");
  ASSERT_TRUE(same) << same.error().text;
  EXPECT_EQ(same->shipments(), 1U);
  EXPECT_EQ(same->changed(), 0U) << same->DebugString() << "the same day or another: nothing changed";
  pass(std::chrono::hours(50));
  EXPECT_EQ(delivery_->retranslate(wanted, "ops")->changed(), 0U) << "a later day is no difference";

  reload_profiles();
  settle();
  const auto shown = delivery_->retranslate(wanted, "ops");
  ASSERT_TRUE(shown) << shown.error().text;
  ASSERT_GE(shown->changed(), 1U);
  const auto& change = shown->filings(0);
  ASSERT_GE(change.differences_size(), 2);
  std::string before, after;
  for (const auto& line : change.differences())
    (line.side() == v1::RecordDifference::BEFORE ? before : after) += line.record() + "\n";
  EXPECT_THAT(after, HasSubstr("9565550199"));
  EXPECT_THAT(before, Not(HasSubstr("9565550199")));
  EXPECT_EQ(filings().size(), 2U) << "nothing was done yet";
  EXPECT_TRUE(admin_events().empty());

  wanted.set_dry_run(false);
  wanted.set_reason("telephone corrected");
  const auto done = delivery_->retranslate(wanted, "ops");
  ASSERT_TRUE(done);
  EXPECT_EQ(done->changed(), shown->changed());
  EXPECT_EQ(filing("se", 1).state, "replaced");
  EXPECT_EQ(filing("se", 2).state, "ready");
  EXPECT_EQ(filing("se", 2).action, "A");
  EXPECT_THAT(filing("se", 2).records, HasSubstr("9565550199"));
  EXPECT_THAT(admin_events(), ::testing::ElementsAre("ledger: 1 shipments retranslated by ops: telephone corrected"));
  if (filings().size() == 4) {
    EXPECT_EQ(filing("ae", 2).action, "R") << "what is on file is replaced by the usual rules";
  }
}

TEST_F(Orders, Retranslate_OfADeadLetterThatWasNeverAnswered_WaitsBehindIt) {
  Inbox inbox;
  auto session = connect(inbox, 2);
  file();
  inbox.wait_for(2);
  session->close();
  bury();
  reload_profiles();
  settle();
  ASSERT_TRUE(delivery_->retranslate(of_state("dead_letter"), "ops"));
  EXPECT_EQ(filing("se", 1).state, "in_doubt");
  EXPECT_EQ(filing("se", 2).state, "ready");
}

TEST_F(Orders, FilingOfAFilerWhoLeft_IsAnExceptionAndGoesOnWhenItIsBack) {
  file();
  const auto full = registry_text();
  auto without = full.substr(0, full.find("[[route]]")) + "[[route]]\nfiler = \"other-broker\"\n";
  without.erase(without.find("[partner.broker]"),
                without.find("[partner.other-broker]") - without.find("[partner.broker]"));
  const auto registry = partners::Registry::parse("partners.toml", without);
  ASSERT_TRUE(registry) << registry.error().text;
  partners_->replace(*registry);
  wait_until([this] { return filing("se").cause == "FILER_UNKNOWN"; });
  const auto exceptions = delivery_->exceptions();
  EXPECT_TRUE(std::any_of(exceptions->begin(), exceptions->end(), [&](const auto& row) {
    return row.object_id() == filing("se").id && row.cause() == "FILER_UNKNOWN" && row.owner() == "ops";
  }));
  partners_->replace(*partners::Registry::parse("partners.toml", full));
  wait_until([this] { return filing("se").cause.empty() && filing("ae").cause.empty(); });
  Inbox inbox;
  auto session = connect(inbox);
  inbox.wait_for(2);
}

TEST(Differences, AreTheLinesThatGoAndCome) {
  const auto found = delivery::differences("a\nb\nc\nd\n", "a\nx\nc\nd\ne\n");
  std::vector<std::string> told;
  for (const auto& one : found)
    told.push_back((one.side() == v1::RecordDifference::BEFORE ? "-" : "+") + std::to_string(one.line()) +
                   one.record());
  EXPECT_EQ(told, (std::vector<std::string>{"-2b", "+2x", "+5e"}));
  EXPECT_TRUE(delivery::differences("a\nb\n", "a\nb\n").empty());
  EXPECT_EQ(delivery::differences("", "a\nb\n").size(), 2U);
}

}  // namespace
}  // namespace puente::test
