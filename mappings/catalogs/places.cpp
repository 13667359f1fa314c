#include <algorithm>

#include "mappings/catalogs/catalogs.h"
#include "mappings/catalogs/embedded.h"

namespace puente::catalogs {
namespace {

constexpr std::pair<std::string_view, PortKind> kPortKinds[] = {
    {"border", PortKind::border}, {"inland", PortKind::inland}, {"north exit", PortKind::north_exit}};

// Codes that are unique only together with a state or a country.
std::string joint_key(std::string_view outer, std::string_view code) {
  std::string key(outer);
  key.append("/").append(code);
  return key;
}

struct PortList {
  std::vector<Crossing> crossings;
  KeyedList<Port> ports;
};

PortList load_ports() {
  PortList list;
  for_each_row("ports.csv", [&](const Cells& cells) {
    if (cells.text("port_code").empty()) return;  // a gate that has no Schedule D code of its own
    list.crossings.push_back({.port_code = cells.text("port_code"),
                              .name = cells.text("crossing"),
                              .aduana = cells.text("aduana_code"),
                              .mx_city = cells.text("mx_city"),
                              .commercial_trucks = cells.known_yes("commercial_trucks"),
                              .fast_lane = cells.known_yes("fast_lane"),
                              .hazmat = cells.known_yes("hazmat"),
                              .produce_fda = cells.known_yes("produce_fda"),
                              .livestock = cells.known_yes("livestock_9cfr"),
                              .port_hours = cells.text("port_hours"),
                              .commercial_hours = cells.text("commercial_hours"),
                              .notes = cells.text("notes")});
    const std::string& zone = cells.text("zone");
    if (!zone.empty() && time_zone(zone) == nullptr) cells.malformed("zone", "unknown zone");
    list.ports.add(cells.text("port_code"), {.code = cells.text("port_code"),
                                             .name = cells.text("port_name"),
                                             .state = cells.text("state"),
                                             .kind = cells.one_of("kind", kPortKinds),
                                             .zone = time_zone(zone),
                                             .commercial_trucks = false,
                                             .crossings = {}});
  });
  for (const Crossing& crossing : list.crossings) {
    Port& port = *list.ports.find(crossing.port_code);
    port.crossings.push_back(&crossing);
    // One crossing that takes trucks is enough; beside an unknown one, "none does" is unknown too.
    if (port.commercial_trucks != true && crossing.commercial_trucks != false)
      port.commercial_trucks = crossing.commercial_trucks;
  }
  return list;
}

struct CountryList {
  KeyedList<Country> by_alpha3;
  KeyedList<const Country*> by_alpha2;
};

CountryList load_countries() {
  CountryList list;
  for_each_row("countries.csv", [&](const Cells& cells) {
    const std::string& alpha3 = cells.text("sat_c_pais");
    if (!list.by_alpha3.add(alpha3, {.alpha3 = alpha3,
                                     .name_es = cells.text("sat_name_es"),
                                     .alpha2 = cells.text("iso_alpha2"),
                                     .cbp_code = cells.text("cbp_code"),
                                     .eu_member = cells.yes("eu_member"),
                                     .mexico_fta_partner = cells.yes("mexico_fta_partner"),
                                     .in_cbp_list = cells.yes("in_cbp_list"),
                                     .embargo = cells.yes("embargo"),
                                     .notes = cells.text("notes")}))
      cells.malformed("sat_c_pais", "comes twice");
    const Country* country = list.by_alpha3.find(alpha3);
    if (!country->alpha2.empty()) list.by_alpha2.add(country->alpha2, country);
  });
  return list;
}

const CountryList& countries() {
  static const CountryList list = load_countries();
  return list;
}

KeyedList<Place> load_places(std::string_view file, std::string_view code_column) {
  return load_keyed<Place>(file, [&](const Cells& cells) {
    return std::optional(std::pair(joint_key(cells.text("estado"), cells.text(code_column)),
                                   Place{.code = cells.text(code_column),
                                         .estado = cells.text("estado"),
                                         .name = cells.text("nombre"),
                                         .validity = cells.validity("vigencia_desde", "vigencia_hasta")}));
  });
}

}  // namespace

const Port* port(std::string_view schedule_d) {
  static const PortList list = load_ports();
  return list.ports.find(schedule_d);
}

const AduanaPort* aduana_port(std::string_view c_aduana) {
  static const auto list = load_keyed<AduanaPort>("aduana-port.csv", [](const Cells& cells) {
    return std::optional(std::pair(cells.text("sat_c_aduana"), AduanaPort{.aduana = cells.text("sat_c_aduana"),
                                                                          .name = cells.text("sat_name"),
                                                                          .port = cells.text("default_cbp_port"),
                                                                          .port_name = cells.text("cbp_port_name"),
                                                                          .alternatives = cells.text("alternatives")}));
  });
  return list.find(c_aduana);
}

const Country* country_by_alpha3(std::string_view c_pais) { return countries().by_alpha3.find(c_pais); }

const Country* country_by_alpha2(std::string_view alpha2) {
  const auto* found = countries().by_alpha2.find(alpha2);
  return found == nullptr ? nullptr : *found;
}

const State* state(std::string_view pais, std::string_view estado) {
  static const auto list = load_keyed<State>("mx-states.csv", [](const Cells& cells) {
    return std::optional(std::pair(joint_key(cells.text("country"), cells.text("sat_c_estado")),
                                   State{.pais = cells.text("country"),
                                         .estado = cells.text("sat_c_estado"),
                                         .name_es = cells.text("sat_name_es"),
                                         .iso_3166_2 = cells.text("iso_3166_2"),
                                         .abi_subentity = cells.text("abi_subentity_code_se36_se56"),
                                         .x12_n402 = cells.text("x12_n402_2char")}));
  });
  return list.find(joint_key(pais, estado));
}

const Place* municipio(std::string_view estado, std::string_view code) {
  static const auto list = load_places("c_Municipio.csv", "municipio");
  return list.find(joint_key(estado, code));
}

const Place* localidad(std::string_view estado, std::string_view code) {
  static const auto list = load_places("c_Localidad.csv", "localidad");
  return list.find(joint_key(estado, code));
}

}  // namespace puente::catalogs
