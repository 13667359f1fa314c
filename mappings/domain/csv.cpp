#include "mappings/domain/csv.h"

#include <csv.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <utility>

namespace puente {
namespace {

constexpr int kRowNotBegun = 0;  // libcsv's state between rows: blank lines leave it there

// libcsv's callbacks: cells are gathered in strings that are used again, and a row is handed on when it ends.
struct Reading {
  const OnCsvRow& on_row;
  std::string_view name;
  std::vector<std::string> cells = {};
  std::size_t count = 0;      // of the cells in this row
  std::size_t columns = 0;    // 0 until the header was read
  std::size_t row_began = 1;  // line
  Result<void> outcome = {};

  void take_cell(std::string_view cell) {
    if (count == cells.size()) cells.emplace_back();
    cells[count++].assign(cell);
  }

  void end_row() {
    const std::size_t size = std::exchange(count, 0);
    if (!outcome || (columns != 0 && size == 1 && cells.front().empty())) return;
    if (columns != 0 && size > columns) {
      outcome =
          permanent("csv_invalid", std::string(name) + ":" + std::to_string(row_began) + ": " + std::to_string(size) +
                                       " cells, the header has " + std::to_string(columns));
      return;
    }
    if (columns == 0) columns = size;
    if (cells.size() < columns) cells.resize(columns);
    for (std::size_t i = size; i < columns; ++i) cells[i].clear();
    outcome = on_row(row_began, std::span(cells).first(columns));
  }
};

void on_cell(void* data, std::size_t size, void* context) {
  static_cast<Reading*>(context)->take_cell({static_cast<const char*>(data), data == nullptr ? 0 : size});
}

void on_end_of_row(int, void* context) { static_cast<Reading*>(context)->end_row(); }

constexpr std::size_t kWellFormed = std::string_view::npos;

// Where the first byte stands that is no well formed UTF-8 (RFC 3629, section 4), or kWellFormed.
std::size_t first_not_utf8(std::string_view text) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(text[at]); };
  for (std::size_t at = 0; at < text.size();) {
    const unsigned lead = byte(at);
    const std::size_t length = lead < 0x80   ? 1
                               : lead < 0xC2 ? 0
                               : lead < 0xE0 ? 2
                               : lead < 0xF0 ? 3
                               : lead < 0xF5 ? 4
                                             : 0;
    if (length == 0 || length > text.size() - at) return at;
    for (std::size_t i = 1; i < length; ++i) {
      // The second byte keeps out overlong forms, surrogates and what lies above U+10FFFF.
      const unsigned least = i > 1 ? 0x80 : lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
      const unsigned most = i > 1 ? 0xBF : lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
      if (byte(at + i) < least || byte(at + i) > most) return at;
    }
    at += length;
  }
  return kWellFormed;
}

std::size_t line_of(std::string_view text, std::size_t at) {
  return 1 + static_cast<std::size_t>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n'));
}

}  // namespace

std::size_t CsvTable::column(std::string_view name) const {
  const auto found = std::find(header.begin(), header.end(), name);
  return found == header.end() ? npos : static_cast<std::size_t>(found - header.begin());
}

Result<void> read_csv(std::string_view text, std::string_view name, const OnCsvRow& on_row) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  const auto refuse = [&](std::size_t line, std::string_view why) -> Result<void> {
    return permanent("csv_invalid", std::string(name) + ":" + std::to_string(line) + ": " + std::string(why));
  };
  // Cells reach filed text, so bytes of another encoding (Latin-1, UTF-16 of a spreadsheet) are never guessed at.
  if (const std::size_t at = text.find('\0'); at != std::string_view::npos)
    return refuse(line_of(text, at), "NUL character (save as CSV UTF-8)");
  if (const std::size_t at = first_not_utf8(text); at != kWellFormed)
    return refuse(line_of(text, at), "not UTF-8 (save as CSV UTF-8)");
  if (const std::string_view header = text.substr(0, text.find_first_of("\r\n"));
      header.find(';') != std::string_view::npos && header.find(',') == std::string_view::npos)
    return refuse(1, "the header is separated by semicolons; the separator must be a comma");
  csv_parser parser;
  if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI) != 0) return permanent("csv_invalid", "csv parser");
  const std::unique_ptr<csv_parser, decltype(&csv_free)> freed(&parser, csv_free);
  // libcsv reports rows only, so the text is fed line by line and a row takes the line it began on.
  Reading reading{on_row, name};
  std::size_t line = 0;
  while (!text.empty()) {
    ++line;
    const auto end = text.find('\n');
    const auto piece = text.substr(0, end == std::string_view::npos ? text.size() : end + 1);
    text.remove_prefix(piece.size());
    if (csv_parse(&parser, piece.data(), piece.size(), on_cell, on_end_of_row, &reading) != piece.size())
      return refuse(line, csv_strerror(csv_error(&parser)));
    if (!reading.outcome) return reading.outcome;
    if (parser.pstate == kRowNotBegun) reading.row_began = line + 1;
  }
  if (csv_fini(&parser, on_cell, on_end_of_row, &reading) != 0) return refuse(line, csv_strerror(csv_error(&parser)));
  if (!reading.outcome) return reading.outcome;
  if (reading.columns == 0) return permanent("csv_invalid", std::string(name) + ": no header row");
  return {};
}

Result<CsvTable> parse_csv(std::string_view text, std::string_view name) {
  CsvTable table;
  const auto read = read_csv(text, name, [&](std::size_t line, std::span<const std::string> cells) -> Result<void> {
    if (table.header.empty())
      table.header.assign(cells.begin(), cells.end());
    else
      table.rows.push_back({line, {cells.begin(), cells.end()}});
    return {};
  });
  if (!read) return tl::unexpected(read.error());
  return table;
}

}  // namespace puente
