// CFDI 4.0: cfdv40.xsd, with tdCFDI.xsd. Traps of the cadena original that the rows hold: inside a Concepto the
// Traslados come before the Retenciones, in the totals after them.
#pragma once

#include "mappings/sat/carta_porte/v31/carta_porte.h"
#include "mappings/sat/comercio_exterior/v20/comercio_exterior.h"
#include "mappings/sat/element_tables.h"
#include "mappings/sat/timbre/v11/timbre_fiscal_digital.h"

namespace puente::sat::cfdi::v40 {

// One row a line.
// clang-format off
using namespace row;  // NOLINT(google-build-using-namespace): the words of the tables

inline constexpr Namespace kNamespace = {"http://www.sat.gob.mx/cfd/4", "cfdi", "CFDI", "4.0", "cfd/4/cfdv40.xsd"};
inline constexpr Pattern kConfirmacion("[0-9a-zA-Z]{5}");
inline constexpr Pattern kCuentaPredialPattern("[0-9a-zA-Z]{1,150}");

inline constexpr AttributeRow kInformacionGlobalAttributes[] = {
    {"Periodicidad", code("c_Periodicidad", "CFDI40131"), required},
    {"Meses", code("c_Meses", "CFDI40133"), required},
    {"Año", integer("2019", "32767"), required},
};
inline constexpr ElementRow kInformacionGlobal = {"InformacionGlobal", &kNamespace, kInformacionGlobalAttributes, {}};

inline constexpr AttributeRow kCfdiRelacionadoAttributes[] = {
    {"UUID", matching(kUuid), required},
};
inline constexpr ElementRow kCfdiRelacionado = {"CfdiRelacionado", &kNamespace, kCfdiRelacionadoAttributes, {}};

inline constexpr AttributeRow kCfdiRelacionadosAttributes[] = {
    {"TipoRelacion", code("c_TipoRelacion", "CFDI40137"), required},
};
inline constexpr ChildRow kCfdiRelacionadosChildren[] = {
    {&kCfdiRelacionado, 1, kMany},
};
inline constexpr ElementRow kCfdiRelacionados = {"CfdiRelacionados", &kNamespace, kCfdiRelacionadosAttributes,
                                                 kCfdiRelacionadosChildren};

inline constexpr AttributeRow kEmisorAttributes[] = {
    {"Rfc", matching(kRfc), required},
    {"Nombre", text(1, 300), required},
    {"RegimenFiscal", code("c_RegimenFiscal", "CFDI40140"), required},
    {"FacAtrAdquirente", matching(kDigits10), optional},
};
inline constexpr ElementRow kEmisor = {"Emisor", &kNamespace, kEmisorAttributes, {}};

inline constexpr AttributeRow kReceptorAttributes[] = {
    {"Rfc", matching(kRfc), required},
    {"Nombre", text(1, 300), required},
    {"DomicilioFiscalReceptor", matching(kDigits5), required},
    {"ResidenciaFiscal", code("c_Pais", "CFDI40150"), optional},
    {"NumRegIdTrib", free_text(1, 40), optional},
    {"RegimenFiscalReceptor", code("c_RegimenFiscal", "CFDI40157"), required},
    {"UsoCFDI", code("c_UsoCFDI", "CFDI40160"), required},
};
inline constexpr ElementRow kReceptor = {"Receptor", &kNamespace, kReceptorAttributes, {}};

inline constexpr AttributeRow kTrasladoAttributes[] = {
    {"Base", decimal(6, "0.000001"), required},
    {"Impuesto", code("c_Impuesto", "CFDI40175"), required},
    {"TipoFactor", code("c_TipoFactor", "CFDI40176"), required},
    {"TasaOCuota", decimal(6, "0"), optional},
    {"Importe", kImporte, optional},
};
inline constexpr ElementRow kTraslado = {"Traslado", &kNamespace, kTrasladoAttributes, {}};

inline constexpr ChildRow kTrasladosChildren[] = {
    {&kTraslado, 1, kMany},
};
inline constexpr ElementRow kTraslados = {"Traslados", &kNamespace, {}, kTrasladosChildren};

inline constexpr AttributeRow kRetencionAttributes[] = {
    {"Base", decimal(6, "0.000001"), required},
    {"Impuesto", code("c_Impuesto", "CFDI40182"), required},
    {"TipoFactor", code("c_TipoFactor", "CFDI40183"), required},
    {"TasaOCuota", decimal(6, "0"), required},
    {"Importe", kImporte, required},
};
inline constexpr ElementRow kRetencion = {"Retencion", &kNamespace, kRetencionAttributes, {}};

inline constexpr ChildRow kRetencionesChildren[] = {
    {&kRetencion, 1, kMany},
};
inline constexpr ElementRow kRetenciones = {"Retenciones", &kNamespace, {}, kRetencionesChildren};

inline constexpr ChildRow kImpuestosChildren[] = {
    {&kTraslados, 0, 1},
    {&kRetenciones, 0, 1},
};
inline constexpr ElementRow kImpuestos = {"Impuestos", &kNamespace, {}, kImpuestosChildren};

inline constexpr AttributeRow kACuentaTercerosAttributes[] = {
    {"RfcACuentaTerceros", matching(kRfc), required},
    {"NombreACuentaTerceros", text(1, 300), required},
    {"RegimenFiscalACuentaTerceros", code("c_RegimenFiscal", "CFDI40191"), required},
    {"DomicilioFiscalACuentaTerceros", matching(kDigits5), required},
};
inline constexpr ElementRow kACuentaTerceros = {"ACuentaTerceros", &kNamespace, kACuentaTercerosAttributes, {}};

inline constexpr AttributeRow kInformacionAduaneraAttributes[] = {
    {"NumeroPedimento", preserved(matching(kPedimento)), required},
};
inline constexpr ElementRow kInformacionAduanera = {
    "InformacionAduanera", &kNamespace, kInformacionAduaneraAttributes, {}};

inline constexpr AttributeRow kCuentaPredialAttributes[] = {
    {"Numero", matching(kCuentaPredialPattern), required},
};
inline constexpr ElementRow kCuentaPredial = {"CuentaPredial", &kNamespace, kCuentaPredialAttributes, {}};

inline constexpr ElementRow kComplementoConcepto = {
    "ComplementoConcepto", &kNamespace, {}, {}, Content::concept_complements};

inline constexpr AttributeRow kParteAttributes[] = {
    {"ClaveProdServ", code("c_ClaveProdServ", kDigits8, "CFDI40196"), required},
    {"NoIdentificacion", text(1, 100), optional},
    {"Cantidad", decimal(6, "0.000001"), required},
    {"Unidad", text(1, 20), optional},
    {"Descripcion", text(1, 1000), required},
    {"ValorUnitario", kImporte, optional},
    {"Importe", kImporte, optional},
};
inline constexpr ChildRow kParteChildren[] = {
    {&kInformacionAduanera, 0, kMany},
};
inline constexpr ElementRow kParte = {"Parte", &kNamespace, kParteAttributes, kParteChildren};

inline constexpr AttributeRow kConceptoAttributes[] = {
    {"ClaveProdServ", code("c_ClaveProdServ", kDigits8, "CFDI40162"), required},
    {"NoIdentificacion", text(1, 100), optional},
    {"Cantidad", decimal(6, "0.000001"), required},
    {"ClaveUnidad", code("c_ClaveUnidad", "CFDI40165"), required},
    {"Unidad", text(1, 20), optional},
    {"Descripcion", text(1, 1000), required},
    {"ValorUnitario", kImporte, required},
    {"Importe", kImporte, required},
    {"Descuento", kImporte, optional},
    {"ObjetoImp", code("c_ObjetoImp", "CFDI40170"), required},
};
inline constexpr ChildRow kConceptoChildren[] = {
    {&kImpuestos, 0, 1},
    {&kACuentaTerceros, 0, 1},
    {&kInformacionAduanera, 0, kMany},
    {&kCuentaPredial, 0, kMany},
    {&kComplementoConcepto, 0, 1},
    {&kParte, 0, kMany},
};
inline constexpr ElementRow kConcepto = {"Concepto", &kNamespace, kConceptoAttributes, kConceptoChildren};

inline constexpr ChildRow kConceptosChildren[] = {
    {&kConcepto, 1, kMany},
};
inline constexpr ElementRow kConceptos = {"Conceptos", &kNamespace, {}, kConceptosChildren};

inline constexpr AttributeRow kRetencionTotalAttributes[] = {
    {"Impuesto", code("c_Impuesto", "CFDI40207"), required},
    {"Importe", kImporte, required},
};
inline constexpr ElementRow kRetencionTotal = {"Retencion", &kNamespace, kRetencionTotalAttributes, {}};

inline constexpr ChildRow kRetencionesTotalesChildren[] = {
    {&kRetencionTotal, 1, kMany},
};
inline constexpr ElementRow kRetencionesTotales = {"Retenciones", &kNamespace, {}, kRetencionesTotalesChildren};

inline constexpr AttributeRow kTrasladoTotalAttributes[] = {
    {"Base", kImporte, required},
    {"Impuesto", code("c_Impuesto", "CFDI40217"), required},
    {"TipoFactor", code("c_TipoFactor"), required},
    {"TasaOCuota", decimal(6, "0"), optional},
    {"Importe", kImporte, optional},
};
inline constexpr ElementRow kTrasladoTotal = {"Traslado", &kNamespace, kTrasladoTotalAttributes, {}};

inline constexpr ChildRow kTrasladosTotalesChildren[] = {
    {&kTrasladoTotal, 1, kMany},
};
inline constexpr ElementRow kTrasladosTotales = {"Traslados", &kNamespace, {}, kTrasladosTotalesChildren};

inline constexpr AttributeRow kImpuestosTotalesAttributes[] = {
    {"TotalImpuestosRetenidos", kImporte, optional},
    {"TotalImpuestosTrasladados", kImporte, optional},
};
inline constexpr ChildRow kImpuestosTotalesChildren[] = {
    {&kRetencionesTotales, 0, 1},
    {&kTrasladosTotales, 0, 1},
};
// Each total is signed after its own group.
inline constexpr std::string_view kImpuestosTotalesCadena[] = {"Retenciones", "@TotalImpuestosRetenidos", "Traslados",
                                                               "@TotalImpuestosTrasladados"};
inline constexpr ElementRow kImpuestosTotales = {"Impuestos",
                                                 &kNamespace,
                                                 kImpuestosTotalesAttributes,
                                                 kImpuestosTotalesChildren,
                                                 Content::children,
                                                 kImpuestosTotalesCadena};

// Puente asks for at most one of each; the schema's wildcard would allow more.
inline constexpr ChildRow kComplementoChildren[] = {
    {&carta_porte::v31::kCartaPorte, 0, 1},
    {&comercio_exterior::v20::kComercioExterior, 0, 1},
    {&timbre::v11::kTimbreFiscalDigital, 0, 1},
};
inline constexpr ElementRow kComplemento = {"Complemento", &kNamespace, {}, kComplementoChildren, Content::complements};

inline constexpr ElementRow kAddenda = {"Addenda", &kNamespace, {}, {}, Content::ignored};

inline constexpr AttributeRow kComprobanteAttributes[] = {
    {"Version", fixed("4.0"), required},
    {"Serie", text(1, 25), optional},
    {"Folio", text(1, 40), optional},
    {"Fecha", kFechaHora, required},
    {"Sello", kAnyText, required, unsealed},
    {"FormaPago", code("c_FormaPago", "CFDI40104"), optional},
    {"NoCertificado", matching(kDigits20), required},
    {"Certificado", kAnyText, required, unsealed},
    {"CondicionesDePago", text(1, 1000), optional},
    {"SubTotal", kImporte, required},
    {"Descuento", kImporte, optional},
    {"Moneda", code("c_Moneda", "CFDI40113"), required},
    {"TipoCambio", decimal(6, "0.000001"), optional},
    {"Total", kImporte, required},
    {"TipoDeComprobante", code("c_TipoDeComprobante", "CFDI40121"), required},
    {"Exportacion", code("c_Exportacion", "CFDI40123"), required},
    {"MetodoPago", code("c_MetodoPago", "CFDI40124"), optional},
    {"LugarExpedicion", code("c_CodigoPostal", kDigits5, "CFDI40126"), required},
    {"Confirmacion", matching(kConfirmacion), optional},
};
inline constexpr ChildRow kComprobanteChildren[] = {
    {&kInformacionGlobal, 0, 1},
    {&kCfdiRelacionados, 0, kMany},
    {&kEmisor, 1, 1},
    {&kReceptor, 1, 1},
    {&kConceptos, 1, 1},
    {&kImpuestosTotales, 0, 1},
    {&kComplemento, 0, 1},
    {&kAddenda, 0, 1},
};
inline constexpr ElementRow kComprobante = {"Comprobante", &kNamespace, kComprobanteAttributes, kComprobanteChildren};

// clang-format on
}  // namespace puente::sat::cfdi::v40
