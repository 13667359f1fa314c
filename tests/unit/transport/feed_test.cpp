#include <set>

#include "gateway_fixture.h"

namespace puente::transport {
namespace {

using testing::eventually;
using testing::GatewayTest;

class Feed : public GatewayTest {
 protected:
  std::size_t count(const std::vector<std::string>& list) {
    const std::scoped_lock lock(mutex_);
    return list.size();
  }
  client::FeedHandlers handlers() {
    return {.on_filing =
                [this](const v1::Filing& filing) {
                  const std::scoped_lock lock(mutex_);
                  filings_.push_back(filing.token());
                },
            .on_result =
                [this](const v1::FilerActResult& result) {
                  const std::scoped_lock lock(mutex_);
                  results_.push_back(result.token());
                }};
  }

  std::mutex mutex_;
  std::vector<std::string> filings_, results_;
};

TEST_F(Feed, Credits_AsManyFilings_ActsAnsweredOnTheStream) {
  const auto broker = connect("broker");
  const auto feed = broker->feed(handlers());
  ASSERT_TRUE(feed->grant(3));
  ASSERT_TRUE(eventually([&] { return count(filings_) == 3; }));
  v1::FilerAct act;
  act.mutable_confirmation()->set_token("TOKEN2");
  ASSERT_TRUE(feed->send(act));
  ASSERT_TRUE(eventually([&] { return count(results_) == 1; }));
  EXPECT_EQ(results_[0], "TOKEN2");
  EXPECT_EQ(filings_, (std::vector<std::string>{"TOKEN1", "TOKEN2", "TOKEN3"}));
  EXPECT_EQ(delivery_.partners_seen(), std::vector<std::string>{"broker"});
  feed->half_close();
  EXPECT_TRUE(feed->wait());
  EXPECT_TRUE(eventually([&] { return delivery_.sessions_open() == 0; }));
}

TEST_F(Feed, ConnectionLost_SessionClosed) {
  auto broker = connect("broker");
  auto feed = broker->feed(handlers());
  ASSERT_TRUE(feed->grant(1));
  ASSERT_TRUE(eventually([&] { return count(filings_) == 1; }));
  EXPECT_EQ(delivery_.sessions_open(), 1);
  feed.reset();
  broker.reset();
  EXPECT_TRUE(eventually([&] { return delivery_.sessions_open() == 0; }));
}

TEST_F(Feed, Drain_SessionClosedAndStreamUnavailable) {
  const auto broker = connect("broker");
  const auto feed = broker->feed(handlers());
  ASSERT_TRUE(feed->grant(1));
  ASSERT_TRUE(eventually([&] { return count(filings_) == 1; }));
  server_->drain(std::chrono::seconds(60));
  const auto ended = feed->wait();
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().kind, FaultKind::retryable);
  EXPECT_EQ(delivery_.sessions_open(), 0);
}

TEST_F(Feed, Act_Unary_Answered) {
  v1::FilerAct act;
  act.mutable_confirmation()->set_token("TOKEN9");
  const auto result = connect("broker")->act(act);
  ASSERT_TRUE(result) << result.error().text;
  EXPECT_TRUE(result->applied());
  EXPECT_EQ(result->token(), "TOKEN9");
}

}  // namespace
}  // namespace puente::transport
