// Entry summary, the release data that travels inside it when it is certified (10-record position 40 = A).
// The layouts differ from those of a cargo release of its own.
#pragma once

#include "mappings/cbp/catair/rows.h"

namespace puente::cbp::catair::records {

inline constexpr Field kAeSe13Fields[] = {
    control("control_identifier", 1, 4, AN, "SE13"),
    {"contact_name", 5, 44, AN, mandatory, left, 0, never, "", "Contact Name", "Person for the correction request",
     high, Form::prose},
    {"contact_phone", 45, 59, AN, mandatory, left, 0, never, "", "Contact Phone", "Phone number"},
    {"dis_indicator", 60, 60, N, optional, right, 0, spaces, "1", "DIS Indicator",
     "1 = documents sent to DIS; then SE20 DIS is required", high, Form::code},
    filler("filler_1", 61, 80),
};
static_assert(tiles(kAeSe13Fields));
inline constexpr Record kAeSe13{"AE", "SE13", "Correction Request Contact Detail",
                                "CBP CATAIR Entry Summary Create/Update rev 109, July 2026, ESF-41", kAeSe13Fields};

inline constexpr Field kAeSe16Fields[] = {
    control("control_identifier", 1, 4, AN, "SE16"),
    {"carrier_code", 5, 8, AN, mandatory, left, 0, never, "", "Carrier Code",
     "Carrier of the split part or non-AMS bill"},
    {"voyage_flight_trip_manifest_number", 9, 13, X, mandatory, left, 0, never, "",
     "Voyage/Flight/Trip Manifest Number", "Trip number"},
    {"date_of_arrival", 14, 19, N, mandatory, right, 0, never, "", "Date of Arrival", "MMDDYY (class printed N, not D)",
     high, Form::date},
    {"quantity", 20, 27, N, mandatory, right, 0, never, "", "Quantity", "Entered packages for the bill part"},
    {"unit_of_measure", 28, 32, X, optional, left, 0, spaces, "", "Unit of Measure", "Packaging unit"},
    {"conveyance_name", 33, 52, X, conditional, left, 0, spaces, "", "Conveyance Name", "Pipeline name when MOT 70"},
    filler("filler_1", 53, 80, X),
};
static_assert(tiles(kAeSe16Fields));
inline constexpr Record kAeSe16{"AE", "SE16", "Conveyance Detail",
                                "CBP CATAIR Entry Summary Create/Update rev 109, July 2026, ESF-46", kAeSe16Fields};

inline constexpr Field kAeSe17Fields[] = {
    control("control_identifier", 1, 4, AN, "SE17"),
    {"equipment_number", 5, 24, AN, mandatory, left, 0, never, "", "Equipment Number",
     "Container or equipment number exactly as marked"},
    filler("filler_1", 25, 80, X),
};
static_assert(tiles(kAeSe17Fields));
inline constexpr Record kAeSe17{"AE", "SE17", "Equipment Detail",
                                "CBP CATAIR Entry Summary Create/Update rev 109, July 2026, ESF-47", kAeSe17Fields};

inline constexpr Field kAeSe20Fields[] = {
    control("control_identifier", 1, 4, AN, "SE20"),
    {"reference_identifier_qualifier", 5, 7, AN, mandatory, left, 0, never, "", "Reference Identifier Qualifier",
     "CR EN IB FTZ DIS V1 AMT EXP KII RRN PER CES EDA SCE SSR NAM LOC GEN"},
    {"reference_identifier", 8, 57, X, mandatory, left, 0, never, "", "Reference Identifier",
     "Format depends on the qualifier"},
    filler("filler_1", 58, 80, X),
};
static_assert(tiles(kAeSe20Fields));
inline constexpr Record kAeSe20{"AE", "SE20", "Cargo Release Reference Data",
                                "CBP CATAIR Entry Summary Create/Update rev 109, July 2026, ESF-56..57", kAeSe20Fields};

inline constexpr Field kAeSe30Fields[] = {
    control("control_identifier", 1, 4, AN, "SE30"),
    {"entity_code", 5, 7, A, mandatory, left, 0, never, "CN;SE;BY;ST;LG;CS;SH;EX;DR;PK", "Entity Code",
     "CN SE BY ST LG CS (GBI test: SH EX DR PK)"},
    {"entity_name", 8, 42, X, conditional, left, 0, spaces, "", "Entity Name", "Name, or use identifier, never both",
     high, Form::prose},
    {"entity_identifier_qualifier", 43, 45, X, conditional, left, 0, spaces, "EI;ANI;34", "Entity Identifier Qualifier",
     "EI, ANI or 34; BY and ST only"},
    {"entity_identifier", 46, 65, X, conditional, left, 0, spaces, "", "Entity Identifier",
     "NN-NNNNNNNXX, YYDDPP-NNNNN or NNN-NN-NNNN"},
    filler("filler_1", 66, 80, X),
};
static_assert(tiles(kAeSe30Fields));
inline constexpr Record kAeSe30{"AE", "SE30", "Entity Name (header)",
                                "CBP CATAIR Entry Summary Create/Update rev 109, July 2026, ESF-59..60", kAeSe30Fields};

inline constexpr Field kAeSe31Fields[] = {
    control("control_identifier", 1, 4, AN, "SE31"),
    {"gbi_identifier_qualifier", 5, 8, A, mandatory, left, 0, never, "LEI;GLN;DUNS;ALTA", "GBI Identifier Qualifier",
     "LEI GLN DUNS ALTA"},
    {"identifier", 9, 43, AN, mandatory, left, 0, never, "", "Identifier",
     "35 positions since rev 109 (20 before; cut-over by CSMS)"},
    filler("filler_1", 44, 80, X),
};
static_assert(tiles(kAeSe31Fields));
inline constexpr Record kAeSe31{"AE", "SE31", "Entity GBI Identifier (header)",
                                "CBP CATAIR Entry Summary Create/Update rev 109, July 2026, ESF-61", kAeSe31Fields};

inline constexpr Field kAeSe35Fields[] = {
    control("control_identifier", 1, 4, AN, "SE35"),
    {"address_component_qualifier_1", 5, 6, AN, mandatory, left, 0, never,
     "01;02;05;12;13;14;15;28;30;31;32;35;37;57;AK", "Address Component Qualifier (1)",
     "01 02 05 12 13 14 15 28 30 31 32 35 37 57 AK"},
    {"address_information_1", 7, 41, X, mandatory, left, 0, never, "", "Address Information (1)",
     "Text for qualifier 1", high, Form::prose},
    {"address_component_qualifier_2", 42, 43, AN, optional, left, 0, spaces, "", "Address Component Qualifier (2)",
     "Second component"},
    {"address_information_2", 44, 78, X, optional, left, 0, spaces, "", "Address Information (2)",
     "Text for qualifier 2", high, Form::prose},
    filler("filler_1", 79, 80, X),
};
static_assert(tiles(kAeSe35Fields));
inline constexpr Record kAeSe35{"AE", "SE35", "Entity Address (header)",
                                "CBP CATAIR Entry Summary Create/Update rev 109, July 2026, ESF-63", kAeSe35Fields};

inline constexpr Field kAeSe36Fields[] = {
    control("control_identifier", 1, 4, AN, "SE36"),
    {"city_name", 5, 39, X, mandatory, left, 0, never, "", "City Name", "City", high, Form::prose},
    {"country_sub_entity_code", 40, 42, AN, conditional, left, 0, spaces, "", "Country Sub Entity Code",
     "ISO subdivision, e.g. TX, NLE"},
    filler("filler_1", 43, 48, X),
    {"postal_code", 49, 63, X, conditional, left, 0, spaces, "", "Postal Code",
     "Postal code; Chinese manufacturers must give a valid one (UFLPA)"},
    {"country_code", 64, 65, A, mandatory, left, 0, never, "", "Country Code", "ISO country"},
    filler("filler_2", 66, 80, S, "Not printed in the table; record is 80 long"),
};
static_assert(tiles(kAeSe36Fields));
inline constexpr Record kAeSe36{"AE", "SE36", "Entity Geographic Area (header)",
                                "CBP CATAIR Entry Summary Create/Update rev 109, July 2026, ESF-64", kAeSe36Fields};

inline constexpr Field kAeSe50Fields[] = {
    control("control_identifier", 1, 4, AN, "SE50"),
    {"entity_code", 5, 7, A, mandatory, left, 0, never, "MF;SE;BY;ST;LG;CS;CN;SH;EX;DR;PK", "Entity Code",
     "MF SE BY ST LG CS CN (GBI: SH EX DR PK)"},
    {"entity_name", 8, 42, X, conditional, left, 0, spaces, "", "Entity Name", "Name, or identifier", high,
     Form::prose},
    {"entity_identifier_qualifier", 43, 45, X, conditional, left, 0, spaces, "EI;ANI;34", "Entity Identifier Qualifier",
     "EI, ANI or 34; BY ST CN only"},
    {"entity_identifier", 46, 65, X, conditional, left, 0, spaces, "", "Entity Identifier",
     "Identifier for the qualifier"},
    filler("filler_1", 66, 80, X),
};
static_assert(tiles(kAeSe50Fields));
inline constexpr Record kAeSe50{"AE", "SE50", "Entity Name (line)",
                                "CBP CATAIR Entry Summary Create/Update rev 109, July 2026, ESF-80..84", kAeSe50Fields};

inline constexpr Field kAeSe51Fields[] = {
    control("control_identifier", 1, 4, AN, "SE51"),
    {"gbi_identifier_qualifier", 5, 8, A, mandatory, left, 0, never, "LEI;GLN;DUNS;ALTA", "GBI Identifier Qualifier",
     "LEI GLN DUNS ALTA"},
    {"identifier", 9, 43, AN, mandatory, left, 0, never, "", "Identifier", "35 positions since rev 109"},
    filler("filler_1", 44, 80, X),
};
static_assert(tiles(kAeSe51Fields));
inline constexpr Record kAeSe51{"AE", "SE51", "Entity GBI Identifier (line)",
                                "CBP CATAIR Entry Summary Create/Update rev 109, July 2026, ESF-85", kAeSe51Fields};

inline constexpr Field kAeSe55Fields[] = {
    control("control_identifier", 1, 4, AN, "SE55"),
    {"address_component_qualifier_1", 5, 6, AN, mandatory, left, 0, never,
     "01;02;05;12;13;14;15;28;30;31;32;35;37;57;AK", "Address Component Qualifier (1)", "As SE35"},
    {"address_information_1", 7, 41, X, mandatory, left, 0, never, "", "Address Information (1)", "Text", high,
     Form::prose},
    {"address_component_qualifier_2", 42, 43, AN, optional, left, 0, spaces, "", "Address Component Qualifier (2)",
     "Second component"},
    {"address_information_2", 44, 78, X, optional, left, 0, spaces, "", "Address Information (2)", "Text", high,
     Form::prose},
    filler("filler_1", 79, 80, X),
};
static_assert(tiles(kAeSe55Fields));
inline constexpr Record kAeSe55{"AE", "SE55", "Entity Address (line)",
                                "CBP CATAIR Entry Summary Create/Update rev 109, July 2026, ESF-87", kAeSe55Fields};

inline constexpr Field kAeSe56Fields[] = {
    control("control_identifier", 1, 4, AN, "SE56"),
    {"city_name", 5, 39, X, mandatory, left, 0, never, "", "City Name", "City", high, Form::prose},
    {"country_sub_entity_code", 40, 42, AN, conditional, left, 0, spaces, "", "Country Sub Entity Code",
     "ISO subdivision"},
    filler("filler_1", 43, 48, X),
    {"postal_code", 49, 63, X, conditional, left, 0, spaces, "", "Postal Code",
     "Mandatory and valid for Chinese manufacturers"},
    {"country_code", 64, 65, A, mandatory, left, 0, never, "", "Country Code", "ISO country"},
    filler("filler_2", 66, 80, S, "Not printed in the table; record is 80 long"),
};
static_assert(tiles(kAeSe56Fields));
inline constexpr Record kAeSe56{"AE", "SE56", "Entity Geographic Area (line)",
                                "CBP CATAIR Entry Summary Create/Update rev 109, July 2026, ESF-88", kAeSe56Fields};

inline constexpr Field kAeSe60Fields[] = {
    control("control_identifier", 1, 4, AN, "SE60"),
    {"sanction_disclaim_indicator", 5, 5, A, conditional, left, 0, spaces, "Y", "Sanction Disclaim Indicator",
     "Y = this HTS number is not subject to sanctions"},
    filler("filler_1", 6, 80),
};
static_assert(tiles(kAeSe60Fields));
inline constexpr Record kAeSe60{"AE", "SE60", "Cargo HTS Additional Detail",
                                "CBP CATAIR Entry Summary Create/Update rev 109, July 2026, ESF-91", kAeSe60Fields};

inline constexpr Field kAeSe61Fields[] = {
    control("control_identifier", 1, 4, AN, "SE61"),
    {"current_hts_number_for_pf_status_merchandise", 5, 14, AN, mandatory, left, 0, never, "",
     "Current HTS Number for PF Status Merchandise", "Used for PGA flags only, not for duty"},
    filler("filler_1", 15, 80),
};
static_assert(tiles(kAeSe61Fields));
inline constexpr Record kAeSe61{"AE", "SE61", "FTZ Privileged Foreign Status Additional Detail",
                                "CBP CATAIR Entry Summary Create/Update rev 109, July 2026, ESF-92", kAeSe61Fields};

}  // namespace puente::cbp::catair::records
