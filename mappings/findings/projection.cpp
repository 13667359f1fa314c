#include "mappings/findings/projection.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/reflection.h>
#include <google/protobuf/timestamp.pb.h>
#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>
#include <vector>

#include "mappings/findings/findings.h"
#include "puente/v1/entry.pb.h"

namespace puente {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using Json = nlohmann::ordered_json;

std::string base64(std::string_view bytes) {
  static constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    unsigned value = 0;
    const std::size_t left = std::min<std::size_t>(3, bytes.size() - i);
    for (std::size_t j = 0; j < 3; ++j) value = value << 8 | (j < left ? static_cast<unsigned char>(bytes[i + j]) : 0U);
    for (std::size_t j = 0; j < 4; ++j) out += j <= left ? kAlphabet[value >> (18 - 6 * j) & 63U] : '=';
  }
  return out;
}

std::string enum_name(const google::protobuf::EnumValueDescriptor& value) {
  // SEVERITY_ERROR of enum Severity prints as "error".
  std::string name = value.name();
  std::string prefix;
  for (const char c : value.type()->name()) {
    if (std::isupper(static_cast<unsigned char>(c)) != 0 && !prefix.empty()) prefix += '_';
    prefix += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  prefix += '_';
  if (name.starts_with(prefix)) name.erase(0, prefix.size());
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return name;
}


// The field's name in JSON: as in the .proto, unless it states a json_name (where the field's name is a word of C++).
std::string json_key(const FieldDescriptor& field) { return field.has_json_name() ? field.json_name() : field.name(); }

Json single(const Message& message, const FieldDescriptor& field) {
  const auto& reflection = *message.GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING: {
      auto text = reflection.GetString(message, &field);
      return field.type() == FieldDescriptor::TYPE_BYTES ? base64(text) : text;
    }
    case FieldDescriptor::CPPTYPE_ENUM: return enum_name(*reflection.GetEnum(message, &field));
    case FieldDescriptor::CPPTYPE_MESSAGE: return project(reflection.GetMessage(message, &field));
    case FieldDescriptor::CPPTYPE_INT32: return reflection.GetInt32(message, &field);
    case FieldDescriptor::CPPTYPE_INT64: return reflection.GetInt64(message, &field);
    case FieldDescriptor::CPPTYPE_UINT32: return reflection.GetUInt32(message, &field);
    case FieldDescriptor::CPPTYPE_UINT64: return reflection.GetUInt64(message, &field);
    case FieldDescriptor::CPPTYPE_BOOL: return reflection.GetBool(message, &field);
    default: return nullptr;  // no floats in the contract
  }
}

Json element(const Message& message, const FieldDescriptor& field, int index) {
  const auto& reflection = *message.GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING: return reflection.GetRepeatedString(message, &field, index);
    case FieldDescriptor::CPPTYPE_ENUM: return enum_name(*reflection.GetRepeatedEnum(message, &field, index));
    case FieldDescriptor::CPPTYPE_MESSAGE: return project(reflection.GetRepeatedMessage(message, &field, index));
    case FieldDescriptor::CPPTYPE_INT32: return reflection.GetRepeatedInt32(message, &field, index);
    case FieldDescriptor::CPPTYPE_INT64: return reflection.GetRepeatedInt64(message, &field, index);
    case FieldDescriptor::CPPTYPE_UINT32: return reflection.GetRepeatedUInt32(message, &field, index);
    case FieldDescriptor::CPPTYPE_UINT64: return reflection.GetRepeatedUInt64(message, &field, index);
    case FieldDescriptor::CPPTYPE_BOOL: return reflection.GetRepeatedBool(message, &field, index);
    default: return nullptr;
  }
}

Json map_field(const Message& message, const FieldDescriptor& field) {
  const auto& reflection = *message.GetReflection();
  const auto& entry = *field.message_type();
  std::vector<std::pair<std::string, Json>> pairs;
  for (int i = 0; i < reflection.FieldSize(message, &field); ++i) {
    const auto& item = reflection.GetRepeatedMessage(message, &field, i);
    pairs.emplace_back(item.GetReflection()->GetString(item, entry.map_key()), single(item, *entry.map_value()));
  }
  std::sort(pairs.begin(), pairs.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  Json out = Json::object();
  for (auto& [key, value] : pairs) out[key] = std::move(value);
  return out;
}

}  // namespace

nlohmann::ordered_json project(const Message& message) {
  if (message.GetDescriptor()->full_name() == "google.protobuf.Timestamp")
    return google::protobuf::util::TimeUtil::ToString(static_cast<const google::protobuf::Timestamp&>(message));
  if (message.GetDescriptor()->full_name() == "puente.v1.Finding")
    return project_entry_finding(static_cast<const v1::Finding&>(message));
  const auto& reflection = *message.GetReflection();
  const auto& descriptor = *message.GetDescriptor();
  Json out = Json::object();
  for (int i = 0; i < descriptor.field_count(); ++i) {
    const FieldDescriptor& field = *descriptor.field(i);
    if (field.is_repeated()) {
      const int size = reflection.FieldSize(message, &field);
      if (size == 0) continue;
      if (field.is_map()) {
        out[json_key(field)] = map_field(message, field);
        continue;
      }
      Json list = Json::array();
      for (int j = 0; j < size; ++j) list.push_back(element(message, field, j));
      out[json_key(field)] = std::move(list);
      continue;
    }
    if (reflection.HasField(message, &field)) {
      out[json_key(field)] = single(message, field);
    } else if (field.options().GetExtension(v1::json_null_when_unset)) {
      out[json_key(field)] = nullptr;
    } else if (!field.has_presence() && field.cpp_type() != FieldDescriptor::CPPTYPE_STRING) {
      out[json_key(field)] = single(message, field);  // a number, bool or enum without presence always has a value
    }
  }
  return out;
}

nlohmann::ordered_json project_check_finding(const v1::Finding& finding) {
  Json out;
  out["code"] = finding.code();
  out["severity"] = severity_name(finding.severity());
  out["path"] = finding.source().path();
  out["line"] = finding.source().line();
  out["column"] = finding.source().column();
  out["authority_rule"] = finding.authority_rule();
  out["es"] = finding.es();
  out["en"] = finding.en();
  out["remedy_es"] = finding.remedy_es();
  out["remedy_en"] = finding.remedy_en();
  if (finding.has_override()) out["override"] = project(finding.override());
  return out;
}

nlohmann::ordered_json project_entry_finding(const v1::Finding& finding) {
  Json out;
  out["code"] = finding.code();
  out["severity"] = severity_name(finding.severity());
  if (!finding.where().empty()) out["where"] = finding.where();
  if (!finding.detail().empty()) out["detail"] = finding.detail();
  if (finding.has_source()) out["source"] = project(finding.source());
  if (finding.has_target()) out["target"] = project(finding.target());
  if (!finding.authority_rule().empty()) out["authority_rule"] = finding.authority_rule();
  out["es"] = finding.es();
  out["en"] = finding.en();
  out["remedy_es"] = finding.remedy_es();
  out["remedy_en"] = finding.remedy_en();
  if (finding.has_override()) out["override"] = project(finding.override());
  return out;
}

std::string dump(const nlohmann::ordered_json& json, int indent) {
  return json.dump(indent, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

}  // namespace puente
