// The fuzz target over its seeds, over every prefix of them and with every single byte changed.
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace puente::transport::socket {
namespace {

int run(const std::string& bytes) {
  return LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
}

TEST(FuzzSocketFrames, EverySeed_EveryPrefixAndEveryChangedByte_GivesTheSameForAnySplit) {
  std::size_t seeds = 0;
  for (const auto& entry : std::filesystem::directory_iterator(PUENTE_SOURCE_DIR "/tests/fuzz/corpus/socket")) {
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string seed{std::istreambuf_iterator<char>(in), {}};
    const std::size_t step = seed.size() / 100 + 1;
    for (std::size_t at = 0; at < seed.size(); at += step) {
      EXPECT_EQ(run(seed.substr(0, at)), 0);
      std::string changed = seed;
      changed[at] = static_cast<char>(changed[at] ^ 0x41);
      EXPECT_EQ(run(changed), 0);
    }
    EXPECT_EQ(run(seed), 0);
    ++seeds;
  }
  EXPECT_GE(seeds, 6u);
}

}  // namespace
}  // namespace puente::transport::socket
