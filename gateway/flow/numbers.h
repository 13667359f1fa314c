// Numbers that must be unique: entry numbers out of the broker's ranges, shipment control numbers out of the carrier's.
// Allocated once in the ledger and never given again, even when the draft they were for is dropped (entry-mapping
// EM011).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/ledger/ledger.h"
#include "mappings/crosswalk/profile.h"

namespace puente::flow {

// The next entry number after `previous` ("" before the first) in the ranges `first..last` of 8 digits with check
// digit. The filer's factor of the check digit is read off the range's own first number.
std::optional<std::string> next_entry_number(std::string_view filer_code, const std::vector<std::string>& ranges,
                                             std::string_view previous);

// 8 digits with check digit of a number as the filer wrote it: "01234565", "B7P01234565", "B7P-0123456-5". Nothing when
// it is not 8 digits or names another filer's code.
std::optional<std::string> entry_number_digits(std::string_view filer_code, std::string_view written);
bool entry_number_checks(std::string_view filer_code, std::string_view digits, const std::vector<std::string>& ranges);

// Faults: numbers_exhausted, and the ledger's.
Result<std::string> allocate_entry_number(ledger::Writer& writer, const crosswalk::ProfileSection& broker,
                                          std::string_view object);
Result<std::string> allocate_scn(ledger::Writer& writer, const crosswalk::ProfileSection& carrier,
                                 std::string_view object);

}  // namespace puente::flow
