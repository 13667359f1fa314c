#include "mappings/cbp/catair/layouts_markdown.h"

#include <array>
#include <cstddef>
#include <string_view>

#include "mappings/cbp/catair/record.h"

namespace puente::cbp::catair {
namespace {

template <typename Enum, std::size_t kSize>
std::string_view name_of(Enum value, const std::array<std::string_view, kSize>& names) {
  return names[static_cast<std::size_t>(value)];
}
constexpr std::array<std::string_view, 7> kClasses = {"A", "N", "(S)N", "AN", "D", "X", "S"};
constexpr std::array<std::string_view, 3> kStatuses = {"M", "C", "O"};
constexpr std::array<std::string_view, 2> kJustifications = {"left", "right"};
constexpr std::array<std::string_view, 3> kEmpties = {"spaces", "zeros", "never"};

struct Chapter {
  std::string_view application, title;
};
constexpr Chapter kChapters[] = {
    {"", "Envelope, as sent"},
    {"ANSWER", "Envelope, as answered"},
    {"SE", "Cargo release: SE, and its answer SX"},
    {"AE", "Entry summary: AE"},
    {"AX", "Answer to an entry summary: AX"},
    {"SO", "Status notification: SO"},
};

std::string cell(std::string_view text) {
  std::string escaped;
  for (const char character : text) {
    if (character == '|') escaped += '\\';
    escaped += character;
  }
  return escaped;
}

void append_record(std::string& page, const Record& record) {
  page += "### " + std::string(record.id) + ": " + std::string(record.title) + "\n\n";
  page += std::string(record.source) + ".";
  if (record.selector.start != 0) {
    page += " Applies when columns " + std::to_string(record.selector.start) + "-" +
            std::to_string(record.selector.end) + " hold one of: `" + std::string(record.selector.values) + "`.";
  }
  page += "\n\n| columns | element | class | status | fill | decimals | unused | values | name | rule |\n";
  page += "|---|---|---|---|---|---|---|---|---|---|\n";
  for (const Field& field : record.fields) {
    page += "| " + std::to_string(field.start) + "-" + std::to_string(field.end);
    for (const std::string& text :
         {std::string(field.name), std::string(name_of(field.cls, kClasses)),
          std::string(name_of(field.status, kStatuses)), std::string(name_of(field.justify, kJustifications)),
          field.decimals == 0 ? "" : std::to_string(field.decimals), std::string(name_of(field.empty, kEmpties)),
          cell(field.values), cell(field.title), cell(field.rule)})
      page += " | " + text;
    page += " |\n";
  }
  page += "\n";
}

}  // namespace

std::string layouts_markdown() {
  std::string page =
      "# CATAIR records Puente knows\n\n"
      "Written from the tables in catair/records; edit those, not this page. Columns count from 1, both ends "
      "inclusive. "
      "Classes: A letters, N digits, (S)N spaces then digits, AN letters and digits, D MMDDYY, X any character, S "
      "spaces. "
      "Status: M mandatory, C conditional, O optional. Unused is what stands in an element that has no value.\n\n";
  for (const Chapter& chapter : kChapters) {
    page += "## " + std::string(chapter.title) + "\n\n";
    for (const Record* record : all_records())
      if (record->application == chapter.application) append_record(page, *record);
  }
  page.pop_back();
  return page;
}

}  // namespace puente::cbp::catair
