#include "mappings/crosswalk/address.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/crosswalk/golden_files.h"

namespace puente::crosswalk {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Domicilio ramos_arizpe() {
  return {.calle = "Blvd. Industrial",
          .numero_exterior = "1450",
          .numero_interior = "",
          .colonia = "",
          .localidad = "16",
          .municipio = "027",
          .estado = "COA",
          .pais = "MEX",
          .codigo_postal = "25900"};
}

TEST(PartyAddress, CodedPlaceOfMexico_IsDecoded) {
  const PartyAddress address = party_address(ramos_arizpe());
  EXPECT_THAT(address.lines, ElementsAre("BLVD. INDUSTRIAL 1450"));
  EXPECT_EQ(address.city, "RAMOS ARIZPE");
  EXPECT_EQ(address.subentity, "COA");
  EXPECT_EQ(address.postal, "25900");
  EXPECT_EQ(address.country, "MX");
  EXPECT_TRUE(address.usable());
  EXPECT_TRUE(address.findings.empty());
  EXPECT_THAT(address.other_cities, IsEmpty());
}

TEST(PartyAddress, WithoutLocalidad_TakesTheMunicipio) {
  Domicilio domicilio = ramos_arizpe();
  domicilio.localidad = "";
  domicilio.municipio = "048";
  domicilio.estado = "NLE";
  EXPECT_EQ(party_address(domicilio).city, "SANTA CATARINA");
}

TEST(PartyAddress, UnknownPlaceCode_SendsTheCodeAndSaysSo) {
  Domicilio domicilio = ramos_arizpe();
  domicilio.localidad = "";
  domicilio.municipio = "999";
  const PartyAddress address = party_address(domicilio);
  EXPECT_EQ(address.city, "999");
  ASSERT_TRUE(address.findings.has_code("CITY_CODE_UNKNOWN"));
  EXPECT_EQ(address.findings.list().front().params().at("code"), "999");
  EXPECT_EQ(address.findings.list().front().params().at("state"), "COA");
}

TEST(PartyAddress, UnknownLocalidadBesideKnownMunicipio_TakesTheName) {
  Domicilio domicilio = ramos_arizpe();
  domicilio.localidad = "99";
  const PartyAddress address = party_address(domicilio);
  EXPECT_EQ(address.city, "RAMOS ARIZPE");
  EXPECT_TRUE(address.findings.has_code("CITY_CODE_UNKNOWN"));
}

TEST(PartyAddress, LocalidadAndMunicipioOfTwoNames_KeepsTheOtherForTheMid) {
  Domicilio domicilio = ramos_arizpe();
  domicilio.estado = "TAM";
  domicilio.localidad = "05";
  domicilio.municipio = "022";
  const PartyAddress address = party_address(domicilio);
  EXPECT_EQ(address.city, "HEROICA MATAMOROS");
  EXPECT_THAT(address.other_cities, ElementsAre("MATAMOROS"));
}

TEST(PartyAddress, ForeignPlace_IsTextAndItsStateACode) {
  const PartyAddress address = party_address({.calle = "S Ware Rd",
                                              .numero_exterior = "5800",
                                              .numero_interior = "4-B",
                                              .colonia = "",
                                              .localidad = "",
                                              .municipio = "McAllen",
                                              .estado = "TX",
                                              .pais = "USA",
                                              .codigo_postal = "78503-1234"});
  EXPECT_THAT(address.lines, ElementsAre("S WARE RD 5800, INT 4-B"));
  EXPECT_EQ(address.city, "MCALLEN");
  EXPECT_EQ(address.subentity, "TX");
  EXPECT_EQ(address.postal, "785031234");
  EXPECT_EQ(address.country, "US");
}

TEST(PartyAddress, StateOutsideTheSatList_IsSentWhenItCanBeACode) {
  Domicilio domicilio = ramos_arizpe();
  domicilio.pais = "USA";
  domicilio.estado = "DC";
  EXPECT_EQ(party_address(domicilio).subentity, "DC");
  domicilio.estado = "Bavaria";
  domicilio.pais = "DEU";
  EXPECT_EQ(party_address(domicilio).subentity, "");
  domicilio.pais = "CAN";
  domicilio.estado = "UN";
  EXPECT_EQ(party_address(domicilio).subentity, "NU");
}

TEST(PartyAddress, UnknownCountry_IsNotUsableAndSaysSo) {
  Domicilio domicilio = ramos_arizpe();
  domicilio.pais = "XXX";
  const PartyAddress address = party_address(domicilio);
  EXPECT_FALSE(address.usable());
  EXPECT_TRUE(address.findings.has_code("COUNTRY_CODE_UNKNOWN"));
}

TEST(PartyAddress, CodedColonia_IsSentAsItStandsAndSaidSo) {
  Domicilio domicilio = ramos_arizpe();
  domicilio.colonia = "0347";
  const PartyAddress address = party_address(domicilio);
  EXPECT_THAT(address.lines, ElementsAre("BLVD. INDUSTRIAL 1450", "0347"));
  EXPECT_TRUE(address.findings.has_code("COLONIA_CODE_UNKNOWN"));
}

TEST(PartyAddress, LongerThanThreeRecords_IsCut) {
  Domicilio domicilio = ramos_arizpe();
  for (int i = 0; i < 60; ++i) domicilio.calle += " Palabra";
  const PartyAddress address = party_address(domicilio);
  EXPECT_EQ(address.lines.size(), kAddressLines);
  for (const auto& line : address.lines) EXPECT_LE(line.size(), kAddressWidth);
  EXPECT_TRUE(address.findings.has_code("ADDR_TRUNCATED"));
}

TEST(PartyAddress, OfAProfile_IsReadByItsBars) {
  const PartyAddress address = party_address("Av. Juárez 12|Ciudad de México|CMX|06050|MX");
  EXPECT_THAT(address.lines, ElementsAre("AV. JUAREZ 12"));
  EXPECT_EQ(address.city, "CIUDAD DE MEXICO");
  EXPECT_EQ(address.subentity, "DIF");
  EXPECT_EQ(address.country, "MX");
  EXPECT_EQ(party_address("Av. Juárez 12|Ciudad de México|DIF|06050|MEX").subentity, "DIF");
  EXPECT_FALSE(party_address("Av. Juárez 12, México").usable());
  EXPECT_FALSE(party_address("a|b|c|d|MX|f").usable());
}

TEST(Wrap, LongText_BreaksAtTheLastSpace) {
  EXPECT_THAT(wrap("CARRETERA URUAPAN-LOS REYES KM 4.5 120", 35),
              ElementsAre("CARRETERA URUAPAN-LOS REYES KM 4.5", "120"));
  EXPECT_THAT(wrap("ABCDE FGHIJ", 5), ElementsAre("ABCDE", "FGHIJ"));
  EXPECT_THAT(wrap("ABCDEFGH", 3), ElementsAre("ABC", "DEF", "GH"));
  EXPECT_THAT(wrap("   ", 5), IsEmpty());
}

TEST(PartyName, ThatFits_IsOnlyTransliterated) {
  const PartyName name = party_name("Herrajes y Perfiles del Bajío");
  EXPECT_EQ(name.text, "HERRAJES Y PERFILES DEL BAJIO");
  EXPECT_FALSE(name.truncated);
  EXPECT_EQ(party_name("AUTOPARTES SA DE CV").text, "AUTOPARTES SA DE CV");
}

TEST(PartyName, TooLong_LosesItsLegalFormThenIsCutAtASpace) {
  const PartyName form = party_name("Componentes Automotrices del Norte, S.A. de C.V.");
  EXPECT_EQ(form.text, "COMPONENTES AUTOMOTRICES DEL NORTE");
  EXPECT_TRUE(form.truncated);
  EXPECT_EQ(party_name("Grupo Industrial de Autopartes del Noreste, S. de R.L. de C.V.").text,
            "GRUPO INDUSTRIAL DE AUTOPARTES DEL");
  EXPECT_EQ(party_name(std::string(40, 'A')).text, std::string(35, 'A'));
}

TEST(ComparableName, LegalFormAndPunctuation_DoNotMatter) {
  EXPECT_EQ(comparable_name("NEMAK, S.A.B. DE C.V."), comparable_name("Nemak"));
  EXPECT_EQ(comparable_name("Rio Grande Brake Systems, LLC."), comparable_name("RIO GRANDE BRAKE SYSTEMS"));
  EXPECT_NE(comparable_name("CASA"), comparable_name("CA"));
}

// Parties of the golden cases: seller and manufacturer from cce20:Emisor, buyer from cce20:Receptor, ship_to from
// Destinatario.
Domicilio domicilio_behind(const std::string& xml, const std::string& node) {
  const auto at = xml.find("<cce20:" + node);
  if (at == std::string::npos) return {};
  const auto found = golden::tags(xml.substr(at), "cce20:Domicilio");
  if (found.empty()) return {};
  const auto value = [&](const char* name) { return golden::attribute(found.front(), name); };
  return {.calle = value("Calle"),
          .numero_exterior = value("NumeroExterior"),
          .numero_interior = value("NumeroInterior"),
          .colonia = value("Colonia"),
          .localidad = value("Localidad"),
          .municipio = value("Municipio"),
          .estado = value("Estado"),
          .pais = value("Pais"),
          .codigo_postal = value("CodigoPostal")};
}

TEST(PartyAddress, OfEachGoldenParty_EqualsTheExpected) {
  if (!golden::present()) GTEST_SKIP() << "no reference at " << golden::root();
  int compared = 0;
  for (std::string_view name : golden::kCases) {
    const std::string xml = golden::document(name, "factura");
    const auto entry = golden::expected(name)["entries"][0];
    for (const auto& party : entry["parties"]) {
      const std::string role = party["role"];
      const std::string node = role == "buyer" || role == "consignee" ? "Receptor"
                               : role == "ship_to"                    ? "Destinatario"
                                                                      : "Emisor";
      const PartyAddress address = party_address(domicilio_behind(xml, node));
      EXPECT_EQ(nlohmann::json(address.lines), party["address_lines"]) << name << " " << role;
      EXPECT_EQ(address.city, party["city"]) << name << " " << role;
      EXPECT_EQ(address.subentity, party["subentity"]) << name << " " << role;
      EXPECT_EQ(address.postal, party["postal"]) << name << " " << role;
      EXPECT_EQ(address.country, party["country"]) << name << " " << role;
      EXPECT_TRUE(address.findings.empty());
      const auto named = golden::tags(xml, node == "Destinatario" ? "cce20:Destinatario" : "cfdi:" + node);
      EXPECT_EQ(party_name(golden::attribute(named.front(), "Nombre")).text, party["name"]) << name << " " << role;
      ++compared;
    }
  }
  EXPECT_EQ(compared, 17);
}

}  // namespace
}  // namespace puente::crosswalk
