// Brings a file to the schema of this program, forward only.
#pragma once

#include <span>

#include "gateway/ledger/sqlite/connection.h"
#include "gateway/ledger/statements.h"

namespace puente::ledger::sqlite {

// Applies the steps that the file has not seen, each in its own transaction with its version row. Faults:
// store_schema_newer when the file is of a later program, and those of the store.
Result<void> migrate(Connection& connection, std::span<const Migration> steps);

// The version of the file, refused when it is not that of the last step: for files that are only read.
Result<void> require_version(Connection& connection, std::span<const Migration> steps);

}  // namespace puente::ledger::sqlite
