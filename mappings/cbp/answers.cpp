// read_answers: what CBP said about which filing, as far as its records carry it.
#include <cstddef>
#include <string>
#include <utility>

#include "mappings/cbp/catair/element.h"
#include "mappings/cbp/filing.h"

namespace puente::cbp {
namespace {

std::string_view value(const DecodedRecord& record, std::string_view name) {
  for (const DecodedElement& element : record.elements)
    if (element.field->name == name) return element.value;
  return {};
}

// Where a record says its disposition; `second` follows a space, or stands alone where the first is blank.
struct Disposition {
  std::string_view record, code, second, text;
};
constexpr Disposition kDispositions[] = {
    {"SE90", "message_type", "condition_code", "narrative"},
    {"SO50", "disposition_code", "", "narrative"},
    {"SO60", "action_code", "", "narrative"},
    {"SO70", "entry_status", "pga_line_status", "entry_status_text"},
    {"SO72", "", "", "comment"},
    {"E1", "condition_code", "", "narrative_text"},
    {"X1", "condition_code", "", "narrative_text"},
};

// Where a record says whose transaction this is.
struct Identity {
  std::string_view record, filer_code, entry_number, reference;
};
constexpr Identity kIdentities[] = {
    {"SE10", "filer_code", "entry_number", ""},
    {"SO10", "filer_code", "entry_number", ""},
    {"E0", "entry_filer_code", "entry_number", "broker_reference_number"},
    {"E1", "entry_filer_code", "entry_number", "broker_reference_number"},
};

bool opens_transaction(const catair::Record& record) {
  return record.id == "SE10" || record.id == "SO10" || record.id == "E0/SUMMRY";
}

bool is_envelope(const catair::Record& record) {
  const std::string_view id = record.control_id();
  return id == "A" || id == "B" || id == "Y" || id == "Z";
}

AnswerLine answer_line(const DecodedRecord& record) {
  AnswerLine line;
  line.line = record.text;
  if (record.record == nullptr) return line;
  line.record = record.record->control_id();
  for (const Disposition& disposition : kDispositions) {
    if (disposition.record != line.record) continue;
    line.disposition_code = value(record, disposition.code);
    const std::string second(value(record, disposition.second));
    if (!second.empty()) line.disposition_code += (line.disposition_code.empty() ? "" : " ") + second;
    line.disposition_text = value(record, disposition.text);
  }
  return line;
}

void take_if(std::string& target, std::string_view found) {
  if (target.empty()) target = found;
}

void identify(Answer& answer, const DecodedRecord& record) {
  if (record.record == nullptr) return;
  for (const Identity& identity : kIdentities) {
    if (identity.record != record.record->control_id()) continue;
    take_if(answer.filer_code, value(record, identity.filer_code));
    take_if(answer.entry_number, value(record, identity.entry_number));
    take_if(answer.reference, value(record, identity.reference));
  }
  const bool reference_record = record.record->id == "SE20" || record.record->id == "SO20";
  if (reference_record && value(record, "ref_qualifier") == "CR") take_if(answer.reference, value(record, "reference"));
}

std::vector<Answer> unread(std::string_view text) {
  Answer answer;
  while (!text.empty()) {
    const std::size_t end = text.find_first_of("\r\n");
    const std::string_view line = text.substr(0, end);
    if (!catair::trim(line).empty()) answer.lines.push_back({std::string(line), "", "", ""});
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  }
  return {std::move(answer)};
}

}  // namespace

std::vector<Answer> read_answers(std::string_view text) {
  if (text.empty()) return {};
  const std::optional<DecodedTransmission> transmission = decode(text);
  if (!transmission) return unread(text);
  std::vector<Answer> answers;
  Answer envelope;  // what the batch and the block say of every transaction in them
  envelope.application = transmission->application;
  std::vector<AnswerLine> envelope_lines;
  bool open = false;
  for (const DecodedRecord& record : transmission->records) {
    if (record.record != nullptr && is_envelope(*record.record)) {
      open = false;
      envelope_lines.push_back(answer_line(record));
      const std::string_view id = record.record->control_id();
      if (id == "A" || id == "B") envelope.application = value(record, "application_identifier_code");
      if (id == "A") {
        envelope.user_text = value(record, "transmitters_user_data_text");
        envelope.block_text.clear();
      }
      if (id == "B") envelope.block_text = value(record, "filer_preparers_user_data_text");
      continue;
    }
    if (!open || (record.record != nullptr && opens_transaction(*record.record))) answers.push_back(envelope);
    open = true;
    Answer& answer = answers.back();
    answer.lines.push_back(answer_line(record));
    if (answer.lines.back().record == "SE90")
      answer.application = "SX";  // lines without their envelope say so themselves
    identify(answer, record);
  }
  if (answers.empty()) {
    answers.push_back(std::move(envelope));
    answers.back().lines = std::move(envelope_lines);
  }
  return answers;
}

}  // namespace puente::cbp
