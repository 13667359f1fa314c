// A filer's corrections of single elements, applied to the finished draft (EM208). Only what an entry has or may have
// can be corrected: the path is walked through the message, never taken apart by hand elsewhere.
#include <google/protobuf/message.h>

#include <charconv>

#include "mappings/crosswalk/draft_parts.h"

namespace puente::crosswalk::drafting {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

struct Step {
  std::string field;
  std::optional<int> index;
};

// "lines[0].manufacturer_id"
std::optional<std::vector<Step>> parse_path(std::string_view path) {
  std::vector<Step> steps;
  while (!path.empty()) {
    const auto dot = path.find('.');
    std::string_view part = path.substr(0, dot);
    path.remove_prefix(dot == std::string_view::npos ? path.size() : dot + 1);
    Step step;
    if (const auto open = part.find('['); open != std::string_view::npos) {
      int index = 0;
      const auto digits = part.substr(open + 1);
      const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), index);
      if (error != std::errc() || index < 0 || std::string_view(end, digits.data() + digits.size()) != "]")
        return std::nullopt;
      step.index = index;
      part = part.substr(0, open);
    }
    step.field = part;
    steps.push_back(std::move(step));
  }
  if (steps.empty()) return std::nullopt;
  return steps;
}

bool assign(Message& message, const FieldDescriptor& field, const std::optional<int>& index, const std::string& value) {
  const auto& reflection = *message.GetReflection();
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), number);
  const bool is_number = error == std::errc() && end == value.data() + value.size() && number >= 0;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      if (field.is_repeated() != index.has_value()) return false;
      if (index) {
        if (*index >= reflection.FieldSize(message, &field)) return false;
        reflection.SetRepeatedString(&message, &field, *index, value);
      } else {
        reflection.SetString(&message, &field, value);
      }
      return true;
    case FieldDescriptor::CPPTYPE_INT64:
      if (!is_number || index) return false;
      reflection.SetInt64(&message, &field, number);
      return true;
    default:
      return false;  // line numbers and the like are not a filer's to change
  }
}

bool correct(Message& root, std::string_view path, const std::string& value) {
  const auto steps = parse_path(path);
  if (!steps) return false;
  Message* message = &root;
  for (std::size_t i = 0; i < steps->size(); ++i) {
    const Step& step = (*steps)[i];
    const FieldDescriptor* field = message->GetDescriptor()->FindFieldByName(step.field);
    if (field == nullptr || field->is_map()) return false;
    if (i + 1 == steps->size()) return assign(*message, *field, step.index, value);
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE || field->is_repeated() != step.index.has_value())
      return false;
    const auto& reflection = *message->GetReflection();
    if (step.index) {
      if (*step.index >= reflection.FieldSize(*message, field)) return false;
      message = reflection.MutableRepeatedMessage(message, field, *step.index);
    } else {
      if (!reflection.HasField(*message, field)) return false;
      message = reflection.MutableMessage(message, field);
    }
  }
  return false;
}

// The state of an entry is the gateway's own; its number comes by its own way.
bool may_be_corrected(std::string_view element) {
  return element != "status" && element != "reason" && !element.starts_with("entry_number");
}

}  // namespace

void apply_corrections(Work& work) {
  for (const ElementCorrection& correction : work.context.corrections)
    for (int i = 0; i < work.draft.entries_size(); ++i) {
      v1::Entry& entry = *work.draft.mutable_entries(i);
      if (entry.importer_of_record() != correction.importer_of_record) continue;
      if (!may_be_corrected(correction.element) || !correct(entry, correction.element, correction.value)) {
        work.findings.add(Scope::of_entry(i), "CORRECTION_INVALID", {{"element", correction.element}});
        continue;
      }
      work.recorder.record("entries[" + std::to_string(i) + "]." + correction.element, "EM208",
                           argument("correction", correction.value));
    }
}

}  // namespace puente::crosswalk::drafting
