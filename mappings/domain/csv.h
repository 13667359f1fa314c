// Reading CSV as RFC 4180 writes it (libcsv underneath): comma, double quotes, header row, UTF-8 with or without BOM.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "mappings/domain/result.h"

namespace puente {

struct CsvTable {
  struct Row {
    std::size_t line = 0;  // line of the file where the row begins, from 1
    std::vector<std::string> cells;  // as many as the header has; missing cells are empty
  };
  std::vector<std::string> header;
  std::vector<Row> rows;

  // Index of a column, or npos.
  static constexpr std::size_t npos = static_cast<std::size_t>(-1);
  std::size_t column(std::string_view name) const;
};

// `name` is used in the fault's text. Faults: csv_invalid (not UTF-8, NUL characters, semicolons as separator, not RFC 4180,
// a row longer than the header, no header); the text begins with name:line.
Result<CsvTable> parse_csv(std::string_view text, std::string_view name);

}  // namespace puente
