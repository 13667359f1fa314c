// The main thread of a load program: ticks until the work is done, the time is over or SIGTERM or SIGINT asks for the
// end.
#pragma once

#include <functional>

namespace puente::load {

// Before any other thread is made: they inherit that the signals wait for tick_until.
void keep_signals();

// Calls `tick` every 2 ms until it returns true. After `seconds` (0: never) or a signal it is told that it stops, and
// has 15 s more for what is in hand. True when it was stopped before it was done.
bool tick_until(double seconds, const std::function<bool(bool stopping)>& tick);

}  // namespace puente::load
