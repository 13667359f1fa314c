// The SAT's lists as the reference has them: reference/sat/catalogs, packed or not.
#pragma once

#include <memory>
#include <string>

#include "mappings/catalogs/sat_lists.h"

namespace puente::sat {

// The CSV of a list; "" where the reference has none.
std::string reference_csv(std::string_view list);
// All of them; a failure of the test where one is missing or cannot be read.
std::shared_ptr<const catalogs::SatLists> reference_lists();

}  // namespace puente::sat
