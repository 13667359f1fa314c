// Quantities in the unit of the U.S. schedule, and package counts (mapping section 5; golden README, packages). Exact
// decimals. Pure; safe on several threads.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mappings/crosswalk/notice.h"
#include "mappings/domain/decimal.h"
#include "mappings/findings/findings.h"

namespace puente::crosswalk {

// Where a quantity came from, in the order in which the sources are asked.
enum class QuantitySource { customs, commercial, catalog };
std::string_view quantity_source_name(QuantitySource source);  // cce20:Mercancia, cfdi:Concepto, catalog

// What the documents and the catalog say of one line; absent: not known.
struct QuantityFacts {
  std::optional<Decimal> cantidad_aduana;
  std::string unidad_aduana;  // c_UnidadAduana
  std::optional<Decimal> cantidad;
  std::string clave_unidad;                                              // c_ClaveUnidad
  std::optional<Decimal> net_kg_per_unit, units_per_box, units_per_set;  // per ClaveUnidad
};

struct HtsQuantity {
  std::optional<Decimal> value;  // two decimals half up, pieces whole; absent for unit X
  std::string uom;               // exactly the schedule's unit
  QuantitySource source = QuantitySource::customs;
};

struct QuantityOutcome {
  std::optional<HtsQuantity> quantity;
  Findings findings;  // UOM_UNKNOWN, UOM_SOURCE_SWITCHED, UOM_NEEDS_CATALOG; places are the caller's
};
QuantityOutcome hts_quantity(const QuantityFacts& facts, std::string_view hts_uom);

// Gross weight in whole kilograms, half up, at least 1 for anything above zero (mapping section 5).
std::int64_t gross_kg(const Decimal& peso_en_kg);

// One cartaporte31:Mercancia of a bill with what the catalog knows of its part.
struct PackageFacts {
  std::optional<Decimal> cantidad;
  std::string clave_unidad;
  std::optional<Decimal> packages_per_pallet;
  std::string package_unit;  // c_ClaveUnidad of what stands on the pallet
};

struct PackageCount {
  struct Part {
    std::int64_t count = 0;
    std::string abi_uom;
  };
  std::int64_t count = 0;
  std::string abi_uom;          // SE16, canonical entry: PKG when types differ
  std::string ae_uom;           // AE 22: as abi_uom, PCS when types differ
  std::string x12_uom;          // truck manifest
  std::vector<Part> breakdown;  // only when types differ, in order of appearance
  bool from_notice = false;
};

struct PackageOutcome {
  std::optional<PackageCount> packages;
  Findings findings;  // PACKAGES_MISSING, PACKAGE_TYPE_DEFAULTED, PACKAGE_TYPE_MIXED, PACKAGE_PALLET_EXPANDED,
                      // .._NOT_ALLOWED
};
// The smallest external packages of one bill. The notice's own count is used only where the Carta Porte does not count
// packages.
PackageOutcome count_packages(std::span<const PackageFacts> goods, std::span<const NoticePackages> notice);

}  // namespace puente::crosswalk
