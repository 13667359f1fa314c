// The one translator of faults and findings into gRPC statuses.
#pragma once

#include <grpcpp/support/status.h>

#include "gateway/transport/entrance/admission.h"
#include "mappings/domain/result.h"
#include "mappings/findings/findings.h"

namespace puente::transport {

// The status of its refusal, with text_for_peer().
grpc::Status status_of(const Fault& fault);

// Message "CODE: English text"; details are a google.rpc.Status that carries the Finding, for both languages and the
// remedy.
grpc::Status status_of_finding(grpc::StatusCode code, const Finding& finding);

// RESOURCE_EXHAUSTED with the finding and, as google.rpc.RetryInfo, the time to wait.
grpc::Status status_of_not_now(const NotNow& refused);

}  // namespace puente::transport
