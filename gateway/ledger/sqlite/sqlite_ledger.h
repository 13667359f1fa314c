// open_sqlite with the schema steps as a parameter, for the tests of migration.
#pragma once

#include "gateway/ledger/open.h"
#include "gateway/ledger/statements.h"

namespace puente::ledger::sqlite {

Result<std::unique_ptr<Ledger>> open_with(const SqliteOptions& options, std::span<const Migration> steps);

}  // namespace puente::ledger::sqlite
