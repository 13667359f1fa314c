// Documents that name each other take turns at being joined: what is computed ahead for the second one then begins
// where the first one ended, instead of beside it.
#pragma once

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace puente::flow {

class LinkTurns {
 public:
  // One document's turn, until it is destroyed.
  class Turn {
   public:
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    ~Turn() { turns_.end(keys_); }

   private:
    friend class LinkTurns;
    Turn(LinkTurns& turns, std::vector<std::string> keys) : turns_(turns), keys_(std::move(keys)) {}
    LinkTurns& turns_;
    const std::vector<std::string> keys_;
  };

  // Waits until nobody has a turn for one of the keys. All keys are taken at once: turns never wait for each other.
  Turn begin(std::vector<std::string> keys) {
    std::sort(keys.begin(), keys.end());
    keys.erase(std::unique(keys.begin(), keys.end()), keys.end());
    std::unique_lock lock(mutex_);
    ended_.wait(lock, [&] {
      return std::none_of(keys.begin(), keys.end(), [this](const auto& key) { return taken_.contains(key); });
    });
    taken_.insert(keys.begin(), keys.end());
    return Turn(*this, std::move(keys));
  }

 private:
  void end(const std::vector<std::string>& keys) {
    const std::lock_guard lock(mutex_);
    for (const auto& key : keys) taken_.erase(key);
    ended_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable ended_;
  std::set<std::string, std::less<>> taken_;
};

}  // namespace puente::flow
