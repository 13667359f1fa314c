#include "gateway/transport/grpc/access.h"

#include <grpcpp/channel.h>
#include <grpcpp/create_channel.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/security/credentials.h>

#include "gateway/transport/grpc/status.h"
#include "gateway_fixture.h"

namespace puente::transport {
namespace {

using testing::GatewayTest;

TEST(MethodTable_ServicesOfTheContract, every_method_has_a_row) {
  constexpr std::array<std::string_view, 3> kServices{"puente.v1.Sender", "puente.v1.Filer",
                                                      "puente.v1.Administration"};
  EXPECT_TRUE(check_operations(kServices).has_value());
  for (const OperationRow& row : operations()) EXPECT_NE(row.roles, 0U) << row.method;
}

TEST(MethodTable_ServiceWithoutRows, startup_check_names_it) {
  constexpr std::array<std::string_view, 1> kServices{"puente.v1.Unheard"};
  const auto checked = check_operations(kServices);
  ASSERT_FALSE(checked.has_value());
  EXPECT_EQ(checked.error().code, "method_without_role");
}

TEST(Status_OfFault, kind_and_table_decide_and_the_text_stays_inside) {
  EXPECT_EQ(status_of({FaultKind::retryable, "store_busy", "/secret/path"}).error_code(),
            grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(status_of({FaultKind::permanent, "store_damaged", "/secret/path"}).error_code(),
            grpc::StatusCode::INTERNAL);
  EXPECT_EQ(status_of({FaultKind::permanent, "filing_unknown", ""}).error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(status_of({FaultKind::retryable, "store_busy", "/secret/path"}).error_message().find("secret"),
            std::string::npos);
}

class Access : public GatewayTest {
 protected:
  // Calls any method with an empty message; the reply's bytes, or the status.
  grpc::Status call(const std::string& name, const std::string& method, std::string* reply = nullptr) {
    const grpc::SslCredentialsOptions tls{text_of(file("ca.crt")), text_of(file(name + ".key")),
                                          text_of(file(name + ".crt"))};
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    grpc::GenericStub stub(grpc::CreateCustomChannel(address(), grpc::SslCredentials(tls), arguments));
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
    grpc::CompletionQueue queue;
    const grpc::ByteBuffer request(nullptr, 0);
    grpc::ByteBuffer response;
    grpc::Status status;
    const auto rpc = stub.PrepareUnaryCall(&context, method, request, &queue);
    rpc->StartCall();
    rpc->Finish(&response, &status, nullptr);
    void* tag = nullptr;
    bool ok = false;
    queue.Next(&tag, &ok);
    std::vector<grpc::Slice> slices;
    if (reply != nullptr && response.Dump(&slices).ok()) {
      for (const grpc::Slice& slice : slices) reply->append(reinterpret_cast<const char*>(slice.begin()), slice.size());
    }
    return status;
  }
};

// What the library itself serves can only be cut off.
bool ours(const OperationRow& row) { return row.method.starts_with("/puente."); }

TEST_F(Access, UnknownKey_EveryMethod_Unauthenticated) {
  for (const OperationRow& row : operations()) {
    const grpc::Status status = call("stranger", std::string(row.method));
    if (!ours(row)) {
      EXPECT_EQ(status.error_code(), grpc::StatusCode::CANCELLED) << row.method;
      continue;
    }
    EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAUTHENTICATED) << row.method;
    EXPECT_EQ(status.error_message().find("PARTNER_UNKNOWN"), 0U) << status.error_message();
  }
}

TEST_F(Access, RoleThatMayNot_EveryMethod_PermissionDenied) {
  const std::map<std::string, partners::Role> partners{
      {"carrier", partners::Role::sender}, {"broker", partners::Role::filer}, {"keeper", partners::Role::ops}};
  for (const auto& [name, role] : partners) {
    for (const OperationRow& row : operations()) {
      if ((row.roles & role_bit(role)) != 0) continue;
      EXPECT_EQ(call(name, std::string(row.method)).error_code(), grpc::StatusCode::PERMISSION_DENIED)
          << name << row.method;
    }
  }
}

TEST_F(Access, MethodWithoutRow_AnyPartner_Unimplemented) {
  EXPECT_EQ(call("keeper", "/puente.v1.Sender/Unheard").error_code(), grpc::StatusCode::UNIMPLEMENTED);
}

TEST_F(Access, Administration_Ops_Answered) {
  const auto keeper = connect("keeper");
  EXPECT_EQ(keeper->exceptions()->rows_size(), 1);
  EXPECT_FALSE(keeper->trace("DOC1")->found());
  const auto verified = keeper->verify();
  ASSERT_TRUE(verified) << verified.error().text;
  EXPECT_TRUE(verified->intact());
  EXPECT_EQ(keeper->reload().error().code, "peer_fault");  // this server was given nothing to reload
  EXPECT_EQ(keeper->backup("relative.db").error().code, "request_invalid");
  EXPECT_EQ(keeper->backup(dir_ / "ledger.db").error().code, "request_invalid");
  const auto saved = keeper->backup(dir_ / "backup.db");
  ASSERT_TRUE(saved) << saved.error().text;
  EXPECT_EQ(saved->bytes(), std::filesystem::file_size(dir_ / "backup.db"));
}

TEST_F(Access, Health_FollowsReadiness) {
  const std::string kServing("\x08\x01", 2), kNotServing("\x08\x02", 2);
  std::string before;
  EXPECT_TRUE(call("carrier", "/grpc.health.v1.Health/Check", &before).ok());
  EXPECT_EQ(before, kNotServing);
  readiness_.set("test", true);
  std::string after;
  EXPECT_TRUE(call("carrier", "/grpc.health.v1.Health/Check", &after).ok());
  EXPECT_EQ(after, kServing);
}

}  // namespace
}  // namespace puente::transport
