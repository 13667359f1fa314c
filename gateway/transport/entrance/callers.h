// Who is at the door, and whether it may have what it asks for: the pinned key of the peer's certificate decides, at
// every door alike. Thread-safe.
#pragma once

#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "gateway/flow/flow.h"
#include "gateway/partners/registry.h"
#include "gateway/transport/entrance/operations.h"
#include "mappings/findings/findings.h"

namespace puente::transport {

struct Caller {
  flow::PartnerScope scope;
  std::string key;  // SPKI SHA-256, hex
};

struct NotAdmitted {
  enum class Why { unknown_partner, role_may_not } why;
  Finding finding;
};

class Callers {
 public:
  explicit Callers(const partners::Partners& partners) : partners_(partners) {}

  // The digest of the public key of a PEM certificate, "" for what is none. Remembered: decoding costs 170
  // microseconds.
  std::string key_of(std::string_view pem);
  // Unknown for a key that is unknown, revoked or outside its window now. No row of an operation, no admission.
  tl::expected<Caller, NotAdmitted> admit(const std::string& key, const OperationRow* row) const;
  bool valid(std::string_view key) const;  // still a partner's key, now

 private:
  const partners::Partners& partners_;
  std::mutex mutex_;
  std::unordered_map<std::string, std::string> keys_;  // certificate PEM to digest
};

}  // namespace puente::transport
