// What CBP and the filer may have of a shipment: read from the filings of one entry and kind, in order of revision.
#pragma once

#include <string_view>
#include <vector>

#include "gateway/ledger/ledger.h"

namespace puente::flow {

// All filings of one shipment, importer and kind, in order of revision.
using Chain = std::vector<ledger::FilingRow>;
Chain chain_of(ledger::Reader& reader, std::string_view shipment_id, std::string_view importer, std::string_view kind);

bool over(const ledger::FilingRow& row);     // replaced or cancelled
bool waiting(const ledger::FilingRow& row);  // held, ready, refused, or a dead letter that the filer does not have
// With the filer and unanswered, or nobody knows: offered, in doubt, or a dead letter of one in doubt. Nothing takes
// its place before the filer has answered.
bool in_flight(const ledger::FilingRow& row);
bool taken(const ledger::FilingRow& row);  // confirmed, accepted or released
// Whether CBP was given this filing, whatever came after it.
bool reached(const ledger::FilingRow& row);
// Whether the filer has it, or had it and said nothing that shows it did not file it.
bool with_filer(const ledger::FilingRow& row);

// Whether CBP may have an entry of this chain on file. A rejected replacement leaves what it would have replaced.
bool on_file(const Chain& chain);
// Whether the filer or CBP may have an entry of this shipment.
bool given_away(ledger::Reader& reader, std::string_view shipment_id);

}  // namespace puente::flow
