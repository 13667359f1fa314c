#include "mappings/cbp/release_data.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace puente::cbp {
namespace {

constexpr std::string_view kManufacturer = "MF";
constexpr std::array<std::string_view, 7> kHeaderOrder = {"CN", "BY", "SE", "ST", "LG", "CS", "BKP"};
constexpr int kAddressLinesPerRecord = 2;
constexpr std::size_t kAddressRecords = 3;
constexpr std::size_t kEquipmentRecords = 99;

PlacedParty party_of_entry(const v1::Entry& entry, std::string_view se_code) {
  for (int i = 0; i < entry.parties_size(); ++i)
    if (entry.parties(i).se_code() == se_code) return {&entry.parties(i), "parties[" + std::to_string(i) + "]"};
  return {nullptr, ""};
}

PlacedParty own_party_of_line(const v1::Entry& entry, int line, std::string_view se_code) {
  const v1::Line& at = entry.lines(line);
  for (int i = 0; i < at.parties_size(); ++i)
    if (at.parties(i).se_code() == se_code)
      return {&at.parties(i), "lines[" + std::to_string(line) + "].parties[" + std::to_string(i) + "]"};
  return {nullptr, ""};
}

void write_reference(Assembly& assembly, const RecordPlan& plan, const Sources& sources, std::string_view qualifier,
                     std::string_view source) {
  const std::optional<Sources::Found> found = sources.find(source);
  if (!found) return;
  Sources here = sources;
  here.give("reference.qualifier", std::string(qualifier), "constant");
  here.give("reference.value", found->value, found->origin);
  assembly.writer.write(plan, here);
}

}  // namespace

PlacedParty party_of_line(const v1::Entry& entry, int line, std::string_view se_code) {
  const PlacedParty own = own_party_of_line(entry, line, se_code);
  return own.party != nullptr ? own : party_of_entry(entry, se_code);
}

std::vector<PlacedParty> header_parties(const v1::Entry& entry) {
  std::vector<PlacedParty> parties;
  for (const std::string_view code : kHeaderOrder)
    if (PlacedParty placed = party_of_entry(entry, code); placed.party != nullptr) parties.push_back(std::move(placed));
  return parties;
}

std::vector<PlacedParty> line_parties(const v1::Entry& entry, int line) {
  std::vector<PlacedParty> parties;
  if (PlacedParty maker = party_of_line(entry, line, kManufacturer); maker.party != nullptr)
    parties.push_back(std::move(maker));
  for (const std::string_view code : kHeaderOrder)
    if (PlacedParty own = own_party_of_line(entry, line, code); own.party != nullptr) parties.push_back(std::move(own));
  return parties;
}

void write_party(Assembly& assembly, const PlacedParty& placed, const PartyPlans& plans) {
  const v1::Party& party = *placed.party;
  Sources sources = assembly.sources;
  sources.bind("party", party, placed.path);
  const bool by_identifier = party.send_as() == "identifier";
  // What is not sent is hidden from the entity record alone.
  Sources entity = sources;
  if (by_identifier) {
    entity.give("party.name", "", "");
  } else {
    entity.give("party.id", "", "");
    entity.give("party.id_qualifier", "", "");
  }
  assembly.writer.write(plans.entity, entity);
  if (by_identifier) return;

  const int lines = party.address_lines_size();
  const std::string record(plans.address.record->control_id());
  assembly.writer.limit(record, static_cast<std::size_t>((lines + 1) / kAddressLinesPerRecord), kAddressRecords);
  const std::optional<Sources::Found> qualifier = sources.find("party.address_qualifier");
  for (int first = 0; first < lines; first += kAddressLinesPerRecord) {
    Sources pair = sources;
    for (int i = 0; i < kAddressLinesPerRecord && first + i < lines; ++i) {
      pair.give(i == 0 ? "address.info_1" : "address.info_2", party.address_lines(first + i),
                placed.path + ".address_lines[" + std::to_string(first + i) + "]");
      // 15: a street as it is written, not taken apart.
      pair.give(i == 0 ? "address.qualifier_1" : "address.qualifier_2", qualifier ? qualifier->value : "15",
                qualifier ? qualifier->origin : "constant");
    }
    assembly.writer.write(plans.address, pair);
  }
  assembly.writer.write(plans.place, sources);
}

void write_references(Assembly& assembly, const RecordPlan& plan) {
  write_reference(assembly, plan, assembly.sources, "CR", "filer.reference");
  if (assembly.entry.bond().type() == "9") {
    write_reference(assembly, plan, assembly.sources, "V1", "entry.bond.surety_code");
    write_reference(assembly, plan, assembly.sources, "AMT", "entry.bond.amount_usd");
  }
  for (int i = 0; i < assembly.entry.references_size(); ++i) {
    Sources sources = assembly.sources;
    sources.bind("reference", assembly.entry.references(i), "references[" + std::to_string(i) + "]");
    assembly.writer.write(plan, sources);
  }
}

void write_equipment(Assembly& assembly, const v1::Bill& bill, const RecordPlan& plan) {
  const auto found = assembly.facts.equipment.find(bill.scn());
  if (found == assembly.facts.equipment.end()) return;
  assembly.writer.limit("SE17", found->second.size(), kEquipmentRecords);
  for (std::size_t i = 0; i < found->second.size(); ++i) {
    Sources sources = assembly.sources;
    sources.give("equipment.number", found->second[i],
                 "filer.equipment[" + bill.scn() + "][" + std::to_string(i) + "]");
    assembly.writer.write(plan, sources);
  }
}

}  // namespace puente::cbp
