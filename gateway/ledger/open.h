// Opens (and creates or migrates forward) the SQLite ledger: WAL, synchronous=FULL read back, foreign keys on, one
// writing connection.
#pragma once

#include <memory>

#include "gateway/ledger/ledger.h"

namespace puente::ledger {

struct SqliteOptions {
  std::filesystem::path file;
  std::size_t readers = 8;
  std::size_t group_limit = 256;  // closures in one transaction
  std::function<Micros()> clock;  // time of events whose caller gives none; the system's when empty
  // A flush of the disk failed: what the disk holds is unknown, every write is refused from now on (store_io) and only
  // a restart helps. Called once, on the writing thread; the daemon ends the process with 74 here.
  std::function<void(const Fault&)> on_broken;
  // Whether the disk takes writes (store_full, store_readonly say no): called on the writing thread with the fault when
  // it stops to, and with null when it does again. While it does not, the ledger itself tries a write each second.
  std::function<void(const Fault*)> on_writable;
};
// Faults: store_open, store_schema_newer, store_settings (synchronous or journal mode not as asked), store_locked
// (another process has it), store_damaged (the last event is not the one that was written last).
Result<std::unique_ptr<Ledger>> open_sqlite(const SqliteOptions& options);

// verify() of a file that no gateway has open: a backup, or a ledger that open_sqlite refuses. Changes nothing.
Result<VerifyReport> verify_sqlite(const std::filesystem::path& file);

}  // namespace puente::ledger
