// Rules of CFDI 4.0. Source: validation-rules.csv, scope CFDI 4.0, needs doc.
#include "mappings/sat/rule.h"

namespace puente::sat::cfdi::v40 {
namespace {

using namespace rule;  // NOLINT(google-build-using-namespace): the words of the rules

bool is_generic(const Node& receptor) { return is(receptor, "Rfc", kForeignRfc) || is(receptor, "Rfc", kPublicRfc); }

bool any_discount(const Node& root) {
  for (const Node* concepto : root.find_all("Conceptos/Concepto"))
    if (has(*concepto, "Descuento")) return true;
  return false;
}

Verdict total_is_sum(const Facts& facts, const Node& root) {
  if (facts.holds_unread) return true;  // local taxes are part of the total
  Decimal total = number(root, "SubTotal") - number(root, "Descuento");
  if (const Node* taxes = root.child("Impuestos"))
    total = total + number(*taxes, "TotalImpuestosTrasladados") - number(*taxes, "TotalImpuestosRetenidos");
  return equals_rounded(root, "Total", total);
}

Verdict taxes_match_object(const Facts&, const Node& concepto) {
  const auto object = concepto.attribute_or("ObjetoImp");
  if (object == "02") return has_child(concepto, "Impuestos");
  if (object == "01" || object == "03" || object == "04" || object == "05") return !has_child(concepto, "Impuestos");
  return true;
}

Verdict factor_fits(const Facts&, const Node& tax) {
  const bool exempt = is(tax, "TipoFactor", "Exento");
  return exempt == lacks(tax, "TasaOCuota") && exempt == lacks(tax, "Importe");
}

Verdict tax_within_limits(const Facts&, const Node& tax) {
  if (lacks(tax, "Importe") || lacks(tax, "TasaOCuota")) return true;
  return within_limits(tax, "Importe", "Base", "TasaOCuota");
}

// One row a rule.
constexpr Rule kRules[] = {
    {"FORMA_PAGO_FORBIDDEN", From::comprobante, "", "FormaPago",
     [](const Facts& f, const Node& n) -> Verdict { return implies(f.is_type("TNP"), lacks(n, "FormaPago")); }},
    {"FORMA_PAGO_PPD", From::comprobante, "", "FormaPago",
     [](const Facts&, const Node& n) -> Verdict {
       return implies(is(n, "MetodoPago", "PPD"), is(n, "FormaPago", "99"));
     }},
    {"METODO_PAGO_FORBIDDEN", From::comprobante, "", "MetodoPago",
     [](const Facts& f, const Node& n) -> Verdict { return implies(f.is_type("TP"), lacks(n, "MetodoPago")); }},
    {"SUBTOTAL_NOT_SUM", From::comprobante, "", "SubTotal",
     [](const Facts& f, const Node& n) -> Verdict {
       if (!f.is_type("IEN")) return true;
       return equals_rounded(n, "SubTotal", sum(n, "Conceptos/Concepto", "Importe"));
     }},
    {"SUBTOTAL_NOT_ZERO", From::comprobante, "", "SubTotal",
     [](const Facts& f, const Node& n) -> Verdict {
       return implies(f.is_type("TP"), number(n, "SubTotal").is_zero());
     }},
    {"DESCUENTO_OVER_SUBTOTAL", From::comprobante, "", "Descuento",
     [](const Facts&, const Node& n) -> Verdict { return number(n, "Descuento") <= number(n, "SubTotal"); }},
    {"DESCUENTO_NOT_SUM", From::comprobante, "", "Descuento",
     [](const Facts& f, const Node& n) -> Verdict {
       if (!f.is_type("IEN")) return true;
       if (has(n, "Descuento") != any_discount(n)) return false;
       return equals_rounded(n, "Descuento", sum(n, "Conceptos/Concepto", "Descuento"));
     }},
    {"TIPO_CAMBIO_NOT_ONE", From::comprobante, "", "TipoCambio",
     [](const Facts&, const Node& n) -> Verdict {
       return implies(is(n, "Moneda", "MXN") && has(n, "TipoCambio"), number(n, "TipoCambio") == Decimal(1));
     }},
    {"TIPO_CAMBIO_MISSING", From::comprobante, "", "TipoCambio",
     [](const Facts&, const Node& n) -> Verdict {
       return is(n, "Moneda", "MXN") || is(n, "Moneda", "XXX") || has(n, "TipoCambio");
     }},
    {"TIPO_CAMBIO_FORBIDDEN", From::comprobante, "", "TipoCambio",
     [](const Facts&, const Node& n) -> Verdict { return implies(is(n, "Moneda", "XXX"), lacks(n, "TipoCambio")); }},
    {"TOTAL_NOT_SUM", From::comprobante, "", "Total", total_is_sum},
    {"EXPORTACION_WITHOUT_COMPLEMENT", From::comprobante, "", "Exportacion",
     [](const Facts& f, const Node& n) -> Verdict {
       return implies(is(n, "Exportacion", "02"), f.comercio_exterior != nullptr);
     }},
    {"RESIDENCIA_FISCAL_MEX", From::comprobante, "Receptor", "ResidenciaFiscal",
     [](const Facts&, const Node& n) -> Verdict { return !is(n, "ResidenciaFiscal", "MEX"); }},
    {"RESIDENCIA_FISCAL_MISSING", From::comprobante, "Receptor", "ResidenciaFiscal",
     [](const Facts& f, const Node& n) -> Verdict {
       return implies(is(n, "Rfc", kForeignRfc) && (f.comercio_exterior != nullptr || has(n, "NumRegIdTrib")),
                      has(n, "ResidenciaFiscal"));
     }},
    {"RESIDENCIA_FISCAL_FORBIDDEN", From::comprobante, "Receptor", "ResidenciaFiscal",
     [](const Facts&, const Node& n) -> Verdict { return is(n, "Rfc", kForeignRfc) || lacks(n, "ResidenciaFiscal"); }},
    {"NUM_REG_ID_TRIB_FORBIDDEN", From::comprobante, "Receptor", "NumRegIdTrib",
     [](const Facts&, const Node& n) -> Verdict { return is(n, "Rfc", kForeignRfc) || lacks(n, "NumRegIdTrib"); }},
    {"NUM_REG_ID_TRIB_MISSING", From::comprobante, "Receptor", "NumRegIdTrib",
     [](const Facts& f, const Node& n) -> Verdict {
       return implies(is(n, "Rfc", kForeignRfc) && f.comercio_exterior != nullptr, has(n, "NumRegIdTrib"));
     }},
    {"REGIMEN_NOT_GENERIC", From::comprobante, "Receptor", "RegimenFiscalReceptor",
     [](const Facts&, const Node& n) -> Verdict {
       return implies(is_generic(n), is(n, "RegimenFiscalReceptor", "616"));
     }},
    {"DOMICILIO_NOT_LUGAR", From::comprobante, "Receptor", "DomicilioFiscalReceptor",
     [](const Facts& f, const Node& n) -> Verdict {
       const std::string_view place = f.root.attribute_or("LugarExpedicion");
       return {implies(is_generic(n), is(n, "DomicilioFiscalReceptor", place)), std::string(place)};
     }},
    {"VALOR_UNITARIO_ZERO", From::comprobante, "Conceptos/Concepto", "ValorUnitario",
     [](const Facts& f, const Node& n) -> Verdict {
       return implies(f.is_type("IEN"), !number(n, "ValorUnitario").is_zero());
     }},
    {"IMPORTE_OUT_OF_LIMITS", From::comprobante, "Conceptos/Concepto", "Importe",
     [](const Facts&, const Node& n) -> Verdict { return within_limits(n, "Importe", "Cantidad", "ValorUnitario"); }},
    {"DESCUENTO_OVER_IMPORTE", From::comprobante, "Conceptos/Concepto", "Descuento",
     [](const Facts&, const Node& n) -> Verdict { return number(n, "Descuento") <= number(n, "Importe"); }},
    {"OBJETO_IMP_TAXES", From::comprobante, "Conceptos/Concepto", "ObjetoImp", taxes_match_object},
    {"TRASLADO_FACTOR", From::comprobante, "Conceptos/Concepto/Impuestos/Traslados/Traslado", "TipoFactor",
     factor_fits},
    {"TRASLADO_OUT_OF_LIMITS", From::comprobante, "Conceptos/Concepto/Impuestos/Traslados/Traslado", "Importe",
     tax_within_limits},
    {"RETENCION_OUT_OF_LIMITS", From::comprobante, "Conceptos/Concepto/Impuestos/Retenciones/Retencion", "Importe",
     tax_within_limits},
    {"PEDIMENTO_WITH_EXPORT", From::comprobante, "Conceptos/Concepto/InformacionAduanera", "NumeroPedimento",
     [](const Facts& f, const Node&) -> Verdict { return f.comercio_exterior == nullptr; }},
    {"IMPUESTOS_FORBIDDEN", From::comprobante, "Impuestos", "",
     [](const Facts& f, const Node&) -> Verdict { return !f.is_type("TP"); }},
    {"TOTAL_RETENIDOS_NOT_SUM", From::comprobante, "Impuestos", "TotalImpuestosRetenidos",
     [](const Facts&, const Node& n) -> Verdict {
       return equals_rounded(n, "TotalImpuestosRetenidos", sum(n, "Retenciones/Retencion", "Importe"));
     }},
    {"TOTAL_TRASLADADOS_NOT_SUM", From::comprobante, "Impuestos", "TotalImpuestosTrasladados",
     [](const Facts&, const Node& n) -> Verdict {
       return equals_rounded(n, "TotalImpuestosTrasladados", sum(n, "Traslados/Traslado", "Importe"));
     }},
};

}  // namespace

std::span<const Rule> rules() { return kRules; }

}  // namespace puente::sat::cfdi::v40
