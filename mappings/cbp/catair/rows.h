// The vocabulary of the record tables in records/: class, status, fill and form names without their enum, and rows that
// are the same in every record. Included by the tables only.
#pragma once

#include "mappings/cbp/catair/record.h"

namespace puente::cbp::catair::records {

using enum Class;
using enum Status;
using enum Justify;
using enum Empty;
using enum Confidence;

inline constexpr std::string_view kCargoReleaseChapter = "CATAIR Cargo Release v40 (2025-07-01)";
inline constexpr std::string_view kStatusChapter =
    "CATAIR SO Status Notification rev 36 (2025-09) as transcribed publicly; same layout as WO records of CATAIR CQ "
    "v21 "
    "(2025-09)";

// The control identifier that opens a record.
constexpr Field control(std::string_view name, int start, int end, Class cls, std::string_view text) {
  return {name, start, end, cls, mandatory, left, 0, never, text, "Control Identifier", ""};
}

// Positions that hold spaces; `cls` is the class CBP prints for them.
constexpr Field filler(std::string_view name, int start, int end, Class cls = S, std::string_view rule = "") {
  return {name, start, end, cls, mandatory, left, 0, spaces, "", "Filler", rule};
}

}  // namespace puente::cbp::catair::records
