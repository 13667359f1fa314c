// The seeds of the fuzzers, with every compiler, and random cuts and flips of them; dictionary and seeds that are
// written from the element tables are in step with them (PUENTE_BLESS=1 writes them).
#include <gtest/gtest.h>

#include <cstdint>
#include <cstdlib>
#include <random>
#include <set>

#include "mappings/sat/versions.h"
#include "tests/unit/sat/every_element.h"
#include "tests/unit/sat/sat_files.h"

// Named for this program where it compiles the targets (CMakeLists.txt).
extern "C" {
int fuzz_sat_bytes(const std::uint8_t* data, std::size_t size);
int fuzz_sat_reader(const std::uint8_t* data, std::size_t size);
int fuzz_sat_cadena(const std::uint8_t* data, std::size_t size);
}

namespace puente::sat {
namespace {

const std::filesystem::path kFuzz = PUENTE_SOURCE_DIR "/tests/fuzz";

struct Target {
  std::string_view corpus;
  int (*run)(const std::uint8_t*, std::size_t);
  std::size_t least_seeds;
};

constexpr Target kTargets[] = {
    {"sat_bytes", fuzz_sat_bytes, 30}, {"sat_reader", fuzz_sat_reader, 5}, {"sat_cadena", fuzz_sat_cadena, 4}};

class FuzzReplay : public testing::TestWithParam<Target> {};

void run(const Target& target, const std::string& bytes) {
  target.run(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
}

TEST_P(FuzzReplay, Seeds_EndWithoutAbort) {
  std::mt19937 random(31);
  std::size_t seeds = 0;
  for (const auto& entry : std::filesystem::directory_iterator(kFuzz / "corpus" / GetParam().corpus)) {
    const std::string seed = read_file(entry.path());
    ++seeds;
    run(GetParam(), seed);
    for (int i = 0; i < 80; ++i) {
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
      run(GetParam(), bytes);
    }
  }
  EXPECT_GE(seeds, GetParam().least_seeds);
}

INSTANTIATE_TEST_SUITE_P(Sat, FuzzReplay, testing::ValuesIn(kTargets),
                         [](const auto& target) { return std::string(target.param.corpus); });

TEST(FuzzReplay_DocumentsOfTheTables, EndWithoutAbort) {
  std::mt19937 random(7);
  for (int i = 0; i < 30; ++i)
    for (const ElementRow* complement :
         {static_cast<const ElementRow*>(nullptr), &carta_porte_row(), &comercio_exterior_row(), &timbre_row()})
      for (const Target& target : kTargets) run(target, ElementWriter(complement, &random).write());
}

void expect_in_step(const std::filesystem::path& file, const std::string& text) {
  if (std::getenv("PUENTE_BLESS") != nullptr) std::ofstream(file, std::ios::binary) << text;
  EXPECT_EQ(read_file(file), text) << file << ": write it anew with PUENTE_BLESS=1 and look at the difference";
}

TEST(FuzzSeeds_OfTheTables, AreInStep) {
  const auto folder = kFuzz / "corpus/sat_cadena";
  expect_in_step(folder / "every_element_cfdi.xml", ElementWriter(nullptr).write());
  expect_in_step(folder / "every_element_carta_porte.xml", ElementWriter(&carta_porte_row()).write());
  expect_in_step(folder / "every_element_comercio_exterior.xml", ElementWriter(&comercio_exterior_row()).write());
  expect_in_step(folder / "every_element_timbre.xml", ElementWriter(&timbre_row()).write());
}

void add_words(const ElementRow& row, std::set<std::string>& words) {
  words.emplace(row.space->uri);
  words.insert('<' + std::string(row.space->prefix) + ':' + std::string(row.name) + ' ');
  for (const AttributeRow& attribute : row.attributes) {
    words.insert(' ' + std::string(attribute.name) + "=\"");
    if (!attribute.type.fixed.empty()) words.emplace(attribute.type.fixed);
    for (const std::string_view value : attribute.type.values) words.emplace(value);
  }
  for (const ChildRow& child : row.children) add_words(*child.element, words);
}

TEST(FuzzDictionary_OfTheTables, IsInStep) {
  std::set<std::string> words = {"<!--",
                                 "-->",
                                 "<![CDATA[",
                                 "]]>",
                                 "<?",
                                 "?>",
                                 "<!DOCTYPE ",
                                 "&#xA;",
                                 "&#32;",
                                 "&amp;",
                                 "/>",
                                 "</",
                                 " xmlns=\"",
                                 " xmlns:cfdi=\"",
                                 "<cfdi:Addenda>",
                                 "http://www.w3.org/2001/XMLSchema-instance"};
  add_words(comprobante_row(), words);
  for (const RefusedComplement& refused : refused_complements()) words.emplace(refused.uri);
  for (const UnreadComplement& unread : unread_complements()) words.emplace(unread.uri);
  std::string text = "# Words of the element tables and of XML; written by the unit tests (PUENTE_BLESS=1).\n";
  for (const std::string& word : words) {
    text += '"';
    for (const char c : word) {
      static constexpr char kHex[] = "0123456789ABCDEF";
      const auto byte = static_cast<unsigned char>(c);
      if (c == '"' || c == '\\') {
        text += std::string("\\") + c;
      } else if (byte < 0x20 || byte > 0x7E) {
        text += std::string("\\x") + kHex[byte >> 4] + kHex[byte & 15];
      } else {
        text += c;
      }
    }
    text += "\"\n";
  }
  expect_in_step(kFuzz / "sat.dict", text);
}

}  // namespace
}  // namespace puente::sat
