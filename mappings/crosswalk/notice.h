// The crossing notice, puente.notice/1: the carrier's facts of one truck's crossing, as JSON (reference:
// golden/README). A missing required key is a finding, never a refusal; unknown keys are kept in `bytes` and not used.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mappings/domain/date.h"
#include "mappings/findings/findings.h"

namespace puente::crosswalk {

struct NoticeEquipment {
  std::string type, plate, plate_country, plate_state, number, vin;
  std::vector<std::string> seals;
};

struct NoticeTravelDocument {
  std::string type, number, country, expires;
};

struct NoticeCrew {
  std::string role;
  bool person_in_charge = false;
  std::string first_name, last_name, birth_date, gender, citizenship;
  std::string licence_number, licence_country, licence_state, fast;
  std::vector<NoticeTravelDocument> documents;
};

struct NoticePackages {
  std::string count, unit;  // unit: c_ClaveUnidad
};

struct NoticeBill {
  std::string scn, type;
  std::vector<std::string> invoices;   // UUIDs, upper case
  std::vector<std::string> equipment;  // plates
  std::vector<NoticePackages> packages;
};

struct Notice {
  std::string name;  // file name or document id
  std::string notice_id;
  std::optional<LocalTime> sent_at;
  std::string carrier_scac, trip_number, port_of_arrival;
  std::optional<LocalTime> eta;
  std::vector<std::string> carta_porte;  // IdCCP
  NoticeEquipment conveyance;
  std::vector<NoticeEquipment> equipment;
  std::vector<NoticeCrew> crew;
  std::vector<NoticeBill> bills;
  std::vector<std::string> refused;  // JSON pointers of keys that were there and not taken (NOTICE_KEY_INVALID)
};

struct NoticeOutcome {
  std::optional<Notice> notice;  // nullopt: not JSON, not an object, or another schema
  Findings findings;             // NOTICE_INVALID, NOTICE_KEY_INVALID and the like; places are JSON pointers
};

// At most 256 KiB and 16 levels deep. Pure; safe on several threads at once.
NoticeOutcome read_notice(std::string_view name, std::string_view bytes);

}  // namespace puente::crosswalk
