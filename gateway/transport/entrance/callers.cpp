#include "gateway/transport/entrance/callers.h"

#include <algorithm>
#include <chrono>

#include "gateway/ops/log.h"
#include "gateway/partners/certificates.h"

namespace puente::transport {
namespace {

constexpr std::size_t kCachedCertificates = 4096;

std::chrono::sys_seconds now() { return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()); }

}  // namespace

std::string Callers::key_of(std::string_view certificate) {
  const std::string pem(certificate);
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

tl::expected<Caller, NotAdmitted> Callers::admit(const std::string& key, const OperationRow* row) const {
  const auto registry = partners_.current();
  const partners::Partner* partner = key.empty() ? nullptr : registry->by_key(key, now());
  const std::string method(row == nullptr ? "" : row->method);
  if (partner == nullptr) {
    ops::log_warn("caller_unknown", {{"method", method}, {"key", key}});
    return tl::unexpected(
        NotAdmitted{NotAdmitted::Why::unknown_partner, make_finding("PARTNER_UNKNOWN", {{"key", key}})});
  }
  const bool allowed =
      row != nullptr && std::any_of(partner->roles.begin(), partner->roles.end(),
                                    [&](partners::Role role) { return (row->roles & role_bit(role)) != 0; });
  if (!allowed) {
    ops::log_warn("role_refused", {{"method", method}, {"partner", partner->id}});
    return tl::unexpected(
        NotAdmitted{NotAdmitted::Why::role_may_not, make_finding("ROLE_NOT_ALLOWED", {{"method", method}})});
  }
  return Caller{.scope = {.partner = partner->id, .roles = partner->roles}, .key = key};
}

bool Callers::valid(std::string_view key) const { return partners_.current()->by_key(key, now()) != nullptr; }

}  // namespace puente::transport
