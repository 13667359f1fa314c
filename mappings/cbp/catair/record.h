// One CATAIR record is one constexpr table in CATAIR's own columns. Encoder, decoder, explain, documentation and tests
// read it.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace puente::cbp::catair {

enum class Class : std::uint8_t { A, N, SN, AN, D, X, S };  // letters, digits, (S)N, letters+digits, MMDDYY, any, space
enum class Status : std::uint8_t { mandatory, conditional, optional };
enum class Justify : std::uint8_t { left, right };
enum class Empty : std::uint8_t { spaces, zeros, never };  // what stands there when unused
enum class Confidence : std::uint8_t { high, medium, low };
// How a value reads outside the record. Numbers (N, SN) lose their fill and get their point, dates are YYYY-MM-DD.
enum class Form : std::uint8_t {
  by_class,  // N and SN are numbers, D is a date, the rest is text
  code,      // printed N, but a code, a time or a line number: digits are kept as they stand
  date,      // printed N, but MMDDYY
  prose,     // words for people: the one form that may be cut to its width, with a finding
};

struct Field {
  std::string_view name;   // snake_case, the reference's own
  int start = 0, end = 0;  // positions 1..80, inclusive
  Class cls = Class::S;
  Status status = Status::mandatory;
  Justify justify = Justify::left;
  int decimals = 0;  // implied
  Empty empty = Empty::spaces;
  std::string_view values;  // closed list, ';' separated, "" = open
  std::string_view title;   // CBP's name
  std::string_view rule;
  Confidence confidence = Confidence::high;
  Form form = Form::by_class;
  std::string_view also =
      {};  // characters that real data carry beyond the class (CBP prints AN, its own samples differ)
  constexpr int width() const { return end - start + 1; }
  constexpr bool is_filler() const { return name.starts_with("filler"); }
  constexpr bool is_date() const { return cls == Class::D || form == Form::date; }
  constexpr bool is_number() const { return (cls == Class::N || cls == Class::SN) && form == Form::by_class; }
};

// The columns that tell this layout from others of the same control identifier: it applies when the text there,
// trimmed, is one of `values` (';' separated, an empty one stands for blanks). start 0: the layout applies always.
struct Selector {
  int start = 0, end = 0;
  std::string_view values;
};

struct Record {
  std::string_view
      application;      // "SE" (and SX), "AE", "AX", "SO"; "" for the envelope sent, "ANSWER" for CBP's envelope
  std::string_view id;  // "SE10", "50", "A"; a layout among several of one identifier: "54/08", "B/ACE"
  std::string_view title;
  std::string_view source;  // CATAIR chapter and date
  std::span<const Field> fields;
  Selector selector = {};
  // The control identifier on the wire.
  constexpr std::string_view control_id() const { return id.substr(0, id.find('/')); }
};

// Every layout Puente knows, by application and then in the order of transmission.
std::span<const Record* const> all_records();
// The layout of one application by its id, or null: find_record("AE", "50").
const Record* find_record(std::string_view application, std::string_view id);
// A field of a record by its name, or null.
const Field* find_field(const Record& record, std::string_view name);

// Contiguous and disjoint from 1 to 80, names unique: checked at compile time for every table.
consteval bool tiles(std::span<const Field> fields) {
  int next = 1;
  for (const Field& field : fields) {
    if (field.start != next || field.end < field.start) return false;
    next = field.end + 1;
    for (const Field& other : fields)
      if (&other != &field && other.name == field.name) return false;
  }
  return next == 81;
}

}  // namespace puente::cbp::catair
