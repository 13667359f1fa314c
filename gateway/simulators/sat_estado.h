// The SAT's status service, simulated: a named product for onboarding and tests. It answers the same SOAP on HTTP or
// HTTPS, and says of each folio what a file says, which is read again for every question. A production gateway refuses
// its answers: each carries estado::kSimulatorHeader. Asked as a proxy (a whole URL in the request line), it answers
// for whatever host is named.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "mappings/domain/result.h"

namespace puente::simulators {

struct SatEstadoOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;  // 0: any free one
  // Lines `FOLIO WORD`; `*` stands for every folio without a line of its own, `#` begins a comment. "": all are
  // vigente.
  std::filesystem::path folios;
  std::filesystem::path certificate, key;  // PEM; "": plain HTTP
};

// The words of the file.
//   vigente, cancelable, en_proceso, cancelado, no_encontrado   what the SAT says
//   invalid    601, the expression is refused          error      HTTP status 500
//   garbage    XML that is no answer                   huge       an answer without end
//   late       no answer before the client hangs up    dropped    the connection is closed
std::string sat_estado_words();  // by blanks

// Called on the simulator's thread: a question that came.
using SatEstadoAsked = std::function<void(std::string_view folio, std::string_view word)>;

class SatEstado {
 public:
  // Faults: cannot_open (certificate, key), listen_failed.
  static Result<std::unique_ptr<SatEstado>> start(const SatEstadoOptions& options, SatEstadoAsked asked);
  ~SatEstado();
  SatEstado(const SatEstado&) = delete;
  SatEstado& operator=(const SatEstado&) = delete;
  std::uint16_t port() const;
  std::string url() const;

 private:
  class Server;
  explicit SatEstado(std::unique_ptr<Server> server);
  std::unique_ptr<Server> server_;
};

}  // namespace puente::simulators
