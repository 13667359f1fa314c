#include "gateway/delivery/schedule.h"

#include <algorithm>
#include <string>

#include "gateway/flow/identity.h"

namespace puente::delivery {

ledger::Micros wait_after(const Schedule& schedule, std::uint32_t failures, std::string_view key) {
  const ledger::Micros limit = schedule.limit.count();
  ledger::Micros step = std::min<ledger::Micros>(schedule.first.count(), limit);
  for (std::uint32_t i = 1; i < failures && step < limit; ++i) step = std::min(step * schedule.factor, limit);
  std::uint32_t chance = 0;
  for (const char c : flow::sha256(std::string(key) + "/" + std::to_string(failures)).substr(0, sizeof chance))
    chance = chance << 8U | static_cast<unsigned char>(c);
  return static_cast<ledger::Micros>(static_cast<double>(step) * (chance / 4294967296.0)) + 1;
}

}  // namespace puente::delivery
