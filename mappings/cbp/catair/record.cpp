#include "mappings/cbp/catair/record.h"

#include "mappings/cbp/catair/records/ae_header.h"
#include "mappings/cbp/catair/records/ae_line.h"
#include "mappings/cbp/catair/records/ae_release.h"
#include "mappings/cbp/catair/records/ae_totals.h"
#include "mappings/cbp/catair/records/ax.h"
#include "mappings/cbp/catair/records/envelope.h"
#include "mappings/cbp/catair/records/envelope_answer.h"
#include "mappings/cbp/catair/records/se_header.h"
#include "mappings/cbp/catair/records/se_line.h"
#include "mappings/cbp/catair/records/se_party.h"
#include "mappings/cbp/catair/records/so.h"

namespace puente::cbp::catair {
namespace {

using namespace records;

// Layouts with a selector stand before the general layout of their control identifier.
constexpr const Record* kRecords[] = {
    &kA,      &kB,      &kY,          &kZ,       &kAnswerA,    &kAnswerBAce, &kAnswerB, &kX0Block, &kX0Trnact,
    &kX0,     &kX1,     &kAnswerYAce, &kAnswerY, &kAnswerZAce, &kAnswerZ,    &kSe10,    &kSe11,    &kSe13,
    &kSe15,   &kSe16,   &kSe17,       &kSe20,    &kSe30,       &kSe31,       &kSe35,    &kSe36,    &kSe50,
    &kSe51,   &kSe55,   &kSe56,       &kSe40,    &kSe41,       &kSe60,       &kSe61,    &kSe90,    &kAe10,
    &kAe11,   &kAe20,   &kAe21,       &kAe22,    &kAe23,       &kAe31,       &kAe34,    &kAeSe13,  &kAeSe16,
    &kAeSe17, &kAeSe20, &kAeSe30,     &kAeSe31,  &kAeSe35,     &kAeSe36,     &kAeSe50,  &kAeSe51,  &kAeSe55,
    &kAeSe56, &kAeSe60, &kAeSe61,     &kAe40,    &kAe44,       &kAe47,       &kAe50,    &kAe5407,  &kAe5408,
    &kAe5412, &kAe54,   &kAe62,       &kAe89,    &kAe90,       &kE0Summry,   &kE0,      &kE1,      &kSo10,
    &kSo20,   &kSo30,   &kSo40,       &kSo42,    &kSo50,       &kSo60,       &kSo70V3,  &kSo70,    &kSo71,
    &kSo72,
};

}  // namespace

std::span<const Record* const> all_records() { return kRecords; }

const Record* find_record(std::string_view application, std::string_view id) {
  for (const Record* record : kRecords)
    if (record->application == application && record->id == id) return record;
  return nullptr;
}

const Field* find_field(const Record& record, std::string_view name) {
  for (const Field& field : record.fields)
    if (field.name == name) return &field;
  return nullptr;
}

}  // namespace puente::cbp::catair
