#include "gateway/transport/grpc/status.h"

#include <google/protobuf/any.pb.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <algorithm>
#include <array>
#include <string>

#include "gateway/ops/log.h"

namespace puente::transport {
namespace {

struct FaultRow {
  std::string_view code;
  grpc::StatusCode status;
};
// Faults whose kind alone does not say it: retryable is UNAVAILABLE and permanent INTERNAL unless a row stands here.
constexpr auto kFaults = std::to_array<FaultRow>({
    {"filing_unknown", grpc::StatusCode::NOT_FOUND},
    {"number_unknown", grpc::StatusCode::NOT_FOUND},
    {"row_unknown", grpc::StatusCode::NOT_FOUND},
    {"backup_path", grpc::StatusCode::INVALID_ARGUMENT},
    {"reload_not_offered", grpc::StatusCode::UNIMPLEMENTED},
    {"queue_full", grpc::StatusCode::RESOURCE_EXHAUSTED},
    {"stream_stalled", grpc::StatusCode::RESOURCE_EXHAUSTED},
});

}  // namespace

grpc::Status status_of(const Fault& fault) {
  const bool again = fault.kind == FaultKind::retryable;
  const auto row =
      std::find_if(kFaults.begin(), kFaults.end(), [&](const FaultRow& entry) { return entry.code == fault.code; });
  const grpc::StatusCode code =
      row != kFaults.end() ? row->status : (again ? grpc::StatusCode::UNAVAILABLE : grpc::StatusCode::INTERNAL);
  ops::log(code == grpc::StatusCode::INTERNAL ? ops::LogLevel::error : ops::LogLevel::info, "call_fault",
           {{"code", fault.code}, {"text", fault.text}, {"retryable", again}});
  return {code, fault.code + (again ? ": try again later" : ": trying again will not help")};
}

grpc::Status status_of_finding(grpc::StatusCode code, const Finding& finding) {
  const std::string message = finding.code() + ": " + finding.en();
  google::protobuf::Any any;
  any.PackFrom(finding);
  // google.rpc.Status {int32 code = 1; string message = 2; repeated Any details = 3}: Debian ships no header for it.
  std::string details;
  {
    google::protobuf::io::StringOutputStream stream(&details);
    google::protobuf::io::CodedOutputStream out(&stream);
    const auto append = [&](std::uint32_t field, const std::string& bytes) {
      out.WriteTag(field << 3U | 2U);
      out.WriteVarint32(static_cast<std::uint32_t>(bytes.size()));
      out.WriteString(bytes);
    };
    out.WriteTag(1U << 3U);
    out.WriteVarint32(static_cast<std::uint32_t>(code));
    append(2, message);
    append(3, any.SerializeAsString());
  }
  return {code, message, details};
}

}  // namespace puente::transport
