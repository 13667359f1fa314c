#include <dirent.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <sys/resource.h>

#include <algorithm>
#include <list>

#include "gateway/ops/log.h"
#include "gateway_fixture.h"
#include "puente/v1/gateway.grpc.pb.h"
#include "raw_socket.h"

namespace puente::transport {
namespace {

using testing::eventually;
using testing::GatewayTest;
using testing::RawSocket;

class Limits : public GatewayTest {
 protected:
  GrpcLimits limits() const override {
    GrpcLimits out;
    out.write_stall = std::chrono::seconds(1);
    out.connections_per_address = 40;
    out.handshakes_per_address = 4;
    return out;
  }

  std::shared_ptr<grpc::Channel> channel(const std::string& name) const {
    const grpc::SslCredentialsOptions tls{text_of(file("ca.crt")), text_of(file(name + ".key")),
                                          text_of(file(name + ".crt"))};
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);  // the flow-control window stays at 64 KiB
    return grpc::CreateCustomChannel(address(), grpc::SslCredentials(tls), arguments);
  }
};

TEST_F(Limits, Message_OverTheMethodsLimit_RefusedAndServedOn) {
  const auto carrier = connect("carrier");
  const auto refused = carrier->submit(document(std::string(std::size_t{12} << 20U, 'x')));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "limit_reached");
  const auto question = carrier->status(std::string(300'000, 'x'));
  ASSERT_FALSE(question);
  EXPECT_EQ(question.error().code, "limit_reached");
  EXPECT_EQ(question.error().text.find("MESSAGE_TOO_LARGE"), 0U) << question.error().text;
  EXPECT_TRUE(carrier->submit(document(std::string(std::size_t{10} << 20U, 'x'))));
}

TEST_F(Limits, Metadata_OverTheLimit_RefusedAndOthersServedOn) {
  const auto stub = v1::Sender::NewStub(channel("carrier"));
  v1::StatusReply reply;
  grpc::ClientContext context;
  context.AddMetadata("padding", std::string(16'384, 'x'));
  EXPECT_EQ(stub->Status(&context, v1::StatusRequest(), &reply).error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_TRUE(connect("carrier")->status("DOC1"));  // gRPC may close the connection that did it
}

TEST_F(Limits, CompressedMessage_Refused) {
  const auto stub = v1::Sender::NewStub(channel("carrier"));
  grpc::ClientContext context;
  context.set_compression_algorithm(GRPC_COMPRESS_GZIP);
  v1::SubmitReply reply;
  EXPECT_EQ(stub->Submit(&context, document(std::string(100'000, 'x')), &reply).error_code(),
            grpc::StatusCode::UNIMPLEMENTED);
}

TEST_F(Limits, Handshakes_OverTheAddressLimit_ClosedAtOnce) {
  std::list<RawSocket> silent;
  for (int index = 0; index < 4; ++index) ASSERT_TRUE(silent.emplace_back().connect(server_->port()));
  ASSERT_TRUE(eventually([&] { return server_->connections() == 4; }));
  RawSocket fifth;
  ASSERT_TRUE(fifth.connect(server_->port()));
  EXPECT_TRUE(fifth.closed_by_peer());
  silent.clear();
  EXPECT_TRUE(connect("carrier")->submit(document("room again")));
}

TEST_F(Limits, Watch_PeerThatNeverReads_CostsAWindowThenItsStream_AndResumesWithoutLoss) {
  constexpr std::uint64_t kEvents = 20'000;
  constexpr std::size_t kBytes = 4096;
  flow_->make_up_events(kEvents, kBytes);
  std::atomic<bool> ended = false;
  ops::set_log_level(ops::LogLevel::warn);
  ops::set_log_sink([&](std::string_view line) {
    if (line.find("peer_takes_nothing") != std::string_view::npos) ended = true;
  });
  v1::WatchRequest request;
  request.set_after_sequence(1);
  const auto stub = v1::Sender::NewStub(channel("carrier"));
  grpc::ClientContext context;
  const auto stream = stub->Watch(&context, request);
  EXPECT_TRUE(eventually([&] { return ended.load(); }));
  ops::set_log_sink({});
  EXPECT_LT(flow_->events_given(), 4'000U) << "read ahead of a peer that takes nothing";

  std::uint64_t last = 1;
  v1::StatusEvent event;
  while (stream->Read(&event)) {
    ASSERT_EQ(event.sequence(), last + 1);
    last = event.sequence();
  }
  EXPECT_FALSE(stream->Finish().ok());
  request.set_after_sequence(last);
  ASSERT_TRUE(connect("carrier")->watch(request, [&](const v1::StatusEvent& next) {
    EXPECT_EQ(next.sequence(), last + 1);
    last = next.sequence();
    return last < kEvents;
  }));
  EXPECT_EQ(last, kEvents);
}

TEST_F(Limits, SubmitMany_UnansweredSubmissions_ReadingStopsAtTheWindow) {
  const auto carrier = connect("carrier");
  constexpr int kDocuments = 1'000;
  int sent = 0;
  std::atomic<int> receipts = 0;
  std::thread sender([&] {
    EXPECT_TRUE(carrier->submit_many(
        [&]() -> std::optional<v1::SubmitRequest> {
          if (sent == kDocuments) return std::nullopt;
          return document("hold " + std::to_string(sent++));
        },
        [&](const v1::SubmitEvent& event) { receipts += event.reply().has_receipt() ? 1 : 0; }));
  });
  std::size_t most = 0;
  EXPECT_TRUE(eventually([&] {
    most = std::max(most, flow_->held());
    if (flow_->held() >= 64 || receipts > kDocuments - 64) flow_->release();
    return receipts == kDocuments;
  }));
  flow_->release();
  sender.join();
  EXPECT_EQ(most, 64U);
}

std::size_t open_descriptors() {
  std::size_t count = 0;
  DIR* directory = ::opendir("/proc/self/fd");
  while (::readdir(directory) != nullptr) ++count;
  ::closedir(directory);
  return count - 3;  // ".", ".." and the directory itself
}

// CVE-2023-4785: gRPC's own accept loop never comes back from this.
class Descriptors : public GatewayTest {
 protected:
  GrpcLimits limits() const override {
    GrpcLimits out;
    out.connections_per_address = 1000;
    out.handshakes = 1000;
    out.handshakes_per_address = 1000;
    return out;
  }
};

TEST_F(Descriptors, NoneLeft_ConnectionsClosed_ServiceBackWhenTheyAreGone) {
  const auto carrier = connect("carrier");
  ASSERT_TRUE(carrier->submit(document("before")));
  std::list<RawSocket> attackers(100);
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit tight{open_descriptors() + 20, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &tight), 0);
  int connected = 0;
  for (RawSocket& attacker : attackers) connected += attacker.connect(server_->port()) ? 1 : 0;
  EXPECT_EQ(connected, 100);
  EXPECT_TRUE(attackers.back().closed_by_peer());  // told at once, not left waiting
  EXPECT_TRUE(carrier->submit(document("during")));
  attackers.clear();
  EXPECT_TRUE(eventually([&] { return server_->connections() == 1; }));
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  EXPECT_TRUE(connect("carrier")->submit(document("after")));
}

}  // namespace
}  // namespace puente::transport
