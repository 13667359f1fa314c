#include "gateway/transport/grpc/library_log.h"

#include <grpc/support/log.h>

#include <chrono>
#include <cstdint>
#include <mutex>
#include <utility>

#include "gateway/ops/log.h"

namespace puente::transport {
namespace {

constexpr std::uint64_t kLinesASecond = 10;

struct Budget {
  std::mutex mutex;
  std::chrono::steady_clock::time_point second;
  std::uint64_t written = 0, left_out = 0;
};

void write_line(gpr_log_func_args* line) {
  static Budget* const budget = new Budget;  // never destroyed: gRPC's threads may outlive main
  std::uint64_t left_out = 0;
  {
    const std::scoped_lock lock(budget->mutex);
    const auto now = std::chrono::steady_clock::now();
    if (now - budget->second >= std::chrono::seconds(1)) {
      budget->second = now;
      budget->written = 0;
      left_out = std::exchange(budget->left_out, 0);
    }
    if (++budget->written > kLinesASecond) {
      ++budget->left_out;
      return;
    }
  }
  // What gRPC calls an error is a peer's failure in nearly every case; what stops us is told by a Fault.
  ops::log(line->severity == GPR_LOG_SEVERITY_DEBUG ? ops::LogLevel::debug : ops::LogLevel::info, "grpc_library",
           {{"text", line->message}, {"line", line->line}, {"left_out", left_out}});
}

}  // namespace

void take_library_log() { gpr_set_log_function(write_line); }

}  // namespace puente::transport
