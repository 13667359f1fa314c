// Every JSON that Puente prints is a projection of a proto message: field names and order of the .proto, integers as
// numbers, enums as lower-case names without their prefix (SEVERITY_ERROR -> "error"), unset fields left out (or null where the
// option json_null_when_unset says so), maps as objects with sorted keys, google.protobuf.Timestamp as RFC 3339.
#pragma once

#include <google/protobuf/message.h>

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "puente/v1/finding.pb.h"

namespace puente {

nlohmann::ordered_json project(const google::protobuf::Message& message);
// The flat form of a finding in `check --json`: code, severity, path, line, column, authority_rule, es, en, remedy_es, remedy_en.
nlohmann::ordered_json project_check_finding(const v1::Finding& finding);
// The form of a finding in puente.entry/1: code, severity, where, detail, then the texts.
nlohmann::ordered_json project_entry_finding(const v1::Finding& finding);
std::string dump(const nlohmann::ordered_json& json, int indent = 1);

}  // namespace puente
