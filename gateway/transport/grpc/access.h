// The entrance's rules of who may do what, in gRPC's terms: the peer's certificate from its auth context, refusals as
// statuses.
#pragma once

#include <grpcpp/security/auth_context.h>
#include <grpcpp/support/server_interceptor.h>
#include <grpcpp/support/status.h>

#include <span>
#include <string_view>

#include "gateway/transport/entrance/admission.h"
#include "gateway/transport/entrance/callers.h"
#include "gateway/transport/entrance/connections.h"

namespace puente::transport {

// Every method of the given services (full names) has a row, by the descriptors linked in. Fault method_without_role
// names the first that has none, so that a method added to the contract cannot be served before somebody has decided
// who may call it.
Result<void> check_operations(std::span<const std::string_view> services);

// UNAUTHENTICATED for a key that is unknown, revoked or outside its window; PERMISSION_DENIED for a role that may not.
tl::expected<Caller, grpc::Status> admit(Callers& callers, const grpc::AuthContext& peer, std::string_view path);

// Stands before the methods that the library itself serves, health and reflection; ours call admit() themselves. Whom
// it does not admit sees CANCELLED. An AuthMetadataProcessor, which would refuse with a status, must not be set: with
// one, a call with the header grpclb_client_stats ends the process (CVE-2023-1428, in gRPC 1.51.1 only there).
class Gate final : public grpc::experimental::ServerInterceptorFactoryInterface {
 public:
  Gate(Callers& callers, ConnectionTable& connections, Admission& admission, std::span<const std::string_view> services)
      : callers_(callers), connections_(connections), admission_(admission), services_(services) {}
  grpc::experimental::Interceptor* CreateServerInterceptor(grpc::experimental::ServerRpcInfo* call) override;

 private:
  class Guard;
  Callers& callers_;
  ConnectionTable& connections_;
  Admission& admission_;
  const std::span<const std::string_view> services_;  // admit for themselves
};

}  // namespace puente::transport
