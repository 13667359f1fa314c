#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "gateway/ledger/sqlite/connection.h"
#include "gateway/ledger/sqlite/sqlite_ledger.h"
#include "tests/unit/ledger/ledger_fixture.h"

namespace puente::ledger {
namespace {

using Opening = LedgerTest;

TEST_F(Opening, Reopen_GivesEverythingBackAndGoesOn) {
  put_document("DOC1", "one");
  put_filing("FIL1");
  reopen();
  put_document("DOC2", "two");
  look([](Reader& reader) {
    EXPECT_EQ(reader.body("DOC1").value(), "one");
    EXPECT_EQ(reader.filing("FIL1").value().token, "token-FIL1");
    EXPECT_EQ(reader.document("DOC2").value().sequence, 4U);
  });
  EXPECT_TRUE(ledger_->verify().value().intact);
  EXPECT_EQ(ledger_->durability(), "one disk, fsynced");
}

TEST_F(Opening, SecondOpening_IsRefusedUntilTheFirstIsClosed) {
  const auto second = open_sqlite(options());
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, "store_locked");
  EXPECT_EQ(second.error().kind, FaultKind::permanent);
}

TEST_F(Opening, SecondProcess_IsRefused) {
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {  // only the lock is reached: no thread is started here
    const auto second = open_sqlite(options());
    _exit(!second && second.error().code == "store_locked" ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

TEST_F(Opening, File_IsReadableByItsOwnerAlone) {
  put_document("DOC1");
  for (const char* suffix : {"", "-wal", ".lock"}) {
    struct stat found {};
    ASSERT_EQ(stat((file().string() + suffix).c_str(), &found), 0) << suffix;
    EXPECT_EQ(found.st_mode & 077, 0U) << suffix;
  }
}

TEST_F(Opening, NotALedger_IsRefused) {
  ledger_.reset();
  std::ofstream(file(), std::ios::trunc) << std::string(8192, 'x');
  EXPECT_EQ(open_sqlite(options()).error().code, "store_open");
  SqliteOptions nowhere = options();
  nowhere.file = folder_ / "no such folder" / "ledger.db";
  EXPECT_EQ(open_sqlite(nowhere).error().code, "store_open");
}

TEST_F(Opening, Settings_AreReadBackAsWalAndFull) {
  ledger_.reset();
  const auto connection = sqlite::Connection::open(file(), sqlite::Mode::write);
  ASSERT_TRUE(connection);
  EXPECT_EQ((*connection)->text_of("PRAGMA journal_mode"), "wal");
  EXPECT_EQ((*connection)->text_of("PRAGMA synchronous"), "2");
  EXPECT_EQ((*connection)->text_of("PRAGMA foreign_keys"), "1");
}

TEST_F(Opening, Settings_NotTaken_AreRefused) {
  // A database in memory cannot keep a write-ahead log.
  const auto connection = sqlite::Connection::open(":memory:", sqlite::Mode::write);
  std::filesystem::remove(":memory:");
  ASSERT_FALSE(connection);
  EXPECT_EQ(connection.error().code, "store_settings");
}

TEST_F(Opening, NewerSchema_IsRefusedAndLeftAlone) {
  tamper("INSERT INTO ledger_schema (version) VALUES (99)");
  const auto opened = open_sqlite(options());
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, "store_schema_newer");
  EXPECT_EQ(verify_sqlite(file()).error().code, "store_schema_newer");
}

TEST_F(Opening, OlderSchema_IsBroughtForwardOnceWithItsRows) {
  put_document("DOC1", "one");
  ledger_.reset();
  std::vector<Migration> steps(migrations().begin(), migrations().end());
  const int last = steps.back().version;
  steps.push_back({last + 1, "ALTER TABLE documents ADD COLUMN later BIGINT NOT NULL DEFAULT 7;"});
  steps.push_back({last + 2, "CREATE TABLE later (id TEXT PRIMARY KEY); INSERT INTO later VALUES ('x');"});
  for (int time = 0; time < 2; ++time) {  // the second finds nothing to do
    auto opened = sqlite::open_with(options(), steps);
    ASSERT_TRUE(opened) << opened.error().text;
    ledger_ = std::move(*opened);
    put_document("DOC" + std::to_string(2 + time));
    look([](Reader& reader) { EXPECT_EQ(reader.body("DOC1").value(), "one"); });
    EXPECT_TRUE(ledger_->verify().value().intact);
    ledger_.reset();
  }
  EXPECT_EQ(open_sqlite(options()).error().code, "store_schema_newer");  // the program of today meets that file
}

TEST_F(Opening, DraftsOfAnOlderSchema_AreStillThoseOfTheirFilings) {
  ledger_.reset();
  std::filesystem::remove(options().file);
  const auto before = migrations().first(2);  // drafts stood in the filings' rows
  ASSERT_TRUE(sqlite::open_with(options(), before));
  tamper(
      "INSERT INTO shipments VALUES ('SHP1', 'drafted', 1, '', '', 1, 1, '', '', 1);"
      "INSERT INTO filings VALUES ('FIL1', 'token', 'SHP1', 'broker', 'importer', 'se', 'A', 1, 'ready', 'R1', 'B7P', "
      "'', "
      "x'6472616674', x'', x'', 1, 1, 0, 0, 0, '', '', 0, 0, '', '', 1);");
  open();
  look([](Reader& reader) {
    EXPECT_EQ(reader.draft("FIL1").value().whole(), "draft");
    EXPECT_EQ(reader.draft_head("FIL1"), "draft");
    EXPECT_EQ(reader.filing("FIL1").value().state_since, 1);
  });
  must([](Writer& writer) { return writer.put_draft("FIL1", {"head", "lineage"}); });
  look([](Reader& reader) { EXPECT_EQ(reader.draft("FIL1").value().whole(), "headlineage"); });
}

TEST_F(Opening, DocumentsOfAnOlderSchema_AreStillThereWithWhatRefersToThem) {
  ledger_.reset();
  std::filesystem::remove(options().file);
  ASSERT_TRUE(sqlite::open_with(options(), migrations().first(4)));  // bodies stood under their document's id
  const auto document = [](const std::string& id, int sequence, const std::string& folio) {
    return "INSERT INTO documents VALUES ('" + id + "', " + std::to_string(sequence) +
           ", 'carrier', 1, 'cfdi:" + folio +
           "@carrier', x'2C26B46B68FFC68FF99B453C1D30413413422D706483BFA0F98A5E886266E7AE', '" + folio +
           "', 'ref', 'grpc', 'joined', 1, x'', x'', '', 1, 1);"
           "INSERT INTO bodies VALUES ('" +
           id +
           "', 0, 3, x'666F6F');"
           "INSERT INTO shipment_documents VALUES ('" +
           id +
           "', 'SHP1');"
           "INSERT INTO numbers VALUES ('" +
           folio + "', 'folio_fiscal', 'document', '" + id +
           "');"
           "INSERT INTO numbers VALUES ('" +
           id + "', 'document', 'document', '" + id + "');";
  };
  tamper("INSERT INTO shipments VALUES ('SHP1', 'drafted', 1, '', '', 1, 1, '', '', 1);" + document("DOC1", 4, "F1") +
         document("DOC2", 9, "F2") +
         "INSERT INTO numbers VALUES ('TRIP7', 'trip', 'document', 'DOC2');"
         "INSERT INTO shipment_links VALUES ('uuid:F1', 'SHP1');");
  open();
  look([](Reader& reader) {
    EXPECT_EQ(reader.body("DOC1").value(), "foo");
    EXPECT_EQ(reader.document_by_sequence(9).value().id, "DOC2");
    EXPECT_EQ(reader.documents_by_digest(sha256("foo")).size(), 2U);
    EXPECT_EQ(reader.documents_of_shipment("SHP1"), (std::vector<std::string>{"DOC1", "DOC2"}));
    EXPECT_EQ(reader.shipments_by_link({"uuid:F1"}), std::vector<std::string>{"SHP1"});
    EXPECT_EQ(reader.find_number("TRIP7").size(), 1U);
    EXPECT_TRUE(reader.find_number("F1").empty());  // its document says it
    const auto of_folio = reader.documents_by_identity_prefix("cfdi:F1@");
    ASSERT_EQ(of_folio.size(), 1U);
    EXPECT_EQ(of_folio.front().id, "DOC1");
  });
  put_document("DOC3", "three");
  look([](Reader& reader) {
    EXPECT_EQ(reader.body("DOC3").value(), "three");
    EXPECT_EQ(reader.documents_by_digest(sha256("three")).size(), 1U);  // not read yet
  });
}

TEST_F(Opening, StepThatLeavesRowsReferringToNothing_IsNotTaken) {
  put_document("DOC1", "one");
  ledger_.reset();
  std::vector<Migration> steps(migrations().begin(), migrations().end());
  steps.push_back({steps.back().version + 1, "DROP TRIGGER documents_no_delete; DELETE FROM documents;"});
  EXPECT_EQ(sqlite::open_with(options(), steps).error().code, "store_damaged");
  open();
  look([](Reader& reader) { EXPECT_EQ(reader.body("DOC1").value(), "one"); });
}

TEST_F(Opening, FailingStep_LeavesTheVersionBeforeIt) {
  ledger_.reset();
  std::vector<Migration> steps(migrations().begin(), migrations().end());
  const int last = steps.back().version;
  steps.push_back({last + 1, "CREATE TABLE later (id TEXT PRIMARY KEY); CREATE TABLE documents (id TEXT);"});
  ASSERT_FALSE(sqlite::open_with(options(), steps));
  open();
  put_document("DOC1");
}

TEST_F(Opening, Backup_OpensVerifiesAndHoldsTheSnapshot) {
  put_document("DOC1", "one");
  put_filing("FIL1");
  const std::filesystem::path copy = folder_ / "back'up.db";
  const Result<std::uint64_t> bytes = ledger_->backup(copy);
  ASSERT_TRUE(bytes) << bytes.error().text;
  EXPECT_EQ(*bytes, std::filesystem::file_size(copy));
  EXPECT_EQ(ledger_->backup(copy).error().code, "backup_exists");
  struct stat found {};
  ASSERT_EQ(stat(copy.c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 077, 0U);
  put_document("DOC2");

  const VerifyReport report = verify_sqlite(copy).value();
  EXPECT_TRUE(report.intact) << report.text;
  EXPECT_EQ(report.documents, 1U);
  SqliteOptions restored = options();
  restored.file = copy;
  ledger_ = std::move(open_sqlite(restored).value());
  look([](Reader& reader) {
    EXPECT_EQ(reader.body("DOC1").value(), "one");
    EXPECT_FALSE(reader.document("DOC2"));
  });
  put_document("DOC3");
  EXPECT_TRUE(ledger_->verify().value().intact);
  EXPECT_EQ(ledger_->backup(folder_ / "none" / "x.db").error().code, "backup_failed");
}

}  // namespace
}  // namespace puente::ledger
