// One element of a record, to and from its columns, by the rules of its table row: class, justification, fill, implied
// decimals, closed list. Both directions read the same row. Pure; safe from any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "mappings/cbp/catair/record.h"

namespace puente::cbp::catair {

enum class Misfit : std::uint8_t {
  none,
  missing,     // blank where something must stand
  character,   // characters the class does not allow
  too_long,    // more than the columns hold, or more decimals than are implied
  not_number,  // N or SN, and not a number of zero or more
  not_date,    // not a calendar date of 2000 to 2099
  not_listed,  // not in the closed list
};

// A value in its columns. `columns` is always as wide as the field; blank when the misfit is other than not_listed.
struct Placed {
  std::string columns;
  Misfit misfit = Misfit::none;
};
// Values as DecodedElement has them: numbers with their point ("1234.50"), dates YYYY-MM-DD, text in CBP's characters.
// An empty value is blank columns, without a misfit.
Placed place(const Field& field, std::string_view value);

// What stands in the columns. `text` without fill; `value` typed, or `text` again where a misfit forbids the type.
struct Taken {
  std::string text, value;
  Misfit misfit = Misfit::none;
};
Taken take(const Field& field, std::string_view columns);

// The columns of an element that is not used, by the table's empty rule (never: blanks).
std::string unused(const Field& field);

// Whether the character may stand in the field: class, the characters beyond it, and spaces.
bool may_stand(const Field& field, char character);
// Whether the closed list of the field holds the value; an open list holds every value.
bool is_listed(const Field& field, std::string_view value);
// Whether one of a ';' separated list equals the value.
bool list_has(std::string_view list, std::string_view value);

std::string_view trim_right(std::string_view text);
std::string_view trim(std::string_view text);

}  // namespace puente::cbp::catair
