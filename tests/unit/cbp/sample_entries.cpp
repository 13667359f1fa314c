#include "tests/unit/cbp/sample_entries.h"

#include <string>

namespace puente::cbp {
namespace {

void add_party(v1::Entry& entry, const std::string& role, const std::string& code, const std::string& name,
               const std::string& street, const std::string& city, const std::string& state, const std::string& postal,
               const std::string& country) {
  v1::Party& party = *entry.add_parties();
  party.set_role(role);
  party.set_se_code(code);
  party.set_send_as("name_address");
  party.set_name(name);
  party.set_address_qualifier("15");
  party.add_address_lines(street);
  party.set_city(city);
  party.set_subentity(state);
  party.set_postal(postal);
  party.set_country(country);
}

v1::Bill& add_bill(v1::Entry& entry, const std::string& issuer, const std::string& number, int quantity,
                   const std::string& unit) {
  v1::Bill& bill = *entry.add_bills();
  bill.set_se_bill_type("R");
  bill.set_ae_component_type("M");
  bill.set_issuer_scac(issuer);
  bill.set_number(number);
  bill.set_scn(issuer + number);
  bill.set_manifest_quantity(quantity);
  bill.set_abi_uom(unit);
  return bill;
}

void add_rotor_line(v1::Entry& entry, int number, const std::string& description, int charges, int weight,
                    const std::string& hts, int value, const std::string& quantity) {
  v1::Line& line = *entry.add_lines();
  line.set_line(number);
  line.set_country_of_origin("MX");
  line.set_country_of_export("MX");
  line.set_spi("S");
  line.set_manufacturer_id("MXCOMAUT1200APO");
  line.add_description(description);
  line.set_related_party("Y");
  line.set_charges_usd(charges);
  line.set_gross_weight_kg(weight);
  for (const char* chapter_99 : {"9903.05.94", "9903.94.06"}) {
    v1::Tariff& tariff = *line.add_tariffs();
    tariff.set_hts(chapter_99);
    tariff.set_value_usd(0);
    tariff.set_duty_usd("0.00");
  }
  v1::Tariff& tariff = *line.add_tariffs();
  tariff.set_hts(hts);
  tariff.set_value_usd(value);
  tariff.set_duty_usd("0.00");
  tariff.set_quantity_1(quantity);
  tariff.set_uom_1("NO");
}

}  // namespace

v1::Entry drive_shaft_entry() {
  v1::Entry entry;
  entry.set_filer_code("ZZ9");
  entry.set_entry_number("12345677");
  entry.set_entry_type("01");
  entry.set_port_of_entry("2304");
  entry.set_port_of_unlading("2304");
  entry.set_mode_of_transport("30");
  entry.set_importer_of_record("12-345678900");
  entry.set_carrier_scac("TMXF");
  entry.set_trip_number("00417");
  entry.set_location_of_goods("W123");
  entry.mutable_bond()->set_type("8");
  entry.set_estimated_value_usd(18450);
  add_bill(entry, "TMXF", "00458812", 24, "CTNS");
  add_party(entry, "seller", "SE", "COMPONENTES AUTOMOTRICES DEL NORTE", "AV MIGUEL ALEMAN 1200", "APODACA", "NLE",
            "66600", "MX");
  add_party(entry, "manufacturer", "MF", "COMPONENTES AUTOMOTRICES DEL NORTE", "AV MIGUEL ALEMAN 1200", "APODACA",
            "NLE", "66600", "MX");
  add_party(entry, "buyer", "BY", "LONE STAR DRIVELINE LLC", "4400 INDUSTRIAL PKWY", "SAN ANTONIO", "TX", "78218",
            "US");
  v1::Party& consignee = *entry.add_parties();
  consignee.set_role("consignee");
  consignee.set_se_code("CN");
  consignee.set_send_as("identifier");
  consignee.set_name("LONE STAR DRIVELINE LLC");
  consignee.set_id_qualifier("EI");
  consignee.set_id("12-345678900");
  v1::Line& line = *entry.add_lines();
  line.set_line(1);
  line.set_country_of_origin("MX");
  line.add_description("STEEL DRIVE SHAFT BRACKETS FOR PASSENGER VEHICLES");
  v1::Tariff& tariff = *line.add_tariffs();
  tariff.set_hts("8708.99.8180");
  tariff.set_value_usd(18450);
  return entry;
}

FilerFacts drive_shaft_filer() {
  FilerFacts facts;
  facts.abi_port = "2304";
  facts.contact_name = "Laura Méndez";
  facts.contact_phone = "(956) 555-0142";
  facts.reference = "P26000117";
  facts.date = Date{std::chrono::year(2026), std::chrono::March, std::chrono::day(16)};
  facts.block_text = "PUENTE000117";
  facts.equipment["TMXF00458812"] = {"TMXF530217"};
  return facts;
}

v1::Entry brake_rotor_entry() {
  v1::Entry entry;
  entry.set_filer_code("ZZ9");
  entry.set_entry_number("00441702");
  entry.set_entry_type("01");
  entry.set_port_of_entry("2304");
  entry.set_port_of_unlading("2304");
  entry.set_mode_of_transport("30");
  entry.set_importer_of_record("12-345678900");
  entry.set_consignee_number("12-345678900");
  entry.set_estimated_entry_date("2026-11-19");
  entry.set_estimated_arrival_date("2026-11-19");
  entry.set_date_of_exportation("2026-11-18");
  entry.set_us_state_of_destination("TX");
  entry.set_carrier_scac("TMXF");
  entry.set_trip_number("00417");
  entry.set_location_of_goods("W123");
  entry.mutable_bond()->set_type("8");
  entry.mutable_bond()->set_designation("B");
  entry.mutable_bond()->set_surety_code("054");
  entry.set_payment_type("2");
  add_bill(entry, "TMXF", "00458930", 624, "CTNS");
  add_party(entry, "manufacturer", "MF", "COMPONENTES AUTOMOTRICES DEL NORTE", "AV MIGUEL ALEMAN 1200", "APODACA",
            "NLE", "66600", "MX");
  v1::Party& buyer = *entry.add_parties();
  buyer.set_role("buyer");
  buyer.set_se_code("BY");
  buyer.set_send_as("identifier");
  buyer.set_name("LONE STAR DRIVELINE LLC");
  buyer.set_id_qualifier("EI");
  buyer.set_id("12-345678900");
  add_rotor_line(entry, 1, "BRAKE ROTORS CAST IRON FOR PASSENGER VEHICLES", 850, 18960, "8708.30.5030", 61320,
                 "2400.00");
  add_rotor_line(entry, 2, "SEAT BELTS FOR PASSENGER VEHICLES", 310, 1420, "8708.21.0000", 24610, "1150.00");
  entry.mutable_totals()->set_entered_value_usd(85930);
  entry.mutable_totals()->set_duty_usd("0.00");
  return entry;
}

FilerFacts brake_rotor_filer() {
  FilerFacts facts;
  facts.abi_port = "2304";
  facts.contact_name = "LAURA MENDEZ";
  facts.contact_phone = "9565550142";
  facts.reference = "P26004417";
  facts.date = Date{std::chrono::year(2026), std::chrono::November, std::chrono::day(19)};
  facts.user_text = "PUENTE-AE-00004417";
  facts.block_text = "BLK-004417-01";
  return facts;
}

}  // namespace puente::cbp
