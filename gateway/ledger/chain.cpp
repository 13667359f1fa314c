#include "gateway/ledger/chain.h"

#include "gateway/ledger/packing.h"

namespace puente::ledger {
namespace {

void append_number(std::string& out, std::uint64_t number) {
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<char>((number >> shift) & 0xFF));
}

}  // namespace

std::string canonical(const EventRow& event) {
  std::string out;
  append_number(out, event.sequence);
  append_number(out, static_cast<std::uint64_t>(event.at));
  for (const std::string* field : {&event.object, &event.object_id, &event.verb, &event.from_state, &event.to_state,
                                   &event.partner, &event.text, &event.digest}) {
    append_number(out, field->size());
    out.append(*field);
  }
  return out;
}

std::string chain_hash(const std::string& previous_hash, const EventRow& event) {
  return sha256(previous_hash + canonical(event));
}

}  // namespace puente::ledger
