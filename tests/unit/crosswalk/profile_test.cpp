#include "mappings/crosswalk/profile.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "mappings/findings/findings.h"
#include "tests/unit/crosswalk/golden_files.h"

namespace puente::crosswalk {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kPartners = R"(
[broker.laredo]
filer_code = "B7P"
name = "LAREDO CUSTOMS BROKERS INC"
abi_port = "2304"
entry_pool = ["00000014..00000998"]
[broker.laredo.contact]
name = "LAURA MENDEZ"
phone = "9565550142"

[importer.rio-grande]
ior_number = "74-123456700"
name = "RIO GRANDE BRAKE SYSTEMS LLC"
related_to_supplier = false
bond_amount = 50000

[importer.other]
ior_number = "46-188230500"
name = "OTHER"
tax_id_mx_view = "US-461882305"
related_to_supplier = true

[supplier.arb]
rfc = "ARB100415K72"
freight_concepts = ["FLT", "SEG"]

[carrier.norte]
rfc = "TFR080521QW3"
scac = "TFNB"

[routing.laredo]
port_of_entry = "2304"

[rules]
consignee_is_importer = true
max_table_age_days = 30

[reference.cbp_fx.MXN]
usd_per_unit = "0.054512"
valid_on = "2026-11-01..2026-11-30"

[driver.jorge]
first_name = "Jorge"
[[driver.jorge.documents]]
type = "passport"
number = "G1"

[x.other-program]
anything = 1.5
)";

std::shared_ptr<const Profiles> profiles(const std::string& toml) {
  auto parsed = Profiles::parse({{"partners.toml", toml}});
  EXPECT_TRUE(parsed) << (parsed ? "" : parsed.error().text);
  return parsed ? *parsed : nullptr;
}

std::string fault(const std::string& toml) {
  const auto parsed = Profiles::parse({{"p.toml", toml}});
  if (parsed) return "parsed";
  EXPECT_EQ(parsed.error().code, "profile_invalid");
  return parsed.error().text;
}

TEST(Profiles, Sections_AreFoundByWhatDocumentsName) {
  const auto all = profiles(kPartners);
  ASSERT_TRUE(all);
  ASSERT_NE(all->broker(), nullptr);
  EXPECT_EQ(all->broker()->text("contact.phone"), "9565550142");
  EXPECT_THAT(all->broker()->list("entry_pool"), ElementsAre("00000014..00000998"));
  EXPECT_EQ(all->supplier_by_rfc("ARB100415K72")->name, "arb");
  EXPECT_EQ(all->supplier_by_rfc("XXX100415K72"), nullptr);
  EXPECT_THAT(all->supplier_by_rfc("arb100415k72")->list("freight_concepts"), ElementsAre("FLT", "SEG"));
  EXPECT_EQ(all->carrier_by_rfc("TFR080521QW3"), all->carrier_by_scac("TFNB"));
  EXPECT_EQ(all->routing_by_port("2304"), all->routing_by_port(""));
  EXPECT_EQ(all->routing_by_port("2305"), nullptr);
  EXPECT_EQ(all->rules().flag("consignee_is_importer"), true);
  EXPECT_EQ(all->rules().text("max_table_age_days"), "30");
  EXPECT_EQ(all->rules().flag("merge_lines"), std::nullopt);
  EXPECT_EQ(all->currency("MXN")->text("usd_per_unit"), "0.054512");
  EXPECT_EQ(all->currency("EUR"), nullptr);
  EXPECT_EQ(all->of("driver").front()->text("documents.1.type"), "passport");
  EXPECT_THAT(all->of("x"), IsEmpty());
}

TEST(Profiles, Importer_IsFoundByTheMexicanViewOrByItsDigits) {
  const auto all = profiles(kPartners);
  std::size_t matches = 0;
  EXPECT_EQ(all->importer_by_tax_id("741234567", &matches)->name, "rio-grande");
  EXPECT_EQ(matches, 1u);
  EXPECT_EQ(all->importer_by_tax_id("461882305", &matches)->name, "other");
  EXPECT_EQ(all->importer_by_tax_id("US-461882305")->name, "other");
  EXPECT_EQ(all->importer_by_tax_id("123456789", &matches), nullptr);
  EXPECT_EQ(matches, 0u);
  EXPECT_EQ(all->importer_by_tax_id(""), nullptr);
}

TEST(Profiles, TwoImportersOfOneNumber_AreCounted) {
  const auto all = profiles(
      "[importer.a]\nior_number = \"74-123456700\"\n[importer.b]\nior_number = \"74-123456701\"\n[importer.c]\nname = "
      "\"C\"\n");
  std::size_t matches = 0;
  EXPECT_EQ(all->importer_by_tax_id("741234567", &matches)->name, "a");
  EXPECT_EQ(matches, 2u);
}

TEST(ProfileSection, Path_IsTheKeyAPersonFinds) {
  const auto all = profiles(kPartners);
  EXPECT_EQ(all->importer_by_tax_id("741234567")->path("ior_number"), "importer.rio-grande.ior_number");
  EXPECT_EQ(all->rules().path("bond_factor"), "rules.bond_factor");
  EXPECT_EQ(all->currency("MXN")->path("valid_on"), "reference.cbp_fx.MXN.valid_on");
  EXPECT_EQ(all->broker()->file, "partners.toml");
  EXPECT_EQ(all->broker()->lines.at("filer_code"), 3u);
}

TEST(ProfileSection, MissingKeys_AreNamedWithTheirFindings) {
  const auto all = profiles("[importer.a]\nname = \"A\"\n");
  std::vector<std::string> missing;
  for (const ProfileKey* key : all->of("importer").front()->missing_keys())
    missing.push_back(std::string(key->key) + " " + std::string(key->missing));
  EXPECT_THAT(missing, ElementsAre("ior_number IOR_UNKNOWN", "related_to_supplier RELATED_UNKNOWN"));
}

TEST(Profiles, WithoutRules_HasAnEmptySection) {
  const auto all = profiles("");
  EXPECT_EQ(all->rules().path("merge_lines"), "rules.merge_lines");
  EXPECT_EQ(all->rules().text("merge_lines"), std::nullopt);
  EXPECT_EQ(all->broker(), nullptr);
}

TEST(Profiles, WhatIsWrong_IsNamedWithFileLineAndKey) {
  EXPECT_THAT(fault("[importer.a]\n\niro_number = \"1\"\n"),
              AllOf(HasSubstr("p.toml:3:"), HasSubstr("importer.a.iro_number")));
  EXPECT_THAT(fault("[exporter.a]\n"), HasSubstr("unknown section"));
  EXPECT_THAT(fault("name = \"x\"\n"), HasSubstr("unknown section"));
  EXPECT_THAT(fault("[importer]\nname = \"x\"\n"), HasSubstr("unknown key"));
  EXPECT_THAT(fault("[importer.A_b]\n"), HasSubstr("a-z"));
  EXPECT_THAT(fault("[importer.a]\nname = \"\"\n"), HasSubstr("empty text"));
  EXPECT_THAT(fault("[importer.a]\nbond_amount = 1.5\n"), HasSubstr("whole number"));
  EXPECT_THAT(fault("[importer.a]\nbond_amount = -1\n"), HasSubstr("whole number"));
  EXPECT_THAT(fault("[reference.cbp_fx.MXN]\nusd_per_unit = 0.05\n"), HasSubstr("decimal written as text"));
  EXPECT_THAT(fault("[importer.a]\nresident = \"true\"\n"), HasSubstr("true or false"));
  EXPECT_THAT(fault("[importer.a]\nlast_entry_date = 2026-01-01\n"), HasSubstr("date"));
  EXPECT_THAT(fault("[importer.a]\nior_number = \"741234567\"\n"), HasSubstr("NN-NNNNNNNXX"));
  EXPECT_THAT(fault("[importer.a]\nbond_type = \"7\"\n"), HasSubstr("8 9 0"));
  EXPECT_THAT(fault("[supplier.a]\nfreight_concepts = \"FLT\"\n"), HasSubstr("array"));
  EXPECT_THAT(fault("[supplier.a]\nfreight_concepts = [1]\n"), HasSubstr("array"));
  EXPECT_THAT(fault("[reference.fx.MXN]\n"), HasSubstr("unknown section"));
  EXPECT_THAT(fault("[importer.a]\nname = \n"), HasSubstr("p.toml:2:"));
  EXPECT_THAT(fault("[broker.a.contact]\nfax = \"1\"\n"), HasSubstr("broker.a.contact.fax"));
}

TEST(Profiles, SectionTwiceOverFiles_NamesBoth) {
  const auto parsed =
      Profiles::parse({{"a.toml", "[importer.x]\nname = \"A\"\n"}, {"b.toml", "[importer.x]\nname = \"B\"\n"}});
  ASSERT_FALSE(parsed);
  EXPECT_THAT(parsed.error().text, AllOf(HasSubstr("b.toml:1:"), HasSubstr("a.toml")));
}

TEST(ProfileKeys, Rows_AreUniqueAndTheirFindingsExist) {
  std::set<std::string> seen;
  for (const ProfileKey& row : profile_keys()) {
    EXPECT_TRUE(seen.insert(std::string(row.object) + "." + std::string(row.key)).second)
        << row.object << "." << row.key;
    EXPECT_TRUE(row.missing.empty() || find_catalogue_row(row.missing) != nullptr) << row.missing;
  }
  seen.clear();
  for (const CatalogColumn& row : catalog_columns()) {
    EXPECT_TRUE(seen.insert(std::string(row.column)).second) << row.column;
    EXPECT_TRUE(row.missing.empty() || find_catalogue_row(row.missing) != nullptr) << row.missing;
  }
}

Result<std::shared_ptr<const ProductCatalog>> catalog(std::string_view csv) {
  return ProductCatalog::parse("c.csv", csv);
}

TEST(ProductCatalog, RowOfTheSupplier_WinsOverARowForAny) {
  const auto parsed = catalog("part,supplier_rfc,hts10\nAB-1,,1111111111\nab-1,ARB100415K72,2222222222\n");
  ASSERT_TRUE(parsed) << parsed.error().text;
  EXPECT_EQ((*parsed)->find("Ab-1", "ARB100415K72")->text("hts10"), "2222222222");
  EXPECT_EQ((*parsed)->find("AB-1", "XYZ100415K72")->text("hts10"), "1111111111");
  EXPECT_EQ((*parsed)->find("AB-1", "XYZ100415K72")->line, 2u);
  EXPECT_EQ((*parsed)->find("AB-2", ""), nullptr);
  EXPECT_EQ((*parsed)->size(), 2u);
}

TEST(ProductCatalog, Cells_AreTyped) {
  const auto parsed = catalog(
      "part,mfn_rate,usmca.blanket_from,pga.1.agency,pga.12.agency,mfn_specific,note52b_listed\n"
      "\"A, \"\"x\"\"\",0.025,2026-01-01,FDA,,0.112 USD/KG,true\n");
  ASSERT_TRUE(parsed) << parsed.error().text;
  const CatalogRow* row = (*parsed)->find("A, \"X\"", "");
  ASSERT_NE(row, nullptr);
  EXPECT_EQ(row->decimal("mfn_rate"), Decimal::parse("0.025"));
  EXPECT_EQ(row->date("usmca.blanket_from"), parse_date("2026-01-01"));
  EXPECT_EQ(row->text("pga.1.agency"), "FDA");
  EXPECT_EQ(row->text("pga.12.agency"), std::nullopt);
  EXPECT_EQ(row->text("note52b_listed"), "true");
}

TEST(ProductCatalog, WhatIsWrong_IsNamedWithFileLineAndColumn) {
  const auto why = [](std::string_view csv) {
    const auto parsed = catalog(csv);
    if (parsed) return std::string("parsed");
    EXPECT_EQ(parsed.error().code, "catalog_invalid");
    return parsed.error().text;
  };
  EXPECT_THAT(why("part,colour\nA,red\n"), AllOf(HasSubstr("c.csv:1"), HasSubstr("colour")));
  EXPECT_THAT(why("hts10,part\n1111111111,A\n"), HasSubstr("first column"));
  EXPECT_THAT(why("part,hts10\nA,12\n"), AllOf(HasSubstr("c.csv:2"), HasSubstr("hts10")));
  EXPECT_THAT(why("part,hts10\n,1111111111\n"), HasSubstr("part"));
  EXPECT_THAT(why("part,supplier_rfc\nA,ARB100415K72\nb,\na,ARB100415K72\n"),
              AllOf(HasSubstr("c.csv:4"), HasSubstr("line 2")));
  EXPECT_THAT(why("part,pga.0.agency\nA,FDA\n"), HasSubstr("pga.0.agency"));
  EXPECT_THAT(why("part,mfn_rate\nA,2.5%\n"), HasSubstr("fraction"));
  EXPECT_THAT(why("part,mfn_rate\nA,25\n"), AllOf(HasSubstr("c.csv:2"), HasSubstr("mfn_rate"), HasSubstr("at most 10")));
  EXPECT_THAT(why("part,note52b_listed\nA,yes\n"), HasSubstr("true or false"));
  EXPECT_THAT(why("part,part\nA,A\n"), HasSubstr("twice"));
  EXPECT_THAT(why(""), HasSubstr("c.csv"));
}

TEST(Profiles, OfEachGoldenCase_Parse) {
  if (!golden::present()) GTEST_SKIP() << "no reference at " << golden::root();
  for (std::string_view name : golden::kCases) {
    const auto parsed = Profiles::parse(golden::partner_files(name));
    ASSERT_TRUE(parsed) << name << " " << parsed.error().text;
    const auto entry = golden::expected(name)["entries"][0];
    const std::string receptor = golden::tags(golden::document(name, "factura"), "cfdi:Receptor").front();
    const ProfileSection* importer = (*parsed)->importer_by_tax_id(golden::attribute(receptor, "NumRegIdTrib"));
    ASSERT_NE(importer, nullptr) << name;
    EXPECT_EQ(importer->text("ior_number"), entry["importer_of_record"].get<std::string>());
    EXPECT_EQ((*parsed)->broker()->text("filer_code"), entry["filer_code"].get<std::string>());
    for (const char* object : {"broker", "importer", "supplier", "carrier", "routing"})
      for (const ProfileSection* section : (*parsed)->of(object))
        EXPECT_THAT(section->missing_keys(), IsEmpty()) << name << object;
    const auto parts = ProductCatalog::parse("catalog.csv", golden::bytes(golden::folder(name) / "catalog.csv"));
    ASSERT_TRUE(parts) << name << " " << parts.error().text;
    EXPECT_GT((*parts)->size(), 0u);
  }
}

}  // namespace
}  // namespace puente::crosswalk
