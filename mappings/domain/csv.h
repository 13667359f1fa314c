// Reading CSV as RFC 4180 writes it (libcsv underneath): comma, double quotes, header row, UTF-8 with or without BOM.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mappings/domain/result.h"

namespace puente {

struct CsvTable {
  struct Row {
    std::size_t line = 0;            // line of the file where the row begins, from 1
    std::vector<std::string> cells;  // as many as the header has; missing cells are empty
  };
  std::vector<std::string> header;
  std::vector<Row> rows;

  // Index of a column, or npos.
  static constexpr std::size_t npos = static_cast<std::size_t>(-1);
  std::size_t column(std::string_view name) const;
};

// The rows of a text one by one, the header first; `cells` are valid during the call and, after the header, as many as
// it has. A fault that `on_row` returns ends the reading and is returned. Faults: as parse_csv.
using OnCsvRow = std::function<Result<void>(std::size_t line, std::span<const std::string> cells)>;
Result<void> read_csv(std::string_view text, std::string_view name, const OnCsvRow& on_row);

// The whole table. `name` is used in the fault's text. Faults: csv_invalid (not UTF-8, NUL characters, semicolons as
// separator, not RFC 4180, a row longer than the header, no header); the text begins with name:line.
Result<CsvTable> parse_csv(std::string_view text, std::string_view name);

}  // namespace puente
