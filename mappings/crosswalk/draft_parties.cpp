// Parties: seller, manufacturer, buyer, consignee, ship-to (EM064 to EM079), and the manufacturer identification of
// each good (EM075). A role that is the same for every line stands at the entry, else on each line.
#include <algorithm>
#include <set>

#include "mappings/crosswalk/address.h"
#include "mappings/crosswalk/draft_parts.h"
#include "mappings/crosswalk/mid.h"

namespace puente::crosswalk::drafting {
namespace {

struct RoleRow {
  std::string_view role, se_code;
  RuleId name, street, city, state, postal, country;
};
constexpr RoleRow kSeller = {"seller", "SE", "EM064", "EM065", "EM066", "EM067", "EM068", "EM069"};
constexpr RoleRow kManufacturer = {"manufacturer", "MF", "EM074", "EM074", "EM074", "EM074", "EM074", "EM074"};
constexpr RoleRow kBuyer = {"buyer", "BY", "EM071", "EM072", "EM072", "EM072", "EM072", "EM072"};
constexpr RoleRow kConsignee = {"consignee", "CN", "EM023", "EM072", "EM072", "EM072", "EM072", "EM072"};
constexpr RoleRow kShipTo = {"ship_to", "ST", "EM073", "EM073", "EM073", "EM073", "EM073", "EM073"};

struct PartyFacts {
  std::string raw_name, street;  // as the source writes them: the MID reads these
  std::vector<std::string> place;  // what else is sent of the source's words
  PartyName name;
  PartyAddress address;
  std::optional<Sources> name_sources, street_sources, city_sources, state_sources, postal_sources, country_sources;
  std::optional<Traced<std::string>> id, mid;

  std::string key() const {
    std::string out = name.text + '|' + address.city + '|' + address.subentity + '|' + address.postal;
    for (const std::string& line : address.lines) out += '|' + line;
    return out + '|' + (mid ? mid->value : "") + '|' + (id ? id->value : "");
  }
};

Domicilio domicilio_of(const sat::Node& node) {
  const auto text = [&](std::string_view attribute) { return attribute_text(&node, attribute); };
  return {text("Calle"),     text("NumeroExterior"), text("NumeroInterior"), text("Colonia"),     text("Localidad"),
          text("Municipio"), text("Estado"),         text("Pais"),           text("CodigoPostal")};
}

Sources present(const sat::Node& node, std::initializer_list<std::string_view> attributes) {
  std::optional<Sources> sources;
  for (const std::string_view attribute : attributes) {
    if (!node.attribute(attribute)) continue;
    const Source one = from_document(node, attribute);
    collect(sources, one);
  }
  return sources ? *sources : Sources(from_document(node, *attributes.begin()));
}

void locate(PartyFacts& party, const sat::Node& domicilio) {
  const Domicilio parts = domicilio_of(domicilio);
  party.street = parts.calle + ' ' + parts.numero_exterior + ' ' + parts.numero_interior;
  party.place = {parts.colonia, parts.localidad, parts.municipio, parts.codigo_postal};
  party.address = party_address(parts);
  party.street_sources = present(domicilio, {"Calle", "NumeroExterior", "NumeroInterior", "Colonia"});
  party.city_sources = present(domicilio, {"Localidad", "Municipio", "Estado"});
  party.state_sources = present(domicilio, {"Estado"});
  party.postal_sources = present(domicilio, {"CodigoPostal"});
  party.country_sources = present(domicilio, {"Pais"});
}

void locate(PartyFacts& party, PartyAddress address, const Sources& sources) {
  party.address = std::move(address);
  party.street = party.address.lines.empty() ? std::string() : party.address.lines.front();
  party.street_sources = party.city_sources = party.state_sources = party.postal_sources = party.country_sources =
      sources;
}

void name(PartyFacts& party, std::string_view text, const Sources& sources) {
  party.raw_name = text;
  party.name = party_name(text);
  party.name_sources = sources;
}

PartyFacts seller_of(const InvoiceFacts& invoice) {
  PartyFacts party;
  if (const auto legal = profile_text(invoice.supplier, "legal_name")) {
    name(party, legal->value, legal->sources);
  } else if (const sat::Node* emisor = child_at(invoice.cfdi, "Emisor")) {
    name(party, emisor->attribute_or("Nombre"), from_document(*emisor, "Nombre"));
  }
  if (const sat::Node* domicilio = child_at(invoice.cce, "Emisor/Domicilio")) locate(party, *domicilio);
  if (!party.address.usable())
    if (const auto given = profile_text(invoice.supplier, "address")) {
      locate(party, party_address(given->value), given->sources);
      party.place = {given->value};
      std::replace(party.place.front().begin(), party.place.front().end(), '|', ' ');  // joins its parts
    }
  return party;
}

std::optional<PartyFacts> catalog_maker(const Good& good) {
  if (good.catalog == nullptr || !good.catalog->text("manufacturer.name")) return std::nullopt;
  const CatalogRow& row = *good.catalog;
  const auto text = [&](std::string_view column) { return row.text(column).value_or(""); };
  PartyFacts party;
  name(party, text("manufacturer.name"), from_catalog(row, "manufacturer.name"));
  locate(party,
         party_address(text("manufacturer.address"), text("manufacturer.city"), text("manufacturer.subentity"),
                       text("manufacturer.postal"), text("manufacturer.country")),
         from_catalog(row, "manufacturer.address"));
  party.place = {std::string(text("manufacturer.address")), std::string(text("manufacturer.city"))};
  return party;
}

// nullopt: nobody says who made it (MFG_MISSING).
std::optional<PartyFacts> maker_of(const InvoiceFacts& invoice, const Good& good) {
  std::optional<PartyFacts> maker = catalog_maker(good);
  if (!maker) {
    const bool trader = invoice.supplier != nullptr && invoice.supplier->flag("is_trader").value_or(false);
    const auto mid = good.catalog == nullptr ? std::nullopt : good.catalog->text("mid");
    const auto supplier_mid = invoice.supplier == nullptr ? std::nullopt : invoice.supplier->text("mid");
    if (trader || (mid && supplier_mid && *mid != *supplier_mid)) return std::nullopt;
    maker = seller_of(invoice);
  }
  maker->mid = good.mid;
  return maker;
}

PartyFacts buyer_of(const EntryFacts& entry, const InvoiceFacts& invoice) {
  PartyFacts party;
  if (const sat::Node* receptor = child_at(invoice.cfdi, "Receptor"))
    name(party, receptor->attribute_or("Nombre"), from_document(*receptor, "Nombre"));
  if (const sat::Node* domicilio = child_at(invoice.cce, "Receptor/Domicilio")) locate(party, *domicilio);
  party.id = profile_text(entry.importer, "ior_number");
  return party;
}

// Only where the goods go to another tax id than the buyer's (golden README, ship_to).
std::optional<PartyFacts> ship_to_of(const Work& work, const InvoiceFacts& invoice) {
  const sat::Node* destinatario = child_at(invoice.cce, "Destinatario");
  if (destinatario == nullptr) return std::nullopt;
  const std::string tax_id = attribute_text(destinatario, "NumRegIdTrib");
  if (tax_id.empty() || tax_id == attribute_text(child_at(invoice.cfdi, "Receptor"), "NumRegIdTrib"))
    return std::nullopt;
  PartyFacts party;
  name(party, destinatario->attribute_or("Nombre"), from_document(*destinatario, "Nombre"));
  if (const sat::Node* domicilio = destinatario->child("Domicilio")) locate(party, *domicilio);
  std::size_t matches = 0;
  const ProfileSection* known = work.profiles().importer_by_tax_id(tax_id, &matches);
  if (matches == 1) party.id = profile_text(known, "ior_number");
  return party;
}

// ---- MID ------------------------------------------------------------------------------------------------------------

void decide_mid(Work& work, const InvoiceFacts& invoice, Good& good) {
  if (good.catalog != nullptr && good.catalog->text("mid")) {
    good.mid = Traced<std::string>{std::string(*good.catalog->text("mid")), from_catalog(*good.catalog, "mid")};
  } else if (auto supplier = profile_text(invoice.supplier, "mid"); supplier && !catalog_maker(good)) {
    good.mid = std::move(supplier);
  }
  const auto maker = maker_of(invoice, good);
  if (!maker) {
    work.say(invoice, good, "MFG_MISSING", {{"part", good.part}});
    return;
  }
  if (!good.mid) {
    const auto derived = derive_mid(maker->address.country, maker->raw_name, maker->street, maker->address.city,
                                    maker->address.other_cities);
    if (!derived || !maker->name_sources || !maker->street_sources || !maker->city_sources) {
      work.say(invoice, good, "MFG_MISSING", {{"part", good.part}});
      return;
    }
    good.mid = Traced<std::string>{derived->mid, *maker->name_sources + *maker->street_sources + *maker->city_sources};
    work.say(invoice, good, "MID_DERIVED", {{"mid", derived->mid}});
    if (!derived->alternatives.empty()) {
      std::string list = derived->mid;
      for (const std::string& other : derived->alternatives) list += ", " + other;
      work.say(invoice, good, "MID_AMBIGUOUS", {{"list", list}});
    }
  }
  const std::string country = seller_of(invoice).address.country;
  const std::string of_mid = good.mid->value.substr(0, 2);
  if (!country.empty() && of_mid != country)
    work.say(invoice, good, "MID_COUNTRY_DIFFERS", {{"a", of_mid}, {"b", country}});
}

// ---- Writing --------------------------------------------------------------------------------------------------------

enum class SendAs { identifier, name_address };

void write(Element<v1::Party> out, const RoleRow& row, const PartyFacts& party, SendAs send_as) {
  const Source role = from_table("party-roles", row.role, row.se_code);
  out.set("role", "EM205", row.role, role);
  out.set("se_code", "EM205", row.se_code, role);
  out.set("send_as", "EM205", send_as == SendAs::identifier ? "identifier" : "name_address", role);
  if (party.name_sources && !party.name.text.empty()) out.set("name", row.name, party.name.text, *party.name_sources);
  if (party.address.usable() && party.street_sources) {
    out.set("address_qualifier", row.street, "15", constant("15"));
    for (const std::string& line : party.address.lines)
      out.add("address_lines", row.street, line, *party.street_sources);
    out.set("city", row.city, party.address.city, *party.city_sources);
    if (!party.address.subentity.empty())
      out.set("subentity", row.state, party.address.subentity, *party.state_sources);
    if (!party.address.postal.empty()) out.set("postal", row.postal, party.address.postal, *party.postal_sources);
    out.set("country", row.country, party.address.country, *party.country_sources);
  }
  if (party.id && send_as == SendAs::identifier) {
    out.set("id_qualifier", "EM018", importer_id_qualifier(party.id->value), party.id->sources);
    out.set("id", "EM070", *party.id);
  }
  if (party.mid) out.set("mid", "EM075", *party.mid);
}

void check(Work& work, const Scope& scope, std::string_view role, const PartyFacts& party, bool address_needed) {
  say_lost(work, scope, party.raw_name, party.name_sources ? party.name_sources->list().front().place() : SourcePlace());
  const SourcePlace street = party.street_sources ? party.street_sources->list().front().place() : SourcePlace();
  say_lost(work, scope, party.street, street);
  for (const std::string& text : party.place) say_lost(work, scope, text, street);
  if (party.name.truncated) work.findings.add(scope, "NAME_TRUNCATED", {{"name", party.name.text}});
  const SourcePlace place = party.city_sources ? party.city_sources->list().front().place() : SourcePlace();
  work.findings.add(scope, party.address.findings, place);
  if (address_needed && !party.address.usable())
    work.findings.add(scope, "ADDR_MISSING", {{"role", std::string(role)}}, {}, place);
}

// The distinct facts of a role over the goods of the entry.
std::set<std::string> keys_of(const Work& work, const EntryFacts& entry, std::string_view role) {
  std::set<std::string> keys;
  for (const std::size_t i : entry.invoices) {
    const InvoiceFacts& invoice = work.invoices[i];
    if (role == kSeller.role) keys.insert(seller_of(invoice).key());
    if (role == kBuyer.role) keys.insert(buyer_of(entry, invoice).key());
    if (role == kShipTo.role) {
      const auto ship_to = ship_to_of(work, invoice);
      keys.insert(ship_to ? ship_to->key() : std::string());
    }
    if (role != kManufacturer.role) continue;
    for (const Good& good : invoice.goods)
      if (const auto maker = maker_of(invoice, good)) keys.insert(maker->key());
  }
  return keys;
}

bool differs_by_line(const Work& work, const EntryFacts& entry, std::string_view role) {
  return keys_of(work, entry, role).size() > 1;
}

}  // namespace

void draft_parties(Work& work, EntryFacts& entry, Element<v1::Entry>& element) {
  const Scope scope = Scope::of_entry(entry.index);
  const InvoiceFacts& first = work.invoices[entry.invoices.front()];
  for (const std::size_t i : entry.invoices)
    for (Good& good : work.invoices[i].goods) decide_mid(work, work.invoices[i], good);

  const auto add = [&](const RoleRow& row, const PartyFacts& party, SendAs send_as) {
    write(element.in<v1::Party>("parties"), row, party, send_as);
  };
  for (const std::size_t i : entry.invoices) check(work, scope, kSeller.role, seller_of(work.invoices[i]), true);
  if (!differs_by_line(work, entry, kSeller.role)) add(kSeller, seller_of(first), SendAs::name_address);

  std::set<std::string> checked;
  std::optional<PartyFacts> only_maker;
  for (const std::size_t i : entry.invoices)
    for (const Good& good : work.invoices[i].goods) {
      const auto maker = maker_of(work.invoices[i], good);
      if (!maker || !checked.insert(maker->key()).second) continue;
      check(work, scope, kManufacturer.role, *maker, true);
      only_maker = maker;
    }
  if (checked.size() == 1) add(kManufacturer, *only_maker, SendAs::name_address);

  const PartyFacts buyer = buyer_of(entry, first);
  const SendAs buyer_as = buyer.id ? SendAs::identifier : SendAs::name_address;
  check(work, scope, kBuyer.role, buyer, !buyer.id);
  if (buyer.name.text.empty()) work.findings.add(scope, "BUYER_MISSING");
  add(kBuyer, buyer, buyer_as);

  const std::string consignee_number = element.get().consignee_number();
  if (buyer.id && consignee_number == buyer.id->value) {
    add(kConsignee, buyer, SendAs::identifier);
  } else if (const auto other = profile_text(entry.importer, "consignee_number")) {
    PartyFacts consignee;
    consignee.id = other;
    add(kConsignee, consignee, SendAs::identifier);
  }

  for (const std::size_t i : entry.invoices)
    if (const auto ship_to = ship_to_of(work, work.invoices[i]))
      check(work, scope, kShipTo.role, *ship_to, !ship_to->id);
  if (!differs_by_line(work, entry, kShipTo.role))
    if (const auto ship_to = ship_to_of(work, first))
      add(kShipTo, *ship_to, ship_to->id ? SendAs::identifier : SendAs::name_address);
}

LineRoles roles_by_line(const Work& work, const EntryFacts& entry) {
  return {differs_by_line(work, entry, kSeller.role), differs_by_line(work, entry, kManufacturer.role),
          differs_by_line(work, entry, kShipTo.role)};
}

void draft_line_parties(Work& work, const LineRoles& roles, const InvoiceFacts& invoice, const Good& good,
                        Element<v1::Line>& line) {
  if (roles.seller) write(line.in<v1::Party>("parties"), kSeller, seller_of(invoice), SendAs::name_address);
  if (roles.manufacturer)
    if (const auto maker = maker_of(invoice, good))
      write(line.in<v1::Party>("parties"), kManufacturer, *maker, SendAs::name_address);
  if (!roles.ship_to) return;
  if (const auto ship_to = ship_to_of(work, invoice))
    write(line.in<v1::Party>("parties"), kShipTo, *ship_to, ship_to->id ? SendAs::identifier : SendAs::name_address);
}

}  // namespace puente::crosswalk::drafting
