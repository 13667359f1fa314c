#include "mappings/catalogs/embedded.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <cstdlib>

namespace puente::catalogs {

std::string_view embedded_list(std::string_view name);  // defined by puente_embed

namespace {

[[noreturn]] void abort_list(std::string_view file, std::size_t line, std::string_view column, std::string_view why) {
  std::fprintf(stderr, "embedded list %.*s:%zu: %.*s: %.*s\n", static_cast<int>(file.size()), file.data(), line,
               static_cast<int>(column.size()), column.data(), static_cast<int>(why.size()), why.data());
  std::abort();
}

}  // namespace

void Cells::malformed(std::string_view column, std::string_view why) const {
  abort_list(file_, row_.line, column, why);
}

const std::string& Cells::text(std::string_view column) const {
  const std::size_t index = table_.column(column);
  if (index == CsvTable::npos) malformed(column, "no such column");
  return row_.cells[index];
}

std::optional<Date> Cells::date(std::string_view column) const {
  const std::string& cell = text(column);
  if (cell.empty()) return std::nullopt;
  const auto date = parse_date(cell);
  if (!date) malformed(column, "not a date");
  return date;
}

std::optional<Decimal> Cells::decimal(std::string_view column) const {
  const std::string& cell = text(column);
  if (cell.empty()) return std::nullopt;
  const auto decimal = Decimal::parse(cell);
  if (!decimal) malformed(column, "not a decimal");
  return decimal;
}

int Cells::integer(std::string_view column) const {
  const std::string& cell = text(column);
  int value = 0;
  const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
  if (error != std::errc{} || end != cell.data() + cell.size()) malformed(column, "not an integer");
  return value;
}

bool Cells::yes(std::string_view column) const {
  const auto known = known_yes(column);
  if (!known) malformed(column, "neither Y nor N");
  return *known;
}

std::optional<bool> Cells::known_yes(std::string_view column) const {
  const std::string& cell = text(column);
  if (cell == "Y") return true;
  if (cell == "N") return false;
  if (cell.empty() || cell == "?") return std::nullopt;
  malformed(column, "neither Y nor N");
}

std::vector<std::string> Cells::words(std::string_view column) const {
  std::vector<std::string> words;
  const std::string& cell = text(column);
  for (std::size_t at = 0; at < cell.size();) {
    const std::size_t end = std::min(cell.find(' ', at), cell.size());
    if (end > at) words.push_back(cell.substr(at, end - at));
    at = end + 1;
  }
  return words;
}

CsvTable load_embedded(std::string_view file) {
  const std::string_view bytes = embedded_list(file);
  auto table = parse_csv(bytes, file);
  if (!table) abort_list(file, 0, "csv", table.error().text);
  return *std::move(table);
}

}  // namespace puente::catalogs
