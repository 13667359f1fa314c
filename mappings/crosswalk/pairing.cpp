#include "mappings/crosswalk/pairing.h"

#include <algorithm>
#include <chrono>
#include <set>

namespace puente::crosswalk {
namespace {

constexpr std::chrono::days kProfileLinkDays{7};  // mapping section 1, link by profile

bool names_uuid(const sat::Document& carta_porte, const std::string& uuid) {
  const auto goods = goods_of(carta_porte);
  return std::any_of(goods.begin(), goods.end(),
                     [&](const sat::Node* good) { return upper(good->attribute_or("UUIDComercioExt")) == uuid; });
}

bool relates(const sat::Document& from, const std::string& uuid) {
  for (const std::string_view relation : {"05", "06"}) {
    const auto uuids = related(from, relation);
    if (std::find(uuids.begin(), uuids.end(), uuid) != uuids.end()) return true;
  }
  return false;
}

bool same_supplier(const sat::Document& invoice, const sat::Document& carta_porte) {
  const sat::Node* emisor = invoice.comprobante().child("Emisor");
  const std::string_view rfc = emisor == nullptr ? std::string_view() : emisor->attribute_or("Rfc");
  if (rfc.empty()) return false;
  for (const std::string_view party : {"Emisor", "Receptor"})
    if (const auto* node = carta_porte.comprobante().child(party); node != nullptr && node->attribute_or("Rfc") == rfc)
      return true;
  for (const sat::Node* ubicacion : carta_porte.carta_porte()->find_all("Ubicaciones/Ubicacion"))
    if (ubicacion->attribute_or("RFCRemitenteDestinatario") == rfc) return true;
  return false;
}

bool near_in_time(const sat::Document& a, const sat::Document& b) {
  const auto first = parse_local_time(a.comprobante().attribute_or("Fecha"));
  const auto second = parse_local_time(b.comprobante().attribute_or("Fecha"));
  if (!first || !second) return false;
  return std::chrono::abs(first->as_if_utc() - second->as_if_utc()) <= kProfileLinkDays;
}

// A good of the Carta Porte with the fraccion of a good of the invoice, and its value within 1% where both state one.
bool shares_a_good(const sat::Document& invoice, const sat::Document& carta_porte) {
  if (invoice.comercio_exterior() == nullptr) return false;
  std::set<std::string_view> fracciones;
  std::vector<Decimal> values;
  for (const sat::Node* good : invoice.comercio_exterior()->find_all("Mercancias/Mercancia"))
    if (const auto fraccion = good->attribute_or("FraccionArancelaria"); !fraccion.empty()) fracciones.insert(fraccion);
  for (const sat::Node* concepto : invoice.comprobante().find_all("Conceptos/Concepto"))
    if (const auto value = decimal_of(*concepto, "Importe")) values.push_back(*value);
  for (const sat::Node* good : goods_of(carta_porte)) {
    if (!fracciones.contains(good->attribute_or("FraccionArancelaria"))) continue;
    const auto value = decimal_of(*good, "ValorMercancia");
    const bool comparable = value && good->attribute_or("Moneda") == invoice.comprobante().attribute_or("Moneda");
    if (!comparable) return true;
    if (std::any_of(values.begin(), values.end(), [&](const Decimal& v) { return within_one_percent(*value, v); }))
      return true;
  }
  return false;
}

Link link_of(const ShipmentDocument& invoice, const ShipmentDocument& carta_porte,
             const std::optional<Notice>& notice) {
  const sat::Document& goods = *invoice.document;
  const sat::Document& waybill = *carta_porte.document;
  const std::string uuid = goods.folio_fiscal();
  if (invoice.document == carta_porte.document) return Link::uuid;  // one CFDI with both complements
  if (!uuid.empty()) {
    if (names_uuid(waybill, uuid)) return Link::uuid;
    if (relates(waybill, uuid)) return Link::related;
    if (const std::string other = waybill.folio_fiscal(); !other.empty() && relates(goods, other)) return Link::related;
    if (notice) {
      const auto& waybills = notice->carta_porte;
      const std::string id(waybill.carta_porte()->attribute_or("IdCCP"));
      if (bill_of(goods, *notice) && std::find(waybills.begin(), waybills.end(), id) != waybills.end())
        return Link::notice;
    }
  }
  try {
    if (same_supplier(goods, waybill) && near_in_time(goods, waybill) && shares_a_good(goods, waybill))
      return Link::profile;
  } catch (const std::overflow_error&) {
    // Amounts beyond 38 digits agree with nothing.
  }
  return Link::none;
}

}  // namespace

Pairing pair(const ShipmentDocument& invoice, const Shipment& shipment) {
  Pairing best;
  for (const ShipmentDocument& carta_porte : shipment.cartas_porte) {
    const Link link = link_of(invoice, carta_porte, shipment.notice);
    if (link == Link::none || link > best.link) continue;
    if (link < best.link) best = {link, {}};
    best.cartas_porte.push_back(&carta_porte);
  }
  return best;
}

std::optional<std::size_t> bill_of(const sat::Document& invoice, const Notice& notice) {
  const std::string uuid = invoice.folio_fiscal();
  if (uuid.empty()) return notice.bills.size() == 1 ? std::optional<std::size_t>(0) : std::nullopt;
  for (std::size_t i = 0; i < notice.bills.size(); ++i)
    for (const std::string& named : notice.bills[i].invoices)
      if (upper(named) == uuid) return i;
  return std::nullopt;
}

std::optional<Decimal> decimal_of(const sat::Node& node, std::string_view attribute) {
  const auto text = node.attribute(attribute);
  return text ? Decimal::parse(*text) : std::nullopt;
}

std::string upper(std::string_view ascii) {
  std::string out(ascii);
  for (char& c : out)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return out;
}

std::vector<const sat::Node*> goods_of(const sat::Document& carta_porte) {
  if (carta_porte.carta_porte() == nullptr) return {};
  return carta_porte.carta_porte()->find_all("Mercancias/Mercancia");
}

bool within_one_percent(const Decimal& value, const Decimal& other) {
  Decimal difference = value - other;
  if (difference.is_negative()) difference = Decimal(0) - difference;
  const Decimal size = other.is_negative() ? Decimal(0) - other : other;
  return difference * 100 <= size;
}

std::vector<std::string> related(const sat::Document& document, std::string_view relation) {
  std::vector<std::string> uuids;
  for (const sat::Node* group : document.comprobante().children("CfdiRelacionados")) {
    if (group->attribute_or("TipoRelacion") != relation) continue;
    for (const sat::Node* one : group->children("CfdiRelacionado")) uuids.push_back(upper(one->attribute_or("UUID")));
  }
  return uuids;
}

}  // namespace puente::crosswalk
