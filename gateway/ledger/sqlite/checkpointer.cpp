#include "gateway/ledger/sqlite/checkpointer.h"

#include <utility>

#include "gateway/ops/fault_points.h"

namespace puente::ledger::sqlite {

Result<std::unique_ptr<Checkpointer>> Checkpointer::open(const std::filesystem::path& file,
                                                         std::function<void()> on_end) {
  Result<std::unique_ptr<Connection>> connection = Connection::open(file, Mode::write);
  if (!connection) return tl::unexpected(connection.error());
  return std::unique_ptr<Checkpointer>(new Checkpointer(std::move(*connection), std::move(on_end)));
}

Checkpointer::Checkpointer(std::unique_ptr<Connection> connection, std::function<void()> on_end)
    : connection_(std::move(connection)), on_end_(std::move(on_end)), thread_([this] { work(); }) {}

Checkpointer::~Checkpointer() {
  {
    const std::lock_guard lock(mutex_);
    closing_ = true;
    asked_.notify_one();
  }
  thread_.join();
}

void Checkpointer::begin() {
  const std::lock_guard lock(mutex_);
  if (state_ != State::idle) return;
  state_ = State::folding;
  asked_.notify_one();
}

std::optional<Result<bool>> Checkpointer::outcome() {
  const std::lock_guard lock(mutex_);
  if (state_ != State::ended) return std::nullopt;
  state_ = State::idle;
  return std::exchange(outcome_, false);
}

void Checkpointer::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    asked_.wait(lock, [this] { return closing_ || state_ == State::folding; });
    if (closing_) return;
    lock.unlock();
    ops::cross(ops::FaultPoint::checkpoint_before);
    Result<bool> folded = connection_->checkpoint();
    ops::cross(ops::FaultPoint::checkpoint_after);
    lock.lock();
    outcome_ = std::move(folded);
    state_ = State::ended;
    lock.unlock();
    on_end_();
    lock.lock();
  }
}

}  // namespace puente::ledger::sqlite
