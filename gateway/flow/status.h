// What a partner may see, told from events, findings and answers.
#pragma once

#include "gateway/flow/flow.h"

namespace puente::flow {

// Whose eyes: a sender sees the documents it sent and the shipments that hold one of them, a filer its filings, ops
// all. Inside a shipment that it sees, a sender sees its own documents and every filing; a filer sees its filings
// alone.
class Visibility {
 public:
  Visibility(ledger::Reader& reader, const PartnerScope& scope) : reader_(reader), scope_(scope) {}
  bool ops() const { return scope_.ops(); }
  bool document(const ledger::DocumentRow& row) const { return scope_.ops() || row.partner == scope_.partner; }
  bool shipment_as_sender(std::string_view shipment_id);
  bool filing(const ledger::FilingRow& row);
  bool event(const ledger::EventRow& row);

 private:
  ledger::Reader& reader_;
  const PartnerScope& scope_;
  std::map<std::string, bool, std::less<>> shipments_;
};

// What a number that a person has leads to, read in one snapshot. `now` decides which leases and waits are over. A
// number that is unknown and one that is somebody else's give the same reply, byte for byte.
v1::StatusReply status_of(ledger::Reader& reader, const PartnerScope& scope, std::string_view number,
                          ledger::Micros now);
std::vector<v1::StatusEvent> events_since(ledger::Reader& reader, const PartnerScope& scope, std::uint64_t& last,
                                          std::size_t limit);

}  // namespace puente::flow
