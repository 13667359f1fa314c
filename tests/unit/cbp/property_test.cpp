// Random values of every element of every record survive encoding and decoding; the layouts page is in step.
#include <gtest/gtest.h>

#include <cstddef>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "mappings/cbp/catair/element.h"
#include "mappings/cbp/catair/layouts_markdown.h"
#include "mappings/cbp/catair/record.h"
#include "mappings/cbp/filing.h"
#include "mappings/domain/date.h"

namespace puente::cbp {
namespace {

using catair::Class;
using catair::Field;

class Values {
 public:
  explicit Values(unsigned seed) : random_(seed) {}

  std::string value(const Field& field) {
    if (field.empty != catair::Empty::never && pick(5) == 0) return "";
    if (!field.values.empty()) return listed(field.values);
    if (field.is_date()) return date();
    const auto width = static_cast<std::size_t>(field.width());
    if (field.is_number()) return number(pick(width + 1), static_cast<std::size_t>(field.decimals), width);
    if (field.cls == Class::N || field.cls == Class::SN) return text(width, "0123456789");
    std::string allowed = "ABCXYZ";
    if (field.cls != Class::A) allowed += "0189";
    if (field.cls == Class::X) allowed += ".,-()/'&#";
    allowed += field.also;
    const std::size_t length = 1 + pick(width);
    std::string made = text(length, allowed);
    for (std::size_t i = 1; i + 1 < made.size(); ++i)
      if (pick(6) == 0) made[i] = ' ';
    return made;
  }

 private:
  std::size_t pick(std::size_t below) { return std::uniform_int_distribution<std::size_t>(0, below - 1)(random_); }
  std::string text(std::size_t length, std::string_view allowed) {
    std::string made;
    while (made.size() < length) made.push_back(allowed[pick(allowed.size())]);
    return made;
  }
  std::string listed(std::string_view list) {
    std::vector<std::string> all = {""};
    for (const char character : list) {
      if (character == ';') {
        all.emplace_back();
      } else {
        all.back().push_back(character);
      }
    }
    return all[pick(all.size())];
  }
  std::string date() {
    const Date made{std::chrono::year(2000 + static_cast<int>(pick(100))),
                    std::chrono::month(1 + static_cast<unsigned>(pick(12))),
                    std::chrono::day(1 + static_cast<unsigned>(pick(28)))};
    return to_string(made);
  }
  std::string number(std::size_t digits, std::size_t decimals, std::size_t width) {
    std::string whole = digits > decimals ? text(std::min(digits, width) - decimals, "123456789") : "0";
    return decimals == 0 ? whole : whole + "." + text(decimals, "0123456789");
  }

  std::mt19937 random_;
};

TEST(CatairElements, RandomValuesOfEveryRecord_SurviveEncodingAndDecoding) {
  constexpr int kRuns = 2000;
  unsigned seed = 20260316;
  for (const catair::Record* record : catair::all_records()) {
    Values values(seed++);
    for (int run = 0; run < kRuns; ++run) {
      std::string line;
      std::vector<std::string> given;
      for (const Field& field : record->fields) {
        given.push_back(field.is_filler() ? "" : values.value(field));
        const catair::Placed placed = catair::place(field, given.back());
        ASSERT_EQ(placed.misfit, catair::Misfit::none)
            << record->id << ' ' << field.name << " '" << given.back() << "'";
        line += placed.columns;
      }
      ASSERT_EQ(line.size(), 80u);
      std::size_t index = 0;
      for (const Field& field : record->fields) {
        const std::string_view columns = std::string_view(line).substr(static_cast<std::size_t>(field.start - 1),
                                                                       static_cast<std::size_t>(field.width()));
        const catair::Taken taken = catair::take(field, columns);
        ASSERT_EQ(taken.value, given[index++]) << record->id << ' ' << field.name;
        ASSERT_TRUE(taken.misfit == catair::Misfit::none || given[index - 1].empty())
            << record->id << ' ' << field.name;
        ASSERT_EQ(catair::place(field, taken.value).columns, columns) << record->id << ' ' << field.name;
      }
    }
  }
}

TEST(CatairElements, ValuesThatDoNotFit_AreRefusedAndLeaveBlanks) {
  const catair::Record& record = *catair::find_record("AE", "50");
  const Field& duty = *catair::find_field(record, "duty_amount");
  const Field& hts = *catair::find_field(record, "hts_number");
  EXPECT_EQ(catair::place(duty, "1.239").misfit, catair::Misfit::too_long);
  EXPECT_EQ(catair::place(duty, "1.2300").columns, "0000000123");
  EXPECT_EQ(catair::place(duty, "-1.00").misfit, catair::Misfit::not_number);
  EXPECT_EQ(catair::place(duty, "1,00").misfit, catair::Misfit::not_number);
  EXPECT_EQ(catair::place(duty, "123456789.00").misfit, catair::Misfit::too_long);
  EXPECT_EQ(catair::place(duty, "123456789.00").columns, std::string(10, ' '));
  EXPECT_EQ(catair::place(hts, "8708.30").misfit, catair::Misfit::character);
  EXPECT_EQ(catair::take(duty, "       123").value, "1.23") << "(S)N takes spaces before its digits";
  EXPECT_EQ(catair::take(duty, "123       ").misfit, catair::Misfit::not_number);
}

TEST(LayoutsPage, CheckedInCopy_IsWhatTheTablesSay) {
  std::ifstream in(std::string(PUENTE_SOURCE_DIR) + "/mappings/cbp/LAYOUTS.md", std::ios::binary);
  const std::string page{std::istreambuf_iterator<char>(in), {}};
  if (page == catair::layouts_markdown()) return;
  const std::string path = ::testing::TempDir() + "LAYOUTS.md";
  std::ofstream(path, std::ios::binary) << catair::layouts_markdown();
  ADD_FAILURE() << "mappings/cbp/LAYOUTS.md is out of step with the tables; the page as it should be is in " << path;
}

}  // namespace
}  // namespace puente::cbp
