#include "gateway/ledger/ledger.h"

#include <future>

namespace puente::ledger {

Result<void> Ledger::write_and_wait(WriteBody body) {
  std::promise<Result<void>> promise;
  std::future<Result<void>> outcome = promise.get_future();
  write(std::move(body), [&promise](Result<void> result) { promise.set_value(std::move(result)); });
  return outcome.get();
}

}  // namespace puente::ledger
