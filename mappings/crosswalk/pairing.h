// Which Carta Porte carries the goods of which invoice (mapping section 1), and small readings of documents that join
// and draft share. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mappings/crosswalk/shipment.h"
#include "mappings/domain/decimal.h"

namespace puente::crosswalk {

// How sure it is that two documents belong together, surest first.
enum class Link { uuid, related, notice, profile, none };

struct Pairing {
  Link link = Link::none;
  std::vector<const ShipmentDocument*> cartas_porte;  // those of the surest link; empty with none
};
Pairing pair(const ShipmentDocument& invoice, const Shipment& shipment);

// The bill of the notice that names the invoice; an unstamped invoice rides on the notice's only bill. Index, or
// nullopt.
std::optional<std::size_t> bill_of(const sat::Document& invoice, const Notice& notice);

std::optional<Decimal> decimal_of(const sat::Node& node, std::string_view attribute);
std::string upper(std::string_view ascii);
// Goods of a Carta Porte (cartaporte31:Mercancia).
std::vector<const sat::Node*> goods_of(const sat::Document& carta_porte);
// Whether `value` is within 1% of `other`.
bool within_one_percent(const Decimal& value, const Decimal& other);
// UUIDs of CfdiRelacionados with this relation, upper case.
std::vector<std::string> related(const sat::Document& document, std::string_view relation);

}  // namespace puente::crosswalk
