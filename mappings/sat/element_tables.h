// The shape of the element tables: one row per element, one per attribute, for every supported complement and version.
//
// The tables (cfdi/v40, carta_porte/v31, comercio_exterior/v20, timbre/v11) are the only statement of structure: the
// reader, the structural check, the cadena original, the lineage paths and ELEMENTS.md all read them. Rows follow the
// official schemas, in their order, which is also the order of the cadena original unless ElementRow::cadena says else.
// Catalog codes name their list; whether a code is in it is another stage.
#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <type_traits>

#include "mappings/sat/pattern.h"

namespace puente::sat {

// An XML namespace and the prefix that Puente's paths use for it, whatever the document uses.
struct Namespace {
  std::string_view uri;
  std::string_view prefix;
  std::string_view title;    // "Carta Porte"
  std::string_view version;  // "3.1"
  std::string_view schema;   // where the SAT publishes it, behind kSchemas: "cfd/CartaPorte/CartaPorte31.xsd"
};
// Where all of them stand.
inline constexpr std::string_view kSchemas = "www.sat.gob.mx/sitio_internet/";

enum class Base : std::uint8_t { text, decimal, integer, date, date_time };
enum class Space : std::uint8_t { collapse, preserve };  // the whiteSpace facet

// A simple type with its facets, in the words of XML Schema part 2.
struct ValueType {
  Base base = Base::text;
  Space space = Space::collapse;
  std::uint16_t least_characters = 0, most_characters = 0;  // 0: no facet
  std::int8_t fraction_digits = -1;                         // -1: no facet
  bool no_pipe = false;                                     // [^|]: the mark that separates the cadena's fields
  const Pattern* pattern = nullptr;
  std::string_view minimum = {}, maximum = {};  // inclusive, "" when none
  std::string_view fixed = {};
  std::span<const std::string_view> values = {};  // closed list of the schema itself
  std::string_view catalog = {};                  // list of the SAT: c_Moneda
  std::string_view rule = {};                     // the authority's row that asks for a code of the list
  bool advice = false;                            // ours: what is not in the list is a warning
};

enum class Use : std::uint8_t { optional, required };
enum class Seal : std::uint8_t { sealed, unsealed };  // whether the value is part of the cadena original

struct AttributeRow {
  std::string_view name;
  ValueType type;
  Use use;
  Seal seal = Seal::sealed;
};

// Whether two names are the same. Names are short: their first and last bytes are most of them.
constexpr bool same_name(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  if (std::is_constant_evaluated()) return a == b;
  const auto ends_differ = [&]<typename Word>(Word) {
    Word words[4] = {};
    std::memcpy(&words[0], a.data(), sizeof(Word));
    std::memcpy(&words[1], b.data(), sizeof(Word));
    std::memcpy(&words[2], a.data() + a.size() - sizeof(Word), sizeof(Word));
    std::memcpy(&words[3], b.data() + b.size() - sizeof(Word), sizeof(Word));
    return ((words[0] ^ words[1]) | (words[2] ^ words[3])) != 0;
  };
  if (a.size() >= 8) return !ends_differ(std::uint64_t{}) && (a.size() <= 16 || a == b);
  if (a.size() >= 4) return !ends_differ(std::uint32_t{});
  return a == b;
}

// Which of an element's attributes has a name, by a hash of it that the compiler tables.
class AttributeIndex {
 public:
  static constexpr std::size_t kMost = 64;  // attributes of an element: a Node marks those it has in one word
  static constexpr std::size_t npos = kMost;

  constexpr explicit AttributeIndex(std::span<const AttributeRow> rows) {
    if (rows.size() > kMost) throw "more attributes than a Node can mark";
    for (std::size_t i = 0; i < rows.size(); ++i) {
      std::size_t place = place_of(rows[i].name);
      while (places_[place] != 0) place = (place + 1) % kPlaces;
      places_[place] = static_cast<std::uint8_t>(i + 1);
    }
  }

  // The place of the row with this name among `rows`, which are those the index was made of; npos when there is none.
  constexpr std::size_t find(std::span<const AttributeRow> rows, std::string_view name) const {
    return find(rows, name, place_of(name));
  }
  // The same where the hash is at hand.
  constexpr std::size_t find(std::span<const AttributeRow> rows, std::string_view name, std::size_t place) const {
    for (; places_[place] != 0; place = (place + 1) % kPlaces)
      if (same_name(rows[places_[place] - 1u].name, name)) return places_[place] - 1u;
    return npos;
  }

  static constexpr std::size_t place_of(std::string_view name) {
    if (name.empty()) return 0;
    const auto character = [&](std::size_t i) { return static_cast<std::size_t>(static_cast<unsigned char>(name[i])); };
    return (name.size() * 29 + character(0) * 7 + character(name.size() / 2) * 3 + character(name.size() - 1)) %
           kPlaces;
  }

 private:
  static constexpr std::size_t kPlaces = 128;   // never full
  std::array<std::uint8_t, kPlaces> places_{};  // 1 + row, 0 for none
};

// The name of an attribute as it stands in code, with its hash: found when the code is compiled.
class AttributeName {
 public:
  template <std::size_t kSize>
  consteval AttributeName(const char (&text)[kSize])  // NOLINT(google-explicit-constructor): a name is its text
      : AttributeName(std::string_view(text, kSize - 1)) {}
  consteval explicit AttributeName(std::string_view text) : text_(text), place_(AttributeIndex::place_of(text)) {}
  constexpr std::string_view text() const { return text_; }
  constexpr std::size_t place() const { return place_; }

 private:
  std::string_view text_;
  std::size_t place_;
};

enum class Content : std::uint8_t {
  children,             // the rows of `children`, in their order
  complements,          // any complement, in any order; `children` are those Puente reads
  concept_complements,  // at least one complement of a concept; Puente reads none
  ignored,              // not read: Addenda, which the seal does not cover
};

struct ChildRow;

struct ElementRow {
  std::string_view name;
  const Namespace* space;
  std::span<const AttributeRow> attributes;
  std::span<const ChildRow> children;
  Content content = Content::children;
  // Order of the cadena original where it is not "attributes, then children": "@Name" an attribute, "Name" the children
  // of that name.
  std::span<const std::string_view> cadena = {};
  AttributeIndex index{attributes};  // of `attributes`
};

inline constexpr std::uint32_t kMany = UINT32_MAX;

struct ChildRow {
  const ElementRow* element;
  std::uint32_t least, most;
};

// The words of the tables.
namespace row {

inline constexpr auto required = Use::required;
inline constexpr auto optional = Use::optional;
inline constexpr auto unsealed = Seal::unsealed;
inline constexpr int kAnyDecimals = -1;

consteval ValueType free_text(std::uint16_t least, std::uint16_t most) {
  return {.least_characters = least, .most_characters = most};
}
// Text without '|'.
consteval ValueType text(std::uint16_t least, std::uint16_t most) {
  return {.least_characters = least, .most_characters = most, .no_pipe = true};
}
consteval ValueType matching(const Pattern& pattern, std::uint16_t least = 0, std::uint16_t most = 0) {
  return {.least_characters = least, .most_characters = most, .pattern = &pattern};
}
// A code of a list; `rule` is the authority's row that asks for it (validation-rules.csv), "" where only the schema
// does.
consteval ValueType code(std::string_view catalog, std::string_view rule = "") {
  return {.catalog = catalog, .rule = rule};
}
// A code whose list is too long for the schema, which states its shape.
consteval ValueType code(std::string_view catalog, const Pattern& pattern, std::string_view rule = "") {
  return {.pattern = &pattern, .catalog = catalog, .rule = rule};
}
consteval ValueType advised_code(std::string_view catalog, std::string_view rule) {
  return {.catalog = catalog, .rule = rule, .advice = true};
}
consteval ValueType one_of(std::span<const std::string_view> values) { return {.values = values}; }
consteval ValueType fixed(std::string_view value) { return {.fixed = value}; }
consteval ValueType preserved(ValueType type) {
  type.space = Space::preserve;
  return type;
}
consteval ValueType decimal(int fraction_digits, std::string_view minimum, std::string_view maximum = "") {
  return {.base = Base::decimal,
          .fraction_digits = static_cast<std::int8_t>(fraction_digits),
          .minimum = minimum,
          .maximum = maximum};
}
consteval ValueType patterned_decimal(const Pattern& pattern, int fraction_digits, std::string_view minimum) {
  ValueType type = decimal(fraction_digits, minimum);
  type.pattern = &pattern;
  return type;
}
consteval ValueType integer(std::string_view minimum, std::string_view maximum = "2147483647") {
  return {.base = Base::integer, .minimum = minimum, .maximum = maximum};
}

}  // namespace row

// Patterns and types that several tables share, as tdCFDI.xsd and the complements write them.
namespace row {

inline constexpr Pattern kUuid("[a-f0-9A-F]{8}-[a-f0-9A-F]{4}-[a-f0-9A-F]{4}-[a-f0-9A-F]{4}-[a-f0-9A-F]{12}");
inline constexpr Pattern kRfc("[A-Z&Ñ]{3,4}[0-9]{2}(0[1-9]|1[012])(0[1-9]|[12][0-9]|3[01])[A-Z0-9]{2}[0-9A]");
inline constexpr Pattern kRfcMoral("[A-Z&Ñ]{3}[0-9]{2}(0[1-9]|1[012])(0[1-9]|[12][0-9]|3[01])[A-Z0-9]{2}[0-9A]");
inline constexpr Pattern kCurp(
    "[A-Z][AEIOUX][A-Z]{2}[0-9]{2}(0[1-9]|1[012])(0[1-9]|[12][0-9]|3[01])[MHX]"
    "([ABCMTZ]S|[BCJMOT]C|[CNPST]L|[GNQ]T|[GQS]R|C[MH]|[MY]N|[DH]G|NE|VZ|DF|SP)[BCDFGHJ-NP-TV-Z]{3}[0-9A-Z][0-9]");
inline constexpr Pattern kPedimento("[0-9]{2}  [0-9]{2}  [0-9]{4}  [0-9]{7}");
inline constexpr Pattern kDigits4("[0-9]{4}");
inline constexpr Pattern kDigits5("[0-9]{5}");
inline constexpr Pattern kDigits8("[0-9]{8}");
inline constexpr Pattern kDigits10("[0-9]{10}");
inline constexpr Pattern kDigits20("[0-9]{20}");
// The dot is not escaped in the official pattern; the decimal base type makes it one.
inline constexpr Pattern kImportePattern("[0-9]{1,18}(.[0-9]{1,6})?");
inline constexpr Pattern kYearPattern("(19[0-9]{2}|20[0-9]{2})");
inline constexpr Pattern kFechaPattern("((19|20)[0-9][0-9])-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])");
inline constexpr Pattern kFechaHoraPattern(
    "(20[1-9][0-9])-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T(([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9])");

inline constexpr ValueType kAnyText = {};
inline constexpr ValueType kImporte = patterned_decimal(kImportePattern, 6, "0");
inline constexpr ValueType kYear = {
    .base = Base::integer, .pattern = &kYearPattern, .minimum = "-2147483648", .maximum = "2147483647"};
inline constexpr ValueType kFecha = {.base = Base::date, .pattern = &kFechaPattern};
inline constexpr ValueType kFechaHora = {.base = Base::date_time, .pattern = &kFechaHoraPattern};

}  // namespace row

// The root of the supported version, and everything below it.
const ElementRow& comprobante_row();
// The root of CFDI 3.3, read only as far as its refusal and its stamp need.
const ElementRow& refused_comprobante_row();
const ElementRow& timbre_row();
const ElementRow& carta_porte_row();
const ElementRow& comercio_exterior_row();
// Whether some table has this element, at whatever place.
bool is_known_element(std::string_view uri, std::string_view name);
// Whether it is the namespace of one of the tables: what they do not have in it, nobody has.
const Namespace* known_namespace(std::string_view uri);  // nullptr for another

}  // namespace puente::sat
