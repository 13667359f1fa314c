// Comercio Exterior 2.0: ComercioExterior20.xsd. Every attribute is signed.
#pragma once

#include "mappings/sat/element_tables.h"

namespace puente::sat::comercio_exterior::v20 {

// One row a line.
// clang-format off
using namespace row;  // NOLINT(google-build-using-namespace): the words of the tables

inline constexpr Namespace kNamespace = {"http://www.sat.gob.mx/ComercioExterior20", "cce20", "Comercio Exterior",
                                         "2.0", "cfd/ComercioExterior20/ComercioExterior20.xsd"};
// The dots are not escaped in the official patterns; the decimal base type makes them such.
inline constexpr Pattern kCantidadAduanaPattern("[0-9]{1,14}(.([0-9]{1,3}))?");
inline constexpr Pattern kValorUnitarioPattern("[0-9]{1,16}(.([0-9]{1,6}))?");
inline constexpr Pattern kValorDolaresPattern("[0-9]{1,16}(.([0-9]{1,4}))?");
inline constexpr ValueType kCantidadAduana = patterned_decimal(kCantidadAduanaPattern, kAnyDecimals, "0.001");
inline constexpr ValueType kValorUnitarioAduana = patterned_decimal(kValorUnitarioPattern, kAnyDecimals, "0");
inline constexpr ValueType kValorDolares = patterned_decimal(kValorDolaresPattern, kAnyDecimals, "0");

inline constexpr AttributeRow kDomicilioEmisorAttributes[] = {
    {"Calle", text(1, 100), required},
    {"NumeroExterior", text(1, 55), optional},
    {"NumeroInterior", text(1, 55), optional},
    {"Colonia", code("c_Colonia", kDigits4), optional},
    {"Localidad", code("c_Localidad"), optional},
    {"Referencia", text(1, 250), optional},
    {"Municipio", code("c_Municipio"), optional},
    {"Estado", code("c_Estado"), required},
    {"Pais", code("c_Pais"), required},
    {"CodigoPostal", code("c_CodigoPostal", kDigits5, "CCE134"), required},
};
inline constexpr ElementRow kDomicilioEmisor = {"Domicilio", &kNamespace, kDomicilioEmisorAttributes, {}};

inline constexpr AttributeRow kEmisorAttributes[] = {
    {"Curp", matching(kCurp), optional},
};
inline constexpr ChildRow kEmisorChildren[] = {
    {&kDomicilioEmisor, 1, 1},
};
inline constexpr ElementRow kEmisor = {"Emisor", &kNamespace, kEmisorAttributes, kEmisorChildren};

inline constexpr AttributeRow kPropietarioAttributes[] = {
    {"NumRegIdTrib", free_text(6, 40), required},
    {"ResidenciaFiscal", code("c_Pais"), required},
};
inline constexpr ElementRow kPropietario = {"Propietario", &kNamespace, kPropietarioAttributes, {}};

inline constexpr AttributeRow kDomicilioExtranjeroAttributes[] = {
    {"Calle", text(1, 100), required},
    {"NumeroExterior", text(1, 55), optional},
    {"NumeroInterior", text(1, 55), optional},
    {"Colonia", text(1, 120), optional},
    {"Localidad", text(1, 120), optional},
    {"Referencia", text(1, 250), optional},
    {"Municipio", text(1, 120), optional},
    {"Estado", text(1, 30), required},
    {"Pais", code("c_Pais"), required},
    {"CodigoPostal", free_text(1, 12), required},
};
inline constexpr ElementRow kDomicilioExtranjero = {"Domicilio", &kNamespace, kDomicilioExtranjeroAttributes, {}};

inline constexpr AttributeRow kReceptorAttributes[] = {
    {"NumRegIdTrib", free_text(6, 40), optional},
};
inline constexpr ChildRow kReceptorChildren[] = {
    {&kDomicilioExtranjero, 0, 1},
};
inline constexpr ElementRow kReceptor = {"Receptor", &kNamespace, kReceptorAttributes, kReceptorChildren};

inline constexpr AttributeRow kDestinatarioAttributes[] = {
    {"NumRegIdTrib", free_text(6, 40), optional},
    {"Nombre", text(1, 300), optional},
};
inline constexpr ChildRow kDestinatarioChildren[] = {
    {&kDomicilioExtranjero, 1, kMany},
};
inline constexpr ElementRow kDestinatario = {"Destinatario", &kNamespace, kDestinatarioAttributes,
                                             kDestinatarioChildren};

inline constexpr AttributeRow kDescripcionesEspecificasAttributes[] = {
    {"Marca", text(1, 35), required},
    {"Modelo", text(1, 80), optional},
    {"SubModelo", text(1, 50), optional},
    {"NumeroSerie", text(1, 40), optional},
};
inline constexpr ElementRow kDescripcionesEspecificas = {
    "DescripcionesEspecificas", &kNamespace, kDescripcionesEspecificasAttributes, {}};

inline constexpr AttributeRow kMercanciaAttributes[] = {
    {"NoIdentificacion", text(1, 100), required},
    {"FraccionArancelaria", code("c_FraccionArancelaria", "CCE166"), optional},
    {"CantidadAduana", kCantidadAduana, optional},
    {"UnidadAduana", code("c_UnidadAduana"), optional},
    {"ValorUnitarioAduana", kValorUnitarioAduana, optional},
    {"ValorDolares", kValorDolares, required},
};
inline constexpr ChildRow kMercanciaChildren[] = {
    {&kDescripcionesEspecificas, 0, kMany},
};
inline constexpr ElementRow kMercancia = {"Mercancia", &kNamespace, kMercanciaAttributes, kMercanciaChildren};

inline constexpr ChildRow kMercanciasChildren[] = {
    {&kMercancia, 1, kMany},
};
inline constexpr ElementRow kMercancias = {"Mercancias", &kNamespace, {}, kMercanciasChildren};

inline constexpr AttributeRow kComercioExteriorAttributes[] = {
    {"Version", fixed("2.0"), required},
    {"MotivoTraslado", code("c_MotivoTraslado"), optional},
    {"ClaveDePedimento", code("c_ClavePedimento"), required},
    {"CertificadoOrigen", integer("0", "1"), required},
    {"NumCertificadoOrigen", text(6, 40), optional},
    {"NumeroExportadorConfiable", text(1, 50), optional},
    {"Incoterm", code("c_INCOTERM"), optional},
    {"Observaciones", text(1, 300), optional},
    {"TipoCambioUSD", kImporte, required},
    {"TotalUSD", kImporte, required},
};
inline constexpr ChildRow kComercioExteriorChildren[] = {
    {&kEmisor, 0, 1},
    {&kPropietario, 0, kMany},
    {&kReceptor, 0, 1},
    {&kDestinatario, 0, kMany},
    {&kMercancias, 1, 1},
};
inline constexpr ElementRow kComercioExterior = {"ComercioExterior", &kNamespace, kComercioExteriorAttributes,
                                                 kComercioExteriorChildren};

// clang-format on
}  // namespace puente::sat::comercio_exterior::v20
