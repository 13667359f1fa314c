// join: the documents that travel together, in any order of arrival, and what is still missing.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "mappings/crosswalk/notice.h"
#include "mappings/crosswalk/profile.h"
#include "mappings/sat/read.h"

namespace puente::crosswalk {

// One document of a shipment, already read. `accepted` and the stages decide whether it may be filed from.
struct ShipmentDocument {
  std::string id;  // file name or document id
  std::shared_ptr<const sat::Document> document;
  sat::Stages stages;
  bool accepted = true;
};

struct Shipment {
  std::vector<ShipmentDocument> invoices;       // export invoices, in order of Serie, then Folio as a number
  std::vector<ShipmentDocument> cartas_porte;
  std::vector<ShipmentDocument> others;         // credit notes and the like, kept and not drafted
  std::optional<Notice> notice;
  std::vector<std::string> missing;             // codes: MISSING_EXPORT_INVOICE, MISSING_CARTA_PORTE, MISSING_NOTICE
  Findings findings;                            // links (LINK_BY_PROFILE, LINK_NONE...), substitutions, directions
  bool complete() const { return missing.empty(); }
};

// Joins what is given as one shipment: pairs Carta Porte and invoices (mapping section 1), drops documents that a later one
// substitutes (CfdiRelacionados 04) and unstamped copies of a stamped one, keeps one of unstamped copies that differ, names
// what is missing. Pure.
Shipment join(std::vector<ShipmentDocument> documents, std::optional<Notice> notice);

// Whether `later` takes the place of `earlier` (CfdiRelacionados 04). Only its issuer substitutes a document, and only a
// later one does: two that name each other cannot erase both. Nothing is asked about seals here.
bool substitutes(const sat::Document& later, const sat::Document& earlier);

// The keys by which documents find each other; the ledger indexes them. A shipment is the set of documents connected by
// equal keys: "uuid:6B2C...", "idccp:CCC1f9b0-...", "trip:TFNB07731", "scn:TFNB00418827".
struct LinkKeys {
  std::vector<std::string> own;       // what this document is
  std::vector<std::string> refers;    // what it points to
  std::vector<std::string> replaces;  // relation 04: uuid keys it replaces
};
LinkKeys link_keys(const sat::Document& document);
LinkKeys link_keys(const Notice& notice);

}  // namespace puente::crosswalk
