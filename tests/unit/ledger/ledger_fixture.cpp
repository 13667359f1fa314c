#include "tests/unit/ledger/ledger_fixture.h"

#include <unistd.h>

#include <cstdlib>

namespace puente::ledger {

DocumentRow document_row(const std::string& id) {
  DocumentRow row;
  row.id = id;
  row.partner = "SHIPPER";
  row.kind = 1;
  row.identity = "cfdi:" + id;
  row.transport = "grpc";
  row.state = "received";
  row.received_at = 1000;
  return row;
}

FilingRow filing_row(const std::string& id) {
  FilingRow row;
  row.id = id;
  row.token = "token-" + id;
  row.shipment = "SHP1";
  row.filer = "BROKER";
  row.importer = "importer-" + id;
  row.kind = "se";
  row.action = "A";
  row.state = "ready";
  row.reference = "ref-" + id;
  row.records = "SE10 " + id;
  row.created_at = 1000;
  row.changed_at = 1000;
  return row;
}

EventText by(std::string verb, Micros at) { return {std::move(verb), "SHIPPER", "", at}; }

void LedgerTest::SetUp() {
  // In memory where that is to be had: what a flush means is tested with a disk of our own (faulty_disk.h), and real
  // ones are slow.
  const std::filesystem::path memory = "/dev/shm";
  const bool roomy = access(memory.c_str(), W_OK) == 0 && std::filesystem::space(memory).available > (64U << 20);
  std::string name = ((roomy ? memory : std::filesystem::temp_directory_path()) / "puente-ledger-XXXXXX").string();
  ASSERT_NE(mkdtemp(name.data()), nullptr);
  folder_ = name;
  open();
}

void LedgerTest::TearDown() {
  ledger_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

SqliteOptions LedgerTest::options() const {
  SqliteOptions options;
  options.file = file();
  options.clock = [] { return Micros{999}; };
  return options;
}

void LedgerTest::open() {
  Result<std::unique_ptr<Ledger>> opened = open_sqlite(options());
  ASSERT_TRUE(opened) << opened.error().code << ": " << opened.error().text;
  ledger_ = std::move(*opened);
}

void LedgerTest::reopen() {
  ledger_.reset();
  open();
}

void LedgerTest::must(Ledger::WriteBody body) {
  const Result<void> outcome = write(std::move(body));
  ASSERT_TRUE(outcome) << outcome.error().code << ": " << outcome.error().text;
}

void LedgerTest::look(const std::function<void(Reader&)>& body) {
  const Result<void> outcome = ledger_->read([&](Reader& reader) -> Result<void> {
    body(reader);
    return {};
  });
  ASSERT_TRUE(outcome) << outcome.error().code << ": " << outcome.error().text;
}

std::string LedgerTest::fault_of(Ledger::WriteBody body) {
  const Result<void> outcome = write(std::move(body));
  return outcome ? "" : outcome.error().code;
}

void LedgerTest::put_document(const std::string& id, std::string_view body) {
  must([&](Writer& writer) {
    DocumentRow row = document_row(id);
    return writer.insert_document(row, body, by("accept"));
  });
}

void LedgerTest::put_shipment(const std::string& id) {
  must([&](Writer& writer) {
    ShipmentRow row;
    row.id = id;
    row.state = "gathering";
    row.opened_at = row.changed_at = 1000;
    return writer.insert_shipment(row, by("join"));
  });
}

void LedgerTest::put_filing(const std::string& id, const std::function<void(FilingRow&)>& change) {
  must([&](Writer& writer) -> Result<void> {
    FilingRow row = filing_row(id);
    if (change) change(row);
    if (!writer.shipment(row.shipment)) {
      ShipmentRow shipment;
      shipment.id = row.shipment;
      shipment.state = "gathering";
      shipment.opened_at = 1000;
      if (Result<void> inserted = writer.insert_shipment(shipment, by("join")); !inserted) return inserted;
    }
    return writer.insert_filing(row, {}, by("draft"));
  });
}

FilingRow LedgerTest::filing(const std::string& id) {
  FilingRow row;
  look([&](Reader& reader) { row = reader.filing(id).value(); });
  return row;
}

std::vector<std::string> LedgerTest::claim_ids(const std::string& filer, Micros now, std::size_t limit) {
  std::vector<std::string> ids;
  must([&](Writer& writer) -> Result<void> {
    ids.clear();
    const Result<std::vector<FilingRow>> rows = writer.claim(filer, "grpc", "gateway-1", now, now + kLease, limit);
    if (!rows) return tl::unexpected(rows.error());
    for (const FilingRow& row : *rows) ids.push_back(row.id);
    return {};
  });
  return ids;
}

std::vector<std::string> LedgerTest::expire_ids(Micros now, Micros wait, std::size_t limit) {
  std::vector<std::string> ids;
  must([&](Writer& writer) -> Result<void> {
    ids.clear();
    const auto rows = writer.expire_leases(now, limit, [&](const FilingRow&) { return now + wait; });
    if (!rows) return tl::unexpected(rows.error());
    for (const FilingRow& row : *rows) ids.push_back(row.id);
    return {};
  });
  return ids;
}

void LedgerTest::tamper(const std::string& statements) {
  ledger_.reset();
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(file().c_str(), &database), SQLITE_OK);
  const std::string unguarded =
      "DROP TRIGGER IF EXISTS events_no_update; DROP TRIGGER IF EXISTS events_no_delete; DROP TRIGGER IF EXISTS "
      "bodies_no_update; DROP TRIGGER IF EXISTS "
      "bodies_no_delete; DROP TRIGGER IF EXISTS documents_keep_identity; DROP TRIGGER IF EXISTS documents_no_delete; "
      "PRAGMA foreign_keys = OFF;" +
      statements;
  EXPECT_EQ(sqlite3_exec(database, unguarded.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
      << sqlite3_errmsg(database);
  sqlite3_close(database);
}

VerifyReport LedgerTest::verify_file() {
  const Result<VerifyReport> report = verify_sqlite(file());
  EXPECT_TRUE(report) << report.error().code << ": " << report.error().text;
  return report.value_or(VerifyReport{});
}

}  // namespace puente::ledger
