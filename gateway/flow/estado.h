// What the SAT's word on a document means: one table (estado.cpp). A question in vain never stops or loses anything; it
// is a warning until the SAT has answered. Cancelado is final: the document counts no longer, and its shipment is
// drafted without it. Run inside a commit; asking itself is flow/asking.
#pragma once

#include <optional>
#include <string>

#include "gateway/flow/assemble.h"
#include "mappings/sat/estado.h"

namespace puente::flow {

// Whether the SAT is to be asked: sealed, accepted, and nothing says that its stamp is not the SAT's.
bool askable(const ReadDocument& read);

// A document of an open shipment that ought to be asked for and is not yet, or not any more: due now. Gives its row.
Result<std::optional<ledger::EstadoRow>> enrol(ledger::Writer& writer, const StoredDocument& document,
                                               const FlowOptions& options);

// Its first answer is still to come.
bool awaited(const ledger::EstadoRow& row);

// What is to be said of a document that is not cancelled; nothing where all is well.
std::optional<Finding> warning_of(const ledger::EstadoRow& row, std::string_view folio_fiscal);

// An answer, or the fault of a question in vain, is kept: the event where the SAT says something else than before, the
// document cancelled, its shipment drafted anew where that changes anything, and what waited for the answer freed.
Result<void> take_answer(ledger::Writer& writer, std::string_view document_id, const Result<sat::Estado>& answer,
                         const Knowledge& knowledge, const partners::Registry& registry, const FlowOptions& options);

// The document is not asked for any more.
Result<void> ask_no_more(ledger::Writer& writer, std::string_view document_id);

// A document that the SAT cancelled, as its shipment stands now. `documents`: those in force.
struct Cancelled {
  Finding finding;     // CFDI_CANCELLED
  bool stops = false;  // an invoice: what its entry would be without it is not known before its issuer has said
};
// Nothing where its issuer has said what takes its place: a document that substitutes it (relation 04), or a Carta
// Porte or notice that came after the cancellation and does not name it.
std::optional<Cancelled> still_missed(const StoredDocument& cancelled, const std::vector<StoredDocument>& documents);

}  // namespace puente::flow
