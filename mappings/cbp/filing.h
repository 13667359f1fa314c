// encode and decode: canonical entries to and from CATAIR's 80-column records. Pure and synchronous.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mappings/cbp/catair/record.h"
#include "mappings/domain/date.h"
#include "mappings/findings/findings.h"
#include "puente/v1/entry.pb.h"

namespace puente::cbp {

enum class FilingKind { cargo_release, entry_summary };  // SE, AE
std::string_view kind_name(FilingKind kind);             // "se", "ae"

enum class Action { add, replace, update, cancel };  // A R U D

// What the filer's side adds to an entry: never part of puente.entry/1.
struct FilerFacts {
  std::string abi_port;  // Schedule D port of the A and B records
  std::string contact_name, contact_phone;
  std::string reference;                         // CR reference of SE20, broker reference of AE 10: at most 9, A-Z0-9
  std::string transmitter_site, transmitter_id;  // A record; default: abi_port and filer code
  Date date;                                     // transmission date of A and Z
  Action action = Action::add;
  std::string cancel_reason;          // SE13 of action D
  bool certify_from_summary = false;  // AE 10 position 40 = A, release data inside AE
  std::string user_text;              // A 60-80, echoed
  std::string block_text;             // B 60-80, echoed per block
  int check_digit_factor = 0;         // k of a filer that used up its numbers, 0 to 9
  // Trailers and containers by the SCN of the bill they carry (SE17); they are facts of the manifest, not of the entry.
  std::map<std::string, std::vector<std::string>> equipment;
};

// One encoded record: the text of 80 columns and, per element, where its value came from.
struct EncodedElement {
  const catair::Field* field = nullptr;
  std::string value;   // as placed, without fill
  std::string origin;  // path in the Entry ("lines[0].tariffs[2].value_usd"), "filer.contact_name", or
                       // "constant"/"computed: ..."
};
struct EncodedRecord {
  const catair::Record* record = nullptr;
  std::string text;  // exactly 80 columns
  std::vector<EncodedElement> elements;
};
struct EncodedFiling {
  std::vector<EncodedRecord> records;
  Findings findings;         // transliterations, overflows, elements that may not be blank
  std::string text() const;  // 80-column lines, LF ends
};

// One entry as one transmission: A, B, detail, Y, Z. An entry number that is unset leaves its positions blank.
EncodedFiling encode(FilingKind kind, const v1::Entry& entry, const FilerFacts& facts);

struct DecodedElement {
  const catair::Field* field = nullptr;
  std::string text;   // as it stands, trimmed
  std::string value;  // typed projection: decimals with their point, dates YYYY-MM-DD
};
struct DecodedRecord {
  std::size_t line = 0;
  std::string text;
  const catair::Record* record = nullptr;  // null: unknown record
  std::vector<DecodedElement> elements;
};
struct DecodedTransmission {
  std::string application;  // SE, SX, SO, AE, AX...
  std::vector<DecodedRecord> records;
  Findings findings;
};

// Bytes that decode and read_answers take; 80 columns make some fifty thousand records of it.
inline constexpr std::size_t kDecodeBytes = std::size_t{4} << 20U;

// LF, CRLF or no separators; lower case reads as capitals, with a finding. Goes on after each broken record, and tells
// records out of their order. std::nullopt: more than kDecodeBytes, or nothing in it looks like an 80-column record.
// The password of an A record is neither in the text nor in the elements. Bytes outside printable ASCII read
// '?'.
std::optional<DecodedTransmission> decode(std::string_view text);
// Encodes decoded records again from their element values: the A record's password comes back as spaces.
std::string reencode(const DecodedTransmission& transmission);

// An answer line of CBP, as far as it can be matched to a filing (SX, SO, AX). The code is SE90's message type, after a
// space its condition code ("02", "11 119"), the disposition of SO50, SO60 and SO70, the condition of E1 and X1; ""
// where a line only echoes what was sent.
struct AnswerLine {
  std::string line, record, disposition_code, disposition_text;
};
struct Answer {
  std::string application;               // SX, SO, AX; "" when unknown or when the whole batch was rejected
  std::string filer_code, entry_number;  // when a record carries them
  std::string reference;                 // CR reference or broker reference
  std::string user_text, block_text;     // A and B 60-80 as echoed
  std::vector<AnswerLine> lines;
};
// One Answer per transaction found in the text; never empty for non-empty text: unknown lines stand in one with
// application "".
std::vector<Answer> read_answers(std::string_view text);

// AE section 7, SE section 2: check digit of filer code + seven digits, plus the filer's factor k.
std::optional<char> entry_check_digit(std::string_view filer_code, std::string_view seven_digits, int factor = 0);

}  // namespace puente::cbp
