// Processor time of the calling thread, up to a limit: what reading one document may cost. Not the time of a clock: a
// busy machine makes nothing too slow.
#pragma once

#include <time.h>

namespace puente {

class CpuBudget {
 public:
  explicit CpuBudget(double seconds)
      : seconds_(seconds), begin_(now(CLOCK_MONOTONIC)), end_(now(CLOCK_THREAD_CPUTIME_ID) + seconds) {}
  // On the thread that made it. Cheap until that much time has passed on the wall, which no thread's time overtakes;
  // the thread's own is a call to the kernel.
  bool spent() const { return now(CLOCK_MONOTONIC) - begin_ >= seconds_ && now(CLOCK_THREAD_CPUTIME_ID) > end_; }

 private:
  static double now(clockid_t clock) {
    timespec time{};
    ::clock_gettime(clock, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
  }
  double seconds_, begin_, end_;
};

}  // namespace puente
