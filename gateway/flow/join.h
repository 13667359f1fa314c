// join: a document that was read finds the shipment it travels with, or opens one. Runs inside one commit with the
// drafting of that shipment (redraft).
#pragma once

#include "gateway/flow/assemble.h"

namespace puente::flow {

// Every key by which the document finds its shipment.
std::vector<std::string> link_keys_of(const ReadDocument& read);

// The shipment that the document will probably join ("" for none yet) and its documents in force then. A guess: what
// is kept and taken up with it, or refused a merger, is not looked at.
struct Expected {
  std::string shipment;
  std::vector<StoredDocument> documents;
};
Expected expected_join(ledger::Reader& reader, const StoredDocument& document, const Knowledge& knowledge,
                       const FlowOptions& options);

// Joins the document (state read) and gives the shipment that has to be drafted anew; "" when the document is only
// kept: an invoice or other CFDI that nothing of a crossing points to.
Result<std::string> join_document(ledger::Writer& writer, const ledger::DocumentRow& row, const ReadDocument& read,
                                  const Knowledge& knowledge, const FlowOptions& options);

// Other shipments that a document in force of one of the two names together with this one, where the filer or CBP may
// have entries of both. They are not merged; a person decides.
std::vector<std::string> on_file_with(ledger::Reader& reader, std::string_view shipment_id, const Knowledge& knowledge,
                                      const FlowOptions& options);

}  // namespace puente::flow
