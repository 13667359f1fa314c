#include "gateway/ops/readiness.h"

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <nlohmann/json.hpp>

#include "gateway/ops/health_listener.h"

namespace puente::ops {
namespace {

TEST(Readiness_Conditions, ready_only_while_every_one_holds) {
  Readiness readiness{"ledger", "certificates"};
  std::vector<bool> heard;
  const auto handle = readiness.listen([&](bool ready) { heard.push_back(ready); });
  EXPECT_FALSE(readiness.ready());
  readiness.set("ledger", true);
  EXPECT_FALSE(readiness.ready());
  readiness.set("certificates", true);
  EXPECT_TRUE(readiness.ready());
  readiness.set("certificates", true);
  readiness.set("ledger", false, "disk full");
  EXPECT_FALSE(readiness.ready());
  readiness.unlisten(handle);
  readiness.set("ledger", true);
  EXPECT_EQ(heard, (std::vector<bool>{true, false}));
}

TEST(Readiness_WithoutConditions, not_ready) { EXPECT_FALSE(Readiness({}).ready()); }

class HealthListener_Http : public testing::Test {
 protected:
  void SetUp() override {
    auto started = HealthListener::start("127.0.0.1:0", readiness_);
    ASSERT_TRUE(started.has_value()) << started.error().text;
    listener_ = std::move(*started);
  }

  std::string ask(const std::string& request) {
    namespace asio = boost::asio;
    asio::io_context context;
    asio::ip::tcp::socket socket(context);
    socket.connect({asio::ip::make_address("127.0.0.1"), listener_->port()});
    boost::system::error_code error;
    asio::write(socket, asio::buffer(request), error);
    std::string reply;
    asio::read(socket, asio::dynamic_buffer(reply), error);
    return reply;
  }

  Readiness readiness_{"ledger"};
  std::unique_ptr<HealthListener> listener_;
};

TEST_F(HealthListener_Http, Readyz_FollowsTheConditions) {
  const std::string before = ask("GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(before.substr(0, 12), "HTTP/1.1 503");
  const auto body = nlohmann::json::parse(before.substr(before.find("\r\n\r\n") + 4));
  EXPECT_EQ(body["conditions"]["ledger"]["holds"], false);
  readiness_.set("ledger", true);
  EXPECT_EQ(ask("GET /readyz HTTP/1.1\r\n\r\n").substr(0, 12), "HTTP/1.1 200");
}

TEST_F(HealthListener_Http, BadRequests_AnsweredAndServedOn) {
  EXPECT_EQ(ask("GET /secret HTTP/1.1\r\n\r\n").substr(0, 12), "HTTP/1.1 404");
  EXPECT_EQ(ask("POST /readyz HTTP/1.1\r\n\r\n").substr(0, 12), "HTTP/1.1 405");
  EXPECT_EQ(ask("\r\n\r\n").substr(0, 12), "HTTP/1.1 400");
  EXPECT_EQ(ask("GET /readyz\r\n\r\n").substr(0, 12), "HTTP/1.1 400");
  EXPECT_EQ(ask("GET /" + std::string(4091, 'a')).substr(0, 12), "HTTP/1.1 431");
  EXPECT_EQ(ask("GET /healthz HTTP/1.1\r\n\r\n").substr(0, 12), "HTTP/1.1 200");
}

TEST(HealthListener_Address, other_than_loopback_refused) {
  Readiness readiness{"ledger"};
  for (const std::string listen :
       {"0.0.0.0:0", "localhost:80", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:99999", "[::]:0"}) {
    const auto started = HealthListener::start(listen, readiness);
    ASSERT_FALSE(started.has_value()) << listen;
    EXPECT_EQ(started.error().code, "health_listen");
  }
}

}  // namespace
}  // namespace puente::ops
