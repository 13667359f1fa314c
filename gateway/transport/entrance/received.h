#pragma once

#include <cstdint>

namespace puente::transport {

// Bytes that this TCP connection has received so far; 0 where the system does not say.
std::uint64_t bytes_received(int fd);

}  // namespace puente::transport
