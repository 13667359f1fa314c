// The envelope as we send it: batch A..Z around blocks B..Y (CATAIR ABI Batch and Block Control).
// The password of the A record (9-14) is the transmitter's own: it is always sent blank and never kept.
#pragma once

#include "mappings/cbp/catair/rows.h"

namespace puente::cbp::catair::records {

inline constexpr Field kAFields[] = {
    control("control_identifier", 1, 1, A, "A"),
    {"sender_receiver_site_code", 2, 5, AN, mandatory, left, 0, never, "", "Sender/Receiver Site Code",
     "Port-style code of the transmitting site"},
    {"sender_receiver_id_code", 6, 8, AN, mandatory, left, 0, never, "", "Sender/Receiver ID Code",
     "Transmitter (filer, importer or service bureau)"},
    {"communication_password", 9, 14, AN, mandatory, left, 0, never, "", "Communication Password",
     "Letters and digits only; never returned for AE"},
    {"transmission_date", 15, 20, D, optional, left, 0, spaces, "", "Transmission Date",
     "MMDDYY, echoed in the response"},
    filler("filler_1", 21, 25),
    {"application_identifier_code", 26, 27, AN, mandatory, left, 0, never,
     "AE;AD;CB;CJ;CQ;CW;DE;EQ;HA;HB;KI;MA;NE;QA;QP;RE;RM;SE;SF;SU;TE;TP;WP", "Application Identifier Code",
     "AE for entry summaries; must equal every B-Record code (X19); one code a batch. Some application codes hold $ "
     "or % ($I %R); QP and WP come from the in-bond chapter",
     high, Form::by_class, "$%"},
    filler("filler_2", 28, 37),
    {"sender_receiver_office_code", 38, 39, AN, conditional, left, 0, spaces, "", "Sender/Receiver Office Code",
     "Agreed sub-location"},
    filler("filler_3", 40, 59),
    {"transmitters_user_data_text", 60, 80, X, optional, left, 0, spaces, "", "Transmitter's User Data Text",
     "21 characters echoed unchanged; use as correlation key"},
};
static_assert(tiles(kAFields));
inline constexpr Record kA{"", "A", "Batch Control Header",
                           "CBP CATAIR ABI Batch and Block Control rev 23, June 2023, B&B-9..11", kAFields};

inline constexpr Field kBFields[] = {
    control("control_identifier", 1, 1, A, "B"),
    filler("filler_1", 2, 3),
    {"processing_district_port_code", 4, 7, AN, mandatory, left, 0, never, "", "Processing District/Port Code",
     "Port where the summary is processed and the statement prints; same district for all entries of the block (10, "
     "46, 47 may mix)"},
    {"processing_filer_code", 8, 10, AN, mandatory, left, 0, never, "", "Processing Filer Code",
     "Must equal the 10-Record filer unless a PSC or preparer filing (B53)"},
    {"application_identifier_code", 11, 12, AN, mandatory, left, 0, never,
     "AE;AD;CB;CJ;CQ;CW;DE;EQ;HA;HB;KI;MA;NE;QA;QP;RE;RM;SE;SF;SU;TE;TP;WP", "Application Identifier Code",
     "Same as the A-Record"},
    filler("filler_2", 13, 44),
    {"processing_filer_office_code", 45, 46, AN, conditional, left, 0, spaces, "", "Processing Filer Office Code",
     "Agreed sub-location"},
    {"preparer_district_port_code", 47, 50, AN, conditional, left, 0, spaces, "", "Preparer District/Port Code",
     "With preparer indicator 1 (formerly remote location filing)"},
    {"preparer_filer_code", 51, 53, AN, conditional, left, 0, spaces, "", "Preparer Filer Code",
     "Must equal the processing filer (X26)"},
    {"preparer_office_code", 54, 55, AN, conditional, left, 0, spaces, "", "Preparer Office Code",
     "Agreed sub-location"},
    {"preparer_indicator", 56, 56, AN, conditional, left, 0, spaces, "1", "Preparer Indicator",
     "1 = preparer data present"},
    filler("filler_3", 57, 59),
    {"filer_preparers_user_data_text", 60, 80, X, optional, left, 0, spaces, "", "Filer/Preparer's User Data Text",
     "21 characters echoed unchanged"},
};
static_assert(tiles(kBFields));
inline constexpr Record kB{"", "B", "Block Control Header",
                           "CBP CATAIR ABI Batch and Block Control rev 23, June 2023, B&B-13..14", kBFields};

inline constexpr Field kYFields[] = {
    control("control_identifier", 1, 1, A, "Y"),
    filler("filler_1", 2, 3),
    {"processing_district_port_code", 4, 7, AN, mandatory, left, 0, never, "", "Processing District/Port Code",
     "Same as the B-Record"},
    {"processing_filer_code", 8, 10, AN, mandatory, left, 0, never, "", "Processing Filer Code",
     "Same as the B-Record"},
    {"application_identifier_code", 11, 12, AN, mandatory, left, 0, never,
     "AE;AD;CB;CJ;CQ;CW;DE;EQ;HA;HB;KI;MA;NE;QA;QP;RE;RM;SE;SF;SU;TE;TP;WP", "Application Identifier Code",
     "Same as the B-Record"},
    filler("filler_2", 13, 44, S, "Space fill; no record count for AE (only QP and WP send one in 13-17)"),
    {"processing_filer_office_code", 45, 46, AN, conditional, left, 0, spaces, "", "Processing Filer Office Code",
     "Same as the B-Record"},
    filler("filler_3", 47, 80),
};
static_assert(tiles(kYFields));
inline constexpr Record kY{"", "Y", "Block Control Trailer",
                           "CBP CATAIR ABI Batch and Block Control rev 23, June 2023, B&B-15", kYFields};

inline constexpr Field kZFields[] = {
    control("control_identifier", 1, 1, A, "Z"),
    {"sender_receiver_site_code", 2, 5, AN, mandatory, left, 0, never, "", "Sender/Receiver Site Code",
     "Same as the A-Record"},
    {"sender_receiver_id_code", 6, 8, AN, mandatory, left, 0, never, "", "Sender/Receiver ID Code",
     "Same as the A-Record"},
    filler("filler_1", 9, 14, S, "Space fill for AE; no password here"),
    {"transmission_date", 15, 20, D, conditional, left, 0, spaces, "", "Transmission Date", "Same as the A-Record"},
    filler("filler_2", 21, 37),
    {"sender_receiver_office_code", 38, 39, AN, conditional, left, 0, spaces, "", "Sender/Receiver Office Code",
     "Same as the A-Record"},
    filler("filler_3", 40, 80, S, "Space fill; the user data text is not repeated"),
};
static_assert(tiles(kZFields));
inline constexpr Record kZ{"", "Z", "Batch Control Trailer",
                           "CBP CATAIR ABI Batch and Block Control rev 23, June 2023, B&B-12", kZFields};

}  // namespace puente::cbp::catair::records
