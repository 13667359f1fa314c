// The two filings' own part of encode: the records between B and Y.
#pragma once

#include "mappings/cbp/release_data.h"

namespace puente::cbp {

void write_cargo_release(Assembly& assembly);
void write_entry_summary(Assembly& assembly);

}  // namespace puente::cbp
