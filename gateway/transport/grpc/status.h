// The one translator of faults and findings into gRPC statuses.
#pragma once

#include <grpcpp/support/status.h>

#include "mappings/domain/result.h"
#include "mappings/findings/findings.h"

namespace puente::transport {

// Message "code: what a caller can do"; the fault's own text is for operators and goes to the log, not to the peer.
grpc::Status status_of(const Fault& fault);

// Message "CODE: English text"; details are a google.rpc.Status that carries the Finding, for both languages and the
// remedy.
grpc::Status status_of_finding(grpc::StatusCode code, const Finding& finding);

}  // namespace puente::transport
