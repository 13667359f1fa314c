// Writer over a session: the rules of the ledger, the same for every engine. Used by the one writing thread.
#pragma once

#include <functional>

#include "gateway/ledger/reading.h"

namespace puente::ledger {

class Writing final : public Reading<Writer> {
 public:
  using Clock = std::function<Micros()>;
  Writing(Session& session, Clock clock, Head head)
      : Reading<Writer>(session), clock_(std::move(clock)), head_(std::move(head)) {}

  // The end of the chain as this transaction sees it. The engine puts it back when it rolls back, and keeps it before
  // it commits.
  const Head& head() const { return head_; }
  void put_back(Head head) { head_ = std::move(head); }
  void keep_head();

  using Writer::insert_document;
  Result<void> insert_document(DocumentRow& row, const PackedBody& body, const EventText& event) override;
  std::uint64_t next_sequence() const override { return head_.sequence + 1; }
  Result<std::uint32_t> count_try(std::string_view document_id) override;
  Result<void> move_document(std::string_view id, std::string_view to, std::string_view report, std::string_view cause,
                             const EventText& event) override;
  Result<void> insert_shipment(const ShipmentRow& row, const EventText& event) override;
  Result<void> update_shipment(const ShipmentRow& row, const EventText& event) override;
  Result<void> attach_document(std::string_view shipment_id, std::string_view document_id) override;
  Result<void> detach_document(std::string_view document_id) override;
  Result<void> merge_shipments(std::string_view into, std::string_view from, const EventText& event) override;
  Result<void> add_link_keys(std::string_view shipment_id, const std::vector<std::string>& keys) override;
  Result<void> insert_filing(const FilingRow& row, const FilingDraft& draft, const EventText& event) override;
  Result<void> update_filing(const FilingRow& row, const EventText& event) override;
  Result<void> put_draft(std::string_view filing_id, const FilingDraft& draft) override;
  Result<void> put_draft_head(std::string_view filing_id, std::string_view head) override;
  Result<std::vector<FilingRow>> claim(std::string_view filer, std::string_view channel, std::string_view lease_owner,
                                       Micros now, Micros lease_until, std::size_t limit) override;
  Result<void> end_attempt(std::string_view filing_id, std::string_view lease_id, std::string_view outcome,
                           std::string_view detail, Micros now) override;
  Result<std::vector<FilingRow>> expire_leases(Micros now, std::size_t limit,
                                               const std::function<Micros(const FilingRow&)>& not_before) override;
  Result<void> put_estado(const EstadoRow& row, const EventText& event) override;
  Result<void> put_channel(const ChannelRow& row, const EventText& event) override;
  Result<void> insert_answer(const AnswerRow& row, const EventText& event) override;
  Result<void> assign_answer(std::string_view document_id, std::string_view filing_id, const EventText& event) override;
  Result<void> index_number(const NumberRow& row) override;
  Result<std::string> allocate(
      std::string_view purpose, std::string_view object,
      const std::function<std::optional<std::string>(std::string_view previous)>& next) override;
  Result<std::uint64_t> append_event(const EventRow& row) override;

 private:
  // A state change, or a change within a state, of one object.
  struct Change {
    std::string_view object, id, from, to, digest;
    Micros at = 0;
  };
  Result<void> permit(const Change& change, const EventText& event) const;
  void record(const Change& change, const EventText& event);
  Micros time_of(const EventText& event, Micros row_time) const;
  void put_filing(FilingRow& row, std::string_view from, const EventText& event);
  void replace_outrun(const FilingRow& newest, std::string_view partner, Micros now);
  std::string partner_of(std::string_view object_id);
  EventRow answer_event(std::string_view filing, std::string_view document, const EventText& event, Micros at);

  Clock clock_;
  Head head_;
};

}  // namespace puente::ledger
