// Cargo release, lines and tariff numbers (SE40 to SE61), and SE90, the disposition in SX.
#pragma once

#include "mappings/cbp/catair/rows.h"

namespace puente::cbp::catair::records {

inline constexpr Field kSe40Fields[] = {
    control("control_id", 1, 4, AN, "SE40"),
    {"line_number", 5, 7, N, mandatory, right, 0, never, "", "Line Item Identifier", "001, +1 per SE40", high,
     Form::code},
    {"origin", 8, 9, A, mandatory, left, 0, never, "", "Country of Origin",
     "ISO alpha-2; MX (provincial X-codes belong to Canada in AE, not here)"},
    filler("filler_1", 10, 10, AN),
    {"description", 11, 80, X, optional, left, 0, spaces, "", "Commercial Invoice Description",
     "English commercial description, not tariff text", high, Form::prose},
};
static_assert(tiles(kSe40Fields));
inline constexpr Record kSe40{"SE", "SE40", "Line", kCargoReleaseChapter, kSe40Fields};

inline constexpr Field kSe41Fields[] = {
    control("control_id", 1, 4, AN, "SE41"),
    {"zone_status", 5, 5, A, mandatory, left, 0, never, "P;N", "Zone Status", "P or N; D and Z not allowed on type 06"},
    {"pf_date", 6, 11, N, conditional, right, 0, spaces, "", "Privileged FTZ Merchandise Filing Date",
     "MMDDYY; only when P and the SE60 HTS is no longer active", high, Form::date},
    {"ftz_quantity", 12, 19, N, mandatory, right, 0, never, "", "FTZ Line Item Quantity",
     "whole units >0, zero-filled; record only for type 06"},
    filler("filler_1", 20, 80, X),
};
static_assert(tiles(kSe41Fields));
inline constexpr Record kSe41{"SE", "SE41", "Line in a foreign trade zone", kCargoReleaseChapter, kSe41Fields};

inline constexpr Field kSe60Fields[] = {
    control("control_id", 1, 4, AN, "SE60"),
    {"hts", 5, 14, AN, mandatory, left, 0, never, "", "HTS Number",
     "10 digits no dots; chapter 98/99 numbers precede the chapter 1-97 number of the line; type 23 uses 9813 + "
     "merchandise pairs"},
    {"line_value", 15, 24, N, conditional, right, 0, spaces, "", "Line Item Value",
     "whole US dollars, zero-filled; on the chapter 1-97 HTS; mandatory when CN is given by name and for type 86"},
    filler("filler_1", 25, 80, X),
};
static_assert(tiles(kSe60Fields));
inline constexpr Record kSe60{"SE", "SE60", "Tariff number", kCargoReleaseChapter, kSe60Fields};

inline constexpr Field kSe61Fields[] = {
    control("control_id", 1, 4, AN, "SE61"),
    {"current_hts", 5, 14, AN, mandatory, left, 0, never, "", "Current HTS Number for PF Status Merchandise",
     "type 06 only, when declared HTS is inactive"},
    filler("filler_1", 15, 80, X),
};
static_assert(tiles(kSe61Fields));
inline constexpr Record kSe61{"SE", "SE61", "Current tariff number of privileged goods", kCargoReleaseChapter,
                              kSe61Fields};

inline constexpr Field kSe90Fields[] = {
    control("control_id", 1, 4, AN, "SE90"),
    {"message_type", 5, 6, AN, mandatory, left, 0, never, "01;02;03;04;11;13", "Message Type Code",
     "01 rejected, 02 accepted, 03 accepted with warning, 04 referred to human review (transaction level); 11 record "
     "rejected, 13 record warning (record level)"},
    {"condition_code", 7, 9, AN, conditional, left, 0, spaces, "", "Message Identifier Code",
     "Cargo Release condition code; blank on transaction-level acceptance"},
    {"narrative", 10, 49, X, mandatory, left, 0, never, "", "Narrative Message Text", "40 characters"},
    filler("filler_1", 50, 80, X),
};
static_assert(tiles(kSe90Fields));
inline constexpr Record kSe90{"SE", "SE90", "Disposition of the transaction or record", kCargoReleaseChapter,
                              kSe90Fields};

}  // namespace puente::cbp::catair::records
