// Folds the log into the ledger file on a thread and a connection of its own, beside the writes: a commit waits for no
// page of the file.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "gateway/ledger/sqlite/connection.h"

namespace puente::ledger::sqlite {

class Checkpointer {
 public:
  // `on_end` is called on the checkpointer's thread after each pass.
  static Result<std::unique_ptr<Checkpointer>> open(const std::filesystem::path& file, std::function<void()> on_end);
  ~Checkpointer();

  void begin();                           // a pass, unless one is under way or its outcome was not taken yet
  std::optional<Result<bool>> outcome();  // Connection::checkpoint of the pass that ended, once

 private:
  Checkpointer(std::unique_ptr<Connection> connection, std::function<void()> on_end);
  void work();

  const std::unique_ptr<Connection> connection_;  // used by thread_ alone
  const std::function<void()> on_end_;
  std::mutex mutex_;
  std::condition_variable asked_;
  enum class State { idle, folding, ended } state_ = State::idle;
  Result<bool> outcome_ = false;
  bool closing_ = false;
  std::thread thread_;
};

}  // namespace puente::ledger::sqlite
