// The hash chain over the events. Pure.
//
// hash(n) = SHA-256( hash(n-1) | canonical(n) ), hash(0) = 32 zero bytes. canonical(n) is the event's fields in this
// order: sequence and at, each as 8 bytes, big endian; then object, object_id, verb, from_state, to_state, partner,
// text and digest, each as its length in 8 bytes, big endian, and its bytes. Nothing can move from one field to the
// next without changing the bytes.
//
// The chain shows that nobody edited, dropped, inserted or moved events without computing every later hash anew; who
// does that is found by comparing with a hash noted outside (a backup, a printed head). The digest ties the document's
// and the records' bytes to it.
#pragma once

#include <string>

#include "gateway/ledger/rows.h"

namespace puente::ledger {

inline const std::string kFirstHash(32, '\0');

std::string canonical(const EventRow& event);
std::string chain_hash(const std::string& previous_hash, const EventRow& event);

}  // namespace puente::ledger
