#include "gateway/delivery/breaker.h"

#include <algorithm>

namespace puente::delivery {

void Breaker::failed(ledger::Micros now) {
  ++failures_;
  const bool open = open_until_ != 0;
  // What was still out when it opened fails on without making it longer; a probe that fails does.
  if (open ? !probe_out_ : failures_ < kFailuresToOpen) return;
  ++openings_;
  probe_out_ = false;
  open_until_ = now + wait_after(schedule_, openings_, filer_);
}

void Breaker::answered() {
  failures_ = openings_ = 0;
  open_until_ = 0;
  probe_out_ = false;
}

std::size_t Breaker::room(std::size_t wanted, ledger::Micros now) const {
  switch (state(now)) {
    case State::closed:
      return wanted;
    case State::half_open:
      return probe_out_ ? 0 : std::min<std::size_t>(wanted, 1);
    case State::open:
      break;
  }
  return 0;
}

Breaker::State Breaker::state(ledger::Micros now) const {
  if (open_until_ == 0) return State::closed;
  // Further away than any wait: the clock was set back.
  const bool over = now >= open_until_ || open_until_ - now > schedule_.limit.count() + 1;
  return probe_out_ || over ? State::half_open : State::open;
}

std::string_view name_of(Breaker::State state) {
  switch (state) {
    case Breaker::State::closed:
      return "closed";
    case Breaker::State::open:
      return "open";
    case Breaker::State::half_open:
      break;
  }
  return "half_open";
}

}  // namespace puente::delivery
