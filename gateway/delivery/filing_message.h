// A filing as its filer receives it.
#pragma once

#include "gateway/ledger/rows.h"
#include "puente/v1/gateway.pb.h"

namespace puente::delivery {

v1::Filing filing_message(const ledger::FilingRow& row);

}  // namespace puente::delivery
