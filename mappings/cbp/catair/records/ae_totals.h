// Entry summary, totals 89 and 90.
#pragma once

#include "mappings/cbp/catair/rows.h"

namespace puente::cbp::catair::records {

inline constexpr Field kAe89Fields[] = {
    control("control_identifier", 1, 2, AN, "89"),
    {"accounting_class_code_1", 3, 5, N, mandatory, right, 0, never, "", "Accounting Class Code (1)",
     "Class from 34 or 62; each class once", high, Form::code},
    {"total_fee_amount_1", 6, 16, SN, mandatory, right, 2, zeros, "", "Total Fee Amount (1)",
     "Sum of the class; 499 adjusted to minimum/maximum"},
    {"accounting_class_code_2", 17, 19, AN, conditional, left, 0, spaces, "", "Accounting Class Code (2)",
     "Next class"},
    {"total_fee_amount_2", 20, 30, SN, conditional, right, 2, spaces, "", "Total Fee Amount (2)", "Sum"},
    {"accounting_class_code_3", 31, 33, AN, conditional, left, 0, spaces, "", "Accounting Class Code (3)",
     "Next class"},
    {"total_fee_amount_3", 34, 44, SN, conditional, right, 2, spaces, "", "Total Fee Amount (3)", "Sum"},
    {"accounting_class_code_4", 45, 47, AN, conditional, left, 0, spaces, "", "Accounting Class Code (4)",
     "Next class"},
    {"total_fee_amount_4", 48, 58, SN, conditional, right, 2, spaces, "", "Total Fee Amount (4)", "Sum"},
    {"accounting_class_code_5", 59, 61, AN, conditional, left, 0, spaces, "", "Accounting Class Code (5)",
     "Next class"},
    {"total_fee_amount_5", 62, 72, SN, conditional, right, 2, spaces, "", "Total Fee Amount (5)", "Sum"},
    filler("filler_1", 73, 80),
};
static_assert(tiles(kAe89Fields));
inline constexpr Record kAe89{"AE", "89", "Fee Total Detail",
                              "CBP CATAIR Entry Summary Create/Update rev 109, July 2026, ESF-129..130", kAe89Fields};

inline constexpr Field kAe90Fields[] = {
    control("control_identifier", 1, 2, AN, "90"),
    {"grand_total_duty_amount", 3, 13, SN, conditional, right, 2, zeros, "", "Grand Total Duty Amount",
     "Sum of every 50-Record duty; zeros if free"},
    filler("filler_1", 14, 14),
    {"grand_total_user_fee_amount", 15, 25, SN, conditional, right, 2, zeros, "", "Grand Total User Fee Amount",
     "Sum of the 89-Record totals (MPF after min/max)"},
    filler("filler_2", 26, 26),
    {"grand_total_ir_tax_amount", 27, 37, SN, conditional, right, 2, zeros, "", "Grand Total IR Tax Amount",
     "Sum of 60-Records"},
    filler("filler_3", 38, 38),
    {"grand_total_ad_duty_amount", 39, 49, SN, conditional, right, 2, zeros, "", "Grand Total AD Duty Amount",
     "88 bonded + cash AD"},
    filler("filler_4", 50, 50),
    {"grand_total_cv_duty_amount", 51, 61, SN, conditional, right, 2, zeros, "", "Grand Total CV Duty Amount",
     "88 bonded + cash CV"},
    filler("filler_5", 62, 62),
    {"grand_total_other_revenue_amount", 63, 73, SN, conditional, right, 2, zeros, "",
     "Grand Total Other Revenue Amount", "Sum of 61-Records; zeros or spaces if none"},
    filler("filler_6", 74, 80),
};
static_assert(tiles(kAe90Fields));
inline constexpr Record kAe90{"AE", "90", "Grand Totals",
                              "CBP CATAIR Entry Summary Create/Update rev 109, July 2026, ESF-131", kAe90Fields};

}  // namespace puente::cbp::catair::records
