#include "mappings/catalogs/catalogs.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

namespace puente::catalogs {
namespace {

using namespace std::chrono_literals;

constexpr Date kNovember2026 = 2026y / 11 / 11;

TEST(Validity, TouchingSpans_OverlapOnlyOnASharedDay) {
  const Validity first{std::nullopt, 2026y / 9 / 30};
  const Validity second{2026y / 10 / 1, std::nullopt};
  EXPECT_FALSE(first.overlaps(second));
  EXPECT_FALSE(second.overlaps(first));
  EXPECT_TRUE((Validity{2026y / 9 / 30, std::nullopt}.overlaps(first)));
  EXPECT_TRUE(Validity{}.overlaps(first));
}

TEST(Port, WithSeveralCrossings_NamesThemAndTakesTrucks) {
  const Port* laredo = port("2304");
  ASSERT_NE(laredo, nullptr);
  EXPECT_EQ(laredo->name, "Laredo");
  EXPECT_EQ(laredo->state, "TX");
  EXPECT_EQ(laredo->kind, PortKind::border);
  EXPECT_EQ(laredo->commercial_trucks, true);
  EXPECT_GT(laredo->crossings.size(), 1u);
  EXPECT_EQ(port("9999"), nullptr);
  EXPECT_EQ(port(""), nullptr);
}

std::string clock_at(std::string_view code, std::string_view moment) {
  const auto utc = parse_local_time(moment)->utc();
  const LocalTime local = local_time(*port(code)->zone, *utc);
  EXPECT_EQ(local.utc(), utc);
  return local.to_string();
}

TEST(Port, ClockOfEachZone_IsItsOwn) {
  EXPECT_EQ(clock_at("2304", "2026-11-12T02:30:00Z"), "2026-11-11T20:30:00");
  EXPECT_EQ(clock_at("2402", "2026-11-12T02:30:00Z"), "2026-11-11T19:30:00");
  EXPECT_EQ(clock_at("2403", "2026-11-12T02:30:00Z"), "2026-11-11T20:30:00");
  EXPECT_EQ(clock_at("2604", "2026-07-01T06:30:00Z"), "2026-06-30T23:30:00");
  EXPECT_EQ(clock_at("2506", "2026-07-01T06:30:00Z"), "2026-06-30T23:30:00");
  EXPECT_EQ(clock_at("2506", "2026-01-01T07:59:59Z"), "2025-12-31T23:59:59");
  EXPECT_EQ(port("3901")->zone, nullptr);
}

// 2026: 8 March and 1 November; 2027: 14 March and 7 November.
TEST(Port, DaylightTime_BeginsAndEndsAtTwoOnTheClockThatEnds) {
  EXPECT_EQ(clock_at("2304", "2026-03-08T07:59:59Z"), "2026-03-08T01:59:59");
  EXPECT_EQ(clock_at("2304", "2026-03-08T08:00:00Z"), "2026-03-08T03:00:00");
  EXPECT_EQ(clock_at("2304", "2026-11-01T06:59:59Z"), "2026-11-01T01:59:59");
  EXPECT_EQ(clock_at("2304", "2026-11-01T07:00:00Z"), "2026-11-01T01:00:00");
  EXPECT_EQ(clock_at("2506", "2027-03-14T09:59:59Z"), "2027-03-14T01:59:59");
  EXPECT_EQ(clock_at("2506", "2027-03-14T10:00:00Z"), "2027-03-14T03:00:00");
  EXPECT_EQ(clock_at("2506", "2027-11-07T08:59:59Z"), "2027-11-07T01:59:59");
  EXPECT_EQ(clock_at("2506", "2027-11-07T09:00:00Z"), "2027-11-07T01:00:00");
  EXPECT_EQ(clock_at("2604", "2026-03-08T09:00:00Z"), "2026-03-08T02:00:00");
}

TEST(AduanaPort, OfOtayMesa_IsThePortThatTakesTrucks) {
  ASSERT_NE(aduana_port("40"), nullptr);
  EXPECT_EQ(aduana_port("40")->port, "2506");
}

TEST(Country, ByEitherCode_IsTheSameRow) {
  ASSERT_NE(country_by_alpha3("MEX"), nullptr);
  EXPECT_EQ(country_by_alpha3("MEX")->alpha2, "MX");
  EXPECT_EQ(country_by_alpha2("MX"), country_by_alpha3("MEX"));
  EXPECT_EQ(country_by_alpha3("MMR")->alpha2, "MM");
  EXPECT_TRUE(country_by_alpha3("CUB")->embargo);
  EXPECT_FALSE(country_by_alpha3("ALA")->in_cbp_list);
  EXPECT_EQ(country_by_alpha3("PSE")->cbp_code, "");
  EXPECT_EQ(country_by_alpha3("ZZZ") == nullptr || country_by_alpha3("ZZZ")->cbp_code.empty(), true);
  EXPECT_EQ(country_by_alpha2(""), nullptr);
}

TEST(State, OfMexicoAndCanada_CarriesTheCodesOfCbp) {
  EXPECT_EQ(state("MEX", "CMX")->abi_subentity, "DIF");
  EXPECT_EQ(state("MEX", "COA")->abi_subentity, "COA");
  EXPECT_EQ(state("MEX", "NLE")->x12_n402, "NL");
  EXPECT_EQ(state("CAN", "UN")->abi_subentity, "NU");
  EXPECT_EQ(state("USA", "COA"), nullptr);
}

TEST(Place, CodeOfAState_IsNamed) {
  EXPECT_EQ(localidad("COA", "16")->name, "Ramos Arizpe");
  EXPECT_EQ(municipio("NLE", "048")->name, "Santa Catarina");
  EXPECT_EQ(municipio("AGU", "999"), nullptr);
  EXPECT_TRUE(municipio("NLE", "048")->validity.covers(kNovember2026));
  EXPECT_FALSE(municipio("NLE", "048")->validity.covers(2021y / 12 / 31));
}

TEST(Unit, ThatMisleads_HasItsExactFactor) {
  EXPECT_EQ(unidad_aduana("14")->factor, Decimal(1000));
  EXPECT_EQ(cbp_unit("TON")->factor, *Decimal::parse("1016.0469088"));
  EXPECT_EQ(cbp_unit("STN")->factor, *Decimal::parse("907.18474"));
  EXPECT_EQ(cbp_unit("GR")->dimension, Dimension::count);
  EXPECT_EQ(cbp_unit("G")->dimension, Dimension::mass);
  EXPECT_EQ(clave_unidad("OZA")->factor, *Decimal::parse("0.0000295735295625"));
  EXPECT_EQ(unidad_aduana("99")->dimension, Dimension::service);
  EXPECT_FALSE(unidad_aduana("12")->factor.has_value());
  EXPECT_EQ(clave_unidad("01"), nullptr);
  EXPECT_EQ(dimension_name(Dimension::mass), "mass");
}

TEST(Packaging, OfPalletPailAndPieces_TellsThemApart) {
  EXPECT_FALSE(packaging("X8A")->lowest);
  EXPECT_EQ(packaging("XPL")->abi_uom, "PL");
  EXPECT_EQ(packaging("XPL")->x12_uom, "PAL");
  EXPECT_TRUE(packaging("XPL")->lowest);
  EXPECT_FALSE(packaging("H87")->packed);
  EXPECT_EQ(packaging("H87")->abi_uom, "PCS");
  EXPECT_EQ(packaging_of_embalaje("4G")->un_performance, true);
  EXPECT_EQ(packaging_by_abi("BX")->code, "XBX");
  EXPECT_EQ(packaging("KGM"), nullptr);
}

TEST(Incoterm, Dap_IncludesFreightNotDuty) {
  EXPECT_TRUE(incoterm("DAP")->includes_freight);
  EXPECT_FALSE(incoterm("DAP")->includes_us_duty);
  EXPECT_TRUE(incoterm("DDP")->includes_us_duty);
  EXPECT_TRUE(incoterm("CIF")->sea_only);
  EXPECT_EQ(incoterm("FOO"), nullptr);
}

TEST(Fee, OnTwoDates_HasTheLimitsOfEach) {
  const Fee* before = fee("499", 2026y / 9 / 30);
  const Fee* after = fee("499", 2026y / 10 / 1);
  ASSERT_NE(before, nullptr);
  ASSERT_NE(after, nullptr);
  EXPECT_EQ(before->minimum_usd, Decimal::parse("33.58"));
  EXPECT_EQ(after->maximum_usd, Decimal::parse("670.86"));
  EXPECT_EQ(after->rate, Decimal::parse("0.003464"));
  EXPECT_EQ(after->kind, FeeRate::ad_valorem);
  EXPECT_EQ(fee("499", 2019y / 1 / 1), nullptr);
  EXPECT_EQ(fee("107", kNovember2026)->kind, FeeRate::per_kg);
  EXPECT_EQ(fee("056", kNovember2026)->kind, FeeRate::scheduled);
}

TEST(Measure, ByHeadingAndDate_HasTheRateOfThatDay) {
  EXPECT_EQ(measure("9903.82.02", kNovember2026)->rate_text, "0.50");
  EXPECT_EQ(measure("9903.74.03", kNovember2026)->rate_text, "0.25");
  EXPECT_EQ(measure("9903.05.94", kNovember2026)->rate_text, "0");
  EXPECT_EQ(measure("9903.05.94", kNovember2026)->kind, MeasureRate::exemption);
  EXPECT_EQ(measure("9903.82.02", 2026y / 4 / 5), nullptr);
  EXPECT_EQ(measure("9903.01.01", 2026y / 2 / 23)->rate, Decimal::parse("0.25"));
  EXPECT_EQ(measure("9903.01.01", 2026y / 2 / 24), nullptr);
  EXPECT_EQ(measure("9903.81.90", 2025y / 6 / 3)->rate, Decimal::parse("0.25"));
  EXPECT_EQ(measure("9903.81.90", 2025y / 6 / 4)->rate, Decimal::parse("0.50"));
  EXPECT_EQ(measure("9903.82.10", kNovember2026)->kind, MeasureRate::minimum_total);
  EXPECT_EQ(measure("9903.82.24", kNovember2026)->kind, MeasureRate::by_note);
  EXPECT_EQ(measures_read_on(), 2026y / 10 / 9);
}

TEST(Measure, OfForcedLaborForMexico_HasOneDutyRow) {
  std::vector<std::string> duties;
  for (const Measure* row : measures_for("S301-FL", "MX", kNovember2026))
    if (row->kind != MeasureRate::exemption) duties.push_back(row->heading);
  EXPECT_EQ(duties, std::vector<std::string>{"9903.05.55"});
  EXPECT_TRUE(measures_for("S301-FL", "MX", 2026y / 7 / 23).empty());
}

TEST(Measure, OfTheEuropeanUnion_CoversItsMembers) {
  const Measure* row = measure("9903.05.39", kNovember2026);
  ASSERT_NE(row, nullptr);
  EXPECT_TRUE(row->covers_origin("DE"));
  EXPECT_FALSE(row->covers_origin("MX"));
  EXPECT_FALSE(measure("9903.76.02", kNovember2026)->covers_origin("FR"));
  EXPECT_TRUE(measure("9903.76.02", kNovember2026)->covers_origin("MX"));
}

TEST(Adcvd, ByHeadingAndChapter_LeavesOutWhatIsNotInForce) {
  ASSERT_EQ(adcvd_by_heading("7306305000", kNovember2026).size(), 1u);
  EXPECT_EQ(adcvd_by_heading("7306305000", kNovember2026)[0]->number, "A-201-805");
  EXPECT_TRUE(adcvd_by_heading("7326908688", kNovember2026).empty());
  EXPECT_FALSE(adcvd_in_chapter("73", kNovember2026).empty());
  EXPECT_TRUE(adcvd_in_chapter("87", kNovember2026).empty());  // an investigation is not an order
  EXPECT_TRUE(adcvd_by_heading("0702002000", 2025y / 7 / 13).empty());
}

TEST(SmallLists, KnownCodes_AreTyped) {
  EXPECT_TRUE(special_program("S")->applies_to_mexico);
  EXPECT_EQ(bond_type("8")->meaning, "Continuous bond");
  EXPECT_EQ(bond_designation("B")->meaning, "Basic bond");
  EXPECT_EQ(bond_type("B"), nullptr);
  EXPECT_TRUE(entry_type("01")->made_by_gateway);
  EXPECT_EQ(transport_mode("01", false)->cbp_mot, "30");
  EXPECT_EQ(transport_mode("01", true)->cbp_mot, "31");
  EXPECT_EQ(transport_mode("", true), nullptr);
  EXPECT_EQ(transport_mode_by_mot("30")->x12_code, "J");
  EXPECT_TRUE(equipment_type("TF")->sealable);
  EXPECT_FALSE(equipment_type("FT")->sealable);
  EXPECT_EQ(equipment_type("TR")->kind, EquipmentKind::conveyance);
  EXPECT_EQ(trailer_type("CTR002")->ace_type, "TF");
  EXPECT_EQ(vehicle_config("T3S2")->ace_type, "TR");
  EXPECT_TRUE(vehicle_config("VL")->may_tow);
  EXPECT_FALSE(vehicle_config("VL")->must_tow);
}

TEST(Catalogs, FirstUseFromSeveralThreads_GivesOneRow) {
  std::vector<const Place*> seen(8);
  {
    std::vector<std::jthread> threads;
    for (auto& place : seen) threads.emplace_back([&place] { place = municipio("JAL", "039"); });
  }
  EXPECT_NE(seen.front(), nullptr);
  EXPECT_TRUE(std::all_of(seen.begin(), seen.end(), [&](const Place* place) { return place == seen.front(); }));
}

TEST(UtcOffset_OfAHuso, IsThatOfItsClocksOnTheDay) {
  struct Case {
    std::string_view huso, local;
    int hours;
  };
  for (const Case& one : {
           Case{"Tiempo del Centro", "2022-01-15T12:00:00", -6},
           {"Tiempo del Centro", "2022-04-03T01:59:59", -6},
           {"Tiempo del Centro", "2022-04-03T03:00:00", -5},
           {"Tiempo del Centro", "2022-10-30T01:59:59", -5},
           {"Tiempo del Centro", "2022-10-30T02:00:00", -6},
           {"Tiempo del Centro", "2023-07-01T12:00:00", -6},  // no daylight time since
           {"Tiempo del Pacífico", "2022-07-01T12:00:00", -6},
           {"Tiempo del Pacífico", "2026-07-01T12:00:00", -7},
           {"Tiempo del Pacífico Sonora", "2022-07-01T12:00:00", -7},
           {"Tiempo del Sureste", "2022-07-01T12:00:00", -5},
           {"Tiempo del Sureste", "2026-01-01T12:00:00", -5},
           {"Tiempo del Noroeste en Frontera", "2026-01-01T12:00:00", -8},
           {"Tiempo del Noroeste en Frontera", "2026-03-08T03:00:00", -7},  // second Sunday of March
           {"Tiempo del Noroeste en Frontera", "2026-11-01T01:59:59", -7},
           {"Tiempo del Noroeste en Frontera", "2026-11-01T02:00:00", -8},
           {"Tiempo del Centro en Frontera", "2022-03-20T12:00:00", -5},  // three weeks before the rest
           {"Tiempo del Centro en Frontera", "2026-12-01T12:00:00", -6},
           {"Tiempo del Pacífico en Frontera", "2026-07-01T12:00:00", -6},
       })
    EXPECT_EQ(utc_offset(one.huso, *parse_local_time(one.local)), std::chrono::hours(one.hours)) << one.huso << " " << one.local;
  EXPECT_EQ(utc_offset("Tiempo de Marte", *parse_local_time("2026-07-01T12:00:00")), std::nullopt);
}

}  // namespace
}  // namespace puente::catalogs
