#include "gateway/delivery/answers.h"

#include <google/protobuf/util/time_util.h>

#include <algorithm>

#include "gateway/delivery/dispositions.h"
#include "gateway/flow/numbers.h"
#include "mappings/cbp/filing.h"

namespace puente::delivery {
namespace {

constexpr std::size_t kColumns = 80;

// Which kind of filing an application answers: SX and SO the release, AX the summary.
std::string_view kind_of(std::string_view application) {
  if (application == "SX" || application == "SO") return cbp::kind_name(cbp::FilingKind::cargo_release);
  if (application == "AX") return cbp::kind_name(cbp::FilingKind::entry_summary);
  return {};
}

std::vector<cbp::Answer> read(std::string_view text) {
  try {
    return cbp::read_answers(text);
  } catch (const std::exception&) {  // kept all the same, line by line
    cbp::Answer raw;
    while (!text.empty()) {
      const auto end = std::min(text.find('\n'), text.size());
      raw.lines.push_back({std::string(text.substr(0, std::min(end, kColumns))), "", "", ""});
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    return {raw};
  }
}

// The newest revision answers; what is over answers only when nothing else does.
const ledger::FilingRow* best(const std::vector<ledger::FilingRow>& rows, const flow::PartnerScope& scope,
                              std::string_view kind) {
  const auto rank = [](const ledger::FilingRow& row) {
    const bool over = row.state == "replaced" || row.state == "cancelled";
    const bool filed =
        row.state == "confirmed" || row.state == "accepted" || row.state == "rejected" || row.state == "released";
    return std::tuple(filed, !over, row.revision);
  };
  const ledger::FilingRow* found = nullptr;
  for (const auto& row : rows)
    if (row.filer == scope.partner && (kind.empty() || row.kind == kind) &&
        (found == nullptr || rank(row) > rank(*found)))
      found = &row;
  return found;
}

bool same_entry(const ledger::FilingRow& a, const ledger::FilingRow& b) {
  return a.shipment == b.shipment && a.importer == b.importer;
}

// Whether the lines themselves name another entry than this filing's: what contradicts itself belongs to nobody.
bool contradicts(ledger::Reader& reader, const cbp::Answer& answer, const ledger::FilingRow& row) {
  if (!answer.entry_number.empty()) {
    if (!row.entry_number.empty() && (row.entry_number != answer.entry_number || row.filer_code != answer.filer_code))
      return true;
    for (const auto& other : reader.filings_by_entry_number(answer.filer_code, answer.entry_number))
      if (!same_entry(other, row)) return true;
  }
  const auto named = answer.reference.empty() ? std::nullopt : reader.filing_by_reference(answer.reference);
  return named && !same_entry(*named, row);
}

std::string filing_named(ledger::Reader& reader, const flow::PartnerScope& scope, std::string_view token,
                         const cbp::Answer& answer) {
  const auto kind = kind_of(answer.application);
  if (!token.empty()) {
    const auto row = reader.filing_by_token(token);
    // A token that is not this filer's names nothing, and what the lines say besides is not guessed at.
    if (!row || row->filer != scope.partner) return {};
    if (kind.empty() || row->kind == kind) return row->id;
    // An AE that is certified from the summary is answered by AX, SX and SO alike.
    const auto siblings = reader.filings_of_shipment(row->shipment);
    std::vector<ledger::FilingRow> of_entry;
    std::copy_if(siblings.begin(), siblings.end(), std::back_inserter(of_entry),
                 [&](const auto& sibling) { return same_entry(sibling, *row); });
    const auto* found = best(of_entry, scope, kind);
    return found == nullptr ? row->id : found->id;
  }
  if (!answer.entry_number.empty()) {
    const auto rows = reader.filings_by_entry_number(answer.filer_code, answer.entry_number);
    const auto* found = best(rows, scope, kind);
    if (found == nullptr) found = best(rows, scope, "");
    if (found != nullptr) return found->id;
  }
  if (!answer.reference.empty())
    if (const auto row = reader.filing_by_reference(answer.reference); row && row->filer == scope.partner)
      return row->id;
  return {};
}

std::string filing_of(ledger::Reader& reader, const flow::PartnerScope& scope, std::string_view token,
                      const cbp::Answer& answer) {
  auto id = filing_named(reader, scope, token, answer);
  const auto row = id.empty() ? std::nullopt : reader.filing(id);
  return row && contradicts(reader, answer, *row) ? std::string() : id;
}

}  // namespace

ledger::AnswerRow MatchedAnswer::row(std::string document, ledger::Micros now) const {
  return {std::move(document), filing, application, lines.SerializeAsString(), now};
}

std::vector<MatchedAnswer> match_answers(ledger::Reader& reader, const flow::PartnerScope& scope,
                                         std::string_view token, std::string_view text, ledger::Micros now) {
  std::vector<MatchedAnswer> matched;
  for (const auto& answer : read(text)) {
    const auto filing = filing_of(reader, scope, token, answer);
    auto slot =
        std::find_if(matched.begin(), matched.end(), [&](const MatchedAnswer& one) { return one.filing == filing; });
    if (slot == matched.end()) {
      matched.emplace_back();
      slot = std::prev(matched.end());
      slot->filing = filing;
      slot->application = answer.application;
    }
    if (!filing.empty() && !answer.entry_number.empty() &&
        flow::entry_number_checks(answer.filer_code, answer.entry_number, {}))
      slot->entry_number = answer.entry_number;
    for (const auto& line : answer.lines) {
      auto& out = *slot->lines.add_answers();
      out.set_line(line.line);
      out.set_record(line.record);
      out.set_disposition_code(line.disposition_code);
      out.set_disposition_text(line.disposition_text);
      *out.mutable_received_at() = google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(now);
      if (const auto state = state_of_line(line.record, line.disposition_code)) slot->state = *state;
    }
  }
  return matched;
}

}  // namespace puente::delivery
