#include "gateway/ledger/lifecycle.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace puente::ledger {
namespace {

TEST(Lifecycle_Table, NamesOnlyStatesThatExist) {
  for (const Transition& row : transitions()) {
    EXPECT_NE(state_row(row.object, row.to), nullptr) << row.object << " " << row.to;
    if (!row.from.empty()) {
      EXPECT_NE(state_row(row.object, row.from), nullptr) << row.object << " " << row.from;
    }
  }
}

TEST(Lifecycle_Table, HasNoRowTwice) {
  std::set<std::string> seen;
  for (const Transition& row : transitions()) {
    const std::string key =
        std::string(row.object) + "/" + std::string(row.verb) + "/" + std::string(row.from) + "/" + std::string(row.to);
    EXPECT_TRUE(seen.insert(key).second) << key;
  }
}

TEST(Lifecycle_EveryState, IsReachableAndIsLeftUnlessTerminalAndIsSaidInBothLanguages) {
  for (const StateRow& state : states()) {
    bool reached = false, left = false;
    for (const Transition& row : transitions()) {
      reached |= row.object == state.object && row.to == state.state;
      left |= row.object == state.object && row.from == state.state;
    }
    EXPECT_TRUE(reached) << state.object << " " << state.state;
    EXPECT_TRUE(left || state.terminal) << state.object << " " << state.state;
    EXPECT_FALSE(state.es.empty() || state.en.empty()) << state.state;
    if (state.exception) {
      EXPECT_FALSE(state.owner.empty()) << state.object << " " << state.state;
    }
  }
}

TEST(Lifecycle_Allowed, FollowsTheTableAndKeepsStates) {
  EXPECT_TRUE(allowed("document", "accept", "", "received"));
  EXPECT_TRUE(allowed("filing", "deliver", "ready", "offered"));
  EXPECT_TRUE(allowed("filing", "draft", "offered", "offered"));
  EXPECT_FALSE(allowed("filing", "draft", "offered", "replaced"));  // in flight
  EXPECT_FALSE(allowed("document", "read", "rejected", "read"));
  EXPECT_FALSE(allowed("document", "join", "received", "joined"));
  EXPECT_FALSE(allowed("filing", "deliver", "no such state", "no such state"));
}

}  // namespace
}  // namespace puente::ledger
