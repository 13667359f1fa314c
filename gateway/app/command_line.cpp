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

constexpr std::array<const Command*, 26> kCommands = {
    &kInit,         &kServe,
    &kCheckConfig,  &kVersion,
    &kCheck,        &kTranslate,
    &kExplain,      &kDecode,
    &kSubmit,       &kNotice,
    &kBroker,       &kTrace,
    &kStoreBackup,  &kStoreVerify,
    &kCatalogsLoad, &kCatalogsList,
    &kCertsLoad,    &kCertsList,
    &kExceptions,   &kChannels,
    &kPause,        &kResume,
    &kDrain,        &kRedeliver,
    &kRetranslate,  &kSimulateSatEstado,
};

// What CLI11 would print of its own accord, in the reader's language.
constexpr std::array<Text, 8> kLabels = {{{"Usage", "Uso"},
                                          {"Options", "Opciones"},
                                          {"Positionals", "Argumentos"},
                                          {"Subcommands", "Comandos"},
                                          {"SUBCOMMAND", "COMANDO"},
                                          {"SUBCOMMANDS", "COMANDOS"},
                                          {"REQUIRED", "OBLIGATORIO"},
                                          {"OPTIONS", "OPCIONES"}}};

constexpr Text kOptionsGroup = {"Options", "Opciones"};
// The first word of a command of two.
constexpr std::array<std::pair<std::string_view, Text>, 4> kGroups = {{{"store", kStoreSummary},
                                                                       {"catalogs", kCatalogsSummary},
                                                                       {"certs", kCertsSummary},
                                                                       {"simulate", kSimulateSummary}}};

constexpr Text kCommandsGroup = {"Subcommands", "Comandos"};

// What stands between the option and its value in a usage error.
constexpr Text kNotNumber = {"not a number: ", "no es un número: "};
constexpr Text kNotDate = {"not a date YYYY-MM-DD: ", "no es una fecha AAAA-MM-DD: "};
constexpr Text kNotOneOf = {" is not one of: ", " no es uno de: "};

std::string checked_number(const std::string& text, Language language) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size()
             ? ""
             : std::string(kNotNumber.in(language)) + safe_text(text);
}

std::string checked_date(const std::string& text, Language language) {
  return parse_date(text) ? "" : std::string(kNotDate.in(language)) + safe_text(text);
}

std::vector<std::string> choices_of(std::string_view text) {
  std::istringstream words{std::string(text)};
  return {std::istream_iterator<std::string>(words), {}};
}

std::string checked_choice(const std::string& text, std::string_view choices, Language language) {
  const std::vector<std::string> known = choices_of(choices);
  if (std::find(known.begin(), known.end(), text) != known.end()) return "";
  return safe_text(text) + std::string(kNotOneOf.in(language)) + std::string(choices);
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
  if (option.kind == OptionKind::number)
    bound->check([language](const std::string& text) { return checked_number(text, language); });
  if (option.kind == OptionKind::date)
    bound->check([language](const std::string& text) { return checked_date(text, language); });
  const std::string_view choices = option.kind == OptionKind::language ? "es en" : option.choices;
  if (!choices.empty())
    bound->check([choices, language](const std::string& text) { return checked_choice(text, choices, language); });
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
    return app.add_subcommand(std::string(name), std::string(command.summary.in(language)))
        ->group(std::string(kCommandsGroup.in(language)));
  const std::string group(name.substr(0, space));
  CLI::App* parent = nullptr;
  for (CLI::App* known : app.get_subcommands([&](CLI::App* other) { return other->get_name() == group; }))
    parent = known;
  if (parent == nullptr) {
    const auto row =
        std::find_if(kGroups.begin(), kGroups.end(), [&](const auto& known) { return known.first == group; });
    parent = app.add_subcommand(group, row == kGroups.end() ? "" : std::string(row->second.in(language)));
    parent->require_subcommand(1);
    parent->group(std::string(kCommandsGroup.in(language)));
    parent->get_help_ptr()->group(std::string(kOptionsGroup.in(language)));
  }
  return subcommand(*parent, name.substr(space + 1), command, language);
}

// One sentence for what CLI11 found wrong, in the reader's language.
std::string usage_error(const CLI::App& app, const CLI::ParseError& error, Language language) {
  const std::string what = error.what();
  const auto words = [&](Text text) { return std::string(text.in(language)); };
  if (dynamic_cast<const CLI::ExtrasError*>(&error) != nullptr)
    return words({"not expected here: ", "no se esperaba aquí: "}) +
           what.substr(std::min(what.size(), what.find(": ") + 2));
  if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr) {
    if (const auto unknown = app.remaining(true); !unknown.empty() && what.starts_with("A subcommand"))
      return words({"there is no command ", "no existe el comando "}) + unknown.front();
    if (what.starts_with("A subcommand")) return words({"a command is missing", "falta el comando"});
    return words({"missing: ", "falta: "}) + what.substr(0, what.find(" is required"));
  }
  if (dynamic_cast<const CLI::ArgumentMismatch*>(&error) != nullptr)
    return words({"", "número de valores incorrecto: "}) + what;
  return what;
}

// A command whose output is lost has not done what was asked, whatever it found.
ExitCode with_output_written(Terminal& terminal, ExitCode code) {
  if (terminal.out.flush()) return code;
  terminal.err
      << terminal.err.paint(Tone::bad, "puente") << ": "
      << Text{"cannot_write: the output could not be written\n", "cannot_write: no se pudo escribir la salida\n"}.in(
             terminal.language);
  return ExitCode::io;
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
  app.option_defaults()->group(std::string(kOptionsGroup.in(language)));  // the commands take it over
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
    bound->get_help_ptr()->group(std::string(kOptionsGroup.in(language)));
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
    if (app.exit(error, out, err) == 0) {  // --help, --version
      terminal.out << out.str();
      return with_output_written(terminal, ExitCode::done);
    }
    terminal.err << terminal.err.paint(Tone::bad, "puente") << ": " << safe_text(usage_error(app, error, language))
                 << "\n"
                 << Text{"puente --help and puente COMMAND --help say what there is.\n",
                         "puente --help y puente COMANDO --help dicen qué hay.\n"}
                        .in(language);
    return ExitCode::usage;
  }
  if (given.flag("--no-color")) {
    terminal.out.no_colour();
    terminal.err.no_colour();
  }
  return with_output_written(terminal, chosen->run(given, terminal));
}

}  // namespace puente::app
