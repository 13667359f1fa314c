#include "gateway/app/record_text.h"

namespace puente::app {
namespace {

constexpr std::size_t kNameColumns = 30, kValueColumns = 40;

std::string right(std::string text, std::size_t width) {
  return text.size() < width ? std::string(width - text.size(), ' ') + text : text;
}

}  // namespace

void print_ruler(Printer& printer) {
  std::string tens(kElementIndent), ones(kElementIndent);
  for (int column = 1; column <= 80; ++column) {
    tens += column % 10 == 0 ? static_cast<char>('0' + column / 10) : ' ';
    ones += static_cast<char>('0' + column % 10);
  }
  printer << "\n" << printer.paint(Tone::faint, tens) << "\n" << printer.paint(Tone::faint, ones) << "\n";
}

void print_record_line(Printer& printer, std::size_t line, std::string_view text) {
  printer << right(std::to_string(line), kElementIndent.size() - 1) << " "
          << printer.paint(Tone::strong, safe_text(text)) << "\n";
}

void print_element(Printer& printer, const cbp::catair::Field& field, std::string_view value, std::string_view rule) {
  const std::string positions =
      field.width() == 1 ? std::to_string(field.start) : std::to_string(field.start) + "-" + std::to_string(field.end);
  std::string quoted = "\"";
  quoted += safe_text(value);
  quoted += '"';
  std::string line(kElementIndent);
  line += right(positions, 5) + "  " + padded(field.name, kNameColumns) + " ";
  line += rule.empty() ? quoted : padded(quoted, kValueColumns) + " ";
  const std::string safe_rule = safe_text(rule);
  // A long value keeps its line; the rule goes below it, under its own column.
  if (!rule.empty() && columns_of(line) + columns_of(safe_rule) > kTextWidth) {
    while (line.ends_with(' ')) line.pop_back();
    line += "\n" + std::string(kElementIndent.size() + 8 + kNameColumns, ' ');
  }
  printer << line << printer.paint(Tone::faint, safe_rule) << "\n";
}

}  // namespace puente::app
