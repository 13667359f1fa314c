#include "gateway/ledger/sqlite/sqlite_ledger.h"

#include <fcntl.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <set>
#include <thread>

#include "gateway/ledger/chain.h"
#include "gateway/ledger/reading.h"
#include "gateway/ledger/sqlite/checkpointer.h"
#include "gateway/ledger/sqlite/connection.h"
#include "gateway/ledger/sqlite/file_lock.h"
#include "gateway/ledger/sqlite/schema.h"
#include "gateway/ledger/teller.h"
#include "gateway/ledger/verifying.h"
#include "gateway/ledger/writing.h"
#include "gateway/ops/fault_points.h"

namespace puente::ledger::sqlite {
namespace {

// The log is folded into the file at this many pages (64 MiB). SQLite itself would at a sixteenth of that; pages that
// every group changes are then written to the file sixteen times as often, with two flushes each time.
constexpr int kCheckpointPages = 16'000;
constexpr std::chrono::seconds kTryAgain{1};  // between trial writes to a disk that takes none

Micros system_time() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

// The event written last must be there: going on after a lost tail would bury the loss under new events.
Result<Head> sound_head(Connection& connection) {
  try {
    Head head = read_head(connection);
    const std::optional<EventRow> last = connection.row<EventRow>(Statement::events_last, {});
    const Head found = last ? Head{last->sequence, last->hash} : Head{0, kFirstHash};
    if (found.sequence != head.sequence || found.hash != head.hash) {
      return permanent("store_damaged", "the ledger had written event " + std::to_string(head.sequence) +
                                            ", the last one in the file is " + std::to_string(found.sequence) +
                                            " or another: restore a backup, or have it verified");
    }
    return head;
  } catch (const StoreFault& stopped) {
    return tl::unexpected(stopped.fault());
  }
}

VerifyReport verify_connection(Connection& connection) {
  VerifyReport report;
  try {
    if (const std::string found = connection.text_of("PRAGMA integrity_check(1)"); found != "ok") {
      report.intact = false;
      report.text = "the file is damaged: " + found;
      return report;
    }
    return verify(connection);
  } catch (const StoreFault& stopped) {
    if (stopped.fault().code != "store_damaged") throw;
    report.intact = false;
    report.text = "the file is damaged: " + stopped.fault().text;
    return report;
  }
}

// Read-only connections, each used by one thread at a time.
class ReaderPool {
 public:
  Result<void> open(const std::filesystem::path& file, std::size_t count) {
    for (std::size_t i = 0; i < std::max<std::size_t>(count, 1); ++i) {
      Result<std::unique_ptr<Connection>> connection = Connection::open(file, Mode::read);
      if (!connection) return tl::unexpected(connection.error());
      idle_.push_back(std::move(*connection));
      size_ = idle_.size();
    }
    return {};
  }

  // Runs `use` with a connection of its own; waits for one if all are in use.
  Result<void> with(const std::function<Result<void>(Connection&)>& use) {
    std::unique_lock lock(mutex_);
    if (reading_.contains(std::this_thread::get_id())) {
      return permanent("read_nested", "a read within a read could wait for itself");
    }
    freed_.wait(lock, [this] { return closed_ || !idle_.empty(); });
    if (closed_) return permanent("store_closed", "the ledger is closed");
    std::unique_ptr<Connection> connection = std::move(idle_.back());
    idle_.pop_back();
    reading_.insert(std::this_thread::get_id());
    lock.unlock();
    Result<void> outcome = guarded(use, *connection);
    lock.lock();
    reading_.erase(std::this_thread::get_id());
    idle_.push_back(std::move(connection));
    freed_.notify_all();
    return outcome;
  }

  void close() {
    std::unique_lock lock(mutex_);
    closed_ = true;
    freed_.notify_all();
    freed_.wait(lock, [this] { return idle_.size() == size_; });
    idle_.clear();
    size_ = 0;
  }

 private:
  static Result<void> guarded(const std::function<Result<void>(Connection&)>& use, Connection& connection) {
    Result<void> outcome;
    try {
      outcome = use(connection);
    } catch (const StoreFault& stopped) {
      outcome = tl::unexpected(stopped.fault());
    } catch (...) {  // what it says may quote a payload
      outcome = permanent("closure_failed", "a read ended with an exception");
    }
    if (connection.in_transaction()) {
      try {
        connection.run(Statement::rollback, {});
      } catch (const StoreFault& stopped) {
        if (outcome) outcome = tl::unexpected(stopped.fault());
      }
    }
    return outcome;
  }

  std::mutex mutex_;
  std::condition_variable freed_;
  std::vector<std::unique_ptr<Connection>> idle_;
  std::set<std::thread::id> reading_;
  std::size_t size_ = 0;
  bool closed_ = false;
};

class SqliteLedger final : public Ledger {
 public:
  SqliteLedger(const SqliteOptions& options, FileLock lock, std::unique_ptr<Connection> connection, Head head)
      : options_(options),
        lock_(std::move(lock)),
        connection_(std::move(connection)),
        writing_(*connection_, options.clock ? options.clock : system_time, std::move(head)) {}
  ~SqliteLedger() override { close(); }

  Result<void> start() {
    if (Result<void> opened = readers_.open(options_.file, options_.readers); !opened) return opened;
    Result<std::unique_ptr<Checkpointer>> checkpointer = Checkpointer::open(options_.file, [this] {
      const std::lock_guard lock(mutex_);
      folded_ = true;
      queued_.notify_one();
    });
    if (!checkpointer) return tl::unexpected(checkpointer.error());
    checkpointer_ = std::move(*checkpointer);
    teller_.start();
    writer_ = std::thread([this] { write_groups(); });
    return {};
  }

  void write(WriteBody body, WriteDone done) override {
    {
      const std::lock_guard lock(mutex_);
      if (!closing_) {
        queue_.push_back({std::move(body), std::move(done), {}});
        queued_.notify_one();
        return;
      }
    }
    done(permanent("store_closed", "the ledger is closed"));
  }

  Result<void> read(const std::function<Result<void>(Reader&)>& body) override {
    return readers_.with([&](Connection& connection) -> Result<void> {
      connection.run(Statement::begin_read, {});
      Reading<Reader> reading(connection);
      return body(reading);
    });
  }

  std::uint64_t listen(Listener listener) override { return teller_.listen(std::move(listener)); }
  void unlisten(std::uint64_t handle) override { teller_.unlisten(handle); }

  Result<VerifyReport> verify() override {
    VerifyReport report;
    const Result<void> read = readers_.with([&](Connection& connection) -> Result<void> {
      connection.run(Statement::begin_read, {});
      report = verify_connection(connection);
      return {};
    });
    if (!read) return tl::unexpected(read.error());
    return report;
  }

  Result<std::uint64_t> backup(const std::filesystem::path& file) override;

  std::string durability() const override { return "one disk, fsynced"; }

  void close() override {
    {
      const std::lock_guard lock(mutex_);
      closing_ = true;
      queued_.notify_one();
    }
    const std::lock_guard once(close_mutex_);
    if (writer_.joinable()) writer_.join();
    teller_.stop();
    checkpointer_.reset();
    readers_.close();
  }

 private:
  struct Write {
    WriteBody body;
    WriteDone done;
    Result<void> outcome;
  };

  void write_groups() {
    while (std::optional<std::vector<Write>> group = next_group()) {
      if (!group->empty()) {
        const std::uint64_t before = writing_.head().sequence;
        run_group(*group);
        const bool grown = writing_.head().sequence != before;
        judge_disk(*group, grown);
        Teller::News news;
        for (Write& write : *group) news.writes.emplace_back(std::move(write.done), std::move(write.outcome));
        if (grown) news.last_sequence = writing_.head().sequence;
        teller_.tell(std::move(news));
      }
      fold();
    }
  }

  // What waits to be written, as far as one transaction takes it; none when a checkpoint has ended first. Nothing: the
  // ledger is closed.
  std::optional<std::vector<Write>> next_group() {
    std::vector<Write> group;
    std::unique_lock lock(mutex_);
    const auto called = [this] { return closing_ || folded_ || !queue_.empty(); };
    if (writable_ || broken_) {
      queued_.wait(lock, called);
    } else {
      while (!queued_.wait_for(lock, kTryAgain, called)) {
        lock.unlock();
        try_disk();
        lock.lock();
        if (writable_) return group;
      }
    }
    if (queue_.empty() && !std::exchange(folded_, false)) return std::nullopt;
    while (!queue_.empty() && group.size() < std::max<std::size_t>(options_.group_limit, 1)) {
      group.push_back(std::move(queue_.front()));
      queue_.pop_front();
    }
    return group;
  }

  // The log is folded beside the writes. What they added to it meanwhile is folded here: it is little, and with all of
  // it in the file the log begins anew instead of growing on.
  void fold() {
    if (broken_) return;
    if (const std::optional<Result<bool>> beside = checkpointer_->outcome()) {
      const Result<bool> folded = *beside ? connection_->checkpoint() : *beside;
      if (!folded) note(folded.error());
      // A reader that stays on an old snapshot (a backup) keeps the log from beginning anew: not tried at every commit.
      fold_at_ = folded && *folded ? kCheckpointPages : connection_->log_pages() + kCheckpointPages / 4;
    } else if (connection_->log_pages() >= fold_at_) {
      checkpointer_->begin();
    }
  }

  // A write that was asked for tells whether the disk takes any; one that changed nothing tells nothing.
  void judge_disk(const std::vector<Write>& group, bool written) {
    for (const Write& write : group)
      if (!write.outcome && disk_refused(write.outcome.error())) return set_writable(&write.outcome.error());
    if (written) set_writable(nullptr);
  }

  // Writes the head as it stands: a page of the log, flushed, that means nothing new.
  void try_disk() {
    try {
      connection_->execute("BEGIN IMMEDIATE");
      writing_.keep_head();
      connection_->run(Statement::commit, {});
      set_writable(nullptr);
    } catch (const StoreFault& stopped) {
      note(stopped.fault());
      roll_back();
    }
  }

  static bool disk_refused(const Fault& fault) { return fault.code == "store_full" || fault.code == "store_readonly"; }

  void set_writable(const Fault* fault) {
    if (writable_ == (fault == nullptr)) return;
    writable_ = fault == nullptr;
    if (options_.on_writable) options_.on_writable(fault);
  }

  // All of the group in one transaction. Afterwards every outcome is final and durable.
  void run_group(std::vector<Write>& group) {
    const Head before = writing_.head();
    try {
      if (broken_) throw StoreFault(*broken_);
      connection_->run(Statement::begin_write, {});
      ops::cross(ops::FaultPoint::group_begun);
      if (!run_together(group)) {
        connection_->run(Statement::rollback, {});
        writing_.put_back(before);
        if (group.size() == 1) return;
        connection_->run(Statement::begin_write, {});
        for (Write& write : group) write.outcome = run_apart(write.body);
      }
      if (writing_.head().sequence != before.sequence) writing_.keep_head();
      ops::cross(ops::FaultPoint::group_before_commit);
      connection_->run(Statement::commit, {});
      ops::cross(ops::FaultPoint::group_committed);
    } catch (const StoreFault& stopped) {
      note(stopped.fault());
      writing_.put_back(before);
      roll_back();
      for (Write& write : group) {
        if (write.outcome) write.outcome = tl::unexpected(stopped.fault());
      }
    }
  }

  // Few writes fail, and a savepoint for each would copy every page that it changes: only when one does fail is the
  // group run anew, each write apart from the others.
  bool run_together(std::vector<Write>& group) {
    for (Write& write : group) {
      write.outcome = run_one(write.body);
      if (!write.outcome) return false;
    }
    return true;
  }

  Result<void> run_apart(const WriteBody& body) {
    const Head before = writing_.head();
    connection_->run(Statement::savepoint, {});
    Result<void> outcome = run_one(body);
    if (!outcome) {
      connection_->run(Statement::savepoint_rollback, {});
      writing_.put_back(before);
    }
    connection_->run(Statement::savepoint_release, {});
    return outcome;
  }

  // Throws StoreFault when the whole transaction is lost.
  Result<void> run_one(const WriteBody& body) {
    Result<void> outcome;
    try {
      outcome = body(writing_);
    } catch (const StoreFault& stopped) {
      outcome = tl::unexpected(stopped.fault());
    } catch (...) {  // what it says may quote a payload
      outcome = permanent("closure_failed", "a write ended with an exception");
    }
    // SQLite gives up the whole transaction on some faults; a failed flush ends everything.
    if (!outcome && (!connection_->in_transaction() || outcome.error().code == "store_io"))
      throw StoreFault(outcome.error());
    ops::cross(ops::FaultPoint::group_write_done);
    return outcome;
  }

  void roll_back() {
    if (!connection_->in_transaction()) return;
    try {
      connection_->run(Statement::rollback, {});
    } catch (const StoreFault& stopped) {
      note({FaultKind::permanent, "store_io", stopped.fault().text});  // a transaction that cannot be ended
    }
  }

  // After a failed flush nobody knows what the disk holds, and the kernel may report the next flush as good: never
  // tried again (Rebello et al., "Can Applications Recover from fsync Failures?", USENIX ATC 2020).
  void note(const Fault& fault) {
    if (fault.code != "store_io" || broken_) return;
    broken_ = fault;
    if (options_.on_broken) options_.on_broken(fault);
  }

  const SqliteOptions options_;
  const FileLock lock_;
  std::unique_ptr<Connection> connection_;  // used by writer_ alone once it runs
  Writing writing_;
  std::optional<Fault> broken_;
  bool writable_ = true;            // writer_ alone
  int fold_at_ = kCheckpointPages;  // pages of the log; writer_ alone
  ReaderPool readers_;

  std::mutex mutex_;  // queue_, closing_, folded_
  std::condition_variable queued_;
  std::deque<Write> queue_;
  bool closing_ = false;
  bool folded_ = false;  // a pass of the checkpointer has ended
  Teller teller_;
  std::unique_ptr<Checkpointer> checkpointer_;
  std::thread writer_;
  std::mutex close_mutex_;
};

Result<std::uint64_t> SqliteLedger::backup(const std::filesystem::path& file) {
  std::error_code error;
  if (std::filesystem::exists(file, error))
    return permanent("backup_exists", "there is a file of that name; a backup replaces none");
  std::filesystem::path partial = file;
  partial += ".partial";
  std::filesystem::remove(partial, error);
  const int created = ::open(partial.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (created < 0) return permanent("backup_failed", "the backup file cannot be made");
  ::close(created);
  ops::cross(ops::FaultPoint::backup_before_copy);
  const Result<void> copied = readers_.with([&](Connection& connection) -> Result<void> {
    connection.copy_into(partial);
    return {};
  });
  if (!copied) {
    std::filesystem::remove(partial, error);
    return tl::unexpected(copied.error());
  }
  ops::cross(ops::FaultPoint::backup_copied);
  const std::uint64_t bytes = std::filesystem::file_size(partial, error);
  if (!error && flush_file_and_folder(partial)) std::filesystem::rename(partial, file, error);
  ops::cross(ops::FaultPoint::backup_renamed);
  if (error || !flush_file_and_folder(file)) return retryable("backup_failed", "the backup could not be made durable");
  return bytes;
}

}  // namespace

Result<std::unique_ptr<Ledger>> open_with(const SqliteOptions& options, std::span<const Migration> steps) {
  Result<FileLock> lock = FileLock::take(options.file);
  if (!lock) return tl::unexpected(lock.error());
  Result<std::unique_ptr<Connection>> connection = Connection::open(options.file, Mode::write);
  if (!connection) return tl::unexpected(connection.error());
  if (Result<void> migrated = migrate(**connection, steps); !migrated) return tl::unexpected(migrated.error());
  Result<Head> head = sound_head(**connection);
  if (!head) return tl::unexpected(head.error());
  auto ledger = std::make_unique<SqliteLedger>(options, std::move(*lock), std::move(*connection), std::move(*head));
  if (Result<void> started = ledger->start(); !started) return tl::unexpected(started.error());
  return ledger;
}

}  // namespace puente::ledger::sqlite

namespace puente::ledger {

Result<std::unique_ptr<Ledger>> open_sqlite(const SqliteOptions& options) {
  return sqlite::open_with(options, migrations());
}

Result<VerifyReport> verify_sqlite(const std::filesystem::path& file) {
  Result<std::unique_ptr<sqlite::Connection>> connection = sqlite::Connection::open(file, sqlite::Mode::read);
  if (!connection) return tl::unexpected(connection.error());
  if (Result<void> fits = sqlite::require_version(**connection, migrations()); !fits)
    return tl::unexpected(fits.error());
  try {
    return sqlite::verify_connection(**connection);
  } catch (const StoreFault& stopped) {
    return tl::unexpected(stopped.fault());
  }
}

}  // namespace puente::ledger
