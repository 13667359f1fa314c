// 80-column records for people: what decode and explain print alike. At most 100 columns wide.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "gateway/app/terminal.h"
#include "mappings/cbp/catair/record.h"

namespace puente::app {

inline constexpr std::size_t kTextWidth = 100;
inline constexpr std::string_view kElementIndent = "     ";

// The tens and the ones of the 80 positions, above the record.
void print_ruler(Printer& printer);
void print_record_line(Printer& printer, std::size_t line, std::string_view text);
// "  34-43  importer_of_record        "74-123456700"          EM012"
void print_element(Printer& printer, const cbp::catair::Field& field, std::string_view value, std::string_view rule);

}  // namespace puente::app
