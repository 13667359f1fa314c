// Tells what a commit has decided: first the callers of its writes, then the listeners, in the order of the commits, on
// a thread of its own. What they do with the news keeps no commit waiting.
//
// Threads: every function may be called from any thread, stop() from none of the callbacks.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "gateway/ledger/ledger.h"

namespace puente::ledger {

class Teller {
 public:
  struct News {
    std::vector<std::pair<Ledger::WriteDone, Result<void>>> writes;
    std::optional<std::uint64_t> last_sequence;  // where the commit appended events
  };

  Teller() = default;
  Teller(const Teller&) = delete;
  Teller& operator=(const Teller&) = delete;
  ~Teller() { stop(); }

  void start();
  void tell(News news);
  void stop();  // returns when everything is told; nothing is told after it

  std::uint64_t listen(Ledger::Listener listener);
  void unlisten(std::uint64_t handle);  // once it returns the listener is not called any more

 private:
  void work();
  void pass_on(News& news);

  std::mutex mutex_;
  std::condition_variable told_;
  std::deque<News> waiting_;
  bool stopping_ = false;
  std::thread thread_;

  std::mutex listeners_mutex_;
  std::map<std::uint64_t, Ledger::Listener> listeners_;
  std::uint64_t last_handle_ = 0;
};

}  // namespace puente::ledger
