#include "mappings/crosswalk/quantity.h"

#include <algorithm>

#include "mappings/catalogs/catalogs.h"

namespace puente::crosswalk {
namespace {

using catalogs::Dimension;

constexpr int kQuantityPlaces = 2;  // AE 50 and SE61 carry two implied decimals
constexpr std::string_view kMixedUnit = "PKG";
constexpr std::string_view kMixedUnitAe = "PCS";

// Whole things: pieces and pairs. A dozen may be half full, a piece may not.
bool is_piece(const catalogs::CbpUnit& unit) {
  return (unit.dimension == Dimension::count && unit.factor == Decimal(1)) ||
         (unit.dimension == Dimension::pair && unit.factor == Decimal(2));
}

bool is_positive(const std::optional<Decimal>& value) { return value && !value->is_zero() && !value->is_negative(); }

// The quantity in the U.S. unit from base units, rounded once.
Decimal in_unit(const Decimal& base_units, const catalogs::CbpUnit& unit) {
  return base_units.divide(unit.factor, is_piece(unit) ? 0 : kQuantityPlaces);
}

std::optional<Decimal> convert(const std::optional<Decimal>& quantity, const catalogs::SatUnit* from,
                               const catalogs::CbpUnit& to) {
  if (!is_positive(quantity) || from == nullptr || !from->factor || from->dimension != to.dimension)
    return std::nullopt;
  return in_unit(*quantity * *from->factor, to);
}

// What the catalog makes of the commercial quantity: kilograms of a unit, or pieces of a box or a set.
std::optional<Decimal> from_catalog(const QuantityFacts& facts, const catalogs::CbpUnit& to) {
  if (!is_positive(facts.cantidad)) return std::nullopt;
  if (to.dimension == Dimension::mass && is_positive(facts.net_kg_per_unit))
    return in_unit(*facts.cantidad * *facts.net_kg_per_unit, to);
  if (to.dimension != Dimension::count) return std::nullopt;
  const auto* unit = catalogs::clave_unidad(facts.clave_unidad);
  const bool set = unit != nullptr && unit->dimension == Dimension::set;
  const bool box = unit != nullptr ? unit->dimension == Dimension::package : facts.clave_unidad.starts_with('X');
  if (set && is_positive(facts.units_per_set)) return in_unit(*facts.cantidad * *facts.units_per_set, to);
  if (box && is_positive(facts.units_per_box)) return in_unit(*facts.cantidad * *facts.units_per_box, to);
  return std::nullopt;
}

// ---- Packages -------------------------------------------------------------------------------------------------------

std::optional<std::int64_t> whole_count(const std::optional<Decimal>& value) {
  constexpr std::int64_t kMost = 99'999'999;  // AE 22 and SE15 carry eight digits
  if (!is_positive(value) || value->truncate(0) != *value || *value > Decimal(kMost)) return std::nullopt;
  return value->to_int64();
}

struct PackageUnit {
  std::string abi_uom, x12_uom;
  bool lowest = true;
  bool listed = true;  // false: PKG stands for a type that ABI does not know
};

// The units of a packaging code; nullopt for a unit that measures or counts goods.
std::optional<PackageUnit> package_unit(std::string_view clave_unidad) {
  if (const auto* row = catalogs::packaging(clave_unidad)) {
    const bool listed = !row->abi_uom.empty();
    return PackageUnit{listed ? row->abi_uom : std::string(kMixedUnit),
                       row->x12_uom.empty() ? std::string(kMixedUnit) : row->x12_uom, row->lowest,
                       listed || !row->lowest};
  }
  const PackageUnit unknown{std::string(kMixedUnit), std::string(kMixedUnit), true, false};
  const auto* unit = catalogs::clave_unidad(clave_unidad);
  if (unit != nullptr && unit->dimension == Dimension::package)
    return unknown;  // NMP: a number of packages of any type
  if (!clave_unidad.starts_with('X') || clave_unidad.size() < 2) return std::nullopt;
  // An X code without a row: the code behind the X where ABI has it (packaging.csv, last rule).
  if (const auto* same = catalogs::packaging_by_abi(clave_unidad.substr(1)))
    return PackageUnit{same->abi_uom, same->x12_uom.empty() ? std::string(kMixedUnit) : same->x12_uom, same->lowest,
                       true};
  return unknown;
}

bool counts_packages(const PackageFacts& good) {
  const auto* row = catalogs::packaging(good.clave_unidad);
  return row != nullptr ? row->packed : package_unit(good.clave_unidad).has_value();
}

class Counter {
 public:
  explicit Counter(Findings& findings) : findings_(findings) {}

  bool add(std::int64_t count, const PackageUnit& unit) {
    if (!unit.listed) once("PACKAGE_TYPE_DEFAULTED");
    const auto same = std::find_if(parts_.begin(), parts_.end(), [&](const Part& part) {
      return part.unit.abi_uom == unit.abi_uom && part.unit.x12_uom == unit.x12_uom;
    });
    if (same == parts_.end()) {
      parts_.push_back({count, unit});
    } else {
      same->count += count;
    }
    return true;
  }

  bool add_good(const PackageFacts& good) {
    auto count = whole_count(good.cantidad);
    auto unit = package_unit(good.clave_unidad);
    if (!count || !unit) return fail("PACKAGES_MISSING");
    if (!unit->lowest) {
      const auto per_pallet = whole_count(good.packages_per_pallet);
      unit = package_unit(good.package_unit);
      if (!per_pallet || !unit || !unit->lowest) return fail("PACKAGE_PALLET_NOT_ALLOWED");
      const auto expanded = whole_count(Decimal(*count) * Decimal(*per_pallet));
      if (!expanded) return fail("PACKAGES_MISSING");
      Finding& finding = once("PACKAGE_PALLET_EXPANDED");
      finding.set_detail((finding.detail().empty() ? "" : finding.detail() + "; ") + std::to_string(*count) +
                         " pallets x " + std::to_string(*per_pallet) + " = " + std::to_string(*expanded));
      count = expanded;
    }
    return add(*count, *unit);
  }

  bool add_notice(const NoticePackages& line) {
    const auto count = whole_count(Decimal::parse(line.count));
    const auto unit = package_unit(line.unit);
    if (!count) return fail("PACKAGES_MISSING");
    if (!unit) return add(*count, PackageUnit{std::string(kMixedUnit), std::string(kMixedUnit), true, false});
    if (!unit->lowest) return fail("PACKAGE_PALLET_NOT_ALLOWED");
    return add(*count, *unit);
  }

  std::optional<PackageCount> total(bool from_notice) {
    PackageCount count;
    count.from_notice = from_notice;
    for (const Part& part : parts_) count.count += part.count;
    if (!whole_count(Decimal(count.count))) {
      fail("PACKAGES_MISSING");
      return std::nullopt;
    }
    count.abi_uom = count.ae_uom = parts_.front().unit.abi_uom;
    count.x12_uom = parts_.front().unit.x12_uom;
    if (parts_.size() > 1) {
      count.abi_uom = count.x12_uom = kMixedUnit;
      count.ae_uom = kMixedUnitAe;
      for (const Part& part : parts_) count.breakdown.push_back({part.count, part.unit.abi_uom});
      once("PACKAGE_TYPE_MIXED");
    }
    return count;
  }

 private:
  struct Part {
    std::int64_t count = 0;
    PackageUnit unit;
  };

  bool fail(std::string_view code) {
    once(code);
    return false;
  }

  Finding& once(std::string_view code) {
    auto& list = findings_.list();
    const auto found =
        std::find_if(list.begin(), list.end(), [&](const Finding& finding) { return finding.code() == code; });
    return found == list.end() ? findings_.add(code) : *found;
  }

  Findings& findings_;
  std::vector<Part> parts_;
};

}  // namespace

std::string_view quantity_source_name(QuantitySource source) {
  switch (source) {
    case QuantitySource::customs:
      return "cce20:Mercancia";
    case QuantitySource::commercial:
      return "cfdi:Concepto";
    case QuantitySource::catalog:
      return "catalog";
  }
  return {};
}

QuantityOutcome hts_quantity(const QuantityFacts& facts, std::string_view hts_uom) {
  QuantityOutcome outcome;
  const auto* unit = catalogs::cbp_unit(hts_uom);
  if (unit == nullptr) {
    outcome.findings.add("UOM_UNKNOWN", {{"u", std::string(hts_uom)}});
    return outcome;
  }
  if (unit->dimension == Dimension::none) {
    outcome.quantity = HtsQuantity{std::nullopt, unit->code, QuantitySource::catalog};
    return outcome;
  }
  const auto* customs = catalogs::unidad_aduana(facts.unidad_aduana);
  const std::pair<QuantitySource, std::optional<Decimal>> candidates[] = {
      {QuantitySource::customs, convert(facts.cantidad_aduana, customs, *unit)},
      {QuantitySource::commercial, convert(facts.cantidad, catalogs::clave_unidad(facts.clave_unidad), *unit)},
      {QuantitySource::catalog, from_catalog(facts, *unit)},
  };
  for (const auto& [source, value] : candidates) {
    if (!is_positive(value)) continue;  // what rounds to nothing is not a quantity
    outcome.quantity = HtsQuantity{value, unit->code, source};
    if (source != QuantitySource::customs && !facts.unidad_aduana.empty())
      outcome.findings.add(
          "UOM_SOURCE_SWITCHED",
          {{"a", facts.unidad_aduana}, {"b", unit->code}, {"src", std::string(quantity_source_name(source))}});
    return outcome;
  }
  outcome.findings.add("UOM_NEEDS_CATALOG", {{"u", unit->code}});
  return outcome;
}

std::int64_t gross_kg(const Decimal& peso_en_kg) {
  if (peso_en_kg.is_zero() || peso_en_kg.is_negative()) return 0;
  return std::max<std::int64_t>(1, peso_en_kg.round_half_up(0).to_int64());
}

PackageOutcome count_packages(std::span<const PackageFacts> goods, std::span<const NoticePackages> notice) {
  PackageOutcome outcome;
  Counter counter(outcome.findings);
  const bool counted = !goods.empty() && std::all_of(goods.begin(), goods.end(), counts_packages);
  bool complete = counted || !notice.empty();
  if (!complete) outcome.findings.add("PACKAGES_MISSING");
  if (counted) {
    for (const PackageFacts& good : goods) complete = counter.add_good(good) && complete;
  } else {
    for (const NoticePackages& line : notice) complete = counter.add_notice(line) && complete;
  }
  if (complete) outcome.packages = counter.total(!counted);
  return outcome;
}

}  // namespace puente::crosswalk
