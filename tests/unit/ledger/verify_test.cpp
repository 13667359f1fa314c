#include <fstream>

#include "gateway/ledger/chain.h"
#include "tests/unit/ledger/ledger_fixture.h"

namespace puente::ledger {
namespace {

class Verify : public LedgerTest {
 protected:
  void SetUp() override {
    LedgerTest::SetUp();
    for (int i = 1; i <= 5; ++i) {  // events 1 to 10
      const std::string id = "DOC" + std::to_string(i);
      put_document(id, "body of " + id + std::string(200, 'x'));
      must([&](Writer& writer) { return writer.move_document(id, "read", "", "", by("read", 1000 + i)); });
    }
  }

  void expect_break(const std::string& statements, std::uint64_t sequence, const std::string& words) {
    tamper(statements);
    const VerifyReport report = verify_file();
    EXPECT_FALSE(report.intact);
    EXPECT_EQ(report.break_sequence, sequence);
    EXPECT_NE(report.text.find(words), std::string::npos) << report.text;
  }
};

TEST_F(Verify, Untouched_IsIntactAndCounted) {
  const VerifyReport report = ledger_->verify().value();
  EXPECT_TRUE(report.intact) << report.text;
  EXPECT_EQ(report.events, 10U);
  EXPECT_EQ(report.documents, 5U);
}

TEST_F(Verify, Empty_IsIntact) {
  ledger_.reset();
  std::filesystem::remove(file());
  open();
  EXPECT_TRUE(ledger_->verify().value().intact);
}

TEST_F(Verify, EditedEvent_IsNamed) {
  expect_break("UPDATE events SET text = 'other' WHERE sequence = 4", 4, "event 4");
}
TEST_F(Verify, EditedTime_IsNamed) { expect_break("UPDATE events SET at = at + 1 WHERE sequence = 7", 7, "event 7"); }
TEST_F(Verify, EditedState_IsNamed) {
  expect_break("UPDATE events SET to_state = 'rejected' WHERE sequence = 2", 2, "event 2");
}
TEST_F(Verify, EditedHash_IsNamed) { expect_break("UPDATE events SET hash = x'00' WHERE sequence = 5", 5, "event 5"); }
TEST_F(Verify, DeletedEvent_IsNamed) { expect_break("DELETE FROM events WHERE sequence = 6", 6, "event 6 is missing"); }
TEST_F(Verify, DeletedFirstEvent_IsNamed) {
  expect_break("DELETE FROM events WHERE sequence = 1", 1, "event 1 is missing");
}

TEST_F(Verify, ReorderedEvents_AreNamed) {
  expect_break(
      "UPDATE events SET sequence = -1 WHERE sequence = 3; UPDATE events SET sequence = 3 WHERE sequence = 4;"
      "UPDATE events SET sequence = 4 WHERE sequence = -1;",
      3, "event 3");
}

TEST_F(Verify, SplicedOutEvent_IsNamed) {
  expect_break("DELETE FROM events WHERE sequence = 4; UPDATE events SET sequence = sequence - 1 WHERE sequence > 4", 4,
               "event 4");
}

TEST_F(Verify, SplicedInEvent_IsNamed) {
  expect_break(
      "UPDATE events SET sequence = -(sequence + 1) WHERE sequence > 4; UPDATE events SET sequence = -sequence WHERE "
      "sequence < 0;"
      "INSERT INTO events SELECT 5, at, object, object_id, verb, from_state, to_state, partner, 'new', hash, digest "
      "FROM events "
      "WHERE sequence = 4",
      5, "event 5");
}

TEST_F(Verify, NegativeEvent_IsSeen) {
  expect_break(
      "INSERT INTO events SELECT -3, at, object, object_id, verb, from_state, to_state, partner, text, hash, digest "
      "FROM events "
      "WHERE sequence = 4",
      0, "");
}

TEST_F(Verify, TruncatedTail_IsNamedAndTheLedgerDoesNotOpen) {
  expect_break("DELETE FROM events WHERE sequence > 8", 9, "event 9 and what follows are missing");
  EXPECT_EQ(open_sqlite(options()).error().code, "store_damaged");
}

TEST_F(Verify, TruncatedTailWithItsHead_IsSeenAtTheDocuments) {
  expect_break(
      "DELETE FROM events WHERE sequence > 8; UPDATE head SET sequence = 8, hash = (SELECT hash FROM events WHERE "
      "sequence = 8)",
      0, "document DOC5 has no accept event");
}

TEST_F(Verify, EventAppendedBehindTheLedger_IsNamed) {
  ledger_.reset();
  EventRow last;
  open();
  look([&](Reader& reader) { last = reader.events_after(9, 1).at(0); });
  EventRow forged = last;
  forged.sequence = 11;
  const std::string hash = chain_hash(last.hash, forged);
  std::string hex;
  for (const char c : hash) {
    const char* digits = "0123456789abcdef";
    hex += digits[(c >> 4) & 0xF];
    hex += digits[c & 0xF];
  }
  expect_break("INSERT INTO events SELECT 11, at, object, object_id, verb, from_state, to_state, partner, text, x'" +
                   hex + "', digest FROM events WHERE sequence = 10",
               11, "event 11 was not written by the ledger");
}

TEST_F(Verify, FlippedBitOfABody_IsSeenAndNeverReadAsTheDocument) {
  look([](Reader& reader) { EXPECT_TRUE(reader.body("DOC3")); });
  // The last byte but one of the packed body, one bit other.
  tamper(
      "UPDATE bodies SET bytes = CAST(substr(bytes, 1, length(bytes) - 2) || x'7F' || substr(bytes, -1) AS BLOB) WHERE "
      "sequence = (SELECT sequence FROM documents WHERE id = 'DOC3')");
  const VerifyReport report = verify_file();
  EXPECT_FALSE(report.intact);
  EXPECT_NE(report.text.find("DOC3"), std::string::npos) << report.text;
  open();
  const Result<void> read = ledger_->read([](Reader& reader) -> Result<void> {
    EXPECT_FALSE(reader.body("DOC3"));
    return {};
  });
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, "body_damaged");
  EXPECT_NE(read.error().text.find("DOC3"), std::string::npos);
  look([](Reader& reader) { EXPECT_TRUE(reader.body("DOC4")); });  // the others go on
}

TEST_F(Verify, BodyReplacedWithItsDigest_IsSeenAtTheEvent) {
  expect_break(
      "UPDATE bodies SET codec = 0, size = 3, bytes = CAST('abc' AS BLOB) WHERE sequence = (SELECT sequence FROM "
      "documents "
      "WHERE id = 'DOC2');"
      "UPDATE documents SET sha256 = x'BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD' WHERE id = "
      "'DOC2'",
      0, "document DOC2 has no accept event that vouches");
}

TEST_F(Verify, MissingBody_IsNamed) {
  expect_break("DELETE FROM bodies WHERE sequence = (SELECT sequence FROM documents WHERE id = 'DOC2')", 0,
               "document DOC2 has no stored bytes");
}

TEST_F(Verify, StateChangedWithoutEvent_IsNamed) {
  expect_break("UPDATE documents SET state = 'rejected' WHERE id = 'DOC4'", 0, "document DOC4 is in another state");
}

TEST_F(Verify, FilingWithOtherRecords_IsNamed) {
  put_filing("FIL1");
  expect_break(
      "UPDATE filings SET records = CAST('abc' AS BLOB), sha256 = "
      "x'BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD' WHERE id = 'FIL1'",
      0, "filing FIL1 has no draft event, or records");
}

TEST_F(Verify, FilingWithoutDraftEvent_IsNamed) {
  put_filing("FIL1");
  expect_break("UPDATE filings SET id = 'FIL2'", 0, "filing FIL2");
}

TEST_F(Verify, Guards_ForbidChangingEventsAndDocuments) {
  ledger_.reset();
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(file().c_str(), &database), SQLITE_OK);
  for (const char* statement :
       {"UPDATE events SET text = 'x'", "DELETE FROM events WHERE sequence = 1", "UPDATE bodies SET size = 1",
        "DELETE FROM bodies", "UPDATE documents SET sha256 = x'00'", "DELETE FROM documents",
        "UPDATE documents SET identity = 'x' WHERE id = 'DOC1'", "UPDATE documents SET receipt = x'00'"}) {
    EXPECT_EQ(sqlite3_exec(database, statement, nullptr, nullptr, nullptr), SQLITE_CONSTRAINT) << statement;
  }
  sqlite3_close(database);
  EXPECT_TRUE(verify_file().intact);
}

TEST_F(Verify, EveryFlippedByteOfTheFile_NeverGivesAWrongBody) {
  ledger_.reset();
  std::string bytes;
  {
    std::ifstream in(file(), std::ios::binary);
    bytes.assign(std::istreambuf_iterator<char>(in), {});
  }
  ASSERT_GT(bytes.size(), 50'000U);
  const std::filesystem::path copy = folder_ / "copy.db";
  int found = 0;
  const std::size_t step = bytes.size() / 60;
  for (std::size_t at = 100; at < bytes.size(); at += step) {
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
    std::ofstream(copy, std::ios::binary | std::ios::trunc) << damaged;
    for (const char* suffix : {"-wal", "-shm", ".lock"}) std::filesystem::remove(copy.string() + suffix);
    const Result<VerifyReport> report = verify_sqlite(copy);
    if (!report || !report->intact) ++found;
    SqliteOptions damaged_options = options();
    damaged_options.file = copy;
    auto opened = open_sqlite(damaged_options);
    if (!opened) continue;
    for (int i = 1; i <= 5; ++i) {
      const std::string id = "DOC" + std::to_string(i);
      (void)(*opened)->read([&](Reader& reader) -> Result<void> {
        const std::optional<std::string> body = reader.body(id);
        if (body) {
          EXPECT_EQ(*body, "body of " + id + std::string(200, 'x')) << at;
        }
        return {};
      });
    }
  }
  EXPECT_GT(found, 0);  // unused bytes of a page may flip unseen, they hold nothing
}

}  // namespace
}  // namespace puente::ledger
