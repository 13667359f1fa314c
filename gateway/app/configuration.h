// The daemon's configuration: one table of keys drives loading, checking, printing and the reference page
// deploy/CONFIG.md.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "gateway/app/language.h"
#include "gateway/ops/log.h"
#include "mappings/domain/result.h"
#include "mappings/findings/findings.h"
#include "mappings/sat/read.h"

namespace puente::app {

struct Address {  // "127.0.0.1:7443", "[::1]:7443"; port 0: any free one, said in the log
  std::string host;
  std::uint16_t port = 0;
  std::string text() const;
  friend bool operator==(const Address&, const Address&) = default;
};
// Nothing where the text is no host:port with a port up to 65535.
std::optional<Address> parse_address(std::string_view text);
struct Bytes {  // "64KiB", "10MiB", "1GiB", "4096B"
  std::uint64_t count = 0;
  friend bool operator==(const Bytes&, const Bytes&) = default;
};
// "https://host/path", "http://host:3128": scheme and host, no name and password in it (nothing secret is printed).
struct Url {
  std::string text;
  bool secure() const { return text.starts_with("https://"); }
  friend bool operator==(const Url&, const Url&) = default;
};
std::optional<Url> parse_url(std::string_view text);
inline constexpr std::string_view kDefaultConfiguration = "/etc/puente/puente.toml";

// Relative paths are relative to the folder of the configuration file; here they are absolute.
struct Configuration {
  using Path = std::filesystem::path;
  using Millis = std::chrono::milliseconds;

  sat::Environment environment = sat::Environment::production;
  Address grpc_listen, health_listen;
  std::optional<Address> socket_listen;  // nothing: off
  Path tls_certificate, tls_key, tls_client_ca;
  Path registry, profiles, catalog;
  Path lists;  // empty: the embedded lists alone
  std::vector<Path> trust;
  Path ledger;
  std::uint64_t ledger_readers = 0;
  Path receipt_key;
  std::uint64_t workers = 0;
  Millis deadline_before_arrival{};
  std::optional<Url> estado_url, estado_proxy;  // nothing: off, and none
  std::vector<Path> estado_authorities;
  Millis estado_deadline{}, estado_wait{}, estado_keep{}, estado_again_first{}, estado_again_limit{}, estado_until{};
  std::uint64_t estado_at_once = 0;
  Millis delivery_poll{}, backoff_first{}, backoff_limit{}, give_up{};
  Bytes document_bytes, text_bytes;
  std::uint64_t depth = 0, elements = 0, attributes = 0, prefixes = 0;
  Millis cpu{};
  std::uint64_t connections = 0, connections_per_address = 0, handshakes = 0, handshakes_per_address = 0;
  Millis connection_idle{}, connection_age{};
  Millis drain_limit{};
  ops::LogLevel log_level = ops::LogLevel::info;
};

// What a key holds; its member says its type.
template <typename T>
using Member = T Configuration::*;
using Field =
    std::variant<Member<sat::Environment>, Member<ops::LogLevel>, Member<Address>, Member<std::filesystem::path>,
                 Member<std::vector<std::filesystem::path>>, Member<std::uint64_t>, Member<Bytes>,
                 Member<std::chrono::milliseconds>, Member<std::optional<Address>>, Member<std::optional<Url>>>;

// What SIGHUP does to a key.
enum class Reload : std::uint8_t {
  restart,  // nothing: a new value takes a restart
  content,  // reads the file it names again; another name takes a restart
  value,    // takes a new value, and reads what it names again
};

struct ConfigurationKey {
  std::string_view key;  // "delivery.backoff_first"
  Field field;
  std::string_view preset;  // default as written in TOML without quotes; "" for a required key
  bool required;
  std::uint64_t least, most;  // bounds of counts, bytes and milliseconds; 0, 0 = none
  Reload reload;
  bool secret;  // a file that only its owner may read
  Text sentence;
};
std::span<const ConfigurationKey> configuration_keys();
std::string_view type_name(const ConfigurationKey& key);  // "file", "duration"...

struct LoadedConfiguration {
  std::filesystem::path file;
  Configuration values;
  std::map<std::string, std::string, std::less<>> origins;  // key -> "default" or "line 12"
  Findings findings;                                        // place: file, key, line, column
  bool opened = true;
  bool usable() const { return opened && !findings.has(v1::SEVERITY_ERROR); }
  std::uint32_t line_of(std::string_view key) const;  // 0: not in the file
  Fault fault() const;                                // of a configuration that is not usable
};

// Every problem at once; never reads what the keys point to.
LoadedConfiguration load_configuration(const std::filesystem::path& file);
LoadedConfiguration parse_configuration(const std::filesystem::path& file, std::string_view toml);
// What the keys point to: files there and readable, secrets not readable by others, the ledger's folder writable.
void check_surroundings(const LoadedConfiguration& loaded, Findings& findings);
// Effective values as TOML, each with its origin. Secrets are file names and stand as they are.
std::string print_configuration(const LoadedConfiguration& loaded);
// deploy/CONFIG.md.
std::string configuration_reference();
// Keys that differ between two configurations and take a restart.
std::vector<std::string> restart_needed(const Configuration& running, const Configuration& wanted);

sat::Limits read_limits(const Configuration& configuration);

}  // namespace puente::app
