#include "mappings/crosswalk/mid.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "mappings/crosswalk/address.h"
#include "tests/unit/crosswalk/golden_files.h"

namespace puente::crosswalk {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct Example {
  const char *name, *address, *city, *mid;
};

class PublishedMid : public ::testing::TestWithParam<Example> {};

TEST_P(PublishedMid, Derived_IsTheSame) {
  const Example& example = GetParam();
  const auto derived = derive_mid("MX", example.name, example.address, example.city);
  ASSERT_TRUE(derived.has_value());
  EXPECT_EQ(derived->mid, example.mid);
}

// mapping.md section 7, then ae.md section 7.
INSTANTIATE_TEST_SUITE_P(
    Reference, PublishedMid,
    ::testing::Values(
        Example{"AUTOPARTES DEL RÍO BRAVO", "Blvd. Industrial 1450", "Ramos Arizpe", "MXAUTDEL1450RAM"},
        Example{"NEMAK", "Libramiento Arco Vial km 3.8", "García", "MXNEM38GAR"},
        Example{"NEMAK, S.A.B. DE C.V.", "Libramiento Arco Vial km 3.8", "García", "MXNEMSAB38GAR"},
        Example{"EMPACADORA PERIBÁN", "Carr. Uruapan-Los Reyes Km 4.5 No. 120", "Uruapan", "MXEMPPER120URU"},
        Example{"TUBERÍA Y PERFILES DEL BAJÍO", "Av. Ruiz Cortines 2800 Pte.", "Monterrey", "MXTUBPER2800MON"},
        Example{"MECÁNICA FRONTERIZA", "Calle 16 de Septiembre 3120", "Juárez", "MXMECFRO3120JUA"},
        Example{"MECÁNICA FRONTERIZA", "Calle 16 de Septiembre 3120", "Ciudad Juárez", "MXMECFRO3120CIU"},
        Example{"LA MODERNA", "Calle 5 No. 12 Int. 3", "Toluca", "MXLAMOD12TOL"},
        Example{"G. RIVERA E HIJOS", "Av. 16 de Septiembre S/N", "San Luis Potosí", "MXRIVHIJ16SAN"},
        Example{"T.M.E. PLÁSTICOS", "Av. Industrias 3era Secc. 75-A", "San Luis Potosí", "MXTMEPLA75SAN"},
        Example{"TALLERES DE PRECISIÓN", "Av. Churubusco 612", "Monterrey", "MXTALDE612MON"},
        Example{"Componentes Automotrices del Norte, S.A. de C.V.", "Av. Miguel Alemán 1200", "Apodaca",
                "MXCOMAUT1200APO"},
        Example{"Agrícola San Isidro SPR de RL", "Carr. Internacional km 8", "Culiacán", "MXAGRSAN8CUL"},
        Example{"Grupo Industrial Saltillo, S.A.B. de C.V.", "Blvd. Isidro López Zertuche 4003 Int. 12", "Saltillo",
                "MXGRUIND4003SAL"},
        Example{"Empacadora Águila S.A. de C.V.", "Calz. La Fuente 215", "Uruapan", "MXEMPAGU215URU"},
        Example{"La Huerta", "Calle Sin Número", "Aguascalientes", "MXLAHUEAGU"},
        Example{"A.B.C. Plásticos SA", "Calle 5 No. 11,455", "Ciudad Juárez", "MXABCPLA1145CIU"},
        Example{"Rawles-Aden Corp.", "Parque Industrial 12-34-56", "Ñuñoa", "MXRAWCOR1234NUN"},
        Example{"20th Century Muebles", "11455 Main Street Suite 9999", "Tecate", "MX20TCEN1145TEC"}));

TEST(DeriveMid, CityWithAndWithoutCiudad_NamesTheOtherReading) {
  EXPECT_THAT(derive_mid("MX", "MECÁNICA FRONTERIZA", "Calle 16 de Septiembre 3120", "Ciudad Juárez")->alternatives,
              ElementsAre("MXMECFRO3120JUA"));
  EXPECT_THAT(
      derive_mid("MX", "MECÁNICA FRONTERIZA", "Calle 16 de Septiembre 3120", "Juárez", {"Ciudad Juárez"})->alternatives,
      ElementsAre("MXMECFRO3120CIU"));
  EXPECT_THAT(derive_mid("MX", "LA MODERNA", "Calle 5 No. 12 Int. 3", "Toluca")->alternatives, IsEmpty());
}

TEST(DeriveMid, HyphenatedName_NamesTheReadingAsTwoWords) {
  EXPECT_THAT(derive_mid("MX", "Rawles-Aden Corp.", "12-34-56", "Ñuñoa")->alternatives, Contains("MXRAWADE1234NUN"));
}

TEST(DeriveMid, RegimeBehindOneWord_NamesTheReadingWithoutIt) {
  EXPECT_THAT(derive_mid("MX", "NEMAK, S.A.B. DE C.V.", "km 38", "García")->alternatives, Contains("MXNEM38GAR"));
}

TEST(DeriveMid, DecimalInTheStreet_NamesTheReadingOfTheWholePart) {
  EXPECT_THAT(derive_mid("MX", "NEMAK", "Libramiento Arco Vial km 3.8", "García")->alternatives,
              ElementsAre("MXNEM3GAR"));
}

TEST(DeriveMid, EnglishArticlesAndGenericPrefixes_AreSkipped) {
  EXPECT_EQ(derive_mid("US", "The Bank of Commerce", "12 Main", "St. Louis")->mid, "USBANCOM12STL");
  EXPECT_EQ(derive_mid("ID", "PT Astra Otoparts", "Jl. Raya 5", "Jakarta")->mid, "IDASTOTO5JAK");
  EXPECT_EQ(derive_mid("MX", "O'Brien & Sons", "Calle 2a No. 7", "Leon")->mid, "MXOBRSON7LEO");
  EXPECT_EQ(derive_mid("XO", "Maple Works", "1 King St", "Toronto")->mid, "XOMAPWOR1TOR");
}

TEST(DeriveMid, WithoutCountryOrWords_IsNothing) {
  EXPECT_FALSE(derive_mid("", "NEMAK", "km 38", "García"));
  EXPECT_FALSE(derive_mid("MEX", "NEMAK", "km 38", "García"));
  EXPECT_FALSE(derive_mid("MX", "", "km 38", "García"));
  EXPECT_FALSE(derive_mid("MX", "Y", "Calle", ""));
}

TEST(DeriveMid, HostileText_StaysWithinFifteen) {
  const auto derived = derive_mid("MX", std::string(5000, 'A') + " " + std::string(5000, 'B'), std::string(5000, '9'),
                                  std::string(5000, 'C'), {std::string(100, '\xFF')});
  ASSERT_TRUE(derived);
  EXPECT_EQ(derived->mid, "MXAAABBB9999CCC");
}

TEST(DeriveMid, OfEachGoldenManufacturer_IsTheOneOnFile) {
  if (!golden::present()) GTEST_SKIP() << "no reference at " << golden::root();
  int compared = 0;
  for (std::string_view name : golden::kCases) {
    const auto entry = golden::expected(name)["entries"][0];
    for (const auto& party : entry["parties"]) {
      if (party["role"] != "manufacturer") continue;
      std::string street;
      for (const auto& line : party["address_lines"]) street += line.get<std::string>() + " ";
      const auto derived = derive_mid("MX", party["name"].get<std::string>(), street, party["city"].get<std::string>());
      ASSERT_TRUE(derived) << name;
      EXPECT_EQ(derived->mid, party["mid"]) << name;
      ++compared;
    }
  }
  EXPECT_EQ(compared, 4);
}

}  // namespace
}  // namespace puente::crosswalk
