// How a fault looks from outside: the one table that every door translates into its own words.
#pragma once

#include <cstdint>

#include "mappings/domain/result.h"

namespace puente::transport {

enum class Refusal : std::uint8_t {
  unavailable,      // try again later
  limit_reached,    // try again, slower
  not_found,
  request_invalid,
  not_offered,
  fault,            // trying again will not help
};

Refusal refusal_of(const Fault& fault);
// "code: what a caller can do"; the fault's own text is for operators and goes to the log, not to the peer.
std::string text_for_peer(const Fault& fault);

}  // namespace puente::transport
