#include "mappings/crosswalk/lineage.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace puente::crosswalk {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

[[noreturn]] void bug(const Message& message, std::string_view field) {
  std::fprintf(stderr, "no such element: %s.%.*s\n", message.GetDescriptor()->name().c_str(),
               static_cast<int>(field.size()), field.data());
  std::abort();
}

const FieldDescriptor& field_of(const Message& message, std::string_view name, FieldDescriptor::CppType type,
                                bool repeated) {
  const auto* field = message.GetDescriptor()->FindFieldByName(std::string(name));
  if (field == nullptr || field->cpp_type() != type || field->is_repeated() != repeated) bug(message, name);
  return *field;
}

Source make(v1::LineageSource::Kind kind, std::string path, std::string_view text) {
  Source source;
  source.set_kind(kind);
  source.mutable_place()->set_path(std::move(path));
  source.set_text(std::string(text));
  return source;
}

}  // namespace

Source from_document(const sat::Node& node, std::string_view attribute) {
  Source source;
  source.set_kind(v1::LineageSource::DOCUMENT);
  *source.mutable_place() = node.place(attribute);
  source.set_text(std::string(node.attribute_or(attribute)));
  source.set_unsealed(!node.sealed(attribute));
  return source;
}

Source from_notice(const Notice& notice, std::string pointer, std::string_view text) {
  Source source = make(v1::LineageSource::NOTICE, std::move(pointer), text);
  source.mutable_place()->set_document(notice.name);
  return source;
}

Source from_profile(const ProfileSection& section, std::string_view key) {
  std::string text;
  for (const std::string& value : section.list(key)) text += (text.empty() ? "" : ", ") + value;
  if (const auto one = section.text(key)) text = *one;
  return make(v1::LineageSource::PROFILE, section.path(key), text);
}

Source from_catalog(const CatalogRow& row, std::string_view column) {
  Source source = make(v1::LineageSource::CATALOG, std::string(column), row.text(column).value_or(""));
  source.mutable_place()->set_document(row.file);
  source.mutable_place()->set_line(static_cast<std::uint32_t>(row.line));
  return source;
}

Source from_table(std::string_view table, std::string_view key, std::string_view text) {
  return make(v1::LineageSource::REFERENCE, std::string(table) + '/' + std::string(key), text);
}

Source derived_from(std::string path, std::string_view text) {
  return make(v1::LineageSource::DERIVED, std::move(path), text);
}

Source constant(std::string_view text) { return make(v1::LineageSource::CONSTANT, {}, text); }

Source argument(std::string_view giver, std::string_view text) {
  return make(v1::LineageSource::ARGUMENT, std::string(giver), text);
}

Source from_ledger(std::string_view text) { return make(v1::LineageSource::LEDGER, {}, text); }

Sources& Sources::operator+=(const Sources& more) {
  const std::size_t room = kLimit - std::min(kLimit, list_.size());
  const std::size_t taken = std::min(room, more.list_.size());
  list_.insert(list_.end(), more.list_.begin(), more.list_.begin() + static_cast<std::ptrdiff_t>(taken));
  left_out_ += more.list_.size() - taken + more.left_out_;
  return *this;
}

void collect(std::optional<Sources>& into, const Sources& more) {
  if (into) {
    *into += more;
  } else {
    into = more;
  }
}

void Recorder::record(std::string path, RuleId rule, const Sources& sources) {
  v1::Lineage row;
  row.set_element(std::move(path));
  row.set_rule(std::string(rule.id()));
  for (const Source& source : sources.list()) *row.add_sources() = source;
  if (sources.left_out() > 0) *row.add_sources() = derived_from("more", std::to_string(sources.left_out()));
  const auto [found, is_new] = index_.try_emplace(row.element(), rows_.size());
  if (is_new) {
    rows_.push_back(std::move(row));
  } else {
    rows_[found->second] = std::move(row);
  }
}

void Recorder::forget(std::string_view prefix) {
  std::erase_if(rows_, [&](const v1::Lineage& row) { return std::string_view(row.element()).starts_with(prefix); });
  index_.clear();
  for (std::size_t i = 0; i < rows_.size(); ++i) index_[rows_[i].element()] = i;
}

void Recorder::write(v1::Draft& draft) const {
  for (const v1::Lineage& row : rows_) *draft.add_lineage() = row;
}

std::string ElementBase::path(std::string_view field) const { return path_ + '.' + std::string(field); }

void ElementBase::set(std::string_view field, RuleId rule, std::string_view value, const Sources& sources) {
  const auto& descriptor = field_of(*message_, field, FieldDescriptor::CPPTYPE_STRING, false);
  message_->GetReflection()->SetString(message_, &descriptor, std::string(value));
  recorder_->record(path(field), rule, sources);
}

void ElementBase::set(std::string_view field, RuleId rule, std::int64_t value, const Sources& sources) {
  const auto* descriptor = message_->GetDescriptor()->FindFieldByName(std::string(field));
  if (descriptor != nullptr && descriptor->cpp_type() == FieldDescriptor::CPPTYPE_INT32) {
    message_->GetReflection()->SetInt32(message_, descriptor, static_cast<std::int32_t>(value));
  } else {
    message_->GetReflection()->SetInt64(message_, &field_of(*message_, field, FieldDescriptor::CPPTYPE_INT64, false),
                                        value);
  }
  recorder_->record(path(field), rule, sources);
}

void ElementBase::set(std::string_view field, RuleId rule, bool value, const Sources& sources) {
  message_->GetReflection()->SetBool(message_, &field_of(*message_, field, FieldDescriptor::CPPTYPE_BOOL, false),
                                     value);
  recorder_->record(path(field), rule, sources);
}

void ElementBase::add(std::string_view field, RuleId rule, std::string_view value, const Sources& sources) {
  const auto& descriptor = field_of(*message_, field, FieldDescriptor::CPPTYPE_STRING, true);
  const auto& reflection = *message_->GetReflection();
  const int index = reflection.FieldSize(*message_, &descriptor);
  reflection.AddString(message_, &descriptor, std::string(value));
  recorder_->record(path(field) + '[' + std::to_string(index) + ']', rule, sources);
}

void ElementBase::put(std::string_view field, RuleId rule, std::string_view key, std::string_view value,
                      const Sources& sources) {
  const auto& descriptor = field_of(*message_, field, FieldDescriptor::CPPTYPE_MESSAGE, true);
  if (!descriptor.is_map()) bug(*message_, field);
  Message* pair = message_->GetReflection()->AddMessage(message_, &descriptor);
  const auto& types = *descriptor.message_type();
  pair->GetReflection()->SetString(pair, types.map_key(), std::string(key));
  pair->GetReflection()->SetString(pair, types.map_value(), std::string(value));
  recorder_->record(path(field) + '[' + std::string(key) + ']', rule, sources);
}

std::pair<Message*, std::string> ElementBase::sub_message(std::string_view field) const {
  const auto* descriptor = message_->GetDescriptor()->FindFieldByName(std::string(field));
  if (descriptor == nullptr || descriptor->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE || descriptor->is_map())
    bug(*message_, field);
  const auto& reflection = *message_->GetReflection();
  if (!descriptor->is_repeated()) return {reflection.MutableMessage(message_, descriptor), path(field)};
  const int index = reflection.FieldSize(*message_, descriptor);
  return {reflection.AddMessage(message_, descriptor), path(field) + '[' + std::to_string(index) + ']'};
}

}  // namespace puente::crosswalk
