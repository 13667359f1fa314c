// The header of an entry: filer, type, port, importer, dates, carrier, bond, references, invoices, bills (EM010 to
// EM063).
#include <algorithm>
#include <chrono>

#include "mappings/catalogs/catalogs.h"
#include "mappings/cbp/filing.h"
#include "mappings/crosswalk/address.h"
#include "mappings/crosswalk/draft_parts.h"

namespace puente::crosswalk::drafting {
namespace {

constexpr std::string_view kNoBond = "0";
constexpr int kInactiveDays = 366;                // IOR_INACTIVE_RISK
constexpr std::size_t kMaxTripNumber = 5;         // SE11, AE 21
constexpr std::size_t kEntryNumberDigits = 8;
// Chapters whose goods perish (EM053).
constexpr std::string_view kPerishableChapters[] = {"02", "03", "04", "06", "07", "08"};

// The handle of the route, where there are routes and one fits.
std::optional<std::string> routed_broker(const Work& work, const EntryFacts& entry) {
  if (!work.context.broker) return std::nullopt;
  return work.context.broker(entry.importer == nullptr ? "" : entry.importer->name, work.port ? work.port->value : "",
                             work.scac ? work.scac->value : "");
}

const ProfileSection* broker_section(const Work& work, const std::optional<std::string>& handle) {
  if (!handle) return work.profiles().broker();
  for (const ProfileSection* section : work.profiles().of("broker"))
    if (section->name == *handle) return section;
  return nullptr;
}

void draft_filer(Work& work, const EntryFacts& entry, EntryElement& element) {
  const auto handle = routed_broker(work, entry);
  const ProfileSection* broker = broker_section(work, handle);
  if (const auto filer = profile_text(broker, "filer_code")) {
    element.set("filer_code", "EM010", *filer);
  } else if (const auto brokers = work.profiles().of("broker"); !handle && brokers.size() > 1) {
    std::string list;
    for (const ProfileSection* one : brokers) list += (list.empty() ? "" : ", ") + one->name;
    work.findings.add(Scope::of_entry(entry.index), "BROKER_AMBIGUOUS", {{"list", list}});
  } else {
    work.profile_incomplete(entry, broker == nullptr ? "broker" : broker->path("filer_code"));
  }
}

void draft_importer(Work& work, const EntryFacts& entry, EntryElement& element) {
  if (entry.importer == nullptr) return;
  const ProfileSection& importer = *entry.importer;
  const Scope scope = Scope::of_entry(entry.index);
  const auto number = profile_text(&importer, "ior_number");
  if (!number) {
    work.profile_incomplete(entry, importer.path("ior_number"));
    return;
  }
  const sat::Node* receptor = child_at(work.invoices[entry.invoices.front()].cfdi, "Receptor");
  Sources sources = number->sources;
  if (receptor != nullptr) sources += from_document(*receptor, "NumRegIdTrib");
  element.set("importer_of_record", "EM019", number->value, sources);
  if (importer_id_qualifier(number->value).empty()) work.findings.add(scope, "IOR_FORMAT", {{"number", number->value}});

  if (const auto consignee = profile_text(&importer, "consignee_number")) {
    element.set("consignee_number", "EM023", *consignee);
  } else if (work.rule("consignee_is_importer", true)) {
    element.set("consignee_number", "EM023", number->value,
                Sources(derived_from(element.path("importer_of_record"), number->value)) +
                    from_profile(work.profiles().rules(), "consignee_is_importer"));
  } else {
    work.findings.add(scope, "CONSIGNEE_UNKNOWN");
  }

  const auto name = importer.text("name");
  if (!name) work.profile_incomplete(entry, importer.path("name"));
  const std::string buyer = attribute_text(receptor, "Nombre");
  if (name && comparable_name(*name) != comparable_name(buyer))
    work.findings.add(scope, "IMPORTER_NAME_DIFFERS", {{"a", buyer}, {"b", std::string(*name)}});
  if (!importer.flag("resident").value_or(true) && !importer.text("resident_agent"))
    work.findings.add(scope, "NRI_AGENT_MISSING");
  if (const auto kind = importer.text("address_kind"); kind && *kind != "street")
    work.findings.add(scope, "IOR_ADDRESS_RISK");
  const auto last = importer.text("last_entry_date");
  const auto last_date = last ? parse_date(*last) : std::nullopt;
  if (last_date && work.entry_date) {
    const auto days = (std::chrono::sys_days(work.entry_date->value) - std::chrono::sys_days(*last_date)).count();
    if (days >= kInactiveDays) work.findings.add(scope, "IOR_INACTIVE_RISK", {{"days", std::to_string(days)}});
  }
  const auto related = importer.flag("related_to_supplier");
  if (!related) work.findings.add(scope, "RELATED_UNKNOWN");
  if (related.value_or(false)) {
    work.findings.add(scope, "RELATED_PARTY");
    if (!importer.text("pricing_note") && !importer.text("recon_flags")) work.findings.add(scope, "RECON_SUGGESTED");
  }
}

void draft_port(Work& work, const EntryFacts& entry, EntryElement& element) {
  const Scope scope = Scope::of_entry(entry.index);
  if (!work.port) {
    work.findings.add(scope, "PORT_MISSING");
    return;
  }
  const catalogs::Port* port = catalogs::port(work.port->value);
  if (port == nullptr || port->commercial_trucks == false)
    work.findings.add(scope, "PORT_NOT_TRUCK", {{"port", work.port->value}});
  element.set("port_of_entry", "EM015", *work.port);
  element.set("port_of_unlading", "EM016", work.port->value,
              derived_from(element.path("port_of_entry"), work.port->value));
  if (const auto firms = profile_text(work.routing, "firms_code")) {
    element.set("location_of_goods", "EM041", *firms);
  } else {
    work.findings.add(scope, "FIRMS_MISSING");
  }
}

void draft_mode(Work& work, const EntryFacts& entry, EntryElement& element) {
  if (work.shipment.cartas_porte.empty()) {
    work.findings.add(Scope::of_entry(entry.index), "MOT_DEFAULTED");
    const auto mot = profile_text(work.routing, "mot");
    element.set("mode_of_transport", "EM014", mot ? *mot : Traced<std::string>{"30", constant("30")});
    return;
  }
  const sat::Node& carta_porte = *work.shipment.cartas_porte.front().document->carta_porte();
  bool container = false;
  if (work.has_notice())
    for (const NoticeEquipment& equipment : work.notice().equipment) {
      const auto* type = catalogs::equipment_type(equipment.type);
      container = container || (type != nullptr && type->kind == catalogs::EquipmentKind::container);
    }
  const auto via = carta_porte.attribute_or("ViaEntradaSalida");
  const catalogs::TransportMode* mode = via == "01" ? catalogs::transport_mode(via, container) : nullptr;
  if (mode == nullptr) {
    work.findings.add(Scope::of_entry(entry.index), "MODE_UNSUPPORTED", {{"code", std::string(via)}}, {},
                      carta_porte.place("ViaEntradaSalida"));
    return;
  }
  element.set(
      "mode_of_transport", "EM014", mode->cbp_mot,
      Sources(from_document(carta_porte, "ViaEntradaSalida")) + from_table("transport-modes", via, mode->meaning));
}

// The Carta Porte writes the time of a Mexican place without its zone, which is UTC-5 at the earliest: only what is too
// early in every zone is said.
bool arrives_before(const LocalTime& eta, const LocalTime& departure) {
  constexpr std::chrono::hours kEarliestZone{5};
  const auto arrival = eta.utc();
  return arrival ? *arrival < departure.as_if_utc() + kEarliestZone : eta.as_if_utc() < departure.as_if_utc();
}

void draft_dates(Work& work, const EntryFacts& entry, EntryElement& element) {
  if (work.entry_date)
    element.set("estimated_entry_date", "EM032", to_string(work.entry_date->value), work.entry_date->sources);
  if (!work.eta) {
    work.findings.add(Scope::of_entry(entry.index), "ETA_MISSING");
    return;
  }
  const std::string day = to_string(work.eta->value.date);
  element.set("estimated_arrival_date", "EM034", day, work.eta->sources);
  element.set("date_of_exportation", "EM035", day, derived_from(element.path("estimated_arrival_date"), day));
  for (const ShipmentDocument& one : work.shipment.cartas_porte)
    for (const sat::Node* ubicacion : one.document->carta_porte()->find_all("Ubicaciones/Ubicacion")) {
      if (ubicacion->attribute_or("TipoUbicacion") != "Origen") continue;
      const auto departure = parse_local_time(ubicacion->attribute_or("FechaHoraSalidaLlegada"));
      if (departure && arrives_before(work.eta->value, *departure))
        work.findings.add(Scope::of_entry(entry.index), "ETA_BEFORE_DEPARTURE", {{"dep", departure->to_string()}}, {},
                          ubicacion->place("FechaHoraSalidaLlegada"));
    }
}

// State of final destination: the ship-to, the end of the Carta Porte, the buyer (EM037).
void draft_destination(Work& work, const EntryFacts& entry, EntryElement& element) {
  std::vector<const sat::Node*> candidates;
  const InvoiceFacts& first = work.invoices[entry.invoices.front()];
  candidates.push_back(child_at(first.cce, "Destinatario/Domicilio"));
  for (const ShipmentDocument& one : work.shipment.cartas_porte)
    for (const sat::Node* ubicacion : one.document->carta_porte()->find_all("Ubicaciones/Ubicacion"))
      if (ubicacion->attribute_or("TipoUbicacion") == "Destino") candidates.push_back(ubicacion->child("Domicilio"));
  candidates.push_back(child_at(first.cce, "Receptor/Domicilio"));
  for (const sat::Node* domicilio : candidates) {
    if (domicilio == nullptr || domicilio->attribute_or("Pais") != "USA") continue;
    const catalogs::State* state = catalogs::state("USA", upper(domicilio->attribute_or("Estado")));
    if (state == nullptr) continue;
    element.set("us_state_of_destination", "EM037", state->abi_subentity, from_document(*domicilio, "Estado"));
    return;
  }
  work.findings.add(Scope::of_entry(entry.index), "STATE_DEST_MISSING");
}

void draft_carrier(Work& work, const EntryFacts& entry, EntryElement& element) {
  if (work.scac) {
    element.set("carrier_scac", "EM038", *work.scac);
  } else {
    std::string rfc;
    if (!work.shipment.cartas_porte.empty())
      rfc = attribute_text(child_at(&work.shipment.cartas_porte.front().document->comprobante(), "Emisor"), "Rfc");
    if (rfc.empty() && work.has_notice()) rfc = work.notice().carrier_scac;
    work.findings.add(Scope::of_entry(entry.index), "CARRIER_UNKNOWN", {{"rfc", rfc}});
  }
  if (!work.has_notice() || work.notice().trip_number.empty()) return;
  std::string trip = upper(work.notice().trip_number);
  const Source source = from_notice(work.notice(), "/trip_number", work.notice().trip_number);
  if (work.scac && trip.starts_with(work.scac->value)) trip.erase(0, work.scac->value.size());
  if (trip.size() <= kMaxTripNumber) {
    element.set("trip_number", "EM040", trip, source);
  } else {
    work.findings.add(Scope::of_entry(entry.index), "TRIP_TOO_LONG");
  }
}

void draft_bond(Work& work, const EntryFacts& entry, EntryElement& element) {
  if (entry.importer == nullptr) return;
  auto bond = element.in<v1::Bond>("bond");
  if (entry.type == kInformal) {  // no bond is needed; AE 31 stays away, SE10 39 says 0
    bond.set("type", "EM025", kNoBond,
             Sources(derived_from(element.path("entry_type"), kInformal)) + from_table("bond-types", kNoBond));
    return;
  }
  auto type = profile_text(entry.importer, "bond_type");
  if (!type) {
    work.findings.add(Scope::of_entry(entry.index), "BOND_DEFAULTED");
    type = Traced<std::string>{"8", constant("8")};
  }
  if (type->value == kNoBond) work.findings.add(Scope::of_entry(entry.index), "BOND_REQUIRED");
  bond.set("type", "EM025", *type);
  bond.set("designation", "EM026", "B", constant("B"));
  if (const auto surety = profile_text(entry.importer, "surety_code")) {
    bond.set("surety_code", "EM027", *surety);
  } else if (type->value != kNoBond) {
    work.findings.add(Scope::of_entry(entry.index), "SURETY_MISSING");
  }
}

void draft_references(const Work& work, const EntryFacts& entry, EntryElement& element) {
  for (const std::size_t i : entry.invoices)
    for (const Good& good : work.invoices[i].goods) {
      if (good.catalog == nullptr) continue;
      const auto chapter = good.catalog->text("hts10").value_or("").substr(0, 2);
      const bool by_chapter = std::find(std::begin(kPerishableChapters), std::end(kPerishableChapters), chapter) !=
                              std::end(kPerishableChapters);
      const bool by_catalog = good.catalog->text("perishable") == "true";
      if (!by_chapter && !by_catalog) continue;
      auto reference = element.in<v1::Reference>("references");
      const Source source = from_catalog(*good.catalog, by_catalog ? "perishable" : "hts10");
      reference.set("qualifier", "EM053", "PER", source);
      reference.set("value", "EM053", "Y", source);
      return;
    }
}

void draft_invoice(const Work& work, const InvoiceFacts& invoice, EntryElement& element) {
  auto out = element.in<v1::Invoice>("invoices");
  const sat::Node& cfdi = *invoice.cfdi;
  out.set("number", "EM055", invoice.number, Sources(from_document(cfdi, "Serie")) + from_document(cfdi, "Folio"));
  if (!invoice.uuid.empty())
    out.set("uuid", "EM001", invoice.uuid, from_document(*invoice.document->document->timbre(), "UUID"));
  if (const auto fecha = parse_local_time(cfdi.attribute_or("Fecha")))
    out.set("date", "EM055", to_string(fecha->date), from_document(cfdi, "Fecha"));
  if (!invoice.currency.empty()) out.set("currency", "EM098", invoice.currency, from_document(cfdi, "Moneda"));
  if (const auto total = decimal_of(cfdi, "Total"))
    out.set("total", "EM204", total->to_fixed(2), from_document(cfdi, "Total"));
  if (const auto incoterm = attribute_text(invoice.cce, "Incoterm"); !incoterm.empty())
    out.set("incoterm", "EM103", incoterm, from_document(*invoice.cce, "Incoterm"));
  if (invoice.rate_section != nullptr && invoice.rate) {
    out.set("rate_of_exchange", "EM099", invoice.rate_section->text("usd_per_unit").value_or(""),
            invoice.rate->sources);
    const auto source = work.profiles().rules().text("value_currency_source");
    out.set("rate_source", "EM099", source.value_or("cbp_quarterly"),
            source ? from_profile(work.profiles().rules(), "value_currency_source") : constant("cbp_quarterly"));
  }
  for (const Deduction& deduction : invoice.deductions) {
    if (deduction.amount_usd.is_zero()) continue;
    auto one = out.in<v1::Deduction>("deductions");
    const Source source = from_document(*deduction.concepto, "Importe");
    one.set("kind", "EM104", deduction.kind, from_document(*deduction.concepto, "ClaveProdServ"));
    one.set("amount_usd", "EM104", deduction.amount_usd.to_fixed(2), source);
    one.set("source", "EM104", "concept " + deduction.part, from_document(*deduction.concepto, "NoIdentificacion"));
  }
}

}  // namespace

void draft_header(Work& work, EntryFacts& entry, EntryElement& element) {
  draft_filer(work, entry, element);
  draft_entry_type(work, entry, element);
  draft_port(work, entry, element);
  draft_mode(work, entry, element);
  draft_importer(work, entry, element);
  draft_dates(work, entry, element);
  draft_destination(work, entry, element);
  draft_carrier(work, entry, element);
  draft_bond(work, entry, element);
  draft_references(work, entry, element);
  if (const auto payment = profile_text(entry.importer, "payment_type")) {
    element.set("payment_type", "EM045", *payment);
  } else {
    element.set("payment_type", "EM045", "7", constant("7"));
  }
  for (const std::size_t i : entry.invoices) draft_invoice(work, work.invoices[i], element);
}

void draft_entry_number(Work& work, const EntryFacts& entry, EntryElement& element) {
  const Scope scope = Scope::of_entry(entry.index);
  const v1::Entry& drafted = element.get();
  std::optional<GivenNumbers::EntryNumber> given;
  if (work.context.numbers.entry_number)
    given = work.context.numbers.entry_number(drafted.filer_code(), drafted.importer_of_record());
  const auto leave_to_broker = [&](std::string_view code, std::vector<std::pair<std::string, std::string>> params = {}) {
    element.set("entry_number_assigned_by", "EM011", "broker", constant("broker"));
    work.findings.add(scope, code, std::move(params));
  };
  if (!given) return leave_to_broker("ENTRY_NUMBER_PENDING");
  std::string number;
  for (const char c : upper(given->number))
    if (c != '-' && c != ' ') number += c;
  if (number.size() == kEntryNumberDigits + 3 && number.starts_with(drafted.filer_code())) number.erase(0, 3);
  const bool shaped =
      number.size() == kEntryNumberDigits && number.find_first_not_of("0123456789") == std::string::npos;
  if (!shaped) return leave_to_broker("ENTRY_NUMBER_FORMAT", {{"n", given->number}, {"filer", drafted.filer_code()}});
  const auto digit =
      cbp::entry_check_digit(drafted.filer_code(), std::string_view(number).substr(0, kEntryNumberDigits - 1));
  if (digit != number.back()) return leave_to_broker("ENTRY_NUMBER_CHECK_DIGIT", {{"n", given->number}});
  const Source source = given->assigned_by == "range" ? from_ledger(number) : argument(given->assigned_by, number);
  element.set("entry_number", "EM011", number, source);
  element.set("entry_number_assigned_by", "EM011", given->assigned_by, source);
}

void draft_single_bond(const Work& work, const Decimal& covered, EntryElement& element) {
  const v1::Bond& bond = element.get().bond();
  if (bond.type() != "9") return;
  const auto factor_text = work.profiles().rules().text("bond_factor");
  const auto factor = factor_text ? Decimal::parse(*factor_text) : std::nullopt;
  const std::int64_t amount = (covered * factor.value_or(Decimal(1))).round_up(0).to_int64();
  Sources sources = Sources(derived_from(element.path("totals.entered_value_usd"))) +
                    derived_from(element.path("totals.total_due_usd"));
  if (factor) sources += from_profile(work.profiles().rules(), "bond_factor");
  element.in<v1::Bond>("bond").set("amount_usd", "EM028", amount, sources);
}

void draft_bills(Work& work, const EntryFacts& entry, EntryElement& element) {
  for (const BillFacts& bill : entry.bills) {
    auto out = element.in<v1::Bill>("bills");
    out.set("se_bill_type", "EM056", "R", constant("R"));
    out.set("ae_component_type", "EM056", "M", constant("M"));
    if (bill.scn) {
      const std::string& scn = bill.scn->value;
      out.set("issuer_scac", "EM057", scn.substr(0, 4), bill.scn->sources);
      out.set("number", "EM058", scn.substr(4), bill.scn->sources);
      out.set("scn", "EM058", *bill.scn);
    }
    if (!bill.packages) continue;
    const PackageCount& packages = *bill.packages;
    std::optional<Sources> sources;
    if (packages.from_notice && bill.notice_bill) {
      const std::string pointer = "/bills/" + std::to_string(*bill.notice_bill) + "/packages";
      for (std::size_t i = 0; i < work.notice().bills[*bill.notice_bill].packages.size(); ++i) {
        const NoticePackages& one = work.notice().bills[*bill.notice_bill].packages[i];
        const Source source = from_notice(work.notice(), pointer + '/' + std::to_string(i), one.count + ' ' + one.unit);
        collect(sources, source);
      }
    } else {
      for (const std::size_t i : bill.invoices)
        for (const Good& good : work.invoices[i].goods)
          for (const Load& load : good.loads) {
            Sources one =
                Sources(from_document(*load.mercancia, "Cantidad")) + from_document(*load.mercancia, "ClaveUnidad");
            if (good.catalog != nullptr && good.catalog->text("packages_per_pallet"))
              one += from_catalog(*good.catalog, "packages_per_pallet");
            collect(sources, one);
          }
    }
    if (!sources) continue;
    out.set("manifest_quantity", "EM059", packages.count, *sources);
    const Sources units = *sources + from_table("packaging", packages.abi_uom);
    out.set("abi_uom", "EM060", packages.abi_uom, units);
    if (!packages.x12_uom.empty()) out.set("x12_uom", "EM060", packages.x12_uom, units);
    for (const PackageCount::Part& part : packages.breakdown) {
      auto one = out.in<v1::PackageCount>("package_breakdown");
      one.set("qty", "EM059", part.count, *sources);
      one.set("abi_uom", "EM060", part.abi_uom, units);
    }
  }
}

}  // namespace puente::crosswalk::drafting
