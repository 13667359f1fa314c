// The seeds of the fuzzer, with every compiler, and random cuts and flips of them.
#include <gtest/gtest.h>

#include <cstdint>
#include <random>

#include "tests/unit/sat/sat_files.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace puente::sat {
namespace {

void run(const std::string& bytes) {
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
}

TEST(FuzzReplay_Seeds, EndWithoutAbort) {
  std::mt19937 random(31);
  std::size_t seeds = 0;
  for (const auto& entry : std::filesystem::directory_iterator(PUENTE_SOURCE_DIR "/tests/fuzz/corpus/sat")) {
    const std::string seed = read_file(entry.path());
    ++seeds;
    run(seed);
    for (int i = 0; i < 200; ++i) {
      std::string bytes = seed;
      const auto at = [&] { return std::uniform_int_distribution<std::size_t>(0, bytes.size() - 1)(random); };
      switch (i % 4) {
        case 0:
          bytes.resize(at());
          break;
        case 1:
          bytes[at()] = static_cast<char>(random() & 0xFF);
          break;
        case 2:
          bytes.erase(at(), 1 + at() % 40);
          break;
        default:
          bytes.insert(at(), bytes.substr(at(), 40));
          break;
      }
      run(bytes);
    }
  }
  EXPECT_GE(seeds, 5u);
}

}  // namespace
}  // namespace puente::sat
