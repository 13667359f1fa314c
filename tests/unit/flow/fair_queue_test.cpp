#include "gateway/flow/fair_queue.h"

#include <gtest/gtest.h>

namespace puente::flow {
namespace {

std::string order(FairQueue& queue, const FairQueue::Behind& behind) {
  std::string out;
  while (!queue.empty()) out += queue.pop(behind).id;
  return out;
}

TEST(FairQueue, NobodyBehind_OrderOfArrival) {
  FairQueue queue;
  for (const char* id : {"a", "b", "c"}) queue.push({id, "acme"});
  EXPECT_EQ(order(queue, {}), "abc");
}

TEST(FairQueue, OneBehind_OthersFirst_ButEveryEighthTurnIsTheLongestWaiters) {
  FairQueue queue;
  for (int i = 0; i < 3; ++i) queue.push({"x", "greedy"});
  for (int i = 0; i < 16; ++i) queue.push({"o", "other"});
  EXPECT_FALSE(queue.only({"greedy"}));
  EXPECT_EQ(order(queue, {"greedy"}), "oooooooxoooooooxoox");
}

TEST(FairQueue, OnlyThoseBehind_AreServed) {
  FairQueue queue;
  queue.push({"x", "greedy"});
  EXPECT_TRUE(queue.only({"greedy"}));
  EXPECT_EQ(order(queue, {"greedy"}), "x");
}

}  // namespace
}  // namespace puente::flow
