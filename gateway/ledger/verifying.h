// Proves a snapshot of the ledger from its own bytes: the chain of events, the documents and records the events vouch
// for, and that every row has the events it must have.
#pragma once

#include "gateway/ledger/ledger.h"
#include "gateway/ledger/session.h"

namespace puente::ledger {

// Stops at the first break of each kind and reports the first. The engine's own check of its file comes before. Throws
// StoreFault.
VerifyReport verify(Session& session);

}  // namespace puente::ledger
