// Where a document, shipment or filing stands, in words: its state from the lifecycle table, its cause from the
// findings catalogue, who must act, and what happens next. No state is named here: what a state means stands in the
// lifecycle table alone. Pure; any thread.
#pragma once

#include <string>
#include <vector>

#include "gateway/ledger/rows.h"
#include "puente/v1/gateway.pb.h"

namespace puente::flow {

using FindingList = google::protobuf::RepeatedPtrField<v1::Finding>;

v1::Standing standing_of(const ledger::DocumentRow& row, const FindingList& findings);
v1::Standing standing_of(const ledger::FilingRow& row, const FindingList& findings, ledger::Micros now);
// Of the shipment alone; `missing` are codes of the catalogue.
v1::Standing standing_of(const ledger::ShipmentRow& row, const std::vector<std::string>& missing,
                         const FindingList& findings);
// What the whole waits for: owner, exception, next_* of the part that stops it, else of the part that moves next.
void take_next(v1::ShipmentStatus& shipment);

}  // namespace puente::flow
