#include "gateway/flow/join.h"

#include <algorithm>
#include <set>

#include "gateway/flow/assemble.h"
#include "gateway/flow/identity.h"
#include "gateway/flow/numbers.h"
#include "gateway/flow/on_file.h"
#include "gateway/ledger/lifecycle.h"

namespace puente::flow {
namespace {

constexpr std::string_view kFolioKey = "uuid:";
constexpr std::string_view kCartaPorteKey = "idccp:";
constexpr std::string_view kRelated = "related";  // number of a kept document: a folio fiscal that it points to
// A notice is sent again within days; the same number later is another crossing.
constexpr std::chrono::days kSameCrossing{7};

crosswalk::LinkKeys keys_of(const ReadDocument& read) {
  if (read.notice) return crosswalk::link_keys(*read.notice);
  return read.document ? crosswalk::link_keys(*read.document) : crosswalk::LinkKeys{};
}

// Whether the document by itself is part of a crossing; others are kept until one of a crossing points to them.
bool opens_shipment(const ReadDocument& read) {
  if (read.notice) return true;
  if (!read.document) return false;
  switch (read.document->kind()) {
    case sat::DocumentKind::export_invoice:
    case sat::DocumentKind::carta_porte:
    case sat::DocumentKind::export_invoice_with_carta_porte:
      return true;
    case sat::DocumentKind::invoice:
    case sat::DocumentKind::other:
      break;
  }
  return false;
}

// The numbers a person may have in hand, each leading to the document.
std::vector<std::pair<std::string_view, std::string>> numbers_of(const ReadDocument& read) {
  std::vector<std::pair<std::string_view, std::string>> numbers;
  const auto put = [&](std::string_view kind, std::string_view value) {
    if (!value.empty()) numbers.emplace_back(kind, value);
  };
  if (read.notice) {
    put("trip", read.notice->trip_number);
    for (const auto& id : read.notice->carta_porte) put("id_ccp", id);
    for (const auto& bill : read.notice->bills) put("scn", bill.scn);
    put("plate", read.notice->conveyance.plate);
    for (const auto& equipment : read.notice->equipment) put("plate", equipment.plate);
  } else if (read.document) {
    put("invoice", read.document->serie_folio());
    if (const auto* carta_porte = read.document->carta_porte()) {
      put("id_ccp", carta_porte->attribute_or("IdCCP"));
      if (const auto* vehicle = carta_porte->find("Mercancias/Autotransporte/IdentificacionVehicular"))
        put("plate", vehicle->attribute_or("PlacaVM"));
      for (const auto* trailer : carta_porte->find_all("Mercancias/Autotransporte/Remolques/Remolque"))
        put("plate", trailer->attribute_or("Placa"));
    }
  }
  return numbers;
}

bool near(const std::optional<LocalTime>& a, const std::optional<LocalTime>& b) {
  return a && b && std::chrono::abs(instant(*a) - instant(*b)) <= kSameCrossing;
}

// Whether the stored notice and the one that came are words of one sender on one crossing.
bool same_crossing(const StoredDocument& stored, std::string_view partner, const crosswalk::Notice& notice) {
  if (!stored.read->notice || stored.row.partner != partner) return false;
  const auto& other = *stored.read->notice;
  return other.carrier_scac == notice.carrier_scac &&
         (near(other.sent_at, notice.sent_at) || near(other.eta, notice.eta));
}

bool lasting(std::string_view key) { return key.starts_with(kFolioKey) || key.starts_with(kCartaPorteKey); }

// Folio fiscal and IdCCP are one document's for ever. Trip and control numbers are short, are guessed and come again:
// they lead only from a notice to another one of the same partner, carrier and days.
std::vector<std::string> shipments_of(ledger::Reader& reader, const std::vector<std::string>& keys,
                                      const ledger::DocumentRow& row, const ReadDocument& read,
                                      const Knowledge& knowledge, const FlowOptions& options) {
  std::vector<std::string> sure, numbers;
  for (const auto& key : keys) (lasting(key) ? sure : numbers).push_back(key);
  auto found = reader.shipments_by_link(sure);
  if (!read.notice) return found;
  for (auto& id : reader.shipments_by_link(numbers)) {
    if (std::find(found.begin(), found.end(), id) != found.end()) continue;
    const auto documents = joined_documents(reader, id, knowledge, options);
    if (std::any_of(documents.begin(), documents.end(),
                    [&](const StoredDocument& stored) { return same_crossing(stored, row.partner, *read.notice); }))
      found.push_back(std::move(id));
  }
  return found;
}

// The shipment of the keys: the oldest one found takes the others over; without any a new one. Two that were both filed
// are never merged: CBP would have two entries of one chain.
Result<std::string> shipment_of_keys(ledger::Writer& writer, const std::vector<std::string>& shipments,
                                     const ledger::DocumentRow& row, bool may_open, const FlowOptions& options) {
  std::vector<ledger::ShipmentRow> found;
  std::set<std::string> given;
  for (const auto& id : shipments)
    if (auto shipment = writer.shipment(id)) {
      if (given_away(writer, id)) given.insert(id);
      found.push_back(std::move(*shipment));
    }
  // What was given to its filer takes the others over, then what cannot be merged any more (filed, closed); among
  // equals the oldest does.
  std::sort(found.begin(), found.end(), [&given](const auto& a, const auto& b) {
    if (given.contains(a.id) != given.contains(b.id)) return given.contains(a.id);
    if (given.contains(a.id)) return a.id < b.id;
    const bool a_fixed = !ledger::allowed("shipment", "join", a.state, "merged");
    const bool b_fixed = !ledger::allowed("shipment", "join", b.state, "merged");
    return a_fixed != b_fixed ? a_fixed : a.id < b.id;
  });
  const auto now = options.clock();
  if (found.empty()) {
    if (!may_open) return std::string();
    ledger::ShipmentRow opened;
    opened.id = new_id("SHP", now);
    opened.state = "gathering";
    opened.revision = 1;
    opened.opened_at = opened.changed_at = now;
    if (auto inserted = writer.insert_shipment(opened, {"join", row.partner, row.id}); !inserted)
      return tl::unexpected(inserted.error());
    return opened.id;
  }
  auto& into = found.front();
  for (std::size_t i = 1; i < found.size(); ++i) {
    if (given.contains(found[i].id) || !ledger::allowed("shipment", "join", found[i].state, "merged")) continue;
    if (auto merged = writer.merge_shipments(into.id, found[i].id, {"join", row.partner, row.id}); !merged)
      return tl::unexpected(merged.error());
  }
  if (auto current = writer.shipment(into.id)) into = std::move(*current);
  ++into.revision;
  into.changed_at = now;
  if (auto updated = writer.update_shipment(into, {"join", row.partner, row.id}); !updated)
    return tl::unexpected(updated.error());
  return into.id;
}

// A document that is kept says what it points to, so that what it points to finds it when it comes later.
Result<void> index_related(ledger::Writer& writer, std::string_view document_id, const crosswalk::LinkKeys& keys) {
  for (const auto* list : {&keys.refers, &keys.replaces})
    for (const auto& key : *list)
      if (key.starts_with(kFolioKey))
        if (auto indexed =
                index_number(writer, kRelated, std::string_view(key).substr(kFolioKey.size()), "document", document_id);
            !indexed)
          return indexed;
  return {};
}

// Kept documents that this one points to, and those that point to it, travel with it from now on.
Result<void> take_up_kept(ledger::Writer& writer, std::string_view shipment_id, const crosswalk::LinkKeys& keys) {
  auto folios = keys.refers;
  folios.insert(folios.end(), keys.own.begin(), keys.own.end());
  for (const auto& key : folios) {
    if (!key.starts_with(kFolioKey)) continue;
    for (const auto& number : find_number(writer, number_form(std::string_view(key).substr(kFolioKey.size())))) {
      if (number.object != "document") continue;
      const auto kept = writer.document(number.object_id);
      if (!kept || kept->state != "kept") continue;
      if (auto moved =
              writer.move_document(kept->id, "joined", "", "", {"join", kept->partner, std::string(shipment_id)});
          !moved)
        return moved;
      if (auto attached = writer.attach_document(shipment_id, kept->id); !attached) return attached;
      if (kept->folio_fiscal.empty()) continue;
      if (auto added = writer.add_link_keys(shipment_id, {std::string(kFolioKey) + kept->folio_fiscal}); !added)
        return added;
    }
  }
  return {};
}

// Folio fiscal and IdCCP keys of the documents in force.
std::set<std::string> lasting_keys(ledger::Reader& reader, std::string_view shipment_id, const Knowledge& knowledge,
                                   const FlowOptions& options) {
  std::set<std::string> keys;
  for (const auto& document : joined_documents(reader, shipment_id, knowledge, options))
    for (auto& key : link_keys_of(*document.read))
      if (lasting(key)) keys.insert(std::move(key));
  return keys;
}

// Relation 04 as crosswalk::join sees it; and an unsealed document never replaces a sealed one.
bool replaces(const StoredDocument& later, const StoredDocument& earlier) {
  return later.row.id != earlier.row.id && later.read->document && earlier.read->document &&
         crosswalk::substitutes(*later.read->document, *earlier.read->document) &&
         (later.read->sealed() || !earlier.read->sealed());
}

// A later sent_at of the same partner for the same trip replaces the earlier notice (golden/README).
bool notice_replaces(const StoredDocument& later, const StoredDocument& earlier) {
  return later.read->notice && earlier.read->notice && later.row.id != earlier.row.id &&
         later.row.partner == earlier.row.partner && same_trip(*later.read->notice, *earlier.read->notice) &&
         sent_later(*later.read->notice, *earlier.read->notice);
}

Result<void> supersede(ledger::Writer& writer, std::string_view shipment_id, const Knowledge& knowledge,
                       const FlowOptions& options) {
  const auto documents = joined_documents(writer, shipment_id, knowledge, options);
  for (const auto& earlier : documents) {
    const auto later = std::find_if(documents.begin(), documents.end(), [&](const StoredDocument& candidate) {
      return replaces(candidate, earlier) || notice_replaces(candidate, earlier);
    });
    if (later == documents.end()) continue;
    auto report = earlier.read->report;
    *report.add_findings() = make_finding("DOCUMENT_SUPERSEDED", {{"document", earlier.row.id}, {"by", later->row.id}});
    if (auto moved = writer.move_document(earlier.row.id, "superseded", report.SerializeAsString(), "",
                                          {"join", earlier.row.partner, later->row.id});
        !moved)
      return moved;
  }
  return {};
}

}  // namespace

std::vector<std::string> link_keys_of(const ReadDocument& read) {
  auto keys = keys_of(read);
  auto all = std::move(keys.own);
  all.insert(all.end(), keys.refers.begin(), keys.refers.end());
  all.insert(all.end(), keys.replaces.begin(), keys.replaces.end());
  return all;
}

std::vector<std::string> on_file_with(ledger::Reader& reader, std::string_view shipment_id, const Knowledge& knowledge,
                                      const FlowOptions& options) {
  std::vector<std::string> found;
  if (!given_away(reader, shipment_id)) return found;
  const auto own = lasting_keys(reader, shipment_id, knowledge, options);
  for (auto& id : reader.shipments_by_link({own.begin(), own.end()})) {
    if (id == shipment_id || !given_away(reader, id)) continue;
    // Keys of documents that were replaced stay indexed: only those in force count.
    const auto others = lasting_keys(reader, id, knowledge, options);
    if (std::any_of(own.begin(), own.end(), [&](const auto& key) { return others.contains(key); }))
      found.push_back(std::move(id));
  }
  return found;
}

Expected expected_join(ledger::Reader& reader, const StoredDocument& document, const Knowledge& knowledge,
                       const FlowOptions& options) {
  Expected expected;
  const auto shipments =
      shipments_of(reader, link_keys_of(*document.read), document.row, *document.read, knowledge, options);
  if (!shipments.empty()) expected.shipment = shipments.front();
  std::vector<StoredDocument> all{document};
  for (const auto& id : shipments)
    for (auto& joined : joined_documents(reader, id, knowledge, options)) all.push_back(std::move(joined));
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.row.sequence < b.row.sequence; });
  for (const auto& earlier : all)
    if (std::none_of(all.begin(), all.end(), [&](const StoredDocument& later) {
          return replaces(later, earlier) || notice_replaces(later, earlier);
        }))
      expected.documents.push_back(earlier);
  return expected;
}

Result<std::string> join_document(ledger::Writer& writer, const ledger::DocumentRow& row, const ReadDocument& read,
                                  const Knowledge& knowledge, const FlowOptions& options) {
  const auto keys = keys_of(read);
  const auto all = link_keys_of(read);
  for (const auto& [kind, value] : numbers_of(read))
    if (auto indexed = index_number(writer, kind, value, "document", row.id); !indexed)
      return tl::unexpected(indexed.error());

  auto shipment = shipment_of_keys(writer, shipments_of(writer, all, row, read, knowledge, options), row,
                                   opens_shipment(read), options);
  if (!shipment) return shipment;
  const bool kept = shipment->empty();
  if (auto moved = writer.move_document(row.id, kept ? "kept" : "joined", "", "", {"join", row.partner, *shipment});
      !moved)
    return tl::unexpected(moved.error());
  if (kept) {
    if (auto indexed = index_related(writer, row.id, keys); !indexed) return tl::unexpected(indexed.error());
    return shipment;
  }
  if (auto attached = writer.attach_document(*shipment, row.id); !attached) return tl::unexpected(attached.error());
  if (auto added = writer.add_link_keys(*shipment, all); !added) return tl::unexpected(added.error());
  if (auto taken = take_up_kept(writer, *shipment, keys); !taken) return tl::unexpected(taken.error());
  if (auto done = supersede(writer, *shipment, knowledge, options); !done) return tl::unexpected(done.error());
  return shipment;
}

}  // namespace puente::flow
