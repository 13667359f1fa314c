#include <algorithm>

#include "mappings/catalogs/catalogs.h"
#include "mappings/catalogs/embedded.h"

namespace puente::catalogs {
namespace {

constexpr std::pair<std::string_view, EquipmentKind> kEquipmentKinds[] = {
    {"conveyance", EquipmentKind::conveyance}, {"trailer", EquipmentKind::trailer},
    {"container", EquipmentKind::container},   {"chassis", EquipmentKind::chassis},
    {"device", EquipmentKind::device},         {"none", EquipmentKind::none}};

const std::vector<TransportMode>& modes() {
  static const auto list = [] {
    std::vector<TransportMode> rows;
    for_each_row("transport-modes.csv", [&](const Cells& cells) {
      rows.push_back({.c_transporte = cells.text("sat_c_transporte"),
                      .condition = cells.text("condition"),
                      .cbp_mot = cells.text("cbp_mot"),
                      .meaning = cells.text("cbp_meaning"),
                      .x12_code = cells.text("x12_transport_code")});
    });
    return rows;
  }();
  return list;
}

template <typename Matches>
const TransportMode* first_mode(Matches matches) {
  const auto found = std::find_if(modes().begin(), modes().end(), matches);
  return found == modes().end() ? nullptr : &*found;
}

}  // namespace

const TransportMode* transport_mode(std::string_view c_transporte, bool container) {
  if (c_transporte.empty()) return nullptr;  // rows without a SAT code are modes that no document can name
  return first_mode([&](const TransportMode& row) {
    return row.c_transporte == c_transporte && row.condition.starts_with(container ? "container" : "no container");
  });
}

const TransportMode* transport_mode_by_mot(std::string_view cbp_mot) {
  return first_mode([&](const TransportMode& row) { return row.cbp_mot == cbp_mot; });
}

const EquipmentType* equipment_type(std::string_view ace_code) {
  static const auto list = load_keyed<EquipmentType>("ace-equipment-types.csv", [](const Cells& cells) {
    return std::optional(std::pair(cells.text("code"), EquipmentType{.code = cells.text("code"),
                                                                     .meaning = cells.text("meaning"),
                                                                     .kind = cells.one_of("kind", kEquipmentKinds),
                                                                     .sealable = cells.yes("sealable")}));
  });
  return list.find(ace_code);
}

const TrailerType* trailer_type(std::string_view c_subtiporem) {
  static const auto list = load_keyed<TrailerType>("trailer-types.csv", [](const Cells& cells) {
    return std::optional(
        std::pair(cells.text("sat_c_subtiporem"), TrailerType{.subtipo = cells.text("sat_c_subtiporem"),
                                                              .name_es = cells.text("sat_name_es"),
                                                              .ace_type = cells.text("ace_equipment_type")}));
  });
  return list.find(c_subtiporem);
}

const VehicleConfig* vehicle_config(std::string_view c_configautotransporte) {
  static const auto list = load_keyed<VehicleConfig>("vehicle-config.csv", [](const Cells& cells) {
    const std::string& remolque = cells.text("remolque_flag");  // 0, 1, or "0, 1" where either is allowed
    VehicleConfig config{.code = cells.text("sat_c_configautotransporte"),
                         .name_es = cells.text("sat_name_es"),
                         .ace_type = cells.text("ace_conveyance_type"),
                         .axles = cells.integer("axles"),
                         .tires = cells.integer("tires"),
                         .may_tow = remolque.find('1') != std::string::npos,
                         .must_tow = remolque == "1",
                         .towed_units = std::nullopt};
    if (!cells.text("towed_units").empty()) config.towed_units = cells.integer("towed_units");
    return std::optional(std::pair(config.code, config));
  });
  return list.find(c_configautotransporte);
}

}  // namespace puente::catalogs
