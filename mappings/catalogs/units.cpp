#include "mappings/catalogs/catalogs.h"
#include "mappings/catalogs/embedded.h"

namespace puente::catalogs {
namespace {

constexpr std::pair<std::string_view, Dimension> kDimensions[] = {
    {"count", Dimension::count},   {"pair", Dimension::pair},       {"mass", Dimension::mass},
    {"length", Dimension::length}, {"area", Dimension::area},       {"volume", Dimension::volume},
    {"energy", Dimension::energy}, {"power", Dimension::power},     {"activity", Dimension::activity},
    {"set", Dimension::set},       {"package", Dimension::package}, {"service", Dimension::service},
    {"none", Dimension::none}};

const KeyedList<SatUnit>& sat_units() {
  static const auto list = load_keyed<SatUnit>("units.csv", [](const Cells& cells) {
    return std::optional(std::pair(cells.text("sat_catalog") + "/" + cells.text("sat_code"),
                                   SatUnit{.code = cells.text("sat_code"),
                                           .name_es = cells.text("sat_name_es"),
                                           .cbp_uom = cells.text("cbp_uom"),
                                           .dimension = cells.one_of("dimension", kDimensions),
                                           .factor = cells.decimal("factor_sat_to_base")}));
  });
  return list;
}

struct PackagingLists {
  KeyedList<Packaging> by_code;  // catalog/code
  KeyedList<const Packaging*> by_abi;
};

PackagingLists load_packaging() {
  PackagingLists lists;
  for_each_row("packaging.csv", [&](const Cells& cells) {
    const std::string& code = cells.text("sat_code");
    const std::string key = cells.text("sat_catalog") + "/" + code;
    const bool clave_unidad = cells.text("sat_catalog") == "c_ClaveUnidad";
    // Only X codes of c_ClaveUnidad name packagings (UN/ECE recommendation 21); H87 counts what is not packed.
    if (!lists.by_code.add(key, {.code = code,
                                 .name_es = cells.text("sat_name_es"),
                                 .abi_uom = cells.text("abi_uom_se16_ae22"),
                                 .x12_uom = cells.text("manifest_309_unit"),
                                 .lowest = cells.yes("allowed_as_lowest_package"),
                                 .packed = !clave_unidad || code.starts_with('X'),
                                 .un_performance = cells.yes("un_performance_packaging")}))
      cells.malformed("sat_code", "comes twice");
    const Packaging* row = lists.by_code.find(key);
    // The plain packagings of c_ClaveUnidad speak for an ABI code before the UN performance packagings do.
    if (!row->abi_uom.empty() && clave_unidad) lists.by_abi.add(row->abi_uom, row);
  });
  for_each_row("packaging.csv", [&](const Cells& cells) {
    const Packaging* row = lists.by_code.find(cells.text("sat_catalog") + "/" + cells.text("sat_code"));
    if (!row->abi_uom.empty()) lists.by_abi.add(row->abi_uom, row);
  });
  return lists;
}

const PackagingLists& packagings() {
  static const PackagingLists lists = load_packaging();
  return lists;
}

}  // namespace

std::string_view dimension_name(Dimension dimension) {
  for (const auto& [name, value] : kDimensions)
    if (value == dimension) return name;
  return {};
}

const SatUnit* unidad_aduana(std::string_view code) { return sat_units().find("c_UnidadAduana/" + std::string(code)); }

const SatUnit* clave_unidad(std::string_view code) { return sat_units().find("c_ClaveUnidad/" + std::string(code)); }

const CbpUnit* cbp_unit(std::string_view code) {
  static const auto list = load_keyed<CbpUnit>("cbp-units.csv", [](const Cells& cells) {
    return std::optional(std::pair(cells.text("cbp_uom"),
                                   CbpUnit{.code = cells.text("cbp_uom"),
                                           .meaning = cells.text("meaning"),
                                           .dimension = cells.one_of("dimension", kDimensions),
                                           .factor = cells.decimal("factor_to_dimension_base").value_or(Decimal())}));
  });
  return list.find(code);
}

const Packaging* packaging(std::string_view clave_unidad) {
  return packagings().by_code.find("c_ClaveUnidad/" + std::string(clave_unidad));
}

const Packaging* packaging_of_embalaje(std::string_view c_tipo_embalaje) {
  return packagings().by_code.find("c_TipoEmbalaje/" + std::string(c_tipo_embalaje));
}

const Packaging* packaging_by_abi(std::string_view abi_uom) {
  const auto* found = packagings().by_abi.find(abi_uom);
  return found == nullptr ? nullptr : *found;
}

}  // namespace puente::catalogs
