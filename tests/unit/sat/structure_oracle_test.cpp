// The structural check against its oracle: xmllint with the official schemas, on the samples and on seeded mutations of
// them. Enumerations of catalogs are set aside, as another stage judges those.
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <random>
#include <set>

#include "mappings/sat/element_tables.h"
#include "tests/unit/sat/sat_files.h"

namespace puente::sat {
namespace {

constexpr std::size_t kMutations = 800;

// A start tag and its attributes in the text of a document.
struct Span {
  std::size_t begin, end;
};
struct Tag {
  Span all;
  bool empty;                                     // <a/>
  std::vector<std::pair<Span, Span>> attributes;  // the whole with its leading space, and the value
};

std::vector<Tag> tags_of(const std::string& text) {
  std::vector<Tag> tags;
  for (std::size_t at = text.find('<'); at != std::string::npos; at = text.find('<', at + 1)) {
    if (text[at + 1] == '/' || text[at + 1] == '?' || text[at + 1] == '!') continue;
    Tag tag{{at, 0}, false, {}};
    std::size_t i = text.find_first_of(" \t\r\n/>", at);
    while (text[i] != '>') {
      const std::size_t begin = i;
      i = text.find_first_not_of(" \t\r\n", i);
      if (text[i] == '/') {
        tag.empty = true;
        ++i;
        continue;
      }
      if (text[i] == '>') break;
      const std::size_t open = text.find_first_of("\"'", i);
      const std::size_t close = text.find(text[open], open + 1);
      const std::string name = text.substr(i, text.find_first_of(" =", i) - i);
      if (!name.starts_with("xmlns") && name.find(':') == std::string::npos)
        tag.attributes.push_back({{begin, close + 1}, {open + 1, close}});
      i = close + 1;
    }
    tag.all.end = i + 1;
    tags.push_back(tag);
  }
  return tags;
}

std::string replaced(const std::string& text, Span span, const std::string& with) {
  return text.substr(0, span.begin) + with + text.substr(span.end);
}

std::string mutate(const std::string& text, std::mt19937& random) {
  static const std::array<std::string, 40> kValues = {"",
                                                      " ",
                                                      "0",
                                                      "-1",
                                                      "+1.5",
                                                      ".5",
                                                      "5.",
                                                      "1.1234567",
                                                      "0.0000001",
                                                      "00012.500000000",
                                                      "1e3",
                                                      "NaN",
                                                      "99999",
                                                      "100000",
                                                      "Sí",
                                                      "si",
                                                      "No",
                                                      "2024-02-30",
                                                      "2024-02-30T10:00:00",
                                                      "2024-06-31T23:59:59",
                                                      "2024-06-30T24:00:00",
                                                      "a|b",
                                                      "12345",
                                                      "1234567",
                                                      "ABC 12",
                                                      "ABC-12",
                                                      "XAXX010101000",
                                                      "ÑAB010101AB1",
                                                      "eku9003173c9",
                                                      "CCCBCD94-870A-4332-A52A-A52AA52AA52A",
                                                      "DE000001",
                                                      "OR000001",
                                                      "24  48  3005  4000001",
                                                      "24 48 3005 4000001",
                                                      "&#xA;x&#x9;y",
                                                      "\xC2\xA0x",
                                                      "10/20/30cm",
                                                      "2147483648",
                                                      "1899",
                                                      std::string(1001, 'x')};
  const auto tags = tags_of(text);
  const auto pick = [&](std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random); };
  for (;;) {
    const Tag& tag = tags[pick(tags.size())];
    const Span after_name{text.find_first_of(" \t\r\n/>", tag.all.begin), 0};
    switch (pick(10)) {
      case 0:
      case 1:
      case 2:
      case 3:
        if (tag.attributes.empty()) break;
        return replaced(text, tag.attributes[pick(tag.attributes.size())].second, kValues[pick(kValues.size())]);
      case 4:
        if (tag.attributes.empty()) break;
        return replaced(text, tag.attributes[pick(tag.attributes.size())].first, "");
      case 5: {  // a character more, less or doubled
        if (tag.attributes.empty()) break;
        Span value = tag.attributes[pick(tag.attributes.size())].second;
        if (value.begin == value.end ||
            text.substr(value.begin, value.end - value.begin).find_first_of("&\xC3\xC2") != std::string::npos)
          break;
        const std::string old = text.substr(value.begin, value.end - value.begin);
        const std::array<std::string, 5> changes = {old + "0", old.substr(1), " " + old, old + " ", old + old};
        return replaced(text, value, changes[pick(changes.size())]);
      }
      case 6:
        if (!tag.empty) break;
        return replaced(text, tag.all, "");
      case 7:
        if (!tag.empty) break;
        return replaced(text, {tag.all.end, tag.all.end}, text.substr(tag.all.begin, tag.all.end - tag.all.begin));
      case 8: {
        static const std::array<std::string, 6> kAdded = {" Extra=\"1\"",    " xml:lang=\"es\"",
                                                          " Version=\"9\"",  " Importe=\"1.00\"",
                                                          " Moneda=\"USD\"", " Rfc=\"XAXX010101000\""};
        const std::string& added = kAdded[pick(kAdded.size())];
        const std::string name = added.substr(0, added.find('=') + 1);
        if (text.substr(tag.all.begin, tag.all.end - tag.all.begin).find(name) != std::string::npos) break;
        return replaced(text, {after_name.begin, after_name.begin}, added);
      }
      default: {  // text, a comment, an element of another place
        if (tag.empty) break;
        static const std::array<std::string, 5> kContent = {"x", "  \n", "<!-- note -->", "<Foreign/>", "<?pi x?>"};
        return replaced(text, {tag.all.end, tag.all.end}, kContent[pick(kContent.size())]);
      }
    }
  }
}

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
  for (std::size_t i = 0; i < kMutations; ++i) {
    std::string text = documents["original-" + originals[i % originals.size()]];
    const std::size_t times = 1 + i % 2;
    for (std::size_t k = 0; k < times; ++k) text = mutate(text, random);
    documents["mutation-" + std::to_string(i) + ".xml"] = text;
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
  EXPECT_GT(invalid, kMutations / 4) << "the mutations should break something";
}

}  // namespace
}  // namespace puente::sat
