// Answer to an entry summary: E0 names what is answered, E1 says what about it.
#pragma once

#include "mappings/cbp/catair/rows.h"

namespace puente::cbp::catair::records {

inline constexpr Field kE0SummryFields[] = {
    control("control_identifier", 1, 2, AN, "E0"),
    filler("filler_1", 3, 3),
    {"reference_data_type_code", 4, 9, AN, mandatory, left, 0, never, "SUMMRY", "Reference Data Type Code", "SUMMRY"},
    filler("filler_2", 10, 10),
    {"occurrence_position", 11, 16, N, mandatory, right, 0, never, "", "Occurrence Position",
     "Sequence of the summary in the block; always returned"},
    filler("filler_3", 17, 17),
    {"reference_id_constant", 18, 24, X, mandatory, left, 0, never, "REF ID:", "Reference ID Constant",
     "Literal REF ID:"},
    filler("filler_4", 25, 25),
    {"entry_filer_code", 26, 28, AN, mandatory, left, 0, never, "", "Entry Filer Code", "From 10"},
    filler("filler_5", 29, 29),
    {"entry_number", 30, 37, AN, mandatory, left, 0, never, "", "Entry Number", "From 10"},
    filler("filler_6", 38, 38),
    {"broker_reference_number", 39, 50, X, conditional, left, 0, spaces, "", "Broker Reference Number",
     "From 10; 12 wide here, 9 in the 10-Record"},
    filler("filler_7", 51, 51),
    {"cbp_team_number", 52, 54, AN, conditional, left, 0, spaces, "", "CBP Team Number", "Import specialist team"},
    filler("filler_8", 55, 80),
};
static_assert(tiles(kE0SummryFields));
inline constexpr Record kE0Summry{"AX",
                                  "E0/SUMMRY",
                                  "Entry summary identifier",
                                  "CBP CATAIR Entry Summary Create/Update rev 109, July 2026, ESF-194",
                                  kE0SummryFields,
                                  {4, 9, "SUMMRY"}};

inline constexpr Field kE0Fields[] = {
    control("control_identifier", 1, 2, AN, "E0"),
    filler("filler_1", 3, 3),
    {"reference_data_type_code", 4, 9, AN, mandatory, left, 0, never, "", "Reference Data Type Code",
     "Selects the E0/xxxxxx layout (status not printed)"},
    filler("filler_2", 10, 10),
    {"occurrence_position", 11, 16, N, mandatory, right, 0, never, "", "Occurrence Position",
     "Relative position of the echoed item in its group, else zero; PG01: PGA line number"},
    filler("filler_3", 17, 17),
    {"reference_id_constant", 18, 24, X, mandatory, left, 0, never, "REF ID:", "Reference ID Constant",
     "Literal REF ID:"},
    filler("filler_4", 25, 25),
    {"reference_data_text", 26, 80, X, mandatory, left, 0, never, "", "Reference Data Text",
     "Echoed data, layout by type"},
};
static_assert(tiles(kE0Fields));
inline constexpr Record kE0{"AX", "E0", "Entry Summary Condition Reference",
                            "CBP CATAIR Entry Summary Create/Update rev 109, July 2026, ESF-193", kE0Fields};

inline constexpr Field kE1Fields[] = {
    control("control_identifier", 1, 2, AN, "E1"),
    {"disposition_type_code", 3, 3, AN, mandatory, left, 0, spaces, "A;R", "Disposition Type Code",
     "Space not final, A accepted, R rejected"},
    {"severity_code", 4, 4, AN, mandatory, left, 0, spaces, "F;W;P;I", "Severity Code",
     "F fatal, W census warning, P PGA warning, I informational, space none; on the final record the worst severity"},
    {"condition_code", 5, 7, AN, mandatory, left, 0, never, "", "Condition Code",
     "See ax-conditions.csv; 995 added, 996 replaced, 998 rejected on final records"},
    {"reason_code", 8, 10, AN, conditional, left, 0, spaces, "", "Reason Code", "CBP internal"},
    {"narrative_text", 11, 50, AN, mandatory, left, 0, never, "", "Narrative Text",
     "Text for the code; real texts hold / * ' ( ) > although class is printed AN", high, Form::by_class,
     "/*'()<>-.,&:;=\"$"},
    {"entry_filer_code", 51, 53, AN, conditional, left, 0, spaces, "", "Entry Filer Code", "From the 10-Record"},
    filler("filler_1", 54, 55),
    {"entry_number", 56, 63, AN, conditional, left, 0, spaces, "", "Entry Number", "From the 10-Record"},
    {"version_number", 64, 68, N, conditional, right, 0, spaces, "", "Version Number",
     "Major(3)+minor(2); only on an accepted add/replace final record; 00100 at first", high, Form::code},
    {"broker_reference_number", 69, 77, X, conditional, left, 0, spaces, "", "Broker Reference Number",
     "From the 10-Record, or the stored value on a mismatch"},
    filler("filler_2", 78, 80),
};
static_assert(tiles(kE1Fields));
inline constexpr Record kE1{"AX", "E1", "Entry Summary Condition/Disposition Response",
                            "CBP CATAIR Entry Summary Create/Update rev 109, July 2026, ESF-204..206", kE1Fields};

}  // namespace puente::cbp::catair::records
