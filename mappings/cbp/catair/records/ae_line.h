// Entry summary, line records 40 to 62.
#pragma once

#include "mappings/cbp/catair/rows.h"

namespace puente::cbp::catair::records {

inline constexpr Field kAe40Fields[] = {
    control("control_identifier", 1, 2, AN, "40"),
    filler("filler_1", 3, 4, S, "Reserved for line identifier growth"),
    {"line_item_identifier", 5, 7, X, mandatory, left, 0, never, "", "Line Item Identifier",
     "Unique in the summary, no asterisk; echoed in AX and UC"},
    {"article_set_indicator", 8, 8, AN, conditional, left, 0, spaces, "X;V", "Article Set Indicator",
     "X set header, V component"},
    {"country_of_origin_code", 9, 10, X, mandatory, left, 0, never, "", "Country of Origin Code",
     "ISO code, or ** when unknown; Canadian province codes X? for CA; MX for Mexico"},
    {"country_of_export_code", 11, 12, AN, conditional, left, 0, spaces, "", "Country of Export Code",
     "ISO code; mandatory except type 06; not US except types 21 22 3x"},
    {"date_of_exportation", 13, 18, D, conditional, left, 0, spaces, "", "Date of Exportation",
     "MMDDYY; mandatory except type 06; not after importation date"},
    {"date_of_exportation_for_textiles", 19, 24, D, conditional, left, 0, spaces, "",
     "Date of Exportation (for Textiles)", "MMDDYY from country of origin, textile visa goods only"},
    {"trade_agreement_special_program_claim_code", 25, 26, AN, conditional, left, 0, spaces,
     "A;AU;B;B#;BH;C;C#;CL;CO;D;E;IL;J;J+;JO;JP;K;K#;KR;L;L#;MA;N;NP;OM;P;P+;PA;PE;R;S;S+;SG;W;Y;Z",
     "Trade Agreement/Special Program Claim Code",
     "AE Table 8; USMCA is S or S+ (the plus sign is sent although class is printed AN)", high, Form::by_class, "+#"},
    {"charges_amount", 27, 36, SN, conditional, right, 0, zeros, "", "Charges Amount",
     "Freight, insurance, other non-dutiable charges, whole dollars; required above $1,250 line value; "
     "zeros if unused"},
    {"foreign_port_of_lading_code", 37, 41, AN, conditional, left, 0, spaces, "", "Foreign Port of Lading Code",
     "Schedule K; optional for truck"},
    {"gross_shipping_weight", 42, 51, SN, conditional, right, 0, zeros, "", "Gross Shipping Weight",
     "Kilograms, with packing, without equipment; zeros if unused"},
    {"category_code_for_textiles", 52, 54, N, conditional, right, 0, spaces, "", "Category Code (for Textiles)",
     "Textile category; spaces if unused", high, Form::code},
    {"product_claim_code", 55, 55, AN, conditional, left, 0, spaces, "C;F;G;H;M", "Product Claim Code",
     "C CBMA; F G H M visa exemptions"},
    {"related_party_indicator", 56, 56, AN, conditional, left, 0, spaces, "Y;N", "Related Party Indicator",
     "Y or N; optional only for types 11 12"},
    {"nafta_net_cost_indicator", 57, 57, AN, conditional, left, 0, spaces, "Y", "NAFTA Net Cost Indicator",
     "Y when net cost method used (also for USMCA)"},
    {"fee_exemption_code", 58, 58, AN, conditional, left, 0, spaces, "1;2", "Fee Exemption Code",
     "1 cotton exempt; 2 organic exempt (52-Record type 22 preferred)"},
    filler("filler_2", 59, 59),
    {"ad_case_non_reimbursement_statement", 60, 60, AN, conditional, left, 0, spaces, "Y",
     "AD Case Non-Reimbursement Statement", "Y = importer's non-reimbursement certification; AD lines only"},
    filler("filler_3", 61, 80),
};
static_assert(tiles(kAe40Fields));
inline constexpr Record kAe40{"AE", "40", "Line Item Header",
                              "CBP CATAIR Entry Summary Create/Update rev 109, July 2026, ESF-65..71", kAe40Fields};

inline constexpr Field kAe44Fields[] = {
    control("control_identifier", 1, 2, AN, "44"),
    {"commercial_description_text", 3, 72, X, mandatory, left, 0, never, "", "Commercial Description Text",
     "English commercial wording, not the tariff text", high, Form::prose},
    filler("filler_1", 73, 80),
};
static_assert(tiles(kAe44Fields));
inline constexpr Record kAe44{"AE", "44", "Commercial Description",
                              "CBP CATAIR Entry Summary Create/Update rev 109, July 2026, ESF-77", kAe44Fields};

inline constexpr Field kAe47Fields[] = {
    control("control_identifier", 1, 2, AN, "47"),
    {"article_party_type_code", 3, 3, AN, mandatory, left, 0, never, "M;C;S;E", "Article Party Type Code",
     "M manufacturer, C delivered-to, S sold-to, E foreign exporter"},
    {"article_party_identifier", 4, 18, AN, mandatory, left, 0, never, "", "Article Party Identifier",
     "M and E: MID up to 15; C and S: importer-number format (12) with hyphens although class is printed AN", high,
     Form::by_class, "-"},
    filler("filler_1", 19, 80),
};
static_assert(tiles(kAe47Fields));
inline constexpr Record kAe47{"AE", "47", "Article Party",
                              "CBP CATAIR Entry Summary Create/Update rev 109, July 2026, ESF-78..79", kAe47Fields};

inline constexpr Field kAe50Fields[] = {
    control("control_identifier", 1, 2, AN, "50"),
    {"hts_number", 3, 12, AN, mandatory, left, 0, never, "", "HTS Number",
     "Ten digits, or eight digits + two spaces when the number is 8-digit only (most Chapter 99)"},
    filler("filler_1", 13, 13),
    {"duty_amount", 14, 23, SN, mandatory, right, 2, zeros, "", "Duty Amount",
     "Estimated duty for this HTS number; zeros when free or under a cent"},
    filler("filler_2", 24, 24),
    {"value_of_goods_amount", 25, 34, SN, mandatory, right, 0, zeros, "", "Value of Goods Amount",
     "Whole dollars, standard rounding; zeros when the value belongs to another HTS number of the line"},
    filler("filler_3", 35, 35),
    {"quantity_1", 36, 47, SN, conditional, right, 2, spaces, "", "Quantity (1)",
     "Primary quantity; spaces if the HTS number has no unit"},
    {"unit_of_measure_code_1", 48, 50, AN, mandatory, left, 0, spaces, "", "Unit of Measure Code (1)",
     "Exactly the HTS unit; printed M, yet spaces are what ACE accepts where the HTS number has no unit (441/442)"},
    {"quantity_2", 51, 62, SN, conditional, right, 2, spaces, "", "Quantity (2)", "Second quantity"},
    {"unit_of_measure_code_2", 63, 65, AN, conditional, left, 0, spaces, "", "Unit of Measure Code (2)",
     "Exactly the HTS unit"},
    {"quantity_3", 66, 77, SN, conditional, right, 2, spaces, "", "Quantity (3)", "Third quantity"},
    {"unit_of_measure_code_3", 78, 80, AN, conditional, left, 0, spaces, "", "Unit of Measure Code (3)",
     "Exactly the HTS unit"},
};
static_assert(tiles(kAe50Fields));
inline constexpr Record kAe50{"AE", "50", "Tariff/Value/Quantity Detail",
                              "CBP CATAIR Entry Summary Create/Update rev 109, July 2026, ESF-89..90", kAe50Fields};

inline constexpr Field kAe5407Fields[] = {
    control("control_identifier", 1, 2, AN, "54"),
    {"importers_additional_declaration_type_code", 3, 4, AN, mandatory, left, 0, never, "07",
     "Importer's Additional Declaration Type Code", "07"},
    {"primary_country_of_smelt_applicability_code", 5, 5, AN, mandatory, left, 0, never, "Y;N",
     "Primary Country of Smelt Applicability Code", "Y or N; at least one of primary and secondary must be Y"},
    filler("filler_1", 6, 7),
    {"primary_country_of_smelt_code", 8, 9, AN, conditional, left, 0, spaces, "", "Primary Country of Smelt Code",
     "ISO; UN when unknown (derivatives only)"},
    {"secondary_country_of_smelt_applicability_code", 10, 10, AN, mandatory, left, 0, never, "Y;N",
     "Secondary Country of Smelt Applicability Code", "Y or N"},
    filler("filler_2", 11, 12),
    {"secondary_country_of_smelt_code", 13, 14, AN, conditional, left, 0, spaces, "", "Secondary Country of Smelt Code",
     "ISO; UN when unknown (derivatives only)"},
    {"country_of_cast_code", 15, 16, AN, mandatory, left, 0, never, "", "Country of Cast Code",
     "ISO; UN when unknown (derivatives only)"},
    filler("filler_3", 17, 80),
};
static_assert(tiles(kAe5407Fields));
inline constexpr Record kAe5407{"AE",
                                "54/07",
                                "Aluminum Smelt and Cast Country Detail",
                                "CBP CATAIR Entry Summary Create/Update rev 109, July 2026, ESF-111..112",
                                kAe5407Fields,
                                {3, 4, "07"}};

inline constexpr Field kAe5408Fields[] = {
    control("control_identifier", 1, 2, AN, "54"),
    {"importers_additional_declaration_type_code", 3, 4, AN, mandatory, left, 0, never, "08",
     "Importer's Additional Declaration Type Code", "08"},
    {"country_of_melt_and_pour_code", 5, 6, AN, conditional, left, 0, spaces, "", "Country of Melt and Pour Code",
     "ISO; mandatory for steel; derivatives give this or OTH"},
    {"country_of_melt_and_pour_applicability_code", 7, 9, AN, conditional, left, 0, spaces, "OTH",
     "Country of Melt and Pour Applicability Code", "OTH for derivatives without a code (class misprinted 3S)"},
    filler("filler_1", 10, 80),
};
static_assert(tiles(kAe5408Fields));
inline constexpr Record kAe5408{"AE",
                                "54/08",
                                "Steel Melt and Pour Country Detail",
                                "CBP CATAIR Entry Summary Create/Update rev 109, July 2026, ESF-113",
                                kAe5408Fields,
                                {3, 4, "08"}};

inline constexpr Field kAe5412Fields[] = {
    control("control_identifier", 1, 2, AN, "54"),
    {"importers_additional_declaration_type_code", 3, 4, AN, mandatory, left, 0, never, "12",
     "Importer's Additional Declaration Type Code", "12"},
    {"primary_country_of_smelt_code", 5, 7, AN, mandatory, left, 0, never, "", "Primary Country of Smelt Code",
     "ISO + space, or OTH"},
    filler("filler_1", 8, 9),
    {"secondary_country_of_smelt_code", 10, 12, AN, conditional, left, 0, spaces, "", "Secondary Country of Smelt Code",
     "ISO + space, or OTH"},
    filler("filler_2", 13, 14),
    {"country_of_most_recent_cast_code", 15, 17, AN, mandatory, left, 0, never, "", "Country of Most Recent Cast Code",
     "ISO + space, or OTH"},
    filler("filler_3", 18, 80),
};
static_assert(tiles(kAe5412Fields));
inline constexpr Record kAe5412{"AE",
                                "54/12",
                                "Copper Smelt and Cast Country Detail",
                                "CBP CATAIR Entry Summary Create/Update rev 109, July 2026, ESF-117",
                                kAe5412Fields,
                                {3, 4, "12"}};

inline constexpr Field kAe54Fields[] = {
    control("control_identifier", 1, 2, AN, "54"),
    {"importers_additional_declaration_type_code", 3, 4, AN, mandatory, left, 0, never,
     "01;02;03;04;05;06;07;08;09;10;11;12", "Importer's Additional Declaration Type Code", "Selects the 54/nn layout"},
    {"importers_additional_declaration_information", 5, 80, X, mandatory, left, 0, never, "",
     "Importer's Additional Declaration Information", "See 54/01 .. 54/12"},
};
static_assert(tiles(kAe54Fields));
inline constexpr Record kAe54{"AE", "54", "Importer's Additional Declaration Detail",
                              "CBP CATAIR Entry Summary Create/Update rev 109, July 2026, ESF-101", kAe54Fields};

inline constexpr Field kAe62Fields[] = {
    control("control_identifier", 1, 2, AN, "62"),
    {"accounting_class_code", 3, 5, AN, mandatory, left, 0, never,
     "053;054;055;056;057;079;090;102;103;104;105;106;107;108;109;110;124;125;499;501", "Accounting Class Code",
     "499 MPF, 501 HMF, 053-110 124 125 agriculture (AE Table 6)"},
    {"user_fee_amount", 6, 13, SN, mandatory, right, 2, zeros, "", "User Fee Amount",
     "Dollars and cents; zeros if due but below a cent"},
    filler("filler_1", 14, 80),
};
static_assert(tiles(kAe62Fields));
inline constexpr Record kAe62{"AE", "62", "Line User Fee Detail",
                              "CBP CATAIR Entry Summary Create/Update rev 109, July 2026, ESF-120", kAe62Fields};

}  // namespace puente::cbp::catair::records
