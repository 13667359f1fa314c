// Cargo release, header: SE10 to SE20 (CATAIR ACE Cargo Release). SX echoes the same layouts.
#pragma once

#include "mappings/cbp/catair/rows.h"

namespace puente::cbp::catair::records {

inline constexpr Field kSe10Fields[] = {
    control("control_id", 1, 4, AN, "SE10"),
    {"action_code", 5, 5, A, mandatory, left, 0, never, "A;R;U;D", "Action Code",
     "A add; R replace; U update; D cancel (no other values; a correction is an R or U)"},
    {"filer_code", 6, 8, AN, mandatory, left, 0, never, "", "Entry Filer Code",
     "must equal filer code in B record; not in entry_number"},
    filler("filler_1", 9, 10, X, "spaces; reserved for longer filer/entry numbers"),
    {"entry_number", 11, 18, AN, mandatory, left, 0, never, "", "Entry Number",
     "7-digit transaction number + check digit, no filer code, no hyphen (Appendix E)"},
    filler("filler_2", 19, 19, X),
    {"entry_type", 20, 21, AN, mandatory, left, 0, never, "01;02;03;06;07;11;12;21;22;23;52;86", "Entry Type",
     "01 02 03 06 07 11 12 21 22 23 52 86 only"},
    {"ior_type", 22, 24, AN, conditional, left, 0, spaces, "EI;ANI;34", "Importer of Record Type",
     "EI (IRS), ANI (CBP-assigned), 34 (SSN); left-justified; only type 86 without PGA may omit"},
    {"ior_number", 25, 36, X, conditional, left, 0, spaces, "", "Importer of Record Number",
     "keep embedded hyphens: NN-NNNNNNNXX, YYDDPP-NNNNN or NNN-NN-NNNN"},
    {"mot", 37, 38, AN, conditional, left, 0, spaces, "10;11;12;20;21;30;31;32;33;34;40;41;50;60;70",
     "Mode of Transportation", "30 truck, 31 truck container; mandatory except type 06 without a bill"},
    {"bond_type", 39, 39, N, mandatory, right, 0, never, "0;8;9", "Bond Type Code",
     "0 none; 8 continuous; 9 single transaction (then SE20 V1 and AMT mandatory)", high, Form::code},
    {"entered_value", 40, 49, N, mandatory, right, 0, never, "", "Estimated Entry Value",
     "whole US dollars, zero-filled; max 800 (type 86) or 2500 (type 11); must not be below the sum of SE60 values "
     "(error 119)"},
    {"port_of_entry", 50, 54, AN, conditional, left, 0, spaces, "", "Planned Port of Entry",
     "4-digit Schedule D left-justified in 5; mandatory with PGA data, in-bond, non-AMS bill, cancel, types 02 06 07 "
     "12 21 22 23 86; blank = derive from bill"},
    {"split_release", 55, 55, AN, optional, left, 0, spaces, "1;2", "Split Shipment Release Code",
     "1 hold all; 2 incremental under immediate delivery"},
    {"port_of_unlading", 56, 60, AN, conditional, left, 0, spaces, "", "Port of Unlading",
     "Schedule D left-justified; mandatory for MOT 50 60 70"},
    filler("filler_3", 61, 80, X),
};
static_assert(tiles(kSe10Fields));
inline constexpr Record kSe10{"SE", "SE10", "Entry header", kCargoReleaseChapter, kSe10Fields};

inline constexpr Field kSe11Fields[] = {
    control("control_id", 1, 4, AN, "SE11"),
    {"entry_date_election", 5, 5, X, conditional, left, 0, spaces, "W", "Entry Date Election Code",
     "only W (weekly FTZ entry, type 06)"},
    {"elected_entry_date", 6, 11, N, conditional, right, 0, spaces, "", "Elected Entry Date",
     "MMDDYY; mandatory with W; today or up to 7 calendar days ahead", high, Form::date},
    {"location_firms", 12, 15, AN, conditional, left, 0, spaces, "", "Location of Goods (FIRMS)",
     "where cargo is now; may be changed with action U"},
    {"exam_site_firms", 16, 19, AN, optional, left, 0, spaces, "", "Elected Exam Site (FIRMS)",
     "preferred CES; blank when the port has one CES"},
    {"conveyance_name", 20, 39, X, conditional, left, 0, spaces, "", "Conveyance Name or FTZ ID",
     "FTZ zone id for type 06 (FTZ + 7 or 9 characters)"},
    {"trip_number", 40, 44, X, conditional, left, 0, spaces, "", "Voyage/Flight/Trip Manifest Number",
     "not used for type 06"},
    {"go_number", 45, 64, AN, optional, left, 0, spaces, "", "General Order Number",
     "when present every SE15 non_ams must be Y"},
    {"warehouse_firms", 65, 68, AN, conditional, left, 0, spaces, "", "CBP Bonded Warehouse (FIRMS)",
     "mandatory types 21 and 22"},
    {"orig_whse_filer", 69, 71, AN, conditional, left, 0, spaces, "", "Originating Warehouse Entry Filer Code",
     "mandatory type 22"},
    {"orig_whse_entry", 72, 79, AN, conditional, left, 0, spaces, "", "Originating Warehouse Entry Number",
     "mandatory type 22"},
    {"immediate_delivery", 80, 80, X, conditional, left, 0, spaces, "Y;N", "Immediate Delivery Indicator",
     "Y yes; N or blank no; SE-only (never with certify-from-summary)"},
};
static_assert(tiles(kSe11Fields));
inline constexpr Record kSe11{"SE", "SE11", "Entry date, location and trip", kCargoReleaseChapter, kSe11Fields};

inline constexpr Field kSe13Fields[] = {
    control("control_id", 1, 4, AN, "SE13"),
    {"contact_name", 5, 44, AN, mandatory, left, 0, never, "", "Contact Name", "letters, digits, spaces only", high,
     Form::prose},
    {"contact_phone", 45, 59, AN, mandatory, left, 0, never, "", "Contact Phone",
     "digits only is safe (class AN forbids hyphen and parentheses)"},
    {"reason_code", 60, 61, A, conditional, left, 0, spaces, "01;02;03;04;05;06;07;08;09;10;11;12",
     "Cancellation Reason Code",
     "01-12 on action D; blank otherwise; printed class A though every value is numeric - accept AN", high,
     Form::by_class, "0123456789"},
    {"multi_disposition", 62, 62, N, optional, right, 0, spaces, "1", "Multiple Cargo Dispositions Indicator",
     "1 or blank; blank on corrections", high, Form::code},
    {"dis_indicator", 63, 63, N, optional, right, 0, spaces, "1", "DIS Indicator",
     "1 = documents sent through DIS; then SE20 DIS mandatory", high, Form::code},
    {"split_indicator", 64, 64, N, optional, right, 0, spaces, "1", "Split Shipment Indicator",
     "1 or blank; factor in adjudicating a cancellation", high, Form::code},
    filler("filler_1", 65, 80, X),
};
static_assert(tiles(kSe13Fields));
inline constexpr Record kSe13{"SE", "SE13", "Contact and cancellation", kCargoReleaseChapter, kSe13Fields};

inline constexpr Field kSe15Fields[] = {
    control("control_id", 1, 4, AN, "SE15"),
    {"bill_type", 5, 5, A, mandatory, left, 0, never, "R;I;M;H;T", "Bill Type Indicator",
     "R regular/simple (all truck bills = shipment control number); I in-bond number; M and H not valid for truck; T "
     "air express"},
    {"bill_issuer", 6, 9, AN, conditional, left, 0, spaces, "", "Issuer Code of Bill (SCAC)",
     "4-letter SCAC for truck; spaces for in-bond, air, MOT 32-34, 50, 60; UNKN not permitted"},
    {"bill_number", 10, 59, X, mandatory, left, 0, never, "", "Bill of Lading Number",
     "left-justified, no spaces, hyphens or slashes; truck: the number after the SCAC (12 max in truck manifest); "
     "not repeated with SCAC"},
    {"quantity", 60, 67, N, conditional, right, 0, spaces, "", "Quantity",
     "smallest exterior packages entered, zero-filled, >0; blank = full manifested quantity; blank when SE16 present "
     "or bill_type I"},
    filler("filler_1", 68, 72, X),
    {"non_ams", 73, 73, X, mandatory, left, 0, never, "Y;N", "Non-AMS Indicator",
     "N default; Y = no electronic manifest, SE16 and port of entry then mandatory; always N on type I; always Y for "
     "MOT 32 33 34 50 60 70"},
    filler("filler_2", 74, 80, X),
};
static_assert(tiles(kSe15Fields));
inline constexpr Record kSe15{"SE", "SE15", "Bill", kCargoReleaseChapter, kSe15Fields};

inline constexpr Field kSe16Fields[] = {
    control("control_id", 1, 4, AN, "SE16"),
    {"carrier_code", 5, 8, AN, mandatory, left, 0, never, "", "Carrier Code", "SCAC of the arriving conveyance"},
    {"trip_number", 9, 13, X, mandatory, left, 0, never, "", "Voyage/Flight/Trip Manifest Number",
     "last part of truck trip number, 5 characters"},
    {"arrival_date", 14, 19, N, mandatory, right, 0, never, "", "Date of Arrival", "MMDDYY", high, Form::date},
    {"quantity", 20, 27, N, mandatory, right, 0, never, "", "Quantity",
     "quantity entered for this split part, zero-filled"},
    {"uom", 28, 32, X, optional, left, 0, spaces, "", "Unit of Measure", "packaging code matching the bill"},
    {"conveyance_name", 33, 52, X, conditional, left, 0, spaces, "", "Conveyance Name", "pipeline name for MOT 70"},
    filler("filler_1", 53, 80, X),
};
static_assert(tiles(kSe16Fields));
inline constexpr Record kSe16{"SE", "SE16", "Conveyance of a split or non-AMS bill", kCargoReleaseChapter, kSe16Fields};

inline constexpr Field kSe17Fields[] = {
    control("control_id", 1, 4, AN, "SE17"),
    {"equipment_number", 5, 24, AN, mandatory, left, 0, never, "", "Equipment Number",
     "prefix + serial + check digit; trailer or container number for truck"},
    filler("filler_1", 25, 80, X),
};
static_assert(tiles(kSe17Fields));
inline constexpr Record kSe17{"SE", "SE17", "Equipment", kCargoReleaseChapter, kSe17Fields};

inline constexpr Field kSe20Fields[] = {
    control("control_id", 1, 4, AN, "SE20"),
    {"ref_qualifier", 5, 7, AN, mandatory, left, 0, never, "CR;EN;IB;FTZ;DIS;V1;AMT;EXP;KII;RRN;PER;CES;EDA",
     "Reference Identifier Qualifier", "CR EN IB FTZ DIS V1 AMT EXP KII RRN PER CES EDA, left-justified"},
    {"reference", 8, 57, X, mandatory, left, 0, never, "", "Reference Identifier",
     "left-justified; AMT left-justified without leading zeros (SE20AMT90000); CR is 9X and echoed in SO20"},
    filler("filler_1", 58, 80, X),
};
static_assert(tiles(kSe20Fields));
inline constexpr Record kSe20{"SE", "SE20", "Reference", kCargoReleaseChapter, kSe20Fields};

}  // namespace puente::cbp::catair::records
