// Random operations against a ledger and against a few maps that say what it must then hold.
#include <algorithm>
#include <map>
#include <random>

#include "gateway/ledger/lifecycle.h"
#include "tests/unit/ledger/ledger_fixture.h"

namespace puente::ledger {
namespace {

struct ModelFiling {
  FilingRow row;
  bool due(Micros now) const { return (row.state == "ready" || row.state == "in_doubt") && row.not_before <= now; }
  bool unanswered() const {
    return row.state == "in_doubt" || (row.state == "dead_letter" && row.cause == kUnanswered);
  }
  bool same_entry(const ModelFiling& other) const {
    return row.shipment == other.row.shipment && row.importer == other.row.importer && row.kind == other.row.kind;
  }
};

class Model : public LedgerTest, public ::testing::WithParamInterface<unsigned> {
 protected:
  unsigned pick(std::size_t count) { return static_cast<unsigned>(random_() % count); }
  std::string any_id(const std::string& prefix, int count) {
    return prefix + std::to_string(pick(static_cast<std::size_t>(count)));
  }

  // Runs the operation; in one case of five inside a write that fails afterwards, which must leave no trace.
  bool attempt(const std::function<Result<void>(Writer&)>& operation) {
    const bool spoiled = pick(5) == 0;
    const Result<void> outcome = write([&](Writer& writer) -> Result<void> {
      if (Result<void> done = operation(writer); !done) return done;
      if (spoiled) return permanent("spoiled", "");
      return {};
    });
    return outcome.has_value();
  }

  void insert_document() {
    DocumentRow row = document_row(any_id("DOC", 40));
    row.identity = any_id("identity", 30);
    const std::string body = "body " + std::to_string(random_());
    const bool free = !documents_.contains(row.id) &&
                      std::none_of(documents_.begin(), documents_.end(),
                                   [&](const auto& entry) { return entry.second.identity == row.identity; });
    if (attempt([&](Writer& writer) { return writer.insert_document(row, body, by("accept")); })) {
      EXPECT_TRUE(free) << row.id;
      documents_[row.id] = row;
      bodies_[row.id] = body;
    }
  }

  void move_document() {
    const std::string id = any_id("DOC", 40);
    const std::vector<std::string> verbs = {"accept", "read", "join", "deliver", "answer", "admin"};
    const std::string verb = verbs[pick(verbs.size())];
    const StateRow& to = states()[pick(states().size())];
    if (attempt([&](Writer& writer) { return writer.move_document(id, to.state, "", "", by(verb)); })) {
      ASSERT_TRUE(documents_.contains(id));
      EXPECT_TRUE(allowed("document", verb, documents_[id].state, to.state));
      documents_[id].state = to.state;
    }
  }

  void insert_filing() {
    ModelFiling filing{filing_row(any_id("FIL", 40))};
    filing.row.importer = any_id("importer", 3);
    filing.row.revision = 1 + pick(4);
    filing.row.filer = any_id("BROKER", 2);
    filing.row.deadline = pick(3) * 100;
    filing.row.not_before = now_ + pick(40);
    filing.row.created_at = now_;
    filing.row.state = pick(4) == 0 ? "held" : "ready";
    if (attempt([&](Writer& writer) { return writer.insert_filing(filing.row, {}, by("draft")); })) {
      EXPECT_FALSE(filings_.contains(filing.row.id));
      filings_[filing.row.id] = filing;
    }
  }

  std::vector<std::string> due_in_model(const std::string& filer) {
    const auto later = [](const FilingRow& a, const FilingRow& b) {
      return std::tie(a.revision, a.created_at, a.id) > std::tie(b.revision, b.created_at, b.id);
    };
    std::vector<const FilingRow*> due;
    for (const auto& [id, filing] : filings_) {
      bool free = filing.row.filer == filer && filing.due(now_);
      for (const auto& [other_id, other] : filings_) {
        if (other_id == id || !other.same_entry(filing)) continue;
        const bool newer = later(other.row, filing.row);
        if (other.row.state == "offered" || (filing.row.state == "ready" && newer) || (other.unanswered() && !newer))
          free = false;
      }
      if (free) due.push_back(&filing.row);
    }
    std::sort(due.begin(), due.end(), [](const FilingRow* a, const FilingRow* b) {
      return std::make_tuple(a->deadline == 0, a->deadline, a->created_at, a->id) <
             std::make_tuple(b->deadline == 0, b->deadline, b->created_at, b->id);
    });
    std::vector<std::string> ids;
    for (const FilingRow* row : due) ids.push_back(row->id);
    return ids;
  }

  void claim() {
    const std::string filer = any_id("BROKER", 2);
    const std::size_t limit = 1 + pick(4);
    std::vector<FilingRow> claimed;
    std::vector<std::string> expected = due_in_model(filer);
    if (expected.size() > limit) expected.resize(limit);
    if (!attempt([&](Writer& writer) -> Result<void> {
          claimed = writer.claim(filer, "grpc", "g", now_, now_ + kLease, limit).value();
          return {};
        })) {
      return;
    }
    std::vector<std::string> ids;
    for (const FilingRow& row : claimed) {
      ids.push_back(row.id);
      FilingRow& mine = filings_[row.id].row;
      EXPECT_EQ(row.possible_duplicate, mine.attempts > 0);
      EXPECT_EQ(row.token, mine.token);
      mine.attempts += 1;
      mine.state = "offered";
      mine.lease_until = now_ + kLease;
      EXPECT_EQ(row.attempts, mine.attempts);
      for (auto& [id, other] : filings_) {
        const bool unfiled = other.row.state == "held" || other.row.state == "ready" || other.row.state == "refused" ||
                             (other.row.state == "dead_letter" && !other.unanswered());
        const bool older = std::tie(other.row.revision, other.row.created_at, other.row.id) <
                           std::tie(row.revision, row.created_at, row.id);
        if (older && other.same_entry(filings_[row.id]) && unfiled) {
          other.row.state = "replaced";
          other.row.cause.clear();
        }
      }
    }
    EXPECT_EQ(ids, expected);
  }

  void finish() {
    const std::string id = any_id("FIL", 40);
    const std::vector<std::string> ends = {"confirmed", "refused", "ready", "cancelled", "in_doubt", "dead_letter"};
    const std::string to = ends[pick(ends.size())];
    const std::string cause = to == "dead_letter" ? pick(2) == 0 ? kUnanswered.data() : "FILING_PUT_OFF" : "";
    if (attempt([&](Writer& writer) -> Result<void> {
          std::optional<FilingRow> row = writer.filing(id);
          if (!row) return permanent("none", "");
          if (!row->lease_id.empty()) {
            EXPECT_TRUE(writer.end_attempt(id, row->lease_id, to, "", now_));
          }
          row->state = to;
          row->cause = cause;
          return writer.update_filing(*row, by("deliver"));
        })) {
      EXPECT_TRUE(allowed("filing", "deliver", filings_[id].row.state, to));
      filings_[id].row.state = to;
      filings_[id].row.cause = cause;
    }
  }

  void expire() {
    std::vector<FilingRow> over;
    if (!attempt([&](Writer& writer) -> Result<void> {
          over = writer.expire_leases(now_, 100, [this](const FilingRow& row) { return now_ + row.attempts; }).value();
          return {};
        })) {
      return;
    }
    std::size_t expected = 0;
    for (auto& [id, filing] : filings_) {
      if (filing.row.state != "offered" || filing.row.lease_until > now_) continue;
      ++expected;
      filing.row.state = "in_doubt";
      filing.row.not_before = now_ + filing.row.attempts;
    }
    EXPECT_EQ(over.size(), expected);
  }

  void compare() {
    look([&](Reader& reader) {
      for (int i = 0; i < 40; ++i) {
        const std::string document = "DOC" + std::to_string(i), filing = "FIL" + std::to_string(i);
        const std::optional<DocumentRow> found = reader.document(document);
        ASSERT_EQ(found.has_value(), documents_.contains(document)) << document;
        if (found) {
          EXPECT_EQ(found->state, documents_[document].state);
          EXPECT_EQ(found->identity, documents_[document].identity);
          EXPECT_EQ(reader.body(document), bodies_[document]);
        }
        const std::optional<FilingRow> row = reader.filing(filing);
        ASSERT_EQ(row.has_value(), filings_.contains(filing)) << filing;
        if (row) {
          EXPECT_EQ(row->state, filings_[filing].row.state) << filing;
          EXPECT_EQ(row->attempts, filings_[filing].row.attempts) << filing;
          EXPECT_EQ(reader.attempts(filing).size(), row->attempts);
        }
      }
    });
    const VerifyReport report = ledger_->verify().value();
    EXPECT_TRUE(report.intact) << report.text;
  }

  std::mt19937 random_{GetParam()};
  Micros now_ = 1000;
  std::map<std::string, DocumentRow> documents_;
  std::map<std::string, std::string> bodies_;
  std::map<std::string, ModelFiling> filings_;
};

TEST_P(Model, RandomOperations_AgreeWithTheLedger) {
  put_shipment("SHP1");
  for (int step = 0; step < 400 && !HasFatalFailure(); ++step) {
    now_ += pick(12);
    switch (pick(7)) {
      case 0:
        insert_document();
        break;
      case 1:
        move_document();
        break;
      case 2:
        insert_filing();
        break;
      case 3:
      case 4:
        claim();
        break;
      case 5:
        expire();
        break;
      default:
        finish();
        break;
    }
    if (step % 100 == 99) {
      reopen();
      compare();
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Seeds, Model, ::testing::Values(1U, 2U, 3U, 4U, 5U, 6U));

}  // namespace
}  // namespace puente::ledger
