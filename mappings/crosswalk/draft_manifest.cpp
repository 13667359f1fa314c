// The truck manifest: what the notice says, with the Carta Porte beside it (EM166, EM211 to EM231; carta-porte-to-309).
#include <algorithm>
#include <set>

#include "mappings/catalogs/catalogs.h"
#include "mappings/cbp/catair/text.h"
#include "mappings/crosswalk/draft_parts.h"

namespace puente::crosswalk::drafting {
namespace {

constexpr std::string_view kOperator = "01";  // TipoFigura of a driver

using ManifestElement = Element<v1::Manifest>;

std::string sent(std::string_view text) { return cbp::to_cbp_text(text).text; }

// The notice's value, where there is one.
template <typename Out>
void noted(const Work& work, Out& out, std::string_view field, RuleId rule, const std::string& value,
           std::string pointer) {
  if (!value.empty()) out.set(field, rule, sent(value), from_notice(work.notice(), std::move(pointer), value));
}

const sat::Node* autotransporte(const Work& work) {
  for (const ShipmentDocument& one : work.shipment.cartas_porte)
    if (const sat::Node* node = one.document->carta_porte()->find("Mercancias/Autotransporte")) return node;
  return nullptr;
}

void plate_differs(Work& work, const std::string& noticed, const std::string& written, const SourcePlace& place) {
  work.findings.add(Scope::of_manifest(), "PLATE_DIFFERS", {{"a", noticed}, {"b", written}}, {}, place);
}

void draft_trip(Work& work, ManifestElement& manifest) {
  if (work.scac) manifest.set("carrier_scac", "EM211", *work.scac);
  if (work.has_notice()) noted(work, manifest, "trip_number", "EM212", work.notice().trip_number, "/trip_number");
  if (work.port) manifest.set("port", "EM213", *work.port);
  if (work.eta) manifest.set("estimated_arrival", "EM214", work.eta->value.to_string(), work.eta->sources);
}

void draft_conveyance(Work& work, const sat::Node* transport, ManifestElement& manifest) {
  const sat::Node* vehicle = transport == nullptr ? nullptr : transport->child("IdentificacionVehicular");
  const std::string written = upper(attribute_text(vehicle, "PlacaVM"));
  auto out = manifest.in<v1::Conveyance>("conveyance");
  const catalogs::VehicleConfig* config = nullptr;
  if (vehicle != nullptr) {
    const std::string code = attribute_text(vehicle, "ConfigVehicular");
    config = catalogs::vehicle_config(code);
    if (config == nullptr)
      work.findings.add(Scope::of_manifest(), "CONFIG_UNKNOWN", {{"c", code}}, {}, vehicle->place("ConfigVehicular"));
  }
  if (work.has_notice()) {
    const NoticeEquipment& truck = work.notice().conveyance;
    noted(work, out, "type", "EM215", truck.type, "/conveyance/type");
    noted(work, out, "plate", "EM216", truck.plate, "/conveyance/plate");
    noted(work, out, "plate_country", "EM216", truck.plate_country, "/conveyance/plate_country");
    noted(work, out, "plate_state", "EM216", truck.plate_state, "/conveyance/plate_state");
    noted(work, out, "vin", "EM217", truck.vin, "/conveyance/vin");
    if (!truck.plate.empty() && !written.empty() && upper(truck.plate) != written)
      plate_differs(work, truck.plate, written, vehicle->place("PlacaVM"));
    for (std::size_t i = 0; i < truck.seals.size(); ++i)
      out.add("seals", "EM219", sent(truck.seals[i]),
              from_notice(work.notice(), "/conveyance/seals/" + std::to_string(i), truck.seals[i]));
  } else if (vehicle != nullptr) {
    if (config != nullptr && !config->ace_type.empty())
      out.set("type", "EM215", config->ace_type, from_document(*vehicle, "ConfigVehicular"));
    if (!written.empty()) out.set("plate", "EM216", written, from_document(*vehicle, "PlacaVM"));
  }
  if (const std::string year = attribute_text(vehicle, "AnioModeloVM"); !year.empty())
    out.set("year", "EM218", year, from_document(*vehicle, "AnioModeloVM"));
  if (config == nullptr || !config->towed_units) return;
  const auto trailers = transport->find_all("Remolques/Remolque").size();
  if (static_cast<std::size_t>(*config->towed_units) != trailers)
    work.findings.add(
        Scope::of_manifest(), "TRAILER_COUNT_MISMATCH",
        {{"c", config->code}, {"n", std::to_string(*config->towed_units)}, {"m", std::to_string(trailers)}}, {},
        vehicle->place("ConfigVehicular"));
}

void draft_equipment(Work& work, const sat::Node* transport, ManifestElement& manifest) {
  std::vector<const sat::Node*> trailers;
  if (transport != nullptr) trailers = transport->find_all("Remolques/Remolque");
  if (!work.has_notice()) {
    for (const sat::Node* trailer : trailers) {
      auto out = manifest.in<v1::Equipment>("equipment");
      const catalogs::TrailerType* type = catalogs::trailer_type(trailer->attribute_or("SubTipoRem"));
      if (type != nullptr) out.set("type", "EM220", type->ace_type, from_document(*trailer, "SubTipoRem"));
      out.set("plate", "EM220", upper(trailer->attribute_or("Placa")), from_document(*trailer, "Placa"));
    }
    return;
  }
  const auto& noticed = work.notice().equipment;
  bool seal_missing = false;
  std::string unsealed;
  for (std::size_t i = 0; i < noticed.size(); ++i) {
    const NoticeEquipment& one = noticed[i];
    const std::string pointer = "/equipment/" + std::to_string(i) + '/';
    auto out = manifest.in<v1::Equipment>("equipment");
    noted(work, out, "type", "EM220", one.type, pointer + "type");
    noted(work, out, "plate", "EM220", one.plate, pointer + "plate");
    noted(work, out, "plate_country", "EM220", one.plate_country, pointer + "plate_country");
    noted(work, out, "plate_state", "EM220", one.plate_state, pointer + "plate_state");
    noted(work, out, "number", "EM220", one.number, pointer + "number");
    for (std::size_t k = 0; k < one.seals.size(); ++k)
      out.add("seals", "EM221", sent(one.seals[k]),
              from_notice(work.notice(), pointer + "seals/" + std::to_string(k), one.seals[k]));
    const catalogs::EquipmentType* type = catalogs::equipment_type(one.type);
    if (type != nullptr && type->sealable && one.seals.empty()) {
      seal_missing = true;
      unsealed += (unsealed.empty() ? "" : ", ") + one.type + ' ' + one.plate;
    }
  }
  if (const catalogs::EquipmentType* truck = catalogs::equipment_type(work.notice().conveyance.type);
      truck != nullptr && truck->sealable && work.notice().conveyance.seals.empty())
    seal_missing = true;
  if (seal_missing) work.findings.add(Scope::of_equipment(), "MANIFEST_SEAL_MISSING", {}, unsealed);

  for (const sat::Node* trailer : trailers) {
    const std::string plate = upper(trailer->attribute_or("Placa"));
    const bool named = std::any_of(noticed.begin(), noticed.end(),
                                   [&](const NoticeEquipment& one) { return upper(one.plate) == plate; });
    if (named) continue;
    std::string plates;
    for (const NoticeEquipment& one : noticed)
      if (!one.plate.empty()) plates += (plates.empty() ? "" : ", ") + one.plate;
    if (plate.empty()) continue;  // the Carta Porte's own rules ask for it
    if (plates.empty()) {
      work.findings.add(Scope::of_manifest(), "TRAILER_NOT_ON_NOTICE", {{"plate", plate}}, {}, trailer->place("Placa"));
      continue;
    }
    plate_differs(work, plates, plate, trailer->place("Placa"));
  }
}

// ---- Crew
// -------------------------------------------------------------------------------------------------------------

std::vector<const sat::Node*> drivers(const Work& work) {
  std::vector<const sat::Node*> out;
  for (const ShipmentDocument& one : work.shipment.cartas_porte)
    for (const sat::Node* figura : one.document->carta_porte()->find_all("FiguraTransporte/TiposFigura"))
      if (figura->attribute_or("TipoFigura") == kOperator) out.push_back(figura);
  return out;
}

// What CBP still needs of this person: names, and a FAST number or birth date, gender, citizenship and one document.
std::vector<std::string_view> missing_of(const NoticeCrew& person) {
  std::vector<std::string_view> missing;
  if (person.first_name.empty()) missing.emplace_back("first_name");
  if (person.last_name.empty()) missing.emplace_back("last_name");
  if (!person.fast.empty()) return missing;
  if (person.birth_date.empty()) missing.emplace_back("birth_date");
  if (person.gender.empty()) missing.emplace_back("gender");
  if (person.citizenship.empty()) missing.emplace_back("citizenship");
  if (person.documents.empty()) missing.emplace_back("documents");
  return missing;
}

// A name is personal data: the finding says where it stands, not how it is spelled.
void say_lost_name(Work& work, std::string_view name, std::string pointer) {
  if (cbp::to_cbp_text(name).lost)
    work.findings.add(Scope::of_crew(), "TEXT_CHARACTERS_LOST", {{"text", std::move(pointer)}});
}

void draft_person(Work& work, std::size_t index, const std::vector<const sat::Node*>& figuras,
                  ManifestElement& manifest) {
  const NoticeCrew& person = work.notice().crew[index];
  const std::string at = "/crew/" + std::to_string(index);
  auto out = manifest.in<v1::CrewMember>("crew");
  if (!person.role.empty())
    out.set("role", "EM222", person.role, from_notice(work.notice(), at + "/role", person.role));
  out.set("person_in_charge", "EM222", person.person_in_charge,
          from_notice(work.notice(), at + "/person_in_charge", person.person_in_charge ? "true" : "false"));
  if (!person.first_name.empty() || !person.last_name.empty()) {
    out.set("name", "EM223", sent(person.first_name + ' ' + person.last_name),
            Sources(from_notice(work.notice(), at + "/first_name", person.first_name)) +
                from_notice(work.notice(), at + "/last_name", person.last_name));
    say_lost_name(work, person.first_name, at + "/first_name");
    say_lost_name(work, person.last_name, at + "/last_name");
    noted(work, out, "first_name", "EM223", person.first_name, at + "/first_name");
    noted(work, out, "last_name", "EM223", person.last_name, at + "/last_name");
  } else {
    const auto same = [&](const sat::Node* figura) {
      return !person.licence_number.empty() && figura->attribute_or("NumLicencia") == person.licence_number;
    };
    const auto figura = std::find_if(figuras.begin(), figuras.end(), same);
    if (figura != figuras.end())
      out.set("name", "EM223", sent((*figura)->attribute_or("NombreFigura")), from_document(**figura, "NombreFigura"));
  }
  noted(work, out, "birth_date", "EM224", person.birth_date, at + "/birth_date");
  noted(work, out, "gender", "EM224", person.gender, at + "/gender");
  noted(work, out, "citizenship", "EM224", person.citizenship, at + "/citizenship");
  noted(work, out, "fast", "EM226", person.fast, at + "/fast");
  for (std::size_t i = 0; i < person.documents.size(); ++i) {
    const NoticeTravelDocument& document = person.documents[i];
    const std::string pointer = at + "/documents/" + std::to_string(i) + '/';
    auto paper = out.in<v1::TravelDocument>("documents");
    if (!document.type.empty())
      paper.set("type", "EM226", document.type, from_notice(work.notice(), pointer + "type", document.type));
    noted(work, paper, "number", "EM226", document.number, pointer + "number");
    noted(work, paper, "country", "EM226", document.country, pointer + "country");
    noted(work, paper, "expires", "EM226", document.expires, pointer + "expires");
  }
  noted(work, out, "licence", "EM225", person.licence_number, at + "/licence/number");
  noted(work, out, "licence_country", "EM225", person.licence_country, at + "/licence/country");
}

void draft_crew(Work& work, ManifestElement& manifest) {
  const auto figuras = drivers(work);
  std::set<std::string_view> missing;
  if (work.has_notice()) {
    for (std::size_t i = 0; i < work.notice().crew.size(); ++i) {
      draft_person(work, i, figuras, manifest);
      for (const std::string_view key : missing_of(work.notice().crew[i])) missing.insert(key);
    }
    if (work.notice().crew.empty()) missing.insert("crew");
  } else {
    missing.insert("crew");
    for (const sat::Node* figura : figuras) {
      auto out = manifest.in<v1::CrewMember>("crew");
      out.set("role", "EM222", "driver", from_document(*figura, "TipoFigura"));
      out.set("name", "EM223", sent(figura->attribute_or("NombreFigura")), from_document(*figura, "NombreFigura"));
      if (const std::string licence = attribute_text(figura, "NumLicencia"); !licence.empty())
        out.set("licence", "EM225", licence, from_document(*figura, "NumLicencia"));
    }
  }
  if (missing.empty()) return;
  std::string list;
  for (const std::string_view key : missing) list += (list.empty() ? "" : ", ") + std::string(key);
  work.findings.add(Scope::of_crew(), "MANIFEST_CREW_INCOMPLETE", {{"list", list}});
}

// ---- Shipments
// --------------------------------------------------------------------------------------------------------

std::string_view manifest_description(const CatalogRow& row) {
  if (const auto text = row.text("description_manifest")) return *text;
  const auto english = row.text("description_en").value_or("");
  return english.substr(0, english.find(','));
}

void draft_shipment(Work& work, const EntryFacts& entry, std::size_t at, ManifestElement& manifest) {
  const BillFacts& bill = entry.bills[at];
  auto out = manifest.in<v1::ManifestShipment>("shipments");
  const std::string drafted = "entries[" + std::to_string(entry.index) + "].bills[" + std::to_string(at) + "]";
  if (bill.scn) out.set("scn", "EM227", bill.scn->value, derived_from(drafted + ".scn", bill.scn->value));
  const NoticeBill* noticed = bill.notice_bill ? &work.notice().bills[*bill.notice_bill] : nullptr;
  const std::string pointer = noticed == nullptr ? std::string() : "/bills/" + std::to_string(*bill.notice_bill) + '/';
  if (noticed != nullptr) noted(work, out, "type", "EM227", noticed->type, pointer + "type");
  if (bill.packages) {
    out.set("pieces", "EM228", bill.packages->count, derived_from(drafted + ".manifest_quantity"));
    if (!bill.packages->x12_uom.empty())
      out.set("uom", "EM228", bill.packages->x12_uom, derived_from(drafted + ".x12_uom", bill.packages->x12_uom));
  }
  Decimal kg;
  std::optional<Sources> weights, texts;
  std::set<std::string_view> seen;
  std::string description;
  for (const std::size_t i : bill.invoices)
    for (const Good& good : work.invoices[i].goods) {
      for (const Load& load : good.loads) {
        kg += load.kg;
        const Source one = from_document(*load.mercancia, "PesoEnKg");
        collect(weights, one);
      }
      if (good.catalog == nullptr) continue;
      const std::string_view text = manifest_description(*good.catalog);
      if (text.empty() || !seen.insert(text).second) continue;
      if (good.catalog->text("description_manifest")) say_lost(work, Scope::of_manifest(), text, good.concepto->place());
      description += (description.empty() ? "" : "; ") + sent(text);
      const Source one = from_catalog(
          *good.catalog, good.catalog->text("description_manifest") ? "description_manifest" : "description_en");
      collect(texts, one);
    }
  if (weights) out.set("weight_kg", "EM229", gross_kg(kg), *weights);
  if (texts) out.set("description", "EM230", description, *texts);
  if (noticed == nullptr) return;
  for (std::size_t i = 0; i < noticed->equipment.size(); ++i)
    out.add("equipment", "EM231", sent(noticed->equipment[i]),
            from_notice(work.notice(), pointer + "equipment/" + std::to_string(i), noticed->equipment[i]));
}

}  // namespace

void draft_manifest(Work& work) {
  if (!work.has_notice() && work.shipment.cartas_porte.empty()) return;
  ManifestElement manifest(*work.draft.mutable_manifest(), "manifest", work.recorder);
  const sat::Node* transport = autotransporte(work);
  draft_trip(work, manifest);
  draft_conveyance(work, transport, manifest);
  draft_equipment(work, transport, manifest);
  draft_crew(work, manifest);
  for (const EntryFacts& entry : work.entries)
    for (std::size_t i = 0; i < entry.bills.size(); ++i) draft_shipment(work, entry, i, manifest);
  if (work.carrier != nullptr && !work.carrier->text("usdot")) work.findings.add(Scope::of_manifest(), "USDOT_MISSING");
}

}  // namespace puente::crosswalk::drafting
