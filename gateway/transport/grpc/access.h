// The entrance's rules of who may do what, in gRPC's terms: the peer's certificate from its auth context, refusals as
// statuses.
#pragma once

#include <grpcpp/security/auth_context.h>
#include <grpcpp/security/auth_metadata_processor.h>
#include <grpcpp/support/status.h>

#include <span>
#include <string_view>

#include "gateway/transport/entrance/admission.h"
#include "gateway/transport/entrance/callers.h"

namespace puente::transport {

// Every method of the given services (full names) has a row, by the descriptors linked in. Fault method_without_role
// names the first that has none, so that a method added to the contract cannot be served before somebody has decided
// who may call it.
Result<void> check_operations(std::span<const std::string_view> services);

// UNAUTHENTICATED for a key that is unknown, revoked or outside its window; PERMISSION_DENIED for a role that may not.
tl::expected<Caller, grpc::Status> admit(Callers& callers, const grpc::AuthContext& peer, std::string_view path);

// Stands before every method of the server, health and reflection included, and counts every call that gets so far.
class Gate final : public grpc::AuthMetadataProcessor {
 public:
  Gate(Callers& callers, Admission& admission) : callers_(callers), admission_(admission) {}
  bool IsBlocking() const override { return false; }
  grpc::Status Process(const InputMetadata& metadata, grpc::AuthContext* peer, OutputMetadata* consumed,
                       OutputMetadata* response) override;

 private:
  Callers& callers_;
  Admission& admission_;
};

}  // namespace puente::transport
