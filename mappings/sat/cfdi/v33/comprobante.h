// CFDI 3.3, which Puente refuses: only what its refusal by name and the check of its stamp need.
#pragma once

#include "mappings/sat/element_tables.h"
#include "mappings/sat/timbre/v11/timbre_fiscal_digital.h"

namespace puente::sat::cfdi::v33 {

// One row a line.
// clang-format off
using namespace row;  // NOLINT(google-build-using-namespace): the words of the tables

inline constexpr Namespace kNamespace = {"http://www.sat.gob.mx/cfd/3", "cfdi", "CFDI", "3.3", "cfd/3/cfdv33.xsd"};

inline constexpr AttributeRow kEmisorAttributes[] = {
    {"Rfc", matching(kRfc), required},
};
inline constexpr ElementRow kEmisor = {"Emisor", &kNamespace, kEmisorAttributes, {}};

inline constexpr ChildRow kComplementoChildren[] = {
    {&timbre::v11::kTimbreFiscalDigital, 0, 1},
};
inline constexpr ElementRow kComplemento = {"Complemento", &kNamespace, {}, kComplementoChildren, Content::complements};

inline constexpr AttributeRow kComprobanteAttributes[] = {
    {"Version", fixed("3.3"), required},
    {"Serie", text(1, 25), optional},
    {"Folio", text(1, 40), optional},
    {"Fecha", kFechaHora, required},
    {"Sello", kAnyText, required, unsealed},
    {"NoCertificado", matching(kDigits20), required},
    {"Certificado", kAnyText, required, unsealed},
};
inline constexpr ChildRow kComprobanteChildren[] = {
    {&kEmisor, 1, 1},
    {&kComplemento, 0, kMany},
};
inline constexpr ElementRow kComprobante = {"Comprobante", &kNamespace, kComprobanteAttributes, kComprobanteChildren};

// clang-format on
}  // namespace puente::sat::cfdi::v33
