#include "gateway/ledger/sqlite/connection.h"

#include <fcntl.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>

namespace puente::ledger::sqlite {
namespace {

constexpr int kBusyMilliseconds = 5000;
constexpr int kWriterCacheKib = 32 * 1024;

// Classified where it arises. What SQLite says names tables and columns, never values, so it may be shown to operators.
Fault fault_of(int code, std::string_view doing, const char* message) {
  const std::string text = std::string(doing) + ": " + message;
  switch (code & 0xFF) {
    case SQLITE_FULL:
      return {FaultKind::retryable, "store_full", text};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {FaultKind::retryable, "store_busy", text};
    case SQLITE_READONLY:
    case SQLITE_CANTOPEN:
      return {FaultKind::retryable, "store_readonly", text};
    case SQLITE_CONSTRAINT:
      return {FaultKind::permanent, "row_conflict", text};
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return {FaultKind::permanent, "store_damaged", text};
    case SQLITE_IOERR:
      if (code == SQLITE_IOERR_READ || code == SQLITE_IOERR_SHORT_READ)
        return {FaultKind::permanent, "store_read", text};
      return {FaultKind::permanent, "store_io", text};
    default:
      return {FaultKind::permanent, "store_failed", text};
  }
}

class StatementRow final : public RowView {
 public:
  explicit StatementRow(sqlite3_stmt* statement) : statement_(statement) {}
  std::int64_t number(int column) const override { return sqlite3_column_int64(statement_, column); }
  std::string_view chars(int column) const override {
    const void* bytes = sqlite3_column_blob(statement_, column);
    const int length = sqlite3_column_bytes(statement_, column);
    return bytes == nullptr ? std::string_view()
                            : std::string_view(static_cast<const char*>(bytes), static_cast<std::size_t>(length));
  }

 private:
  sqlite3_stmt* statement_;
};

// A statement never stays half-read: an open one would hold the snapshot, or keep a savepoint from being released.
class Resetter {
 public:
  explicit Resetter(sqlite3_stmt* statement) : statement_(statement) {}
  Resetter(const Resetter&) = delete;
  Resetter& operator=(const Resetter&) = delete;
  ~Resetter() {
    sqlite3_reset(statement_);
    sqlite3_clear_bindings(statement_);
  }

 private:
  sqlite3_stmt* statement_;
};

int bind(sqlite3_stmt* statement, int parameter, const Value& value) {
  // An empty view may have no address, which SQLite would take for NULL.
  const char* chars = value.chars.data() == nullptr ? "" : value.chars.data();
  switch (value.type) {
    case ColumnType::number:
      return sqlite3_bind_int64(statement, parameter, value.number);
    case ColumnType::text:
      return sqlite3_bind_text64(statement, parameter, chars, value.chars.size(), SQLITE_STATIC, SQLITE_UTF8);
    case ColumnType::bytes:
      return sqlite3_bind_blob64(statement, parameter, chars, value.chars.size(), SQLITE_STATIC);
  }
  return SQLITE_MISUSE;
}

}  // namespace

Result<std::unique_ptr<Connection>> Connection::open(const std::filesystem::path& file, Mode mode) {
  // Counting what is allocated takes a lock at every allocation. Refused, and not needed, where SQLite is in use
  // already.
  [[maybe_unused]] static const int uncounted = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  if (mode == Mode::write) {
    // Created here so that nobody else may read it: the ledger holds names and invoices. SQLite gives its log the same
    // rights.
    const int created = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (created < 0) return permanent("store_open", "the ledger file cannot be opened for writing");
    ::close(created);
  }
  sqlite3* raw = nullptr;
  const int flags = (mode == Mode::write ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY) | SQLITE_OPEN_NOMUTEX;
  const int code = sqlite3_open_v2(file.c_str(), &raw, flags, nullptr);
  auto connection = std::make_unique<Connection>();
  connection->database_.reset(raw);
  if (code != SQLITE_OK) return permanent("store_open", raw == nullptr ? "out of memory" : sqlite3_errmsg(raw));
  sqlite3_extended_result_codes(raw, 1);
  sqlite3_busy_timeout(raw, kBusyMilliseconds);
  try {
    if (Result<void> configured = connection->configure(mode); !configured) return tl::unexpected(configured.error());
  } catch (const StoreFault& stopped) {
    return permanent("store_open", stopped.fault().text);
  }
  return connection;
}

Result<void> Connection::configure(Mode mode) {
  execute("PRAGMA trusted_schema = OFF");
  if (mode == Mode::read) {
    execute("PRAGMA query_only = ON");
    return {};
  }
  // What a savepoint has to remember stays in memory (as a file it would be opened and written for every group), and so
  // do the pages that a group of large documents changes, until they go to the log once.
  execute("PRAGMA temp_store = MEMORY; PRAGMA cache_size = -" + std::to_string(kWriterCacheKib));
  execute(
      "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA journal_size_limit = "
      "67108864");
  const std::string journal = text_of("PRAGMA journal_mode");
  const std::string synchronous = text_of("PRAGMA synchronous");
  const std::string foreign_keys = text_of("PRAGMA foreign_keys");
  if (journal != "wal" || synchronous != "2" || foreign_keys != "1") {
    return permanent("store_settings", "the file took journal_mode " + journal + ", synchronous " + synchronous +
                                           ", foreign_keys " + foreign_keys + "; wal, 2 and 1 are needed");
  }
  // Takes the place of SQLite's automatic checkpoint, which runs inside COMMIT and hides a failed flush of the file.
  sqlite3_wal_hook(
      database_.get(),
      [](void* self, sqlite3*, const char*, int pages) {
        static_cast<Connection*>(self)->log_pages_ = pages;
        return SQLITE_OK;
      },
      this);
  return {};
}

void Connection::fail(std::string_view doing) const {
  throw StoreFault(fault_of(sqlite3_extended_errcode(database_.get()), doing, sqlite3_errmsg(database_.get())));
}

Connection::Prepared& Connection::prepared(Statement statement) {
  Prepared& entry = statements_.at(static_cast<std::size_t>(statement));
  if (entry.statement) return entry;
  const std::string& text = sql(statement);
  sqlite3_stmt* raw = nullptr;
  if (sqlite3_prepare_v3(database_.get(), text.data(), static_cast<int>(text.size()), SQLITE_PREPARE_PERSISTENT, &raw,
                         nullptr) != SQLITE_OK) {
    fail("preparing a statement");
  }
  entry.statement.reset(raw);
  for (int parameter = 1; parameter <= sqlite3_bind_parameter_count(raw); ++parameter) {
    const std::string_view name = sqlite3_bind_parameter_name(raw, parameter);  // "$2"
    std::size_t value = 0;
    std::from_chars(name.data() + 1, name.data() + name.size(), value);
    entry.value_of_parameter.push_back(value - 1);
  }
  return entry;
}

std::uint64_t Connection::run(Statement statement, std::span<const Value> values, const RowSink& sink) {
  Prepared& entry = prepared(statement);
  sqlite3_stmt* raw = entry.statement.get();
  const Resetter resetter(raw);
  int parameter = 0;
  for (const std::size_t value : entry.value_of_parameter) {
    if (value >= values.size()) std::abort();  // a statement and its call disagree
    if (bind(raw, ++parameter, values[value]) != SQLITE_OK) fail("binding a parameter");
  }
  const StatementRow row(raw);
  for (;;) {
    switch (sqlite3_step(raw)) {
      case SQLITE_ROW:
        if (sink) sink(row);
        break;
      case SQLITE_DONE:
        return sqlite3_stmt_readonly(raw) != 0 ? 0 : static_cast<std::uint64_t>(sqlite3_changes64(database_.get()));
      default:
        fail("running a statement");
    }
  }
}

void Connection::execute(const std::string& statements) {
  if (sqlite3_exec(database_.get(), statements.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) fail("executing");
}

std::string Connection::text_of(const std::string& query) {
  sqlite3_stmt* raw = nullptr;
  if (sqlite3_prepare_v2(database_.get(), query.c_str(), -1, &raw, nullptr) != SQLITE_OK) fail("preparing a query");
  const std::unique_ptr<sqlite3_stmt, FinalizeStatement> statement(raw);
  switch (sqlite3_step(raw)) {
    case SQLITE_ROW:
      return std::string(StatementRow(raw).chars(0));
    case SQLITE_DONE:
      return {};
    default:
      fail("running a query");
  }
}

void Connection::copy_into(const std::filesystem::path& file) {
  // query_only forbids writing any file, the copy too; what is copied was opened read-only and stays so.
  const struct Lifted {
    explicit Lifted(sqlite3* database) : database_(database) { set("PRAGMA query_only = OFF"); }
    ~Lifted() { set("PRAGMA query_only = ON"); }
    void set(const char* pragma) const { sqlite3_exec(database_, pragma, nullptr, nullptr, nullptr); }
    sqlite3* database_;
  } lifted(database_.get());
  sqlite3_stmt* raw = nullptr;
  if (sqlite3_prepare_v2(database_.get(), "VACUUM INTO ?", -1, &raw, nullptr) != SQLITE_OK) fail("preparing a copy");
  const std::unique_ptr<sqlite3_stmt, FinalizeStatement> statement(raw);
  if (bind(raw, 1, Value(file.native())) != SQLITE_OK || sqlite3_step(raw) != SQLITE_DONE) fail("copying");
}

Result<bool> Connection::checkpoint() {
  int pages = 0, folded = 0;
  const int code = sqlite3_wal_checkpoint_v2(database_.get(), nullptr, SQLITE_CHECKPOINT_PASSIVE, &pages, &folded);
  if (code == SQLITE_OK) {
    log_pages_ = pages;
    return folded == pages;
  }
  return tl::unexpected(
      fault_of(sqlite3_extended_errcode(database_.get()), "checkpoint", sqlite3_errmsg(database_.get())));
}

}  // namespace puente::ledger::sqlite
