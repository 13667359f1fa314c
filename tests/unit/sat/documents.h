// Documents of the tests, written here: nobody's shipment.
#pragma once

#include <string>
#include <string_view>

namespace puente::sat {

inline constexpr std::string_view kEmisorRfc = "EKU9003173C9";

// A small income document, valid but for its seal. `complemento` goes into cfdi:Complemento.
inline std::string invoice(std::string_view complemento = "", std::string_view root_attributes = "") {
  return R"(<?xml version="1.0" encoding="UTF-8"?>
<cfdi:Comprobante xmlns:cfdi="http://www.sat.gob.mx/cfd/4" Version="4.0" Serie="A" Folio="17" Fecha="2026-03-02T10:00:00")" +
         std::string(root_attributes) +
         R"( FormaPago="03" SubTotal="100.00" Moneda="MXN" Total="116.00" TipoDeComprobante="I" Exportacion="01" MetodoPago="PUE" LugarExpedicion="64000">
  <cfdi:Emisor Rfc="EKU9003173C9" Nombre="ESCUELA KEMPER URGATE" RegimenFiscal="601"/>
  <cfdi:Receptor Rfc="URE180429TM6" Nombre="UNIVERSIDAD ROBOTICA ESPAÑOLA" DomicilioFiscalReceptor="86991" RegimenFiscalReceptor="601" UsoCFDI="G01"/>
  <cfdi:Conceptos>
    <cfdi:Concepto ClaveProdServ="10101500" NoIdentificacion="P-1" Cantidad="2" ClaveUnidad="H87" Descripcion="Uno" ValorUnitario="25.00" Importe="50.00" ObjetoImp="01"/>
    <cfdi:Concepto ClaveProdServ="10101500" Cantidad="1" ClaveUnidad="H87" Descripcion="Dos" ValorUnitario="50.00" Importe="50.00" ObjetoImp="02">
      <cfdi:Impuestos>
        <cfdi:Traslados>
          <cfdi:Traslado Base="100.00" Impuesto="002" TipoFactor="Tasa" TasaOCuota="0.160000" Importe="16.00"/>
        </cfdi:Traslados>
      </cfdi:Impuestos>
    </cfdi:Concepto>
  </cfdi:Conceptos>
  <cfdi:Impuestos TotalImpuestosTrasladados="16.00">
    <cfdi:Traslados>
      <cfdi:Traslado Base="100.00" Impuesto="002" TipoFactor="Tasa" TasaOCuota="0.160000" Importe="16.00"/>
    </cfdi:Traslados>
  </cfdi:Impuestos>
  <cfdi:Complemento>)" +
         std::string(complemento) + R"(</cfdi:Complemento>
</cfdi:Comprobante>
)";
}

// The same with what a structural check asks of a sealed document, the signature itself not being one.
inline std::string signed_invoice(std::string_view complemento = "") {
  return invoice(complemento, R"( Sello="c2VsbG8=" NoCertificado="30001000000500003416" Certificado="Y2VydA==")");
}

inline std::string replace(std::string text, std::string_view what, std::string_view with) {
  const auto at = text.find(what);
  if (at == std::string::npos) return "the text to replace is not there";
  return text.replace(at, what.size(), with);
}

inline std::string timbre(std::string_view prefix = "tfd") {
  const std::string p(prefix);
  return "<" + p + ":TimbreFiscalDigital xmlns:" + p +
         "=\"http://www.sat.gob.mx/TimbreFiscalDigital\" Version=\"1.1\" UUID=\"a1b2c3d4-0000-1111-2222-333344445555\" "
         "FechaTimbrado=\"2026-03-02T10:05:00\" RfcProvCertif=\"SPR190613I52\" SelloCFD=\"c2VsbG8=\" "
         "NoCertificadoSAT=\"30001000000500003456\" SelloSAT=\"c2VsbG8=\"/>";
}

}  // namespace puente::sat
