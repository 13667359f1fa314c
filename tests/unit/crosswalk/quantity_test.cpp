#include "mappings/crosswalk/quantity.h"

#include <gtest/gtest.h>

#include "mappings/crosswalk/profile.h"
#include "tests/unit/crosswalk/golden_files.h"

namespace puente::crosswalk {
namespace {

Decimal dec(const char* text) { return *Decimal::parse(text); }

QuantityFacts facts(const char* cantidad_aduana, const char* unidad, const char* cantidad, const char* clave) {
  QuantityFacts made;
  made.cantidad_aduana = Decimal::parse(cantidad_aduana);
  made.unidad_aduana = unidad;
  made.cantidad = Decimal::parse(cantidad);
  made.clave_unidad = clave;
  return made;
}

void expect_quantity(const QuantityOutcome& outcome, const char* value, QuantitySource source) {
  ASSERT_TRUE(outcome.quantity.has_value());
  ASSERT_TRUE(outcome.quantity->value.has_value());
  EXPECT_EQ(outcome.quantity->value->to_fixed(2), value);
  EXPECT_EQ(outcome.quantity->source, source);
}

TEST(HtsQuantity, CustomsUnitOfTheSameDimension_WinsAndIsConverted) {
  expect_quantity(hts_quantity(facts("12480.000", "01", "15600", "H87"), "KG"), "12480.00", QuantitySource::customs);
  expect_quantity(hts_quantity(facts("1.5", "14", "1", "H87"), "KG"), "1500.00", QuantitySource::customs);
  expect_quantity(hts_quantity(facts("1000", "01", "1", "H87"), "T"), "1.00", QuantitySource::customs);
  expect_quantity(hts_quantity(facts("1", "08", "1", "H87"), "ML"), "1000.00", QuantitySource::customs);
  EXPECT_TRUE(hts_quantity(facts("1", "01", "1", "H87"), "KG").findings.empty());
}

TEST(HtsQuantity, UnitsThatMislead_AreExact) {
  // The long ton, not the metric one: 1000 kg are 0.984 of it.
  expect_quantity(hts_quantity(facts("1000", "01", "1", "H87"), "TON"), "0.98", QuantitySource::customs);
  expect_quantity(hts_quantity(facts("", "", "3", "GRO"), "NO"), "432.00", QuantitySource::commercial);
  expect_quantity(hts_quantity(facts("", "", "100", "LBR"), "KG"), "45.36", QuantitySource::commercial);
  expect_quantity(hts_quantity(facts("", "", "2", "MIL"), "NO"), "2000.00", QuantitySource::commercial);
}

TEST(HtsQuantity, CustomsUnitOfAnotherDimension_TakesTheCommercialOneAndSaysSo) {
  const QuantityOutcome outcome = hts_quantity(facts("1920.000", "01", "1200", "H87"), "NO");
  expect_quantity(outcome, "1200.00", QuantitySource::commercial);
  ASSERT_TRUE(outcome.findings.has_code("UOM_SOURCE_SWITCHED"));
  EXPECT_EQ(outcome.findings.list().front().params().at("src"), "cfdi:Concepto");
}

TEST(HtsQuantity, OnlyTheCatalogKnowsTheWeight_MultipliesTheCommercialQuantity) {
  QuantityFacts boxes = facts("1760", "20", "1760", "XBX");
  boxes.net_kg_per_unit = dec("11.34");
  expect_quantity(hts_quantity(boxes, "KG"), "19958.40", QuantitySource::catalog);
  boxes.units_per_box = dec("48");
  expect_quantity(hts_quantity(boxes, "NO"), "84480.00", QuantitySource::catalog);
}

TEST(HtsQuantity, SetsAndBoxesWithoutAFactor_NeedTheCatalog) {
  EXPECT_TRUE(hts_quantity(facts("5", "12", "5", "SET"), "NO").findings.has_code("UOM_NEEDS_CATALOG"));
  QuantityFacts sets = facts("5", "12", "5", "SET");
  sets.units_per_set = dec("4");
  expect_quantity(hts_quantity(sets, "NO"), "20.00", QuantitySource::catalog);
  const QuantityOutcome boxes = hts_quantity(facts("5", "20", "5", "XBX"), "NO");
  EXPECT_FALSE(boxes.quantity.has_value());
  EXPECT_TRUE(boxes.findings.has_code("UOM_NEEDS_CATALOG"));
}

TEST(HtsQuantity, Rounding_KeepsPiecesWholeAndTheRestAtTwoPlaces) {
  expect_quantity(hts_quantity(facts("2.5", "06", "", ""), "NO"), "3.00", QuantitySource::customs);
  expect_quantity(hts_quantity(facts("30", "06", "", ""), "DOZ"), "2.50", QuantitySource::customs);
  expect_quantity(hts_quantity(facts("0.005", "01", "", ""), "KG"), "0.01", QuantitySource::customs);
  expect_quantity(hts_quantity(facts("24", "09", "", ""), "DPR"), "2.00", QuantitySource::customs);
}

TEST(HtsQuantity, PairsAreNotPieces) {
  EXPECT_TRUE(hts_quantity(facts("10", "09", "", ""), "NO").findings.has_code("UOM_NEEDS_CATALOG"));
}

TEST(HtsQuantity, UnitX_HasNoQuantity) {
  const QuantityOutcome outcome = hts_quantity(facts("10", "01", "10", "H87"), "X");
  ASSERT_TRUE(outcome.quantity.has_value());
  EXPECT_FALSE(outcome.quantity->value.has_value());
  EXPECT_EQ(outcome.quantity->uom, "X");
}

TEST(HtsQuantity, UnknownUnitOrNothingPositive_IsAFinding) {
  EXPECT_TRUE(hts_quantity(facts("10", "01", "10", "H87"), "ZZZ").findings.has_code("UOM_UNKNOWN"));
  EXPECT_TRUE(hts_quantity(facts("0", "01", "0", "KGM"), "KG").findings.has_code("UOM_NEEDS_CATALOG"));
  EXPECT_TRUE(hts_quantity(facts("-5", "01", "", ""), "KG").findings.has_code("UOM_NEEDS_CATALOG"));
  EXPECT_TRUE(hts_quantity(facts("0.001", "01", "", ""), "KG").findings.has_code("UOM_NEEDS_CATALOG"));
}

TEST(GrossKg, HalfUpAndAtLeastOne) {
  EXPECT_EQ(gross_kg(dec("2310.500")), 2311);
  EXPECT_EQ(gross_kg(dec("2310.499")), 2310);
  EXPECT_EQ(gross_kg(dec("0.2")), 1);
  EXPECT_EQ(gross_kg(dec("0")), 0);
}

PackageFacts good(const char* cantidad, const char* clave) {
  PackageFacts made;
  made.cantidad = Decimal::parse(cantidad);
  made.clave_unidad = clave;
  return made;
}

TEST(CountPackages, OfOneType_AddsUp) {
  const std::vector goods = {good("1200", "XCT"), good("120", "XCT")};
  const PackageOutcome outcome = count_packages(goods, {});
  ASSERT_TRUE(outcome.packages);
  EXPECT_EQ(outcome.packages->count, 1320);
  EXPECT_EQ(outcome.packages->abi_uom, "CT");
  EXPECT_EQ(outcome.packages->ae_uom, "CT");
  EXPECT_EQ(outcome.packages->x12_uom, "CTN");
  EXPECT_TRUE(outcome.packages->breakdown.empty());
  EXPECT_TRUE(outcome.findings.empty());
}

TEST(CountPackages, Pallets_AreExpandedByTheCatalog) {
  std::vector goods = {good("26", "X8A"), good("191", "XBX")};
  goods[0].packages_per_pallet = dec("24");
  goods[0].package_unit = "XBX";
  const PackageOutcome outcome = count_packages(goods, {});
  ASSERT_TRUE(outcome.packages);
  EXPECT_EQ(outcome.packages->count, 815);
  EXPECT_EQ(outcome.packages->abi_uom, "BX");
  ASSERT_EQ(outcome.findings.size(), 1u);
  EXPECT_EQ(outcome.findings.list().front().code(), "PACKAGE_PALLET_EXPANDED");
}

TEST(CountPackages, PalletsNobodyCanExpand_AreRefused) {
  std::vector goods = {good("26", "XPX")};
  EXPECT_TRUE(count_packages(goods, {}).findings.has_code("PACKAGE_PALLET_NOT_ALLOWED"));
  goods[0].packages_per_pallet = dec("24");
  goods[0].package_unit = "XPX";
  const PackageOutcome outcome = count_packages(goods, {});
  EXPECT_TRUE(outcome.findings.has_code("PACKAGE_PALLET_NOT_ALLOWED"));
  EXPECT_FALSE(outcome.packages);
}

TEST(CountPackages, OfTwoTypes_IsPkgAndPcsWithABreakdown) {
  const std::vector goods = {good("10", "XBX"), good("5", "XDR"), good("1", "XBX")};
  const PackageOutcome outcome = count_packages(goods, {});
  ASSERT_TRUE(outcome.packages);
  EXPECT_EQ(outcome.packages->count, 16);
  EXPECT_EQ(outcome.packages->abi_uom, "PKG");
  EXPECT_EQ(outcome.packages->ae_uom, "PCS");
  EXPECT_EQ(outcome.packages->x12_uom, "PKG");
  ASSERT_EQ(outcome.packages->breakdown.size(), 2u);
  EXPECT_EQ(outcome.packages->breakdown[0].count, 11);
  EXPECT_EQ(outcome.packages->breakdown[1].abi_uom, "DR");
  EXPECT_TRUE(outcome.findings.has_code("PACKAGE_TYPE_MIXED"));
}

TEST(CountPackages, CartaPorteThatCountsGoods_TakesTheNotice) {
  const std::vector goods = {good("2", "H87")};
  const std::vector<NoticePackages> notice = {{"2", "H87"}};
  const PackageOutcome outcome = count_packages(goods, notice);
  ASSERT_TRUE(outcome.packages);
  EXPECT_EQ(outcome.packages->count, 2);
  EXPECT_EQ(outcome.packages->abi_uom, "PCS");
  EXPECT_EQ(outcome.packages->x12_uom, "PCS");
  EXPECT_TRUE(outcome.packages->from_notice);
}

TEST(CountPackages, CartaPorteThatCountsPackages_DoesNotLookAtTheNotice) {
  const std::vector goods = {good("7", "XCT")};
  const std::vector<NoticePackages> notice = {{"9", "XBX"}};
  EXPECT_EQ(count_packages(goods, notice).packages->count, 7);
}

TEST(CountPackages, NobodyCounts_IsMissing) {
  const std::vector goods = {good("2", "H87")};
  const PackageOutcome outcome = count_packages(goods, {});
  EXPECT_FALSE(outcome.packages);
  EXPECT_TRUE(outcome.findings.has_code("PACKAGES_MISSING"));
  EXPECT_TRUE(count_packages({}, {}).findings.has_code("PACKAGES_MISSING"));
  const std::vector half = {good("2.5", "XBX")};
  EXPECT_TRUE(count_packages(half, {}).findings.has_code("PACKAGES_MISSING"));
}

TEST(CountPackages, XCodeWithoutARow_IsPkgWithAWarning) {
  const std::vector goods = {good("3", "XZZ")};
  const PackageOutcome outcome = count_packages(goods, {});
  ASSERT_TRUE(outcome.packages);
  EXPECT_EQ(outcome.packages->abi_uom, "PKG");
  EXPECT_TRUE(outcome.findings.has_code("PACKAGE_TYPE_DEFAULTED"));
}

TEST(CountPackages, OverflowingCounts_AreMissingNotWrong) {
  const std::vector goods = {good("99999999", "XBX"), good("99999999", "XBX")};
  const PackageOutcome outcome = count_packages(goods, {});
  EXPECT_FALSE(outcome.packages);
  EXPECT_TRUE(outcome.findings.has_code("PACKAGES_MISSING"));
}

// The four golden cases, from document, catalog and notice to bills and lines.
TEST(HtsQuantity, OfEachGoldenLine_EqualsTheExpected) {
  if (!golden::present()) GTEST_SKIP() << "no reference at " << golden::root();
  int compared = 0;
  for (std::string_view name : golden::kCases) {
    const std::string invoice = golden::document(name, "factura");
    const auto catalog = ProductCatalog::parse("catalog.csv", golden::bytes(golden::folder(name) / "catalog.csv"));
    ASSERT_TRUE(catalog) << catalog.error().text;
    const auto entry = golden::expected(name)["entries"][0];
    for (const auto& line : entry["lines"]) {
      if (line.value("value_split", "") == "us") continue;  // the second half of one Concepto
      const std::string part = line["concept"];
      QuantityFacts known;
      for (const auto& tag : golden::tags(invoice, "cfdi:Concepto"))
        if (golden::attribute(tag, "NoIdentificacion") == part) {
          known.cantidad = Decimal::parse(golden::attribute(tag, "Cantidad"));
          known.clave_unidad = golden::attribute(tag, "ClaveUnidad");
        }
      for (const auto& tag : golden::tags(invoice, "cce20:Mercancia"))
        if (golden::attribute(tag, "NoIdentificacion") == part) {
          known.cantidad_aduana = Decimal::parse(golden::attribute(tag, "CantidadAduana"));
          known.unidad_aduana = golden::attribute(tag, "UnidadAduana");
        }
      const CatalogRow* row = (*catalog)->find(part, "");
      if (row == nullptr)
        row = (*catalog)->find(part, golden::attribute(golden::tags(invoice, "cfdi:Emisor").front(), "Rfc"));
      ASSERT_NE(row, nullptr) << part;
      known.net_kg_per_unit = row->decimal("net_kg_per_unit");
      const QuantityOutcome outcome = hts_quantity(known, *row->text("uom1"));
      const auto& tariff = line["tariffs"].back();
      ASSERT_TRUE(outcome.quantity) << part;
      EXPECT_EQ(outcome.quantity->value->to_fixed(2), tariff["quantity_1"]) << part;
      EXPECT_EQ(outcome.quantity->uom, tariff["uom_1"]) << part;
      EXPECT_EQ(quantity_source_name(outcome.quantity->source), tariff["quantity_source"]) << part;
      ++compared;
    }
  }
  EXPECT_EQ(compared, 6);
}

TEST(CountPackages, OfEachGoldenBill_EqualsTheExpected) {
  if (!golden::present()) GTEST_SKIP() << "no reference at " << golden::root();
  for (std::string_view name : golden::kCases) {
    const auto catalog = ProductCatalog::parse("catalog.csv", golden::bytes(golden::folder(name) / "catalog.csv"));
    const auto notice = read_notice("notice.json", golden::bytes(golden::folder(name) / "notice.json")).notice;
    ASSERT_TRUE(catalog && notice);
    const auto expected = golden::expected(name)["entries"][0];
    std::vector<PackageFacts> goods;
    for (const auto& tag : golden::tags(golden::document(name, "carta-porte"), "cartaporte31:Mercancia")) {
      goods.push_back(good(golden::attribute(tag, "Cantidad").c_str(), golden::attribute(tag, "ClaveUnidad").c_str()));
      // The goods stand in the order of the lines in every case.
      const std::string part = expected["lines"][goods.size() - 1]["concept"];
      const CatalogRow* row = nullptr;
      for (const auto& issuer : golden::tags(golden::document(name, "factura"), "cfdi:Emisor"))
        row = (*catalog)->find(part, golden::attribute(issuer, "Rfc"));
      ASSERT_NE(row, nullptr);
      goods.back().packages_per_pallet = row->decimal("packages_per_pallet");
      goods.back().package_unit = row->text("package_unit").value_or("");
    }
    const PackageOutcome outcome = count_packages(goods, notice->bills.front().packages);
    ASSERT_TRUE(outcome.packages) << name;
    const auto& bill = expected["bills"][0];
    EXPECT_EQ(outcome.packages->count, bill["manifest_quantity"]) << name;
    EXPECT_EQ(outcome.packages->abi_uom, bill["abi_uom"]) << name;
    EXPECT_EQ(outcome.packages->x12_uom, bill["x12_uom"]) << name;
  }
}

}  // namespace
}  // namespace puente::crosswalk
