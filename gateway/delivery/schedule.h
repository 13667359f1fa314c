// When something that failed is tried again: the schedules as data (reliability rule 9), and the one function that
// reads them. Pure.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "gateway/ledger/rows.h"

namespace puente::delivery {

struct Schedule {
  std::chrono::microseconds first;  // longest wait after the first failure
  std::uint32_t factor;             // and so many times longer after each that follows
  std::chrono::microseconds limit;  // never longer
};

inline constexpr Schedule kFilingSchedule{std::chrono::seconds(2), 2, std::chrono::minutes(15)};
inline constexpr Schedule kChannelSchedule{std::chrono::seconds(2), 2, std::chrono::minutes(1)};

// Failures in a row after which a channel's breaker opens.
inline constexpr std::uint32_t kFailuresToOpen = 3;

// The wait after the `failures`-th failure: by chance between nothing and the schedule's step, so that what failed
// together does not come back together (full jitter). The chance is drawn from `key` and the number alone: the same
// failure waits the same time after a restart.
ledger::Micros wait_after(const Schedule& schedule, std::uint32_t failures, std::string_view key);

}  // namespace puente::delivery
