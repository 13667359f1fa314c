// gRPC's own words go where ours go.
#pragma once

namespace puente::transport {

// What the gRPC library would print becomes lines of our log, at most ten a second: a peer that fails handshakes must not write the
// log full. For the whole process; any number of times.
void take_library_log();

}  // namespace puente::transport
