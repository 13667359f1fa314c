#include "gateway/transport/entrance/work.h"

#include <utility>

namespace puente::transport {
namespace {
constexpr std::uint64_t kTurns = 8;
}

Work::Work(std::size_t threads, std::size_t queue_limit) : queue_limit_(queue_limit) {
  for (std::size_t index = 0; index < threads; ++index) threads_.emplace_back([this] { run(); });
}

Work::~Work() {
  {
    const std::scoped_lock lock(mutex_);
    closing_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

bool Work::offer(Job job, bool behind) {
  {
    const std::scoped_lock lock(mutex_);
    auto& queue = behind ? behind_ : jobs_;
    if (closing_ || queue.size() >= queue_limit_) return false;
    queue.push_back(std::move(job));
  }
  changed_.notify_one();
  return true;
}

void Work::post(Job job) {
  {
    const std::scoped_lock lock(mutex_);
    if (closing_) return;
    jobs_.push_back(std::move(job));
  }
  changed_.notify_one();
}

void Work::run() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [&] { return closing_ || !jobs_.empty() || !behind_.empty(); });
    if (jobs_.empty() && behind_.empty()) return;
    const bool turn = ++turns_ % kTurns == 0;
    auto& queue = jobs_.empty() || (turn && !behind_.empty()) ? behind_ : jobs_;
    const Job job = std::move(queue.front());
    queue.pop_front();
    lock.unlock();
    job();
    lock.lock();
  }
}

}  // namespace puente::transport
