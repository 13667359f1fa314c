// Writing records from a declarative plan: which element of which record takes its value from where. The plan is what
// lineage is told from, so no element is written without the name of its source.
#pragma once

#include <google/protobuf/message.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mappings/cbp/catair/record.h"
#include "mappings/cbp/filing.h"

namespace puente::cbp {

// How a value is shaped on its way into the element.
enum class Shape : std::uint8_t {
  as_is,
  letters_and_digits,  // punctuation left out: 8708.30.5030 becomes 8708305030
  digits,              // all else left out: telephone numbers
  ten_digits,          // a tariff number without dots, 8-digit numbers filled with zeros (SE60)
};

// Whether blank is a matter for a finding where the table wants a value.
enum class When : std::uint8_t { now, later };  // later: somebody gives it after us (entry number, password)

struct Placement {
  std::string_view element;
  std::string_view source;  // "scope.path", "=constant", or "" for always blank
  Shape shape = Shape::as_is;
  When when = When::now;
};

struct RecordPlan {
  const catair::Record* record;
  std::span<const Placement> placements;
};

// Checked at compile time: every placement names an element of the record, each at most once.
consteval RecordPlan plan(const catair::Record& record, std::span<const Placement> placements) {
  for (const Placement& placement : placements) {
    const auto names = [&](const auto& other) { return other.name == placement.element; };
    if (std::ranges::none_of(record.fields, names)) throw "a placement names no element of its record";
    const auto same = [&](const Placement& other) { return other.element == placement.element; };
    if (std::ranges::count_if(placements, same) != 1) throw "an element is placed twice";
  }
  return {&record, placements};
}

// What records are written from: messages bound to a scope name, and single values given by name.
class Sources {
 public:
  struct Found {
    std::string value, origin;
  };

  // "line.spi" then reads field spi of the message, with the origin path + ".spi".
  void bind(std::string_view scope, const google::protobuf::Message& message, std::string path);
  void give(std::string_view name, std::string value, std::string origin);
  // Nothing where the source is unset or empty.
  std::optional<Found> find(std::string_view source) const;

 private:
  struct Binding {
    std::string_view scope;
    const google::protobuf::Message* message;
    std::string path;
  };
  struct Given {
    std::string_view name;
    Found found;
  };
  std::vector<Binding> bindings_;
  std::vector<Given> given_;
};

class RecordWriter {
 public:
  explicit RecordWriter(EncodedFiling& filing) : filing_(filing) {}

  void write(const RecordPlan& plan, const Sources& sources);
  // Reports more records than the chapter allows.
  void limit(std::string_view record, std::size_t count, std::size_t allowed);

 private:
  struct Subject;  // the record being written, the element, and where its value is from
  std::string columns_of(const Subject& subject, const std::string& value, EncodedElement& element);
  Finding& report(std::string_view code, const Subject& subject);

  EncodedFiling& filing_;
};

}  // namespace puente::cbp
