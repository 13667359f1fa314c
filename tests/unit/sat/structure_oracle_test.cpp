// The structural check against a second oracle, libxml2: xmllint with the official schemas, on the samples and on
// seeded mutations of them. Enumerations of catalogs are set aside, as another stage judges those.
// schema_agreement_test.cpp does the same at length with Xerces, which is the parser of Puente too.
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <random>
#include <set>

#include "mappings/sat/element_tables.h"
#include "tests/unit/sat/mutations.h"
#include "tests/unit/sat/sat_files.h"

namespace puente::sat {
namespace {

constexpr std::size_t kRuns = 800;
constexpr std::size_t kKinds = std::size(kMutations) - 1;  // but codes, the last one
static_assert(kMutations[kKinds] == Mutation::code);

void collect_closed_lists(const ElementRow& row, std::set<std::string>& names) {
  for (const auto& attribute : row.attributes)
    if (!attribute.type.values.empty()) names.insert(std::string(attribute.name));
  for (const auto& child : row.children) collect_closed_lists(*child.element, names);
}

// Verdict by file of one run of xmllint, and its complaints.
std::map<std::string, std::string> complaints_of_xmllint(const std::filesystem::path& directory) {
  std::set<std::string> closed;
  collect_closed_lists(comprobante_row(), closed);
  const auto xsd = kReference / "sat/xsd";
  const std::string command = "cd '" + directory.string() + "' && XML_CATALOG_FILES='" +
                              (xsd / "catalog.xml").string() + "' xmllint --nonet --noout --schema '" +
                              (xsd / "puente-all.xsd").string() + "' *.xml 2>&1";
  FILE* pipe = popen(command.c_str(), "r");
  std::string output;
  std::array<char, 65536> buffer{};
  while (const std::size_t n = fread(buffer.data(), 1, buffer.size(), pipe)) output.append(buffer.data(), n);
  pclose(pipe);
  std::map<std::string, std::string> complaints;
  std::istringstream lines(output);
  for (std::string line; std::getline(lines, line);) {
    const auto file = line.substr(0, line.find(".xml") + 4);
    if (line.find("error :") == std::string::npos || line.find(".xml:") == std::string::npos) continue;
    if (line.find("[facet 'enumeration']") != std::string::npos) {
      const auto name = line.find("attribute '") + 11;
      const bool is_list = closed.contains(line.substr(name, line.find('\'', name) - name));
      const bool is_empty = line.find("The value '' is not") != std::string::npos;
      if (!is_list && !is_empty) continue;
    }
    complaints[file] += line + "\n";
  }
  return complaints;
}

TEST(Structure_SamplesAndMutations, AgreeWithOfficialSchemas) {
  if (!std::filesystem::exists(kSamples) || !std::filesystem::exists(kReference))
    GTEST_SKIP() << "no samples, no schemas";
  if (std::system("command -v xmllint >/dev/null") != 0) GTEST_SKIP() << "no xmllint";

  std::map<std::string, std::string> documents;
  std::vector<std::string> originals;
  for (const auto& entry : std::filesystem::directory_iterator(kSamples)) {
    const std::string name = entry.path().filename().string();
    std::string text = entry.path().extension() == ".xml" ? read_file(entry.path()) : "";
    if (!name.starts_with("cfdi40-") && !name.starts_with("synthetic-")) continue;
    if (text.find("Addenda") != std::string::npos) continue;
    originals.push_back(name);
    documents["original-" + name] = std::move(text);
  }
  std::ranges::sort(originals);
  std::mt19937 random(20261110);
  for (std::size_t i = 0; i < kRuns; ++i) {
    const std::string& original = documents["original-" + originals[i % originals.size()]];
    std::optional<std::string> text;
    while (!text) text = mutate(original, kMutations[i / originals.size() % kKinds], random);
    if (i % 2 == 1)  // and another, of whatever kind
      if (auto twice = mutate(*text, kMutations[random() % kKinds], random)) text = twice;
    documents["mutation-" + std::to_string(i) + ".xml"] = *text;
  }

  const auto directory = std::filesystem::temp_directory_path() / ("puente-structure-" + std::to_string(getpid()));
  std::filesystem::create_directory(directory);
  for (const auto& [name, text] : documents) std::ofstream(directory / name, std::ios::binary) << text;
  const auto complaints = complaints_of_xmllint(directory);
  std::filesystem::remove_all(directory);

  std::size_t invalid = 0;
  for (const auto& [name, text] : documents) {
    const auto outcome = read(name, text, {});
    const auto complaint = complaints.find(name);
    const bool valid = complaint == complaints.end();
    if (!valid) ++invalid;
    EXPECT_EQ(outcome.stages.structure == Stage::pass, valid)
        << name << "\n"
        << codes(outcome.findings) << (valid ? "xmllint: validates" : complaint->second);
  }
  EXPECT_GT(invalid, kRuns / 4) << "the mutations should break something";
}

}  // namespace
}  // namespace puente::sat
