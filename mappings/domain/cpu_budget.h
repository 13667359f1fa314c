// Processor time of the calling thread, up to a limit: what reading one document may cost. Not the time of a clock: a
// busy machine makes nothing too slow.
#pragma once

#include <time.h>

namespace puente {

class CpuBudget {
 public:
  explicit CpuBudget(double seconds) : end_(used() + seconds) {}
  bool spent() const { return used() > end_; }  // on the thread that made it

 private:
  static double used() {
    timespec now{};
    ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
  }
  double end_;
};

}  // namespace puente
