// Entry summary, header records 10 to 34 (CATAIR Entry Summary Create/Update).
#pragma once

#include "mappings/cbp/catair/rows.h"

namespace puente::cbp::catair::records {

inline constexpr Field kAe10Fields[] = {
    control("control_identifier", 1, 2, AN, "10"),
    {"summary_filing_action_request_code", 3, 3, A, mandatory, left, 0, never, "A;R;D",
     "Summary Filing Action Request Code",
     "A or R adds or fully replaces; A re-add must match the stored broker reference; D deletes (10-Record only)"},
    {"entry_filer_code", 4, 6, AN, mandatory, left, 0, never, "", "Entry Filer Code",
     "Filer code of the entry (may differ from B-Record filer only in a PSC)"},
    filler("filler_1", 7, 8, S, "Reserved for filer/entry number growth"),
    {"entry_number", 9, 16, AN, mandatory, left, 0, never, "", "Entry Number",
     "Seven digits plus check digit; check digit per AE Table 1 over filer code + seven digits"},
    filler("filler_2", 17, 17),
    {"district_port_of_entry", 18, 21, AN, mandatory, left, 0, never, "", "District/Port of Entry",
     "Schedule D port where the goods are entered"},
    {"broker_reference_number", 22, 30, X, conditional, left, 0, spaces, "", "Broker Reference Number",
     "Filer's own reference; spaces if unused; mandatory if the filer profile says so (B34)"},
    filler("filler_3", 31, 33, S, "Reserved for broker reference growth"),
    {"entry_type_code", 34, 35, AN, mandatory, left, 0, never, "01;02;03;06;07;11;12;21;22;23;31;32;34;38;51;52",
     "Entry Type Code", "AE Table 2"},
    {"mode_of_transportation_mot_code", 36, 37, AN, conditional, left, 0, spaces,
     "10;11;12;20;21;30;31;32;33;34;40;41;50;60;70", "Mode of Transportation (MOT) Code",
     "AE Table 3; truck is 30 or 31; mandatory for 01 02 03 07 21 23 51 52, allowed for 06 11 12 22, never for 31 32 "
     "34 38"},
    {"bond_waiver_indicator", 38, 38, AN, conditional, left, 0, spaces, "0", "Bond Waiver Indicator",
     "0 = bond waived or not required (zero, not Y); spaces otherwise; excludes any 31-Record"},
    {"electronic_signature", 39, 39, AN, conditional, left, 0, spaces, "X", "Electronic Signature",
     "X, mandatory on A and R"},
    {"cargo_release_certification_request_indicator", 40, 40, AN, conditional, left, 0, spaces, "A",
     "Cargo Release Certification Request Indicator",
     "A = also create the ACE cargo release from this summary; excludes EIP and consolidated; never for 3x and 51"},
    {"electronic_invoice_indicator", 41, 41, AN, conditional, left, 0, spaces, "Y", "Electronic Invoice Indicator",
     "Y = EIP claim; requires continuous bond, ACH statement and 42-Records; not with certification"},
    {"consolidated_summary_indicator", 42, 42, AN, conditional, left, 0, spaces, "Y", "Consolidated Summary Indicator",
     "Y = covers several releases listed in 32-Records; entry types 01 06 11 only"},
    {"shipment_usage_type_code", 43, 43, AN, conditional, left, 0, spaces, "P;X", "Shipment Usage Type Code",
     "P personal, X commercial sample; spaces for normal commercial"},
    {"live_entry_indicator", 44, 44, AN, conditional, left, 0, spaces, "Y", "Live Entry Indicator",
     "Y = live entry/entry summary"},
    {"deferred_tax_payment_code", 45, 45, AN, conditional, left, 0, spaces, "1;2", "Deferred Tax Payment Code",
     "1 conventional or 2 EFT deferral of IR tax"},
    {"trade_agreement_reconciliation_indicator", 46, 46, AN, conditional, left, 0, spaces, "Y",
     "Trade Agreement Reconciliation Indicator",
     "Y = FTA issues to be reconciled later; types 01 02 06 only; continuous bond and 11-Record import date needed"},
    {"reconciliation_issue_code", 47, 49, AN, conditional, left, 0, spaces, "001;002;003;004;005;006;007",
     "Reconciliation Issue Code",
     "001 value 002 class 003 9802 004 1+2 005 1+3 006 2+3 007 all; type 02 only 001 003 005"},
    filler("filler_4", 50, 50),
    {"payment_type_code", 51, 51, AN, conditional, left, 0, spaces, "1;2;3;5;6;7;8", "Payment Type Code",
     "1 individual; 2 3 5 daily statement; 6 7 8 periodic monthly; never 4; spaces when correcting a paid rejected "
     "summary or a PSC"},
    {"preliminary_statement_print_date", 52, 57, D, conditional, left, 0, spaces, "",
     "Preliminary Statement Print Date",
     "MMDDYY; mandatory for 2 3 5 6 7 8; future business day within 90 days; forbidden for 1"},
    {"periodic_statement_month", 58, 59, AN, conditional, left, 0, spaces, "", "Periodic Statement Month",
     "MM; mandatory for 6 7 8 (current, next or following month); forbidden otherwise"},
    {"statement_client_branch_identifier", 60, 61, AN, conditional, left, 0, spaces, "",
     "Statement Client Branch Identifier", "Only if the filer profile uses it, then mandatory on statements"},
    {"bond_waiver_reason_code", 62, 64, AN, conditional, left, 0, spaces, "995;996;997;998;999",
     "Bond Waiver Reason Code", "AE Table 4; required with a waiver except types 11 12, where forbidden"},
    {"post_summary_correction_indicator", 65, 65, AN, conditional, left, 0, spaces, "Y",
     "Post Summary Correction Indicator", "Y = PSC; not for 11 12; never with D"},
    {"accelerated_liquidation_request_indicator", 66, 66, AN, conditional, left, 0, spaces, "Y",
     "Accelerated Liquidation Request Indicator", "Y, only on a PSC"},
    {"known_importer_indicator", 67, 67, AN, optional, left, 0, spaces, "Y", "Known Importer Indicator",
     "Y = importer of record is a Known Importer"},
    {"pga_data_included_indicator", 68, 68, AN, conditional, left, 0, spaces, "Y;F", "PGA Data Included Indicator",
     "Y expedited release (FAST, BRASS, rail line release), F weekly FTZ (type 06 only); excludes certification"},
    {"tib_declaration_indicator", 69, 69, AN, conditional, left, 0, spaces, "Y", "TIB Declaration Indicator",
     "Y mandatory on type 23, spaces on every other type"},
    {"consolidated_express_informal_indicator", 70, 70, AN, conditional, left, 0, spaces, "Y",
     "Consolidated Express Informal Indicator", "Y, type 11 express consignment only"},
    filler("filler_5", 71, 80),
};
static_assert(tiles(kAe10Fields));
inline constexpr Record kAe10{"AE", "10", "Entry Summary Header Control",
                              "CBP CATAIR Entry Summary Create/Update rev 109, July 2026, ESF-26..35", kAe10Fields};

inline constexpr Field kAe11Fields[] = {
    control("control_identifier", 1, 2, AN, "11"),
    {"importer_of_record_number", 3, 14, X, mandatory, left, 0, never, "", "Importer of Record Number",
     "NN-NNNNNNNss, NN-NNNNNNNbb, NNN-NN-NNNNb or YYDDPP-NNNNN; hyphens are transmitted"},
    {"consignee_number", 15, 26, X, conditional, left, 0, spaces, "", "Consignee Number",
     "Same formats; may be all zeros (00-0000000) on types 11 12 or a consolidated summary"},
    {"designated_notify_party_4811_number", 27, 38, X, conditional, left, 0, spaces, "",
     "Designated Notify Party (4811) Number", "Same formats; never required"},
    filler("filler_1", 39, 41),
    {"estimated_entry_date", 42, 47, D, conditional, left, 0, spaces, "", "Estimated Entry Date",
     "MMDDYY; needed to certify, and for types 22 31 32 34 38"},
    {"date_of_importation", 48, 53, D, conditional, left, 0, spaces, "", "Date of Importation",
     "MMDDYY date of arrival within the US port; mandatory for 21 23, CBMA and FTA reconciliation; forbidden for 22"},
    filler("filler_2", 54, 60, S, "Former seven-position FTZ identifier; must be spaces"),
    {"us_state_of_destination_code", 61, 62, AN, conditional, left, 0, spaces, "", "U.S. State of Destination Code",
     "USPS code (PR and VI allowed); optional only for types 11 12"},
    {"foreign_trade_zone_identifier", 63, 71, AN, conditional, left, 0, spaces, "", "Foreign Trade Zone Identifier",
     "Type 06 only and then mandatory; zone(3) + subzone or site(3) + subzone site(3), e.g. 02600A001"},
    filler("filler_3", 72, 80),
};
static_assert(tiles(kAe11Fields));
inline constexpr Record kAe11{"AE", "11", "Entry Summary Header Content",
                              "CBP CATAIR Entry Summary Create/Update rev 109, July 2026, ESF-36..38", kAe11Fields};

inline constexpr Field kAe20Fields[] = {
    control("control_identifier", 1, 2, AN, "20"),
    {"carrier_code", 3, 6, AN, conditional, left, 0, spaces, "", "Carrier Code",
     "SCAC for truck (IATA for air); ZZZZ as last resort; allowed, not required, for truck"},
    {"district_port_of_unlading", 7, 10, AN, conditional, left, 0, spaces, "", "District/Port of Unlading",
     "US port; allowed for truck; must differ from port of entry when moved in-bond"},
    {"estimated_date_of_arrival", 11, 16, D, conditional, left, 0, spaces, "", "Estimated Date of Arrival",
     "MMDDYY arrival at the port of entry"},
    {"location_of_goods_code", 17, 20, AN, conditional, left, 0, spaces, "", "Location of Goods Code",
     "FIRMS code, must be active cargo location; mandatory for 06 21 22 31 32 34 38"},
    {"conveyance_name", 21, 40, X, conditional, left, 0, spaces, "", "Conveyance Name",
     "Vessel name; for truck any carrier/conveyance text is allowed"},
    {"vessel_code", 41, 47, AN, conditional, left, 0, spaces, "", "Vessel Code",
     "Lloyd's code; never allowed for truck"},
    {"designated_exam_port_code", 48, 51, AN, conditional, left, 0, spaces, "", "Designated Exam Port Code",
     "Preparer (remote) filings only"},
    {"in_bond_in_transit_date", 52, 57, D, conditional, left, 0, spaces, "", "In-Bond/In-Transit Date",
     "MMDDYY; mandatory when any 23-Record type I is sent, else forbidden"},
    filler("filler_1", 58, 80),
};
static_assert(tiles(kAe20Fields));
inline constexpr Record kAe20{"AE", "20", "Cargo Reference Information",
                              "CBP CATAIR Entry Summary Create/Update rev 109, July 2026, ESF-39..40", kAe20Fields};

inline constexpr Field kAe21Fields[] = {
    control("control_identifier", 1, 2, AN, "21"),
    {"trip_identifier", 3, 7, X, mandatory, left, 0, never, "", "Trip Identifier",
     "Carrier trip/manifest identity; optional record for truck"},
    filler("filler_1", 8, 80, S, "Reserved for trip identifier growth"),
};
static_assert(tiles(kAe21Fields));
inline constexpr Record kAe21{"AE", "21", "Identifying Trip Information",
                              "CBP CATAIR Entry Summary Create/Update rev 109, July 2026, ESF-42", kAe21Fields};

inline constexpr Field kAe22Fields[] = {
    control("control_identifier", 1, 2, AN, "22"),
    {"manifested_quantity", 3, 10, SN, mandatory, right, 0, never, "", "Manifested Quantity",
     "Smallest exterior packages on the lowest bill level; greater than zero; whole number"},
    {"manifested_quantity_unit_of_measure_code", 11, 15, X, mandatory, left, 0, never, "",
     "Manifested Quantity Unit of Measure Code", "Packaging unit, e.g. CTNS or PCS"},
    filler("filler_1", 16, 80),
};
static_assert(tiles(kAe22Fields));
inline constexpr Record kAe22{"AE", "22", "Cargo Manifest Detail",
                              "CBP CATAIR Entry Summary Create/Update rev 109, July 2026, ESF-43", kAe22Fields};

inline constexpr Field kAe23Fields[] = {
    control("control_identifier", 1, 2, AN, "23"),
    {"manifest_component_type_code", 3, 3, AN, mandatory, left, 0, never, "I;M;H;S", "Manifest Component Type Code",
     "I in-bond, M master, H house, S sub-house; chapter order is I M H S"},
    {"manifest_component_issuer_code", 4, 7, AN, conditional, left, 0, spaces, "", "Manifest Component Issuer Code",
     "SCAC of the bill issuer; optional for truck M and H, forbidden for I and S"},
    {"manifest_component_identifier", 8, 19, AN, mandatory, left, 0, never, "", "Manifest Component Identifier",
     "Bill or in-bond number; letters and digits only since rev 72"},
    filler("filler_1", 20, 57, S, "Reserved for identifier growth"),
    filler("filler_2", 58, 80),
};
static_assert(tiles(kAe23Fields));
inline constexpr Record kAe23{"AE", "23", "Bill of Lading/In-Bond Detail",
                              "CBP CATAIR Entry Summary Create/Update rev 109, July 2026, ESF-44..45", kAe23Fields};

inline constexpr Field kAe31Fields[] = {
    control("control_identifier", 1, 2, AN, "31"),
    {"bond_type_code", 3, 3, AN, mandatory, left, 0, never, "8;9", "Bond Type Code",
     "8 continuous, 9 single transaction (STB)"},
    {"bond_designation_type_code", 4, 4, AN, mandatory, left, 0, never, "B;A;U;E", "Bond Designation Type Code",
     "B basic, A additional (STB only), U substitution STB, E superseding STB"},
    {"continuous_bond_indicator", 5, 5, AN, conditional, left, 0, spaces, "Y;S", "Continuous Bond Indicator",
     "Y supersedes or S substitutes the bond at entry; continuous only"},
    {"surety_company_code", 6, 8, AN, mandatory, left, 0, never, "", "Surety Company Code",
     "Three-character surety code; for type 8 must match the importer's bond on file"},
    {"single_transaction_bond_amount", 9, 18, SN, conditional, right, 0, spaces, "", "Single Transaction Bond Amount",
     "Whole dollars, greater than zero; spaces on continuous"},
    {"single_transaction_bond_producer_account_number", 19, 28, AN, optional, left, 0, spaces, "",
     "Single Transaction Bond Producer Account Number", "Surety reference from CBP Form 301; spaces on continuous"},
    filler("filler_1", 29, 80),
};
static_assert(tiles(kAe31Fields));
inline constexpr Record kAe31{"AE", "31", "Bond Detail",
                              "CBP CATAIR Entry Summary Create/Update rev 109, July 2026, ESF-49..50", kAe31Fields};

inline constexpr Field kAe34Fields[] = {
    control("control_identifier", 1, 2, AN, "34"),
    {"accounting_class_code_1", 3, 5, AN, mandatory, left, 0, never, "311;496;500", "Accounting Class Code (1)",
     "311 informal, 496 dutiable mail, 500 manual surcharge"},
    {"header_fee_amount_1", 6, 13, SN, mandatory, right, 2, never, "", "Header Fee Amount (1)",
     "Dollars and cents; repeat in the 89-Record"},
    {"accounting_class_code_2", 14, 16, AN, conditional, left, 0, spaces, "311;496;500", "Accounting Class Code (2)",
     "Second header fee"},
    {"header_fee_amount_2", 17, 24, SN, conditional, right, 2, spaces, "", "Header Fee Amount (2)",
     "Dollars and cents"},
    filler("filler_1", 25, 80),
};
static_assert(tiles(kAe34Fields));
inline constexpr Record kAe34{"AE", "34", "Entry Summary Header Fees",
                              "CBP CATAIR Entry Summary Create/Update rev 109, July 2026, ESF-53", kAe34Fields};

}  // namespace puente::cbp::catair::records
