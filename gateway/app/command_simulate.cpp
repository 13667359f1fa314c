// puente simulate sat-estado: the simulated status service of the SAT on the command line.
#include <csignal>
#include <mutex>

#include "gateway/app/commands.h"
#include "gateway/app/configuration.h"
#include "gateway/app/faults.h"
#include "gateway/simulators/sat_estado.h"

namespace puente::app {
namespace {

constexpr Option kOptions[] = {
    {"--listen",
     "HOST:PORT",
     OptionKind::text,
     false,
     {"where it listens; default 127.0.0.1:0, any free port",
      "dónde escucha; por omisión 127.0.0.1:0, un puerto libre"}},
    {"--folios",
     "FILE",
     OptionKind::text,
     false,
     {"lines FOLIO WORD, * for the others; read again for each question. WORD: vigente cancelable en_proceso cancelado "
      "no_encontrado invalid error garbage huge late dropped. Without it all are vigente",
      "líneas FOLIO PALABRA, * para los demás; se lee en cada consulta. PALABRA: vigente cancelable en_proceso "
      "cancelado "
      "no_encontrado invalid error garbage huge late dropped. Sin él, todos están vigentes"}},
    {"--certificate", "FILE", OptionKind::text, false, {"HTTPS with this chain, PEM", "HTTPS con esta cadena, PEM"}},
    {"--key", "FILE", OptionKind::text, false, {"its private key, PEM", "su llave privada, PEM"}},
};

ExitCode sat_estado(const Arguments& arguments, Terminal& terminal) {
  const auto listen = parse_address(arguments.text_or("--listen", "127.0.0.1:0"));
  if (!listen) return report(terminal, Fault{FaultKind::permanent, "usage", "--listen: HOST:PORT"});
  simulators::SatEstadoOptions options;
  options.host = listen->host;
  options.port = listen->port;
  options.folios = arguments.text_or("--folios", "");
  options.certificate = arguments.text_or("--certificate", "");
  options.key = arguments.text_or("--key", "");
  sigset_t ends, before;  // blocked in the simulator's thread too
  sigemptyset(&ends);
  for (const int signal : {SIGTERM, SIGINT}) sigaddset(&ends, signal);
  ::pthread_sigmask(SIG_BLOCK, &ends, &before);
  std::mutex printing;
  const auto started = simulators::SatEstado::start(options, [&](std::string_view folio, std::string_view word) {
    const std::lock_guard lock(printing);
    terminal.out << safe_text(folio) << "  " << word << "\n";
    terminal.out.flush();
  });
  if (!started) {
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    return report(terminal, started.error());
  }
  {
    const std::lock_guard lock(printing);
    terminal.out << (*started)->url() << "\n";
    terminal.out.flush();
  }
  int signal = 0;
  ::sigwait(&ends, &signal);
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return ExitCode::done;
}

}  // namespace

const Command kSimulateSatEstado = {
    "simulate sat-estado",
    {"the SAT's status service, simulated; a production gateway refuses its answers",
     "el servicio de estado del SAT, simulado; en producción se rechazan sus respuestas"},
    "puente simulate sat-estado --folios folios.txt\n"
    "puente simulate sat-estado --listen 127.0.0.1:8080 --certificate sim.crt --key sim.key",
    kOptions,
    sat_estado};

}  // namespace puente::app
