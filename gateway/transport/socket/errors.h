// Refusals as the ERROR frame says them.
#pragma once

#include <chrono>

#include "mappings/domain/result.h"
#include "mappings/findings/findings.h"
#include "puente/v1/socket.pb.h"

namespace puente::transport::socket {

v1::Error error_of(const Fault& fault);
v1::Error error_of(v1::ErrorCode code, const Finding& finding,
                   std::chrono::milliseconds retry_after = std::chrono::milliseconds(0));

}  // namespace puente::transport::socket
