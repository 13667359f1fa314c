#include "gateway/transport/grpc/access.h"

#include <google/protobuf/descriptor.h>
#include <grpc/grpc_security_constants.h>

#include "gateway/transport/grpc/status.h"

namespace puente::transport {

Result<void> check_operations(std::span<const std::string_view> services) {
  for (const std::string_view name : services) {
    const auto* service = google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(std::string(name));
    if (service == nullptr)
      return permanent("method_without_role", "no service " + std::string(name) + " is linked in");
    for (int index = 0; index < service->method_count(); ++index) {
      const std::string path = "/" + std::string(name) + "/" + service->method(index)->name();
      if (row_of_method(path) == nullptr)
        return permanent("method_without_role", path + " has no row in the table of operations");
    }
  }
  return {};
}

tl::expected<Caller, grpc::Status> admit(Callers& callers, const grpc::AuthContext& peer, std::string_view path) {
  const auto certificates = peer.FindPropertyValues(GRPC_X509_PEM_CERT_PROPERTY_NAME);
  const std::string_view pem = certificates.empty()
                                   ? std::string_view()
                                   : std::string_view(certificates.front().data(), certificates.front().size());
  auto caller = callers.admit(pem.empty() ? std::string() : callers.key_of(pem), row_of_method(path));
  if (caller) return std::move(*caller);
  const auto code = caller.error().why == NotAdmitted::Why::unknown_partner ? grpc::StatusCode::UNAUTHENTICATED
                                                                            : grpc::StatusCode::PERMISSION_DENIED;
  return tl::unexpected(status_of_finding(code, caller.error().finding));
}

grpc::Status Gate::Process(const InputMetadata& metadata, grpc::AuthContext* peer, OutputMetadata*, OutputMetadata*) {
  const auto path = metadata.find(":path");
  const std::string_view method =
      path == metadata.end() ? std::string_view() : std::string_view(path->second.data(), path->second.size());
  const auto caller = admit(callers_, *peer, method);
  if (!caller) return caller.error();
  const auto blocked = admission_.call(caller->scope.partner);
  return blocked ? status_of_not_now(*blocked) : grpc::Status::OK;
}

}  // namespace puente::transport
