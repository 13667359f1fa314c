// Cargo release (SE): header, bills, references, parties, lines, in the order of CATAIR ACE Cargo Release, section 3 of
// the chapter: A and R carry all, U the bills, D only the header, the reason and its reference.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "mappings/cbp/catair/records/se_header.h"
#include "mappings/cbp/catair/records/se_line.h"
#include "mappings/cbp/catair/records/se_party.h"
#include "mappings/cbp/encode_parts.h"
#include "mappings/domain/decimal.h"

namespace puente::cbp {
namespace {

using namespace catair::records;

constexpr Placement kSe10Sources[] = {
    {"action_code", "computed.action"},
    {"filer_code", "entry.filer_code"},
    {"entry_number", "entry.entry_number", Shape::as_is, When::later},
    {"entry_type", "entry.entry_type"},
    {"ior_type", "computed.ior_type"},
    {"ior_number", "entry.importer_of_record"},
    {"mot", "entry.mode_of_transport"},
    {"bond_type", "entry.bond.type"},
    {"entered_value", "computed.entered_value"},
    {"port_of_entry", "entry.port_of_entry"},
};
constexpr Placement kSe11Sources[] = {
    {"location_firms", "entry.location_of_goods"},
    {"trip_number", "entry.trip_number"},
};
constexpr Placement kSe13Sources[] = {
    {"contact_name", "filer.contact_name"},
    {"contact_phone", "filer.contact_phone", Shape::digits},
    {"reason_code", "filer.cancel_reason"},
};
constexpr Placement kSe15Sources[] = {
    {"bill_type", "bill.se_bill_type"},
    {"bill_issuer", "bill.issuer_scac"},
    {"bill_number", "bill.number"},
    {"quantity", "bill.manifest_quantity"},
    {"non_ams", "=N"},
};
constexpr Placement kSe17Sources[] = {{"equipment_number", "equipment.number", Shape::letters_and_digits}};
constexpr Placement kSe20Sources[] = {{"ref_qualifier", "reference.qualifier"}, {"reference", "reference.value"}};
constexpr Placement kEntitySources[] = {
    {"entity_code", "party.se_code"},
    {"entity_name", "party.name"},
    {"id_qualifier", "party.id_qualifier"},
    {"entity_id", "party.id"},
};
constexpr Placement kAddressSources[] = {
    {"addr_qualifier_1", "address.qualifier_1"},
    {"addr_info_1", "address.info_1"},
    {"addr_qualifier_2", "address.qualifier_2"},
    {"addr_info_2", "address.info_2"},
};
constexpr Placement kPlaceSources[] = {
    {"city", "party.city"},
    {"subdivision", "party.subentity"},
    {"postal_code", "party.postal", Shape::letters_and_digits},
    {"country", "party.country"},
};
constexpr Placement kSe40Sources[] = {
    {"line_number", "computed.line_number"},
    {"origin", "line.country_of_origin"},
    {"description", "computed.description"},
};
constexpr Placement kSe60Sources[] = {
    {"hts", "tariff.hts", Shape::ten_digits},
    {"line_value", "tariff.value_usd"},
};

constexpr RecordPlan kSe10Plan = plan(kSe10, kSe10Sources);
constexpr RecordPlan kSe11Plan = plan(kSe11, kSe11Sources);
constexpr RecordPlan kSe13Plan = plan(kSe13, kSe13Sources);
constexpr RecordPlan kSe15Plan = plan(kSe15, kSe15Sources);
constexpr RecordPlan kSe17Plan = plan(kSe17, kSe17Sources);
constexpr RecordPlan kSe20Plan = plan(kSe20, kSe20Sources);
constexpr PartyPlans kHeaderParty = {plan(kSe30, kEntitySources), plan(kSe35, kAddressSources),
                                     plan(kSe36, kPlaceSources)};
constexpr PartyPlans kLineParty = {plan(kSe50, kEntitySources), plan(kSe55, kAddressSources),
                                   plan(kSe56, kPlaceSources)};
constexpr RecordPlan kSe40Plan = plan(kSe40, kSe40Sources);
constexpr RecordPlan kSe60Plan = plan(kSe60, kSe60Sources);

constexpr std::size_t kMostBills = 999, kMostLines = 999, kMostTariffs = 32;

// The kind of an importer number by its hyphens: NN-NNNNNNNXX, NNN-NN-NNNN, YYDDPP-NNNNN.
std::string_view ior_type(std::string_view number) {
  switch (number.find('-')) {
    case 2:
      return "EI";
    case 3:
      return "34";
    case 6:
      return "ANI";
    default:
      return "";
  }
}

// Cancellation reasons that name what takes the entry's place, and the SE20 qualifier that carries its number.
struct ReasonReference {
  std::string_view reason, qualifier;
};
constexpr ReasonReference kReasonReferences[] = {{"02", "IB"}, {"03", "EN"}, {"04", "FTZ"}};

void check_cancel_reference(Assembly& assembly) {
  for (const ReasonReference& needed : kReasonReferences) {
    if (assembly.facts.cancel_reason != needed.reason) continue;
    for (const v1::Reference& reference : assembly.entry.references())
      if (reference.qualifier() == needed.qualifier) return;
    assembly.findings.add("SE_CANCEL_REFERENCE_MISSING",
                          {{"reason", std::string(needed.reason)}, {"qualifier", std::string(needed.qualifier)}});
  }
}

void give_entered_value(Assembly& assembly) {
  const v1::Entry& entry = assembly.entry;
  const bool estimated = entry.has_estimated_value_usd();
  if (!estimated && !entry.totals().has_entered_value_usd()) return;
  const std::int64_t value = estimated ? entry.estimated_value_usd() : entry.totals().entered_value_usd();
  assembly.sources.give("computed.entered_value", std::to_string(value),
                        estimated ? "estimated_value_usd" : "totals.entered_value_usd");
  Decimal lines;
  for (const v1::Line& line : entry.lines())
    for (const v1::Tariff& tariff : line.tariffs()) lines += Decimal(tariff.value_usd());
  if (Decimal(value) < lines) assembly.findings.add("SE_VALUE_BELOW_LINES");
}

void write_bills(Assembly& assembly) {
  assembly.writer.limit("SE15", static_cast<std::size_t>(assembly.entry.bills_size()), kMostBills);
  for (int i = 0; i < assembly.entry.bills_size(); ++i) {
    const v1::Bill& bill = assembly.entry.bills(i);
    Sources sources = assembly.sources;
    sources.bind("bill", bill, "bills[" + std::to_string(i) + "]");
    if (bill.se_bill_type() == "I") {  // an in-bond movement has neither issuer nor quantity
      sources.give("bill.issuer_scac", "", "");
      sources.give("bill.manifest_quantity", "", "");
    }
    assembly.writer.write(kSe15Plan, sources);
    write_equipment(assembly, bill, kSe17Plan);
  }
}

void write_line(Assembly& assembly, int index) {
  const v1::Line& line = assembly.entry.lines(index);
  const std::string path = "lines[" + std::to_string(index) + "]";
  Sources sources = assembly.sources;
  sources.bind("line", line, path);
  const std::string number = std::to_string(line.has_line() ? line.line() : index + 1);
  sources.give("computed.line_number", std::string(number.size() < 3 ? 3 - number.size() : 0, '0') + number,
               path + ".line");
  if (line.description_size() > 0) sources.give("computed.description", line.description(0), path + ".description[0]");
  if (line.description_size() > 1)
    assembly.findings.add("SE_DESCRIPTION_FIRST_ONLY", {{"line", number}, {"width", "70"}}).set_where("line " + number);
  assembly.writer.write(kSe40Plan, sources);
  for (const PlacedParty& party : line_parties(assembly.entry, index)) write_party(assembly, party, kLineParty);
  assembly.writer.limit("SE60", static_cast<std::size_t>(line.tariffs_size()), kMostTariffs);
  for (int i = 0; i < line.tariffs_size(); ++i) {
    Sources here = sources;
    here.bind("tariff", line.tariffs(i), path + ".tariffs[" + std::to_string(i) + "]");
    // The value stands on the classification, the last number; a number before it has one only where goods are split.
    if (i + 1 < line.tariffs_size() && line.tariffs(i).value_usd() == 0) here.give("tariff.value_usd", "", "");
    assembly.writer.write(kSe60Plan, here);
  }
}

}  // namespace

void write_cargo_release(Assembly& assembly) {
  const v1::Entry& entry = assembly.entry;
  const Action action = assembly.facts.action;
  assembly.sources.give("computed.ior_type", std::string(ior_type(entry.importer_of_record())),
                        "computed: form of importer_of_record");
  give_entered_value(assembly);
  assembly.writer.write(kSe10Plan, assembly.sources);
  if (action != Action::cancel && (entry.has_location_of_goods() || entry.has_trip_number()))
    assembly.writer.write(kSe11Plan, assembly.sources);
  assembly.writer.write(kSe13Plan, assembly.sources);
  if (action == Action::cancel) {
    check_cancel_reference(assembly);
  } else {
    write_bills(assembly);
  }
  write_references(assembly, kSe20Plan);
  if (action == Action::cancel || action == Action::update) return;
  for (const PlacedParty& party : header_parties(entry)) write_party(assembly, party, kHeaderParty);
  assembly.writer.limit("SE40", static_cast<std::size_t>(entry.lines_size()), kMostLines);
  for (int i = 0; i < entry.lines_size(); ++i) write_line(assembly, i);
}

}  // namespace puente::cbp
