// decode and reencode: 80-column records into named elements and back, by the tables of catair/records.
#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <utility>

#include "mappings/cbp/catair/element.h"
#include "mappings/cbp/catair/layout.h"
#include "mappings/cbp/filing.h"

namespace puente::cbp {
namespace {

using catair::Field;
using catair::Misfit;
using catair::Record;

constexpr std::size_t kColumns = 80;
constexpr std::string_view kPassword = "communication_password";

struct Piece {
  std::size_t line = 0;
  std::string_view text;
};

// Lines of the text, blank ones left out; a line of several images, or a text without separators, is cut every 80.
std::vector<Piece> pieces_of(std::string_view text) {
  std::vector<Piece> pieces;
  const bool separated = text.find_first_of("\r\n") != std::string_view::npos;
  std::size_t line = 0;
  while (!text.empty()) {
    const std::size_t end = text.find_first_of("\r\n");
    std::string_view here = text.substr(0, end);
    const bool crlf = end != std::string_view::npos && text.substr(end, 2) == "\r\n";
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + (crlf ? 2 : 1));
    ++line;
    const bool images = here.size() > kColumns && (!separated || here.size() % kColumns == 0);
    for (bool first = true; first || !here.empty(); first = false) {
      const std::string_view piece = images ? here.substr(0, kColumns) : here;
      here.remove_prefix(piece.size());
      if (!first && !separated) ++line;
      if (piece.find_first_not_of(" \t") != std::string_view::npos) pieces.push_back({line, piece});
    }
  }
  return pieces;
}

// 80 columns of printable ASCII; what is no such character reads '?'.
std::string image_of(std::string_view piece) {
  std::string image(piece.substr(0, kColumns));
  for (char& character : image)
    if (character < ' ' || character > '~') character = '?';
  image.resize(kColumns, ' ');
  return image;
}

bool looks_like_record(std::string_view piece) {
  if (piece.size() != kColumns && piece.size() < 4) return false;
  if (std::ranges::any_of(piece, [](char c) { return c < ' ' || c > '~' || (c >= 'a' && c <= 'z') || c == '<'; }))
    return false;
  const std::string image = image_of(piece);
  const Record* record = catair::find_layout("", image);
  if (record == nullptr) return false;
  // Short identifiers (A, 10) begin many other texts: they count only in a full line, SE10 and SO10 in any.
  return piece.size() == kColumns || record->control_id().size() == 4;
}

class Decoder {
 public:
  explicit Decoder(DecodedTransmission& out) : out_(out) {}

  void decode(const Piece& piece) {
    DecodedRecord record;
    record.line = piece.line;
    record.text = image_of(piece.text);
    if (piece.text.size() != kColumns)
      finding("CATAIR_LINE_LENGTH", record, nullptr, {{"length", std::to_string(piece.text.size())}});
    const std::string_view stated = stated_application(record.text);
    if (!stated.empty()) application_ = stated;
    record.record = catair::find_layout(application_, record.text);
    if (record.record == nullptr) {
      ++records_in_block_;
      finding("CATAIR_RECORD_UNKNOWN", record, nullptr,
              {{"application", application_.empty() ? "?" : application_},
               {"control", std::string(catair::trim_right(std::string_view(record.text).substr(0, 4)))}});
    } else {
      if (application_.empty()) application_ = record.record->application == "ANSWER" ? "" : record.record->application;
      take_elements(record);
      check_envelope(record);
    }
    out_.records.push_back(std::move(record));
  }

  std::string application() const { return application_; }

 private:
  // The application an A or B record names, "" for every other record and for a batch that was rejected.
  static std::string_view stated_application(std::string_view text) {
    if (text[0] == 'A') return catair::trim(text.substr(25, 2));
    if (text[0] == 'B') return catair::trim(text.substr(10, 2));
    return {};
  }

  Finding& finding(std::string_view code, const DecodedRecord& record, const Field* field, FindingParams params = {}) {
    const std::string name = record.record ? std::string(record.record->control_id()) : "?";
    params.emplace_back("record", name);
    params.emplace_back("line", std::to_string(record.line));
    if (field != nullptr) {
      params.emplace_back("element", std::string(field->name));
      params.emplace_back("start", std::to_string(field->start));
      params.emplace_back("end", std::to_string(field->end));
    }
    Finding& added = out_.findings.add(code, params);
    added.mutable_target()->set_record(name);
    added.mutable_target()->set_record_line(static_cast<std::uint32_t>(record.line));
    if (field != nullptr) {
      added.mutable_target()->set_element(std::string(field->name));
      added.mutable_target()->set_start(static_cast<std::uint32_t>(field->start));
      added.mutable_target()->set_end(static_cast<std::uint32_t>(field->end));
    }
    return added;
  }

  void take_elements(DecodedRecord& record) {
    for (const Field& field : record.record->fields) {
      const std::string_view columns = catair::columns_of(field, record.text);
      if (field.name == kPassword) {
        if (!catair::trim(columns).empty()) finding("CATAIR_PASSWORD_DROPPED", record, &field);
        record.text.replace(static_cast<std::size_t>(field.start - 1), static_cast<std::size_t>(field.width()),
                            static_cast<std::size_t>(field.width()), ' ');
        continue;
      }
      catair::Taken taken = catair::take(field, columns);
      if (field.is_filler()) {
        if (taken.text.empty()) continue;
        finding("CATAIR_FILLER_NOT_BLANK", record, &field);
      } else if (const std::string_view code = code_of(taken.misfit); !code.empty()) {
        finding(code, record, &field, {{"class", class_name(field)}, {"values", std::string(field.values)}});
      }
      record.elements.push_back({&field, std::move(taken.text), std::move(taken.value)});
    }
    check_entry_number(record);
  }

  static std::string_view code_of(Misfit misfit) {
    switch (misfit) {
      case Misfit::none:
        return "";
      case Misfit::missing:
        return "CATAIR_ELEMENT_MISSING";
      case Misfit::not_date:
        return "CATAIR_DATE_INVALID";
      case Misfit::not_listed:
        return "CATAIR_VALUE_NOT_LISTED";
      case Misfit::character:
      case Misfit::too_long:
      case Misfit::not_number:
        return "CATAIR_CHARACTER";
    }
    return "";
  }

  static std::string class_name(const Field& field) {
    constexpr std::array<const char*, 7> kNames = {"A", "N", "(S)N", "AN", "D", "X", "S"};
    return kNames[static_cast<std::size_t>(field.cls)];
  }

  static std::string_view value(const DecodedRecord& record, std::string_view name) {
    for (const DecodedElement& element : record.elements)
      if (element.field->name == name) return element.value;
    return {};
  }

  void check_entry_number(const DecodedRecord& record) {
    const std::string_view number = value(record, "entry_number");
    std::string_view filer = value(record, "filer_code");
    if (filer.empty()) filer = value(record, "entry_filer_code");
    if (number.size() != 8) return;
    const std::optional<char> digit = entry_check_digit(filer, number.substr(0, 7));
    if (!digit || *digit == number[7]) return;
    finding("CATAIR_CHECK_DIGIT", record, catair::find_field(*record.record, "entry_number"),
            {{"computed", std::string(1, *digit)}});
  }

  // Y belongs to its B, Z to its A, and B to A by the application (CATAIR Batch and Block Control, X19, X32).
  void check_envelope(const DecodedRecord& record) {
    const std::string_view id = record.record->control_id();
    if (record.record->application != "" && record.record->application != "ANSWER") {
      ++records_in_block_;
      return;
    }
    if (id == "A") {
      batch_ = parts(record, "sender_receiver_site_code", "sender_receiver_id_code", "application_identifier_code");
    } else if (id == "B") {
      block_ = parts(record, "processing_district_port_code", "processing_filer_code", "application_identifier_code");
      records_in_block_ = 0;
      if (!batch_[2].empty() && !block_[2].empty() && batch_[2] != block_[2])
        finding("CATAIR_ENVELOPE_MISMATCH", record, nullptr, {{"other", "A"}}).set_authority_rule("X19");
    } else if (id == "Y") {
      const Parts here =
          parts(record, "processing_district_port_code", "processing_filer_code", "application_identifier_code");
      if (block_ != Parts{} && here != block_)
        finding("CATAIR_ENVELOPE_MISMATCH", record, nullptr, {{"other", "B"}}).set_authority_rule("X32");
      const std::string_view count = value(record, "output_transaction_image_count");
      if (block_ != Parts{} && !count.empty() && count != std::to_string(records_in_block_))
        finding("CATAIR_COUNT_MISMATCH", record, catair::find_field(*record.record, "output_transaction_image_count"),
                {{"counted", std::to_string(records_in_block_)}});
      block_ = {};
    } else if (id == "Z") {
      const Parts here = parts(record, "sender_receiver_site_code", "sender_receiver_id_code", "");
      if (!batch_[0].empty() && !here[0].empty() && (here[0] != batch_[0] || here[1] != batch_[1]))
        finding("CATAIR_ENVELOPE_MISMATCH", record, nullptr, {{"other", "A"}});
      batch_ = {};
    } else {
      ++records_in_block_;  // X0, X1
    }
  }

  using Parts = std::array<std::string, 3>;
  static Parts parts(const DecodedRecord& record, std::string_view first, std::string_view second,
                     std::string_view third) {
    return {std::string(value(record, first)), std::string(value(record, second)), std::string(value(record, third))};
  }

  DecodedTransmission& out_;
  std::string application_;
  Parts batch_, block_;
  std::size_t records_in_block_ = 0;
};

std::string reencode_record(const DecodedRecord& record) {
  if (record.record == nullptr) return record.text;
  std::string line(kColumns, ' ');
  for (const DecodedElement& element : record.elements) {
    catair::Placed placed = catair::place(*element.field, element.value);
    if (placed.misfit != Misfit::none && placed.misfit != Misfit::not_listed) placed.columns = element.text;
    const auto width = static_cast<std::size_t>(element.field->width());
    placed.columns.resize(width, ' ');
    line.replace(static_cast<std::size_t>(element.field->start - 1), width, placed.columns);
  }
  return line;
}

}  // namespace

std::optional<DecodedTransmission> decode(std::string_view text) {
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  const std::vector<Piece> pieces = pieces_of(text);
  if (std::ranges::none_of(pieces, [](const Piece& piece) { return looks_like_record(piece.text); }))
    return std::nullopt;
  DecodedTransmission transmission;
  Decoder decoder(transmission);
  for (const Piece& piece : pieces) decoder.decode(piece);
  transmission.application = decoder.application();
  return transmission;
}

std::string reencode(const DecodedTransmission& transmission) {
  std::string text;
  text.reserve(transmission.records.size() * (kColumns + 1));
  for (const DecodedRecord& record : transmission.records) text += reencode_record(record) + "\n";
  return text;
}

}  // namespace puente::cbp
