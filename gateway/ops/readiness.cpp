#include "gateway/ops/readiness.h"

#include <algorithm>

namespace puente::ops {

Readiness::Readiness(std::initializer_list<std::string_view> expected) {
  for (const std::string_view name : expected) {
    conditions_.emplace(name, Condition{std::string(name), false, "not reported yet"});
  }
}

bool Readiness::ready_locked() const {
  return !conditions_.empty() &&
         std::all_of(conditions_.begin(), conditions_.end(), [](const auto& entry) { return entry.second.holds; });
}

void Readiness::set(std::string_view name, bool holds, std::string_view text) {
  std::map<std::uint64_t, Listener> listeners;
  bool now = false;
  {
    const std::scoped_lock lock(mutex_);
    const bool before = ready_locked();
    conditions_.insert_or_assign(std::string(name), Condition{std::string(name), holds, std::string(text)});
    now = ready_locked();
    if (now == before) return;
    listeners = listeners_;
  }
  for (const auto& [handle, listener] : listeners) listener(now);
}

bool Readiness::ready() const {
  const std::scoped_lock lock(mutex_);
  return ready_locked();
}

std::vector<Condition> Readiness::conditions() const {
  const std::scoped_lock lock(mutex_);
  std::vector<Condition> out;
  for (const auto& [name, condition] : conditions_) out.push_back(condition);
  return out;
}

std::uint64_t Readiness::listen(Listener listener) {
  const std::scoped_lock lock(mutex_);
  listeners_.emplace(next_, std::move(listener));
  return next_++;
}

void Readiness::unlisten(std::uint64_t handle) {
  const std::scoped_lock lock(mutex_);
  listeners_.erase(handle);
}

}  // namespace puente::ops
