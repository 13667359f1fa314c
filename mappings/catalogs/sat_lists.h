// The code lists of the SAT (c_Moneda, c_FraccionArancelaria...): which codes there are, from when to when, and what
// the rules need to know of each.
//
// A list is looked up by value and by the document's date. Small closed lists are embedded; those that the SAT renews
// are loaded from CSV by whoever calls, and are not there until then. A SatLists is an immutable snapshot: safe on
// several threads, every view lives as long as it does. Source: reference sat/catalogs; data/README.md.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mappings/domain/date.h"
#include "mappings/domain/result.h"

namespace puente::catalogs {

// What it means that a code is not in the list, or that its dates do not cover the day.
enum class Absence : std::uint8_t {
  wrong,     // the code is not the SAT's
  unproven,  // the list at hand may be older than the code
};

enum class Keeping : std::uint8_t {
  embedded,  // a table of the project; a loaded list of the same name takes its place
  loaded,    // with `puente catalogs load`
};

// A row of the table of lists: the only statement of which lists there are. The columns of its CSV are found by name;
// vigencia_desde and vigencia_hasta are read where the CSV has them.
struct SatListKind {
  std::string_view name;
  Keeping keeping = Keeping::embedded;
  Absence absence = Absence::wrong;
  std::array<std::string_view, 3> key = {"clave"};  // columns that make a row unique, with the dates
  std::array<std::string_view, 7> kept = {};        // columns that somebody reads

  constexpr std::size_t key_size() const { return key[1].empty() ? 1 : key[2].empty() ? 2 : 3; }
  constexpr bool by_code_alone() const { return key_size() == 1; }
};

std::span<const SatListKind> sat_list_kinds();
// The index of a list in the table; nullopt for a name that is not in it.
std::optional<std::size_t> sat_list_index(std::string_view name);

enum class Standing : std::uint8_t { absent, out_of_force, in_force };

// What a list says of a code on a day.
class SatCode {
 public:
  SatCode() = default;
  Standing standing() const { return standing_; }
  bool known() const { return standing_ != Standing::absent; }  // with whatever dates
  // A kept column; "" for a code that is not listed. Aborts on a column that the table does not keep.
  std::string_view text(std::string_view column) const;

 private:
  friend class SatList;
  Standing standing_ = Standing::absent;
  const SatListKind* kind_ = nullptr;
  std::string_view cells_;  // the kept columns, each ended by NUL
};

class SatList {
 public:
  // Faults: csv_invalid (not CSV, a column missing, a date that is none, a key that is empty or longer than 64 bytes,
  // no row); the text begins with name:line. `name` must be in the table.
  static Result<std::shared_ptr<const SatList>> parse(std::string_view name, std::string_view csv);

  // The row of the key that is in force on the day, else the last one of the key. As many parts as the key has columns.
  // Before the first date of the list its first state holds: a list says nothing of the time before it.
  SatCode find(std::initializer_list<std::string_view> key, const Date& date) const;
  std::size_t rows() const { return rows_.size(); }
  // The rows one by one, by key, for what is not looked up by its key.
  SatCode row(std::size_t index, const Date& date) const;
  const SatListKind& kind() const { return *kind_; }
  std::size_t memory() const;  // bytes

 private:
  struct Row {
    std::uint32_t offset;                // of the key in text_
    std::int32_t from, to;               // days since 1970-01-01, both inclusive
    std::uint16_t key_size, cells_size;  // the cells stand behind the key
  };
  std::string_view key_of(const Row& row) const;
  SatCode code_of(const Row& row, std::int32_t day) const;
  void index();

  const SatListKind* kind_ = nullptr;
  std::string text_;
  std::int32_t first_day_ = 0;
  std::vector<Row> rows_;               // by key, then by date
  std::vector<std::uint32_t> buckets_;  // hash of the key -> index of its first row, plus one
};

class SatLists {
 public:
  // The embedded lists alone. Aborts where one is malformed: they are part of the build.
  static std::shared_ptr<const SatLists> embedded();
  // The embedded lists with these beside or in place of them.
  static std::shared_ptr<const SatLists> with(std::span<const std::shared_ptr<const SatList>> loaded);

  const SatList* list(std::size_t index) const { return lists_[index].get(); }  // null: not loaded
  const SatList* list(std::string_view name) const;                             // null also for an unknown name

 private:
  std::vector<std::shared_ptr<const SatList>> lists_;  // in the order of the table
};

// The bytes of an embedded list's CSV; "" for a list that is not embedded.
std::string_view embedded_sat_list(std::string_view name);

}  // namespace puente::catalogs
