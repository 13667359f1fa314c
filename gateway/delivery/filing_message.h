// A filing as its filer receives it.
#pragma once

#include <optional>

#include "gateway/ledger/rows.h"
#include "puente/v1/gateway.pb.h"

namespace puente::delivery {

// Its draft is passed on as it is stored: the message holds it as an unknown field of number 11, which is written as
// what was read would be and parsed by whoever receives it. `draft()` of this message itself is empty.
v1::Filing filing_message(const ledger::FilingRow& row, const std::optional<ledger::FilingDraft>& draft);

// The same with its draft read, for a channel that looks into it here.
v1::Filing with_draft_read(const v1::Filing& filing);

}  // namespace puente::delivery
