#include "gateway/flow/assemble.h"

#include <map>

namespace puente::flow {
namespace {

bool of_a_crossing(const ledger::DocumentRow& row) {
  return row.kind == v1::SAT_XML || row.kind == v1::CROSSING_NOTICE;
}

void add_correction(ledger::Reader& reader, const ledger::DocumentRow& row,
                    std::vector<crosswalk::ElementCorrection>& corrections) {
  const auto body = reader.body(row.id);
  v1::FilerAct act;
  if (!body || !act.ParseFromString(*body) || !act.has_correction()) return;
  const auto& correction = act.correction();
  if (const auto filing = reader.filing_by_token(correction.token()))
    corrections.push_back({filing->importer, correction.element(), correction.value(), correction.reason()});
}

}  // namespace

std::chrono::sys_seconds instant(const LocalTime& time) {
  return time.as_if_utc() - std::chrono::minutes(time.utc_offset_minutes.value_or(0));
}

bool same_trip(const crosswalk::Notice& a, const crosswalk::Notice& b) {
  return a.carrier_scac == b.carrier_scac && a.trip_number == b.trip_number;
}

bool sent_later(const crosswalk::Notice& a, const crosswalk::Notice& b) {
  if (!a.sent_at || !b.sent_at) return a.sent_at.has_value();
  return instant(*a.sent_at) > instant(*b.sent_at);
}

std::shared_ptr<const ReadDocument> read_stored(ledger::Reader& reader, const ledger::DocumentRow& row,
                                                const Knowledge& knowledge, const FlowOptions& options) {
  if (auto cached = knowledge.reads->find(row.id)) return cached;
  auto body = reader.body(row.id);
  auto read = read_document(static_cast<v1::DocumentKind>(row.kind), row.id, body ? std::move(*body) : std::string(),
                            row.partner, knowledge, options);
  knowledge.reads->put(row.id, read);
  return read;
}

std::vector<StoredDocument> joined_documents(ledger::Reader& reader, std::string_view shipment_id,
                                             const Knowledge& knowledge, const FlowOptions& options,
                                             std::vector<StoredDocument>* cancelled) {
  std::vector<StoredDocument> documents;
  for (const auto& id : reader.documents_of_shipment(shipment_id)) {
    auto row = reader.document(id);
    if (!row || !of_a_crossing(*row)) continue;
    auto* const kept = row->state == "joined" ? &documents : row->state == "cancelled" ? cancelled : nullptr;
    if (kept == nullptr) continue;
    auto read = read_stored(reader, *row, knowledge, options);
    kept->push_back({std::move(*row), std::move(read)});
  }
  return documents;
}

std::vector<crosswalk::ElementCorrection> corrections_of(ledger::Reader& reader, std::string_view shipment_id) {
  std::vector<crosswalk::ElementCorrection> corrections;
  for (const auto& id : reader.documents_of_shipment(shipment_id))
    if (const auto row = reader.document(id); row && row->kind == v1::FILER_ACT)
      add_correction(reader, *row, corrections);
  return corrections;
}

Assembly assemble(const std::vector<StoredDocument>& documents, std::vector<crosswalk::ElementCorrection> corrections) {
  Assembly assembly;
  assembly.corrections = std::move(corrections);
  const StoredDocument* notice = nullptr;
  std::vector<const StoredDocument*> chosen;
  std::map<std::string, std::size_t, std::less<>> by_folio;
  for (const auto& document : documents) {
    if (!document.row.folio_fiscal.empty()) assembly.folios.insert(document.row.folio_fiscal);
    assembly.all_read = assembly.all_read && (document.read->notice || document.read->document);
    if (document.read->notice) {
      if (notice == nullptr) {
        notice = &document;
        continue;
      }
      // Two notices in force: of two partners for one trip, or of two trips (join supersedes all others).
      const bool one_trip = same_trip(*document.read->notice, *notice->read->notice);
      const auto code = one_trip ? kNoticeConflict : kNoticeSeveralTrips;
      if (!assembly.findings.has_code(code)) assembly.findings.add(code);
      if (!one_trip && sent_later(*document.read->notice, *notice->read->notice)) notice = &document;
    } else if (document.read->document) {
      const auto& folio = document.row.folio_fiscal;
      const auto known = folio.empty() ? by_folio.end() : by_folio.find(folio);
      if (known == by_folio.end()) {
        if (!folio.empty()) by_folio.emplace(folio, chosen.size());
        chosen.push_back(&document);
      } else if (document.read->sealed() && !chosen[known->second]->read->sealed()) {
        chosen[known->second] = &document;
      }
    }
  }
  for (const auto* document : chosen) {
    assembly.identities.push_back(document->row.identity);
    assembly.documents.push_back(
        {document->row.id, document->read->document, document->read->stages, document->read->accepted});
  }
  if (notice != nullptr) {
    assembly.identities.push_back(notice->row.identity);
    assembly.notice = notice->read->notice;
    assembly.notice_document = notice->row.id;
  }
  return assembly;
}

}  // namespace puente::flow
