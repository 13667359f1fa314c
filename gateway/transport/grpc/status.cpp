#include "gateway/transport/grpc/status.h"

#include <google/protobuf/any.pb.h>
#include <google/protobuf/duration.pb.h>
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <string>
#include <vector>

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

void append_field(google::protobuf::io::CodedOutputStream& out, std::uint32_t field, const std::string& bytes) {
  out.WriteTag(field << 3U | 2U);
  out.WriteVarint32(static_cast<std::uint32_t>(bytes.size()));
  out.WriteString(bytes);
}

std::string message_field(std::uint32_t field, const std::string& bytes) {
  std::string out;
  {
    google::protobuf::io::StringOutputStream stream(&out);
    google::protobuf::io::CodedOutputStream coded(&stream);
    append_field(coded, field, bytes);
  }
  return out;
}

// Message "CODE: English text" and google.rpc.Status {int32 code = 1; string message = 2; repeated Any details = 3}:
// Debian ships no header for it.
grpc::Status rich_status(grpc::StatusCode code, const Finding& finding,
                         const std::vector<google::protobuf::Any>& details) {
  const std::string message = finding.code() + ": " + finding.en();
  std::string bytes;
  {
    google::protobuf::io::StringOutputStream stream(&bytes);
    google::protobuf::io::CodedOutputStream out(&stream);
    out.WriteTag(1U << 3U);
    out.WriteVarint32(static_cast<std::uint32_t>(code));
    append_field(out, 2, message);
    for (const auto& detail : details) append_field(out, 3, detail.SerializeAsString());
  }
  return {code, message, bytes};
}

}  // namespace

grpc::Status status_of(const Fault& fault) { return {code_of(refusal_of(fault)), text_for_peer(fault)}; }

grpc::Status status_of_finding(grpc::StatusCode code, const Finding& finding) {
  google::protobuf::Any any;
  any.PackFrom(finding);
  return rich_status(code, finding, {any});
}

grpc::Status status_of_not_now(const NotNow& refused) {
  google::protobuf::Any finding, retry;
  finding.PackFrom(refused.finding);
  google::protobuf::Duration delay;
  delay.set_seconds(refused.retry_after.count() / 1000);
  delay.set_nanos(static_cast<std::int32_t>(refused.retry_after.count() % 1000 * 1'000'000));
  retry.set_type_url("type.googleapis.com/google.rpc.RetryInfo");
  retry.set_value(message_field(1, delay.SerializeAsString()));  // {Duration retry_delay = 1}
  return rich_status(grpc::StatusCode::RESOURCE_EXHAUSTED, refused.finding, {finding, retry});
}

}  // namespace puente::transport
