// One entry as a filing: its own draft cut out of the shipment's, its records, and the numbers it is known by.
#pragma once

#include <memory>
#include <string>

#include "gateway/flow/flow.h"
#include "mappings/cbp/filing.h"

namespace puente::flow {

// Cause of a filing that its filer confirmed after a newer revision had replaced it: the entry is with CBP all the
// same.
inline constexpr std::string_view kConfirmedLate = "confirmed_late";
// Cause of a filing that was with CBP when a newer revision was confirmed: should that one be rejected, this stands.
inline constexpr std::string_view kFiledBefore = "filed_before";

// Cause of a filing that was confirmed and is offered once more by a person's order: the entry is with CBP all the
// same.
inline constexpr std::string_view kRedelivered = "redelivered";

// Causes of a held shipment whose entries are on file: only drafting anew, after a person has decided, frees it.
inline constexpr std::string_view kChangedOnFile = "PROFILE_CHANGED_ON_FILE";
inline constexpr std::string_view kOnFileTwice = "SHIPMENTS_ON_FILE_TWICE";

// Detail of an attempt that ended because the filer had the filing corrected: it has not filed it.
inline constexpr std::string_view kCorrected = "corrected";

// The draft of entry `index` alone: entries[0], the manifest, the findings and the lineage that concern it, renamed to
// entry 1. The lineage is serialized; that of the entry number, which may come later, stands in the head.
struct EntryDraft {
  v1::Draft head;
  std::string lineage;
};
EntryDraft draft_of_entry(const v1::Draft& draft, int index);

// Equal texts: the same filing. Leaves out the entry number, which a filing takes on without becoming another revision.
std::string fingerprint(const v1::Draft& one_entry);

// Gives the entry its number; ENTRY_NUMBER_PENDING goes. `source` is LEDGER for a range, ARGUMENT for what the filer
// states.
void set_entry_number(v1::Draft& one_entry, std::string_view number, std::string_view assigned_by,
                      v1::LineageSource::Kind source);

// Sections of the profiles that belong to a filer and to an importer of record.
const crosswalk::ProfileSection* broker_section(const crosswalk::Profiles& profiles, const partners::Partner* filer);
const crosswalk::ProfileSection* importer_section(const crosswalk::Profiles& profiles,
                                                  std::string_view importer_of_record);

// Records of an entry, and what the encoder said beside.
struct Encoded {
  std::string filer_code, entry_number, records, sha256;
  bool clean = true;     // none of the findings is an error
  std::string findings;  // serialized Draft, to be kept behind the head of the filing's
};

// Writes the records of row's kind and action from the head of its draft, and stores them in the row with the entry's
// numbers. `head_bytes`: the head serialized. An entry that is held has no records.
std::shared_ptr<const Encoded> write_records(ledger::FilingRow& row, const v1::Draft& head, std::string_view head_bytes,
                                             const Knowledge& knowledge, const partners::Registry& registry,
                                             ledger::Micros now);

// A stored head and its records once the filer has given the number.
struct Numbered {
  std::string head;
  Encoded encoded;
};
// Null where there is nothing to number.
std::shared_ptr<const Numbered> numbered(const ledger::FilingRow& row, std::string_view head_bytes,
                                         std::string_view number, const Knowledge& knowledge,
                                         const partners::Registry& registry, ledger::Micros now);

// The filer's number for a filing: its records are written anew with it, in the row and in the head of its draft, which
// is stored here; the row by whoever asked. The filing stays the same revision.
Result<void> give_entry_number(ledger::Writer& writer, ledger::FilingRow& row, std::string_view number,
                               const Knowledge& knowledge, const partners::Registry& registry, ledger::Micros now);

// One more finding in the stored draft.
Result<void> add_finding(ledger::Writer& writer, std::string_view filing_id, Finding finding);

// Finds the filing by its entry number, as the sender or the filer may type it.
Result<void> index_entry_number(ledger::Writer& writer, const ledger::FilingRow& row);

// Brings the shipment's state to what its filings say: filed when all are confirmed, closed when all are released, else
// drafted or held. A change that the lifecycle does not know for `verb` is left.
Result<void> settle_shipment(ledger::Writer& writer, std::string_view shipment_id, std::string_view verb,
                             std::string_view partner, ledger::Micros now);

}  // namespace puente::flow
