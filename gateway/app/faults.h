// A fault on the command line: one sentence on err, and the exit code of its kind.
#pragma once

#include "gateway/app/exit_code.h"
#include "gateway/app/terminal.h"
#include "mappings/domain/result.h"

namespace puente::app {

// cannot_open -> 66; peer_away and the like -> 69; everything that is configuration, profile, catalog or trust -> 78.
ExitCode exit_code_of(const Fault& fault);
// Prints "puente: cannot_open: partners/: No such file or directory" (in Spanish "puente: cannot_open: no se puede
// abrir: partners/: ...") and returns its exit code.
ExitCode report(Terminal& terminal, const Fault& fault);

}  // namespace puente::app
