// The fuzz target over its seeds, so that every ordinary test run walks them.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace puente::cbp {
namespace {

TEST(FuzzCatairDecode, EverySeed_AndEveryPrefixOfIt_Ends) {
  std::size_t seeds = 0;
  for (const auto& entry : std::filesystem::directory_iterator(PUENTE_SOURCE_DIR "/tests/fuzz/corpus/catair")) {
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    for (std::size_t length = 0; length <= text.size(); length += 37)
      EXPECT_EQ(LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(text.data()), length), 0);
    EXPECT_EQ(LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(text.data()), text.size()), 0);
    ++seeds;
  }
  EXPECT_GE(seeds, 9u);
}

}  // namespace
}  // namespace puente::cbp
