#include "gateway/flow/standing.h"

#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <array>
#include <cctype>

#include "gateway/ledger/lifecycle.h"
#include "mappings/findings/findings.h"

namespace puente::flow {
namespace {

using google::protobuf::util::TimeUtil;

struct Words {
  std::string es, en;
};

struct OwnerRow {
  std::string_view owner, es, en;
};
constexpr auto kOwners = std::to_array<OwnerRow>({
    {"sender", "quien envió los documentos", "who sent the documents"},
    {"filer", "el agente", "the filer"},
    {"ops", "la operación del gateway", "operations"},
    {"gateway", "el gateway", "the gateway"},
});

Words owner_words(std::string_view owner, std::string_view filer) {
  for (const auto& row : kOwners) {
    if (row.owner != owner) continue;
    Words words{std::string(row.es), std::string(row.en)};
    if (owner == "filer" && !filer.empty()) words.es.append(" ").append(filer), words.en.append(" ").append(filer);
    return words;
  }
  return {std::string(owner), std::string(owner)};
}

// The gravest finding that stops something; the cause's own where there is one.
const v1::Finding* finding_of(std::string_view cause, const FindingList& findings) {
  const v1::Finding* gravest = nullptr;
  for (const auto& finding : findings) {
    if (finding.code() == cause) return &finding;
    if (cause.empty() && finding.severity() >= v1::SEVERITY_HOLD &&
        (gravest == nullptr || finding.severity() > gravest->severity()))
      gravest = &finding;
  }
  return gravest;
}

bool filled(std::string_view text) { return text.find('{') == std::string_view::npos; }

Words cause_words(std::string_view cause, const v1::Finding* finding) {
  if (finding != nullptr) return {finding->es(), finding->en()};
  if (const auto* row = find_catalogue_row(cause); row != nullptr && filled(row->message_en))
    return {std::string(row->message_es), std::string(row->message_en)};
  return {};
}

Words remedy_words(std::string_view cause, const v1::Finding* finding) {
  if (finding != nullptr) return {finding->remedy_es(), finding->remedy_en()};
  if (const auto* row = find_catalogue_row(cause); row != nullptr && filled(row->remedy_en))
    return {std::string(row->remedy_es), std::string(row->remedy_en)};
  return {};
}

void set_next(v1::Standing& standing, Words words) {
  standing.set_next_es(std::move(words.es));
  standing.set_next_en(std::move(words.en));
}

// What is the same for all three kinds of rows.
v1::Standing standing_of(std::string_view object, std::string_view state, const std::string& cause,
                         ledger::Micros since, std::string_view filer, const FindingList& findings) {
  v1::Standing standing;
  standing.set_cause(cause);
  *standing.mutable_since() = TimeUtil::MicrosecondsToTimestamp(since);
  const auto* row = ledger::state_row(object, state);
  if (row == nullptr) return standing;
  standing.set_state_es(std::string(row->es));
  standing.set_state_en(std::string(row->en));
  standing.set_owner(std::string(row->owner));
  standing.set_exception(row->exception || (!cause.empty() && !row->terminal));
  const auto* finding = row->terminal && cause.empty() ? nullptr : finding_of(cause, findings);
  if (!cause.empty()) {
    const auto words = cause_words(cause, finding);
    standing.set_cause_es(words.es);
    standing.set_cause_en(words.en);
  }
  const auto owner = owner_words(row->owner, filer);
  if (standing.exception()) {
    const auto remedy = remedy_words(cause, finding);
    set_next(standing, {"debe actuar " + owner.es + (remedy.es.empty() ? "" : ": " + remedy.es),
                        owner.en + " must act" + (remedy.en.empty() ? "" : ": " + remedy.en)});
  } else if (row->terminal) {
    set_next(standing, {"nada más: " + std::string(row->es), "nothing more: " + std::string(row->en)});
  } else if (row->owner.empty()) {
    set_next(standing, {"nadie tiene que actuar: " + std::string(row->es), "nobody must act: " + std::string(row->en)});
  } else {
    set_next(standing,
             {"sigue " + owner.es + ": " + std::string(row->es), owner.en + " is next: " + std::string(row->en)});
  }
  return standing;
}

}  // namespace

v1::Standing standing_of(const ledger::DocumentRow& row, const FindingList& findings) {
  return standing_of("document", row.state, row.cause, row.state_since, "", findings);
}

v1::Standing standing_of(const ledger::FilingRow& row, const FindingList& findings, ledger::Micros now) {
  auto standing = standing_of("filing", row.state, row.cause, row.state_since, row.filer, findings);
  const auto* state = ledger::state_row("filing", row.state);
  if (state == nullptr || state->terminal || standing.exception()) return standing;
  if (row.lease_until > now) {
    set_next(standing, {"se espera la confirmación de " + row.filer + "; si no llega, se ofrece de nuevo",
                        "the confirmation of " + row.filer + " is awaited; without it the filing is offered again"});
    *standing.mutable_next_at() = TimeUtil::MicrosecondsToTimestamp(row.lease_until);
  } else if (state->owner == "gateway" || row.lease_until > 0) {
    set_next(standing, row.attempts == 0
                           ? Words{"se ofrece a " + row.filer + " en cuanto lo reciba",
                                   "offered to " + row.filer + " as soon as it takes it"}
                           : Words{"se ofrece de nuevo a " + row.filer, "offered to " + row.filer + " again"});
    if (row.not_before > now) *standing.mutable_next_at() = TimeUtil::MicrosecondsToTimestamp(row.not_before);
  } else {
    return standing;
  }
  if (row.deadline > 0 && row.deadline <= now) {
    standing.set_exception(true);
    standing.set_cause("DEADLINE_PASSED");
    const auto words = cause_words(standing.cause(), nullptr);
    standing.set_cause_es(words.es);
    standing.set_cause_en(words.en);
  }
  return standing;
}

v1::Standing standing_of(const ledger::ShipmentRow& row, const std::vector<std::string>& missing,
                         const FindingList& findings) {
  auto standing = standing_of("shipment", row.state, row.cause, row.state_since, "", findings);
  if (!missing.empty() && standing.exception()) {
    Words remedies;
    for (const auto& code : missing) {
      const auto words = remedy_words(code, nullptr);
      remedies.es.append(" ").append(words.es), remedies.en.append(" ").append(words.en);
    }
    const auto owner = owner_words(standing.owner(), "");
    set_next(standing, {"debe actuar " + owner.es + ":" + remedies.es, owner.en + " must act:" + remedies.en});
  }
  return standing;
}

void take_next(v1::ShipmentStatus& shipment) {
  const v1::FilingStatus* next = nullptr;
  // A filing that says why it stops, then the shipment itself, then other filings that stop, then what moves.
  const auto rank = [](const v1::FilingStatus& filing) {
    const auto& standing = filing.standing();
    if (standing.exception()) return standing.cause().empty() ? 1 : 3;
    return standing.has_next_at() || standing.owner() == "gateway" ? 0 : -1;
  };
  for (const auto& filing : shipment.filings()) {
    const auto* state = ledger::state_row("filing", filing.state());
    if (state == nullptr || state->terminal) continue;
    if (next == nullptr || rank(filing) > rank(*next)) next = &filing;
  }
  if (next == nullptr || (shipment.standing().exception() && rank(*next) < 3)) return;
  std::string kind = next->kind();
  std::transform(kind.begin(), kind.end(), kind.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  auto& standing = *shipment.mutable_standing();
  standing.set_owner(next->standing().owner());
  standing.set_exception(next->standing().exception());
  standing.set_next_es(kind + ": " + next->standing().next_es());
  standing.set_next_en(kind + ": " + next->standing().next_en());
  if (next->standing().has_next_at()) *standing.mutable_next_at() = next->standing().next_at();
}

}  // namespace puente::flow
