// Reader over a session. Base is Reader, or Writer for what also writes (writing.h).
#pragma once

#include "gateway/ledger/ledger.h"
#include "gateway/ledger/session.h"

namespace puente::ledger {

template <typename Base>
class Reading : public Base {
 public:
  explicit Reading(Session& session) : session_(session) {}

  std::optional<DocumentRow> document(std::string_view id) override;
  std::optional<DocumentRow> document_by_identity(std::string_view identity) override;
  std::optional<std::string> body(std::string_view document_id) override;
  std::optional<DocumentRow> document_by_sequence(std::uint64_t sequence) override;
  std::vector<DocumentRow> documents_by_identity_prefix(std::string_view prefix) override;
  std::vector<DocumentRow> documents_by_digest(std::string_view sha256) override;
  std::vector<DocumentRow> documents_in_state(std::string_view state, std::size_t limit) override;
  std::vector<DocumentRow> documents_of_others_in_state(std::string_view state,
                                                        const std::vector<std::string>& partners,
                                                        std::size_t limit) override;
  std::optional<ShipmentRow> shipment(std::string_view id) override;
  std::vector<ShipmentRow> shipments_in_state(std::string_view state, std::size_t limit) override;
  std::vector<std::string> documents_of_shipment(std::string_view shipment_id) override;
  std::optional<std::string> shipment_of_document(std::string_view document_id) override;
  std::vector<std::string> shipments_by_link(const std::vector<std::string>& keys) override;
  std::optional<FilingRow> filing(std::string_view id) override;
  std::optional<FilingDraft> draft(std::string_view filing_id) override;
  std::string draft_head(std::string_view filing_id) override;
  std::optional<FilingRow> filing_by_token(std::string_view token) override;
  std::optional<FilingRow> filing_by_reference(std::string_view reference) override;
  std::vector<FilingRow> filings_by_entry_number(std::string_view filer_code, std::string_view entry_number) override;
  std::vector<FilingRow> filings_of_shipment(std::string_view shipment_id) override;
  std::vector<FilingRow> filings_in_state(std::string_view state, std::size_t limit) override;
  std::vector<AttemptRow> attempts(std::string_view filing_id) override;
  std::vector<AnswerRow> answers_of_filing(std::string_view filing_id) override;
  std::vector<AnswerRow> unmatched_answers(std::size_t limit) override;
  std::vector<NumberRow> find_number(std::string_view value) override;
  std::vector<EventRow> events_after(std::uint64_t sequence, std::size_t limit) override;
  std::vector<EventRow> events_of_partner(std::string_view partner, std::uint64_t sequence, std::size_t limit) override;
  std::vector<EventRow> events_of(std::string_view object_id) override;
  std::vector<ExceptionRow> exceptions(Micros now, std::size_t limit) override;
  std::uint64_t open_exceptions(std::string_view partner) override;
  std::uint64_t stored_bytes(std::string_view partner, Micros since) override;
  std::uint64_t last_sequence() override;
  Micros next_due(std::string_view filer, Micros now) override;
  std::vector<FilingRow> leases_over(Micros now, std::size_t limit) override;
  std::vector<FilingRow> given_up(Micros before, std::size_t limit) override;
  std::vector<std::string> filings_selected(std::string_view state, std::string_view filer, std::string_view cause,
                                            Micros since, std::size_t limit) override;
  std::vector<FilingRow> offerable(std::string_view filer, std::size_t limit) override;
  std::vector<FilingRow> offerable_with_cause(std::string_view cause, std::size_t limit) override;
  std::vector<FilerFigure> filer_figures() override;
  std::optional<EstadoRow> estado(std::string_view document_id) override;
  std::vector<EstadoRow> estados_due(Micros now, std::size_t limit) override;
  std::vector<std::string> documents_without_estado(int kind, std::size_t limit) override;
  std::optional<ChannelRow> channel(std::string_view filer) override;
  std::vector<ChannelRow> channels() override;

 protected:
  Session& session_;
};

extern template class Reading<Reader>;
extern template class Reading<Writer>;

// A number as it is indexed: upper case, without blanks, so that it is found however a person types it.
std::string number_key(std::string_view typed);

// codec, size, bytes, sha256 from four columns on.
PackedBody packed_body(const RowView& row, int first_column);

// The event sequence and hash that were written last.
struct Head {
  std::uint64_t sequence = 0;
  std::string hash;
};
Head read_head(Session& session);

}  // namespace puente::ledger
