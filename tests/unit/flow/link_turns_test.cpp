#include "gateway/flow/link_turns.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <thread>

namespace puente::flow {
namespace {

TEST(LinkTurns, DocumentsThatShareAKey_ComeOneAfterTheOther) {
  LinkTurns turns;
  std::atomic<int> inside{0}, most{0};
  std::vector<std::thread> workers;
  for (int i = 0; i < 8; ++i)
    workers.emplace_back([&, i] {
      for (int n = 0; n < 200; ++n) {
        const auto turn = turns.begin({"own:" + std::to_string(i), "shared", "shared"});
        most = std::max(most.load(), ++inside);
        --inside;
      }
    });
  for (auto& worker : workers) worker.join();
  EXPECT_EQ(most, 1);
}

TEST(LinkTurns, StrangersDoNotWaitForEachOther) {
  LinkTurns turns;
  const auto first = turns.begin({"a", "b"});
  auto other = std::async(std::launch::async, [&] { const auto turn = turns.begin({"c"}); });
  EXPECT_EQ(other.wait_for(std::chrono::seconds(60)), std::future_status::ready);
  const auto nameless = turns.begin({});
}

}  // namespace
}  // namespace puente::flow
