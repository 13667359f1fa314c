// Asks the SAT for the documents that are due and has the answers kept (flow/estado). One thread of its own; nothing
// else waits for it. What is outstanding stands in the ledger: a gateway that was killed asks again when it is back.
#pragma once

#include <functional>
#include <memory>

#include "gateway/flow/flow.h"

namespace puente::flow {

class Asking {
 public:
  virtual ~Asking() = default;
  virtual void start() = 0;  // documents of open shipments that were never asked for are, too
  virtual void stop() = 0;   // questions under way are left; returns when the thread is done
};

// `options.estado.consulta` is not null.
std::unique_ptr<Asking> make_asking(ledger::Ledger& ledger, partners::Partners& partners,
                                    std::function<Knowledge()> knowledge, FlowOptions options);

}  // namespace puente::flow
