// One CATAIR record is one constexpr table in CATAIR's own columns. Encoder, decoder, explain, documentation and tests read it.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace puente::cbp::catair {

enum class Class : std::uint8_t { A, N, SN, AN, D, X, S };      // letters, digits, (S)N, letters+digits, MMDDYY, any, space
enum class Status : std::uint8_t { mandatory, conditional, optional };
enum class Justify : std::uint8_t { left, right };
enum class Empty : std::uint8_t { spaces, zeros, never };       // what stands there when unused
enum class Confidence : std::uint8_t { high, medium, low };

struct Field {
  std::string_view name;        // snake_case, the reference's own
  int start = 0, end = 0;       // positions 1..80, inclusive
  Class cls = Class::S;
  Status status = Status::mandatory;
  Justify justify = Justify::left;
  int decimals = 0;             // implied
  Empty empty = Empty::spaces;
  std::string_view values;      // closed list, ';' separated, "" = open
  std::string_view title;       // CBP's name
  std::string_view rule;
  Confidence confidence = Confidence::high;
  constexpr int width() const { return end - start + 1; }
};

struct Record {
  std::string_view application;  // "SE", "AE", "AX", "" for the envelope
  std::string_view id;           // "SE10", "50", "A"
  std::string_view title;
  std::string_view source;       // CATAIR chapter and date
  std::span<const Field> fields;
};

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
