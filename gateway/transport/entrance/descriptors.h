// How many connections a door may hold open within the process's limit of descriptors.
#pragma once

#include <cstddef>

namespace puente::transport {

// `wanted`, or fewer where the limit (RLIMIT_NOFILE) does not allow two descriptors for each beside those that the
// ledger, the log and the libraries need.
std::size_t connections_within_descriptors(std::size_t wanted);

}  // namespace puente::transport
