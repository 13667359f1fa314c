#include "gateway/ledger/teller.h"

#include "gateway/ops/fault_points.h"

namespace puente::ledger {

void Teller::start() {
  thread_ = std::thread([this] { work(); });
}

void Teller::tell(News news) {
  const std::lock_guard lock(mutex_);
  waiting_.push_back(std::move(news));
  told_.notify_one();
}

void Teller::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    told_.notify_one();
  }
  if (thread_.joinable()) thread_.join();
}

void Teller::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    told_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (waiting_.empty()) return;
    News news = std::move(waiting_.front());
    waiting_.pop_front();
    lock.unlock();
    pass_on(news);
    lock.lock();
  }
}

void Teller::pass_on(News& news) {
  for (auto& [done, outcome] : news.writes)
    if (done) done(std::move(outcome));
  ops::cross(ops::FaultPoint::group_told);
  if (!news.last_sequence) return;
  const std::lock_guard lock(listeners_mutex_);
  for (const auto& [handle, listener] : listeners_) listener(*news.last_sequence);
}

std::uint64_t Teller::listen(Ledger::Listener listener) {
  const std::lock_guard lock(listeners_mutex_);
  listeners_.emplace(++last_handle_, std::move(listener));
  return last_handle_;
}

void Teller::unlisten(std::uint64_t handle) {
  const std::lock_guard lock(listeners_mutex_);
  listeners_.erase(handle);
}

}  // namespace puente::ledger
