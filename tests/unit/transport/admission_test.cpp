#include "gateway/transport/entrance/admission.h"

#include <gtest/gtest.h>

#include <deque>

#include "gateway/ledger/open.h"

namespace puente::transport {
namespace {

using namespace std::chrono_literals;
using partners::Limit;

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20U;

// Keeps what it is handed until the test answers.
class FlowOfTest final : public flow::Flow {
 public:
  void accept(const flow::PartnerScope&, flow::Submission, std::function<void(Result<v1::SubmitReply>)> done) override {
    waiting.push_back(std::move(done));
  }
  void answer(bool repeat = false) {
    v1::SubmitReply reply;
    reply.mutable_receipt();
    reply.set_repeat(repeat);
    const auto done = std::move(waiting.front());
    waiting.pop_front();
    done(std::move(reply));
  }
  v1::CheckReport check(std::string_view, std::string_view, std::string) override { return {}; }
  Result<v1::StatusReply> status(const flow::PartnerScope&, std::string_view) override { return {}; }
  Result<v1::Draft> draft_of(const flow::PartnerScope&, std::string_view) override { return {}; }
  Result<std::vector<v1::StatusEvent>> events(const flow::PartnerScope&, std::uint64_t&, std::size_t) override {
    return {};
  }
  void replace_knowledge(flow::Knowledge) override {}
  flow::Knowledge knowledge() const override { return {}; }
  void start() override {}
  void drain() override {}

  std::deque<std::function<void(Result<v1::SubmitReply>)>> waiting;
};

class AdmissionTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "puente-admission-XXXXXX";
    folder_ = ::mkdtemp(name.data());
    ledger::SqliteOptions options;
    options.file = folder_ / "ledger.sqlite";
    options.clock = [this] { return wall_; };
    auto opened = ledger::open_sqlite(options);
    ASSERT_TRUE(opened) << opened.error().text;
    ledger_ = std::move(*opened);
    make("");
  }
  void TearDown() override {
    ledger_.reset();
    std::filesystem::remove_all(folder_);
  }

  // Two partners, `acme` with these limits.
  void make(const std::string& limits) {
    const auto partner = [](const std::string& id, char digit) {
      return "[partner." + id + "]\nroles = [\"sender\"]\nkeys = [{ spki_sha256 = \"" + std::string(64, digit) +
             "\" }]\n";
    };
    const auto registry = partners::Registry::parse(
        "r.toml", partner("acme", 'a') + "[partner.acme.limits]\n" + limits + partner("other", 'b'));
    ASSERT_TRUE(registry) << registry.error().text;
    partners_.replace(*registry);
    AdmissionOptions options;
    options.documents_in_flight = 1000;
    options.bytes_in_flight = 512 * kMiB;
    options.steady = [this] { return now_; };
    options.wall = [this] { return wall_; };
    admission_ = std::make_shared<Admission>(partners_, *ledger_, options);
    ASSERT_TRUE(admission_->recount());
  }

  std::optional<NotNow> submit(std::size_t bytes = 10, const std::string& partner = "acme") {
    flow::Submission submission;
    submission.content.assign(bytes, 'x');
    std::function<void(Result<v1::SubmitReply>)> done = [this](Result<v1::SubmitReply> reply) { latest_ = *reply; };
    auto refused = admission_->submit(flow_, {.partner = partner, .roles = {}}, submission, done);
    EXPECT_EQ(refused.has_value(), submission.content.size() == bytes) << "what is refused stays the caller's";
    EXPECT_EQ(refused.has_value(), static_cast<bool>(done));
    return refused;
  }
  std::optional<NotNow> ask(Operation operation = Operation::status, const std::string& partner = "acme") {
    return admission_->request(partner, row_of(operation));
  }
  static std::string code(const std::optional<NotNow>& refused) { return refused ? refused->finding.code() : ""; }

  std::filesystem::path folder_;
  std::chrono::steady_clock::time_point now_{1000h};
  ledger::Micros wall_ = ledger::Micros{1'800'000'000} * 1'000'000;
  std::unique_ptr<ledger::Ledger> ledger_;
  partners::Partners partners_{std::make_shared<partners::Registry>()};
  FlowOfTest flow_;
  std::shared_ptr<Admission> admission_;
  v1::SubmitReply latest_;
};

TEST_F(AdmissionTest, Documents_BurstThenRate_RefusedWithTheTimeToWait) {
  for (int i = 0; i < 500; ++i) ASSERT_FALSE(submit()) << i;
  const auto refused = submit();
  ASSERT_EQ(code(refused), "DOCUMENTS_TOO_FAST");
  EXPECT_TRUE(refused->waits);
  EXPECT_EQ(refused->retry_after, 20ms);
  EXPECT_NE(refused->finding.en().find("20 ms"), std::string::npos);
  EXPECT_FALSE(submit(10, "other")) << "another partner's limits are its own";
  now_ += 19ms;
  EXPECT_EQ(code(submit()), "DOCUMENTS_TOO_FAST");
  now_ += 1ms;
  EXPECT_FALSE(submit()) << "welcome when it was told";
  EXPECT_TRUE(submit());
  now_ += 1s;
  for (int i = 0; i < 50; ++i) EXPECT_FALSE(submit()) << i;
  EXPECT_TRUE(submit());
  now_ += 24h;
  for (int i = 0; i < 99; ++i) ASSERT_FALSE(submit()) << "a pause saves up no more than the burst";
}

TEST_F(AdmissionTest, BytesInFlight_OverTheLimit_RoomWhenAnswered) {
  for (int i = 0; i < 6; ++i) ASSERT_FALSE(submit(10 * kMiB));
  const auto refused = submit(10 * kMiB);
  ASSERT_EQ(code(refused), "BYTES_IN_FLIGHT_OVER_LIMIT");
  EXPECT_TRUE(refused->waits);
  EXPECT_FALSE(submit(1 * kMiB));
  flow_.answer();
  EXPECT_FALSE(submit(10 * kMiB));
}

TEST_F(AdmissionTest, BytesInFlight_OneDocumentOverTheLimit_LetInAlone) {
  make("bytes_in_flight = 1048576\n");
  EXPECT_FALSE(submit(5 * kMiB));
  EXPECT_EQ(code(submit(1)), "BYTES_IN_FLIGHT_OVER_LIMIT");
}

TEST_F(AdmissionTest, StoredBytes_WarnedAt80Percent_RefusedAt100_UntilTheNextDay) {
  make("stored_bytes_per_day = 1000\n");
  ASSERT_FALSE(submit(700));
  flow_.answer();
  EXPECT_EQ(latest_.findings_size(), 0);
  ASSERT_FALSE(submit(300));
  flow_.answer(true);
  EXPECT_EQ(latest_.findings_size(), 0) << "a repeat is stored no second time";
  ASSERT_FALSE(submit(100));
  flow_.answer();
  ASSERT_EQ(latest_.findings_size(), 1);
  EXPECT_EQ(latest_.findings(0).code(), "CONTRACT_NEARLY_USED");
  EXPECT_TRUE(latest_.has_receipt());
  const auto refused = submit(201);
  ASSERT_EQ(code(refused), "CONTRACT_USED");
  EXPECT_FALSE(refused->waits);
  EXPECT_FALSE(submit(200));
  flow_.answer();
  EXPECT_EQ(code(submit(1)), "CONTRACT_USED");
  EXPECT_FALSE(submit(1'000'000, "other"));
  wall_ += std::chrono::microseconds(refused->retry_after).count();
  EXPECT_FALSE(submit(900));
}

TEST_F(AdmissionTest, StoredBytes_AfterARestart_CountedFromTheLedger) {
  const auto store = [&](const std::string& id, const std::string& partner, std::size_t bytes, ledger::Micros at) {
    const auto written = ledger_->write_and_wait([&](ledger::Writer& writer) {
      ledger::DocumentRow row;
      row.id = row.identity = id;
      row.partner = partner;
      row.received_at = at;
      row.state = "received";
      return writer.insert_document(row, std::string(bytes, 'x'), {"accept", partner, ""});
    });
    ASSERT_TRUE(written) << written.error().text;
  };
  store("yesterday", "acme", 900, wall_ - ledger::Micros{86'400} * 1'000'000);
  store("others", "other", 900, wall_);
  store("today", "acme", 600, wall_);
  make("stored_bytes_per_day = 1000\n");
  EXPECT_EQ(code(submit(401)), "CONTRACT_USED");
  EXPECT_FALSE(submit(400));
}

TEST_F(AdmissionTest, OpenExceptions_AsManyAsTheContract_RefusedUntilCleared) {
  make("open_exceptions = 1\n");
  EXPECT_FALSE(submit());
  const auto moved = ledger_->write_and_wait([&](ledger::Writer& writer) -> Result<void> {
    ledger::DocumentRow row;
    row.id = row.identity = "DOC1";
    row.partner = "acme";
    row.state = "received";
    if (auto kept = writer.insert_document(row, "x", {"accept", "acme", ""}); !kept) return kept;
    return writer.move_document("DOC1", "quarantined", "", "", {"read", "acme", ""});
  });
  ASSERT_TRUE(moved) << moved.error().text;
  ASSERT_TRUE(admission_->recount());
  const auto refused = submit();
  ASSERT_EQ(code(refused), "CONTRACT_USED");
  EXPECT_NE(refused->finding.en().find("open_exceptions"), std::string::npos);
  ASSERT_TRUE(ledger_->write_and_wait([&](ledger::Writer& writer) {
    return writer.move_document("DOC1", "received", "", "", {"admin", "ops", ""});
  }));
  ASSERT_TRUE(admission_->recount());
  EXPECT_FALSE(submit());
}

TEST_F(AdmissionTest, Questions_OverTheRate_Refused_OtherOperationsNot) {
  for (int i = 0; i < 20; ++i) ASSERT_FALSE(ask());
  const auto refused = ask();
  ASSERT_EQ(code(refused), "QUESTIONS_TOO_FAST");
  EXPECT_EQ(refused->retry_after, 50ms);
  EXPECT_FALSE(ask(Operation::submit));
  EXPECT_FALSE(ask(Operation::act));
  EXPECT_FALSE(ask(Operation::status, "other"));
  now_ += refused->retry_after;
  EXPECT_FALSE(ask());
}

TEST_F(AdmissionTest, TooMuchInHand_QuestionsShedFirst_ThenIntake_NeverActsNorSending) {
  make("documents_burst = 100000\n");
  for (int i = 0; i < 499; ++i) ASSERT_FALSE(submit());
  EXPECT_FALSE(ask(Operation::status, "other"));
  ASSERT_FALSE(submit());
  EXPECT_EQ(code(ask(Operation::status, "other")), "GATEWAY_BUSY");
  EXPECT_FALSE(ask(Operation::submit, "other"));
  for (int i = 0; i < 500; ++i) ASSERT_FALSE(submit());
  EXPECT_EQ(code(ask(Operation::submit, "other")), "GATEWAY_BUSY");
  EXPECT_EQ(code(submit(10, "other")), "GATEWAY_BUSY");
  for (const OperationRow& row : operations()) {
    if (row.shed == Shed::never) {
      EXPECT_FALSE(admission_->request("other", row)) << row.method;
    }
  }
  EXPECT_EQ(row_of(Operation::feed).shed, Shed::never);
  EXPECT_EQ(row_of(Operation::act).shed, Shed::never);
  flow_.answer();
  EXPECT_FALSE(submit(10, "other"));
}

TEST_F(AdmissionTest, Connections_AsManyAsTheLimit_RoomWhenOneHasEnded) {
  std::deque<Seat> seats;
  for (int i = 0; i < 32; ++i) {
    auto seat = admission_->connection("acme");
    ASSERT_TRUE(seat) << i;
    seats.push_back(std::move(*seat));
  }
  const auto refused = admission_->connection("acme");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().finding.code(), "CONNECTIONS_OVER_LIMIT");
  EXPECT_TRUE(admission_->connection("other"));
  seats.pop_front();
  EXPECT_TRUE(admission_->connection("acme"));
}

TEST_F(AdmissionTest, Connections_OverTheRateOfAMinute_Closed) {
  for (int i = 0; i < 60; ++i) ASSERT_TRUE(admission_->connection("acme")) << i;
  const auto refused = admission_->connection("acme");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().finding.code(), "CONNECTIONS_TOO_FAST");
  EXPECT_TRUE(admission_->connection("other"));
  now_ += 1s;
  EXPECT_TRUE(admission_->connection("acme"));
}

TEST_F(AdmissionTest, Calls_FarOverTheRate_PartnerBlockedForAMinute) {
  ASSERT_FALSE(admission_->calls("acme", 4000));
  EXPECT_EQ(code(admission_->calls("acme", 1)), "CALLS_TOO_FAST");
  EXPECT_TRUE(admission_->blocked("acme"));
  EXPECT_FALSE(admission_->blocked("other"));
  now_ += 59s;
  EXPECT_FALSE(admission_->connection("acme"));
  EXPECT_EQ(code(ask(Operation::feed)), "CALLS_TOO_FAST") << "blocked for every operation";
  now_ += 1s;
  EXPECT_FALSE(ask(Operation::feed));
  EXPECT_TRUE(admission_->connection("acme"));
  for (int second = 0; second < 10; ++second, now_ += 1s) EXPECT_FALSE(admission_->calls("acme", 2000)) << second;
}

}  // namespace
}  // namespace puente::transport
