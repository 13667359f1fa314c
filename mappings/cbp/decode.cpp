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
constexpr int kCountStart = 13;
constexpr std::size_t kCountWidth = 5;
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

bool is_lower(char character) { return character >= 'a' && character <= 'z'; }
bool is_digit(char character) { return character >= '0' && character <= '9'; }

bool is_plain(std::string_view piece) {
  return std::ranges::none_of(piece, [](char c) { return c < ' ' || c > '~' || c == '<'; });
}

// ACE reads lower case letters as capitals.
bool raise(std::string& image) {
  bool any = false;
  for (char& character : image) {
    if (!is_lower(character)) continue;
    character = static_cast<char>(character - 'a' + 'A');
    any = true;
  }
  return any;
}

// The one-letter identifiers of the envelope begin many other lines (ZZ99, an article of 80 columns): a batch record
// goes on with its site code, a block record with two blanks and its port, or with nothing at all (CATAIR Batch and
// Block Control; CBP's generated block of a rejected batch).
bool stands_as_envelope(const Record& record, std::string_view image) {
  const std::string_view id = record.control_id();
  const auto blank = [](std::string_view text) { return catair::trim(text).empty(); };
  if (id == "A" || id == "Z") return is_digit(image[1]) || blank(image.substr(1, 7));
  if (id == "B" || id == "Y") return blank(image.substr(1, 2));
  return true;
}

const Record* layout_of(std::string_view application, std::string_view image) {
  const Record* record = catair::find_layout(application, image);
  return record != nullptr && stands_as_envelope(*record, image) ? record : nullptr;
}

bool looks_like_record(std::string_view piece) {
  if ((piece.size() != kColumns && piece.size() < 4) || !is_plain(piece)) return false;
  std::string image = image_of(piece);
  const bool lower = raise(image);
  const Record* record = layout_of("", image);
  if (record == nullptr) return false;
  // Short identifiers (A, 10) begin many other texts: they count only in a full line of capitals, SE10 and SO10 in any.
  const std::string_view id = record->control_id();
  return id.size() == 4 || (piece.size() == kColumns && (!lower || is_digit(id.front())));
}

// Records of a chapter without table here (PGA, sanctions): full lines of capitals that begin with an identifier.
bool fills_its_line(const Piece& piece) {
  const std::string_view text = piece.text;
  return text.size() == kColumns && is_plain(text) && std::ranges::none_of(text, is_lower) &&
         (is_digit(text[0]) || (text[0] >= 'A' && text[0] <= 'Z'));
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
    if (raise(record.text) && !told_lower_case_) {
      told_lower_case_ = true;
      finding("CATAIR_LOWER_CASE", record, nullptr);
    }
    const std::string_view stated = stated_application(record.text);
    if (!stated.empty()) application_ = stated;
    record.record = layout_of(application_, record.text);
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

  // Records stand as A (B detail Y) Z. A fragment without A, or without B, is judged by what it has.
  void check_order() {
    const auto has = [&](std::string_view id) {
      return std::ranges::any_of(out_.records, [&](const DecodedRecord& record) { return id_of(record) == id; });
    };
    const bool batches = has("A"), blocks = has("B");
    bool in_batch = false, in_block = false, outside = false;
    for (const DecodedRecord& record : out_.records) {
      const std::string_view id = id_of(record);
      std::string_view wrong;
      if (id == "A") {
        if (in_batch) wrong = "A Z";
        in_batch = true;
        in_block = false;
      } else if (id == "B") {
        if (batches && !in_batch) wrong = "A B";
        if (in_block) wrong = "B Y B";
        in_block = true;
      } else if (id == "Y") {
        if ((batches || blocks) && !in_block) wrong = "B Y";
        in_block = false;
      } else if (id == "Z") {
        if (batches && !in_batch) wrong = "A Z";
        if (in_block) wrong = "B Y Z";
        in_batch = in_block = false;
      } else {
        const bool astray = (batches && !in_batch) || (blocks && !in_block && id != "X0" && id != "X1");
        if (astray && !outside) wrong = batches && !in_batch ? "A ... Z" : "B ... Y";  // once for a run of such lines
        outside = astray;
        if (!wrong.empty()) finding("CATAIR_RECORD_ORDER", record, nullptr, {{"order", std::string(wrong)}});
        continue;
      }
      outside = false;
      if (!wrong.empty()) finding("CATAIR_RECORD_ORDER", record, nullptr, {{"order", std::string(wrong)}});
    }
  }

 private:
  // The application an A or B record names, "" for every other record and for a batch that was rejected.
  static std::string_view stated_application(std::string_view text) {
    const Record* record = layout_of("", text);
    if (record == nullptr) return {};
    if (record->control_id() == "A") return catair::trim(text.substr(25, 2));
    if (record->control_id() == "B") return catair::trim(text.substr(10, 2));
    return {};
  }

  static std::string_view id_of(const DecodedRecord& record) {
    return record.record != nullptr ? record.record->control_id() : std::string_view();
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
        if (taken.text.empty() || is_image_count(record, field, columns)) continue;
        finding("CATAIR_FILLER_NOT_BLANK", record, &field);
      } else if (taken.misfit == Misfit::missing && field.name == "entry_number") {
        finding("CATAIR_ENTRY_NUMBER_BLANK", record, &field);
      } else if (const std::string_view code = code_of(taken.misfit); !code.empty()) {
        finding(code, record, &field, {{"class", class_name(field)}, {"values", std::string(field.values)}});
      }
      record.elements.push_back({&field, std::move(taken.text), std::move(taken.value)});
    }
    check_entry_number(record);
  }

  // QP and WP send the count of their records in the Y record, columns 13-17, which every other application leaves
  // blank (CATAIR Batch and Block Control, Y record).
  bool is_image_count(const DecodedRecord& record, const Field& field, std::string_view columns) const {
    if (id_of(record) != "Y" || field.start != kCountStart || (application_ != "QP" && application_ != "WP"))
      return false;
    return std::ranges::all_of(columns.substr(0, kCountWidth), [](char c) { return is_digit(c) || c == ' '; }) &&
           catair::trim(columns.substr(kCountWidth)).empty();
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
  bool told_lower_case_ = false;
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
  if (text.size() > kDecodeBytes) return std::nullopt;
  constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  const std::vector<Piece> pieces = pieces_of(text);
  if (std::ranges::none_of(pieces, [](const Piece& piece) { return looks_like_record(piece.text); }) &&
      (pieces.empty() || !std::ranges::all_of(pieces, fills_its_line)))
    return std::nullopt;
  DecodedTransmission transmission;
  Decoder decoder(transmission);
  for (const Piece& piece : pieces) decoder.decode(piece);
  decoder.check_order();
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
