// Numbers. First those that people have in hand: which kinds there are, and the one form in which each is kept and
// looked for. Then those that must be unique: entry numbers out of the broker's ranges, shipment control numbers out of
// the carrier's. Allocated once in the ledger and never given again, even when the draft they were for is dropped
// (entry-mapping EM011). Pure but for the ledger; any thread.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/ledger/ledger.h"
#include "mappings/crosswalk/profile.h"

namespace puente::flow {

struct NumberKind {
  std::string_view kind;    // as in ledger::NumberRow
  std::string_view es, en;  // what people call it
};
// Every kind that a number is tried as.
std::span<const NumberKind> number_kinds();

// The form a number is kept in: letters and digits, upper case ("exp-10452" and "EXP 10452" are "EXP10452"); a folio
// fiscal or IdCCP with its dashes, typed with them or not. Text without any letter or digit stays as it is.
std::string number_form(std::string_view written);
// The forms to look for what a person typed: its own and that of number_form.
std::vector<std::string> number_forms(std::string_view typed);
// What a form leads to: what was kept under it, and the documents whose id or folio fiscal it is, of which no number is
// kept.
std::vector<ledger::NumberRow> find_number(ledger::Reader& reader, std::string_view form);
// Keeps a number in its form. Faults: the ledger's.
Result<void> index_number(ledger::Writer& writer, std::string_view kind, std::string_view written,
                          std::string_view object, std::string_view object_id);

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
