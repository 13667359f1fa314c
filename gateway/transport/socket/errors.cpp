#include "gateway/transport/socket/errors.h"

#include "gateway/transport/entrance/refusals.h"

namespace puente::transport::socket {
namespace {

constexpr std::uint64_t kRetryMillis = 1000;

v1::ErrorCode code_of(Refusal refusal) {
  switch (refusal) {
    case Refusal::unavailable:
      return v1::UNAVAILABLE;
    case Refusal::limit_reached:
      return v1::LIMIT_REACHED;
    case Refusal::not_found:
      return v1::NOT_FOUND;
    case Refusal::request_invalid:
      return v1::REQUEST_INVALID;
    case Refusal::not_offered:
      return v1::NOT_OFFERED;
    case Refusal::fault:
      break;
  }
  return v1::PEER_FAULT;
}

}  // namespace

v1::Error error_of(const Fault& fault) {
  v1::Error error;
  error.set_code(code_of(refusal_of(fault)));
  error.set_text(text_for_peer(fault));
  if (fault.kind == FaultKind::retryable) error.set_retry_after_ms(kRetryMillis);
  return error;
}

v1::Error error_of(v1::ErrorCode code, const Finding& finding, std::chrono::milliseconds retry_after) {
  v1::Error error;
  error.set_code(code);
  error.set_text(finding.code() + ": " + finding.en());
  error.set_retry_after_ms(static_cast<std::uint64_t>(retry_after.count()));
  *error.mutable_finding() = finding;
  return error;
}

}  // namespace puente::transport::socket
