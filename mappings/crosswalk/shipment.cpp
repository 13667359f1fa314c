#include "mappings/crosswalk/shipment.h"

#include <algorithm>
#include <map>

#include "mappings/crosswalk/pairing.h"

namespace puente::crosswalk {
namespace {

using Kind = sat::DocumentKind;

constexpr std::string_view kCreditNote = "E";

// Folios are compared as numbers where they are numbers: 9 before 10; others after them, as text.
struct FolioKey {
  std::string serie;
  bool is_text = false;
  std::size_t digits = 0;
  std::string folio, uuid, bytes;
  auto operator<=>(const FolioKey&) const = default;
};

FolioKey folio_key(const ShipmentDocument& one) {
  const sat::Node& cfdi = one.document->comprobante();
  FolioKey key;
  key.serie = cfdi.attribute_or("Serie");
  key.folio = cfdi.attribute_or("Folio");
  key.is_text = key.folio.empty() || key.folio.find_first_not_of("0123456789") != std::string::npos;
  if (!key.is_text) key.folio.erase(0, std::min(key.folio.find_first_not_of('0'), key.folio.size() - 1));
  key.digits = key.is_text ? 0 : key.folio.size();
  key.uuid = one.document->folio_fiscal();
  key.bytes = one.document->bytes();
  return key;
}

void sort_by_folio(std::vector<ShipmentDocument>& documents) {
  std::vector<std::pair<FolioKey, ShipmentDocument>> keyed;
  for (ShipmentDocument& one : documents) {
    FolioKey key = folio_key(one);
    keyed.emplace_back(std::move(key), std::move(one));
  }
  std::stable_sort(keyed.begin(), keyed.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  documents.clear();
  for (auto& [key, one] : keyed) documents.push_back(std::move(one));
}

// The same document given twice counts once.
void drop_repeats(std::vector<ShipmentDocument>& documents) {
  const auto same = [](const ShipmentDocument& a, const ShipmentDocument& b) {
    const std::string uuid = a.document->folio_fiscal();
    return a.document->bytes() == b.document->bytes() || (!uuid.empty() && uuid == b.document->folio_fiscal());
  };
  std::vector<ShipmentDocument> kept;
  for (ShipmentDocument& one : documents)
    if (std::none_of(kept.begin(), kept.end(), [&](const ShipmentDocument& k) { return same(k, one); }))
      kept.push_back(std::move(one));
  documents = std::move(kept);
}

std::string_view emisor_rfc(const sat::Document& document) {
  const sat::Node* emisor = document.comprobante().child("Emisor");
  return emisor == nullptr ? std::string_view() : emisor->attribute_or("Rfc");
}

void add(Findings& findings, std::string_view code, const FindingParams& params, std::string where, SourcePlace place) {
  Finding& finding = findings.add(code, params);
  finding.set_where(std::move(where));
  *finding.mutable_source() = std::move(place);
}

void drop_substituted(std::vector<ShipmentDocument>& documents, Findings& findings) {
  std::vector<ShipmentDocument> kept;
  for (const ShipmentDocument& one : documents) {
    const auto by = std::find_if(documents.begin(), documents.end(), [&](const ShipmentDocument& other) {
      return &other != &one && substitutes(*other.document, *one.document);
    });
    if (by == documents.end()) {
      kept.push_back(one);
      continue;
    }
    add(findings, "DOCUMENT_SUBSTITUTED", {{"uuid", one.document->folio_fiscal()}, {"by", by->document->serie_folio()}},
        "document " + one.document->folio_fiscal(), by->document->comprobante().place());
  }
  documents = std::move(kept);
}

// What a document is to its issuer, stamped or not. Without a Folio nothing tells two documents apart.
struct Identity {
  std::string_view rfc, type, serie, folio;
  bool operator==(const Identity&) const = default;
};

Identity identity_of(const sat::Document& document) {
  const sat::Node& cfdi = document.comprobante();
  return {emisor_rfc(document), cfdi.attribute_or("TipoDeComprobante"), cfdi.attribute_or("Serie"),
          cfdi.attribute_or("Folio")};
}

// The same document before and after its stamp is one: the stamped one counts, or the goods would be entered twice.
void drop_unstamped_twins(std::vector<ShipmentDocument>& documents, Findings& findings) {
  std::vector<ShipmentDocument> kept;
  for (const ShipmentDocument& one : documents) {
    const Identity identity = identity_of(*one.document);
    const bool twin = one.document->folio_fiscal().empty() && !identity.rfc.empty() && !identity.folio.empty() &&
                      std::any_of(documents.begin(), documents.end(), [&](const ShipmentDocument& other) {
                        return !other.document->folio_fiscal().empty() && identity_of(*other.document) == identity;
                      });
    if (!twin) {
      kept.push_back(one);
      continue;
    }
    const std::string folio = one.document->serie_folio();
    add(findings, "DOCUMENT_DUPLICATED", {{"folio", folio}}, "document " + folio, one.document->comprobante().place());
  }
  documents = std::move(kept);
}

// Copies without a stamp that are not the same bytes: nobody can say which one the issuer means. One counts, always the
// same, and a person is asked once.
void keep_one_unstamped_copy(std::vector<ShipmentDocument>& documents, Findings& findings) {
  std::vector<ShipmentDocument> kept;
  std::vector<Identity> said;
  for (const ShipmentDocument& one : documents) {
    const Identity identity = identity_of(*one.document);
    const bool copy = one.document->folio_fiscal().empty() && !identity.rfc.empty() && !identity.folio.empty() &&
                      std::any_of(kept.begin(), kept.end(), [&](const ShipmentDocument& other) {
                        return other.document->folio_fiscal().empty() && identity_of(*other.document) == identity;
                      });
    if (!copy) {
      kept.push_back(one);
      continue;
    }
    if (std::find(said.begin(), said.end(), identity) != said.end()) continue;
    said.push_back(identity);
    const std::string folio = one.document->serie_folio();
    add(findings, "DOCUMENT_COPIES_DIFFER", {{"folio", folio}}, "document " + folio,
        one.document->comprobante().place());
  }
  documents = std::move(kept);
}

bool is_export(const sat::Document& document) {
  const auto exportacion = document.comprobante().attribute_or("Exportacion");
  return !exportacion.empty() && exportacion != "01";
}

void sort_into(Shipment& shipment, ShipmentDocument one) {
  // A credit note is no sale, whatever complement it carries (EM002).
  if (one.document->comprobante().attribute_or("TipoDeComprobante") == kCreditNote) {
    shipment.others.push_back(std::move(one));
    return;
  }
  switch (one.document->kind()) {
    case Kind::export_invoice:
      shipment.invoices.push_back(std::move(one));
      break;
    case Kind::carta_porte:
      shipment.cartas_porte.push_back(std::move(one));
      break;
    case Kind::export_invoice_with_carta_porte:
      shipment.invoices.push_back(one);
      shipment.cartas_porte.push_back(std::move(one));
      break;
    default:
      shipment.others.push_back(std::move(one));
      break;
  }
}

// What starts no crossing is kept and not drafted; it is worth a word only where the document it should be is missing.
void name_unsupported(Shipment& shipment) {
  for (const ShipmentDocument& one : shipment.others) {
    const sat::Node& cfdi = one.document->comprobante();
    const std::string uuid = one.document->folio_fiscal();
    const std::string where = "document " + (uuid.empty() ? one.document->serie_folio() : uuid);
    const std::string type(cfdi.attribute_or("TipoDeComprobante"));
    if (type == "I" && !is_export(*one.document)) {
      if (shipment.invoices.empty())
        add(shipment.findings, "NOT_EXPORT", {{"value", std::string(cfdi.attribute_or("Exportacion"))}}, where,
            cfdi.place("Exportacion"));
    } else if (shipment.invoices.empty() && (type == kCreditNote || shipment.cartas_porte.empty())) {
      add(shipment.findings, "DOC_KIND_UNSUPPORTED", {{"type", type}}, where, cfdi.place("TipoDeComprobante"));
    }
    if (type == kCreditNote && !shipment.invoices.empty())
      add(shipment.findings, "VAL_DISCOUNT_AFTER", {}, where, cfdi.place("TipoDeComprobante"));
  }
}

void name_missing(Shipment& shipment) {
  const auto miss = [&](std::string_view code) {
    shipment.missing.emplace_back(code);
    add(shipment.findings, code, {}, "manifest", {});
  };
  if (shipment.invoices.empty()) miss("MISSING_EXPORT_INVOICE");
  if (shipment.cartas_porte.empty()) miss("MISSING_CARTA_PORTE");
  if (!shipment.notice) miss("MISSING_NOTICE");
}

// GW08: an IdCCP is given once; a template that repeats it makes strangers travel together.
void name_reused_ids(Shipment& shipment) {
  std::map<std::string_view, const ShipmentDocument*> first;
  for (const ShipmentDocument& one : shipment.cartas_porte) {
    const sat::Node& carta_porte = *one.document->carta_porte();
    const auto [found, is_new] = first.emplace(carta_porte.attribute_or("IdCCP"), &one);
    if (is_new || found->second->document->folio_fiscal() == one.document->folio_fiscal()) continue;
    add(shipment.findings, "IDCCP_REUSED",
        {{"value", std::string(found->first)}, {"other", found->second->document->folio_fiscal()}}, "manifest",
        carta_porte.place("IdCCP"));
  }
}

void name_links(Shipment& shipment) {
  if (shipment.cartas_porte.empty()) return;
  for (const ShipmentDocument& invoice : shipment.invoices) {
    const Link link = pair(invoice, shipment).link;
    if (link != Link::profile && link != Link::none) continue;
    add(shipment.findings, link == Link::profile ? "LINK_BY_PROFILE" : "LINK_NONE", {},
        "invoice " + invoice.document->serie_folio(), invoice.document->comprobante().place());
  }
}

std::string uuid_key(std::string_view uuid) { return "uuid:" + upper(uuid); }

}  // namespace

bool substitutes(const sat::Document& later, const sat::Document& earlier) {
  const std::string uuid = earlier.folio_fiscal();
  if (uuid.empty() || emisor_rfc(later) != emisor_rfc(earlier)) return false;
  const auto replaced = related(later, "04");
  if (std::find(replaced.begin(), replaced.end(), uuid) == replaced.end()) return false;
  const auto date_of = [](const sat::Document& d) { return d.comprobante().attribute_or("Fecha"); };
  if (date_of(earlier) != date_of(later)) return date_of(earlier) < date_of(later);
  // Issued in the same second: the one that names the other, and of two that name each other always the same one.
  const auto back = related(earlier, "04");
  const std::string own = later.folio_fiscal();
  const bool mutual = !own.empty() && std::find(back.begin(), back.end(), own) != back.end();
  return !mutual || uuid < own;
}

Shipment join(std::vector<ShipmentDocument> documents, std::optional<Notice> notice) {
  Shipment shipment;
  shipment.notice = std::move(notice);
  std::erase_if(documents, [](const ShipmentDocument& one) { return one.document == nullptr; });
  sort_by_folio(documents);
  drop_repeats(documents);
  drop_unstamped_twins(documents, shipment.findings);
  keep_one_unstamped_copy(documents, shipment.findings);
  drop_substituted(documents, shipment.findings);
  for (ShipmentDocument& one : documents) sort_into(shipment, std::move(one));
  name_missing(shipment);
  name_unsupported(shipment);
  name_reused_ids(shipment);
  name_links(shipment);
  return shipment;
}

LinkKeys link_keys(const sat::Document& document) {
  LinkKeys keys;
  if (const std::string uuid = document.folio_fiscal(); !uuid.empty()) keys.own.push_back(uuid_key(uuid));
  if (document.carta_porte() != nullptr) {
    if (const auto id = document.carta_porte()->attribute("IdCCP")) keys.own.push_back("idccp:" + std::string(*id));
    for (const sat::Node* good : goods_of(document))
      if (const auto uuid = good->attribute("UUIDComercioExt")) keys.refers.push_back(uuid_key(*uuid));
  }
  for (const std::string_view relation : {"05", "06"})
    for (const std::string& uuid : related(document, relation)) keys.refers.push_back(uuid_key(uuid));
  for (const std::string& uuid : related(document, "04")) keys.replaces.push_back(uuid_key(uuid));
  std::sort(keys.refers.begin(), keys.refers.end());
  keys.refers.erase(std::unique(keys.refers.begin(), keys.refers.end()), keys.refers.end());
  return keys;
}

LinkKeys link_keys(const Notice& notice) {
  LinkKeys keys;
  if (!notice.trip_number.empty()) keys.own.push_back("trip:" + notice.trip_number);
  for (const NoticeBill& bill : notice.bills) {
    if (!bill.scn.empty()) keys.own.push_back("scn:" + bill.scn);
    for (const std::string& uuid : bill.invoices) keys.refers.push_back(uuid_key(uuid));
  }
  for (const std::string& id : notice.carta_porte) keys.refers.push_back("idccp:" + id);
  return keys;
}

}  // namespace puente::crosswalk
