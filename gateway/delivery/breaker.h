// The breaker of one filer's channel. It opens after kFailuresToOpen failures in a row, stays open for a wait of its
// own that grows, then lets one filing through; the filer's answer closes it. Not thread-safe: the desk guards it. It
// lives in memory alone: after a restart it is closed and finds out anew.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "gateway/delivery/schedule.h"

namespace puente::delivery {

class Breaker {
 public:
  enum class State { closed, open, half_open };

  explicit Breaker(std::string filer, const Schedule& schedule = kChannelSchedule)
      : filer_(std::move(filer)), schedule_(schedule) {}

  // A lease that ran out, a connection that was lost with filings offered, a filing that was put off.
  void failed(ledger::Micros now);
  void answered();  // a confirmation, a correction or a final refusal

  // How many of `wanted` filings may be offered now. What was offered as a probe is told by `probing`.
  std::size_t room(std::size_t wanted, ledger::Micros now) const;
  void probing(bool offered) { probe_out_ = offered; }

  State state(ledger::Micros now) const;
  ledger::Micros open_until() const { return open_until_; }  // 0: closed

 private:
  std::string filer_;
  Schedule schedule_;
  std::uint32_t failures_ = 0, openings_ = 0;
  ledger::Micros open_until_ = 0;
  bool probe_out_ = false;
};

std::string_view name_of(Breaker::State state);  // closed, open, half_open

}  // namespace puente::delivery
