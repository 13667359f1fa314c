// Who may connect: partners by the SHA-256 of their public key, their roles, channels and limits, and the route table.
// Names in certificates are labels only. A Registry is immutable; Partners swaps it on reload and tells its listeners.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/partners/limits.h"
#include "mappings/domain/result.h"
#include "mappings/findings/overrides.h"

namespace puente::partners {

enum class Role { sender, filer, ops };
std::string_view name_of(Role role);

struct PinnedKey {
  std::string spki_sha256;  // 64 lower-case hex digits
  std::optional<std::chrono::sys_seconds> valid_from, valid_to;
  bool revoked = false;
};

struct Partner {
  std::string id;  // handle
  std::string name;
  std::set<Role> roles;
  std::vector<PinnedKey> keys;
  std::string broker;            // filer: handle of the [broker.HANDLE] profile section
  std::string channel = "grpc";  // filer: grpc, socket or spool; a filer of the first two feeds at either
  std::filesystem::path spool;   // channel spool: the filer's folder
  std::size_t window = 64;       // filings in flight
  std::chrono::seconds lease{60};
  PartnerLimits limits;
  std::vector<SeverityOverride> overrides;  // of findings about what this partner sends
  bool simulator = false;  // a program of gateway/simulators: refused where the configuration says production
};

// First row whose every given field matches wins; "" matches anything.
struct Route {
  std::string importer;  // importer handle or importer of record number
  std::string port, carrier, kind;
  std::string filer;  // partner id
};

class Registry {
 public:
  // Faults: registry_invalid (file, line, what).
  static Result<std::shared_ptr<const Registry>> parse(std::string_view file, std::string_view toml);
  const Partner* by_key(std::string_view spki_sha256,
                        std::chrono::sys_seconds now) const;  // null: unknown, revoked, out of window
  const Partner* by_id(std::string_view id) const;
  const std::vector<Partner>& partners() const { return partners_; }
  const Partner* route(std::string_view importer_handle, std::string_view importer_number, std::string_view port,
                       std::string_view carrier, std::string_view kind) const;

 private:
  std::vector<Partner> partners_;
  std::vector<Route> routes_;
};

class Partners {
 public:
  explicit Partners(std::shared_ptr<const Registry> registry) : registry_(std::move(registry)) {}
  std::shared_ptr<const Registry> current() const;
  void replace(std::shared_ptr<const Registry> registry);  // listeners run on the calling thread
  using Listener = std::function<void(const Registry&)>;
  std::uint64_t listen(Listener listener);
  void unlisten(std::uint64_t handle);

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const Registry> registry_;
  std::map<std::uint64_t, Listener> listeners_;
  std::uint64_t next_ = 1;
};

}  // namespace puente::partners
