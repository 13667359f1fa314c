// The twelve checks of cadena-original section 6. Checks 1, 2, 3 and 7 are the stage seal, 8, 9 and 10 the stage stamp;
// 4, 5, 6, 11 and 12 are findings that leave the stages alone.
//
// Fecha is local at LugarExpedicion. Where the postal codes are loaded and name its zone, checks 5 and 12 know the
// moment; elsewhere (and for `lists` of nullptr) they allow for every zone of Mexico. FechaTimbrado is central time.
#pragma once

#include "mappings/catalogs/sat_lists.h"
#include "mappings/findings/findings.h"
#include "mappings/sat/document.h"
#include "mappings/sat/read.h"

namespace puente::sat {

// `cadena_known` is false when the document holds a complement whose part of the cadena is not ours to write.
Stage check_seal(const Document& document, bool cadena_known, const TrustStore& trust, const catalogs::SatLists* lists,
                 Findings& findings);
Stage check_stamp(const Document& document, const TrustStore& trust, const catalogs::SatLists* lists,
                  Findings& findings);

}  // namespace puente::sat
