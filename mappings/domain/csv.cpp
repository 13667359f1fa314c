#include "mappings/domain/csv.h"

#include <csv.h>

#include <algorithm>

namespace puente {
namespace {

constexpr int kRowNotBegun = 0;  // libcsv's state between rows: blank lines leave it there

struct Reading {
  std::vector<std::vector<std::string>> rows;
  std::vector<std::string> current;
};

void on_cell(void* data, std::size_t size, void* context) {
  static_cast<Reading*>(context)->current.emplace_back(static_cast<const char*>(data), data == nullptr ? 0 : size);
}

void on_row(int, void* context) {
  auto* reading = static_cast<Reading*>(context);
  reading->rows.push_back(std::move(reading->current));
  reading->current.clear();
}

}  // namespace

std::size_t CsvTable::column(std::string_view name) const {
  const auto found = std::find(header.begin(), header.end(), name);
  return found == header.end() ? npos : static_cast<std::size_t>(found - header.begin());
}

Result<CsvTable> parse_csv(std::string_view text, std::string_view name) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  csv_parser parser;
  if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI) != 0) return permanent("csv_invalid", "csv parser");
  CsvTable table;
  // Physical line numbers: libcsv reports rows only, so the text is fed line by line and rows take the line they began on.
  Reading reading;
  std::size_t line = 0;
  std::size_t row_began = 1;
  std::vector<std::size_t> lines;
  auto fail = [&](std::string_view why) -> Result<CsvTable> {
    csv_free(&parser);
    return permanent("csv_invalid", std::string(name) + ":" + std::to_string(line) + ": " + std::string(why));
  };
  while (!text.empty()) {
    ++line;
    const auto end = text.find('\n');
    const auto piece = text.substr(0, end == std::string_view::npos ? text.size() : end + 1);
    text.remove_prefix(piece.size());
    const std::size_t before = reading.rows.size();
    if (csv_parse(&parser, piece.data(), piece.size(), on_cell, on_row, &reading) != piece.size())
      return fail(csv_strerror(csv_error(&parser)));
    if (reading.rows.size() > before) lines.resize(reading.rows.size(), row_began);
    if (parser.pstate == kRowNotBegun) row_began = line + 1;
  }
  if (csv_fini(&parser, on_cell, on_row, &reading) != 0) return fail(csv_strerror(csv_error(&parser)));
  lines.resize(reading.rows.size(), row_began);
  csv_free(&parser);
  if (reading.rows.empty()) return permanent("csv_invalid", std::string(name) + ": no header row");
  table.header = std::move(reading.rows.front());
  for (std::size_t i = 1; i < reading.rows.size(); ++i) {
    auto& cells = reading.rows[i];
    if (cells.size() == 1 && cells.front().empty()) continue;
    if (cells.size() > table.header.size())
      return permanent("csv_invalid", std::string(name) + ":" + std::to_string(lines[i]) + ": " +
                                          std::to_string(cells.size()) + " cells, the header has " +
                                          std::to_string(table.header.size()));
    cells.resize(table.header.size());
    table.rows.push_back({lines[i], std::move(cells)});
  }
  return table;
}

}  // namespace puente
