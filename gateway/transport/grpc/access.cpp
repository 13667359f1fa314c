#include "gateway/transport/grpc/access.h"

#include <google/protobuf/descriptor.h>
#include <grpc/grpc_security_constants.h>
#include <grpcpp/server_context.h>

#include <algorithm>

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

class Gate::Guard final : public grpc::experimental::Interceptor {
 public:
  Guard(Gate& gate, grpc::experimental::ServerRpcInfo& call) : gate_(gate), call_(call) {}

  void Intercept(grpc::experimental::InterceptorBatchMethods* methods) override {
    if (methods->QueryInterceptionHookPoint(grpc::experimental::InterceptionHookPoints::POST_RECV_INITIAL_METADATA) &&
        !admitted()) {
      call_.server_context()->TryCancel();
    }
    methods->Proceed();
  }

 private:
  bool admitted() const {
    const grpc::ServerContextBase& context = *call_.server_context();
    const auto caller = admit(gate_.callers_, *context.auth_context(), call_.method());
    return caller &&
           !gate_.connections_.identify(context.peer(), caller->scope.partner, caller->key, gate_.admission_) &&
           !gate_.admission_.request(caller->scope.partner, *row_of_method(call_.method()));
  }

  Gate& gate_;
  grpc::experimental::ServerRpcInfo& call_;
};

grpc::experimental::Interceptor* Gate::CreateServerInterceptor(grpc::experimental::ServerRpcInfo* call) {
  const std::string_view method(call->method());
  const bool ours = std::any_of(services_.begin(), services_.end(), [&](std::string_view service) {
    return method.size() > service.size() + 1 && method.substr(1).starts_with(service) &&
           method[service.size() + 1] == '/';
  });
  return ours ? nullptr : new Guard(*this, *call);  // owned by the call
}

}  // namespace puente::transport
