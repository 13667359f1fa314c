// Cargo release, entities of the header (SE30 to SE36) and of a line (SE50 to SE56).
#pragma once

#include "mappings/cbp/catair/rows.h"

namespace puente::cbp::catair::records {

inline constexpr Field kSe30Fields[] = {
    control("control_id", 1, 4, AN, "SE30"),
    {"entity_code", 5, 7, A, mandatory, left, 0, never, "MF;SE;BY;ST;LG;CS;CN;BKP;SH;EX;DR;PK", "Entity Code",
     "MF SE BY ST LG CS CN BKP (+SH EX DR PK in GBI test); each at most once at header"},
    {"entity_name", 8, 42, X, conditional, left, 0, spaces, "", "Entity Name",
     "name XOR identifier; name requires SE35 and SE36", high, Form::prose},
    {"id_qualifier", 43, 45, X, conditional, left, 0, spaces, "EI;ANI;34", "Entity Identifier Qualifier",
     "EI ANI 34; only with BY ST CN"},
    {"entity_id", 46, 65, X, conditional, left, 0, spaces, "", "Entity Identifier",
     "importer-number format with hyphens; never for MF or SE (no MID here)"},
    filler("filler_1", 66, 80, X),
};
static_assert(tiles(kSe30Fields));
inline constexpr Record kSe30{"SE", "SE30", "Header entity", kCargoReleaseChapter, kSe30Fields};

inline constexpr Field kSe31Fields[] = {
    control("control_id", 1, 4, AN, "SE31"),
    {"gbi_qualifier", 5, 8, A, mandatory, left, 0, never, "LEI;GLN;DUNS", "GBI Identifier Qualifier",
     "LEI GLN DUNS; GBI test participants only; right after SE30"},
    {"gbi_id", 9, 28, AN, mandatory, left, 0, never, "", "GBI Identifier", "up to 3 SE31 per entity"},
    filler("filler_1", 29, 80, X),
};
static_assert(tiles(kSe31Fields));
inline constexpr Record kSe31{"SE", "SE31", "Header entity, GBI identifier", kCargoReleaseChapter, kSe31Fields};

inline constexpr Field kSe35Fields[] = {
    control("control_id", 1, 4, AN, "SE35"),
    {"addr_qualifier_1", 5, 6, AN, mandatory, left, 0, never, "01;02;05;12;13;14;15;28;30;31;32;35;37;57;AK",
     "Address Component Qualifier", "01 02 05 12 13 14 15 28 30 31 32 35 37 57 AK; 15 = unstructured street"},
    {"addr_info_1", 7, 41, X, mandatory, left, 0, never, "", "Address Information", "text for qualifier 1", high,
     Form::prose},
    {"addr_qualifier_2", 42, 43, AN, optional, left, 0, spaces, "01;02;05;12;13;14;15;28;30;31;32;35;37;57;AK",
     "Address Component Qualifier", "same list"},
    {"addr_info_2", 44, 78, X, optional, left, 0, spaces, "", "Address Information", "text for qualifier 2", high,
     Form::prose},
    filler("filler_1", 79, 80, X),
};
static_assert(tiles(kSe35Fields));
inline constexpr Record kSe35{"SE", "SE35", "Header entity address", kCargoReleaseChapter, kSe35Fields};

inline constexpr Field kSe36Fields[] = {
    control("control_id", 1, 4, AN, "SE36"),
    {"city", 5, 39, X, mandatory, left, 0, never, "", "City Name", "no accents (upper-case ASCII)", high, Form::prose},
    {"subdivision", 40, 42, AN, optional, left, 0, spaces, "", "Country Sub Entity Code",
     "ISO 3166-2 subdivision part (MX: NLE, CHH, BCN...; US: TX)"},
    filler("filler_1", 43, 48, X),
    {"postal_code", 49, 63, X, conditional, left, 0, spaces, "", "Postal Code", "blank when unknown"},
    {"country", 64, 65, A, mandatory, left, 0, never, "", "Country Code", "ISO alpha-2"},
    filler("filler_2", 66, 80, X),
};
static_assert(tiles(kSe36Fields));
inline constexpr Record kSe36{"SE", "SE36", "Header entity city and country", kCargoReleaseChapter, kSe36Fields};

inline constexpr Field kSe50Fields[] = {
    control("control_id", 1, 4, AN, "SE50"),
    {"entity_code", 5, 7, A, mandatory, left, 0, never, "MF;SE;BY;ST;LG;CS;CN;SH;EX;DR;PK", "Entity Code",
     "as SE30 without BKP; each at most once per SE40"},
    {"entity_name", 8, 42, X, conditional, left, 0, spaces, "", "Entity Name",
     "name XOR identifier; name requires SE55 and SE56", high, Form::prose},
    {"id_qualifier", 43, 45, X, optional, left, 0, spaces, "EI;ANI;34", "Entity Identifier Qualifier",
     "EI ANI 34; only with BY ST CN"},
    {"entity_id", 46, 65, X, optional, left, 0, spaces, "", "Entity Identifier", "importer-number format with hyphens"},
    filler("filler_1", 66, 80, X),
};
static_assert(tiles(kSe50Fields));
inline constexpr Record kSe50{"SE", "SE50", "Line entity", kCargoReleaseChapter, kSe50Fields};

inline constexpr Field kSe51Fields[] = {
    control("control_id", 1, 4, AN, "SE51"),
    {"gbi_qualifier", 5, 8, A, mandatory, left, 0, never, "LEI;GLN;DUNS", "GBI Identifier Qualifier",
     "LEI GLN DUNS; right after SE50"},
    {"gbi_id", 9, 28, AN, mandatory, left, 0, never, "", "GBI Identifier", "up to 3 SE51 per entity"},
    filler("filler_1", 29, 80, X),
};
static_assert(tiles(kSe51Fields));
inline constexpr Record kSe51{"SE", "SE51", "Line entity, GBI identifier", kCargoReleaseChapter, kSe51Fields};

inline constexpr Field kSe55Fields[] = {
    control("control_id", 1, 4, AN, "SE55"),
    {"addr_qualifier_1", 5, 6, AN, mandatory, left, 0, never, "01;02;05;12;13;14;15;28;30;31;32;35;37;57;AK",
     "Address Component Qualifier", "as SE35"},
    {"addr_info_1", 7, 41, X, mandatory, left, 0, never, "", "Address Information", "text for qualifier 1", high,
     Form::prose},
    {"addr_qualifier_2", 42, 43, AN, optional, left, 0, spaces, "01;02;05;12;13;14;15;28;30;31;32;35;37;57;AK",
     "Address Component Qualifier", "as SE35"},
    {"addr_info_2", 44, 78, X, optional, left, 0, spaces, "", "Address Information", "text for qualifier 2", high,
     Form::prose},
    filler("filler_1", 79, 80, X),
};
static_assert(tiles(kSe55Fields));
inline constexpr Record kSe55{"SE", "SE55", "Line entity address", kCargoReleaseChapter, kSe55Fields};

inline constexpr Field kSe56Fields[] = {
    control("control_id", 1, 4, AN, "SE56"),
    {"city", 5, 39, X, mandatory, left, 0, never, "", "City Name", "no accents", high, Form::prose},
    {"subdivision", 40, 42, AN, optional, left, 0, spaces, "", "Country Sub Entity Code",
     "ISO 3166-2 subdivision part"},
    filler("filler_1", 43, 48, X),
    {"postal_code", 49, 63, X, conditional, left, 0, spaces, "", "Postal Code", "blank when unknown"},
    {"country", 64, 65, A, mandatory, left, 0, never, "", "Country Code", "ISO alpha-2"},
    filler("filler_2", 66, 80, X),
};
static_assert(tiles(kSe56Fields));
inline constexpr Record kSe56{"SE", "SE56", "Line entity city and country", kCargoReleaseChapter, kSe56Fields};

}  // namespace puente::cbp::catair::records
