// Entry summary (AE): header, bills, bond, lines and totals in the order of CATAIR Entry Summary Create/Update, with
// the release data inside when the summary certifies the release (10-record position 40). D carries only its 10-record.
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mappings/cbp/catair/records/ae_header.h"
#include "mappings/cbp/catair/records/ae_line.h"
#include "mappings/cbp/catair/records/ae_release.h"
#include "mappings/cbp/catair/records/ae_totals.h"
#include "mappings/cbp/encode_parts.h"
#include "mappings/domain/decimal.h"

namespace puente::cbp {
namespace {

using namespace catair::records;

constexpr Placement kAe10Sources[] = {
    {"summary_filing_action_request_code", "computed.action"},
    {"entry_filer_code", "entry.filer_code"},
    {"entry_number", "entry.entry_number", Shape::as_is, When::later},
    {"district_port_of_entry", "entry.port_of_entry"},
    {"broker_reference_number", "filer.reference"},
    {"entry_type_code", "entry.entry_type"},
    {"mode_of_transportation_mot_code", "summary.mode_of_transport"},
    {"bond_waiver_indicator", "summary.bond_waiver"},
    {"cargo_release_certification_request_indicator", "summary.certify"},
    {"payment_type_code", "summary.payment_type"},
};
constexpr Placement kAe11Sources[] = {
    {"importer_of_record_number", "entry.importer_of_record"},
    {"consignee_number", "entry.consignee_number"},
    {"estimated_entry_date", "entry.estimated_entry_date"},
    {"date_of_importation", "entry.estimated_arrival_date"},
    {"us_state_of_destination_code", "entry.us_state_of_destination"},
};
constexpr Placement kAe20Sources[] = {
    {"carrier_code", "entry.carrier_scac"},
    {"district_port_of_unlading", "entry.port_of_unlading"},
    {"estimated_date_of_arrival", "entry.estimated_arrival_date"},
    {"location_of_goods_code", "entry.location_of_goods"},
};
constexpr Placement kAe21Sources[] = {{"trip_identifier", "entry.trip_number"}};
constexpr Placement kAe22Sources[] = {
    {"manifested_quantity", "bill.manifest_quantity"},
    {"manifested_quantity_unit_of_measure_code", "bill.abi_uom"},
};
constexpr Placement kAe23Sources[] = {
    {"manifest_component_type_code", "bill.ae_component_type"},
    {"manifest_component_issuer_code", "bill.issuer_scac"},
    {"manifest_component_identifier", "bill.number", Shape::letters_and_digits},
};
constexpr Placement kAe31Sources[] = {
    {"bond_type_code", "entry.bond.type"},
    {"bond_designation_type_code", "entry.bond.designation"},
    {"surety_company_code", "entry.bond.surety_code"},
    {"single_transaction_bond_amount", "entry.bond.amount_usd"},
};
constexpr Placement kAe34Sources[] = {
    {"accounting_class_code_1", "fee.class_code"},
    {"header_fee_amount_1", "fee.amount_usd"},
};
constexpr Placement kAe40Sources[] = {
    {"line_item_identifier", "computed.line_number"},           {"country_of_origin_code", "line.country_of_origin"},
    {"country_of_export_code", "line.country_of_export"},       {"date_of_exportation", "entry.date_of_exportation"},
    {"trade_agreement_special_program_claim_code", "line.spi"}, {"charges_amount", "line.charges_usd"},
    {"gross_shipping_weight", "line.gross_weight_kg"},          {"related_party_indicator", "line.related_party"},
};
constexpr Placement kAe44Sources[] = {{"commercial_description_text", "computed.description"}};
constexpr Placement kAe47Sources[] = {
    {"article_party_type_code", "article.type"},
    {"article_party_identifier", "article.identifier"},
};
constexpr Placement kAe50Sources[] = {
    {"hts_number", "tariff.hts", Shape::letters_and_digits},
    {"duty_amount", "tariff.duty_usd"},
    {"value_of_goods_amount", "tariff.value_usd"},
    {"quantity_1", "tariff.quantity_1"},
    {"unit_of_measure_code_1", "tariff.uom_1"},
    {"quantity_2", "tariff.quantity_2"},
    {"unit_of_measure_code_2", "tariff.uom_2"},
    {"quantity_3", "tariff.quantity_3"},
    {"unit_of_measure_code_3", "tariff.uom_3"},
};
constexpr Placement kAe5407Sources[] = {
    {"importers_additional_declaration_type_code", "declaration.type"},
    {"primary_country_of_smelt_applicability_code", "declared.primary_smelt"},
    {"primary_country_of_smelt_code", "declaration.country_of_primary_smelt"},
    {"secondary_country_of_smelt_applicability_code", "declared.secondary_smelt"},
    {"secondary_country_of_smelt_code", "declaration.country_of_secondary_smelt"},
    {"country_of_cast_code", "declaration.country_of_cast"},
};
constexpr Placement kAe5408Sources[] = {
    {"importers_additional_declaration_type_code", "declaration.type"},
    {"country_of_melt_and_pour_code", "declared.melt_and_pour"},
    {"country_of_melt_and_pour_applicability_code", "declared.melt_and_pour_other"},
};
constexpr Placement kAe5412Sources[] = {
    {"importers_additional_declaration_type_code", "declaration.type"},
    {"primary_country_of_smelt_code", "declaration.country_of_primary_smelt"},
    {"secondary_country_of_smelt_code", "declaration.country_of_secondary_smelt"},
    {"country_of_most_recent_cast_code", "declaration.country_of_cast"},
};
constexpr Placement kAe62Sources[] = {
    {"accounting_class_code", "fee.class_code"},
    {"user_fee_amount", "fee.amount_usd"},
};
constexpr Placement kAe89Sources[] = {
    {"accounting_class_code_1", "fee1.class_code"}, {"total_fee_amount_1", "fee1.amount_usd"},
    {"accounting_class_code_2", "fee2.class_code"}, {"total_fee_amount_2", "fee2.amount_usd"},
    {"accounting_class_code_3", "fee3.class_code"}, {"total_fee_amount_3", "fee3.amount_usd"},
    {"accounting_class_code_4", "fee4.class_code"}, {"total_fee_amount_4", "fee4.amount_usd"},
    {"accounting_class_code_5", "fee5.class_code"}, {"total_fee_amount_5", "fee5.amount_usd"},
};
constexpr Placement kAe90Sources[] = {
    {"grand_total_duty_amount", "computed.total_duty"},
    {"grand_total_user_fee_amount", "computed.total_fees"},
};
// Release data of a certified summary.
constexpr Placement kSe13Sources[] = {
    {"contact_name", "filer.contact_name"},
    {"contact_phone", "filer.contact_phone", Shape::digits},
};
constexpr Placement kSe17Sources[] = {{"equipment_number", "equipment.number", Shape::letters_and_digits}};
constexpr Placement kSe20Sources[] = {
    {"reference_identifier_qualifier", "reference.qualifier"},
    {"reference_identifier", "reference.value"},
};
constexpr Placement kEntitySources[] = {
    {"entity_code", "party.se_code"},
    {"entity_name", "party.name"},
    {"entity_identifier_qualifier", "party.id_qualifier"},
    {"entity_identifier", "party.id"},
};
constexpr Placement kAddressSources[] = {
    {"address_component_qualifier_1", "address.qualifier_1"},
    {"address_information_1", "address.info_1"},
    {"address_component_qualifier_2", "address.qualifier_2"},
    {"address_information_2", "address.info_2"},
};
constexpr Placement kPlaceSources[] = {
    {"city_name", "party.city"},
    {"country_sub_entity_code", "party.subentity"},
    {"postal_code", "party.postal", Shape::letters_and_digits},
    {"country_code", "party.country"},
};

constexpr RecordPlan kAe10Plan = plan(kAe10, kAe10Sources);
constexpr RecordPlan kAe11Plan = plan(kAe11, kAe11Sources);
constexpr RecordPlan kAe20Plan = plan(kAe20, kAe20Sources);
constexpr RecordPlan kAe21Plan = plan(kAe21, kAe21Sources);
constexpr RecordPlan kAe22Plan = plan(kAe22, kAe22Sources);
constexpr RecordPlan kAe23Plan = plan(kAe23, kAe23Sources);
constexpr RecordPlan kAe31Plan = plan(kAe31, kAe31Sources);
constexpr RecordPlan kAe34Plan = plan(kAe34, kAe34Sources);
constexpr RecordPlan kAe40Plan = plan(kAe40, kAe40Sources);
constexpr RecordPlan kAe44Plan = plan(kAe44, kAe44Sources);
constexpr RecordPlan kAe47Plan = plan(kAe47, kAe47Sources);
constexpr RecordPlan kAe50Plan = plan(kAe50, kAe50Sources);
constexpr RecordPlan kAe5407Plan = plan(kAe5407, kAe5407Sources);
constexpr RecordPlan kAe5408Plan = plan(kAe5408, kAe5408Sources);
constexpr RecordPlan kAe5412Plan = plan(kAe5412, kAe5412Sources);
constexpr RecordPlan kAe62Plan = plan(kAe62, kAe62Sources);
constexpr RecordPlan kAe89Plan = plan(kAe89, kAe89Sources);
constexpr RecordPlan kAe90Plan = plan(kAe90, kAe90Sources);
constexpr RecordPlan kSe13Plan = plan(kAeSe13, kSe13Sources);
constexpr RecordPlan kSe17Plan = plan(kAeSe17, kSe17Sources);
constexpr RecordPlan kSe20Plan = plan(kAeSe20, kSe20Sources);
constexpr PartyPlans kHeaderParty = {plan(kAeSe30, kEntitySources), plan(kAeSe35, kAddressSources),
                                     plan(kAeSe36, kPlaceSources)};
constexpr PartyPlans kLineParty = {plan(kAeSe50, kEntitySources), plan(kAeSe55, kAddressSources),
                                   plan(kAeSe56, kPlaceSources)};

// Loop limits in force (CATAIR Entry Summary Create/Update, record map).
constexpr std::size_t kMostBills = 999, kMostLines = 998, kMostDescriptions = 999, kMostTariffs = 32, kMostLineFees = 5,
                      kMostReferences = 4, kMostFeeTotals = 45;
constexpr std::size_t kFeesPerTotalsRecord = 5;

// Fees of the whole entry that stand in the 34-record and in no line: informal, dutiable mail, manual surcharge.
bool is_header_fee(std::string_view class_code) {
  return class_code == "311" || class_code == "496" || class_code == "500";
}

bool on_statement(std::string_view payment_type) {
  return payment_type.size() == 1 && std::string_view("235678").find(payment_type) != std::string_view::npos;
}

std::string indexed(std::string_view list, int index) { return std::string(list) + "[" + std::to_string(index) + "]"; }

void write_header(Assembly& assembly) {
  const v1::Entry& entry = assembly.entry;
  Sources sources = assembly.sources;
  if (assembly.facts.action != Action::cancel) {  // a deletion names the summary and nothing more
    sources.give("summary.mode_of_transport", entry.mode_of_transport(), "mode_of_transport");
    sources.give("summary.payment_type", entry.payment_type(), "payment_type");
    if (entry.bond().type() == "0") sources.give("summary.bond_waiver", "0", "bond.type");
    if (assembly.facts.certify_from_summary) sources.give("summary.certify", "A", "filer.certify_from_summary");
    assembly.findings.add("AE_SIGNATURE_BY_BROKER");
    if (on_statement(entry.payment_type())) assembly.findings.add("AE_STATEMENT_DATE_BY_BROKER");
  }
  assembly.writer.write(kAe10Plan, sources);
}

// One 22-group a bill; an in-bond number stands in the group of the bill that follows it, before the bill.
void write_bills(Assembly& assembly) {
  const v1::Entry& entry = assembly.entry;
  assembly.writer.limit("22", static_cast<std::size_t>(entry.bills_size()), kMostBills);
  std::vector<Sources> in_bond;
  for (int i = 0; i < entry.bills_size(); ++i) {
    const v1::Bill& bill = entry.bills(i);
    Sources sources = assembly.sources;
    sources.bind("bill", bill, indexed("bills", i));
    if (bill.ae_component_type() == "I") {
      sources.give("bill.issuer_scac", "", "");  // forbidden with an in-bond number
      in_bond.push_back(sources);
      continue;
    }
    // A bill of packages of several kinds counts pieces.
    if (bill.package_breakdown_size() > 1)
      sources.give("bill.abi_uom", "PCS", "computed: " + indexed("bills", i) + ".package_breakdown");
    assembly.writer.write(kAe22Plan, sources);
    for (const Sources& before : in_bond) assembly.writer.write(kAe23Plan, before);
    in_bond.clear();
    assembly.writer.write(kAe23Plan, sources);
  }
  if (!in_bond.empty())
    assembly.findings.add("AE_BILL_INCOMPLETE", {{"bill", entry.bills(entry.bills_size() - 1).number()}});
}

void write_bond(Assembly& assembly) {
  if (!assembly.entry.has_bond() || assembly.entry.bond().type() == "0") return;
  Sources sources = assembly.sources;
  if (assembly.entry.bond().type() != "9") sources.give("entry.bond.amount_usd", "", "");  // blank on a continuous bond
  assembly.writer.write(kAe31Plan, sources);
}

// The fees of the entry by class, as they are filed in 89.
struct FeeTotal {
  std::string class_code, amount, path;
};
std::vector<FeeTotal> fee_totals(const v1::Entry& entry) {
  std::map<std::string, std::string> sorted(entry.totals().fees_usd().begin(), entry.totals().fees_usd().end());
  std::vector<FeeTotal> totals;
  for (auto& [class_code, amount] : sorted)
    totals.push_back({class_code, amount, "totals.fees_usd[" + class_code + "]"});
  return totals;
}

void write_header_fees(Assembly& assembly) {
  for (const FeeTotal& fee : fee_totals(assembly.entry)) {
    if (!is_header_fee(fee.class_code)) continue;
    Sources sources = assembly.sources;
    sources.give("fee.class_code", fee.class_code, fee.path);
    sources.give("fee.amount_usd", fee.amount, fee.path);
    assembly.writer.write(kAe34Plan, sources);
  }
}

// The importer number of the party to whom the goods are sold or delivered, where it is known.
std::optional<Sources::Found> article_identifier(const Assembly& assembly, int line, std::string_view se_code) {
  const PlacedParty placed = party_of_line(assembly.entry, line, se_code);
  if (placed.party == nullptr || placed.party->id().empty()) return std::nullopt;
  return Sources::Found{placed.party->id(), placed.path + ".id"};
}

// In a certified summary the 47-records become parties of the release: S its buyer, C its ship-to. Sending these again
// rejects the release; the consignee of the 11-record stands in SE30 only by name.
bool told_elsewhere(const Assembly& assembly, int line, const v1::Party& party) {
  const std::string& code = party.se_code();
  if (code == "BY" || code == "ST") return article_identifier(assembly, line, code).has_value();
  return code == "CN" && party.send_as() == "identifier";
}

void write_release_header(Assembly& assembly) {
  const int references = assembly.entry.references_size() + (assembly.facts.reference.empty() ? 0 : 1);
  assembly.writer.limit("SE20", static_cast<std::size_t>(references), kMostReferences);
  write_references(assembly, kSe20Plan);
  const bool lines = assembly.entry.lines_size() > 0;
  for (const PlacedParty& placed : header_parties(assembly.entry))
    if (!lines || !told_elsewhere(assembly, 0, *placed.party)) write_party(assembly, placed, kHeaderParty);
}

void write_article_parties(Assembly& assembly, const Sources& line_sources, int line, const std::string& number) {
  const auto write = [&](std::string_view type, const Sources::Found& found) {
    Sources sources = line_sources;
    sources.give("article.type", std::string(type), "constant");
    sources.give("article.identifier", found.value, found.origin);
    assembly.writer.write(kAe47Plan, sources);
  };
  if (const auto maker = line_sources.find("line.manufacturer_id")) write("M", *maker);
  if (const auto delivered_to = article_identifier(assembly, line, "ST")) write("C", *delivered_to);
  if (const auto sold_to = article_identifier(assembly, line, "BY")) {
    write("S", *sold_to);
  } else if (assembly.entry.entry_type() != "11") {
    assembly.findings.add("AE_SOLD_TO_UNKNOWN", {{"line", number}}).set_where("line " + number);
  }
}

// The plan of a declaration type, or null: that 54-record is then the broker's to add.
const RecordPlan* declaration_plan(std::string_view type) {
  if (type == "07") return &kAe5407Plan;
  if (type == "08") return &kAe5408Plan;
  if (type == "12") return &kAe5412Plan;
  return nullptr;
}

void write_declarations(Assembly& assembly, const Sources& line_sources, int index, const std::string& number) {
  const v1::Line& line = assembly.entry.lines(index);
  for (int i = 0; i < line.declarations_size(); ++i) {
    const v1::Declaration& declaration = line.declarations(i);
    const RecordPlan* record = declaration_plan(declaration.type());
    if (record == nullptr) {
      assembly.findings.add("AE_DECLARATION_BY_BROKER", {{"line", number}, {"type", declaration.type()}})
          .set_where("line " + number);
      continue;
    }
    const std::string path = indexed(indexed("lines", index) + ".declarations", i);
    Sources sources = line_sources;
    sources.bind("declaration", declaration, path);
    sources.give("declared.primary_smelt", declaration.has_country_of_primary_smelt() ? "Y" : "N",
                 path + ".country_of_primary_smelt");
    sources.give("declared.secondary_smelt", declaration.has_country_of_secondary_smelt() ? "Y" : "N",
                 path + ".country_of_secondary_smelt");
    // OTH has a place of its own beside the country.
    sources.give(
        declaration.country_of_melt_and_pour() == "OTH" ? "declared.melt_and_pour_other" : "declared.melt_and_pour",
        declaration.country_of_melt_and_pour(), path + ".country_of_melt_and_pour");
    assembly.writer.write(*record, sources);
  }
}

void write_line(Assembly& assembly, int index) {
  const v1::Line& line = assembly.entry.lines(index);
  const std::string path = indexed("lines", index);
  Sources sources = assembly.sources;
  sources.bind("line", line, path);
  const std::string number = std::to_string(line.has_line() ? line.line() : index + 1);
  sources.give("computed.line_number", std::string(number.size() < 3 ? 3 - number.size() : 0, '0') + number,
               path + ".line");
  assembly.writer.write(kAe40Plan, sources);
  assembly.writer.limit("44", static_cast<std::size_t>(line.description_size()), kMostDescriptions);
  for (int i = 0; i < line.description_size(); ++i) {
    Sources here = sources;
    here.give("computed.description", line.description(i), indexed(path + ".description", i));
    assembly.writer.write(kAe44Plan, here);
  }
  write_article_parties(assembly, sources, index, number);
  if (assembly.facts.certify_from_summary)
    for (const PlacedParty& placed : line_parties(assembly.entry, index))
      if (!told_elsewhere(assembly, index, *placed.party)) write_party(assembly, placed, kLineParty);
  assembly.writer.limit("50", static_cast<std::size_t>(line.tariffs_size()), kMostTariffs);
  for (int i = 0; i < line.tariffs_size(); ++i) {
    Sources here = sources;
    here.bind("tariff", line.tariffs(i), indexed(path + ".tariffs", i));
    assembly.writer.write(kAe50Plan, here);
  }
  write_declarations(assembly, sources, index, number);
  assembly.writer.limit("62", static_cast<std::size_t>(line.fees_size()), kMostLineFees);
  for (int i = 0; i < line.fees_size(); ++i) {
    if (is_header_fee(line.fees(i).class_code())) continue;
    Sources here = sources;
    here.bind("fee", line.fees(i), indexed(path + ".fees", i));
    assembly.writer.write(kAe62Plan, here);
  }
}

// An amount of the entry in dollars and cents; nothing for what no 11-column element could hold. An unset one is zero.
std::optional<Decimal> amount_of(const std::string& text) {
  if (text.empty()) return Decimal();
  const std::optional<Decimal> amount = text.size() > 16 ? std::nullopt : Decimal::parse(text);
  return amount && amount->scale() <= 2 ? amount : std::nullopt;
}

void report_total(Assembly& assembly, std::string_view total) {
  assembly.findings.add("AE_TOTAL_MISMATCH", {{"total", std::string(total)}});
}

void write_totals(Assembly& assembly) {
  const v1::Entry& entry = assembly.entry;
  Decimal duty, fees;
  bool known = true;  // an amount that is none is reported where it is written, or by the totals below
  const auto add = [&](Decimal& sum, const std::string& text) {
    const std::optional<Decimal> amount = amount_of(text);
    known = known && amount.has_value();
    if (amount) sum += *amount;
  };
  const std::vector<FeeTotal> totals = fee_totals(entry);
  for (const v1::Line& line : entry.lines()) {
    for (const v1::Tariff& tariff : line.tariffs()) add(duty, tariff.duty_usd());
    for (const v1::Fee& fee : line.fees())
      if (!entry.totals().fees_usd().contains(fee.class_code())) report_total(assembly, "fee " + fee.class_code());
  }
  for (const FeeTotal& fee : totals) add(fees, fee.amount);
  if (!known || (entry.totals().has_duty_usd() && amount_of(entry.totals().duty_usd()) != duty))
    report_total(assembly, "duty");

  static constexpr std::string_view kSlots[kFeesPerTotalsRecord][2] = {{"fee1.class_code", "fee1.amount_usd"},
                                                                       {"fee2.class_code", "fee2.amount_usd"},
                                                                       {"fee3.class_code", "fee3.amount_usd"},
                                                                       {"fee4.class_code", "fee4.amount_usd"},
                                                                       {"fee5.class_code", "fee5.amount_usd"}};
  assembly.writer.limit("89", totals.size(), kMostFeeTotals);
  for (std::size_t first = 0; first < totals.size(); first += kFeesPerTotalsRecord) {
    Sources sources = assembly.sources;
    for (std::size_t i = 0; i < kFeesPerTotalsRecord && first + i < totals.size(); ++i) {
      const FeeTotal& fee = totals[first + i];
      sources.give(kSlots[i][0], fee.class_code, fee.path);
      sources.give(kSlots[i][1], fee.amount, fee.path);
    }
    assembly.writer.write(kAe89Plan, sources);
  }
  Sources sources = assembly.sources;
  sources.give("computed.total_duty", duty.to_fixed(2), "computed: sum of lines[].tariffs[].duty_usd");
  sources.give("computed.total_fees", fees.to_fixed(2), "computed: sum of totals.fees_usd");
  assembly.writer.write(kAe90Plan, sources);
}

}  // namespace

void write_entry_summary(Assembly& assembly) {
  const v1::Entry& entry = assembly.entry;
  const bool certified = assembly.facts.certify_from_summary;
  write_header(assembly);
  if (assembly.facts.action == Action::cancel) return;
  assembly.writer.write(kAe11Plan, assembly.sources);
  if (entry.has_carrier_scac() || entry.has_port_of_unlading() || entry.has_estimated_arrival_date() ||
      entry.has_location_of_goods())
    assembly.writer.write(kAe20Plan, assembly.sources);
  if (certified && assembly.facts.action == Action::replace) assembly.writer.write(kSe13Plan, assembly.sources);
  if (entry.has_trip_number()) assembly.writer.write(kAe21Plan, assembly.sources);
  write_bills(assembly);
  if (certified)
    for (const v1::Bill& bill : entry.bills()) write_equipment(assembly, bill, kSe17Plan);
  write_bond(assembly);
  write_header_fees(assembly);
  if (certified) write_release_header(assembly);
  assembly.writer.limit("40", static_cast<std::size_t>(entry.lines_size()), kMostLines);
  for (int i = 0; i < entry.lines_size(); ++i) write_line(assembly, i);
  write_totals(assembly);
}

}  // namespace puente::cbp
