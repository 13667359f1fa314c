// Code lists: what the codes of SAT and CBP mean, embedded from data/*.csv and typed. Each list is parsed once, at its
// first use, and is immutable from then on: every function is safe on several threads, every pointer lives as long as
// the program. A malformed embedded list is a bug of the build and aborts with its file and line.
//
// Lookups are exact (codes in upper case, as the lists write them) and give nullptr or nullopt for what is not listed.
// Lists whose rows have dates take the date that decides (of the document or of the entry), never the clock. Sources:
// reference crosswalk/*.csv and sat/catalogs; data/README.md says what was reshaped on the way in.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mappings/domain/date.h"
#include "mappings/domain/decimal.h"

namespace puente::catalogs {

// Days on which a row is in force, both inclusive; an absent bound is open.
struct Validity {
  std::optional<Date> from, to;
  bool covers(const Date& date) const { return (!from || *from <= date) && (!to || date <= *to); }
  bool overlaps(const Validity& other) const {
    return (!from || !other.to || *from <= *other.to) && (!to || !other.from || *other.from <= *to);
  }
};

// ---- Places ---------------------------------------------------------------------------------------------------------

enum class PortKind { border, inland, north_exit };

// One bridge or gate; a Schedule D port has one or more. std::nullopt: the source does not know.
struct Crossing {
  std::string port_code, name, aduana, mx_city;
  std::optional<bool> commercial_trucks, fast_lane, hazmat, produce_fda, livestock;
  std::string port_hours, commercial_hours;  // "06:00-24:00", "Mon-Fri 06:00-20:00, shorter Sat"
  std::string notes;
};

// A zone of the border, by its IANA name, with the daylight time rule of the United States (15 U.S.C. 260a).
struct TimeZone {
  std::string_view name;
  std::chrono::minutes standard_offset;  // from UTC
  bool daylight_time = false;
};
const TimeZone* time_zone(std::string_view name);
// The moment on the clocks of the zone, with the offset in force then.
LocalTime local_time(const TimeZone& zone, std::chrono::sys_seconds utc);

// What the clocks of a zone of Mexico are from UTC at this local time; nullopt for a zone that is not known. The zones are named as the
// column huso of c_CodigoPostal names them.
inline constexpr std::string_view kHusoCentro = "Tiempo del Centro";
std::optional<std::chrono::minutes> utc_offset(std::string_view huso, const LocalTime& local);

struct Port {
  std::string code;  // Schedule D, four digits
  std::string name, state;
  PortKind kind = PortKind::border;
  const TimeZone* zone = nullptr;         // nullptr: not known here
  std::optional<bool> commercial_trucks;  // true: at least one crossing takes them; false: none does
  std::vector<const Crossing*> crossings;
};
const Port* port(std::string_view schedule_d);

// A Mexican customs office and the port across; a suggestion only, the route decides (mapping section 8).
struct AduanaPort {
  std::string aduana, name, port, port_name, alternatives;
};
const AduanaPort* aduana_port(std::string_view c_aduana);

struct Country {
  std::string alpha3, name_es;
  std::string alpha2;    // ISO; "" where there is none
  std::string cbp_code;  // what CBP's records carry; "" where CBP has no single code (ORIGIN_AMBIGUOUS)
  bool eu_member = false, mexico_fta_partner = false;
  bool in_cbp_list = true;  // false: the code is not in CBP's appendix
  bool embargo = false;     // column 2 or embargo: SANCTION_COUNTRY
  std::string notes;
};
const Country* country_by_alpha3(std::string_view c_pais);
const Country* country_by_alpha2(std::string_view alpha2);

// A state of Mexico, the United States or Canada, by the code of c_Estado and its country (c_Pais).
struct State {
  std::string pais, estado, name_es, iso_3166_2;
  std::string abi_subentity;  // SE36 and SE56: three letters for Mexico, CMX is DIF
  std::string x12_n402;       // two characters, truck manifest
};
const State* state(std::string_view pais, std::string_view estado);

// Names of the SAT's place codes, unique within their state (c_Municipio, c_Localidad).
struct Place {
  std::string code, estado, name;
  Validity validity;
};
const Place* municipio(std::string_view estado, std::string_view code);
const Place* localidad(std::string_view estado, std::string_view code);

// ---- Units and packages ---------------------------------------------------------------------------------------------

enum class Dimension { count, pair, mass, length, area, volume, energy, power, activity, set, package, service, none };
std::string_view dimension_name(Dimension dimension);

// A unit of c_UnidadAduana or c_ClaveUnidad. factor: how many base units one of it is (KG, M, M2, M3, KWH, KW, pieces).
struct SatUnit {
  std::string code, name_es, cbp_uom;
  Dimension dimension = Dimension::none;
  std::optional<Decimal> factor;  // absent for sets, packages and services: no quantity follows from the unit alone
};
const SatUnit* unidad_aduana(std::string_view code);
const SatUnit* clave_unidad(std::string_view code);  // units that measure or count; packages also stand in packaging()

struct CbpUnit {
  std::string code, meaning;
  Dimension dimension = Dimension::none;
  Decimal factor;  // base units in one; 0 for X (no quantity)
};
const CbpUnit* cbp_unit(std::string_view code);

struct Packaging {
  std::string code, name_es;
  std::string abi_uom;  // SE16, AE 22; "" where ABI has none
  std::string x12_uom;  // truck manifest; "" where the list has none
  bool lowest = true;   // false: pallets and shrink-wrapped loads, never the smallest external package
  bool packed = true;   // false: loose pieces (H87), which do not say how the goods are packed
  bool un_performance = false;
};
const Packaging* packaging(std::string_view clave_unidad);                 // XBX, X8A, ... and H87
const Packaging* packaging_of_embalaje(std::string_view c_tipo_embalaje);  // 4G, 1A2, ...
const Packaging* packaging_by_abi(std::string_view abi_uom);               // first row of the ABI code

// ---- Entry, duties and fees -----------------------------------------------------------------------------------------

struct Incoterm {
  std::string code, name;
  bool sea_only = false;
  bool includes_export_inland = false, includes_freight = false, includes_insurance = false, includes_us_duty = false;
  std::string entered_value_rule;
  std::string finding_without_breakdown;  // code, "" for none
};
const Incoterm* incoterm(std::string_view code);

enum class FeeRate { ad_valorem, per_entry, per_kg, per_arrival, per_item, scheduled };  // scheduled: by another table

struct Fee {
  std::string class_code, name, family;  // 499; MPF, HMF, AMS, COBRA, IRT, AD, CVD, OTHER
  FeeRate kind = FeeRate::scheduled;
  std::optional<Decimal> rate;                      // fraction of value for ad_valorem, else dollars
  std::optional<Decimal> minimum_usd, maximum_usd;  // per entry
  Validity validity;
  std::string source;
};
const Fee* fee(std::string_view class_code, const Date& date);

enum class MeasureRate {
  additional,     // rate on top of column 1
  minimum_total,  // duty on the 99 number tops column 1 up to rate (mapping section 10, 15% floor headings)
  exemption,      // reports a relief, no duty
  by_note         // more than one rate, by a note of chapter 99: nothing is computed from it
};

// One heading of chapter 99 in one span of dates.
struct Measure {
  std::string program;       // S301-FL, S232-METAL, ...
  std::string heading;       // 9903.82.02
  std::string heading_last;  // last of a span of headings; "" for one heading
  std::string title, applies_to, products;
  std::vector<std::string> origins;         // alpha-2, or EU; empty: all
  std::vector<std::string> origins_except;  // alpha-2, or EU
  MeasureRate kind = MeasureRate::additional;
  std::optional<Decimal> rate;  // fraction of value; absent for by_note
  std::string rate_text;        // as the canonical entry prints it: "0.50", "0"
  std::string basis, usmca;
  Validity validity;
  std::string source;

  bool covers_origin(std::string_view alpha2) const;
};
// The row of this heading on this day; origin does not matter to it.
const Measure* measure(std::string_view heading, const Date& date);
// Rows of the program in force on the day for goods of this origin (alpha-2), in the order of the list.
std::vector<const Measure*> measures_for(std::string_view program, std::string_view origin, const Date& date);
// The day to which the list states the law; older than the profile allows is MEASURE_TABLE_STALE.
Date measures_read_on();

struct SpecialProgram {
  std::string spi, program, general_note;
  bool applies_to_mexico = false;
  std::string duty_effect, mpf_effect;
};
const SpecialProgram* special_program(std::string_view spi);

struct BondType {
  std::string code, meaning, rule;
};
const BondType* bond_type(std::string_view code);         // 8, 9, 0
const BondType* bond_designation(std::string_view code);  // B, A, U, E

struct EntryType {
  std::string code, name, rule;
  bool made_by_gateway = false, in_cargo_release = false;
};
const EntryType* entry_type(std::string_view code);

// Antidumping and countervailing cases on goods of Mexico.
struct AdcvdCase {
  std::string number, product, status, rate;
  std::vector<std::string> headings;  // digits only, 4 to 10
  bool in_force = false;              // an order or a suspension agreement; false: ended, revoked, under investigation
  Validity validity;
};
// Cases in force on the day that name a heading of this 10-digit number.
std::vector<const AdcvdCase*> adcvd_by_heading(std::string_view hts10, const Date& date);
// Cases in force on the day anywhere in the chapter (two digits).
std::vector<const AdcvdCase*> adcvd_in_chapter(std::string_view chapter, const Date& date);

// ---- Transport ------------------------------------------------------------------------------------------------------

struct TransportMode {
  std::string c_transporte, condition, cbp_mot, meaning, x12_code;
};
// Mode of c_CveTransporte with or without a container ("01" gives 30 or 31); only modes a document can name.
const TransportMode* transport_mode(std::string_view c_transporte, bool container);
const TransportMode* transport_mode_by_mot(std::string_view cbp_mot);

enum class EquipmentKind { conveyance, trailer, container, chassis, device, none };

struct EquipmentType {
  std::string code, meaning;
  EquipmentKind kind = EquipmentKind::trailer;
  bool sealable = false;  // closed trailer or van: its doors take a seal (MANIFEST_SEAL_MISSING)
};
const EquipmentType* equipment_type(std::string_view ace_code);

struct TrailerType {
  std::string subtipo, name_es, ace_type;
};
const TrailerType* trailer_type(std::string_view c_subtiporem);

struct VehicleConfig {
  std::string code, name_es, ace_type;
  int axles = 0, tires = 0;
  bool may_tow = false, must_tow = false;
  std::optional<int> towed_units;
};
const VehicleConfig* vehicle_config(std::string_view c_configautotransporte);

}  // namespace puente::catalogs
