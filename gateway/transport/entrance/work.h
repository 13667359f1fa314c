// A fixed number of threads for what must not run on gRPC's own: checking documents, reading the ledger,
// administration.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace puente::transport {

class Work {
 public:
  using Job = std::function<void()>;

  Work(std::size_t threads, std::size_t queue_limit);
  ~Work();  // finishes what is queued

  // A caller's job: false, and not queued, when the queue is full. `behind`: done after the others, but every eighth
  // turn is such a job's.
  bool offer(Job job, bool behind = false);
  void post(Job job);  // our own job, of which there is at most one for each open stream

 private:
  void run();

  const std::size_t queue_limit_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Job> jobs_, behind_;
  std::uint64_t turns_ = 0;
  bool closing_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace puente::transport
