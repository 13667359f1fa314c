#include "gateway/transport/grpc/status.h"

#include <google/protobuf/any.pb.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <string>

#include "gateway/transport/entrance/refusals.h"

namespace puente::transport {
namespace {

grpc::StatusCode code_of(Refusal refusal) {
  switch (refusal) {
    case Refusal::unavailable:
      return grpc::StatusCode::UNAVAILABLE;
    case Refusal::limit_reached:
      return grpc::StatusCode::RESOURCE_EXHAUSTED;
    case Refusal::not_found:
      return grpc::StatusCode::NOT_FOUND;
    case Refusal::request_invalid:
      return grpc::StatusCode::INVALID_ARGUMENT;
    case Refusal::not_offered:
      return grpc::StatusCode::UNIMPLEMENTED;
    case Refusal::fault:
      break;
  }
  return grpc::StatusCode::INTERNAL;
}

}  // namespace

grpc::Status status_of(const Fault& fault) { return {code_of(refusal_of(fault)), text_for_peer(fault)}; }

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
