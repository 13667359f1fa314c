// Cargo release status notification, SO10 to SO72.
#pragma once

#include "mappings/cbp/catair/rows.h"

namespace puente::cbp::catair::records {

inline constexpr Field kSo10Fields[] = {
    control("control_id", 1, 4, AN, "SO10"),
    {"port_of_entry", 5, 8, N, conditional, right, 0, spaces, "", "District/Port of Entry",
     "Schedule D, 4 positions (5 in SE10)", high, Form::code},
    {"filer_code", 9, 11, AN, mandatory, left, 0, never, "", "Entry Filer Code", "as filed"},
    filler("filler_1", 12, 13, X),
    {"entry_number", 14, 21, AN, mandatory, left, 0, never, "", "Entry Number",
     "as filed; note columns differ from SE10"},
    filler("filler_2", 22, 22, X),
    {"entry_type", 23, 24, N, mandatory, right, 0, never, "", "Entry Type Code", "as filed", high, Form::code},
    {"ior_number", 25, 36, X, mandatory, left, 0, never, "", "Importer of Record Number",
     "with hyphens, no type qualifier"},
    {"carrier_code", 37, 40, AN, conditional, left, 0, spaces, "", "Carrier Code", "SCAC"},
    {"conveyance_name", 41, 60, AN, conditional, left, 0, spaces, "", "Vessel Name", "conveyance name"},
    {"trip_number", 61, 65, X, conditional, left, 0, spaces, "", "Voyage/Flight/Trip Manifest Number", "from manifest"},
    {"arrival_date", 66, 71, N, conditional, right, 0, spaces, "", "Estimated Date of Arrival", "MMDDYY", high,
     Form::date},
    {"split_release", 72, 72, AN, optional, left, 0, spaces, "1;2", "Split Shipment Release Code", "1 or 2"},
    {"correction_response", 73, 73, X, conditional, left, 0, spaces, "P", "Correction Response Indicator",
     "P = answer to a PGA correction (CA)"},
    filler("filler_3", 74, 80, X),
};
static_assert(tiles(kSo10Fields));
inline constexpr Record kSo10{"SO", "SO10", "Entry identification", kStatusChapter, kSo10Fields};

inline constexpr Field kSo20Fields[] = {
    control("control_id", 1, 4, AN, "SO20"),
    {"ref_qualifier", 5, 7, AN, mandatory, left, 0, never, "", "Reference Identifier Qualifier",
     "CR filer reference; RSN reason of rejected correction/cancellation; CMT comment; RRN rail reference"},
    {"reference", 8, 57, X, mandatory, left, 0, never, "", "Reference Identifier", "CMT text wraps over several SO20"},
    filler("filler_1", 58, 80, X),
};
static_assert(tiles(kSo20Fields));
inline constexpr Record kSo20{"SO", "SO20", "Reference", kStatusChapter, kSo20Fields};

inline constexpr Field kSo30Fields[] = {
    control("control_id", 1, 4, AN, "SO30"),
    {"line_number", 5, 7, N, mandatory, right, 0, never, "", "Line Item Identifier", "SE40 line", high, Form::code},
    {"origin", 8, 9, A, mandatory, left, 0, never, "", "Country of Origin", "as filed"},
    {"hts", 10, 19, AN, mandatory, left, 0, never, "", "HTS Number", "as filed"},
    filler("filler_1", 20, 80, X),
};
static_assert(tiles(kSo30Fields));
inline constexpr Record kSo30{"SO", "SO30", "Line", kStatusChapter, kSo30Fields};

inline constexpr Field kSo40Fields[] = {
    control("control_id", 1, 4, AN, "SO40"),
    {"bill_type", 5, 5, A, mandatory, left, 0, never, "", "Bill Type Indicator", "R M H T (S future)"},
    {"bill_issuer", 6, 9, AN, conditional, left, 0, spaces, "", "Issuer Code of Bill", "spaces for air"},
    {"bill_number", 10, 59, X, mandatory, left, 0, never, "", "Bill of Lading Number", "left-justified"},
    {"quantity", 60, 67, N, conditional, right, 0, spaces, "", "Quantity",
     "entered quantity (boarded quantity on split air bills)"},
    {"uom", 68, 72, X, conditional, left, 0, spaces, "", "Unit of Measure", "packaging code"},
    {"manifest_qty", 73, 80, X, conditional, left, 0, spaces, "", "Manifested Quantity", "class X although digits"},
};
static_assert(tiles(kSo40Fields));
inline constexpr Record kSo40{"SO", "SO40", "Bill", kStatusChapter, kSo40Fields};

inline constexpr Field kSo42Fields[] = {
    control("control_id", 1, 4, AN, "SO42"),
    {"inbond_number", 5, 16, AN, mandatory, left, 0, never, "", "In-bond Number", "left-justified"},
    {"inbond_type", 17, 18, N, mandatory, right, 0, never, "", "In-bond Entry Type", "61 62 63", high, Form::code},
    {"port_departure", 19, 22, N, mandatory, right, 0, never, "", "U.S. Port of In-bond Departure", "Schedule D", high,
     Form::code},
    {"port_arrival", 23, 26, N, mandatory, right, 0, never, "", "U.S. Port of In-bond Arrival", "Schedule D", high,
     Form::code},
    {"create_date", 27, 32, N, mandatory, right, 0, never, "", "In-bond Create Date", "MMDDYY", high, Form::date},
    {"arrival_date", 33, 38, N, conditional, right, 0, spaces, "", "Date of In-bond Arrival", "MMDDYY", high,
     Form::date},
    {"quantity", 39, 46, N, conditional, right, 0, spaces, "", "In-bond Quantity", "only when below bill quantity"},
    filler("filler_1", 47, 80, X),
};
static_assert(tiles(kSo42Fields));
inline constexpr Record kSo42{"SO", "SO42", "In-bond", kStatusChapter, kSo42Fields};

inline constexpr Field kSo50Fields[] = {
    control("control_id", 1, 4, AN, "SO50"),
    {"disposition_date", 5, 10, N, mandatory, right, 0, never, "", "Disposition Date", "MMDDYY", high, Form::date},
    {"disposition_time", 11, 14, N, mandatory, right, 0, never, "", "Disposition Time", "HHMM", high, Form::code},
    {"disposition_code", 15, 16, AN, mandatory, left, 0, never, "", "Disposition Code",
     "bill match codes, so-codes.csv list SO50"},
    {"narrative", 17, 56, X, mandatory, left, 0, never, "", "Narrative Message", "40 characters"},
    {"split_indicator", 57, 57, A, mandatory, left, 0, never, "Y;N", "Split Indicator",
     "Y or N (seen blank in old traffic; tolerate)"},
    {"carrier_code", 58, 61, AN, conditional, left, 0, spaces, "", "Carrier Code", "only split/partial"},
    {"trip_number", 62, 66, X, conditional, left, 0, spaces, "", "Voyage/Flight/Trip Manifest Number",
     "only split/partial"},
    {"arrival_date", 67, 72, N, conditional, right, 0, spaces, "", "Date of Arrival", "MMDDYY; only split/partial",
     high, Form::date},
    {"arrival_port", 73, 76, N, conditional, right, 0, spaces, "", "District/Port of Arrival",
     "Schedule D; only split/partial", high, Form::code},
    filler("filler_1", 77, 80, X),
};
static_assert(tiles(kSo50Fields));
inline constexpr Record kSo50{"SO", "SO50", "Bill disposition", kStatusChapter, kSo50Fields};

inline constexpr Field kSo60Fields[] = {
    control("control_id", 1, 4, AN, "SO60"),
    {"action_date", 5, 10, N, mandatory, right, 0, never, "", "Disposition Action Date", "MMDDYY", high, Form::date},
    {"action_time", 11, 14, N, mandatory, right, 0, never, "", "Disposition Action Time", "HHMM", high, Form::code},
    {"action_code", 15, 16, AN, mandatory, left, 0, never, "", "Disposition Action Code",
     "release codes, so-codes.csv list SO60"},
    {"narrative", 17, 56, X, mandatory, left, 0, never, "", "Narrative Message", "40 characters"},
    {"release_date", 57, 62, N, conditional, right, 0, spaces, "", "Release Date", "MMDDYY; only with 22 or 98", high,
     Form::date},
    {"release_origin", 63, 64, N, conditional, right, 0, spaces, "", "Release Origin Code",
     "01-09, 99; only with 22 or 98", high, Form::code},
    {"document_type", 65, 70, AN, conditional, left, 0, spaces, "", "Document Type",
     "DIS document code with 96 (printed 65-67 in CQ, length 6)"},
    filler("filler_1", 71, 80, AN),
};
static_assert(tiles(kSo60Fields));
inline constexpr Record kSo60{"SO", "SO60", "Entry disposition", kStatusChapter, kSo60Fields};

inline constexpr Field kSo70V3Fields[] = {
    control("control_id", 1, 4, AN, "SO70"),
    {"agency", 5, 7, AN, mandatory, left, 0, never, "", "Government Agency Code", "Appendix V"},
    {"program", 8, 10, AN, conditional, left, 0, spaces, "", "Government Agency Program Code", "Appendix PGA"},
    {"status_date", 11, 16, N, conditional, right, 0, spaces, "", "Status Action Date", "MMDDYY", high, Form::date},
    {"status_time", 17, 20, N, conditional, right, 0, spaces, "", "Status Action Time", "HHMM", high, Form::code},
    {"entry_status", 21, 22, AN, conditional, left, 0, spaces, "", "PGA Entry Level Status Code", "as SO70"},
    {"entry_status_text", 23, 50, X, conditional, left, 0, spaces, "", "PGA Entry Level Status Message",
     "28 characters"},
    {"entry_line_status", 51, 52, AN, conditional, left, 0, spaces, "", "Entry Line Level Status Code", "future use"},
    {"pga_line_status", 53, 54, AN, conditional, left, 0, spaces, "", "PGA Line Level Status Code", "as SO70"},
    {"status_reason", 55, 56, AN, conditional, left, 0, spaces, "", "Status Reason Code", "as SO70"},
    {"begin_cbp_line", 57, 60, N, conditional, right, 0, spaces, "", "Beginning CBP Line", "4 digits before version 04",
     high, Form::code},
    {"begin_tariff_pos", 61, 61, N, conditional, right, 0, spaces, "", "Beginning Tariff Position",
     "1 digit before version 04", high, Form::code},
    {"begin_pga_line", 62, 64, N, conditional, right, 0, spaces, "", "Beginning PGA Line", "3 digits", high,
     Form::code},
    {"end_cbp_line", 65, 68, N, conditional, right, 0, spaces, "", "Ending CBP Line", "4 digits", high, Form::code},
    {"end_tariff_pos", 69, 69, N, conditional, right, 0, spaces, "", "Ending Tariff Position", "1 digit", high,
     Form::code},
    {"end_pga_line", 70, 72, N, conditional, right, 0, spaces, "", "Ending PGA Line", "3 digits", high, Form::code},
    {"document_type", 73, 77, AN, conditional, left, 0, spaces, "", "Document Type Code",
     "5 characters (3 before version 02)"},
    {"hold_type", 78, 78, X, conditional, left, 0, spaces, "1;2", "PGA Entry Hold Type", "as SO70"},
    {"group_version", 79, 80, N, conditional, right, 0, spaces, "", "PGA Processing Group Version", "blank 01 02 03",
     high, Form::code},
};
static_assert(tiles(kSo70V3Fields));
inline constexpr Record kSo70V3{"SO",           "SO70/V3",     "Agency disposition before group version 04",
                                kStatusChapter, kSo70V3Fields, {79, 80, ";01;02;03"}};

inline constexpr Field kSo70Fields[] = {
    control("control_id", 1, 4, AN, "SO70"),
    {"agency", 5, 7, AN, mandatory, left, 0, never, "", "Government Agency Code", "Appendix V"},
    {"program", 8, 10, AN, conditional, left, 0, spaces, "", "Government Agency Program Code", "Appendix PGA"},
    {"status_date", 11, 16, N, conditional, right, 0, spaces, "", "Status Action Date", "MMDDYY", high, Form::date},
    {"status_time", 17, 20, N, conditional, right, 0, spaces, "", "Status Action Time",
     "HHMM; latest wins when duplicates arrive", high, Form::code},
    {"entry_status", 21, 22, AN, conditional, left, 0, spaces, "", "PGA Entry Level Status Code", "01 02 04 06 07 08"},
    {"entry_status_text", 23, 50, X, conditional, left, 0, spaces, "", "PGA Entry Level Status Message",
     "28 characters"},
    {"entry_line_status", 51, 52, AN, conditional, left, 0, spaces, "", "Entry Line Level Status Code",
     "future use, blank"},
    {"pga_line_status", 53, 54, AN, conditional, left, 0, spaces, "", "PGA Line Level Status Code",
     "so-codes.csv list SO70-line"},
    {"status_reason", 55, 56, AN, conditional, left, 0, spaces, "", "Status Reason Code",
     "so-codes.csv list SO70-reason"},
    {"begin_cbp_line", 57, 59, N, conditional, right, 0, spaces, "", "Beginning CBP Line", "3 digits from version 04",
     high, Form::code},
    {"begin_tariff_pos", 60, 61, N, conditional, right, 0, spaces, "", "Beginning Tariff Position",
     "order of the HTS in the line, 2 digits from version 04", high, Form::code},
    {"begin_pga_line", 62, 64, N, conditional, right, 0, spaces, "", "Beginning PGA Line",
     "000 = agency without message set (1USG)", high, Form::code},
    {"end_cbp_line", 65, 67, N, conditional, right, 0, spaces, "", "Ending CBP Line", "blank when single line", high,
     Form::code},
    {"end_tariff_pos", 68, 69, N, conditional, right, 0, spaces, "", "Ending Tariff Position", "blank when single line",
     high, Form::code},
    {"end_pga_line", 70, 72, N, conditional, right, 0, spaces, "", "Ending PGA Line", "blank when single line", high,
     Form::code},
    {"document_type", 73, 77, AN, conditional, left, 0, spaces, "", "Document Type Code", "5 characters"},
    {"hold_type", 78, 78, X, conditional, left, 0, spaces, "1;2", "PGA Entry Hold Type",
     "1 set by CBP for the agency; 2 set by the agency"},
    {"group_version", 79, 80, N, conditional, right, 0, spaces, "", "PGA Processing Group Version",
     "04 = this layout (since 2025-09-06); blank 01 02 03 = layout SO70V3", high, Form::code},
};
static_assert(tiles(kSo70Fields));
inline constexpr Record kSo70{"SO", "SO70", "Agency disposition", kStatusChapter, kSo70Fields};

inline constexpr Field kSo71Fields[] = {
    control("control_id", 1, 4, AN, "SO71"),
    {"ref_qualifier_1", 5, 6, AN, conditional, left, 0, spaces, "", "PGA Reference Identification Number Qualifier",
     "kind of number"},
    {"ref_number_1", 7, 18, X, conditional, left, 0, spaces, "", "PGA Reference Identification Number",
     "e.g. FDA prior notice confirmation number (12)"},
    {"receipt_date", 19, 24, N, conditional, right, 0, spaces, "", "Receipt Date",
     "MMDDYY; keep with the confirmation number", high, Form::date},
    {"receipt_time", 25, 30, N, conditional, right, 0, spaces, "", "Receipt Time", "HHMMSS", high, Form::code},
    {"sub_reason_1", 31, 33, AN, conditional, left, 0, spaces, "", "PGA Line Sub Reason Code", "slot 1"},
    {"sub_reason_2", 34, 36, AN, conditional, left, 0, spaces, "", "PGA Line Sub Reason Code", "slot 2"},
    {"sub_reason_3", 37, 39, AN, conditional, left, 0, spaces, "", "PGA Line Sub Reason Code", "slot 3"},
    {"sub_reason_4", 40, 42, AN, conditional, left, 0, spaces, "", "PGA Line Sub Reason Code", "slot 4"},
    {"sub_reason_5", 43, 45, AN, conditional, left, 0, spaces, "", "PGA Line Sub Reason Code", "slot 5"},
    {"sub_reason_6", 46, 48, AN, conditional, left, 0, spaces, "", "PGA Line Sub Reason Code", "slot 6"},
    {"sub_reason_7", 49, 51, AN, conditional, left, 0, spaces, "", "PGA Line Sub Reason Code", "slot 7"},
    {"sub_reason_8", 52, 54, AN, conditional, left, 0, spaces, "", "PGA Line Sub Reason Code", "slot 8"},
    {"sub_reason_9", 55, 57, AN, conditional, left, 0, spaces, "", "PGA Line Sub Reason Code", "slot 9"},
    {"sub_reason_10", 58, 60, AN, conditional, left, 0, spaces, "", "PGA Line Sub Reason Code", "slot 10"},
    {"ref_qualifier_2", 61, 62, AN, conditional, left, 0, spaces, "", "PGA Reference Identification Number Qualifier 2",
     "for numbers longer than 12 (version 03+)"},
    {"ref_number_2", 63, 80, X, conditional, left, 0, spaces, "", "PGA Reference Identification Number 2",
     "18 characters"},
};
static_assert(tiles(kSo71Fields));
inline constexpr Record kSo71{"SO", "SO71", "Agency reference and sub-reasons", kStatusChapter, kSo71Fields};

inline constexpr Field kSo72Fields[] = {
    control("control_id", 1, 4, AN, "SO72"),
    {"comment", 5, 80, X, mandatory, left, 0, never, "", "Comments to Trade from PGA", "free text"},
};
static_assert(tiles(kSo72Fields));
inline constexpr Record kSo72{"SO", "SO72", "Agency comment", kStatusChapter, kSo72Fields};

}  // namespace puente::cbp::catair::records
