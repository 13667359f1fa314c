// What the program tells its caller besides its output. The values are part of the stable interface (sysexits where
// they fit).
#pragma once

#include <array>
#include <string_view>

#include "gateway/app/language.h"

namespace puente::app {

enum class ExitCode : int {
  done = 0,
  findings = 1,
  usage = 2,
  input = 65,
  cannot_open = 66,
  unavailable = 69,
  io = 74,
  configuration = 78,
};

struct ExitCodeRow {
  ExitCode code;
  Text meaning;
};

inline constexpr std::array<ExitCodeRow, 8> kExitCodes = {{
    {ExitCode::done, {"done", "hecho"}},
    {ExitCode::findings,
     {"an error finding (for translate and explain: one that blocks the output asked for)",
      "un hallazgo de error (en translate y explain: uno que impide la salida pedida)"}},
    {ExitCode::usage, {"wrong use of the command line", "uso incorrecto de la línea de comandos"}},
    {ExitCode::input, {"input that the command cannot begin with", "entrada con la que el comando no puede empezar"}},
    {ExitCode::cannot_open, {"a file or folder cannot be opened", "no se puede abrir un archivo o carpeta"}},
    {ExitCode::unavailable, {"the peer is away", "la contraparte no responde"}},
    {ExitCode::io,
     {"output cannot be written, or the disk under the ledger failed",
      "no se puede escribir la salida, o falló el disco del registro"}},
    {ExitCode::configuration, {"bad configuration, profile or catalog", "configuración, perfil o catálogo inválidos"}},
}};

}  // namespace puente::app
