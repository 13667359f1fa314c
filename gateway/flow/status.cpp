#include "gateway/flow/status.h"

#include <google/protobuf/util/time_util.h>

#include <algorithm>
#include <set>

#include "gateway/flow/identity.h"

namespace puente::flow {
namespace {

using google::protobuf::util::TimeUtil;

constexpr std::size_t kEventsPerRead = 256;
constexpr std::size_t kShipmentsPerReply = 100;  // a plate crosses every day: the newest are shown
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

v1::DocumentStatus document_status(ledger::Reader& reader, const ledger::DocumentRow& row) {
  v1::DocumentStatus status;
  status.set_document_id(row.id);
  status.set_kind(static_cast<v1::DocumentKind>(row.kind));
  status.set_folio_fiscal(row.folio_fiscal);
  status.set_state(row.state);
  put_steps(reader.events_of(row.id), *status.mutable_steps());
  put_findings<v1::CheckReport>(row.report, *status.mutable_findings());
  return status;
}

v1::FilingStatus filing_status(ledger::Reader& reader, const ledger::FilingRow& row) {
  v1::FilingStatus status;
  status.set_filing_id(row.id);
  status.set_token(row.token);
  status.set_kind(row.kind);
  status.set_filer(row.filer);
  status.set_revision(row.revision);
  status.set_state(row.state);
  status.set_entry_number(row.entry_number);
  status.set_attempts(row.attempts);
  put_steps(reader.events_of(row.id), *status.mutable_steps());
  put_findings<v1::Draft>(row.draft, *status.mutable_findings());
  for (const auto& answer : reader.answers_of_filing(row.id)) put_answer(answer, *status.mutable_answers());
  return status;
}

void put_missing(std::string_view codes, v1::ShipmentStatus& status) {
  while (!codes.empty()) {
    const auto comma = std::min(codes.find(','), codes.size());
    status.add_missing(std::string(codes.substr(0, comma)));
    codes.remove_prefix(std::min(comma + 1, codes.size()));
  }
}

// What a number leads to.
struct Targets {
  std::set<std::string> documents, filings, shipments;
};

Targets targets_of(ledger::Reader& reader, std::string_view number) {
  Targets targets;
  const auto add = [&targets](std::string_view object, const std::string& id) {
    if (object == "document") targets.documents.insert(id);
    if (object == "filing") targets.filings.insert(id);
    if (object == "shipment") targets.shipments.insert(id);
  };
  for (const auto& row : reader.find_number(number)) add(row.object, row.object_id);
  const std::string typed(number);
  if (reader.document(typed)) add("document", typed);
  if (reader.shipment(typed)) add("shipment", typed);
  if (reader.filing(typed)) add("filing", typed);
  if (const auto row = reader.filing_by_token(typed)) add("filing", row->id);
  return targets;
}

std::optional<v1::ShipmentStatus> shipment_status(ledger::Reader& reader, Visibility& visibility, std::string_view id) {
  const auto row = reader.shipment(id);
  if (!row) return std::nullopt;
  const bool as_sender = visibility.shipment_as_sender(id);
  v1::ShipmentStatus status;
  status.set_shipment_id(row->id);
  status.set_state(row->state);
  for (const auto& filing : reader.filings_of_shipment(id))
    if (visibility.filing(filing)) *status.add_filings() = filing_status(reader, filing);
  if (!as_sender && status.filings().empty()) return std::nullopt;
  if (as_sender) {
    put_missing(row->missing, status);
    put_findings<v1::Draft>(row->findings, *status.mutable_findings());
    for (const auto& document_id : reader.documents_of_shipment(id))
      if (const auto document = reader.document(document_id); document && visibility.document(*document))
        *status.add_documents() = document_status(reader, *document);
  }
  return status;
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
      if (row.verb == "read") put_findings<v1::CheckReport>(document->report, *event.mutable_findings());
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

v1::StatusReply status_of(ledger::Reader& reader, const PartnerScope& scope, std::string_view number) {
  v1::StatusReply reply;
  Visibility visibility(reader, scope);
  auto targets = targets_of(reader, number);
  for (const auto& id : targets.filings)
    if (const auto row = reader.filing(id); row && visibility.filing(*row)) targets.shipments.insert(row->shipment);
  for (const auto& id : targets.documents) {
    const auto row = reader.document(id);
    if (!row) continue;
    // A number of somebody else's document (the SCN of the carrier's notice) leads who takes part to the shipment, not to the document.
    if (const auto shipment = reader.shipment_of_document(id))
      targets.shipments.insert(*shipment);
    else if (visibility.document(*row))
      *reply.add_documents() = document_status(reader, *row);
  }
  for (auto id = targets.shipments.rbegin(); id != targets.shipments.rend(); ++id) {
    if (reply.shipments_size() >= static_cast<int>(kShipmentsPerReply)) break;
    if (auto shipment = shipment_status(reader, visibility, *id)) *reply.add_shipments() = std::move(*shipment);
  }
  std::reverse(reply.mutable_shipments()->begin(), reply.mutable_shipments()->end());  // in order of time
  reply.set_found(reply.shipments_size() > 0 || reply.documents_size() > 0);
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
