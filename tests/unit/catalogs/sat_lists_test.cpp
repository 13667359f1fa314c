#include "mappings/catalogs/sat_lists.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace puente::catalogs {
namespace {

using std::chrono::year_month_day;

Date on(const char* text) { return *parse_date(text); }

TEST(SatLists, Embedded_SmallListsAreThereAndThoseOfTheSatAreNot) {
  const auto lists = SatLists::embedded();
  for (const SatListKind& kind : sat_list_kinds()) {
    const SatList* list = lists->list(kind.name);
    EXPECT_EQ(list != nullptr, kind.keeping == Keeping::embedded) << kind.name;
  }
  EXPECT_EQ(lists->list("c_FraccionArancelaria"), nullptr);
  EXPECT_EQ(lists->list("c_Nothing"), nullptr);
}

TEST(SatLists, Lookup_TakesTheDocumentsDate) {
  const SatList& objects = *SatLists::embedded()->list("c_ObjetoImp");
  EXPECT_EQ(objects.find({"06"}, on("2024-12-12")).standing(), Standing::out_of_force);
  EXPECT_EQ(objects.find({"06"}, on("2024-12-13")).standing(), Standing::in_force);
  EXPECT_EQ(objects.find({"99"}, on("2024-12-13")).standing(), Standing::absent);
  EXPECT_EQ(objects.find({""}, on("2024-12-13")).standing(), Standing::absent);
}

TEST(SatLists, Lookup_OfAKeyOfSeveralColumns) {
  const SatList& states = *SatLists::embedded()->list("c_Estado");
  EXPECT_TRUE(states.find({"MEX", "TAM"}, on("2025-01-01")).known());
  EXPECT_TRUE(states.find({"USA", "TX"}, on("2025-01-01")).known());
  EXPECT_FALSE(states.find({"MEX", "TX"}, on("2025-01-01")).known());
  const SatCode laredo = SatLists::embedded()->list("c_Municipio")->find({"TAM", "027"}, on("2025-01-01"));
  EXPECT_EQ(laredo.text("nombre"), "Nuevo Laredo");
}

TEST(SatLists, Lookup_OfAValueThatIsLongerThanAnyKey_IsAbsent) {
  EXPECT_FALSE(SatLists::embedded()->list("c_Moneda")->find({std::string(5000, 'M')}, on("2025-01-01")).known());
}

TEST(SatLists, KeptColumns_AreRead) {
  const SatCode yen = SatLists::embedded()->list("c_Moneda")->find({"JPY"}, on("2025-01-01"));
  EXPECT_EQ(yen.text("decimales"), "0");
  EXPECT_EQ(SatCode().text("decimales"), "");
}

TEST(SatLists, Loaded_TakesThePlaceOfTheEmbeddedAndLeavesTheSnapshotAlone) {
  const auto before = SatLists::embedded();
  const auto list =
      SatList::parse("c_Exportacion", "clave,nombre,vigencia_desde,vigencia_hasta\r\n77,x,2030-01-01,\r\n");
  ASSERT_TRUE(list) << list.error().text;
  const auto after = SatLists::with(std::array{*list});
  EXPECT_TRUE(after->list("c_Exportacion")->find({"77"}, on("2030-01-01")).known());
  EXPECT_FALSE(after->list("c_Exportacion")->find({"01"}, on("2030-01-01")).known());
  EXPECT_TRUE(before->list("c_Exportacion")->find({"01"}, on("2030-01-01")).known());
}

TEST(SatLists, ARowThatEndsBeforeTheNextBegins_AnswersEachDay) {
  const auto list = SatList::parse("c_FraccionArancelaria",
                                   "clave,nombre,vigencia_desde,vigencia_hasta,unidad\n"
                                   "0101210100,b,2024-01-01,,06\n0101210100,a,2020-01-01,2023-12-31,07\n");
  ASSERT_TRUE(list);
  EXPECT_EQ((*list)->find({"0101210100"}, on("2023-12-31")).text("unidad"), "07");
  EXPECT_EQ((*list)->find({"0101210100"}, on("2024-01-01")).text("unidad"), "06");
  EXPECT_EQ((*list)->find({"0101210100"}, on("2019-12-31")).text("unidad"), "07") << "before the list";
}

TEST(SatLists, Malformed_SaysWhere) {
  const auto text = [](std::string_view csv) {
    const auto list = SatList::parse("c_Colonia", csv);
    return list ? std::string("taken") : list.error().text;
  };
  EXPECT_EQ(text("clave,nombre\n0001,x\n"), "c_Colonia:1: no column codigo_postal");
  EXPECT_EQ(text("clave,codigo_postal,nombre\n0001,88000,x\n,,y\n"), "c_Colonia:3: no key, or one that is too long");
  EXPECT_EQ(text("clave,codigo_postal,nombre\n"), "c_Colonia: no row");
  EXPECT_EQ(text("clave,codigo_postal,nombre,vigencia_desde\n0001,88000,x,2020-13-01\n"),
            "c_Colonia:2: not a date: 2020-13-01");
}

}  // namespace
}  // namespace puente::catalogs
