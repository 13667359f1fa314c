// What becomes of filings by time alone: leases that are over, filings that were not delivered in time, filings whose
// filer the registry does not name. Each function is one read, and one write where there is something to change.
#pragma once

#include <vector>

#include "gateway/delivery/delivery.h"

namespace puente::delivery {

// Why a dead letter is one; the third is ledger::kUnanswered.
inline constexpr std::string_view kNeverTaken = "FILING_NEVER_TAKEN";
inline constexpr std::string_view kPutOff = "FILING_PUT_OFF";

struct Sweep {
  std::vector<ledger::FilingRow> expired;  // in doubt now
  std::size_t given_up = 0;
};

// A fault of the store leaves what it could not change for the next time.
Sweep swept(ledger::Ledger& ledger, const DeliveryOptions& options, ledger::Micros now);

// Marks what waits for a filer that is not there (cause FILER_UNKNOWN), and takes the mark from what need not.
void mark_unknown_filers(ledger::Ledger& ledger, const partners::Registry& registry, ledger::Micros now);

bool is_filer(const partners::Registry& registry, std::string_view partner);

}  // namespace puente::delivery
