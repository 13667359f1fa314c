#include "mappings/cbp/catair/layout.h"

#include <cstddef>
#include <span>

#include "mappings/cbp/catair/element.h"
#include "mappings/cbp/catair/records/envelope.h"

namespace puente::cbp::catair {
namespace {

// Whose layouts an application's lines follow, in order of preference: SX echoes the records of SE, AX those of AE.
struct Family {
  std::string_view application;
  std::string_view layouts[4];
};
constexpr Family kFamilies[] = {
    {"SE", {"SE"}}, {"SX", {"SE"}},       {"SO", {"SO"}},
    {"AE", {"AE"}}, {"AX", {"AX", "AE"}}, {"", {"SE", "SO", "AE", "AX"}},
};

std::string_view columns(std::string_view line, int start, int end) {
  return line.substr(static_cast<std::size_t>(start - 1), static_cast<std::size_t>(end - start + 1));
}

bool selects(const Selector& selector, std::string_view line) {
  return selector.start == 0 || list_has(selector.values, trim(columns(line, selector.start, selector.end)));
}

const Record* find_in(std::string_view layouts, std::string_view line) {
  for (const Record* record : all_records())
    if (record->application == layouts && line.starts_with(record->control_id()) && selects(record->selector, line))
      return record;
  return nullptr;
}

// A and B say their application themselves; Z follows it; X0 and X1 stand only in CBP's envelope.
std::string_view envelope_side(std::string_view application, std::string_view line) {
  const char identifier = line.front();
  if (identifier == 'A') application = trim(columns(line, 26, 27));
  if (identifier == 'B' || identifier == 'Y') application = trim(columns(line, 11, 12));
  return is_input_application(application) ? "" : "ANSWER";
}

}  // namespace

bool is_input_application(std::string_view application) {
  return !application.empty() && list_has(find_field(records::kB, "application_identifier_code")->values, application);
}

std::string_view columns_of(const Field& field, std::string_view line) { return columns(line, field.start, field.end); }

const Record* find_layout(std::string_view application, std::string_view line) {
  if (line.size() != 80) return nullptr;
  for (const Family& family : kFamilies) {
    if (family.application != application) continue;
    for (const std::string_view layouts : family.layouts)
      if (const Record* record = layouts.empty() ? nullptr : find_in(layouts, line)) return record;
  }
  return find_in(envelope_side(application, line), line);
}

}  // namespace puente::cbp::catair
