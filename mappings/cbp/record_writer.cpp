#include "mappings/cbp/record_writer.h"

#include <cstddef>
#include <utility>

#include "mappings/cbp/catair/element.h"
#include "mappings/cbp/catair/text.h"

namespace puente::cbp {
namespace {

using catair::Field;
using catair::Misfit;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// The text of a singular field by its dotted path; nothing when it, or a message on the way, is unset.
std::optional<std::string> read_path(const Message& message, std::string_view path) {
  const std::size_t dot = path.find('.');
  const FieldDescriptor* field = message.GetDescriptor()->FindFieldByName(std::string(path.substr(0, dot)));
  if (field == nullptr || field->is_repeated()) return std::nullopt;
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  if (!reflection.HasField(message, field)) return std::nullopt;
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_MESSAGE:
      if (dot == std::string_view::npos) return std::nullopt;
      return read_path(reflection.GetMessage(message, field), path.substr(dot + 1));
    case FieldDescriptor::CPPTYPE_STRING:
      return reflection.GetString(message, field);
    case FieldDescriptor::CPPTYPE_INT64:
      return std::to_string(reflection.GetInt64(message, field));
    case FieldDescriptor::CPPTYPE_INT32:
      return std::to_string(reflection.GetInt32(message, field));
    default:
      return std::nullopt;
  }
}

bool is_digit(char character) { return character >= '0' && character <= '9'; }
bool is_letter(char character) {
  return (character >= 'A' && character <= 'Z') || (character >= 'a' && character <= 'z');
}

std::string shaped(std::string value, Shape shape) {
  if (shape == Shape::as_is) return value;
  std::erase_if(value, [&](char character) {
    return !is_digit(character) && !(shape == Shape::letters_and_digits && is_letter(character));
  });
  if (shape == Shape::ten_digits && !value.empty() && value.size() < 10) value.resize(10, '0');
  return value;
}

// The value in characters the element may hold, and whether any was replaced. Numbers and dates pass as they are.
CbpText fit_characters(const Field& field, const std::string& value) {
  if (field.is_number() || field.is_date()) return {value, false};
  const auto stands = [&](char character) {
    return catair::may_stand(field, character) && (is_cbp_character(character));
  };
  if (std::ranges::all_of(value, stands)) return {value, false};
  CbpText text = to_cbp_text(value);
  if (std::ranges::all_of(text.text, stands)) return text;
  // A class without punctuation: what it does not take becomes a space, as in the transliteration itself.
  std::string kept;
  for (const char character : text.text) {
    const char next = stands(character) ? character : ' ';
    if (next != ' ' || (!kept.empty() && kept.back() != ' ')) kept.push_back(next);
  }
  return {std::string(catair::trim_right(kept)), true};
}

}  // namespace

void Sources::bind(std::string_view scope, const Message& message, std::string path) {
  bindings_.push_back({scope, &message, std::move(path)});
}

void Sources::give(std::string_view name, std::string value, std::string origin) {
  given_.push_back({name, {std::move(value), std::move(origin)}});
}

std::optional<Sources::Found> Sources::find(std::string_view source) const {
  if (source.empty()) return std::nullopt;
  if (source.front() == '=') return Found{std::string(source.substr(1)), "constant"};
  // The latest of a name wins, so that a copy made for one line or party may say more.
  for (auto given = given_.rbegin(); given != given_.rend(); ++given)
    if (given->name == source) return given->found.value.empty() ? std::nullopt : std::optional(given->found);
  const std::size_t dot = source.find('.');
  for (auto binding = bindings_.rbegin(); binding != bindings_.rend(); ++binding) {
    if (binding->scope != source.substr(0, dot)) continue;
    const std::string_view path = source.substr(dot + 1);
    const std::optional<std::string> value = read_path(*binding->message, path);
    if (!value || value->empty()) return std::nullopt;
    return Found{*value, binding->path.empty() ? std::string(path) : binding->path + "." + std::string(path)};
  }
  return std::nullopt;
}

struct RecordWriter::Subject {
  const catair::Record* record;
  const Field* field;
  const std::string* origin;
  std::size_t line;
};

Finding& RecordWriter::report(std::string_view code, const Subject& subject) {
  const Field& field = *subject.field;
  const std::string record(subject.record->control_id());
  Finding& finding = filing_.findings.add(code, {{"record", record},
                                                 {"element", std::string(field.name)},
                                                 {"width", std::to_string(field.width())},
                                                 {"start", std::to_string(field.start)},
                                                 {"end", std::to_string(field.end)},
                                                 {"values", std::string(field.values)}});
  finding.mutable_target()->set_record(record);
  finding.mutable_target()->set_record_line(static_cast<std::uint32_t>(subject.line));
  finding.mutable_target()->set_element(std::string(field.name));
  finding.mutable_target()->set_start(static_cast<std::uint32_t>(field.start));
  finding.mutable_target()->set_end(static_cast<std::uint32_t>(field.end));
  if (subject.origin != nullptr) finding.mutable_source()->set_path(*subject.origin);
  return finding;
}

std::string RecordWriter::columns_of(const Subject& subject, const std::string& value, EncodedElement& element) {
  const Field& field = *subject.field;
  CbpText text = fit_characters(field, value);
  if (text.transliterated) report("CATAIR_TRANSLITERATED", subject);
  catair::Placed placed = catair::place(field, text.text);
  if (placed.misfit == Misfit::too_long && field.form == catair::Form::prose) {
    report("CATAIR_TEXT_CUT", subject);
    text.text.resize(static_cast<std::size_t>(field.width()));
    placed = catair::place(field, catair::trim_right(text.text));
  }
  switch (placed.misfit) {
    case Misfit::none:
    case Misfit::missing:
      break;
    case Misfit::too_long:
      report("CATAIR_VALUE_TOO_LONG", subject);
      break;
    case Misfit::not_listed:
      report("CATAIR_VALUE_UNLISTED", subject);
      break;
    case Misfit::character:
    case Misfit::not_number:
    case Misfit::not_date:
      report("CATAIR_VALUE_INVALID", subject);
      break;
  }
  element.value = catair::take(field, placed.columns).value;
  return placed.columns;
}

void RecordWriter::write(const RecordPlan& plan, const Sources& sources) {
  EncodedRecord record;
  record.record = plan.record;
  record.text.reserve(80);
  const std::size_t line = filing_.records.size() + 1;
  for (const Field& field : plan.record->fields) {
    if (field.name.starts_with("control_id")) {
      record.elements.push_back({&field, std::string(field.values), "constant"});
      record.text += catair::place(field, field.values).columns;
      continue;
    }
    const auto placement = std::ranges::find(plan.placements, field.name, &Placement::element);
    const bool placed = placement != plan.placements.end();
    std::optional<Sources::Found> found = placed ? sources.find(placement->source) : std::nullopt;
    if (found) {
      EncodedElement element{&field, "", found->origin};
      const Subject subject{plan.record, &field, &element.origin, line};
      record.text += columns_of(subject, shaped(found->value, placement->shape), element);
      record.elements.push_back(std::move(element));
      continue;
    }
    record.text += catair::unused(field);
    if (field.empty == catair::Empty::zeros) {
      record.elements.push_back({&field, catair::take(field, catair::unused(field)).value, "computed: unused, zeros"});
    } else if (field.empty == catair::Empty::never && !(placed && placement->when == When::later)) {
      report("CATAIR_ELEMENT_BLANK", {plan.record, &field, nullptr, line});
    }
  }
  filing_.records.push_back(std::move(record));
}

void RecordWriter::limit(std::string_view record, std::size_t count, std::size_t allowed) {
  if (count <= allowed) return;
  filing_.findings
      .add("CATAIR_TOO_MANY_RECORDS",
           {{"record", std::string(record)}, {"count", std::to_string(count)}, {"limit", std::to_string(allowed)}})
      .mutable_target()
      ->set_record(std::string(record));
}

}  // namespace puente::cbp
