// One SQLite connection with its prepared statements. Used by one thread at a time.
#pragma once

#include <sqlite3.h>

#include <array>
#include <filesystem>
#include <memory>
#include <string>

#include "gateway/ledger/session.h"

namespace puente::ledger::sqlite {

enum class Mode { write, read };

class Connection final : public Session {
 public:
  // Mode::write creates the file (readable by its owner alone), sets WAL and synchronous=FULL and reads both back.
  // Faults: store_open, store_settings.
  static Result<std::unique_ptr<Connection>> open(const std::filesystem::path& file, Mode mode);

  using Session::run;
  std::uint64_t run(Statement statement, std::span<const Value> values, const RowSink& sink) override;

  // Any number of statements, without parameters or rows. Throws StoreFault.
  void execute(const std::string& statements);
  // First column of the first row.
  std::string text_of(const std::string& query);

  // The whole snapshot, compacted, into an empty file.
  void copy_into(const std::filesystem::path& file);

  bool in_transaction() const { return sqlite3_get_autocommit(database_.get()) == 0; }
  // Moves what is in the log into the file as far as readers allow; whether all of it is there now, so that the next
  // commit begins the log anew. Off the path of acknowledgements.
  Result<bool> checkpoint();
  int log_pages() const { return log_pages_; }  // at the last commit or checkpoint of this connection

 private:
  struct CloseDatabase {
    void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
  };
  struct FinalizeStatement {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };
  // A prepared statement, and which of the values each of its parameters takes ("$2" takes the second).
  struct Prepared {
    std::unique_ptr<sqlite3_stmt, FinalizeStatement> statement;
    std::vector<std::size_t> value_of_parameter;
  };

  Prepared& prepared(Statement statement);
  Result<void> configure(Mode mode);
  [[noreturn]] void fail(std::string_view doing) const;

  std::unique_ptr<sqlite3, CloseDatabase> database_;
  std::array<Prepared, static_cast<std::size_t>(Statement::kCount)> statements_;
  int log_pages_ = 0;
};

}  // namespace puente::ledger::sqlite
