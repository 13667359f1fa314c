#include "gateway/ledger/reading.h"

#include <algorithm>

#include "gateway/ledger/chain.h"
#include "gateway/ledger/lifecycle.h"

namespace puente::ledger {

std::string number_key(std::string_view typed) {
  std::string key;
  for (const char c : typed) {
    if (c == ' ' || (c >= '\t' && c <= '\r')) continue;
    key.push_back(c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
  }
  return key;
}

PackedBody packed_body(const RowView& row, int first_column) {
  return {static_cast<Codec>(row.number(first_column)), static_cast<std::uint64_t>(row.number(first_column + 1)),
          std::string(row.chars(first_column + 2)), std::string(row.chars(first_column + 3))};
}

Head read_head(Session& session) {
  Head head;
  session.run(Statement::head_read, {}, [&](const RowView& row) {
    head.sequence = static_cast<std::uint64_t>(row.number(0));
    head.hash = row.chars(1);
  });
  if (head.sequence == 0) head.hash = kFirstHash;
  return head;
}

template <typename Base>
std::optional<DocumentRow> Reading<Base>::document(std::string_view id) {
  return session_.row<DocumentRow>(Statement::document_by_id, {id});
}

template <typename Base>
std::optional<DocumentRow> Reading<Base>::document_by_identity(std::string_view identity) {
  return session_.row<DocumentRow>(Statement::document_by_identity, {identity});
}

template <typename Base>
std::optional<DocumentRow> Reading<Base>::document_by_sequence(std::uint64_t sequence) {
  return session_.row<DocumentRow>(Statement::document_by_sequence, {sequence});
}

template <typename Base>
std::vector<DocumentRow> Reading<Base>::documents_by_identity_prefix(std::string_view prefix) {
  if (prefix.empty()) return {};
  std::string behind(prefix);
  ++behind.back();  // identities are ASCII
  return session_.rows<DocumentRow>(Statement::documents_by_identity_prefix, {prefix, behind});
}

template <typename Base>
std::vector<DocumentRow> Reading<Base>::documents_by_digest(std::string_view sha256) {
  return session_.rows<DocumentRow>(Statement::documents_by_digest, {Value::bytes(sha256)});
}

template <typename Base>
std::optional<std::string> Reading<Base>::body(std::string_view document_id) {
  std::optional<PackedBody> packed;
  session_.run(Statement::body_by_document, {document_id}, [&](const RowView& row) { packed = packed_body(row, 0); });
  if (!packed) return std::nullopt;
  std::optional<std::string> bytes = unpack(*packed);
  if (!bytes) {
    throw StoreFault({FaultKind::permanent, "body_damaged",
                      "the stored bytes of " + std::string(document_id) + " are not those that were received"});
  }
  return bytes;
}

template <typename Base>
std::vector<DocumentRow> Reading<Base>::documents_in_state(std::string_view state, std::size_t limit) {
  return session_.rows<DocumentRow>(Statement::documents_in_state, {state, limit});
}

template <typename Base>
std::vector<DocumentRow> Reading<Base>::documents_of_others_in_state(std::string_view state,
                                                                     const std::vector<std::string>& partners,
                                                                     std::size_t limit) {
  std::string list = "|";
  for (const auto& partner : partners) list += partner + "|";
  return session_.rows<DocumentRow>(Statement::documents_of_others_in_state, {state, limit, list});
}

template <typename Base>
std::optional<ShipmentRow> Reading<Base>::shipment(std::string_view id) {
  return session_.row<ShipmentRow>(Statement::shipment_by_id, {id});
}

template <typename Base>
std::vector<ShipmentRow> Reading<Base>::shipments_in_state(std::string_view state, std::size_t limit) {
  return session_.rows<ShipmentRow>(Statement::shipments_in_state, {state, limit});
}

template <typename Base>
std::vector<std::string> Reading<Base>::documents_of_shipment(std::string_view shipment_id) {
  return session_.texts(Statement::shipment_documents, {shipment_id});
}

template <typename Base>
std::optional<std::string> Reading<Base>::shipment_of_document(std::string_view document_id) {
  std::vector<std::string> found = session_.texts(Statement::shipment_of_document, {document_id});
  if (found.empty()) return std::nullopt;
  return std::move(found.front());
}

template <typename Base>
std::vector<std::string> Reading<Base>::shipments_by_link(const std::vector<std::string>& keys) {
  std::vector<std::string> found;
  for (const std::string& key : keys) {
    std::vector<std::string> of_key = session_.texts(Statement::links_by_key, {key});
    found.insert(found.end(), of_key.begin(), of_key.end());
  }
  std::sort(found.begin(), found.end());  // ids are sortable by time: the oldest shipment first
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

template <typename Base>
std::optional<FilingRow> Reading<Base>::filing(std::string_view id) {
  return session_.row<FilingRow>(Statement::filing_by_id, {id});
}

template <typename Base>
std::optional<FilingDraft> Reading<Base>::draft(std::string_view filing_id) {
  std::optional<FilingDraft> found;
  session_.run(Statement::filing_draft_read, {filing_id}, [&](const RowView& row) {
    found = FilingDraft{std::string(row.chars(0)), std::string(row.chars(1))};
  });
  return found;
}

template <typename Base>
std::string Reading<Base>::draft_head(std::string_view filing_id) {
  std::string head;
  session_.run(Statement::filing_head_read, {filing_id}, [&](const RowView& row) { head = row.chars(0); });
  return head;
}

template <typename Base>
std::optional<FilingRow> Reading<Base>::filing_by_token(std::string_view token) {
  return session_.row<FilingRow>(Statement::filing_by_token, {token});
}

template <typename Base>
std::optional<FilingRow> Reading<Base>::filing_by_reference(std::string_view reference) {
  return session_.row<FilingRow>(Statement::filing_by_reference, {reference});
}

template <typename Base>
std::vector<FilingRow> Reading<Base>::filings_by_entry_number(std::string_view filer_code,
                                                              std::string_view entry_number) {
  return session_.rows<FilingRow>(Statement::filings_by_entry_number, {filer_code, entry_number});
}

template <typename Base>
std::vector<FilingRow> Reading<Base>::filings_of_shipment(std::string_view shipment_id) {
  return session_.rows<FilingRow>(Statement::filings_of_shipment, {shipment_id});
}

template <typename Base>
std::vector<FilingRow> Reading<Base>::filings_in_state(std::string_view state, std::size_t limit) {
  return session_.rows<FilingRow>(Statement::filings_in_state, {state, limit});
}

template <typename Base>
std::vector<AttemptRow> Reading<Base>::attempts(std::string_view filing_id) {
  return session_.rows<AttemptRow>(Statement::attempts_of_filing, {filing_id});
}

template <typename Base>
std::vector<AnswerRow> Reading<Base>::answers_of_filing(std::string_view filing_id) {
  return session_.rows<AnswerRow>(Statement::answers_of_filing, {filing_id});
}

template <typename Base>
std::vector<AnswerRow> Reading<Base>::unmatched_answers(std::size_t limit) {
  return session_.rows<AnswerRow>(Statement::answers_unmatched, {limit});
}

template <typename Base>
std::vector<NumberRow> Reading<Base>::find_number(std::string_view value) {
  return session_.rows<NumberRow>(Statement::numbers_by_value, {number_key(value)});
}

template <typename Base>
std::vector<EventRow> Reading<Base>::events_after(std::uint64_t sequence, std::size_t limit) {
  return session_.rows<EventRow>(Statement::events_after, {sequence, limit});
}

template <typename Base>
std::vector<EventRow> Reading<Base>::events_of_partner(std::string_view partner, std::uint64_t sequence,
                                                       std::size_t limit) {
  return session_.rows<EventRow>(Statement::events_of_partner, {partner, sequence, limit});
}

template <typename Base>
std::vector<EventRow> Reading<Base>::events_of(std::string_view object_id) {
  return session_.rows<EventRow>(Statement::events_of_object, {object_id});
}

template <typename Base>
std::vector<ExceptionRow> Reading<Base>::exceptions(Micros now, std::size_t limit) {
  std::vector<ExceptionRow> found;
  session_.run(Statement::exceptions, {now, now + kDeadlineNear, limit}, [&](const RowView& view) {
    ExceptionRow row{std::string(view.chars(0)), std::string(view.chars(1)),
                     std::string(view.chars(2)), {},
                     std::string(view.chars(3)), view.number(4)};
    const StateRow* state = state_row(row.object, row.state);
    row.owner = state == nullptr || state->owner.empty() || state->owner == "gateway" ? "ops" : state->owner;
    found.push_back(std::move(row));
  });
  return found;
}

template <typename Base>
std::uint64_t Reading<Base>::open_exceptions(std::string_view partner) {
  std::uint64_t count = 0;
  session_.run(Statement::open_exceptions, {partner},
               [&](const RowView& row) { count = static_cast<std::uint64_t>(row.number(0)); });
  return count;
}

template <typename Base>
std::uint64_t Reading<Base>::stored_bytes(std::string_view partner, Micros since) {
  std::uint64_t bytes = 0;
  session_.run(Statement::stored_bytes, {partner, since},
               [&](const RowView& row) { bytes = static_cast<std::uint64_t>(row.number(0)); });
  return bytes;
}

template <typename Base>
std::uint64_t Reading<Base>::last_sequence() {
  std::uint64_t last = 0;
  session_.run(Statement::last_sequence, {},
               [&](const RowView& row) { last = static_cast<std::uint64_t>(row.number(0)); });
  return last;
}

template <typename Base>
Micros Reading<Base>::next_due(std::string_view filer, Micros now) {
  Micros due = 0;
  session_.run(Statement::filings_next_due, {filer, now}, [&](const RowView& row) { due = row.number(0); });
  return due;
}

template <typename Base>
std::vector<FilingRow> Reading<Base>::leases_over(Micros now, std::size_t limit) {
  return session_.rows<FilingRow>(Statement::filings_lease_over, {now, limit});
}

template <typename Base>
std::vector<FilingRow> Reading<Base>::given_up(Micros before, std::size_t limit) {
  return session_.rows<FilingRow>(Statement::filings_given_up, {before, limit});
}

template <typename Base>
std::vector<std::string> Reading<Base>::filings_selected(std::string_view state, std::string_view filer,
                                                         std::string_view cause, Micros since, std::size_t limit) {
  return session_.texts(Statement::filings_selected, {state, filer, cause, since, limit});
}

template <typename Base>
std::vector<FilingRow> Reading<Base>::offerable(std::string_view filer, std::size_t limit) {
  return session_.rows<FilingRow>(Statement::filings_offerable, {filer, limit});
}

template <typename Base>
std::vector<FilingRow> Reading<Base>::offerable_with_cause(std::string_view cause, std::size_t limit) {
  return session_.rows<FilingRow>(Statement::filings_with_cause, {cause, limit});
}

template <typename Base>
std::vector<FilerFigure> Reading<Base>::filer_figures() {
  std::vector<FilerFigure> figures;
  session_.run(Statement::filer_figures, {}, [&](const RowView& row) {
    figures.push_back({std::string(row.chars(0)), std::string(row.chars(1)), static_cast<std::uint64_t>(row.number(2)),
                       row.number(3)});
  });
  return figures;
}

template <typename Base>
std::optional<EstadoRow> Reading<Base>::estado(std::string_view document_id) {
  return session_.row<EstadoRow>(Statement::estado_by_document, {document_id});
}

template <typename Base>
std::vector<EstadoRow> Reading<Base>::estados_due(Micros now, std::size_t limit) {
  return session_.rows<EstadoRow>(Statement::estados_due, {now, limit});
}

template <typename Base>
std::vector<std::string> Reading<Base>::documents_without_estado(int kind, std::size_t limit) {
  return session_.texts(Statement::documents_without_estado, {kind, limit});
}

template <typename Base>
std::optional<ChannelRow> Reading<Base>::channel(std::string_view filer) {
  return session_.row<ChannelRow>(Statement::channel_by_id, {filer});
}

template <typename Base>
std::vector<ChannelRow> Reading<Base>::channels() {
  return session_.rows<ChannelRow>(Statement::channels, {});
}

template class Reading<Reader>;
template class Reading<Writer>;

}  // namespace puente::ledger
