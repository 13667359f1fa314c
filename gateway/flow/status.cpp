#include "gateway/flow/status.h"

#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <cctype>
#include <charconv>
#include <set>

#include "gateway/flow/numbers.h"
#include "gateway/flow/standing.h"

namespace puente::flow {
namespace {

using google::protobuf::util::TimeUtil;

constexpr std::size_t kEventsPerRead = 256;
constexpr int kObjectsPerReply = 100;  // a plate crosses every day: the newest are shown
constexpr std::size_t kEventsPerCall =
    8192;  // looked at, not given: a call ends even when nothing in sight is the partner's

void put_steps(const std::vector<ledger::EventRow>& events, google::protobuf::RepeatedPtrField<v1::Step>& steps) {
  for (const auto& event : events) {
    auto& step = *steps.Add();
    step.set_verb(event.verb);
    step.set_state(event.to_state);
    *step.mutable_at() = TimeUtil::MicrosecondsToTimestamp(event.at);
    step.set_text(event.text);
  }
}

template <typename Message>
void put_findings(const std::string& serialized, google::protobuf::RepeatedPtrField<v1::Finding>& findings) {
  Message holder;
  if (holder.ParseFromString(serialized)) findings = std::move(*holder.mutable_findings());
}

void put_answer(const ledger::AnswerRow& answer, google::protobuf::RepeatedPtrField<v1::CbpAnswerLine>& lines) {
  v1::FilingStatus holder;
  if (holder.ParseFromString(answer.lines)) lines.MergeFrom(holder.answers());
}

void put_estado(const ledger::EstadoRow& row, v1::SatStatus& status) {
  status.set_estado(row.estado);
  status.set_cancelable(row.cancelable);
  status.set_cancelacion(row.cancelacion);
  if (row.answered_at != 0) *status.mutable_at() = TimeUtil::MicrosecondsToTimestamp(row.answered_at);
  if (row.next_at != 0) *status.mutable_next_at() = TimeUtil::MicrosecondsToTimestamp(row.next_at);
  status.set_fault(row.fault);
}

v1::DocumentStatus document_status(ledger::Reader& reader, const ledger::DocumentRow& row) {
  v1::DocumentStatus status;
  status.set_document_id(row.id);
  status.set_kind(static_cast<v1::DocumentKind>(row.kind));
  status.set_folio_fiscal(row.folio_fiscal);
  status.set_state(row.state);
  status.set_partner(row.partner);
  status.set_client_ref(row.client_ref);
  status.set_ledger_sequence(row.sequence);
  status.set_sha256(row.sha256);
  put_steps(reader.events_of(row.id), *status.mutable_steps());
  put_findings<v1::CheckReport>(row.report, *status.mutable_findings());
  if (const auto estado = reader.estado(row.id)) put_estado(*estado, *status.mutable_sat_status());
  *status.mutable_standing() = standing_of(row, status.findings());
  return status;
}

void put_offers(ledger::Reader& reader, const ledger::FilingRow& row, bool ops, v1::FilingStatus& status) {
  for (const auto& attempt : reader.attempts(row.id)) {
    auto& offer = *status.add_offers();
    offer.set_number(attempt.number);
    offer.set_channel(attempt.channel);
    *offer.mutable_offered_at() = TimeUtil::MicrosecondsToTimestamp(attempt.offered_at);
    if (attempt.ended_at != 0) *offer.mutable_ended_at() = TimeUtil::MicrosecondsToTimestamp(attempt.ended_at);
    offer.set_outcome(attempt.outcome);
    offer.set_detail(attempt.detail);
    if (row.lease_until != 0 && attempt.lease_id == row.lease_id)
      *offer.mutable_lease_until() = TimeUtil::MicrosecondsToTimestamp(row.lease_until);
    if (ops) offer.set_lease_id(attempt.lease_id);
  }
}

v1::FilingStatus filing_status(ledger::Reader& reader, const ledger::FilingRow& row, bool ops, ledger::Micros now) {
  v1::FilingStatus status;
  status.set_filing_id(row.id);
  status.set_token(row.token);
  status.set_kind(row.kind);
  status.set_filer(row.filer);
  status.set_revision(row.revision);
  status.set_state(row.state);
  status.set_entry_number(row.entry_number);
  status.set_attempts(row.attempts);
  status.set_action(row.action);
  status.set_reference(row.reference);
  status.set_replaces(row.replaces);
  status.set_possible_duplicate(row.possible_duplicate);
  if (row.deadline != 0) *status.mutable_deadline() = TimeUtil::MicrosecondsToTimestamp(row.deadline);
  if (row.not_before > now) *status.mutable_next_attempt() = TimeUtil::MicrosecondsToTimestamp(row.not_before);
  put_steps(reader.events_of(row.id), *status.mutable_steps());
  put_offers(reader, row, ops, status);
  put_findings<v1::Draft>(reader.draft_head(row.id), *status.mutable_findings());
  for (const auto& answer : reader.answers_of_filing(row.id)) put_answer(answer, *status.mutable_answers());
  *status.mutable_standing() = standing_of(row, status.findings(), now);
  return status;
}

std::vector<std::string> missing_of(std::string_view codes) {
  std::vector<std::string> missing;
  while (!codes.empty()) {
    const auto comma = std::min(codes.find(','), codes.size());
    missing.emplace_back(codes.substr(0, comma));
    codes.remove_prefix(std::min(comma + 1, codes.size()));
  }
  return missing;
}

// What a number leads to, and as which kinds of number. Ids are sorted by time.
struct Targets {
  using Kinds = std::set<std::string, std::less<>>;
  std::map<std::string, Kinds> documents, filings, shipments;
  bool empty() const { return documents.empty() && filings.empty() && shipments.empty(); }
};

// The 32 bytes of a SHA-256 in hex.
std::optional<std::string> digest_bytes(std::string_view typed) {
  constexpr std::size_t kHexDigits = 64;
  if (typed.size() != kHexDigits) return std::nullopt;
  std::string bytes;
  for (std::size_t i = 0; i < kHexDigits; i += 2) {
    unsigned value = 0;
    const auto pair = typed.substr(i, 2);
    const auto [end, error] = std::from_chars(pair.data(), pair.data() + pair.size(), value, 16);
    if (error != std::errc() || end != pair.data() + pair.size()) return std::nullopt;
    bytes += static_cast<char>(value);
  }
  return bytes;
}

Targets targets_of(ledger::Reader& reader, std::string_view number) {
  Targets targets;
  const auto add = [&targets](std::string_view object, const std::string& id, std::string_view kind) {
    if (object == "document") targets.documents[id].emplace(kind);
    if (object == "filing") targets.filings[id].emplace(kind);
    if (object == "shipment") targets.shipments[id].emplace(kind);
  };
  for (const auto& form : number_forms(number)) {
    for (const auto& row : find_number(reader, form)) add(row.object, row.object_id, row.kind);
    if (reader.shipment(form)) add("shipment", form, "shipment");
    if (reader.filing(form)) add("filing", form, "filing");
    std::string token = form;  // tokens are written in lower case
    std::transform(token.begin(), token.end(), token.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (const auto row = reader.filing_by_token(token)) add("filing", row->id, "token");
    if (const auto digest = digest_bytes(form))
      for (const auto& row : reader.documents_by_digest(*digest)) add("document", row.id, "sha256");
  }
  // A count of small numbers: it is asked for only when the number is nothing else.
  std::uint64_t sequence = 0;
  const auto* end = number.data() + number.size();
  if (const auto [stop, error] = std::from_chars(number.data(), end, sequence);
      targets.empty() && error == std::errc() && stop == end && !number.empty())
    if (const auto row = reader.document_by_sequence(sequence)) add("document", row->id, "sequence");
  return targets;
}

std::optional<v1::ShipmentStatus> shipment_status(ledger::Reader& reader, Visibility& visibility, std::string_view id,
                                                  ledger::Micros now) {
  const auto row = reader.shipment(id);
  if (!row) return std::nullopt;
  const bool as_sender = visibility.shipment_as_sender(id);
  v1::ShipmentStatus status;
  status.set_shipment_id(row->id);
  status.set_state(row->state);
  for (const auto& filing : reader.filings_of_shipment(id))
    if (visibility.filing(filing)) *status.add_filings() = filing_status(reader, filing, visibility.ops(), now);
  if (!as_sender && status.filings().empty()) return std::nullopt;
  std::vector<std::string> missing;
  if (as_sender) {
    missing = missing_of(row->missing);
    *status.mutable_missing() = {missing.begin(), missing.end()};
    put_findings<v1::Draft>(row->findings, *status.mutable_findings());
    for (const auto& document_id : reader.documents_of_shipment(id))
      if (const auto document = reader.document(document_id); document && visibility.document(*document))
        *status.add_documents() = document_status(reader, *document);
  }
  *status.mutable_standing() = standing_of(*row, missing, status.findings());
  take_next(status);
  return status;
}

void put_kinds(const Targets::Kinds& found, v1::StatusReply& reply) {
  for (const auto& row : number_kinds()) {
    if (!found.contains(row.kind)) continue;
    auto& kind = *reply.add_kinds();
    kind.set_kind(std::string(row.kind));
    kind.set_es(std::string(row.es));
    kind.set_en(std::string(row.en));
  }
}

// The shipment that has the documents of this one now.
std::string in_force(ledger::Reader& reader, std::string id) {
  for (auto row = reader.shipment(id); row && !row->merged_into.empty(); row = reader.shipment(id))
    id = row->merged_into;
  return id;
}

v1::StatusEvent status_event(ledger::Reader& reader, const ledger::EventRow& row) {
  v1::StatusEvent event;
  event.set_sequence(row.sequence);
  *event.mutable_at() = TimeUtil::MicrosecondsToTimestamp(row.at);
  event.set_object(row.object);
  event.set_object_id(row.object_id);
  event.set_verb(row.verb);
  event.set_state(row.to_state);
  event.set_text(row.text);
  if (row.object == "document") {
    if (const auto document = reader.document(row.object_id)) {
      event.set_client_ref(document->client_ref);
      if (row.verb == "read" || row.to_state == "cancelled")
        put_findings<v1::CheckReport>(document->report, *event.mutable_findings());
    }
  } else if (row.object == "shipment" && row.verb == "draft") {
    if (const auto shipment = reader.shipment(row.object_id))
      put_findings<v1::Draft>(shipment->findings, *event.mutable_findings());
  } else if (row.object == "filing" && row.verb == "answer") {
    // The event's text is the answer's document.
    for (const auto& answer : reader.answers_of_filing(row.object_id))
      if (answer.document == row.text) put_answer(answer, *event.mutable_answers());
  }
  return event;
}

}  // namespace

bool Visibility::shipment_as_sender(std::string_view shipment_id) {
  if (scope_.ops()) return true;
  const auto known = shipments_.find(shipment_id);
  if (known != shipments_.end()) return known->second;
  bool sent = false;
  for (const auto& id : reader_.documents_of_shipment(shipment_id)) {
    const auto row = reader_.document(id);
    // A filer's acts are attached to the shipment too and do not make it a sender.
    if (row && row->partner == scope_.partner && (row->kind == v1::SAT_XML || row->kind == v1::CROSSING_NOTICE))
      sent = true;
  }
  return shipments_[std::string(shipment_id)] = sent;
}

bool Visibility::filing(const ledger::FilingRow& row) {
  return scope_.ops() || row.filer == scope_.partner || shipment_as_sender(row.shipment);
}

bool Visibility::event(const ledger::EventRow& row) {
  if (scope_.ops()) return true;
  if (row.object == "document") {
    const auto found = reader_.document(row.object_id);
    return found && document(*found);
  }
  if (row.object == "shipment") return shipment_as_sender(row.object_id);
  if (row.object == "filing") {
    const auto found = reader_.filing(row.object_id);
    return found && filing(*found);
  }
  return false;
}

v1::StatusReply status_of(ledger::Reader& reader, const PartnerScope& scope, std::string_view number,
                          ledger::Micros now) {
  v1::StatusReply reply;
  Visibility visibility(reader, scope);
  const auto targets = targets_of(reader, number);
  std::map<std::string, Targets::Kinds, std::greater<>> shipments, documents;  // the newest first
  for (const auto& [id, kinds] : targets.shipments) shipments[in_force(reader, id)].insert(kinds.begin(), kinds.end());
  for (const auto& [id, kinds] : targets.filings)
    if (const auto row = reader.filing(id); row && visibility.filing(*row))
      shipments[row->shipment].insert(kinds.begin(), kinds.end());
  for (const auto& [id, kinds] : targets.documents) {
    // A number of somebody else's document (the SCN of the carrier's notice) leads who takes part to the shipment, not
    // to the document.
    if (const auto shipment = reader.shipment_of_document(id))
      shipments[*shipment].insert(kinds.begin(), kinds.end());
    else
      documents[id].insert(kinds.begin(), kinds.end());
  }
  Targets::Kinds found;
  for (const auto& [id, kinds] : shipments) {
    if (reply.shipments_size() >= kObjectsPerReply) break;
    auto shipment = shipment_status(reader, visibility, id, now);
    if (!shipment) continue;
    *reply.add_shipments() = std::move(*shipment);
    found.insert(kinds.begin(), kinds.end());
  }
  for (const auto& [id, kinds] : documents) {
    if (reply.documents_size() >= kObjectsPerReply) break;
    const auto row = reader.document(id);
    if (!row || !visibility.document(*row)) continue;
    *reply.add_documents() = document_status(reader, *row);
    found.insert(kinds.begin(), kinds.end());
  }
  reply.set_found(reply.shipments_size() > 0 || reply.documents_size() > 0);
  if (reply.found()) {
    *reply.mutable_at() = TimeUtil::MicrosecondsToTimestamp(now);
  } else {
    // Every kind was tried; the same words for a number that is somebody else's.
    for (const auto& row : number_kinds()) found.emplace(row.kind);
  }
  put_kinds(found, reply);
  return reply;
}

std::vector<v1::StatusEvent> events_since(ledger::Reader& reader, const PartnerScope& scope, std::uint64_t& last,
                                          std::size_t limit) {
  std::vector<v1::StatusEvent> events;
  Visibility visibility(reader, scope);
  for (std::size_t looked = 0; looked < kEventsPerCall && events.size() < limit;) {
    const auto rows = reader.events_after(last, kEventsPerRead);
    for (const auto& row : rows) {
      if (events.size() >= limit) return events;
      last = row.sequence;
      ++looked;
      if (visibility.event(row)) events.push_back(status_event(reader, row));
    }
    if (rows.size() < kEventsPerRead) break;
  }
  return events;
}

}  // namespace puente::flow
