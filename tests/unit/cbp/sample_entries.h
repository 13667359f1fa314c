// The entries behind the worked transmissions: an auto part as a cargo release, and auto parts with a USMCA claim as an
// entry summary.
#pragma once

#include "mappings/cbp/filing.h"
#include "puente/v1/entry.pb.h"

namespace puente::cbp {

v1::Entry drive_shaft_entry();
FilerFacts drive_shaft_filer();
v1::Entry brake_rotor_entry();
FilerFacts brake_rotor_filer();

}  // namespace puente::cbp
