// Processor time that reading and checking a partner's documents has cost, against its limit: who is over it is served
// after the others. Time that was used is forgiven at the limit's rate, so a partner below it is never behind for long.
// Thread-safe. Rule source: reference security 8.
#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/partners/registry.h"

namespace puente::partners {

class CpuShares {
 public:
  using Time = std::chrono::steady_clock::time_point;
  explicit CpuShares(const Partners& partners, std::function<Time()> now = std::chrono::steady_clock::now)
      : partners_(partners), now_(std::move(now)) {}

  void charge(const std::string& partner, std::chrono::nanoseconds used);
  bool behind(std::string_view partner) const;
  std::vector<std::string> behind() const;

  // Charges the processor time of this thread from here to the end of the block.
  class Meter {
   public:
    Meter(CpuShares& shares, std::string partner);
    ~Meter();
    Meter(const Meter&) = delete;
    Meter& operator=(const Meter&) = delete;

   private:
    CpuShares& shares_;
    const std::string partner_;
    const std::chrono::nanoseconds began_;
  };

 private:
  struct Account {
    double used = 0;  // seconds not forgiven yet, at `at`
    Time at{};
  };
  bool behind_locked(const std::string& partner, const Account& account, Time now) const;
  double rate_of(std::string_view partner) const;  // seconds a second

  const Partners& partners_;
  const std::function<Time()> now_;
  mutable std::mutex mutex_;
  std::map<std::string, Account, std::less<>> accounts_;
};

}  // namespace puente::partners
