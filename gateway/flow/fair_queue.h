// What workers do next: in order of arrival, but partners over their share of processor time after the others. Every
// eighth turn goes to whoever has waited longest, so nobody starves. Not thread-safe.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <string>
#include <utility>
#include <vector>

namespace puente::flow {

class FairQueue {
 public:
  struct Task {
    std::string id, partner;  // "": nobody's, never behind
  };
  using Behind = std::vector<std::string>;  // the partners that are behind now

  void push(Task task) { tasks_.push_back(std::move(task)); }
  bool empty() const { return tasks_.empty(); }
  // Nothing here of a partner that is not behind.
  bool only(const Behind& behind) const { return first(behind) == tasks_.end(); }

  Task pop(const Behind& behind) {
    auto next = ++turns_ % kTurns == 0 ? tasks_.begin() : first(behind);
    if (next == tasks_.end()) next = tasks_.begin();
    Task task = std::move(*next);
    tasks_.erase(next);
    return task;
  }

 private:
  static constexpr std::uint64_t kTurns = 8;

  template <typename Self>
  static auto first_of(Self& tasks, const Behind& behind) {
    return std::find_if(tasks.begin(), tasks.end(), [&](const Task& task) {
      return std::find(behind.begin(), behind.end(), task.partner) == behind.end();
    });
  }
  std::deque<Task>::iterator first(const Behind& behind) { return first_of(tasks_, behind); }
  std::deque<Task>::const_iterator first(const Behind& behind) const { return first_of(tasks_, behind); }

  std::deque<Task> tasks_;
  std::uint64_t turns_ = 0;
};

}  // namespace puente::flow
