#include "gateway/app/configuration.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <set>

#include "gateway/app/files.h"
#include "gateway/app/toml_source.h"

namespace puente::app {
namespace {

namespace fs = std::filesystem;
using Millis = std::chrono::milliseconds;

struct Unit {
  std::string_view name;
  std::uint64_t factor;
};
// Largest first, so that a value is printed in the largest unit that divides it.
constexpr std::array<Unit, 4> kDurations = {{{"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};
constexpr std::array<Unit, 4> kSizes = {{{"GiB", 1U << 30U}, {"MiB", 1U << 20U}, {"KiB", 1U << 10U}, {"B", 1}}};
constexpr std::array<std::pair<std::string_view, sat::Environment>, 2> kEnvironments = {
    {{"production", sat::Environment::production}, {"test", sat::Environment::test}}};
constexpr std::array<std::pair<std::string_view, ops::LogLevel>, 4> kLevels = {{{"debug", ops::LogLevel::debug},
                                                                                {"info", ops::LogLevel::info},
                                                                                {"warn", ops::LogLevel::warn},
                                                                                {"error", ops::LogLevel::error}}};

std::optional<std::uint64_t> parse_count(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

template <std::size_t N>
std::optional<std::uint64_t> parse_quantity(std::string_view text, const std::array<Unit, N>& units) {
  const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
  const auto value = parse_count(text.substr(0, digits));
  if (!value) return std::nullopt;
  for (const Unit& unit : units) {
    if (text.substr(digits) != unit.name) continue;
    if (*value > UINT64_MAX / unit.factor) return std::nullopt;
    return *value * unit.factor;
  }
  return std::nullopt;
}

template <std::size_t N>
std::string print_quantity(std::uint64_t value, const std::array<Unit, N>& units) {
  for (const Unit& unit : units)
    if (value % unit.factor == 0 && (value != 0 || unit.factor == 1))
      return std::to_string(value / unit.factor) + std::string(unit.name);
  return std::to_string(value);
}

template <typename Value, std::size_t N>
std::optional<Value> choice(std::string_view text, const std::array<std::pair<std::string_view, Value>, N>& rows) {
  for (const auto& [name, value] : rows)
    if (name == text) return value;
  return std::nullopt;
}
template <typename Value, std::size_t N>
std::string choice_name(Value asked, const std::array<std::pair<std::string_view, Value>, N>& rows) {
  for (const auto& [name, value] : rows)
    if (value == asked) return std::string(name);
  return "";
}

// The names of types in findings and in the reference, by the alternatives of Field in their order.
constexpr std::array<std::string_view, std::variant_size_v<Field>> kTypes = {"production | test",
                                                                             "debug | info | warn | error",
                                                                             "host:port",
                                                                             "path",
                                                                             "array of paths",
                                                                             "count",
                                                                             "size",
                                                                             "duration",
                                                                             "host:port | off",
                                                                             "URL | off"};

constexpr std::string_view kOff = "off";

constexpr std::array<std::string_view, 3> kReloadNames = {"", "content", "reload"};

fs::path absolute_from(const fs::path& folder, std::string_view text) {
  const fs::path path(text);
  return path.is_absolute() ? path.lexically_normal() : (folder / path).lexically_normal();
}

enum class Fit { ok, wrong_type, out_of_bounds };

// Puts one value where its key says.
class Setter {
 public:
  Setter(Configuration& values, const ConfigurationKey& key, const fs::path& folder)
      : values_(values), key_(key), folder_(folder) {}

  Fit set(const TomlScalar& value) {
    return std::visit([&](auto member) { return put(member, value); }, key_.field);
  }

 private:
  static const std::string* text(const TomlScalar& value) {
    const auto* found = std::get_if<std::string>(&value);
    return found != nullptr && !found->empty() ? found : nullptr;
  }
  template <typename T>
  Fit assign(Member<T> member, std::optional<T> value) {
    if (!value) return Fit::wrong_type;
    values_.*member = std::move(*value);
    return Fit::ok;
  }
  Fit bounded(std::uint64_t value) const {
    return key_.most != 0 && (value < key_.least || value > key_.most) ? Fit::out_of_bounds : Fit::ok;
  }
  Fit put(Member<sat::Environment> member, const TomlScalar& value) {
    return text(value) ? assign(member, choice(*text(value), kEnvironments)) : Fit::wrong_type;
  }
  Fit put(Member<ops::LogLevel> member, const TomlScalar& value) {
    return text(value) ? assign(member, choice(*text(value), kLevels)) : Fit::wrong_type;
  }
  Fit put(Member<Address> member, const TomlScalar& value) {
    return text(value) ? assign(member, parse_address(*text(value))) : Fit::wrong_type;
  }
  Fit put(Member<std::optional<Address>> member, const TomlScalar& value) {
    if (text(value) == nullptr) return Fit::wrong_type;
    values_.*member = parse_address(*text(value));
    return values_.*member || *text(value) == kOff ? Fit::ok : Fit::wrong_type;
  }
  Fit put(Member<std::optional<Url>> member, const TomlScalar& value) {
    if (text(value) == nullptr) return Fit::wrong_type;
    values_.*member = parse_url(*text(value));
    return values_.*member || *text(value) == kOff ? Fit::ok : Fit::wrong_type;
  }
  Fit put(Member<fs::path> member, const TomlScalar& value) {
    if (text(value) == nullptr) {
      const bool off = !key_.required && key_.preset.empty() && std::holds_alternative<std::string>(value);
      if (off) (values_.*member).clear();
      return off ? Fit::ok : Fit::wrong_type;
    }
    values_.*member = absolute_from(folder_, *text(value));
    return Fit::ok;
  }
  Fit put(Member<std::vector<fs::path>> member, const TomlScalar& value) {
    const auto* list = std::get_if<std::vector<std::string>>(&value);
    if (list == nullptr) return Fit::wrong_type;
    for (const std::string& item : *list) (values_.*member).push_back(absolute_from(folder_, item));
    return Fit::ok;
  }
  Fit put(Member<std::uint64_t> member, const TomlScalar& value) {
    const auto* number = std::get_if<std::int64_t>(&value);
    if (number == nullptr) return Fit::wrong_type;
    if (*number < 0 || bounded(static_cast<std::uint64_t>(*number)) != Fit::ok) return Fit::out_of_bounds;
    values_.*member = static_cast<std::uint64_t>(*number);
    return Fit::ok;
  }
  Fit put(Member<Bytes> member, const TomlScalar& value) {
    const auto bytes = text(value) ? parse_quantity(*text(value), kSizes) : std::nullopt;
    if (!bytes) return Fit::wrong_type;
    values_.*member = Bytes{*bytes};
    return bounded(*bytes);
  }
  Fit put(Member<Millis> member, const TomlScalar& value) {
    const auto millis = text(value) ? parse_quantity(*text(value), kDurations) : std::nullopt;
    if (!millis) return Fit::wrong_type;
    values_.*member = Millis(static_cast<Millis::rep>(std::min<std::uint64_t>(*millis, INT64_MAX)));
    return bounded(*millis);
  }

  Configuration& values_;
  const ConfigurationKey& key_;
  const fs::path& folder_;
};

// A preset of the table, as the scalar that its type wants in TOML.
TomlScalar preset_of(const ConfigurationKey& key) {
  if (std::holds_alternative<Member<std::uint64_t>>(key.field))
    return static_cast<std::int64_t>(parse_count(key.preset).value_or(0));
  if (std::holds_alternative<Member<std::vector<fs::path>>>(key.field)) return std::vector<std::string>();
  return std::string(key.preset);
}

std::string bound_text(const ConfigurationKey& key, std::uint64_t bound) {
  if (std::holds_alternative<Member<Bytes>>(key.field)) return print_quantity(bound, kSizes);
  if (std::holds_alternative<Member<Millis>>(key.field)) return print_quantity(bound, kDurations);
  return std::to_string(bound);
}

struct ValuePrinter {
  const Configuration& values;
  std::string operator()(Member<sat::Environment> m) const { return toml_text(choice_name(values.*m, kEnvironments)); }
  std::string operator()(Member<ops::LogLevel> m) const { return toml_text(choice_name(values.*m, kLevels)); }
  std::string operator()(Member<Address> m) const { return toml_text((values.*m).text()); }
  std::string operator()(Member<std::optional<Address>> m) const {
    return toml_text(values.*m ? (values.*m)->text() : std::string(kOff));
  }
  std::string operator()(Member<std::optional<Url>> m) const {
    return toml_text(values.*m ? (values.*m)->text : std::string(kOff));
  }
  std::string operator()(Member<fs::path> m) const { return toml_text((values.*m).string()); }
  std::string operator()(Member<std::vector<fs::path>> m) const {
    std::string out = "[";
    for (const fs::path& path : values.*m) out += (out.size() > 1 ? ", " : "") + toml_text(path.string());
    return out + "]";
  }
  std::string operator()(Member<std::uint64_t> m) const { return std::to_string(values.*m); }
  std::string operator()(Member<Bytes> m) const { return toml_text(print_quantity((values.*m).count, kSizes)); }
  std::string operator()(Member<Millis> m) const {
    return toml_text(print_quantity(static_cast<std::uint64_t>((values.*m).count()), kDurations));
  }
};

std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t above = row[j];
      row[j] = std::min({above + 1, row[j - 1] + 1, diagonal + (a[i - 1] == b[j - 1] ? 0U : 1U)});
      diagonal = above;
    }
  }
  return row[b.size()];
}

std::string_view nearest_key(std::string_view asked) {
  const auto keys = configuration_keys();
  return std::min_element(keys.begin(), keys.end(),
                          [&](const auto& a, const auto& b) { return distance(asked, a.key) < distance(asked, b.key); })
      ->key;
}

const ConfigurationKey* find_key(std::string_view name) {
  for (const ConfigurationKey& key : configuration_keys())
    if (key.key == name) return &key;
  return nullptr;
}

void place(Finding& finding, const fs::path& file, std::string_view key, std::uint32_t line, std::uint32_t column) {
  SourcePlace& source = *finding.mutable_source();
  source.set_document(file.string());
  source.set_path(std::string(key));
  source.set_line(line);
  source.set_column(column);
}

// Section of a key ("delivery"), "" for a key of the top level.
std::string_view section_of(std::string_view key) {
  const std::size_t dot = key.find('.');
  return dot == std::string_view::npos ? std::string_view() : key.substr(0, dot);
}
std::string_view name_in_section(std::string_view key) {
  const std::size_t dot = key.find('.');
  return dot == std::string_view::npos ? key : key.substr(dot + 1);
}

// Files that are read at start; the ledger is made where it is not there yet.
template <typename Visit>
void each_input(const LoadedConfiguration& loaded, const Visit& visit) {
  for (const ConfigurationKey& key : configuration_keys()) {
    if (key.key == "ledger.file") continue;
    if (const auto* path = std::get_if<Member<fs::path>>(&key.field);
        path != nullptr && !(loaded.values.**path).empty())
      visit(key, loaded.values.**path);
    if (const auto* paths = std::get_if<Member<std::vector<fs::path>>>(&key.field))
      for (const fs::path& one : loaded.values.**paths) visit(key, one);
  }
}

}  // namespace

std::optional<Address> parse_address(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  const auto port = parse_count(text.substr(colon + 1));
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) {
    host = host.substr(1, host.size() - 2);
  } else if (host.find(':') != std::string_view::npos) {
    return std::nullopt;  // IPv6 needs its brackets
  }
  if (!port || *port > 65535 || host.empty()) return std::nullopt;
  return Address{std::string(host), static_cast<std::uint16_t>(*port)};
}

std::optional<Url> parse_url(std::string_view text) {
  constexpr std::string_view kSchemes[] = {"https://", "http://"};
  for (const auto scheme : kSchemes) {
    if (!text.starts_with(scheme)) continue;
    const auto rest = text.substr(scheme.size());
    const auto host = rest.substr(0, rest.find_first_of("/?#"));
    const bool plain =
        std::all_of(text.begin(), text.end(), [](unsigned char c) { return c > 0x20 && c < 0x7F && c != '"'; });
    if (host.empty() || host.find('@') != std::string_view::npos || !plain) return std::nullopt;
    return Url{std::string(text)};
  }
  return std::nullopt;
}

std::string Address::text() const {
  return (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" + std::to_string(port);
}

std::string_view type_name(const ConfigurationKey& key) { return kTypes[key.field.index()]; }

std::uint32_t LoadedConfiguration::line_of(std::string_view key) const {
  const auto origin = origins.find(key);
  if (origin == origins.end() || !origin->second.starts_with("line ")) return 0;
  return static_cast<std::uint32_t>(parse_count(std::string_view(origin->second).substr(5)).value_or(0));
}

Fault LoadedConfiguration::fault() const {
  if (!opened) return {FaultKind::permanent, "cannot_open", file.string() + ": cannot be read"};
  for (const Finding& finding : findings) {
    if (finding.severity() != v1::SEVERITY_ERROR) continue;
    const SourcePlace& at = finding.source();
    return {FaultKind::permanent, "config_invalid",
            at.document() + ":" + std::to_string(at.line()) + ": " + at.path() + ": " + finding.en()};
  }
  return {FaultKind::permanent, "config_invalid", file.string()};
}

LoadedConfiguration load_configuration(const fs::path& file) {
  const auto text = read_file(file, 1U << 20U);
  if (text) return parse_configuration(file, *text);
  LoadedConfiguration loaded;
  loaded.file = file;
  loaded.opened = false;
  place(loaded.findings.add("CONFIG_UNREADABLE", {{"file", file.string()}}), file, "", 0, 0);
  return loaded;
}

LoadedConfiguration parse_configuration(const fs::path& file, std::string_view toml) {
  LoadedConfiguration loaded;
  loaded.file = file;
  const fs::path folder = fs::absolute(file).parent_path();
  for (const ConfigurationKey& key : configuration_keys()) {
    if (key.required) continue;
    Setter(loaded.values, key, folder).set(preset_of(key));
    loaded.origins[std::string(key.key)] = "default";
  }
  const auto values = parse_toml(toml);
  if (!values) {
    const TomlError& error = values.error();
    Finding& finding = loaded.findings.add("CONFIG_SYNTAX");
    finding.set_detail(error.text);
    place(finding, file, "", error.line, error.column);
    return loaded;
  }
  std::set<std::string_view> given;
  for (const TomlValue& value : *values) {
    const ConfigurationKey* key = find_key(value.key);
    const auto say = [&](std::string_view code, const FindingParams& params) {
      place(loaded.findings.add(code, params), file, value.key, value.line, value.column);
    };
    if (key == nullptr) {
      say("CONFIG_KEY_UNKNOWN", {{"key", value.key}, {"nearest", std::string(nearest_key(value.key))}});
      continue;
    }
    given.insert(key->key);
    switch (Setter(loaded.values, *key, folder).set(value.value)) {
      case Fit::ok:
        break;
      case Fit::wrong_type:
        say("CONFIG_VALUE_INVALID", {{"key", value.key}, {"type", std::string(type_name(*key))}});
        break;
      case Fit::out_of_bounds:
        say("CONFIG_VALUE_BOUNDS",
            {{"key", value.key}, {"least", bound_text(*key, key->least)}, {"most", bound_text(*key, key->most)}});
        break;
    }
    loaded.origins[value.key] = "line " + std::to_string(value.line);
  }
  for (const ConfigurationKey& key : configuration_keys())
    if (key.required && !given.contains(key.key))
      place(loaded.findings.add("CONFIG_KEY_MISSING", {{"key", std::string(key.key)}}), file, key.key, 0, 0);
  return loaded;
}

void check_surroundings(const LoadedConfiguration& loaded, Findings& findings) {
  each_input(loaded, [&](const ConfigurationKey& key, const fs::path& path) {
    const auto say = [&](std::string_view code) {
      place(findings.add(code, {{"key", std::string(key.key)}, {"file", path.string()}}), loaded.file, key.key,
            loaded.line_of(key.key), 0);
    };
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0 || ::access(path.c_str(), R_OK) != 0) return say("CONFIG_FILE_MISSING");
    if (key.secret && (status.st_mode & (S_IRWXG | S_IRWXO)) != 0) say("CONFIG_SECRET_EXPOSED");
  });
  // Who answers in the SAT's place withdraws filings.
  if (loaded.values.environment == sat::Environment::production && loaded.values.estado_url &&
      !loaded.values.estado_url->secure())
    place(findings.add("CONFIG_VALUE_INVALID", {{"key", "estado.url"}, {"type", "https://"}}), loaded.file,
          "estado.url", loaded.line_of("estado.url"), 0);
  const fs::path ledger_folder = loaded.values.ledger.parent_path();
  if (::access(ledger_folder.c_str(), W_OK) != 0)
    place(findings.add("CONFIG_FOLDER_READONLY", {{"key", "ledger.file"}, {"file", ledger_folder.string()}}),
          loaded.file, "ledger.file", loaded.line_of("ledger.file"), 0);
}

std::string print_configuration(const LoadedConfiguration& loaded) {
  std::string out;
  std::string_view section;
  for (const ConfigurationKey& key : configuration_keys()) {
    if (section_of(key.key) != section) {
      section = section_of(key.key);
      out += "\n[" + std::string(section) + "]\n";
    }
    const auto origin = loaded.origins.find(key.key);
    out += std::string(name_in_section(key.key)) + " = " + std::visit(ValuePrinter{loaded.values}, key.field) + "  # " +
           (origin == loaded.origins.end() ? "missing" : origin->second) + "\n";
  }
  return out;
}

std::string configuration_reference() {
  std::string out =
      "# puente.toml\n\n"
      "Written by `puente check-config --reference` from the table of keys in gateway/app/configuration_keys.cpp; a "
      "test keeps\n"
      "this page in step. TOML 1.0. Relative paths start at the folder of the file. Unknown keys are refused. "
      "Durations are\n"
      "text with a unit (`500ms`, `30s`, `5m`, `48h`), sizes too (`64KiB`, `10MiB`).\n\n"
      "SIGHUP (`systemctl reload`): *reload* takes a new value and reads again what it names; *content* reads the file "
      "again, but\n"
      "another name takes a restart, as do the keys without a mark. A broken file keeps the old one and is logged. "
      "*Secret*: a file\n"
      "that nobody but its owner may read.\n\n"
      "| key | type | default | bounds | | meaning | significado |\n"
      "|---|---|---|---|---|---|---|\n";
  for (const ConfigurationKey& key : configuration_keys()) {
    std::string type(type_name(key));
    for (std::size_t at = 0; (at = type.find('|', at)) != std::string::npos; at += 2) type.insert(at, "\\");
    std::string marks(kReloadNames[static_cast<std::size_t>(key.reload)]);
    if (key.secret) marks += marks.empty() ? "secret" : ", secret";
    out += "| `" + std::string(key.key) + "` | " + type + " | " +
           (key.required         ? "required"
            : key.preset.empty() ? "none"
                                 : "`" + std::string(key.preset) + "`") +
           " | " + (key.most == 0 ? "" : bound_text(key, key.least) + " to " + bound_text(key, key.most)) + " | " +
           marks + " | " + std::string(key.sentence.en) + " | " + std::string(key.sentence.es) + " |\n";
  }
  return out;
}

std::vector<std::string> restart_needed(const Configuration& running, const Configuration& wanted) {
  std::vector<std::string> out;
  for (const ConfigurationKey& key : configuration_keys()) {
    const bool same = std::visit([&](auto member) { return running.*member == wanted.*member; }, key.field);
    if (!same && key.reload != Reload::value) out.emplace_back(key.key);
  }
  return out;
}

sat::Limits read_limits(const Configuration& configuration) {
  sat::Limits limits;
  limits.bytes = configuration.document_bytes.count;
  limits.text = configuration.text_bytes.count;
  limits.depth = configuration.depth;
  limits.elements = configuration.elements;
  limits.attributes = configuration.attributes;
  limits.prefixes = configuration.prefixes;
  limits.cpu_seconds = std::chrono::duration<double>(configuration.cpu).count();
  return limits;
}

}  // namespace puente::app
