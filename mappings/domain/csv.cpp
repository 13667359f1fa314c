#include "mappings/domain/csv.h"

#include <csv.h>

#include <algorithm>
#include <cstddef>

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

Result<CsvTable> parse_csv(std::string_view text, std::string_view name) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  const auto refuse = [&](std::size_t at, std::string_view why) -> Result<CsvTable> {
    return permanent("csv_invalid",
                     std::string(name) + ":" + std::to_string(line_of(text, at)) + ": " + std::string(why));
  };
  // Cells reach filed text, so bytes of another encoding (Latin-1, UTF-16 of a spreadsheet) are never guessed at.
  if (const std::size_t at = text.find('\0'); at != std::string_view::npos)
    return refuse(at, "NUL character (save as CSV UTF-8)");
  if (const std::size_t at = first_not_utf8(text); at != kWellFormed)
    return refuse(at, "not UTF-8 (save as CSV UTF-8)");
  if (const std::string_view header = text.substr(0, text.find_first_of("\r\n"));
      header.find(';') != std::string_view::npos && header.find(',') == std::string_view::npos)
    return refuse(0, "the header is separated by semicolons; the separator must be a comma");
  csv_parser parser;
  if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI) != 0) return permanent("csv_invalid", "csv parser");
  CsvTable table;
  // Physical line numbers: libcsv reports rows only, so the text is fed line by line and rows take the line they began
  // on.
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
