// Reading the embedded lists; private to this room.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mappings/catalogs/catalogs.h"
#include "mappings/domain/csv.h"

namespace puente::catalogs {

// One row of an embedded list. Every accessor aborts, naming file and line, for a column that the list does not have
// and for a cell that is not of the asked type: the lists are part of the build.
class Cells {
 public:
  Cells(std::string_view file, const CsvTable& table, const CsvTable::Row& row)
      : file_(file), table_(table), row_(row) {}

  const std::string& text(std::string_view column) const;
  std::optional<Date> date(std::string_view column) const;
  std::optional<Decimal> decimal(std::string_view column) const;
  int integer(std::string_view column) const;
  bool yes(std::string_view column) const;                       // Y or N
  std::optional<bool> known_yes(std::string_view column) const;  // Y, N, or blank or ? for unknown
  std::vector<std::string> words(std::string_view column) const;
  Validity validity(std::string_view from, std::string_view to) const { return {date(from), date(to)}; }

  // The value that the name stands for in `names`.
  template <typename Value, std::size_t N>
  Value one_of(std::string_view column, const std::pair<std::string_view, Value> (&names)[N]) const {
    const std::string& name = text(column);
    for (const auto& [known, value] : names)
      if (known == name) return value;
    malformed(column, "unknown name");
  }

  [[noreturn]] void malformed(std::string_view column, std::string_view why) const;

 private:
  std::string_view file_;
  const CsvTable& table_;
  const CsvTable::Row& row_;
};

// Rows of an embedded list; calls visit(Cells) for each. Aborts where the list is not CSV.
CsvTable load_embedded(std::string_view file);

template <typename Visit>
void for_each_row(std::string_view file, Visit visit) {
  const CsvTable table = load_embedded(file);
  for (const auto& row : table.rows) visit(Cells(file, table, row));
}

// A list whose rows have one key each.
template <typename Row>
class KeyedList {
 public:
  // The first row of a key stands; says whether the row was taken.
  bool add(std::string key, Row row) { return rows_.try_emplace(std::move(key), std::move(row)).second; }
  const Row* find(std::string_view key) const {
    const auto found = rows_.find(key);
    return found == rows_.end() ? nullptr : &found->second;
  }
  Row* find(std::string_view key) {
    const auto found = rows_.find(key);
    return found == rows_.end() ? nullptr : &found->second;
  }

 private:
  std::map<std::string, Row, std::less<>> rows_;  // nodes stay where they are: pointers to rows are stable
};

// make(Cells) gives optional<pair<key, Row>>; a key that comes twice is a malformed list.
template <typename Row, typename Make>
KeyedList<Row> load_keyed(std::string_view file, Make make) {
  KeyedList<Row> list;
  for_each_row(file, [&](const Cells& cells) {
    std::optional<std::pair<std::string, Row>> made = make(cells);
    if (made && !list.add(std::move(made->first), std::move(made->second))) cells.malformed("key", "comes twice");
  });
  return list;
}

}  // namespace puente::catalogs
