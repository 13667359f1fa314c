#include "gateway/partners/registry.h"

#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <sstream>
#include <utility>

namespace puente::partners {
namespace {

struct RoleName {
  std::string_view name;
  Role role;
};
constexpr std::array kRoles{RoleName{"sender", Role::sender}, RoleName{"filer", Role::filer},
                            RoleName{"ops", Role::ops}};
constexpr std::array kSeverities{v1::SEVERITY_ERROR, v1::SEVERITY_WARNING, v1::SEVERITY_INFO};
constexpr std::array<std::string_view, 3> kChannels{"grpc", "socket", "spool"};

constexpr std::int64_t kWindowLimit = 10'000;
constexpr std::int64_t kLeaseLimitSeconds = 86'400;

// One reading of one registry file. The first thing wrong is kept, with its line; what follows it is not looked at.
class RegistryReader {
 public:
  explicit RegistryReader(std::string_view file) : file_(file) {}

  Result<std::pair<std::vector<Partner>, std::vector<Route>>> read(const toml::table& root) {
    known_fields(root, {"partner", "route"}, "the registry");
    if (const toml::table* section = table_of(root, "partner", "[partner.ID]")) {
      for (const auto& [id, node] : *section) {
        if (failed()) break;
        if (const toml::table* table = node.as_table()) {
          read_partner(std::string(id.str()), *table);
        } else {
          fail(node, "partner." + std::string(id.str()) + " must be a table: [partner.ID]");
        }
      }
    }
    if (const toml::node* node = root.get("route"); node != nullptr && !failed()) {
      const toml::array* rows = node->as_array();
      if (rows == nullptr) {
        fail(*node, "route must be an array of tables: [[route]]");
      } else {
        for (const toml::node& row : *rows) {
          if (failed()) break;
          if (const toml::table* table = row.as_table()) {
            read_route(*table);
          } else {
            fail(row, "route must be an array of tables: [[route]]");
          }
        }
      }
    }
    if (failed()) return permanent("registry_invalid", fault_);
    return std::pair(std::move(partners_), std::move(routes_));
  }

 private:
  bool failed() const { return !fault_.empty(); }

  void fail(const toml::node& node, std::string_view what) {
    if (failed()) return;
    std::ostringstream text;
    text << file_ << ':' << node.source().begin.line << ": " << what;
    fault_ = text.str();
  }

  void known_fields(const toml::table& table, std::initializer_list<std::string_view> known, std::string_view where) {
    for (const auto& [key, node] : table) {
      if (std::find(known.begin(), known.end(), key.str()) == known.end()) {
        fail(node, "unknown field \"" + std::string(key.str()) + "\" in " + std::string(where));
      }
    }
  }

  const toml::table* table_of(const toml::table& table, std::string_view key, std::string_view expected) {
    const toml::node* node = table.get(key);
    if (node == nullptr) return nullptr;
    if (const toml::table* found = node->as_table()) return found;
    fail(*node, std::string(key) + " must be a table: " + std::string(expected));
    return nullptr;
  }

  std::string text_of(const toml::table& table, std::string_view key, std::string fallback = {}) {
    const toml::node* node = table.get(key);
    if (node == nullptr) return fallback;
    if (const auto* text = node->as_string()) return text->get();
    fail(*node, std::string(key) + " must be a string");
    return fallback;
  }

  std::int64_t whole_of(const toml::table& table, std::string_view key, std::int64_t fallback, std::int64_t limit) {
    const toml::node* node = table.get(key);
    if (node == nullptr) return fallback;
    const auto* number = node->as_integer();
    if (number == nullptr || number->get() < 1 || number->get() > limit) {
      fail(*node, std::string(key) + " must be a whole number from 1 to " + std::to_string(limit));
      return fallback;
    }
    return number->get();
  }

  // A TOML date (midnight UTC) or a date-time with an offset; a date-time without one would mean something else on
  // every host.
  std::optional<std::chrono::sys_seconds> time_of(const toml::table& table, std::string_view key) {
    const toml::node* node = table.get(key);
    if (node == nullptr) return std::nullopt;
    const auto midnight = [](const toml::date& date) {
      return std::chrono::sys_days(std::chrono::year(date.year) / date.month / date.day);
    };
    if (const auto* date = node->as_date()) return midnight(date->get());
    if (const auto* moment = node->as_date_time(); moment != nullptr && moment->get().offset) {
      const toml::date_time& value = moment->get();
      return midnight(value.date) + std::chrono::hours(value.time.hour) + std::chrono::minutes(value.time.minute) +
             std::chrono::seconds(value.time.second) - std::chrono::minutes(value.offset->minutes);
    }
    fail(*node, std::string(key) + " must be a date, or a date and time with its offset (2026-03-01T00:00:00Z)");
    return std::nullopt;
  }

  void read_partner(std::string id, const toml::table& table) {
    const std::string where = "[partner." + id + "]";
    known_fields(table,
                 {"name", "roles", "keys", "broker", "channel", "spool", "window", "lease_seconds", "simulator",
                  "limits", "overrides"},
                 where);
    Partner partner;
    partner.id = std::move(id);
    partner.name = text_of(table, "name", partner.id);
    partner.broker = text_of(table, "broker");
    partner.channel = text_of(table, "channel", partner.channel);
    partner.spool = text_of(table, "spool");
    if (const toml::node* simulator = table.get("simulator")) {
      if (const auto* flag = simulator->as_boolean()) {
        partner.simulator = flag->get();
      } else {
        fail(*simulator, "simulator must be true or false");
      }
    }
    partner.window =
        static_cast<std::size_t>(whole_of(table, "window", static_cast<std::int64_t>(partner.window), kWindowLimit));
    partner.lease = std::chrono::seconds(whole_of(table, "lease_seconds", partner.lease.count(), kLeaseLimitSeconds));
    read_limits(table, where, partner.limits);
    read_overrides(table, where, partner);
    read_roles(table, where, partner);
    read_keys(table, where, partner);
    if (std::find(kChannels.begin(), kChannels.end(), partner.channel) == kChannels.end()) {
      fail(*table.get("channel"), "channel must be \"grpc\", \"socket\" or \"spool\"");
    }
    const bool filer = partner.roles.contains(Role::filer);
    if (filer && partner.broker.empty()) fail(table, where + " has the role filer and needs broker");
    if (partner.channel == "spool" && partner.spool.empty())
      fail(table, where + " has channel \"spool\" and needs spool");
    if (partner.channel == "spool" && !filer) fail(table, where + " has channel \"spool\" and needs the role filer");
    // A filer behind a folder never connects; everybody else is known by a key or not at all.
    if (partner.keys.empty() && partner.channel != "spool") fail(table, where + " needs keys");
    partners_.push_back(std::move(partner));
  }

  void read_limits(const toml::table& table, const std::string& where, PartnerLimits& limits) {
    const toml::table* section = table_of(table, "limits", "[partner.ID.limits]");
    if (section == nullptr) return;
    for (const auto& [key, node] : *section) {
      const LimitRow* row = limit_of_key(key.str());
      if (row == nullptr) return fail(node, "unknown limit \"" + std::string(key.str()) + "\" in " + where);
      const auto* number = node.as_integer();
      const bool within = number != nullptr && number->get() >= 0 &&
                          static_cast<std::uint64_t>(number->get()) >= row->least &&
                          static_cast<std::uint64_t>(number->get()) <= row->most;
      if (!within) {
        return fail(node, std::string(key.str()) + " must be a whole number from " + std::to_string(row->least) +
                              " to " + std::to_string(row->most));
      }
      limits.set(row->limit, static_cast<std::uint64_t>(number->get()));
    }
  }

  void read_overrides(const toml::table& table, const std::string& where, Partner& partner) {
    const toml::node* node = table.get("overrides");
    if (node == nullptr) return;
    const toml::array* rows = node->as_array();
    if (rows == nullptr) return fail(*node, "overrides must be an array of tables");
    for (const toml::node& entry : *rows) {
      const toml::table* row = entry.as_table();
      if (row == nullptr) return fail(entry, "an override is a table: { code, severity, owner, reason, expires }");
      known_fields(*row, {"code", "severity", "owner", "reason", "expires"}, "an override of " + where);
      SeverityOverride override;
      override.code = text_of(*row, "code");
      override.owner = text_of(*row, "owner");
      override.reason = text_of(*row, "reason");
      if (override.code.empty() || override.owner.empty() || override.reason.empty())
        return fail(entry, "an override needs code, owner and reason");
      if (!may_be_overridden(override.code))
        return fail(entry, override.code + " cannot be overridden: only findings of rules and catalogs can");
      const std::string severity = text_of(*row, "severity");
      const auto wanted = std::ranges::find(kSeverities, severity, [](Severity one) { return severity_name(one); });
      if (wanted == kSeverities.end())
        return fail(entry, "severity of an override is \"error\", \"warning\" or \"info\"");
      override.severity = *wanted;
      const toml::node* expires = row->get("expires");
      const auto* date = expires != nullptr ? expires->as_date() : nullptr;
      if (date == nullptr) return fail(entry, "an override needs expires, a date (2027-01-31)");
      override.expires = std::chrono::year(date->get().year) / date->get().month / date->get().day;
      partner.overrides.push_back(std::move(override));
    }
  }

  void read_roles(const toml::table& table, const std::string& where, Partner& partner) {
    const toml::node* node = table.get("roles");
    const toml::array* roles = node != nullptr ? node->as_array() : nullptr;
    if (roles == nullptr || roles->empty()) {
      fail(node != nullptr ? *node : table, where + " needs roles = [\"sender\", \"filer\", \"ops\"], at least one");
      return;
    }
    for (const toml::node& entry : *roles) {
      const auto* text = entry.as_string();
      const auto row = std::find_if(kRoles.begin(), kRoles.end(),
                                    [&](const RoleName& role) { return text != nullptr && role.name == text->get(); });
      if (row == kRoles.end()) {
        fail(entry, "a role is one of \"sender\", \"filer\", \"ops\"");
        return;
      }
      partner.roles.insert(row->role);
    }
  }

  void read_keys(const toml::table& table, const std::string& where, Partner& partner) {
    const toml::node* node = table.get("keys");
    if (node == nullptr) return;
    const toml::array* keys = node->as_array();
    if (keys == nullptr) {
      fail(*node, "keys must be an array: [{ spki_sha256 = \"...\" }]");
      return;
    }
    for (const toml::node& entry : *keys) {
      const toml::table* row = entry.as_table();
      if (row == nullptr) {
        fail(entry, "a key is a table: { spki_sha256 = \"...\" }");
        return;
      }
      known_fields(*row, {"spki_sha256", "valid_from", "valid_to", "revoked"}, "a key of " + where);
      PinnedKey key;
      key.spki_sha256 = text_of(*row, "spki_sha256");
      key.valid_from = time_of(*row, "valid_from");
      key.valid_to = time_of(*row, "valid_to");
      if (const toml::node* revoked = row->get("revoked")) {
        if (const auto* flag = revoked->as_boolean()) {
          key.revoked = flag->get();
        } else {
          fail(*revoked, "revoked must be true or false");
        }
      }
      const bool digest =
          key.spki_sha256.size() == 64 && key.spki_sha256.find_first_not_of("0123456789abcdef") == std::string::npos;
      if (!digest) fail(entry, "spki_sha256 must be 64 lower-case hex digits");
      if (key.valid_from && key.valid_to && *key.valid_from >= *key.valid_to) {
        fail(entry, "valid_from must be before valid_to");
      }
      // One key is one partner: a key pinned twice would make the identity depend on the order of the file.
      if (const auto [owner, fresh] = key_owners_.emplace(key.spki_sha256, partner.id); !fresh) {
        fail(entry, "this key is already pinned by [partner." + owner->second + "]");
      }
      if (failed()) return;
      partner.keys.push_back(std::move(key));
    }
  }

  void read_route(const toml::table& table) {
    known_fields(table, {"importer", "port", "carrier", "kind", "filer"}, "[[route]]");
    Route route{.importer = text_of(table, "importer"),
                .port = text_of(table, "port"),
                .carrier = text_of(table, "carrier"),
                .kind = text_of(table, "kind"),
                .filer = text_of(table, "filer")};
    if (route.filer.empty()) fail(table, "[[route]] needs filer");
    const auto filer = std::find_if(partners_.begin(), partners_.end(),
                                    [&](const Partner& partner) { return partner.id == route.filer; });
    if (filer == partners_.end()) {
      fail(table, "filer \"" + route.filer + "\" is no partner of this registry");
    } else if (!filer->roles.contains(Role::filer)) {
      fail(table, "[partner." + route.filer + "] does not have the role filer");
    }
    routes_.push_back(std::move(route));
  }

  std::string_view file_;
  std::string fault_;
  std::vector<Partner> partners_;
  std::vector<Route> routes_;
  std::map<std::string, std::string> key_owners_;
};

bool matches(const std::string& wanted, std::string_view given) { return wanted.empty() || wanted == given; }

}  // namespace

std::string_view name_of(Role role) {
  return std::find_if(kRoles.begin(), kRoles.end(), [&](const RoleName& row) { return row.role == role; })->name;
}

Result<std::shared_ptr<const Registry>> Registry::parse(std::string_view file, std::string_view toml) {
  toml::table root;
  try {
    root = toml::parse(toml, file);
  } catch (const toml::parse_error& error) {
    std::ostringstream text;
    text << file << ':' << error.source().begin.line << ": " << error.description();
    return permanent("registry_invalid", text.str());
  }
  auto read = RegistryReader(file).read(root);
  if (!read) return tl::unexpected(read.error());
  auto registry = std::make_shared<Registry>();
  registry->partners_ = std::move(read->first);
  registry->routes_ = std::move(read->second);
  return registry;
}

const Partner* Registry::by_key(std::string_view spki_sha256, std::chrono::sys_seconds now) const {
  for (const Partner& partner : partners_) {
    for (const PinnedKey& key : partner.keys) {
      if (key.spki_sha256 != spki_sha256) continue;
      const bool in_window = (!key.valid_from || *key.valid_from <= now) && (!key.valid_to || now < *key.valid_to);
      return !key.revoked && in_window ? &partner : nullptr;
    }
  }
  return nullptr;
}

const Partner* Registry::by_id(std::string_view id) const {
  const auto found =
      std::find_if(partners_.begin(), partners_.end(), [&](const Partner& partner) { return partner.id == id; });
  return found == partners_.end() ? nullptr : &*found;
}

const Partner* Registry::route(std::string_view importer_handle, std::string_view importer_number,
                               std::string_view port, std::string_view carrier, std::string_view kind) const {
  for (const Route& route : routes_) {
    const bool importer = matches(route.importer, importer_handle) || route.importer == importer_number;
    if (importer && matches(route.port, port) && matches(route.carrier, carrier) && matches(route.kind, kind)) {
      return by_id(route.filer);
    }
  }
  return nullptr;
}

std::shared_ptr<const Registry> Partners::current() const {
  const std::scoped_lock lock(mutex_);
  return registry_;
}

void Partners::replace(std::shared_ptr<const Registry> registry) {
  std::map<std::uint64_t, Listener> listeners;
  {
    const std::scoped_lock lock(mutex_);
    registry_ = registry;
    listeners = listeners_;
  }
  for (const auto& [handle, listener] : listeners) listener(*registry);
}

std::uint64_t Partners::listen(Listener listener) {
  const std::scoped_lock lock(mutex_);
  listeners_.emplace(next_, std::move(listener));
  return next_++;
}

void Partners::unlisten(std::uint64_t handle) {
  const std::scoped_lock lock(mutex_);
  listeners_.erase(handle);
}

}  // namespace puente::partners
