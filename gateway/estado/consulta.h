// Who asks the SAT for the status of a CFDI. One interface; http_consulta.h asks the service itself, and `remembering`
// stands before any other and asks it only for what is not known. Threads: every function from any thread.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "mappings/domain/result.h"
#include "mappings/sat/estado.h"

namespace puente::estado {

class Consulta {
 public:
  virtual ~Consulta() = default;
  using Done = std::function<void(Result<sat::Estado>)>;
  // Asks for sat::consulta_expression's text. `done` is called once, at the latest when the deadline is over, on any
  // thread and perhaps before this returns; it must not block. Faults: those of sat::read_consulta; consulta_late,
  // consulta_unreachable, consulta_http (all retryable); consulta_simulated (permanent: a simulator answered where none
  // may); consulta_stopped. Their texts hold nothing of the question.
  virtual void ask(std::string expression, std::chrono::milliseconds deadline, Done done) = 0;
  virtual void stop() = 0;  // what is under way ends as consulta_stopped; returns when every `done` has been called
};

// Microseconds since the epoch, UTC.
using Clock = std::function<std::chrono::microseconds()>;

// Cancelado is final and never asked again, Vigente is not asked again for `keep`. What the SAT does not find or cannot
// say is not remembered. Holds the answers used last, at most `most` of them.
std::unique_ptr<Consulta> remembering(std::unique_ptr<Consulta> asked, std::chrono::microseconds keep, Clock clock,
                                      std::size_t most = 10'000);

}  // namespace puente::estado
