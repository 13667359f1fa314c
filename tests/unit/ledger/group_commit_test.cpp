#include <atomic>
#include <condition_variable>
#include <future>
#include <latch>
#include <mutex>
#include <thread>

#include "tests/unit/ledger/ledger_fixture.h"

namespace puente::ledger {
namespace {

class GroupCommit : public LedgerTest {
 protected:
  // Stops the writing thread inside a write, so that everything queued meanwhile becomes one group.
  void queue_as_one_group(const std::function<void()>& queueing) {
    std::promise<void> entered, go_on;
    std::shared_future<void> gate = go_on.get_future().share();
    std::promise<void> left;
    ledger_->write(
        [&entered, gate](Writer&) -> Result<void> {
          entered.set_value();
          gate.wait();
          return {};
        },
        [&left](Result<void>) { left.set_value(); });
    entered.get_future().wait();
    queueing();
    go_on.set_value();
    left.get_future().wait();
  }
};

Ledger::WriteBody inserting(std::string id) {
  return [id = std::move(id)](Writer& writer) {
    DocumentRow row = document_row(id);
    return writer.insert_document(row, "body of " + id, by("accept"));
  };
}

TEST_F(GroupCommit, FailingClosures_FailAloneAndLeaveNoGapInTheSequence) {
  std::mutex mutex;
  std::map<std::string, std::string> outcomes;
  std::latch all(5);
  const auto note = [&](const std::string& name) {
    return [&, name](Result<void> outcome) {
      const std::lock_guard lock(mutex);
      outcomes[name] = outcome ? "ok" : outcome.error().code;
      all.count_down();
    };
  };
  queue_as_one_group([&] {
    ledger_->write(inserting("DOC1"), note("first"));
    ledger_->write(
        [](Writer& writer) -> Result<void> {
          EXPECT_TRUE(inserting("DOC2")(writer));
          return permanent("changed_my_mind", "");
        },
        note("refused"));
    ledger_->write(inserting("DOC3"), note("second"));
    ledger_->write(
        [](Writer& writer) -> Result<void> {
          EXPECT_TRUE(inserting("DOC4")(writer));
          throw std::runtime_error("payload that must not be told");
        },
        note("thrown"));
    ledger_->write(inserting("DOC5"), note("third"));
  });
  all.wait();
  EXPECT_EQ(outcomes["first"], "ok");
  EXPECT_EQ(outcomes["second"], "ok");
  EXPECT_EQ(outcomes["third"], "ok");
  EXPECT_EQ(outcomes["refused"], "changed_my_mind");
  EXPECT_EQ(outcomes["thrown"], "closure_failed");
  look([](Reader& reader) {
    EXPECT_EQ(reader.document("DOC1").value().sequence, 1U);
    EXPECT_EQ(reader.document("DOC3").value().sequence, 2U);
    EXPECT_EQ(reader.document("DOC5").value().sequence, 3U);
    EXPECT_FALSE(reader.document("DOC2"));
    EXPECT_FALSE(reader.document("DOC4"));
  });
  EXPECT_TRUE(ledger_->verify().value().intact);
}

TEST_F(GroupCommit, AGroup_IsOneTransaction_DoneComesAfterAllOfIt) {
  std::atomic<int> ran{0};
  std::latch told(20);
  std::vector<std::uint64_t> listened;
  const std::uint64_t handle = ledger_->listen([&](std::uint64_t last) { listened.push_back(last); });
  queue_as_one_group([&] {
    for (int i = 0; i < 20; ++i) {
      ledger_->write(
          [&ran, i](Writer& writer) {
            ++ran;
            return inserting("DOC" + std::to_string(100 + i))(writer);
          },
          [&](Result<void> outcome) {
            EXPECT_TRUE(outcome);
            EXPECT_EQ(ran.load(), 20);
            told.count_down();
          });
    }
  });
  told.wait();
  const auto idle = [&] { must([](Writer&) { return Result<void>(); }); };  // the commit before it is told by then
  idle();
  put_document("DOC999");
  idle();
  ledger_->unlisten(handle);
  put_document("DOC9999");
  idle();
  EXPECT_EQ(listened, (std::vector<std::uint64_t>{20, 21}));  // one commit, one call
}

TEST_F(GroupCommit, Done_SeesItsWriteInAReadOfItsOwn) {
  std::promise<bool> seen;
  ledger_->write(inserting("DOC1"), [&](Result<void> outcome) {
    EXPECT_TRUE(outcome);
    bool there = false;
    look([&](Reader& reader) { there = reader.document("DOC1").has_value(); });
    seen.set_value(there);
  });
  EXPECT_TRUE(seen.get_future().get());
}

TEST_F(GroupCommit, Read_IsASnapshotWhileWritesGoOn) {
  put_document("DOC1");
  look([&](Reader& reader) {
    EXPECT_EQ(reader.last_sequence(), 1U);
    std::thread([&] { put_document("DOC2"); }).join();
    EXPECT_EQ(reader.last_sequence(), 1U);
    EXPECT_FALSE(reader.document("DOC2"));
  });
  look([](Reader& reader) { EXPECT_EQ(reader.last_sequence(), 2U); });
}

TEST_F(GroupCommit, Read_WithinARead_IsAFaultNotADeadlock) {
  look([&](Reader&) {
    const Result<void> inner = ledger_->read([](Reader&) { return Result<void>(); });
    ASSERT_FALSE(inner);
    EXPECT_EQ(inner.error().code, "read_nested");
  });
}

TEST_F(GroupCommit, Read_ExceptionsAndFaults_LeaveTheConnectionUsable) {
  for (int i = 0; i < 10; ++i) {
    const Result<void> thrown = ledger_->read([](Reader&) -> Result<void> { throw 7; });
    ASSERT_FALSE(thrown);
    EXPECT_EQ(thrown.error().code, "closure_failed");
    const Result<void> refused = ledger_->read([](Reader& reader) -> Result<void> {
      reader.last_sequence();
      return permanent("no", "");
    });
    EXPECT_EQ(refused.error().code, "no");
  }
  look([](Reader& reader) { EXPECT_EQ(reader.last_sequence(), 0U); });
}

TEST_F(GroupCommit, Close_FinishesWhatIsQueuedAndRefusesTheRest) {
  std::atomic<int> done{0};
  for (int i = 0; i < 50; ++i) {
    ledger_->write(inserting("DOC" + std::to_string(100 + i)), [&](Result<void> outcome) {
      EXPECT_TRUE(outcome);
      ++done;
    });
  }
  ledger_->close();
  EXPECT_EQ(done.load(), 50);
  EXPECT_EQ(fault_of(inserting("DOC1")), "store_closed");
  EXPECT_EQ(ledger_->read([](Reader&) { return Result<void>(); }).error().code, "store_closed");
  ledger_->close();
  reopen();
  look([](Reader& reader) { EXPECT_EQ(reader.last_sequence(), 50U); });
}

TEST_F(GroupCommit, EightThreads_WritingAndReading_LoseNothing) {
  constexpr int kThreads = 8, kEach = 40;
  std::atomic<int> damaged{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kEach; ++i) {
        const std::string id = "DOC" + std::to_string(t) + "-" + std::to_string(1000 + i);
        put_document(id, "body " + id);
        look([&](Reader& reader) {
          if (reader.body(id) != "body " + id) ++damaged;
          reader.events_after(reader.last_sequence() / 2, 10);
        });
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(damaged.load(), 0);
  const VerifyReport report = ledger_->verify().value();
  EXPECT_TRUE(report.intact) << report.text;
  EXPECT_EQ(report.documents, static_cast<std::uint64_t>(kThreads * kEach));
  EXPECT_EQ(report.events, static_cast<std::uint64_t>(kThreads * kEach));
}

}  // namespace
}  // namespace puente::ledger
