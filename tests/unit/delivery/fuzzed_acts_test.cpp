// B-3 of the reliability reference: what filers say is wrong, foreign, twice or out of order. Whatever comes is kept or
// was kept before, and moves no filing but those of the one entry that everything in it names.
#include <gmock/gmock.h>

#include <algorithm>
#include <array>
#include <map>
#include <random>

#include "gateway/flow/numbers.h"
#include "tests/unit/flow/gateway_fixture.h"

namespace puente::test {
namespace {

constexpr int kEntries = 30, kActs = 1000;

std::string padded(int number, int width) {
  auto text = std::to_string(number);
  return std::string(static_cast<std::size_t>(width) - text.size(), '0') + text;
}

struct Known {
  std::string id, token, reference, entry_number, filer;
};

class FuzzedActs : public GatewayTest, public ::testing::WithParamInterface<unsigned> {
 protected:
  void SetUp() override {
    GatewayTest::SetUp();
    run();
    delivery_->start();
    const auto put = ledger_->write_and_wait([&](ledger::Writer& writer) -> Result<void> {
      for (int i = 0; i < kEntries; ++i) {
        Known one{"FIL" + padded(i, 4), "00000000-0000-5000-8000-" + padded(i, 12), "R" + padded(i, 8), "",
                  i % 3 == 0 ? "other-broker" : "broker"};
        for (char digit = '0'; digit <= '9' && one.entry_number.empty(); ++digit)
          if (flow::entry_number_checks("B7P", padded(1000 + i, 7) + digit, {}))
            one.entry_number = padded(1000 + i, 7) + digit;
        ledger::ShipmentRow shipment;
        shipment.id = "SHP" + padded(i, 4);
        shipment.state = "gathering";
        shipment.opened_at = now_;
        if (auto done = writer.insert_shipment(shipment, {"join", "", ""}); !done) return done;
        ledger::FilingRow row;
        row.id = one.id;
        row.token = one.token;
        row.shipment = shipment.id;
        row.filer = one.filer;
        row.importer = "importer " + one.id;  // tokens of what replaces them differ
        row.kind = "ae";
        row.action = "A";
        row.state = "ready";
        row.reference = one.reference;
        row.filer_code = "B7P";
        row.entry_number = i % 5 == 0 ? "" : one.entry_number;
        row.records = "AE " + padded(i, 4);
        row.created_at = row.changed_at = now_;
        if (auto done = writer.insert_filing(row, {}, {"draft", row.filer, ""}); !done) return done;
        known_.push_back(std::move(one));
      }
      return {};
    });
    ASSERT_TRUE(put) << put.error().text;
  }

  std::size_t pick(std::size_t count) { return random_() % count; }
  const Known& any() { return known_[pick(known_.size())]; }

  std::string any_token() {
    const std::size_t which = pick(6);
    if (which == 0) return "";
    if (which == 1) return "00000000-0000-5000-8000-999999999999";
    if (which == 2) return "token\x7f\x01";
    return any().token;
  }

  std::string any_line() {
    std::string line(80, ' ');
    const auto put = [&line](std::size_t column, std::string_view text) {
      line.replace(column - 1, text.size(), text);
    };
    constexpr std::array<std::string_view, 5> kCodes{"995", "996", "998", "999", "123"};
    put(1, "E1");
    put(3, pick(2) == 0 ? "A" : "R");
    put(5, kCodes.at(pick(kCodes.size())));
    put(11, "FINAL");
    if (pick(4) != 0) {
      put(51, pick(8) == 0 ? "ZZZ" : "B7P");
      put(56, pick(6) == 0 ? "99999999" : any().entry_number);
    }
    if (pick(3) != 0) put(69, pick(6) == 0 ? "ZZZZZZZZZ" : any().reference);
    if (pick(5) == 0) line[pick(line.size())] = static_cast<char>(pick(128));
    if (pick(12) == 0) line.resize(pick(line.size()));
    return "B  2304B7PAX" + std::string(68, ' ') + "\n" + line + "\n";
  }

  v1::FilerAct any_act() {
    switch (pick(8)) {
      case 0: {
        auto act = confirmation(any_token(), pick(2) == 0 ? "" : any().entry_number);
        if (pick(3) == 0) act.mutable_confirmation()->set_sha256(std::string(32, 'x'));
        return act;
      }
      case 1:
        return refusal(any_token(), pick(2) == 0, "reason " + std::to_string(pick(3)));
      case 2:
        return correction(any_token(), "location_of_goods", "W" + std::to_string(pick(3)));
      default:
        return answer(any_line(), pick(2) == 0 ? "" : any_token());
    }
  }

  static std::string token_of(const v1::FilerAct& act) {
    if (act.has_confirmation()) return act.confirmation().token();
    if (act.has_refusal()) return act.refusal().token();
    if (act.has_correction()) return act.correction().token();
    return act.answer().token();
  }

  using Shape = std::map<std::string, std::tuple<std::string, std::string, std::size_t>>;
  Shape shape() {
    Shape found;
    look([&](ledger::Reader& reader) {
      for (const auto& one : known_) {
        const auto row = reader.filing(one.id);
        found[one.id] = {row->state, row->entry_number, reader.answers_of_filing(one.id).size()};
      }
    });
    return found;
  }

  std::size_t documents() {
    std::size_t count = 0;
    look([&](ledger::Reader& reader) {
      for (const auto& state : {"received", "applied", "unmatched", "rejected"})
        count += reader.documents_in_state(state, 10 * kActs).size();
    });
    return count;
  }

  std::mt19937 random_{GetParam()};
  std::vector<Known> known_;
};

TEST_P(FuzzedActs, AreKept_AndMoveNothingButTheEntryThatTheyName) {
  std::vector<std::pair<std::string, v1::FilerAct>> said;
  std::size_t applied = 0, refused = 0, moved = 0;
  auto before = shape();
  auto kept = documents();
  for (int i = 0; i < kActs && !HasFailure(); ++i) {
    if (said.empty() || pick(6) != 0) said.emplace_back(pick(3) == 0 ? "other-broker" : "broker", any_act());
    const auto [filer, what] = pick(6) == 0 ? said[pick(said.size())] : said.back();
    now_ += 1000;
    const auto result = act(filer, what);
    ASSERT_TRUE(result) << result.error().code;
    const auto after = shape();
    const auto documents_now = documents();
    SCOPED_TRACE("act " + std::to_string(i) + " of " + filer + ": " + what.ShortDebugString() + "\n" +
                 result->ShortDebugString());

    const auto token = token_of(what);
    const std::string text = what.has_answer() ? what.answer().lines() : what.confirmation().entry_number();
    for (const auto& one : known_) {
      if (before[one.id] == after.at(one.id)) continue;
      ++moved;
      EXPECT_EQ(one.filer, filer) << one.id;
      EXPECT_TRUE(token.empty() ? text.find(one.entry_number) != std::string::npos ||
                                      text.find(one.reference) != std::string::npos
                                : token == one.token)
          << one.id;
      for (const auto& other : known_)
        if (other.id != one.id) {
          EXPECT_EQ(text.find(other.reference), std::string::npos) << one.id << " moved, but so is named " << other.id;
          // Its number is known for another entry.
          if (!std::get<1>(before[other.id]).empty() && text.find("B7P  " + other.entry_number) != std::string::npos)
            ADD_FAILURE() << one.id << " moved, but so is named " << other.id;
        }
    }
    if (!result->applied() || result->repeat()) {
      EXPECT_EQ(before, after);
    }
    if (result->applied() && !result->repeat()) {
      EXPECT_EQ(documents_now, kept + 1);
      ++applied;
    } else if (!result->applied()) {
      EXPECT_GT(result->findings_size(), 0) << "flagged";
      EXPECT_LE(documents_now, kept + 1);
      EXPECT_TRUE(documents_now == kept + 1 || token.empty() || i > 0);
      refused += documents_now - kept;
    } else {
      EXPECT_EQ(documents_now, kept);
    }
    before = after;
    kept = documents_now;
  }
  // The oracle saw every kind of case.
  EXPECT_GT(applied, 100U);
  EXPECT_GT(refused, 30U);
  EXPECT_GT(moved, 20U);
  EXPECT_TRUE(ledger_->verify()->intact);
}

INSTANTIATE_TEST_SUITE_P(Seeds, FuzzedActs, ::testing::Values(1U));

TEST_F(GatewayTest, RefusedActs_AreKeptOnceWithTheirReason) {
  run();
  delivery_->start();
  for (int i = 0; i < 2; ++i) ASSERT_FALSE(act("broker", confirmation("no-such-token"))->applied());
  look([](ledger::Reader& reader) {
    const auto rows = reader.documents_in_state("unmatched", 10);
    ASSERT_EQ(rows.size(), 1U);
    EXPECT_EQ(rows[0].cause, "TOKEN_UNKNOWN");
    EXPECT_EQ(rows[0].partner, "broker");
    EXPECT_FALSE(rows[0].receipt.empty());
  });
  submit_shipment(sample());
  settle();
  auto wrong = confirmation(filing("se").token);
  wrong.mutable_confirmation()->set_sha256(std::string(32, 'x'));
  ASSERT_FALSE(act("broker", wrong)->applied());
  look([](ledger::Reader& reader) {
    const auto rows = reader.documents_in_state("rejected", 10);
    ASSERT_EQ(rows.size(), 1U);
    v1::CheckReport report;
    ASSERT_TRUE(report.ParseFromString(rows[0].report));
    EXPECT_EQ(report.findings(0).code(), "RECORDS_DIGEST_MISMATCH");
  });
  EXPECT_EQ(filing("se").state, "ready");
}

}  // namespace
}  // namespace puente::test
