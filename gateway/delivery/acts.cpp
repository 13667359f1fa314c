#include "gateway/delivery/acts.h"

#include <algorithm>
#include <utility>

#include "gateway/delivery/answers.h"
#include "gateway/delivery/filing_message.h"
#include "gateway/flow/entry_filing.h"
#include "gateway/flow/identity.h"
#include "gateway/flow/numbers.h"
#include "gateway/flow/on_file.h"
#include "gateway/flow/receipt_signer.h"
#include "gateway/ledger/lifecycle.h"
#include "gateway/ops/fault_points.h"

namespace puente::delivery {
namespace {

using ledger::FilingRow;

constexpr std::string_view kVerb = "deliver";
constexpr std::string_view kTokenUnknown = "TOKEN_UNKNOWN";
constexpr std::size_t kReasonLength = 500;         // of a refusal, as kept
constexpr std::size_t kAnswerBytes = 1024 * 1024;  // of one report
constexpr std::size_t kKeptAnswers = 64;           // unmatched answers looked at when a number becomes known

using flow::over;

bool with_cbp(const FilingRow& row) {
  return row.state == "confirmed" || row.state == "accepted" || row.state == "rejected" || row.state == "released";
}

std::string token_of(const v1::FilerAct& act) {
  switch (act.act_case()) {
    case v1::FilerAct::kConfirmation:
      return act.confirmation().token();
    case v1::FilerAct::kRefusal:
      return act.refusal().token();
    case v1::FilerAct::kCorrection:
      return act.correction().token();
    case v1::FilerAct::kAnswer:
      return act.answer().token();
    default:
      return {};
  }
}

// Cut between characters of UTF-8.
std::string cut(std::string_view text, std::size_t length) {
  if (text.size() > length) {
    while (length > 0 && (static_cast<unsigned char>(text[length]) & 0xC0U) == 0x80U) --length;
    text = text.substr(0, length);
  }
  return std::string(text);
}

// The newest revision in force of the same entry and kind.
std::optional<FilingRow> newest(ledger::Reader& reader, const FilingRow& of) {
  std::optional<FilingRow> found;
  for (auto& row : reader.filings_of_shipment(of.shipment))
    if (row.importer == of.importer && row.kind == of.kind && !over(row) && (!found || row.revision > found->revision))
      found = std::move(row);
  return found;
}

// The records as they are, or as they were at the last offer and since: an entry number that came after it has written
// them anew, and the filer may speak of what it was offered.
bool offered_with_digest(ledger::Reader& reader, const FilingRow& row, std::string_view sha256) {
  if (row.sha256 == sha256) return true;
  const auto events = reader.events_of(row.id);
  const auto offered =
      std::find_if(events.rbegin(), events.rend(), [](const auto& event) { return event.to_state == "offered"; });
  if (offered == events.rend()) return false;
  return std::any_of(std::prev(offered.base()), events.end(),
                     [&](const auto& event) { return event.digest == sha256; });
}

// The entry's other filing takes its number on too, unless it is with its filer: then when that one is confirmed.
bool shares_number(const FilingRow& other, const FilingRow& row) {
  return other.id != row.id && other.importer == row.importer && other.filer_code == row.filer_code && !over(other) &&
         !flow::in_flight(other) && other.entry_number.empty();
}

ledger::PackedBody kept_of(const v1::FilerAct& act, const std::string& serialized) {
  if (!act.has_answer()) return ledger::pack(serialized);
  return act.answer().lines().size() > kAnswerBytes ? ledger::PackedBody() : ledger::pack(act.answer().lines());
}

std::vector<std::string> number_ranges(const ActContext& context, const FilingRow& row) {
  const auto* broker = flow::broker_section(*context.knowledge.profiles, context.registry->by_id(row.filer));
  return broker == nullptr ? std::vector<std::string>() : broker->list("entry_pool");
}

}  // namespace

Act::Act(flow::PartnerScope scope, v1::FilerAct act, std::string_view transport, ActContext context)
    : scope_(std::move(scope)),
      act_(std::move(act)),
      transport_(transport),
      context_(std::move(context)),
      now_(context_.flow_options.clock()),
      body_(act_.SerializeAsString()),
      packed_(kept_of(act_, body_)) {}

void Act::prepare(ledger::Reader& reader) const {
  const auto& written = act_.confirmation().entry_number();
  if (!act_.has_confirmation() || written.empty()) return;
  const auto row = reader.filing_by_token(act_.confirmation().token());
  if (!row || row->filer != scope_.partner || !row->entry_number.empty()) return;
  const auto digits = flow::entry_number_digits(row->filer_code, written);
  if (!digits) return;
  for (const auto& other : reader.filings_of_shipment(row->shipment))
    if (other.id == row->id || shares_number(other, *row))
      flow::numbered(other, reader.draft_head(other.id), *digits, context_.knowledge, *context_.registry, now_);
}

tl::unexpected<Fault> Act::refused(std::string_view code, const FindingParams& params) {
  *result_.add_findings() = make_finding(code, params);
  return permanent(std::string(kRefused), std::string(code));
}

Result<void> Act::apply(ledger::Writer& writer) {
  result_.Clear();
  ended_.clear();
  const auto token = token_of(act_);
  result_.set_token(token);
  if (act_.act_case() == v1::FilerAct::kAnswer) return answer(writer);
  if (act_.act_case() == v1::FilerAct::ACT_NOT_SET || act_.act_case() == v1::FilerAct::kCredits)
    return refused("ACT_EMPTY");

  auto row = writer.filing_by_token(token);
  if (!row || row->filer != scope_.partner) return refused(kTokenUnknown);
  // The same refusal of the next offer is another act, and so is what answers a redelivery; everything else said twice
  // is said once.
  const auto attempt = act_.has_refusal() || row->cause == flow::kRedelivered ? row->attempts : 0;
  const auto identity = flow::act_identity(packed_.sha256, scope_.partner, attempt);
  const auto repeat = keep(writer, v1::FILER_ACT, identity);
  if (!repeat) return tl::unexpected(repeat.error());
  if (*repeat) {
    // The answer to the first one may have been lost, and with it the records that have the number.
    if (act_.has_confirmation() && !row->entry_number.empty() && with_cbp(*row))
      *result_.mutable_rebuilt() = filing_message(*row, writer.draft(row->id));
    return {};
  }
  ops::cross(ops::FaultPoint::act_kept);
  if (auto attached = writer.attach_document(row->shipment, document_id()); !attached) return attached;

  Result<void> done;
  if (act_.has_confirmation()) done = confirm(writer, *row);
  if (act_.has_refusal()) done = refuse(writer, *row);
  if (act_.has_correction()) done = correct(writer, *row);
  if (!done) return done;
  ops::cross(ops::FaultPoint::act_applied);
  result_.set_applied(true);
  return applied(writer, *row);
}

Result<bool> Act::keep(ledger::Writer& writer, v1::DocumentKind kind, std::string identity) {
  if (const auto first = writer.document_by_identity(identity)) {
    result_.mutable_receipt()->ParseFromString(first->receipt);
    result_.set_repeat(true);
    result_.set_applied(true);
    return true;
  }
  const auto row = insert(writer, kind, std::move(identity));
  if (!row) return tl::unexpected(row.error());
  result_.mutable_receipt()->ParseFromString(row->receipt);
  return false;
}

Result<ledger::DocumentRow> Act::insert(ledger::Writer& writer, v1::DocumentKind kind, std::string identity) const {
  ledger::DocumentRow row;
  row.id = flow::new_id("DOC", now_);
  row.partner = scope_.partner;
  row.kind = kind;
  row.identity = std::move(identity);
  row.sha256 = packed_.sha256;
  row.transport = transport_;
  row.state = "received";
  row.received_at = now_;
  row.sequence = writer.next_sequence();
  const auto receipt = flow::make_receipt(row, *context_.signer, context_.durability);
  if (!receipt) return tl::unexpected(receipt.error());
  row.receipt = receipt->SerializeAsString();
  if (auto inserted = writer.insert_document(row, packed_, {"accept", row.partner, transport_}); !inserted)
    return tl::unexpected(inserted.error());
  return row;
}

Result<void> Act::keep_refused(ledger::Writer& writer) const {
  const std::string code = result_.findings().empty() ? std::string() : result_.findings(0).code();
  // Nothing that could be kept, or more than is.
  if (token_of(act_).empty() || act_.has_answer()) return {};
  auto identity = flow::act_identity(flow::sha256(body_ + "/refused/" + code), scope_.partner, 0);
  if (writer.document_by_identity(identity)) return {};
  const auto row = insert(writer, v1::FILER_ACT, std::move(identity));
  if (!row) return tl::unexpected(row.error());
  v1::CheckReport report;
  report.set_file(row->id);
  report.set_verdict("rejected");
  *report.mutable_findings() = result_.findings();
  const bool nobodys = code == kTokenUnknown;
  return writer.move_document(row->id, nobodys ? "unmatched" : "rejected", report.SerializeAsString(),
                              nobodys ? code : "", {std::string(kVerb), scope_.partner, code});
}

Act::Word Act::word() const {
  if (!result_.applied() || result_.repeat()) return Word::none;
  if (act_.has_refusal() && act_.refusal().retry()) return Word::put_off;
  return act_.has_confirmation() || act_.has_refusal() || act_.has_correction() ? Word::answered : Word::none;
}

Result<void> Act::applied(ledger::Writer& writer, const FilingRow& row) {
  if (auto moved = writer.move_document(document_id(), "applied", "", "", {std::string(kVerb), scope_.partner, row.id});
      !moved)
    return moved;
  return flow::settle_shipment(writer, row.shipment, kVerb, "", now_);
}

// The row as it is once its attempt is closed.
Result<void> Act::end_offer(ledger::Writer& writer, FilingRow& row, std::string_view outcome, std::string_view detail) {
  if (row.lease_id.empty()) return {};
  if (auto ended = writer.end_attempt(row.id, row.lease_id, outcome, detail, now_); !ended) return ended;
  ended_.push_back(row.id);
  if (auto fresh = writer.filing(row.id)) row = std::move(*fresh);
  return {};
}

// A filing that was offered once more by a person's order is again what it was: its filer has it.
Result<void> Act::stands_confirmed(ledger::Writer& writer, FilingRow row) {
  if (auto ended = end_offer(writer, row, "refused", "redelivered"); !ended) return ended;
  row.state = "confirmed";
  row.cause.clear();
  row.not_before = 0;
  row.changed_at = now_;
  return writer.update_filing(row, {std::string(kVerb), scope_.partner, document_id()});
}

Result<void> Act::take_back(ledger::Writer& writer, FilingRow row, std::string_view why) {
  if (auto ended = end_offer(writer, row, "released", why); !ended) return ended;
  row.state = "ready";
  row.cause.clear();
  row.changed_at = now_;
  return writer.update_filing(row, {std::string(kVerb), scope_.partner, document_id()});
}

// ---- confirmation
// ----------------------------------------------------------------------------------------------------

Result<std::string> Act::confirmed_number(ledger::Writer& writer, const FilingRow& row) {
  const auto& written = act_.confirmation().entry_number();
  if (written.empty()) {
    if (!row.entry_number.empty()) return std::string();
    // The other filing of the same entry may have it.
    for (const auto& other : writer.filings_of_shipment(row.shipment))
      if (other.importer == row.importer && other.filer_code == row.filer_code && !other.entry_number.empty() &&
          !over(other))
        return other.entry_number;
    return std::string();
  }
  const auto digits = flow::entry_number_digits(row.filer_code, written);
  if (!digits) return refused("ENTRY_NUMBER_INVALID");
  if (!flow::entry_number_checks(row.filer_code, *digits, number_ranges(context_, row)))
    return refused("ENTRY_NUMBER_CHECK_DIGIT", {{"n", *digits}});
  if (row.entry_number == *digits) return std::string();
  if (!row.entry_number.empty()) return refused("ENTRY_NUMBER_CONFLICT");
  for (const auto& other : writer.filings_by_entry_number(row.filer_code, *digits))
    if (other.shipment != row.shipment || other.importer != row.importer) return refused("ENTRY_NUMBER_CONFLICT");
  for (const auto& other : writer.filings_of_shipment(row.shipment))
    if (other.importer == row.importer && other.filer_code == row.filer_code && !over(other) &&
        !other.entry_number.empty() && other.entry_number != *digits)
      return refused("ENTRY_NUMBER_CONFLICT");
  return *digits;
}

Result<void> Act::confirm(ledger::Writer& writer, FilingRow row) {
  const auto& confirmation = act_.confirmation();
  if (row.state == "cancelled") return refused("ACT_TOO_LATE", {{"state", row.state}});
  const auto number = confirmed_number(writer, row);
  if (!number) return tl::unexpected(number.error());
  if (!confirmation.filer_reference().empty())
    if (auto indexed = flow::index_number(writer, "reference", confirmation.filer_reference(), "filing", row.id);
        !indexed)
      return indexed;
  if (row.state == "replaced") return confirm_replaced(writer, std::move(row), *number);
  if (with_cbp(row)) {
    if (!confirmation.sha256().empty() && !offered_with_digest(writer, row, confirmation.sha256()))
      return refused("RECORDS_DIGEST_MISMATCH");
    return give_number(writer, std::move(row), *number);
  }
  if (!confirmation.sha256().empty() && confirmation.sha256() != row.sha256) return refused("RECORDS_DIGEST_MISMATCH");

  if (auto ended = end_offer(writer, row, "confirmed", cut(confirmation.filer_reference(), kReasonLength)); !ended)
    return ended;
  if (row.state == "held") {
    // Held again after it had been offered: the filer has filed what it was given then.
    row.state = "ready";
    if (auto moved = writer.update_filing(row, {"draft", scope_.partner, document_id()}); !moved) return moved;
  }
  row.state = "confirmed";
  row.cause.clear();
  row.not_before = 0;
  row.changed_at = now_;
  if (auto moved = writer.update_filing(row, {std::string(kVerb), scope_.partner, document_id()}); !moved) return moved;

  bool newer = false;
  for (auto& other : writer.filings_of_shipment(row.shipment)) {
    if (other.importer != row.importer || other.kind != row.kind || other.id == row.id) continue;
    newer = newer || (other.revision > row.revision && !over(other));
    // What this revision replaces at CBP.
    if (other.revision < row.revision && ledger::allowed("filing", kVerb, other.state, "replaced")) {
      if (other.state == "confirmed" || other.state == "accepted") other.cause = flow::kFiledBefore;
      other.state = "replaced";
      other.changed_at = now_;
      if (auto moved = writer.update_filing(other, {std::string(kVerb), scope_.partner, row.id}); !moved) return moved;
    }
  }
  if (auto given = give_number(writer, row, *number); !given) return given;
  if (!newer) return {};
  // A later version waited while this one was with its filer: it replaces what is now on file.
  *result_.add_findings() = make_finding("FILING_REPLACED");
  return flow::redraft(writer, row.shipment, context_.knowledge, *context_.registry, context_.flow_options);
}

// The filer filed a revision that was replaced meanwhile: CBP has it, so the newer one must be a replacement.
Result<void> Act::confirm_replaced(ledger::Writer& writer, FilingRow row, std::string_view number) {
  *result_.add_findings() = make_finding("FILING_REPLACED");
  return stands_after_all(writer, std::move(row), number);
}

// CBP has a revision that a newer one replaced here: what is filed next is a replacement.
Result<void> Act::stands_after_all(ledger::Writer& writer, FilingRow row, std::string_view number) {
  auto current = newest(writer, row);
  // A newer one that CBP rejected leaves this one standing.
  if (current && with_cbp(*current) && current->state != "rejected") return {};
  if (current && flow::in_flight(*current) && current->action == "A" && current->cause != flow::kRedelivered)
    // Added twice it would be two entries: back from the filer, to be offered as a replacement.
    if (auto back = take_back(writer, *current, "an earlier revision was filed"); !back) return back;
  row.cause = flow::kConfirmedLate;
  row.changed_at = now_;
  if (!number.empty()) row.entry_number = number;
  if (auto kept = writer.update_filing(row, {std::string(kVerb), scope_.partner, document_id()}); !kept) return kept;
  if (auto indexed = flow::index_entry_number(writer, row); !indexed) return indexed;
  return flow::redraft(writer, row.shipment, context_.knowledge, *context_.registry, context_.flow_options);
}

Result<void> Act::give_number(ledger::Writer& writer, FilingRow row, std::string_view number) {
  if (number.empty()) return {};
  if (auto given = flow::give_entry_number(writer, row, number, context_.knowledge, *context_.registry, now_); !given)
    return given;
  row.changed_at = now_;
  if (auto kept = writer.update_filing(row, {std::string(kVerb), scope_.partner, "entry number"}); !kept) return kept;
  if (auto indexed = flow::index_entry_number(writer, row); !indexed) return indexed;
  *result_.mutable_rebuilt() = filing_message(row, writer.draft(row.id));
  if (auto shared = share_number(writer, row); !shared) return shared;
  return match_kept_answers(writer, row);
}

Result<void> Act::share_number(ledger::Writer& writer, const FilingRow& row) {
  for (auto& other : writer.filings_of_shipment(row.shipment)) {
    if (!shares_number(other, row)) continue;
    if (auto given =
            flow::give_entry_number(writer, other, row.entry_number, context_.knowledge, *context_.registry, now_);
        !given)
      return given;
    other.changed_at = now_;
    if (auto kept = writer.update_filing(other, {std::string(kVerb), scope_.partner, "entry number"}); !kept)
      return kept;
    if (auto indexed = flow::index_entry_number(writer, other); !indexed) return indexed;
  }
  return {};
}

// Answers that came before the number was known belong to this filing now.
Result<void> Act::match_kept_answers(ledger::Writer& writer, const FilingRow& row) {
  for (const auto& kept : writer.unmatched_answers(kKeptAnswers)) {
    const auto document = writer.document(kept.document);
    // Not the report that is being applied: its own lines are matched already.
    if (!document || document->partner != scope_.partner || document->id == document_id()) continue;
    const auto body = writer.body(kept.document);
    if (!body) continue;
    for (const auto& answer : match_answers(writer, scope_, "", *body, now_)) {
      // The number is the whole entry's: an answer may be to its other filing.
      const auto filing = answer.filing.empty() ? std::nullopt : writer.filing(answer.filing);
      if (!filing || filing->shipment != row.shipment || filing->importer != row.importer) continue;
      const auto known = writer.answers_of_filing(filing->id);
      if (std::any_of(known.begin(), known.end(), [&](const auto& one) { return one.document == kept.document; }))
        continue;
      if (const auto now = writer.document(kept.document); now->state != "unmatched") break;
      if (auto assigned = writer.assign_answer(kept.document, filing->id, {"answer", scope_.partner, kept.document});
          !assigned)
        return assigned;
      if (auto moved = writer.move_document(kept.document, "applied", "", "", {"answer", scope_.partner, filing->id});
          !moved)
        return moved;
      if (auto changed = apply_answer(writer, answer); !changed) return changed;
    }
  }
  return {};
}

// ---- refusal
// ---------------------------------------------------------------------------------------------------------

Result<void> Act::refuse(ledger::Writer& writer, FilingRow row) {
  const auto& refusal = act_.refusal();
  if (row.state != "ready" && row.state != "dead_letter" && !flow::in_flight(row))
    return refused("ACT_TOO_LATE", {{"state", row.state}});
  const auto reason = cut(refusal.reason(), kReasonLength);
  if (auto ended = end_offer(writer, row, "refused", reason); !ended) return ended;
  if (row.cause == flow::kRedelivered) {
    // "We have it already" is what a filer says of what it had confirmed.
    if (!refusal.retry()) return stands_confirmed(writer, std::move(row));
    row.state = "in_doubt";
    row.not_before = now_ + wait_after(context_.options.filing, row.attempts, row.token);
  } else if (refusal.retry()) {
    row.state = "ready";
    row.cause.clear();
    row.not_before = now_ + wait_after(context_.options.filing, row.attempts, row.token);
  } else {
    if (auto said = flow::add_finding(writer, row.id, make_finding("FILING_REFUSED", {{"reason", reason}})); !said)
      return said;
    row.state = "refused";
    row.cause = "FILING_REFUSED";
  }
  row.changed_at = now_;
  return writer.update_filing(row, {std::string(kVerb), scope_.partner, document_id()});
}

// ---- correction
// ------------------------------------------------------------------------------------------------------

Result<void> Act::correct(ledger::Writer& writer, FilingRow row) {
  const auto before = newest(writer, row);
  if (!before) return refused("ACT_TOO_LATE", {{"state", row.state}});
  // Back from the filer, so that the corrected revision can take its place at once.
  if (before->cause == flow::kRedelivered) {
    if (auto stood = stands_confirmed(writer, *before); !stood) return stood;
  } else if (flow::in_flight(*before)) {
    if (auto back = take_back(writer, *before, flow::kCorrected); !back) return back;
  }
  if (auto redrafted =
          flow::redraft(writer, row.shipment, context_.knowledge, *context_.registry, context_.flow_options);
      !redrafted)
    return redrafted;
  const auto after = newest(writer, row);
  if (!after || after->id == before->id)
    return refused("CORRECTION_WITHOUT_EFFECT", {{"element", act_.correction().element()}});
  *result_.mutable_rebuilt() = filing_message(*after, writer.draft(after->id));
  return {};
}

// ---- CBP's answers
// ---------------------------------------------------------------------------------------------------

Result<void> Act::answer(ledger::Writer& writer) {
  const auto& report = act_.answer();
  if (report.lines().empty()) return refused("ANSWER_EMPTY");
  if (report.lines().size() > kAnswerBytes)
    return refused("ANSWER_TOO_LARGE", {{"limit", std::to_string(kAnswerBytes)}});
  const auto identity = flow::act_identity(flow::sha256(body_), scope_.partner, 0);
  const auto repeat = keep(writer, v1::CBP_ANSWER, identity);
  if (!repeat) return tl::unexpected(repeat.error());
  if (*repeat) return {};

  ops::cross(ops::FaultPoint::answer_kept);
  bool matched = false, unmatched = false;
  const auto answers = match_answers(writer, scope_, report.token(), report.lines(), now_);
  for (const auto& answer : answers) {
    (answer.filing.empty() ? unmatched : matched) = true;
    const auto row = answer.row(document_id(), now_);
    if (auto kept = writer.insert_answer(row, {"answer", scope_.partner, document_id()}); !kept) return kept;
    ops::cross(ops::FaultPoint::answer_matched);
    if (answer.filing.empty()) continue;
    if (auto changed = apply_answer(writer, answer); !changed) return changed;
  }
  if (unmatched || !matched) *result_.add_findings() = make_finding("ANSWER_UNMATCHED");
  result_.set_applied(true);
  const bool known = matched && !unmatched;
  return writer.move_document(document_id(), known ? "applied" : "unmatched", "", known ? "" : "ANSWER_UNMATCHED",
                              {"answer", scope_.partner, ""});
}

Result<void> Act::apply_answer(ledger::Writer& writer, const MatchedAnswer& answer) {
  auto row = writer.filing(answer.filing);
  if (!row) return {};
  // CBP answers what the filer filed, confirmed or not.
  if (!answer.state.empty() && row->state != answer.state &&
      ledger::allowed("filing", "answer", row->state, answer.state)) {
    if (auto ended = end_offer(writer, *row, "confirmed", "answered by CBP"); !ended) return ended;
    row->state = answer.state;
    row->cause = answer.state == "rejected" ? "REJECTED_BY_CBP" : "";
    row->changed_at = now_;
    if (auto moved = writer.update_filing(*row, {"answer", scope_.partner, document_id()}); !moved) return moved;
  }
  const bool stands = answer.state == "accepted" || answer.state == "released";
  if (row->state == "replaced" && row->cause.empty() && stands) {
    if (auto kept = stands_after_all(writer, *row, row->entry_number.empty() ? answer.entry_number : ""); !kept)
      return kept;
    row = writer.filing(answer.filing);
  }
  if (row->entry_number.empty() && !answer.entry_number.empty())
    if (auto given = give_number(writer, *row, answer.entry_number); !given) return given;
  return flow::settle_shipment(writer, row->shipment, "answer", "", now_);
}

}  // namespace puente::delivery
