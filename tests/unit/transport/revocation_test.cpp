#include "gateway_fixture.h"

namespace puente::transport {
namespace {

using testing::eventually;
using testing::GatewayTest;

class Revocation : public GatewayTest {};

TEST_F(Revocation, OpenStreams_EndedUnauthenticatedAndConnectionShutDown) {
  const auto broker = connect("broker");
  const auto feed = broker->feed({});
  ASSERT_TRUE(feed->grant(0));
  ASSERT_TRUE(eventually([&] { return delivery_.sessions_open() == 1; }));
  const auto carrier = connect("carrier");
  ASSERT_TRUE(carrier->submit(document("kept")));
  ASSERT_EQ(server_->connections(), 2U);

  revoke("broker");
  const auto ended = feed->wait();
  ASSERT_FALSE(ended);
  EXPECT_EQ(ended.error().code, "unauthenticated") << ended.error().text;
  EXPECT_TRUE(eventually([&] { return delivery_.sessions_open() == 0; }));
  EXPECT_TRUE(eventually([&] { return server_->connections() == 1; }));
  EXPECT_TRUE(carrier->submit(document("others go on")));
}

TEST_F(Revocation, NewCalls_RefusedAtOnce_OldAndNewConnections) {
  const auto carrier = connect("carrier");
  ASSERT_TRUE(carrier->submit(document("before")));
  revoke("carrier");
  const auto after = carrier->submit(document("after"));
  ASSERT_FALSE(after);
  EXPECT_TRUE(after.error().code == "unauthenticated" || after.error().code == "peer_unavailable")
      << after.error().code;
  if (const auto again = try_connect("carrier")) {
    const auto refused = (*again)->submit(document("after"));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, "unauthenticated") << refused.error().text;
  }
}

}  // namespace
}  // namespace puente::transport
