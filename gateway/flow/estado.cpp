#include "gateway/flow/estado.h"

#include <algorithm>
#include <array>

#include "gateway/ledger/lifecycle.h"
#include "mappings/sat/estado.h"

namespace puente::flow {
namespace {

using ledger::EstadoRow;
using ledger::Micros;

constexpr std::string_view kVerb = "estado";
constexpr std::string_view kCancelled = "CFDI_CANCELLED";

enum class Again { keep, backoff, never };

struct WordRow {
  std::optional<sat::EstadoCfdi> estado;  // nothing: nobody knows
  Again again;                            // when it is asked again
  std::string_view finding;               // "": none
  bool counts;                            // the document goes on counting
};
constexpr auto kWords = std::to_array<WordRow>({
    {sat::EstadoCfdi::vigente, Again::keep, "", true},
    // A stamp of today may not have reached the service yet.
    {sat::EstadoCfdi::no_encontrado, Again::backoff, "CFDI_STATUS_UNKNOWN", true},
    {sat::EstadoCfdi::cancelado, Again::never, kCancelled, false},
    {std::nullopt, Again::backoff, "CFDI_STATUS_UNKNOWN", true},
});

const WordRow& row_of(std::optional<sat::EstadoCfdi> estado) {
  return *std::find_if(kWords.begin(), kWords.end(), [&](const WordRow& row) { return row.estado == estado; });
}

// By the word that the ledger keeps; null before the first answer.
const WordRow* row_of(std::string_view word) {
  const auto found = std::find_if(kWords.begin(), kWords.end(),
                                  [&](const WordRow& row) { return row.estado && sat::word(*row.estado) == word; });
  return found == kWords.end() ? nullptr : &*found;
}

Micros micros(std::chrono::milliseconds time) { return std::chrono::microseconds(time).count(); }

Micros next_time(Again again, std::uint32_t failures, Micros now, const EstadoPolicy& policy) {
  if (again == Again::never) return 0;
  if (again == Again::keep) return now + micros(policy.keep);
  auto wait = policy.again_first;
  for (std::uint32_t i = 1; i < failures && wait < policy.again_limit; ++i) wait *= 2;
  return now + micros(std::min(wait, policy.again_limit));
}

bool too_old(const ledger::DocumentRow& row, Micros now, const EstadoPolicy& policy) {
  return row.received_at + micros(policy.until) <= now;
}

Finding cancelled_finding(std::string_view folio_fiscal) {
  return make_finding(kCancelled, {{"uuid", std::string(folio_fiscal)}});
}

std::string words_of(const EstadoRow& row) {
  if (!row.fault.empty()) return row.fault;
  std::string text = row.estado;
  for (const auto& word : {row.cancelable, row.cancelacion})
    if (!word.empty()) text += "; " + word;
  return text;
}

std::string_view warning_code(const EstadoRow& row) {
  if (!row.fault.empty()) return row_of(std::optional<sat::EstadoCfdi>()).finding;
  const auto* known = row_of(row.estado);
  if (known == nullptr || !known->counts) return {};
  if (!known->finding.empty()) return known->finding;
  return row.cancelacion == sat::word(sat::Cancelacion::en_proceso) ? "CFDI_CANCELLATION_ASKED" : std::string_view();
}

// What was drafted while first answers were awaited goes to its filer once all have come.
Result<void> free_waiting(ledger::Writer& writer, std::string_view shipment_id, Micros now) {
  for (const auto& id : writer.documents_of_shipment(shipment_id))
    if (const auto row = writer.estado(id); row && awaited(*row))
      if (const auto document = writer.document(id); document && document->state == "joined") return {};
  for (auto& filing : writer.filings_of_shipment(shipment_id)) {
    if (filing.state != "ready" || filing.attempts > 0 || filing.not_before <= now) continue;
    filing.not_before = 0;
    if (auto updated = writer.update_filing(filing, {}); !updated) return updated;
  }
  return {};
}

Result<void> cancel(ledger::Writer& writer, const ledger::DocumentRow& row, const EstadoRow& estado) {
  v1::CheckReport report;
  report.ParseFromString(row.report);
  *report.add_findings() = cancelled_finding(row.folio_fiscal);
  return writer.move_document(row.id, "cancelled", report.SerializeAsString(), "",
                              {std::string(kVerb), row.partner, words_of(estado)});
}

}  // namespace

bool askable(const ReadDocument& read) {
  return read.document && read.accepted && read.stages.seal == sat::Stage::pass &&
         (read.stages.stamp == sat::Stage::pass || read.stages.stamp == sat::Stage::unknown);
}

bool awaited(const EstadoRow& row) { return row.estado.empty() && row.fault.empty() && row.next_at > 0; }

std::optional<Finding> warning_of(const EstadoRow& row, std::string_view folio_fiscal) {
  const auto code = warning_code(row);
  if (code.empty()) return std::nullopt;
  auto finding = make_finding(code, {{"uuid", std::string(folio_fiscal)}});
  finding.set_detail(words_of(row));
  return finding;
}

Result<std::optional<EstadoRow>> enrol(ledger::Writer& writer, const StoredDocument& document,
                                       const FlowOptions& options) {
  auto row = writer.estado(document.row.id);
  const auto now = options.clock();
  const bool final = row && row->estado == sat::word(sat::EstadoCfdi::cancelado);
  if ((row && row->next_at > 0) || final || !askable(*document.read) || too_old(document.row, now, options.estado))
    return row;
  if (!row) row.emplace().document = document.row.id;
  row->next_at = now;
  if (auto put = writer.put_estado(*row, {}); !put) return tl::unexpected(put.error());
  return row;
}

Result<void> ask_no_more(ledger::Writer& writer, std::string_view document_id) {
  auto row = writer.estado(document_id);
  if (!row || row->next_at == 0) return {};
  row->next_at = 0;
  return writer.put_estado(*row, {});
}

Result<void> take_answer(ledger::Writer& writer, std::string_view document_id, const Result<sat::Estado>& answer,
                         const Knowledge& knowledge, const partners::Registry& registry, const FlowOptions& options) {
  const auto document = writer.document(document_id);
  const auto before = writer.estado(document_id);
  if (!document || !before) return {};
  const auto now = options.clock();
  auto row = *before;
  const auto& meaning = row_of(answer ? std::optional(answer->estado) : std::nullopt);
  if (answer) {
    row.estado = sat::word(answer->estado);
    row.cancelable = sat::word(answer->cancelable);
    row.cancelacion = sat::word(answer->cancelacion);
    row.answered_at = now;
    row.fault.clear();
  } else {
    row.fault = answer.error().code;
  }
  row.failures = meaning.again == Again::backoff ? row.failures + 1 : 0;
  row.next_at =
      too_old(*document, now, options.estado) ? 0 : next_time(meaning.again, row.failures, now, options.estado);
  const bool cancelled = !meaning.counts && document->state == "joined";
  const bool told = words_of(row) != words_of(*before) && !cancelled;  // else the cancellation itself is the event
  if (auto put =
          writer.put_estado(row, told ? ledger::EventText{std::string(kVerb), document->partner, words_of(row), now}
                                      : ledger::EventText());
      !put)
    return put;
  if (cancelled)
    if (auto done = cancel(writer, *document, row); !done) return done;

  const auto shipment_id = writer.shipment_of_document(document_id);
  const auto shipment = shipment_id ? writer.shipment(*shipment_id) : std::nullopt;
  if (!shipment) return {};
  const auto* state = ledger::state_row("shipment", shipment->state);
  const bool open = state != nullptr && !state->terminal;
  if (cancelled || (open && warning_code(row) != warning_code(*before)))
    if (auto drafted = redraft(writer, *shipment_id, knowledge, registry, options); !drafted) return drafted;
  return free_waiting(writer, *shipment_id, now);
}

std::optional<Cancelled> still_missed(const StoredDocument& cancelled, const std::vector<StoredDocument>& documents) {
  if (!cancelled.read->document) return std::nullopt;
  const auto own = crosswalk::link_keys(*cancelled.read->document).own;
  for (const auto& other : documents) {
    if (other.read->document && crosswalk::substitutes(*other.read->document, *cancelled.read->document))
      return std::nullopt;
    const bool of_the_truck = other.read->notice || (other.read->document && other.read->document->carta_porte());
    if (!of_the_truck || other.row.received_at <= cancelled.row.state_since) continue;
    const auto keys =
        other.read->notice ? crosswalk::link_keys(*other.read->notice) : crosswalk::link_keys(*other.read->document);
    if (std::none_of(own.begin(), own.end(), [&](const std::string& key) {
          return std::find(keys.refers.begin(), keys.refers.end(), key) != keys.refers.end();
        }))
      return std::nullopt;
  }
  return Cancelled{cancelled_finding(cancelled.row.folio_fiscal),
                   cancelled.read->document->kind() != sat::DocumentKind::carta_porte};
}

}  // namespace puente::flow
