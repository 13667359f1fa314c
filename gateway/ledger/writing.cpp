#include "gateway/ledger/writing.h"

#include <tuple>

#include "gateway/ledger/chain.h"
#include "gateway/ledger/lifecycle.h"

namespace puente::ledger {
namespace {

constexpr std::string_view kDocument = "document";
constexpr std::string_view kShipment = "shipment";
constexpr std::string_view kFiling = "filing";
constexpr std::string_view kChannel = "channel";

tl::unexpected<Fault> unknown(std::string_view object, std::string_view id) {
  return permanent("row_unknown", "there is no " + std::string(object) + " " + std::string(id));
}

tl::unexpected<Fault> conflict(std::string_view object, std::string_view id, std::string_view what) {
  return permanent("row_conflict", std::string(object) + " " + std::string(id) + ": " + std::string(what));
}

// Waiting, or with its filer: giving up goes on counting.
bool being_delivered(std::string_view state) { return state == "ready" || state == "in_doubt" || state == "offered"; }

// What a filer has seen of a filing and may answer to.
auto offered_identity(const FilingRow& row) {
  return std::tie(row.token, row.filer, row.importer, row.kind, row.revision);
}

}  // namespace

void Writing::keep_head() { session_.run(Statement::head_write, {head_.sequence, Value::bytes(head_.hash)}); }

Micros Writing::time_of(const EventText& event, Micros row_time) const {
  if (event.at != 0) return event.at;
  return row_time != 0 ? row_time : clock_();
}

Result<void> Writing::permit(const Change& change, const EventText& event) const {
  if (event.verb.empty() && change.from != change.to) {
    return permanent("event_missing", std::string(change.object) + " " + std::string(change.id) +
                                          ": a change of state without the event that records it");
  }
  if (!allowed(change.object, event.verb, change.from, change.to)) {
    return permanent("transition_refused", std::string(change.object) + " " + std::string(change.id) + ": " +
                                               event.verb + " does not lead from '" + std::string(change.from) +
                                               "' to '" + std::string(change.to) + "'");
  }
  return {};
}

void Writing::record(const Change& change, const EventText& event) {
  if (event.verb.empty()) return;
  EventRow row;
  row.at = time_of(event, change.at);
  row.object = change.object;
  row.object_id = change.id;
  row.verb = event.verb;
  row.from_state = change.from;
  row.to_state = change.to;
  row.partner = event.partner;
  row.text = event.text;
  row.digest = change.digest;
  append_event(row);
}

Result<std::uint64_t> Writing::append_event(const EventRow& event) {
  EventRow row = event;
  row.sequence = head_.sequence + 1;
  if (row.at == 0) row.at = clock_();
  row.hash = chain_hash(head_.hash, row);
  session_.run_with_row(Statement::event_insert, row);
  head_ = {row.sequence, row.hash};
  return row.sequence;
}

std::string Writing::partner_of(std::string_view object_id) {
  std::vector<std::string> found = session_.texts(Statement::event_first_partner, {object_id});
  return found.empty() ? std::string() : std::move(found.front());
}

// ---- documents

Result<void> Writing::insert_document(DocumentRow& row, const PackedBody& body, const EventText& event) {
  if (row.sha256.empty()) row.sha256 = body.sha256;
  if (row.sha256 != body.sha256) {
    return permanent("digest_mismatch", "document " + row.id + ": the digest given is not that of its bytes");
  }
  const Change change{kDocument, row.id, "", row.state, row.sha256, row.received_at};
  if (Result<void> permitted = permit(change, event); !permitted) return permitted;
  row.sequence = next_sequence();
  row.state_since = time_of(event, row.received_at);
  try {
    session_.run_with_row(Statement::document_insert, row);
  } catch (const StoreFault& stopped) {
    // Looked up only now: a name that is taken is rare, and every document would pay for asking first.
    if (stopped.fault().code != "row_conflict") throw;
    if (document(row.id)) return conflict(kDocument, row.id, "the id is taken");
    if (!document_by_identity(row.identity)) throw;
    return permanent(std::string(kIdentityTaken),
                     "document " + row.id + ": its identity belongs to a document received before");
  }
  session_.run(Statement::body_insert,
               {row.sequence, static_cast<std::int64_t>(body.codec), body.size, Value::bytes(body.bytes)});
  record(change, event);
  return {};
}

Result<std::uint32_t> Writing::count_try(std::string_view document_id) {
  if (session_.run(Statement::document_try, {document_id}) == 0) return unknown(kDocument, document_id);
  return document(document_id)->tries;
}

Result<void> Writing::move_document(std::string_view id, std::string_view to, std::string_view report,
                                    std::string_view cause, const EventText& event) {
  const std::optional<DocumentRow> row = document(id);
  if (!row) return unknown(kDocument, id);
  const Change change{kDocument, id, row->state, to, row->sha256, 0};
  if (Result<void> permitted = permit(change, event); !permitted) return permitted;
  EventText timed = event;
  timed.at = time_of(event, 0);
  session_.run(Statement::document_move,
               {id, to, row->state == to ? row->state_since : timed.at,
                Value::bytes(report.empty() ? std::string_view(row->report) : report), cause});
  record(change, timed);
  return {};
}

// ---- shipments

Result<void> Writing::insert_shipment(const ShipmentRow& row, const EventText& event) {
  if (shipment(row.id)) return conflict(kShipment, row.id, "the id is taken");
  const Change change{kShipment, row.id, "", row.state, {}, row.opened_at};
  if (Result<void> permitted = permit(change, event); !permitted) return permitted;
  ShipmentRow kept = row;
  kept.state_since = time_of(event, row.opened_at);
  session_.run_with_row(Statement::shipment_insert, kept);
  record(change, event);
  return {};
}

Result<void> Writing::update_shipment(const ShipmentRow& row, const EventText& event) {
  const std::optional<ShipmentRow> before = shipment(row.id);
  if (!before) return unknown(kShipment, row.id);
  const Change change{kShipment, row.id, before->state, row.state, {}, row.changed_at};
  if (Result<void> permitted = permit(change, event); !permitted) return permitted;
  ShipmentRow kept = row;
  kept.merged_into = before->merged_into;
  kept.state_since = before->state == row.state ? before->state_since : time_of(event, row.changed_at);
  session_.run_with_row(Statement::shipment_update, kept);
  record(change, event);
  return {};
}

Result<void> Writing::attach_document(std::string_view shipment_id, std::string_view document_id) {
  if (!shipment(shipment_id)) return unknown(kShipment, shipment_id);
  if (!document(document_id)) return unknown(kDocument, document_id);
  if (const std::optional<std::string> current = shipment_of_document(document_id)) {
    if (*current == shipment_id) return {};
    return permanent("document_attached", "document " + std::string(document_id) + " belongs to shipment " + *current);
  }
  session_.run(Statement::document_attach, {document_id, shipment_id});
  return {};
}

Result<void> Writing::detach_document(std::string_view document_id) {
  session_.run(Statement::document_detach, {document_id});
  return {};
}

Result<void> Writing::merge_shipments(std::string_view into, std::string_view from, const EventText& event) {
  if (!shipment(into)) return unknown(kShipment, into);
  std::optional<ShipmentRow> row = shipment(from);
  if (!row) return unknown(kShipment, from);
  if (into == from) return conflict(kShipment, from, "a shipment is not merged into itself");
  const std::string state = row->state;
  EventText timed = event;
  timed.at = time_of(event, 0);
  const Change change{kShipment, from, state, "merged", {}, timed.at};
  if (Result<void> permitted = permit(change, event); !permitted) return permitted;
  session_.run(Statement::merge_documents, {into, from});
  session_.run(Statement::merge_links, {into, from});
  session_.run(Statement::merge_links_drop, {from});
  session_.run(Statement::merge_numbers, {into, from});
  session_.run(Statement::merge_numbers_drop, {from});
  session_.run(Statement::merge_filings, {into, from});
  row->state = change.to;
  row->merged_into = into;
  row->cause.clear();
  row->changed_at = row->state_since = timed.at;
  session_.run_with_row(Statement::shipment_update, *row);
  record(change, timed);
  return {};
}

Result<void> Writing::add_link_keys(std::string_view shipment_id, const std::vector<std::string>& keys) {
  if (!shipment(shipment_id)) return unknown(kShipment, shipment_id);
  for (const std::string& key : keys) session_.run(Statement::link_insert, {key, shipment_id});
  return {};
}

// ---- filings

void Writing::put_filing(FilingRow& row, std::string_view from, const EventText& event) {
  if (row.state != "offered") {
    row.lease_id.clear();
    row.lease_owner.clear();
    row.lease_until = 0;
  }
  if (from != row.state) row.state_since = time_of(event, row.changed_at);
  if (row.state == "ready" && !being_delivered(from)) row.due_since = row.state_since;
  session_.run_with_row(Statement::filing_update, row);
  record({kFiling, row.id, from, row.state, row.sha256, row.changed_at}, event);
}

Result<void> Writing::insert_filing(const FilingRow& row, const FilingDraft& draft, const EventText& event) {
  if (!shipment(row.shipment)) return unknown(kShipment, row.shipment);
  if (filing(row.id)) return conflict(kFiling, row.id, "the id is taken");
  if (filing_by_token(row.token)) return conflict(kFiling, row.id, "its token belongs to another filing");
  if (filing_by_reference(row.reference)) return conflict(kFiling, row.id, "its reference belongs to another filing");
  FilingRow kept = row;
  kept.sha256 = sha256(kept.records);
  const Change change{kFiling, kept.id, "", kept.state, kept.sha256, kept.created_at};
  if (Result<void> permitted = permit(change, event); !permitted) return permitted;
  kept.state_since = kept.due_since = time_of(event, kept.created_at);
  session_.run_with_row(Statement::filing_insert, kept);
  session_.run(Statement::filing_head_insert, {kept.id, Value::bytes(draft.head)});
  session_.run(Statement::filing_lineage_write, {kept.id, Value::bytes(draft.lineage)});
  record(change, event);
  return {};
}

Result<void> Writing::update_filing(const FilingRow& row, const EventText& event) {
  const std::optional<FilingRow> before = filing(row.id);
  if (!before) return unknown(kFiling, row.id);
  if (row.shipment != before->shipment ||
      (before->attempts > 0 && offered_identity(row) != offered_identity(*before))) {
    return permanent("filing_identity_changed", "filing " + row.id + ": what its filer has seen of it does not change");
  }
  if (row.token != before->token && filing_by_token(row.token)) {
    return conflict(kFiling, row.id, "its token belongs to another filing");
  }
  if (row.reference != before->reference && filing_by_reference(row.reference)) {
    return conflict(kFiling, row.id, "its reference belongs to another filing");
  }
  FilingRow kept = row;
  kept.sha256 = sha256(kept.records);
  kept.state_since = before->state_since;
  const Change change{kFiling, kept.id, before->state, kept.state, kept.sha256, kept.changed_at};
  if (Result<void> permitted = permit(change, event); !permitted) return permitted;
  if (event.verb.empty() && kept.sha256 != before->sha256) {
    return permanent("event_missing", "filing " + row.id + ": new records without the event that vouches for them");
  }
  put_filing(kept, before->state, event);
  return {};
}

Result<void> Writing::put_draft(std::string_view filing_id, const FilingDraft& draft) {
  if (auto put = put_draft_head(filing_id, draft.head); !put) return put;
  session_.run(Statement::filing_lineage_write, {filing_id, Value::bytes(draft.lineage)});
  return {};
}

Result<void> Writing::put_draft_head(std::string_view filing_id, std::string_view head) {
  if (session_.run(Statement::filing_head_update, {filing_id, Value::bytes(head)}) == 0)
    return unknown(kFiling, filing_id);
  return {};
}

// Older revisions that were not confirmed and are in nobody's hands give way to the one that is offered now.
void Writing::replace_outrun(const FilingRow& newest, std::string_view partner, Micros now) {
  for (FilingRow& older : session_.rows<FilingRow>(
           Statement::filings_outrun,
           {newest.shipment, newest.importer, newest.kind, newest.revision, newest.created_at, newest.id})) {
    const std::string from = older.state;
    older.state = "replaced";
    older.cause.clear();
    older.changed_at = now;
    put_filing(older, from,
               {"deliver", std::string(partner), "revision " + std::to_string(newest.revision) + " is offered", now});
  }
}

Result<std::vector<FilingRow>> Writing::claim(std::string_view filer, std::string_view channel,
                                              std::string_view lease_owner, Micros now, Micros lease_until,
                                              std::size_t limit) {
  std::vector<FilingRow> claimed;
  for (FilingRow& row : session_.rows<FilingRow>(Statement::filings_due, {filer, now, limit})) {
    const std::string from = row.state;
    const std::string partner = partner_of(row.id);
    const std::string text = "attempt " + std::to_string(row.attempts + 1) + " on " + std::string(channel);
    row.changed_at = now;
    if (sha256(row.records) != row.sha256) {  // bytes are checked when they leave
      row.state = "held";
      row.cause = "RECORDS_DAMAGED";
      put_filing(row, from, {"deliver", partner, "its records are not what their digest says", now});
      continue;
    }
    replace_outrun(row, partner, now);
    if (row.cause == kFilerUnknown) row.cause.clear();
    row.possible_duplicate = row.possible_duplicate || row.attempts > 0;
    row.attempts += 1;
    row.state = "offered";
    row.lease_id = row.id + ":" +
                   std::to_string(row.attempts);  // unique for ever and rising: a late worker's is not the current one
    row.lease_owner = lease_owner;
    row.lease_until = lease_until;
    session_.run_with_row(Statement::attempt_insert,
                          AttemptRow{row.id, row.attempts, std::string(channel), row.lease_id, now, 0, "offered", ""});
    put_filing(row, from, {"deliver", partner, text, now});
    claimed.push_back(std::move(row));
  }
  return claimed;
}

Result<std::vector<FilingRow>> Writing::expire_leases(Micros now, std::size_t limit,
                                                      const std::function<Micros(const FilingRow&)>& not_before) {
  std::vector<FilingRow> over = leases_over(now, limit);
  for (FilingRow& row : over) {
    session_.run(Statement::attempt_end, {row.id, row.lease_id, now, "lease_expired", ""});
    row.state = "in_doubt";
    row.not_before = not_before(row);
    row.changed_at = now;
    put_filing(
        row, "offered",
        {"deliver", partner_of(row.id), "the lease of attempt " + std::to_string(row.attempts) + " is over", now});
  }
  return over;
}

Result<void> Writing::end_attempt(std::string_view filing_id, std::string_view lease_id, std::string_view outcome,
                                  std::string_view detail, Micros now) {
  std::optional<FilingRow> row = filing(filing_id);
  if (!row) return unknown(kFiling, filing_id);
  if (lease_id.empty() || row->lease_id != lease_id) {
    return permanent("lease_unknown", "filing " + std::string(filing_id) + ": the lease is not its current one");
  }
  session_.run(Statement::attempt_end, {filing_id, lease_id, now, outcome, detail});
  row->lease_id.clear();
  row->lease_owner.clear();
  row->lease_until = 0;
  row->changed_at = now;
  put_filing(*row, row->state,
             {"deliver", partner_of(filing_id),
              "attempt " + std::to_string(row->attempts) + ": " + std::string(outcome), now});
  return {};
}

// ---- what the SAT says of documents

Result<void> Writing::put_estado(const EstadoRow& row, const EventText& event) {
  const std::optional<DocumentRow> of = document(row.document);
  if (!of) return unknown(kDocument, row.document);
  session_.run_with_row(Statement::estado_write, row);
  record({kDocument, of->id, of->state, of->state, of->sha256, row.answered_at}, event);
  return {};
}

// ---- channels

Result<void> Writing::put_channel(const ChannelRow& row, const EventText& event) {
  const std::optional<ChannelRow> before = channel(row.id);
  const Change change{kChannel,  row.id, before ? std::string_view(before->state) : std::string_view(),
                      row.state, {},     row.state_since};
  if (Result<void> permitted = permit(change, event); !permitted) return permitted;
  session_.run_with_row(before ? Statement::channel_update : Statement::channel_insert, row);
  record(change, event);
  return {};
}

// ---- answers and numbers

EventRow Writing::answer_event(std::string_view filing_id, std::string_view document_id, const EventText& event,
                               Micros at) {
  EventRow row;
  row.at = time_of(event, at);
  row.verb = "answer";
  row.partner = event.partner;
  row.text = event.text;
  if (const std::optional<FilingRow> of = filing_id.empty() ? std::nullopt : filing(filing_id)) {
    row.object = kFiling;
    row.object_id = of->id;
    row.from_state = row.to_state = of->state;
    row.digest = of->sha256;
  } else if (const std::optional<DocumentRow> source = document(document_id)) {
    row.object = kDocument;
    row.object_id = source->id;
    row.from_state = row.to_state = source->state;
    row.digest = source->sha256;
  }
  return row;
}

Result<void> Writing::insert_answer(const AnswerRow& row, const EventText& event) {
  if (!document(row.document)) return unknown(kDocument, row.document);
  if (!row.filing.empty() && !filing(row.filing)) return unknown(kFiling, row.filing);
  if (session_.row<AnswerRow>(Statement::answer_by_key, {row.document, row.filing})) {
    return conflict(kDocument, row.document, "its answer is recorded");
  }
  session_.run_with_row(Statement::answer_insert, row);
  append_event(answer_event(row.filing, row.document, event, row.received_at));
  return {};
}

Result<void> Writing::assign_answer(std::string_view document_id, std::string_view filing_id, const EventText& event) {
  if (!filing(filing_id)) return unknown(kFiling, filing_id);
  if (session_.row<AnswerRow>(Statement::answer_by_key, {document_id, filing_id})) {
    return conflict(kDocument, document_id, "its answer is recorded");
  }
  if (session_.run(Statement::answer_assign, {document_id, filing_id}) == 0)
    return unknown("unmatched answer", document_id);
  append_event(answer_event(filing_id, document_id, event, 0));
  return {};
}

Result<void> Writing::index_number(const NumberRow& row) {
  NumberRow kept = row;
  kept.value = number_key(row.value);
  if (kept.value.empty()) return {};
  session_.run_with_row(Statement::number_insert, kept);
  return {};
}

Result<std::string> Writing::allocate(
    std::string_view purpose, std::string_view object,
    const std::function<std::optional<std::string>(std::string_view previous)>& next) {
  if (std::vector<std::string> given = session_.texts(Statement::allocation_of, {purpose, object}); !given.empty()) {
    return std::move(given.front());
  }
  std::int64_t ordinal = 0;
  std::string previous;
  session_.run(Statement::allocation_last, {purpose}, [&](const RowView& row) {
    ordinal = row.number(0);
    previous = row.chars(1);
  });
  while (std::optional<std::string> number = next(previous)) {
    if (*number == previous) break;  // the list stands still: it has ended
    if (session_.texts(Statement::allocation_taken, {purpose, *number}).empty()) {
      session_.run(Statement::allocation_insert, {purpose, ordinal + 1, object, *number});
      return std::move(*number);
    }
    previous = std::move(*number);
  }
  return permanent("numbers_exhausted", "no number is left for " + std::string(purpose));
}

}  // namespace puente::ledger
