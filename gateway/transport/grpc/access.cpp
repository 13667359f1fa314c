#include "gateway/transport/grpc/access.h"

#include <google/protobuf/descriptor.h>
#include <grpc/grpc_security_constants.h>

#include <algorithm>
#include <array>
#include <chrono>

#include "gateway/ops/log.h"
#include "gateway/partners/certificates.h"
#include "gateway/transport/grpc/status.h"

namespace puente::transport {
namespace {

using partners::Role;

constexpr unsigned kSender = role_bit(Role::sender);
constexpr unsigned kFiler = role_bit(Role::filer);
constexpr unsigned kOps = role_bit(Role::ops);
constexpr unsigned kAnyPartner = kSender | kFiler | kOps;

constexpr std::size_t kDocument = std::size_t{11} << 20U;  // 10 MiB of document and its envelope
constexpr std::size_t kQuestion = std::size_t{256} << 10U;

constexpr auto kMethods = std::to_array<MethodRow>({
    {"/puente.v1.Sender/Submit", kSender, kDocument},
    {"/puente.v1.Sender/SubmitMany", kSender, kDocument},
    {"/puente.v1.Sender/Check", kAnyPartner, kDocument},
    {"/puente.v1.Sender/Status", kSender, kQuestion},
    {"/puente.v1.Sender/Watch", kSender, kQuestion},
    {"/puente.v1.Sender/GetDraft", kSender | kFiler, kQuestion},
    {"/puente.v1.Filer/Feed", kFiler, kDocument},
    {"/puente.v1.Filer/Act", kFiler, kDocument},
    {"/puente.v1.Administration/Exceptions", kOps, kQuestion},
    {"/puente.v1.Administration/Trace", kOps, kQuestion},
    {"/puente.v1.Administration/Reload", kOps, kQuestion},
    {"/puente.v1.Administration/Verify", kOps, kQuestion},
    {"/puente.v1.Administration/Backup", kOps, kQuestion},
    {"/grpc.health.v1.Health/Check", kAnyPartner, kQuestion},
    {"/grpc.health.v1.Health/Watch", kAnyPartner, kQuestion},
    {"/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", kAnyPartner, kQuestion},
});

constexpr std::size_t kCachedCertificates = 4096;

std::chrono::sys_seconds now() { return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()); }

}  // namespace

std::span<const MethodRow> method_table() { return kMethods; }

const MethodRow* method_row(std::string_view path) {
  const auto row =
      std::find_if(kMethods.begin(), kMethods.end(), [&](const MethodRow& method) { return method.path == path; });
  return row == kMethods.end() ? nullptr : &*row;
}

Result<void> check_method_table(std::span<const std::string_view> services) {
  for (const std::string_view name : services) {
    const auto* service = google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(std::string(name));
    if (service == nullptr)
      return permanent("method_without_role", "no service " + std::string(name) + " is linked in");
    for (int index = 0; index < service->method_count(); ++index) {
      const std::string path = "/" + std::string(name) + "/" + service->method(index)->name();
      if (method_row(path) == nullptr)
        return permanent("method_without_role", path + " has no row in the method table");
    }
  }
  return {};
}

std::string Access::key_of(const grpc::AuthContext& peer) {
  const auto certificates = peer.FindPropertyValues(GRPC_X509_PEM_CERT_PROPERTY_NAME);
  if (certificates.empty()) return {};
  const std::string pem(certificates.front().data(), certificates.front().size());
  {
    const std::scoped_lock lock(mutex_);
    if (const auto known = keys_.find(pem); known != keys_.end()) return known->second;
  }
  const auto digest = partners::spki_sha256_of_pem(pem);
  if (!digest) return {};
  const std::scoped_lock lock(mutex_);
  if (keys_.size() >= kCachedCertificates) keys_.clear();
  keys_.emplace(pem, *digest);
  return *digest;
}

tl::expected<Caller, grpc::Status> Access::admit(const grpc::AuthContext& peer, std::string_view path) {
  const std::string key = key_of(peer);
  const auto registry = partners_.current();
  const partners::Partner* partner = key.empty() ? nullptr : registry->by_key(key, now());
  if (partner == nullptr) {
    ops::log_warn("caller_unknown", {{"method", path}, {"key", key}});
    return tl::unexpected(
        status_of_finding(grpc::StatusCode::UNAUTHENTICATED, make_finding("PARTNER_UNKNOWN", {{"key", key}})));
  }
  const MethodRow* row = method_row(path);
  const bool allowed = row != nullptr && std::any_of(partner->roles.begin(), partner->roles.end(),
                                                     [&](Role role) { return (row->roles & role_bit(role)) != 0; });
  if (!allowed) {
    ops::log_warn("role_refused", {{"method", path}, {"partner", partner->id}});
    return tl::unexpected(status_of_finding(grpc::StatusCode::PERMISSION_DENIED,
                                            make_finding("ROLE_NOT_ALLOWED", {{"method", std::string(path)}})));
  }
  return Caller{.scope = {.partner = partner->id, .roles = partner->roles}, .key = key};
}

bool Access::valid(std::string_view key) const { return partners_.current()->by_key(key, now()) != nullptr; }

grpc::Status Gate::Process(const InputMetadata& metadata, grpc::AuthContext* peer, OutputMetadata*, OutputMetadata*) {
  const auto path = metadata.find(":path");
  const std::string_view method =
      path == metadata.end() ? std::string_view() : std::string_view(path->second.data(), path->second.size());
  const auto caller = access_.admit(*peer, method);
  return caller ? grpc::Status::OK : caller.error();
}

}  // namespace puente::transport
