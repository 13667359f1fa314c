#include "tests/support/load/stopping.h"

#include <csignal>

#include <ctime>

#include "tests/support/load/journal.h"

namespace puente::load {
namespace {

constexpr long kTickNanoseconds = 2'000'000;
constexpr std::int64_t kGrace = 15'000'000;  // microseconds

sigset_t signals() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigaddset(&set, SIGINT);
  return set;
}

}  // namespace

void keep_signals() {
  const auto set = signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

bool tick_until(double seconds, const std::function<bool(bool stopping)>& tick) {
  const auto set = signals();
  const auto began = now_us();
  std::int64_t stopped_at = 0;
  while (!tick(stopped_at != 0)) {
    const timespec wait{0, kTickNanoseconds};
    const bool asked = sigtimedwait(&set, nullptr, &wait) > 0;
    const auto now = now_us();
    if (stopped_at == 0 && (asked || (seconds > 0 && static_cast<double>(now - began) > seconds * 1e6)))
      stopped_at = now;
    if (stopped_at != 0 && now - stopped_at > kGrace) break;
  }
  return stopped_at != 0;
}

}  // namespace puente::load
