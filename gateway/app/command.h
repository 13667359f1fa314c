// Commands as data: what `puente --help` shows, what the command line accepts and what runs are one table.
// command_line.cpp is the only file that knows CLI11.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/app/exit_code.h"
#include "gateway/app/language.h"
#include "gateway/app/terminal.h"

namespace puente::app {

// What was given on the command line, by the option's name in the table.
class Arguments {
 public:
  bool flag(std::string_view name) const { return values_.contains(name); }
  std::optional<std::string> text(std::string_view name) const;
  std::string text_or(std::string_view name, std::string_view otherwise) const;
  std::optional<std::uint64_t> number(std::string_view name) const;  // checked to be one while parsing
  const std::vector<std::string>& list(std::string_view name) const;
  void add(std::string_view name, std::string value) { values_[std::string(name)].push_back(std::move(value)); }
  void set(std::string_view name) { values_[std::string(name)]; }

 private:
  std::map<std::string, std::vector<std::string>, std::less<>> values_;
};

enum class OptionKind { flag, text, number, language, date, texts };

struct Option {
  std::string_view name;   // "--json", or "FILE" for what stands without a name
  std::string_view value;  // what stands for the value in --help
  OptionKind kind = OptionKind::text;
  bool required = false;
  Text help;
  std::string_view choices = "";  // "entry se ae"
  constexpr bool positional() const { return !name.starts_with("--"); }
};

struct Command {
  std::string_view name;  // "check", "store backup"
  Text summary;
  std::string_view examples;  // one a line
  std::span<const Option> options;
  ExitCode (*run)(const Arguments&, Terminal&);
};

// In the order of --help.
std::span<const Command* const> commands();

// The whole program. `arguments` without the program's name.
ExitCode run(const std::vector<std::string>& arguments, Terminal& terminal);

}  // namespace puente::app
