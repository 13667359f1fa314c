// Walks every element set in a draft's entries and manifest, by reflection, and names those without lineage.
#pragma once

#include <google/protobuf/message.h>

#include <map>
#include <string>
#include <vector>

#include "mappings/crosswalk/rule_table.h"
#include "puente/v1/entry.pb.h"

namespace puente::crosswalk::samples {

inline void set_elements(const google::protobuf::Message& message, const std::string& path,
                         std::vector<std::string>& out) {
  const auto& reflection = *message.GetReflection();
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  reflection.ListFields(message, &fields);
  for (const auto* field : fields) {
    const std::string at = path + '.' + field->name();
    const bool is_message = field->cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_MESSAGE;
    if (field->is_map()) {
      for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
        const auto& pair = reflection.GetRepeatedMessage(message, field, i);
        out.push_back(at + '[' + pair.GetReflection()->GetString(pair, field->message_type()->map_key()) + ']');
      }
    } else if (field->is_repeated()) {
      for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
        const std::string one = at + '[' + std::to_string(i) + ']';
        if (is_message) {
          set_elements(reflection.GetRepeatedMessage(message, field, i), one, out);
        } else {
          out.push_back(one);
        }
      }
    } else if (is_message) {
      set_elements(reflection.GetMessage(message, field), at, out);
    } else {
      out.push_back(at);
    }
  }
}

// What is wrong with the draft's lineage: an element without a row, a row without an element, a rule that the table
// does not have, a row without a source.
inline std::vector<std::string> lineage_faults(const v1::Draft& draft) {
  std::vector<std::string> elements, faults;
  for (int i = 0; i < draft.entries_size(); ++i)
    set_elements(draft.entries(i), "entries[" + std::to_string(i) + "]", elements);
  if (draft.has_manifest()) set_elements(draft.manifest(), "manifest", elements);
  std::map<std::string, const v1::Lineage*> rows;
  for (const v1::Lineage& row : draft.lineage()) {
    rows[row.element()] = &row;
    if (find_rule(row.rule()) == nullptr) faults.push_back(row.element() + ": no rule " + row.rule());
    if (row.sources().empty()) faults.push_back(row.element() + ": no source");
    for (const v1::LineageSource& source : row.sources())
      if (source.kind() == v1::LineageSource::KIND_UNSPECIFIED) faults.push_back(row.element() + ": source of no kind");
  }
  for (const std::string& element : elements)
    if (rows.erase(element) == 0) faults.push_back(element + ": no lineage");
  for (const auto& [element, row] : rows) faults.push_back(element + ": lineage of nothing");
  return faults;
}

}  // namespace puente::crosswalk::samples
