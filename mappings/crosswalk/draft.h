// draft: a shipment becomes the canonical entries and the manifest (puente.entry/1), every element with the row of the
// crosswalk table that made it. Pure and synchronous; what cannot be known is a finding with its remedy, never a value.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "mappings/crosswalk/shipment.h"
#include "puente/v1/entry.pb.h"

namespace puente::crosswalk {

// Numbers given from outside: the ledger allocates them once, `translate` passes --entry-number, tests pass nothing.
struct GivenNumbers {
  // Entry number (8 digits with check digit, or with the filer code in front) for the entry of this importer of record, and who
  // gave it ("argument", "range", "broker").
  struct EntryNumber {
    std::string number, assigned_by;
  };
  std::function<std::optional<EntryNumber>(std::string_view filer_code, std::string_view importer_of_record)> entry_number;
  std::function<std::optional<std::string>(std::string_view invoice_uuid)> scn;  // when the notice gives none
};

// A filer's correction of one element; the path is relative to the entry ("port_of_entry", "lines[0].manufacturer_id").
struct ElementCorrection {
  std::string importer_of_record;  // of the entry it corrects
  std::string element, value, reason;
};

struct DraftContext {
  std::shared_ptr<const Profiles> profiles;      // never null
  std::shared_ptr<const ProductCatalog> catalog;  // null: no part is known
  std::optional<Date> entry_date;  // selects rules; default: local date of the notice's eta
  // Handle of the [broker.HANDLE] section that files for this importer (handle), port and carrier; unset: the only section.
  std::function<std::optional<std::string>(std::string_view importer, std::string_view port, std::string_view scac)> broker;
  GivenNumbers numbers;
  std::vector<ElementCorrection> corrections;
};

v1::Draft draft(const Shipment& shipment, const DraftContext& context);

// Whether nothing prevents entry `index` from being offered to its filer: no error finding on it and no hold that only the sender
// can clear (an unsealed or unstamped document), and no entry number was given wrong. ENTRY_NUMBER_PENDING and PGA_REQUIRED do not prevent it: the filer clears them.
bool fileable(const v1::Draft& draft, int entry_index);

}  // namespace puente::crosswalk
