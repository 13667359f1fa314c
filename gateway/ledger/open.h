// Opens (and creates or migrates forward) the SQLite ledger: WAL, synchronous=FULL read back, foreign keys on, one writing connection.
#pragma once

#include <memory>

#include "gateway/ledger/ledger.h"

namespace puente::ledger {

struct SqliteOptions {
  std::filesystem::path file;
  std::size_t readers = 4;
  std::size_t group_limit = 256;     // closures in one transaction
};
// Faults: store_open, store_schema_newer, store_settings (synchronous or journal mode not as asked), store_locked.
Result<std::unique_ptr<Ledger>> open_sqlite(const SqliteOptions& options);

}  // namespace puente::ledger
