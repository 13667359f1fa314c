// A shipment's documents out of the ledger, ready for crosswalk::join.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <vector>

#include "gateway/flow/reading.h"

namespace puente::flow {

struct StoredDocument {
  ledger::DocumentRow row;
  std::shared_ptr<const ReadDocument> read;
};

// The shipment's document of this id, from the cache or read anew.
std::shared_ptr<const ReadDocument> read_stored(ledger::Reader& reader, const ledger::DocumentRow& row,
                                                const Knowledge& knowledge, const FlowOptions& options);

// Documents of the shipment in state joined, in order of arrival: SAT documents and notices.
// `cancelled`: also gets those that the SAT cancelled.
std::vector<StoredDocument> joined_documents(ledger::Reader& reader, std::string_view shipment_id,
                                             const Knowledge& knowledge, const FlowOptions& options,
                                             std::vector<StoredDocument>* cancelled = nullptr);

// Findings of the notices in force that stop filing once something was filed.
inline constexpr std::string_view kNoticeConflict = "NOTICE_CONFLICT";
inline constexpr std::string_view kNoticeSeveralTrips = "NOTICE_SEVERAL_TRIPS";

struct Assembly {
  std::vector<crosswalk::ShipmentDocument> documents;
  std::optional<crosswalk::Notice> notice;
  std::string notice_document;                            // id of the one in use
  std::vector<std::string> identities;                    // of the documents and the notice in use
  std::vector<crosswalk::ElementCorrection> corrections;  // in order of arrival
  Findings findings;
  std::set<std::string, std::less<>> folios;  // folio fiscal of each joined document
  bool all_read = true;                       // by this build's readers
};
// Corrections of the shipment's filers, in order of arrival.
std::vector<crosswalk::ElementCorrection> corrections_of(ledger::Reader& reader, std::string_view shipment_id);
// One document per folio fiscal (a sealed one before an unsealed one, then the first), the latest notice.
Assembly assemble(const std::vector<StoredDocument>& documents, std::vector<crosswalk::ElementCorrection> corrections);

// Whether notice `a` is a later word on the same trip than `b`.
bool same_trip(const crosswalk::Notice& a, const crosswalk::Notice& b);
bool sent_later(const crosswalk::Notice& a, const crosswalk::Notice& b);
// Local time with its offset as an instant; without an offset as if it were UTC.
std::chrono::sys_seconds instant(const LocalTime& time);

}  // namespace puente::flow
