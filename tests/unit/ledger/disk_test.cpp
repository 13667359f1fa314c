// The ledger on a disk that is full, that fails to flush, and that loses power (the technique of record and replay:
// every crash state between two flushes is a disk the ledger must start from without losing what it had acknowledged).
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <fstream>
#include <map>
#include <mutex>
#include <random>

#include "tests/unit/ledger/faulty_disk.h"
#include "tests/unit/ledger/ledger_fixture.h"

namespace puente::ledger {
namespace {

class Disk : public LedgerTest {
 protected:
  void SetUp() override {
    FaultyDisk::instance().heal();
    LedgerTest::SetUp();
  }
  void TearDown() override {
    disk().heal();
    disk().record(false);
    LedgerTest::TearDown();
  }
  static FaultyDisk& disk() { return FaultyDisk::instance(); }

  Result<void> insert(const std::string& id) {
    return write([&](Writer& writer) {
      DocumentRow row = document_row(id);
      return writer.insert_document(row, "body of " + id, by("accept"));
    });
  }
  bool there(const std::string& id) {
    bool found = false;
    look([&](Reader& reader) { found = reader.document(id).has_value() && reader.body(id) == "body of " + id; });
    return found;
  }
};

TEST_F(Disk, Full_IsRetryableAndTheLedgerGoesOnWhenThereIsSpaceAgain) {
  ASSERT_TRUE(insert("DOC1"));
  disk().fail(FaultyDisk::Kind::write, SQLITE_FULL);
  for (int i = 0; i < 3; ++i) {
    const Result<void> refused = insert("DOC2");
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, "store_full");
    EXPECT_EQ(refused.error().kind, FaultKind::retryable);
    EXPECT_TRUE(there("DOC1"));  // reading goes on
  }
  disk().heal();
  ASSERT_TRUE(insert("DOC2"));
  EXPECT_TRUE(there("DOC2"));
  EXPECT_TRUE(ledger_->verify().value().intact);
  look([](Reader& reader) { EXPECT_EQ(reader.last_sequence(), 2U); });
}

// Nobody writes to a gateway that says it is not ready: the ledger finds out by itself when the disk takes writes
// again.
TEST_F(Disk, FullOrReadOnly_IsToldOnceAndSoIsItsEnd_WithoutAnyWrite) {
  for (const auto& [code, name] :
       {std::pair{SQLITE_FULL, "store_full"}, std::pair{SQLITE_READONLY, "store_readonly"}}) {
    ledger_.reset();
    std::mutex mutex;
    std::condition_variable changed;
    std::vector<std::string> told;
    SqliteOptions watched = options();
    watched.on_writable = [&](const Fault* fault) {
      const std::lock_guard lock(mutex);
      told.push_back(fault == nullptr ? "" : fault->code);
      changed.notify_all();
    };
    auto opened = open_sqlite(watched);
    ASSERT_TRUE(opened) << opened.error().text;
    ledger_ = std::move(*opened);
    ASSERT_TRUE(insert(std::string("DOC1") + name));
    disk().fail(FaultyDisk::Kind::write, code);
    for (int i = 0; i < 3; ++i) ASSERT_EQ(insert(std::string("DOC2") + name).error().code, name);
    disk().heal();
    std::unique_lock lock(mutex);
    changed.wait_for(lock, std::chrono::seconds(60), [&] { return told.size() >= 2; });
    EXPECT_EQ(told, (std::vector<std::string>{name, ""}));
    lock.unlock();
    ASSERT_TRUE(insert(std::string("DOC2") + name));
    EXPECT_TRUE(ledger_->verify().value().intact);
    ledger_.reset();
  }
  open();
}

TEST_F(Disk, FailedFlush_EndsWritingForGoodAndSaysSoOnce) {
  ASSERT_TRUE(insert("DOC1"));
  ledger_.reset();
  std::atomic<int> told{0};
  SqliteOptions watched = options();
  watched.on_broken = [&](const Fault& fault) {
    EXPECT_EQ(fault.code, "store_io");
    ++told;
  };
  ledger_ = std::move(open_sqlite(watched).value());
  disk().fail(FaultyDisk::Kind::sync, SQLITE_IOERR_FSYNC, 0, 1);
  const Result<void> refused = insert("DOC2");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "store_io");
  EXPECT_EQ(refused.error().kind, FaultKind::permanent);
  EXPECT_EQ(insert("DOC3").error().code, "store_io");  // the disk is well again, nobody asks it
  EXPECT_EQ(told.load(), 1);
  EXPECT_TRUE(there("DOC1"));
  reopen();
  EXPECT_TRUE(there("DOC1"));
  ASSERT_TRUE(insert("DOC4"));
  EXPECT_TRUE(ledger_->verify().value().intact);
}

TEST_F(Disk, FailedFlushOfTheCheckpoint_EndsWritingToo) {
  // Only a checkpoint flushes the file itself; commits flush the log beside it.
  disk().fail(FaultyDisk::Kind::sync, SQLITE_IOERR_FSYNC, 0, 1, "ledger.db");
  int acknowledged = 0;
  std::string code;
  for (; acknowledged < 20'000 && code.empty(); ++acknowledged) {
    if (const Result<void> outcome = insert("DOC" + std::to_string(acknowledged)); !outcome)
      code = outcome.error().code;
  }
  --acknowledged;
  EXPECT_EQ(code, "store_io");
  EXPECT_EQ(disk().failed(), 1);
  EXPECT_GT(acknowledged, 10);
  disk().heal();
  reopen();
  for (int i = 0; i < acknowledged; ++i) EXPECT_TRUE(there("DOC" + std::to_string(i)));
  EXPECT_TRUE(ledger_->verify().value().intact);
}

TEST_F(Disk, FaultAtEveryCall_AcknowledgedIsThereAndRefusedIsNot) {
  struct Fault {
    FaultyDisk::Kind kind;
    int code;
  };
  int refused_writes = 0;
  for (const Fault fault :
       {Fault{FaultyDisk::Kind::write, SQLITE_FULL}, Fault{FaultyDisk::Kind::write, SQLITE_IOERR_WRITE},
        Fault{FaultyDisk::Kind::sync, SQLITE_IOERR_FSYNC}}) {
    for (int nth = 0; nth < 25; ++nth) {
      std::map<std::string, bool> acknowledged;
      disk().fail(fault.kind, fault.code, nth, 1);
      for (int i = 0; i < 4; ++i) {
        const std::string id = "DOC" + std::to_string(fault.code) + "-" + std::to_string(nth) + "-" + std::to_string(i);
        acknowledged[id] = insert(id).has_value();
        if (!acknowledged[id]) ++refused_writes;
      }
      disk().heal();
      reopen();
      for (const auto& [id, durable] : acknowledged) {
        // After a failed flush what was refused may have reached the disk all the same; a refusal promises nothing
        // then.
        if (durable || fault.code == SQLITE_FULL) {
          EXPECT_EQ(there(id), durable) << id;
        }
      }
      const VerifyReport report = ledger_->verify().value();
      ASSERT_TRUE(report.intact) << report.text;
    }
  }
  EXPECT_GT(refused_writes, 20);
}

// What a disk holds after the power was cut at an operation: all that was flushed, and of the rest each write whole,
// torn at a sector, or not at all.
std::map<std::string, std::string> disk_after_cut(const std::vector<FaultyDisk::Operation>& operations, std::size_t cut,
                                                  std::mt19937& random, bool flushes_count) {
  std::map<std::string, std::string> files;
  std::map<std::string, std::vector<const FaultyDisk::Operation*>> pending;
  const auto apply = [&](const FaultyDisk::Operation& operation, std::size_t size) {
    std::string& content = files[operation.file];
    const auto offset = static_cast<std::size_t>(operation.offset);
    if (operation.kind == FaultyDisk::Kind::truncate) {
      content.resize(offset);
      return;
    }
    if (content.size() < offset + size) content.resize(offset + size);
    content.replace(offset, size, operation.bytes, 0, size);
  };
  for (std::size_t i = 0; i < cut; ++i) {
    const FaultyDisk::Operation& operation = operations[i];
    if (operation.kind ==
        FaultyDisk::Kind::remove) {  // a rollback journal; left behind it would undo what came after it
      files.erase(operation.file);
      pending.erase(operation.file);
    } else if (operation.kind != FaultyDisk::Kind::sync) {
      pending[operation.file].push_back(&operation);
    } else if (flushes_count) {
      for (const FaultyDisk::Operation* written : pending[operation.file]) apply(*written, written->bytes.size());
      pending[operation.file].clear();
    }
  }
  const auto mood = random() % 4;  // none of it, all of it, or a mixture
  for (const auto& [file, writes] : pending) {
    for (const FaultyDisk::Operation* written : writes) {
      const auto fate = mood == 0 ? 0 : mood == 1 ? 1 : random() % 3;
      if (fate == 0) continue;
      const std::size_t sectors = written->bytes.size() / 512;
      apply(*written, fate == 1 || sectors == 0 ? written->bytes.size() : 512 * (random() % (sectors + 1)));
    }
  }
  return files;
}

class PowerCut : public Disk {
 protected:
  struct Acknowledged {
    std::string id;
    std::size_t position;
  };

  void record_a_run(int documents) {
    ledger_.reset();
    std::filesystem::remove(file());
    disk().record(true);
    open();
    for (int i = 0; i < documents; ++i) {
      const std::string id = "DOC" + std::to_string(1000 + i);
      ASSERT_TRUE(insert(id));
      acknowledged_.push_back({id, disk().position()});
    }
    operations_ = disk().operations();
    disk().record(false);
    ledger_.reset();
  }

  // How many acknowledged documents a crash state has lost; -1 when the ledger does not start or does not verify.
  int lost_at(std::size_t cut, std::mt19937& random, bool flushes_count) {
    const std::filesystem::path folder = folder_ / "after";
    std::filesystem::remove_all(folder);
    std::filesystem::create_directory(folder);
    for (const auto& [name, content] : disk_after_cut(operations_, cut, random, flushes_count)) {
      std::ofstream(folder / name, std::ios::binary) << content;
    }
    SqliteOptions after = options();
    after.file = folder / "ledger.db";
    auto opened = open_sqlite(after);
    if (!opened) return -1;
    const Result<VerifyReport> report = (*opened)->verify();
    if (!report || !report->intact) return -1;
    int lost = 0;
    (void)(*opened)->read([&](Reader& reader) -> Result<void> {
      for (const Acknowledged& document : acknowledged_) {
        if (document.position <= cut && reader.body(document.id) != "body of " + document.id) ++lost;
      }
      return {};
    });
    return lost;
  }

  std::vector<Acknowledged> acknowledged_;
  std::vector<FaultyDisk::Operation> operations_;
};

TEST_F(PowerCut, AnyMoment_LosesNothingAcknowledged) {
  record_a_run(250);
  std::mt19937 random(20240117);
  int lost = 0, broken = 0;
  constexpr int kStates = 150;
  for (int i = 0; i < kStates; ++i) {
    const int state = lost_at(random() % (operations_.size() + 1), random, true);
    if (state < 0) ++broken;
    if (state > 0) lost += state;
  }
  RecordProperty("crash_states", kStates);
  EXPECT_EQ(lost, 0);
  EXPECT_EQ(broken, 0);
}

TEST_F(PowerCut, DiskThatDoesNotFlush_IsFoundOut) {  // the test of the test
  record_a_run(60);
  std::mt19937 random(7);
  int bad = 0;
  for (int i = 0; i < 30; ++i)
    bad += lost_at(operations_.size() / 2 + random() % (operations_.size() / 2), random, false) != 0;
  EXPECT_GT(bad, 10);
}

}  // namespace
}  // namespace puente::ledger
