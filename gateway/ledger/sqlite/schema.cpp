#include "gateway/ledger/sqlite/schema.h"

#include "gateway/ops/fault_points.h"

namespace puente::ledger::sqlite {
namespace {

// SQLite's words for "this row is never changed"; PostgreSQL says the same with a trigger function.
constexpr std::string_view kGuards = R"sql(
CREATE TRIGGER IF NOT EXISTS events_no_update BEFORE UPDATE ON events
  BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
CREATE TRIGGER IF NOT EXISTS events_no_delete BEFORE DELETE ON events
  BEGIN SELECT RAISE(ABORT, 'events are append-only'); END;
CREATE TRIGGER IF NOT EXISTS bodies_no_update BEFORE UPDATE ON bodies
  BEGIN SELECT RAISE(ABORT, 'the bytes of a document never change'); END;
CREATE TRIGGER IF NOT EXISTS bodies_no_delete BEFORE DELETE ON bodies
  BEGIN SELECT RAISE(ABORT, 'documents are never deleted'); END;
CREATE TRIGGER IF NOT EXISTS documents_keep_identity BEFORE UPDATE OF id, sequence, identity, sha256, receipt ON documents
  WHEN NEW.id <> OLD.id OR NEW.sequence <> OLD.sequence OR NEW.identity <> OLD.identity OR NEW.sha256 <> OLD.sha256
    OR NEW.receipt <> OLD.receipt
  BEGIN SELECT RAISE(ABORT, 'the identity and the receipt of a document never change'); END;
CREATE TRIGGER IF NOT EXISTS documents_no_delete BEFORE DELETE ON documents
  BEGIN SELECT RAISE(ABORT, 'documents are never deleted'); END;
CREATE TRIGGER IF NOT EXISTS allocations_no_update BEFORE UPDATE ON allocations
  BEGIN SELECT RAISE(ABORT, 'a number is given once'); END;
CREATE TRIGGER IF NOT EXISTS allocations_no_delete BEFORE DELETE ON allocations
  BEGIN SELECT RAISE(ABORT, 'a number is given once'); END;
)sql";

// A number that is the key is the row's place, and a table kept by its key has no second tree for it.
std::string in_own_words(std::string_view schema) {
  std::string text(schema);
  for (const auto& [ours, own] :
       {std::pair{"BIGINT PRIMARY KEY", "INTEGER PRIMARY KEY"}, std::pair{") CLUSTERED;", ") WITHOUT ROWID;"}})
    for (auto at = text.find(ours); at != std::string::npos; at = text.find(ours, at))
      text.replace(at, std::string_view(ours).size(), own);
  return text;
}

int version_of(Connection& connection) {
  int version = 0;
  connection.run(Statement::schema_read, {}, [&](const RowView& row) { version = static_cast<int>(row.number(0)); });
  return version;
}

tl::unexpected<Fault> newer(int version, int known) {
  return permanent("store_schema_newer", "the ledger file has schema " + std::to_string(version) +
                                             ", this program knows " + std::to_string(known) +
                                             ": it was written by a later version");
}

}  // namespace

Result<void> migrate(Connection& connection, std::span<const Migration> steps) {
  const int known = steps.empty() ? 0 : steps.back().version;
  try {
    connection.execute(in_own_words(schema_table()));
    // A step may put another table in the place of one that others refer to: looked at as a whole before it is kept.
    connection.execute("PRAGMA foreign_keys = OFF");
    const int version = version_of(connection);
    if (version > known) return newer(version, known);
    ops::cross(ops::FaultPoint::migration_begun);
    for (const Migration& step : steps) {
      if (step.version <= version) continue;
      connection.execute("BEGIN IMMEDIATE");
      connection.execute(in_own_words(step.sql));
      if (!connection.text_of("PRAGMA foreign_key_check").empty())
        throw StoreFault({FaultKind::permanent, "store_damaged",
                          "schema " + std::to_string(step.version) + ": rows would refer to rows that are not there"});
      ops::cross(ops::FaultPoint::migration_in_step);
      connection.run(Statement::schema_write, {step.version});
      connection.execute("COMMIT");
      ops::cross(ops::FaultPoint::migration_step_committed);
    }
    connection.execute("PRAGMA foreign_keys = ON");
    connection.execute(std::string(kGuards));
  } catch (const StoreFault& stopped) {
    if (connection.in_transaction()) connection.execute("ROLLBACK");
    return tl::unexpected(stopped.fault());
  }
  return {};
}

Result<void> require_version(Connection& connection, std::span<const Migration> steps) {
  try {
    const int version = version_of(connection);
    const int known = steps.back().version;
    if (version > known) return newer(version, known);
    if (version < known) {
      return permanent("store_schema_older", "the ledger file has schema " + std::to_string(version) +
                                                 ", this program reads " + std::to_string(known) +
                                                 ": open it once with the gateway to bring it forward");
    }
  } catch (const StoreFault& stopped) {
    return tl::unexpected(stopped.fault());
  }
  return {};
}

}  // namespace puente::ledger::sqlite
