// The release data of an entry: contact, equipment, references and parties. A cargo release and an entry summary that
// certifies the release carry the same records with other layouts, so each brings its own plans.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mappings/cbp/filing.h"
#include "mappings/cbp/record_writer.h"
#include "puente/v1/entry.pb.h"

namespace puente::cbp {

// An entry being written: what it is made from, and where the records go.
struct Assembly {
  const v1::Entry& entry;
  const FilerFacts& facts;
  RecordWriter& writer;
  Sources sources;  // entry and filer are bound, the common computed values given
  Findings& findings;
};

// Plans for one party: the entity, pairs of address lines, city and country.
struct PartyPlans {
  RecordPlan entity, address, place;
};

// A party with the path of the message it stands in: "parties[2]", "lines[0].parties[1]".
struct PlacedParty {
  const v1::Party* party;
  std::string path;
};

// The party of an SE entity code that stands for a line: its own, else that of the whole entry. Null when there is
// none.
PlacedParty party_of_line(const v1::Entry& entry, int line, std::string_view se_code);

// Parties that stand at the header, in the order of transmission, without the manufacturer: it is always told by line.
std::vector<PlacedParty> header_parties(const v1::Entry& entry);
// The manufacturer, then parties that differ from line to line.
std::vector<PlacedParty> line_parties(const v1::Entry& entry, int line);

// Entity by identifier, or by name with address, city and country; never both (CATAIR ACE Cargo Release, SE30).
void write_party(Assembly& assembly, const PlacedParty& placed, const PartyPlans& plans);
// SE20: the filer's reference, bond data of a single transaction bond, and the references of the entry.
void write_references(Assembly& assembly, const RecordPlan& plan);
// SE17 for the trailers and containers of a bill.
void write_equipment(Assembly& assembly, const v1::Bill& bill, const RecordPlan& plan);

}  // namespace puente::cbp
