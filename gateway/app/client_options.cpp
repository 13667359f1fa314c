#include "gateway/app/client_options.h"

#include <array>
#include <chrono>
#include <variant>

#include "gateway/app/files.h"
#include "gateway/app/toml_source.h"

namespace puente::app {
namespace {

struct Row {
  std::string_view key, flag;
  bool required;
  std::variant<std::string ClientOptions::*, std::filesystem::path ClientOptions::*> field;
};
constexpr std::array<Row, 5> kRows = {{{"address", "--address", true, &ClientOptions::address},
                                       {"certificate", "--certificate", true, &ClientOptions::certificate},
                                       {"key", "--key", true, &ClientOptions::key},
                                       {"authority", "--authority", true, &ClientOptions::authority},
                                       {"server_name", "--server-name", false, &ClientOptions::server_name}}};

constexpr std::chrono::seconds kPatience{4};  // until the gateway counts as away: a person waits

std::string get(const ClientOptions& options, const Row& row) {
  if (const auto* text = std::get_if<std::string ClientOptions::*>(&row.field)) return options.**text;
  return (options.*std::get<std::filesystem::path ClientOptions::*>(row.field)).string();
}

void set(ClientOptions& options, const Row& row, const std::string& value, const std::filesystem::path& folder) {
  if (const auto* text = std::get_if<std::string ClientOptions::*>(&row.field)) {
    options.** text = value;
  } else {
    options.*std::get<std::filesystem::path ClientOptions::*>(row.field) =
        folder / value;  // an absolute value stays as it is
  }
}

}  // namespace

Result<ClientOptions> parse_client_options(const std::filesystem::path& file, std::string_view toml) {
  const auto fail = [&](std::uint32_t line, std::string_view what) {
    return permanent("client_config_invalid", file.string() + ":" + std::to_string(line) + ": " + std::string(what));
  };
  const auto values = parse_toml(toml);
  if (!values) return fail(values.error().line, values.error().text);
  ClientOptions options;
  for (const TomlValue& value : *values) {
    const Row* found = nullptr;
    for (const Row& row : kRows)
      if (row.key == value.key) found = &row;
    if (found == nullptr) return fail(value.line, "unknown key " + value.key);
    const auto* text = std::get_if<std::string>(&value.value);
    if (text == nullptr || text->empty()) return fail(value.line, value.key + " must be text");
    set(options, *found, *text, std::filesystem::absolute(file).parent_path());
  }
  return options;
}

Result<ClientOptions> client_options(const Arguments& arguments) {
  ClientOptions options;
  if (const auto file = arguments.text("--config")) {
    const auto toml = read_file(*file, 1U << 20U);
    if (!toml) return tl::unexpected(toml.error());
    auto parsed = parse_client_options(*file, *toml);
    if (!parsed) return parsed;
    options = std::move(*parsed);
  }
  for (const Row& row : kRows) {
    if (const auto value = arguments.text(row.flag)) set(options, row, *value, std::filesystem::current_path());
    if (row.required && get(options, row).empty())
      return permanent("client_config_missing", "give --config client-PARTNER.toml, or " + std::string(row.flag));
  }
  options.connect_timeout = kPatience;
  return options;
}

std::string print_client_options(const ClientOptions& options) {
  std::string out;
  for (const Row& row : kRows)
    if (!get(options, row).empty()) out += std::string(row.key) + " = " + toml_text(get(options, row)) + "\n";
  return out;
}

Result<std::unique_ptr<client::Client>> connect(const Arguments& arguments) {
  const auto options = client_options(arguments);
  if (!options) return tl::unexpected(options.error());
  return client::Client::connect(*options);
}

}  // namespace puente::app
