// Timbre Fiscal Digital 1.1: TimbreFiscalDigitalv11.xsd. Its cadena is its own; `unsealed` is said of that one. Nothing
// of it is part of the cadena of the Comprobante.
#pragma once

#include "mappings/sat/element_tables.h"

namespace puente::sat::timbre::v11 {

// One row a line.
// clang-format off
using namespace row;  // NOLINT(google-build-using-namespace): the words of the tables

inline constexpr Namespace kNamespace = {"http://www.sat.gob.mx/TimbreFiscalDigital", "tfd", "Timbre Fiscal Digital",
                                         "1.1", "cfd/TimbreFiscalDigital/TimbreFiscalDigitalv11.xsd"};
inline constexpr Pattern kLeyenda(
    "([A-Z]|[a-z]|[0-9]| |Ñ|ñ|!|\"|%|&|'|´|-|:|;|>|=|<|@|_|,|\\{|\\}|`|~|á|é|í|ó|ú|Á|É|Í|Ó|Ú|ü|Ü){1,150}");

inline constexpr AttributeRow kTimbreFiscalDigitalAttributes[] = {
    {"Version", preserved(fixed("1.1")), required},
    {"UUID", matching(kUuid), required},
    {"FechaTimbrado", kFechaHora, required},
    {"RfcProvCertif", matching(kRfcMoral), required},
    {"Leyenda", matching(kLeyenda, 12, 150), optional},
    {"SelloCFD", kAnyText, required},
    {"NoCertificadoSAT", matching(kDigits20), required},
    {"SelloSAT", kAnyText, required, unsealed},
};
inline constexpr ElementRow kTimbreFiscalDigital = {
    "TimbreFiscalDigital", &kNamespace, kTimbreFiscalDigitalAttributes, {}};

// clang-format on
}  // namespace puente::sat::timbre::v11
