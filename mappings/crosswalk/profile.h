// Partner profiles and the product catalog: what no SAT document holds (reference: mapping section 15). TOML and CSV
// in, typed rows out; every value keeps its key for the lineage. Immutable after loading, shared between threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mappings/domain/date.h"
#include "mappings/domain/decimal.h"
#include "mappings/domain/result.h"

namespace puente::crosswalk {

// The keys a partner file may hold: one row each, the only statement of name, shape and need. Reader, completeness
// check and documentation read it.
enum class Shape : std::uint8_t {
  text,
  flag,             // true or false
  count,            // whole number, not negative
  list,             // texts
  decimal,          // not negative, as text
  date,             // YYYY-MM-DD
  date_or_span,     // YYYY-MM-DD, or two of them joined by ..
  date_time,        // with seconds and zone
  digits,           // as many as `values` says, or any number
  alphanumeric,     // A-Z0-9, as many as `values` says ("3", "8-15"), or any number
  importer_number,  // NN-NNNNNNNXX, YYDDPP-NNNNN, NNN-NN-NNNN
  rfc,
  scac,
  alpha2,         // country
  heading99,      // 9903.88.03
  specific_rate,  // 0.112 USD/KG
  rate,           // fraction of value, at most 10 (1000%), as text
  package_code,   // X code of c_ClaveUnidad
  case_number,    // AD and CVD: ten of A-Z0-9, hyphens do not count
  entry_ranges,   // list of first..last, eight digits each
  one_of          // of `values`, separated by blanks
};

struct ProfileKey {
  std::string_view object;  // broker, importer, ...
  std::string_view key;     // dotted; N stands for a list item's number from 1, * for any name
  Shape shape = Shape::text;
  std::string_view values;   // what the shape needs to know
  std::string_view missing;  // finding code when absent; "" where absence is no fault or depends on the shipment
  std::string_view meaning;
};
std::span<const ProfileKey> profile_keys();

// Columns of the product catalog; `missing` as above.
struct CatalogColumn {
  std::string_view column;
  Shape shape = Shape::text;
  std::string_view values;
  std::string_view missing;
  std::string_view meaning;
};
std::span<const CatalogColumn> catalog_columns();

// One section [object.name] of a partner file. Keys are dotted below the section ("contact.phone").
class ProfileSection {
 public:
  std::string object;  // broker, importer, supplier, carrier, routing, rules, reference, ...
  std::string name;    // handle; "" for [rules]
  std::optional<std::string_view> text(std::string_view key) const;
  std::optional<bool> flag(std::string_view key) const;
  std::vector<std::string> list(std::string_view key) const;  // arrays of text
  std::string path(std::string_view key) const;               // importer.rio-grande.ior_number
  std::vector<const ProfileKey*> missing_keys() const;        // required keys that are absent, in order of the table
  std::string file;                                           // where the section stands
  std::map<std::string, std::size_t, std::less<>> lines;      // key -> line of the file
  std::map<std::string, std::vector<std::string>, std::less<>> values;  // scalars as one text ("true", "12")
};

class Profiles {
 public:
  // `files`: pairs of file name and TOML text. Faults: profile_invalid (file, line, key: unknown key or section,
  // section twice, empty text, a float, a value of the wrong shape).
  static Result<std::shared_ptr<const Profiles>> parse(const std::vector<std::pair<std::string, std::string>>& files);

  std::vector<const ProfileSection*> of(std::string_view object) const;  // in order of name
  const ProfileSection* importer_by_tax_id(std::string_view digits, std::size_t* matches = nullptr) const;
  const ProfileSection* supplier_by_rfc(std::string_view rfc) const;
  const ProfileSection* carrier_by_rfc(std::string_view rfc) const;
  const ProfileSection* carrier_by_scac(std::string_view scac) const;
  const ProfileSection* routing_by_port(std::string_view port) const;  // without a port: the only section
  const ProfileSection* broker() const;                                // the only section, or nullptr
  const ProfileSection& rules() const;                                 // empty section when absent
  const ProfileSection* currency(std::string_view currency) const;     // [reference.cbp_fx.CUR]

 private:
  std::vector<ProfileSection> sections_;
  ProfileSection no_rules_;
};

struct CatalogRow {
  std::size_t line = 0;  // of the CSV file
  std::string file;
  std::map<std::string, std::string, std::less<>> cells;  // column -> non-empty cell
  std::optional<std::string_view> text(std::string_view column) const;
  std::optional<Decimal> decimal(std::string_view column) const;
  std::optional<Date> date(std::string_view column) const;
};

class ProductCatalog {
 public:
  // Faults: catalog_invalid (file:line, column): unknown column, cell of the wrong shape, the same part twice.
  static Result<std::shared_ptr<const ProductCatalog>> parse(std::string_view file, std::string_view csv);
  // Part without regard to case; a row of the supplier wins over a row for any supplier.
  const CatalogRow* find(std::string_view part, std::string_view supplier_rfc) const;
  std::size_t size() const { return rows_.size(); }

 private:
  std::vector<CatalogRow> rows_;
  std::map<std::pair<std::string, std::string>, std::size_t> index_;
};

}  // namespace puente::crosswalk
