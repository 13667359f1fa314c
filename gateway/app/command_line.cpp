// The command table on CLI11. Nothing else includes CLI11.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <charconv>
#include <memory>
#include <sstream>

#include "gateway/app/command.h"
#include "gateway/app/commands.h"
#include "mappings/domain/date.h"

namespace puente::app {
namespace {

constexpr Option kLanguage = {
    "--lang",
    "es|en",
    OptionKind::language,
    false,
    {"language of texts; default: from LANG", "idioma de los textos; por omisión, el de LANG"}};
constexpr Option kNoColour = {
    "--no-color", "", OptionKind::flag, false, {"no colour (also: NO_COLOR)", "sin color (también: NO_COLOR)"}};

constexpr std::array<const Command*, 15> kCommands = {
    &kInit,   &kServe,  &kCheckConfig, &kVersion, &kCheck,       &kTranslate,   &kExplain,    &kDecode,
    &kSubmit, &kNotice, &kBroker,      &kTrace,   &kStoreBackup, &kStoreVerify, &kExceptions,
};

// What CLI11 would print of its own accord, in the reader's language.
constexpr std::array<Text, 6> kLabels = {{{"Usage", "Uso"},
                                          {"Options", "Opciones"},
                                          {"Positionals", "Argumentos"},
                                          {"Subcommands", "Comandos"},
                                          {"REQUIRED", "OBLIGATORIO"},
                                          {"OPTIONS", "OPCIONES"}}};

std::string checked_number(const std::string& text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() ? "" : "not a number: " + safe_text(text);
}

std::string checked_date(const std::string& text) {
  return parse_date(text) ? "" : "not a date YYYY-MM-DD: " + safe_text(text);
}

std::vector<std::string> choices_of(std::string_view text) {
  std::istringstream words{std::string(text)};
  return {std::istream_iterator<std::string>(words), {}};
}

void bind(CLI::App& app, const Option& option, Language language, Arguments& arguments) {
  const std::string name(option.name);
  const std::string help(option.help.in(language));
  if (option.kind == OptionKind::flag) {
    app.add_flag_callback(
        name, [&arguments, name] { arguments.set(name); }, help);
    return;
  }
  CLI::Option* bound = app.add_option_function<std::vector<std::string>>(
      name,
      [&arguments, name](const std::vector<std::string>& values) {
        for (const std::string& value : values) arguments.add(name, value);
      },
      help);
  bound->type_name(std::string(option.value.empty() ? "" : option.value));
  if (option.positional() && option.kind == OptionKind::texts) {
    bound->expected(1, CLI::detail::expected_max_vector_size);
  } else {  // one value each time it is named: what follows belongs to the positionals
    bound->expected(1)->allow_extra_args(false);
    bound->multi_option_policy(option.kind == OptionKind::texts ? CLI::MultiOptionPolicy::TakeAll
                                                                : CLI::MultiOptionPolicy::Throw);
  }
  if (option.required) bound->required();
  if (option.kind == OptionKind::number) bound->check(CLI::Validator(checked_number, ""));
  if (option.kind == OptionKind::date) bound->check(CLI::Validator(checked_date, ""));
  if (option.kind == OptionKind::language) bound->check(CLI::IsMember({"es", "en"}));
  if (!option.choices.empty()) bound->check(CLI::IsMember(choices_of(option.choices)));
}

std::string footer_of(const Command& command, Language language) {
  std::string out(Text{"Examples:", "Ejemplos:"}.in(language));
  std::istringstream lines{std::string(command.examples)};
  for (std::string line; std::getline(lines, line);) out += "\n  " + line;
  return out;
}

std::string exit_codes(Language language) {
  std::string out(Text{"Exit codes:", "Códigos de salida:"}.in(language));
  for (const ExitCodeRow& row : kExitCodes) {
    std::string code = std::to_string(static_cast<int>(row.code));
    out += "\n  " + code + std::string(4 - code.size(), ' ') + std::string(row.meaning.in(language));
  }
  return out;
}

// --lang decides the language of --help itself, so it is looked for before the command line is parsed.
Language language_asked(const std::vector<std::string>& arguments, Language otherwise) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    std::string_view value;
    if (arguments[i].starts_with("--lang=")) value = std::string_view(arguments[i]).substr(7);
    if (arguments[i] == "--lang" && i + 1 < arguments.size()) value = arguments[i + 1];
    if (const auto language = parse_language(value)) return *language;
  }
  return otherwise;
}

CLI::App* subcommand(CLI::App& app, std::string_view name, const Command& command, Language language) {
  const std::size_t space = name.find(' ');
  if (space == std::string_view::npos)
    return app.add_subcommand(std::string(name), std::string(command.summary.in(language)));
  const std::string group(name.substr(0, space));
  CLI::App* parent = nullptr;
  for (CLI::App* known : app.get_subcommands([&](CLI::App* other) { return other->get_name() == group; }))
    parent = known;
  if (parent == nullptr) {
    parent = app.add_subcommand(group, std::string(kStoreSummary.in(language)));
    parent->require_subcommand(1);
  }
  return subcommand(*parent, name.substr(space + 1), command, language);
}

}  // namespace

std::span<const Command* const> commands() { return kCommands; }

ExitCode run(const std::vector<std::string>& arguments, Terminal& terminal) {
  const Language language = terminal.language = language_asked(arguments, terminal.language);
  CLI::App app(std::string(Text{"puente: a Mexican shipment in, its CBP filing at the broker",
                                "puente: entra un embarque mexicano, sale su trámite ante CBP al agente"}
                               .in(language)),
               "puente");
  for (const Text& label : kLabels) app.get_formatter()->label(std::string(label.en), std::string(label.in(language)));
  app.get_formatter()->column_width(34);
  app.require_subcommand(1);
  app.footer(exit_codes(language));
  app.set_help_flag("-h,--help", std::string(Text{"print this help", "muestra esta ayuda"}.in(language)));
  app.set_version_flag("--version", std::string(version_text()),
                       std::string(Text{"print the version", "muestra la versión"}.in(language)));
  Arguments given;
  const Command* chosen = nullptr;
  for (const Command* command : kCommands) {
    CLI::App* bound = subcommand(app, command->name, *command, language);
    for (const Option& option : command->options) bind(*bound, option, language, given);
    bind(*bound, kLanguage, language, given);
    bind(*bound, kNoColour, language, given);
    bound->footer(footer_of(*command, language));
    bound->callback([&chosen, command] { chosen = command; });
  }
  std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());  // as CLI11 wants them
  std::ostringstream out, err;
  try {
    app.parse(std::move(reversed));
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error, out, err);
    terminal.out << out.str();
    terminal.err << err.str();
    return code == 0 ? ExitCode::done : ExitCode::usage;
  }
  if (given.flag("--no-color")) {
    terminal.out.no_colour();
    terminal.err.no_colour();
  }
  const ExitCode code = chosen->run(given, terminal);
  terminal.out.flush();
  return code;
}

}  // namespace puente::app
