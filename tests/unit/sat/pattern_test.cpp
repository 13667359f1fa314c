// The patterns of the tables against another implementation: std::wregex, which reads what the SAT uses of the language
// of XML Schema alike.
#include "mappings/sat/pattern.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <regex>
#include <set>
#include <string>

#include "mappings/sat/element_tables.h"

namespace puente::sat {
namespace {

void collect(const ElementRow& element, std::set<const Pattern*>& patterns) {
  for (const AttributeRow& row : element.attributes)
    if (row.type.pattern != nullptr) patterns.insert(row.type.pattern);
  for (const ChildRow& child : element.children) collect(*child.element, patterns);
}

std::wstring wide(std::string_view text) {
  std::wstring out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto lead = static_cast<unsigned char>(text[i]);
    if (lead < 0x80) {
      out += static_cast<wchar_t>(lead);
    } else {  // two bytes, as all that these tests write
      out += static_cast<wchar_t>((lead & 0x1F) << 6 | (static_cast<unsigned char>(text[++i]) & 0x3F));
    }
  }
  return out;
}

// Texts that a pattern may well match: reads the pattern and takes a way through it by chance.
class Maker {
 public:
  Maker(std::string_view pattern, std::mt19937_64& random) : pattern_(pattern), random_(random) {}
  std::string make() {
    at_ = 0;
    return choice();
  }

 private:
  std::size_t below(std::size_t n) { return random_() % n; }
  std::string choice() {
    std::vector<std::string> ways;
    for (;;) {
      ways.push_back(sequence());
      if (at_ >= pattern_.size() || pattern_[at_] != '|') break;
      ++at_;
    }
    return ways[below(ways.size())];
  }
  std::string sequence() {
    std::string out;
    while (at_ < pattern_.size() && pattern_[at_] != '|' && pattern_[at_] != ')') {
      const std::size_t begin = at_;
      std::string once = atom();
      const std::size_t end = at_;
      std::size_t least = 1, most = 1;
      if (at_ < pattern_.size() && pattern_[at_] == '?') {
        least = 0;
        ++at_;
      } else if (at_ < pattern_.size() && pattern_[at_] == '{') {
        least = most = std::stoul(pattern_.substr(at_ + 1));
        const auto close = pattern_.find('}', at_);
        if (const auto comma = pattern_.find(',', at_); comma < close) most = std::stoul(pattern_.substr(comma + 1));
        at_ = close + 1;
      }
      const std::size_t after = at_;
      for (std::size_t i = least + below(most - least + 1); i > 0; --i) {
        at_ = begin;
        out += atom();
      }
      EXPECT_TRUE(at_ == end || at_ == after);
      at_ = after;
    }
    return out;
  }
  std::string atom() {
    if (pattern_[at_] == '(') {
      ++at_;
      std::string out = choice();
      ++at_;
      return out;
    }
    if (pattern_[at_] == '[') {
      const auto close = pattern_.find(']', at_);
      const std::string set = pattern_.substr(at_ + 1, close - at_ - 1);
      at_ = close + 1;
      if (below(4) == 0 && set.find("\xC3\x91") != std::string::npos) return "\xC3\x91";
      for (;;) {  // a character of the set, or of its ranges
        const std::size_t i = below(set.size());
        if (static_cast<unsigned char>(set[i]) >= 0x80 || set[i] == '^') continue;
        if (i + 2 < set.size() && set[i + 1] == '-')
          return std::string(
              1,
              static_cast<char>(set[i] + static_cast<int>(below(static_cast<std::size_t>(set[i + 2] - set[i] + 1)))));
        return std::string(1, set[i]);
      }
    }
    if (pattern_[at_] == '\\') ++at_;
    return std::string(1, pattern_[at_++]);
  }

  const std::string pattern_;
  std::mt19937_64& random_;
  std::size_t at_ = 0;
};

TEST(Pattern_OfEveryTable, AgreesWithStdRegex) {
  std::set<const Pattern*> patterns;
  collect(comprobante_row(), patterns);
  ASSERT_GT(patterns.size(), 20u);
  std::mt19937_64 random(20261123);
  constexpr std::string_view kOthers[] = {"0", "9", "A",        "z",        "-", " ", ".",
                                          "|", "&", "\xC3\x91", "\xC3\xB1", ":", "3"};
  std::size_t matched = 0, refused = 0;
  for (const Pattern* pattern : patterns) {
    const std::wregex oracle(wide(pattern->text()));
    Maker maker(pattern->text(), random);
    for (int i = 0; i < 400; ++i) {
      std::string text = maker.make();
      for (auto changes = random() % 3; changes > 0 && !text.empty(); --changes) {
        std::size_t at = random() % text.size();
        while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) --at;
        const std::size_t length = static_cast<unsigned char>(text[at]) < 0x80 ? 1 : 2;
        const auto other = kOthers[random() % std::size(kOthers)];
        switch (random() % 3) {
          case 0:
            text.replace(at, length, other);
            break;
          case 1:
            text.erase(at, length);
            break;
          default:
            text.insert(at, other);
        }
      }
      const bool expected = std::regex_match(wide(text), oracle);
      EXPECT_EQ(pattern->matches(text), expected) << pattern->text() << "  " << text;
      ++(expected ? matched : refused);
    }
  }
  EXPECT_GT(matched, 1000u);
  EXPECT_GT(refused, 1000u);
}

TEST(AttributeIndex_OfEveryTable, FindsItsNamesAndNoOther) {
  std::size_t names = 0;
  const auto visit = [&](const auto& self, const ElementRow& element) -> void {
    for (std::size_t i = 0; i < element.attributes.size(); ++i, ++names) {
      const std::string name(element.attributes[i].name);
      EXPECT_EQ(element.index.find(element.attributes, name), i) << element.name << " " << name;
      for (const auto& other : {name + "s", name.substr(1), "X" + name.substr(1)}) {
        const auto rows = element.attributes;
        const auto expected = std::ranges::find(rows, other, &AttributeRow::name);
        EXPECT_EQ(element.index.find(rows, other),
                  expected == rows.end() ? AttributeIndex::npos : static_cast<std::size_t>(expected - rows.begin()));
      }
    }
    EXPECT_EQ(element.index.find(element.attributes, ""), AttributeIndex::npos);
    for (const ChildRow& child : element.children) self(self, *child.element);
  };
  visit(visit, comprobante_row());
  EXPECT_GT(names, 300u);
}

}  // namespace
}  // namespace puente::sat
