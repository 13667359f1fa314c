// Lineage: no element reaches a draft without the rule that made it and what the rule read.
//
// Drafting code holds no mutable proto message, only Element<Message>, whose setters ask for a RuleId (checked against
// the rule table at compile time) and Sources (never empty by construction). Values travel as Traced<T>, together with
// what they were read from. Not thread-safe: one Recorder belongs to one draft.
#pragma once

#include <google/protobuf/message.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "mappings/crosswalk/notice.h"
#include "mappings/crosswalk/profile.h"
#include "mappings/crosswalk/rule_table.h"
#include "mappings/sat/document.h"
#include "puente/v1/entry.pb.h"

namespace puente::crosswalk {

using Source = v1::LineageSource;

// The attribute of a SAT document, with its place and whether the issuer's seal covers it.
Source from_document(const sat::Node& node, std::string_view attribute);
// `pointer` is the JSON pointer below the notice: /bills/0/scn.
Source from_notice(const Notice& notice, std::string pointer, std::string_view text);
Source from_profile(const ProfileSection& section, std::string_view key);
Source from_catalog(const CatalogRow& row, std::string_view column);
// A row of a code table: table "packaging", key "XCT".
Source from_table(std::string_view table, std::string_view key, std::string_view text = {});
// Another element of the draft, or a sum of them ("entries[0].lines[].value_usd").
Source derived_from(std::string path, std::string_view text = {});
Source constant(std::string_view text);
Source argument(std::string_view giver, std::string_view text);
Source from_ledger(std::string_view text);

// One source or more; a sum over very many names the first kLimit and counts the rest.
class Sources {
 public:
  static constexpr std::size_t kLimit = 200;

  Sources(Source first) { list_.push_back(std::move(first)); }  // NOLINT(google-explicit-constructor): one is some
  Sources& operator+=(const Sources& more);
  friend Sources operator+(Sources first, const Sources& more) { return std::move(first += more); }
  const std::vector<Source>& list() const { return list_; }
  std::size_t left_out() const { return left_out_; }

 private:
  std::vector<Source> list_;
  std::size_t left_out_ = 0;
};

// Adds to sources that may still be none.
void collect(std::optional<Sources>& into, const Sources& more);

template <typename T>
struct Traced {
  T value;
  Sources sources;
};

// Keeps the lineage rows of one draft. One row per element: setting it again replaces the row.
class Recorder {
 public:
  void record(std::string path, RuleId rule, const Sources& sources);
  // Forgets every element below the path.
  void forget(std::string_view prefix);
  // In order of recording.
  void write(v1::Draft& draft) const;

 private:
  std::vector<v1::Lineage> rows_;
  std::unordered_map<std::string, std::size_t> index_;  // element -> row
};

// The untyped half of Element: fields by the name they have in entry.proto. A name or type the message does not have is
// a bug and aborts.
class ElementBase {
 public:
  void set(std::string_view field, RuleId rule, std::string_view value, const Sources& sources);
  void set(std::string_view field, RuleId rule, const char* value, const Sources& sources) {
    set(field, rule, std::string_view(value), sources);
  }
  void set(std::string_view field, RuleId rule, std::int64_t value, const Sources& sources);
  void set(std::string_view field, RuleId rule, bool value, const Sources& sources);
  template <typename T>
  void set(std::string_view field, RuleId rule, const Traced<T>& traced) {
    set(field, rule, traced.value, traced.sources);
  }
  // Appends to a repeated text field.
  void add(std::string_view field, RuleId rule, std::string_view value, const Sources& sources);
  // Sets one key of a map of texts.
  void put(std::string_view field, RuleId rule, std::string_view key, std::string_view value, const Sources& sources);

  const std::string& path() const { return path_; }
  std::string path(std::string_view field) const;

 protected:
  ElementBase(google::protobuf::Message& message, std::string path, Recorder& recorder)
      : message_(&message), path_(std::move(path)), recorder_(&recorder) {}
  std::pair<google::protobuf::Message*, std::string> sub_message(std::string_view field) const;

  google::protobuf::Message* message_;
  std::string path_;
  Recorder* recorder_;
};

template <typename Message>
class Element : public ElementBase {
 public:
  Element(Message& message, std::string path, Recorder& recorder) : ElementBase(message, std::move(path), recorder) {}
  const Message& get() const { return static_cast<const Message&>(*message_); }
  // The message in a field: the only one, or a new one at the end of a repeated field.
  template <typename Sub>
  Element<Sub> in(std::string_view field) {
    auto [message, path] = sub_message(field);
    return {static_cast<Sub&>(*message), std::move(path), *recorder_};
  }
};

}  // namespace puente::crosswalk
