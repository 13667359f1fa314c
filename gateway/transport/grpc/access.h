// Who calls, and whether it may: the pinned key of the peer's certificate, and the one table of methods and roles.
#pragma once

#include <grpcpp/security/auth_context.h>
#include <grpcpp/security/auth_metadata_processor.h>
#include <grpcpp/support/status.h>

#include <cstddef>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "gateway/flow/flow.h"
#include "gateway/partners/registry.h"

namespace puente::transport {

struct MethodRow {
  std::string_view path;      // /package.Service/Method
  unsigned roles;             // role_bit() of each role that may call it
  std::size_t request_bytes;  // largest request; what gRPC itself refuses is the largest of these
};

constexpr unsigned role_bit(partners::Role role) { return 1U << static_cast<unsigned>(role); }

std::span<const MethodRow> method_table();
const MethodRow* method_row(std::string_view path);

// Every method of the given services (full names) has a row, by the descriptors linked in. Fault method_without_role
// names the first that has none, so that a method added to the contract cannot be served before somebody has decided
// who may call it.
Result<void> check_method_table(std::span<const std::string_view> services);

struct Caller {
  flow::PartnerScope scope;
  std::string key;  // SPKI SHA-256, hex
};

class Access {
 public:
  explicit Access(const partners::Partners& partners) : partners_(partners) {}

  // UNAUTHENTICATED for a key that is unknown, revoked or outside its window; PERMISSION_DENIED for a role that may
  // not.
  tl::expected<Caller, grpc::Status> admit(const grpc::AuthContext& peer, std::string_view path);
  bool valid(std::string_view key) const;  // still a partner's key, now

 private:
  std::string key_of(const grpc::AuthContext& peer);

  const partners::Partners& partners_;
  std::mutex mutex_;
  std::unordered_map<std::string, std::string> keys_;  // certificate PEM to digest: decoding one costs 170 microseconds
};

// Stands before every method of the server, health and reflection included.
class Gate final : public grpc::AuthMetadataProcessor {
 public:
  explicit Gate(Access& access) : access_(access) {}
  bool IsBlocking() const override { return false; }
  grpc::Status Process(const InputMetadata& metadata, grpc::AuthContext* peer, OutputMetadata* consumed,
                       OutputMetadata* response) override;

 private:
  Access& access_;
};

}  // namespace puente::transport
