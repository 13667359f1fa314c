#include <algorithm>
#include <set>

#include "gateway_fixture.h"
#include "raw_socket.h"

namespace puente::transport {
namespace {

using testing::eventually;
using testing::GatewayTest;

class Sender : public GatewayTest {
 protected:
  bool accepts_connections() const { return testing::RawSocket().connect(server_->port()); }
};

TEST_F(Sender, Submit_Repeat_FirstReceiptAgain) {
  const auto carrier = connect("carrier");
  const auto first = carrier->submit(document("invoice"));
  ASSERT_TRUE(first) << first.error().text;
  EXPECT_EQ(first->client_ref(), "ref invoice");
  EXPECT_FALSE(first->repeat());
  const auto again = carrier->submit(document("invoice"));
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->repeat());
  EXPECT_EQ(again->receipt().SerializeAsString(), first->receipt().SerializeAsString());
}

TEST_F(Sender, Submit_RejectedDocument_IsASuccessfulAnswerWithFindings) {
  const auto reply = connect("carrier")->submit(document("refuse"));
  ASSERT_TRUE(reply) << reply.error().text;
  EXPECT_FALSE(reply->has_receipt());
  ASSERT_EQ(reply->findings_size(), 1);
  EXPECT_EQ(reply->findings(0).code(), "DOCUMENT_EMPTY");
}

TEST_F(Sender, Submit_StoreTrouble_Retryable) {
  const auto reply = connect("carrier")->submit(document("fault"));
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().kind, FaultKind::retryable);
  EXPECT_EQ(reply.error().code, "peer_unavailable");
}

TEST_F(Sender, StatusAndCheckAndDraft_Unary_Answered) {
  const auto carrier = connect("carrier");
  const auto receipt = carrier->submit(document("invoice"));
  EXPECT_TRUE(carrier->status(receipt->receipt().body().document_id())->found());
  EXPECT_FALSE(carrier->status("elsewhere")->found());
  EXPECT_EQ(carrier->check("bad")->verdict(), "rejected");
  EXPECT_EQ(carrier->draft("FIL1").error().code, "not_found");
}

TEST_F(Sender, SubmitMany_ManyDocuments_EachReceiptedAndFollowedUntilSettled) {
  constexpr int kDocuments = 500;  // several windows
  int sent = 0;
  std::set<std::string> receipts, joined;
  const auto carrier = connect("carrier");
  const auto ended = carrier->submit_many(
      [&]() -> std::optional<v1::SubmitRequest> {
        if (sent == kDocuments) return std::nullopt;
        return document("document " + std::to_string(sent++));
      },
      [&](const v1::SubmitEvent& event) {
        if (event.has_reply()) receipts.insert(event.reply().receipt().body().document_id());
        if (event.has_status() && event.status().state() == "joined") joined.insert(event.status().object_id());
      });
  EXPECT_TRUE(ended) << ended.error().text;
  EXPECT_EQ(receipts.size(), static_cast<std::size_t>(kDocuments));
  EXPECT_EQ(joined, receipts);
}

TEST_F(Sender, SubmitMany_OnlyRepeats_EndsToo) {
  const auto carrier = connect("carrier");
  ASSERT_TRUE(carrier->submit(document("invoice")));
  bool sent = false, repeat = false;
  const auto ended = carrier->submit_many(
      [&]() -> std::optional<v1::SubmitRequest> {
        if (std::exchange(sent, true)) return std::nullopt;
        return document("invoice");
      },
      [&](const v1::SubmitEvent& event) { repeat = repeat || event.reply().repeat(); });
  EXPECT_TRUE(ended) << ended.error().text;
  EXPECT_TRUE(repeat);
}

TEST_F(Sender, SubmitMany_AnotherPartnersEvents_NeverOnThisStream) {
  const auto carrier = connect("carrier");
  ASSERT_TRUE(carrier->submit(document("before")));
  std::set<std::string> objects;
  bool sent = false;
  ASSERT_TRUE(carrier->submit_many(
      [&]() -> std::optional<v1::SubmitRequest> {
        if (std::exchange(sent, true)) return std::nullopt;
        // A document of the same partner on another call: not of this stream either.
        EXPECT_TRUE(carrier->submit(document("beside")));
        return document("mine");
      },
      [&](const v1::SubmitEvent& event) {
        if (event.has_status()) objects.insert(event.status().object_id());
      }));
  EXPECT_EQ(objects.size(), 1U);
}

TEST_F(Sender, SubmitMany_StoreTrouble_AnswersWhatItHasThenEndsRetryable) {
  int sent = 0, receipts = 0;
  const auto ended = connect("carrier")->submit_many(
      [&]() -> std::optional<v1::SubmitRequest> {
        if (sent++ == 0) return document("good");
        if (sent == 2) return document("fault");
        return std::nullopt;
      },
      [&](const v1::SubmitEvent& event) { receipts += event.reply().has_receipt() ? 1 : 0; });
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().kind, FaultKind::retryable);
  EXPECT_EQ(receipts, 1);
}

TEST_F(Sender, Watch_FromASequence_GoesOnThere) {
  const auto carrier = connect("carrier");
  std::vector<std::uint64_t> sequences;
  for (const char* name : {"a", "b", "c"})
    sequences.push_back(carrier->submit(document(name))->receipt().body().ledger_sequence());
  v1::WatchRequest request;
  request.set_after_sequence(sequences[0]);
  std::vector<std::uint64_t> seen;
  const auto ended = carrier->watch(request, [&](const v1::StatusEvent& event) {
    seen.push_back(event.sequence());
    return event.sequence() < sequences[2] + 2;
  });
  EXPECT_TRUE(ended) << ended.error().text;
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
  EXPECT_EQ(seen.front(), sequences[0] + 1);
  EXPECT_EQ(seen.size(), sequences[2] + 2 - sequences[0]);
}

TEST_F(Sender, Watch_OfANumber_OnlyWhatBelongsToIt) {
  const auto carrier = connect("carrier");
  ASSERT_TRUE(carrier->submit(document("other")));
  const auto wanted = carrier->submit(document("wanted"))->receipt().body();
  ASSERT_TRUE(carrier->submit(document("later")));
  v1::WatchRequest request;
  request.set_after_sequence(1);
  request.set_number(wanted.document_id());
  std::vector<std::string> states;
  ASSERT_TRUE(carrier->watch(request, [&](const v1::StatusEvent& event) {
    EXPECT_EQ(event.object_id(), wanted.document_id());
    states.push_back(event.state());
    return event.state() != "joined";
  }));
  EXPECT_EQ(states, (std::vector<std::string>{"received", "read", "joined"}));
}

TEST_F(Sender, Drain_SubmissionInHand_IsAnsweredBeforeTheStreamEnds) {
  const auto carrier = connect("carrier");
  int receipts = 0, sent = 0;
  std::mutex mutex;
  std::condition_variable drained;
  bool over = false;
  Result<void> ended;
  std::thread sender([&] {
    ended = carrier->submit_many(
        [&]() -> std::optional<v1::SubmitRequest> {
          if (sent++ == 0) return document("hold this");
          std::unique_lock lock(mutex);
          drained.wait(lock, [&] { return over; });
          return std::nullopt;
        },
        [&](const v1::SubmitEvent& event) { receipts += event.reply().has_receipt() ? 1 : 0; });
  });
  ASSERT_TRUE(eventually([&] { return flow_->held() == 1; }));
  std::thread drain([&] { server_->drain(std::chrono::seconds(60)); });
  // No longer accepting connections: the drain has begun.
  ASSERT_TRUE(eventually([&] { return !accepts_connections(); }));
  flow_->release();
  drain.join();
  {
    const std::scoped_lock lock(mutex);
    over = true;
  }
  drained.notify_all();
  sender.join();
  EXPECT_EQ(receipts, 1);
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code, "peer_unavailable");
  EXPECT_EQ(ended.error().text.find("GATEWAY_DRAINING"), 0U) << ended.error().text;
}

}  // namespace
}  // namespace puente::transport
