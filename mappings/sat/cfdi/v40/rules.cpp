// Rules of CFDI 4.0. Source: validation-rules.csv, scope CFDI 4.0. That a code is in its list (CFDI40104 and the like)
// stands in the element table.
#include <algorithm>
#include <array>
#include <set>
#include <tuple>

#include "mappings/sat/rule.h"

namespace puente::sat::cfdi::v40 {
namespace {

using namespace rule;  // NOLINT(google-build-using-namespace): the words of the rules

constexpr std::string_view kTraslado = "Conceptos/Concepto/Impuestos/Traslados/Traslado";
constexpr std::string_view kRetencion = "Conceptos/Concepto/Impuestos/Retenciones/Retencion";
constexpr std::string_view kTrasladoTotal = "Impuestos/Traslados/Traslado";
constexpr std::string_view kRetencionTotal = "Impuestos/Retenciones/Retencion";

bool is_generic(const Node& receptor) { return is(receptor, "Rfc", kForeignRfc) || is(receptor, "Rfc", kPublicRfc); }

bool any_discount(const Node& root) {
  return !root.each("Conceptos/Concepto", [](const Node& concepto) { return lacks(concepto, "Descuento"); });
}

// A total of the taxes. That it is missing is said by its own row (CFDI40206, CFDI40212).
Decimal written_or_sum(const Node& taxes, AttributeName total, std::string_view lines) {
  return has(taxes, total) ? number(taxes, total) : sum(taxes, lines, "Importe");
}

Verdict total_is_sum(const Facts& facts, const Node& root) {
  if (facts.holds_unread) return true;  // local taxes are part of the total
  Decimal total = number(root, "SubTotal") - number(root, "Descuento");
  if (const Node* taxes = root.child("Impuestos"))
    total = total + written_or_sum(*taxes, "TotalImpuestosTrasladados", "Traslados/Traslado") -
            written_or_sum(*taxes, "TotalImpuestosRetenidos", "Retenciones/Retencion");
  return equals_rounded(root, "Total", total);
}

Verdict tax_within_limits(const Facts&, const Node& tax) {
  if (lacks(tax, "Importe") || lacks(tax, "TasaOCuota")) return true;
  return within_limits(tax, "Importe", "Base", "TasaOCuota");
}

// No more decimals than the currency of the document has (c_Moneda).
template <const auto& kAttribute>
Verdict decimals_fit(const Facts& facts, const Node& node) {
  const auto amount = node.at(kAttribute);
  if (!amount) return true;
  const auto allowed = Decimal::parse(look_up(facts, "c_Moneda", {facts.moneda}).text("decimales"));
  if (!allowed || Decimal(decimals_of(*amount)) <= *allowed) return true;
  return {false, std::string(facts.moneda) + ": " + allowed->to_string()};
}
constexpr char kSubTotal[] = "SubTotal", kDescuento[] = "Descuento", kBase[] = "Base", kImporte[] = "Importe";
constexpr char kRetenidos[] = "TotalImpuestosRetenidos", kTrasladados[] = "TotalImpuestosTrasladados";

// The column of a list that says whether a code is for this kind of person.
std::string_view person_column(std::string_view rfc) { return is_legal_person(rfc) ? "aplica_moral" : "aplica_fisica"; }

Verdict regime_fits_person(const Facts& facts, std::string_view regime, std::string_view rfc) {
  const auto code = look_up(facts, "c_RegimenFiscal", {regime});
  return !code.known() || code.text(person_column(rfc)) == "1";
}

// c_UsoCFDI: for whom a use is, and the receiver's regimes, separated by commas.
Verdict use_fits(const Facts& facts, const Node& receptor) {
  const auto code = look_up(facts, "c_UsoCFDI", {text(receptor, "UsoCFDI")});
  // Of a regime that is none, the row of its list speaks.
  if (!code.known() || !look_up(facts, "c_RegimenFiscal", {text(receptor, "RegimenFiscalReceptor")}).known())
    return true;
  const std::string_view regimes = code.text("regimenes_fiscales_receptores");
  const bool person = code.text(person_column(text(receptor, "Rfc"))) == "1";
  const bool regime = regimes.find(text(receptor, "RegimenFiscalReceptor")) != std::string_view::npos;
  return {person && regime, regimes};
}

Verdict residence_tax_id_fits(const Facts& facts, const Node& receptor) {
  const auto tax_id = receptor.at("NumRegIdTrib");
  const auto country = receptor.at("ResidenciaFiscal");
  return tax_id && country && *country != "MEX" ? tax_id_fits(facts, *tax_id, *country) : Verdict(true);
}

// The names that c_TasaOCuota gives the keys of c_Impuesto.
std::string_view tax_name(std::string_view impuesto) {
  return impuesto == "001" ? "ISR" : impuesto == "002" ? "IVA" : impuesto == "003" ? "IEPS" : "";
}

bool is_rate_of(const Facts& facts, const catalogs::SatList& list, const Node& tax, std::string_view column) {
  const Decimal rate = number(tax, "TasaOCuota");
  const std::string_view name = tax_name(text(tax, "Impuesto"));
  for (std::size_t i = 0; i < list.rows(); ++i) {
    const auto row = list.row(i, facts.date);
    if (row.standing() != catalogs::Standing::in_force || row.text(column) != "1") continue;
    // "IVA Crédito aplicado del 50%" is a rate of the IVA too.
    if (!row.text("impuesto").starts_with(name) || row.text("factor") != text(tax, "TipoFactor")) continue;
    const auto value = Decimal::parse(row.text("valor"));
    const auto least = Decimal::parse(row.text("minimo"));
    if (!value) continue;
    if (row.text("tipo") == "Rango" ? least && *least <= rate && rate <= *value : rate == *value) return true;
  }
  return false;
}

// What has a rate: neither Exento nor a factor that is none.
bool has_rate(const Node& tax) { return is_any(tax, "TipoFactor", {"Tasa", "Cuota"}); }

// A fixed value or a range of c_TasaOCuota for that tax and factor, in the column `traslado` or `retencion`.
Verdict rate_listed(const Facts& facts, const Node& tax, std::string_view column) {
  const catalogs::SatList* list = facts.list("c_TasaOCuota");
  const auto written = tax.at("TasaOCuota");
  if (list == nullptr || !written || !has_rate(tax)) return true;
  const Facts::Rate asked = {text(tax, "Impuesto"), text(tax, "TipoFactor"), *written, column, false};
  const auto known = std::ranges::find_if(facts.rates, [&](const Facts::Rate& rate) {
    return rate.rate == asked.rate && rate.impuesto == asked.impuesto && rate.factor == asked.factor &&
           rate.column == asked.column;
  });
  if (known != facts.rates.end()) return {known->listed, "c_TasaOCuota"};
  constexpr std::size_t kKept = 16;  // a document has a few; a hostile one as many as it likes
  const bool is_listed = is_rate_of(facts, *list, tax, column);
  if (facts.rates.size() < kKept) {
    facts.rates.push_back(asked);
    facts.rates.back().listed = is_listed;
  }
  return {is_listed, "c_TasaOCuota"};
}

// One line for each tax, factor and rate, where the lines have them.
Verdict one_line_each(const Node& group, std::string_view child) {
  std::set<std::tuple<std::string_view, std::string_view, std::string>> seen;
  for (const Node* line : group.children(child)) {
    // The same rate, however many zeros it is written with: the structure allows six decimals.
    std::string rate = has(*line, "TasaOCuota") ? number(*line, "TasaOCuota").round_half_up(6).to_string() : "";
    if (!seen.emplace(text(*line, "Impuesto"), text(*line, "TipoFactor"), std::move(rate)).second) return false;
  }
  return true;
}

// The same rate, however many zeros it is written with; what is exempt has none.
bool same_rate(const Node& a, const Node& b) {
  if (is(a, "TipoFactor", "Exento")) return true;
  const auto one = a.at("TasaOCuota"), other = b.at("TasaOCuota");
  return one == other || (one && other && number(a, "TasaOCuota") == number(b, "TasaOCuota"));
}

// The sum over the concepts' taxes of the kind that a line of the totals stands for.
Decimal sum_of_transfers(const Facts& facts, const Node& total, AttributeName attribute) {
  Decimal out;
  const std::string_view impuesto = text(total, "Impuesto"), factor = text(total, "TipoFactor");
  facts.root.each(kTraslado, [&](const Node& tax) {
    if (is(tax, "Impuesto", impuesto) && is(tax, "TipoFactor", factor) && same_rate(tax, total))
      out += number(tax, attribute);
    return true;
  });
  return out;
}

Decimal sum_of_withholdings(const Facts& facts, const Node& total) {
  Decimal out;
  const std::string_view impuesto = text(total, "Impuesto");
  facts.root.each(kRetencion, [&](const Node& tax) {
    if (is(tax, "Impuesto", impuesto)) out += number(tax, "Importe");
    return true;
  });
  return out;
}

bool all_exempt(const Facts& facts) {
  bool any = false;
  const bool all = facts.root.each(kTraslado, [&](const Node& tax) {
    any = true;
    return is(tax, "TipoFactor", "Exento");
  });
  return any && all;
}

// Whether Meses is a key of c_Meses; else the row of that list speaks.
bool is_month_key(const Node& global) {
  const std::string_view key = text(global, "Meses");
  return key.size() == 2 && key >= "01" && key <= "18";
}

bool is_global_receiver(const Node* receptor) {
  return text_of(receptor, "Rfc") == kPublicRfc && text_of(receptor, "Nombre") == "PUBLICO EN GENERAL";
}

// One row a rule.
constexpr Rule kRules[] = {
    {"CFDI40103", "FORMA_PAGO_FORBIDDEN", From::comprobante, "", "FormaPago",
     [](const Facts& f, const Node& n) -> Verdict { return implies(f.is_type("TNP"), lacks(n, "FormaPago")); }},
    {"CFDI40105", "FORMA_PAGO_PPD", From::comprobante, "", "FormaPago",
     [](const Facts&, const Node& n) -> Verdict {
       return implies(is(n, "MetodoPago", "PPD"), is(n, "FormaPago", "99"));
     }},
    {"CFDI40107", "MONEDA_DECIMALES", From::comprobante, "", "SubTotal", decimals_fit<kSubTotal>, Needs::catalog},
    {"CFDI40108", "SUBTOTAL_NOT_SUM", From::comprobante, "", "SubTotal",
     [](const Facts& f, const Node& n) -> Verdict {
       if (!f.is_type("IEN")) return true;
       return equals_rounded(n, "SubTotal", sum(n, "Conceptos/Concepto", "Importe"));
     }},
    {"CFDI40109", "SUBTOTAL_NOT_ZERO", From::comprobante, "", "SubTotal",
     [](const Facts& f, const Node& n) -> Verdict {
       return implies(f.is_type("TP"), number(n, "SubTotal").is_zero());
     }},
    {"CFDI40110", "DESCUENTO_OVER_SUBTOTAL", From::comprobante, "", "Descuento",
     [](const Facts&, const Node& n) -> Verdict { return number(n, "Descuento") <= number(n, "SubTotal"); }},
    {"CFDI40111", "DESCUENTO_NOT_SUM", From::comprobante, "", "Descuento",
     [](const Facts& f, const Node& n) -> Verdict {
       if (!f.is_type("IEN")) return true;
       if (has(n, "Descuento") != any_discount(n)) return false;
       return equals_rounded(n, "Descuento", sum(n, "Conceptos/Concepto", "Descuento"));
     }},
    {"CFDI40112", "MONEDA_DECIMALES", From::comprobante, "", "Descuento", decimals_fit<kDescuento>, Needs::catalog},
    {"CFDI40114", "TIPO_CAMBIO_NOT_ONE", From::comprobante, "", "TipoCambio",
     [](const Facts&, const Node& n) -> Verdict {
       return implies(is(n, "Moneda", "MXN") && has(n, "TipoCambio"), number(n, "TipoCambio") == Decimal(1));
     }},
    {"CFDI40115", "TIPO_CAMBIO_MISSING", From::comprobante, "", "TipoCambio",
     [](const Facts&, const Node& n) -> Verdict {
       return is(n, "Moneda", "MXN") || is(n, "Moneda", "XXX") || has(n, "TipoCambio");
     }},
    {"CFDI40116", "TIPO_CAMBIO_FORBIDDEN", From::comprobante, "", "TipoCambio",
     [](const Facts&, const Node& n) -> Verdict { return implies(is(n, "Moneda", "XXX"), lacks(n, "TipoCambio")); }},
    {"CFDI40119", "TOTAL_NOT_SUM", From::comprobante, "", "Total", total_is_sum},
    {"CFDI40122", "EXPORTACION_WITHOUT_COMPLEMENT", From::comprobante, "", "Exportacion",
     [](const Facts& f, const Node& n) -> Verdict {
       return implies(is(n, "Exportacion", "02"), f.comercio_exterior != nullptr);
     }},
    {"CFDI40125", "METODO_PAGO_FORBIDDEN", From::comprobante, "", "MetodoPago",
     [](const Facts& f, const Node& n) -> Verdict { return implies(f.is_type("TP"), lacks(n, "MetodoPago")); }},

    {"CFDI40130", "GLOBAL_MISSING", From::comprobante, "", "",
     [](const Facts& f, const Node& n) -> Verdict {
       return implies(is_global_receiver(f.receptor), has_child(n, "InformacionGlobal"));
     }},
    {"CFDI40132", "GLOBAL_REGIMEN", From::comprobante, "InformacionGlobal", "Periodicidad",
     [](const Facts& f, const Node& n) -> Verdict {
       return implies(is(n, "Periodicidad", "05"), text_of(f.emisor, "RegimenFiscal") == "621");
     }},
    {"CFDI40134", "GLOBAL_MESES", From::comprobante, "InformacionGlobal", "Meses",
     [](const Facts&, const Node& n) -> Verdict {
       return {is(n, "Periodicidad", "05") || !is_month_key(n) || text(n, "Meses") <= "12", "01 - 12"};
     }},
    {"CFDI40135", "GLOBAL_MESES", From::comprobante, "InformacionGlobal", "Meses",
     [](const Facts&, const Node& n) -> Verdict {
       return {!is(n, "Periodicidad", "05") || !is_month_key(n) || text(n, "Meses") >= "13", "13 - 18"};
     }},
    {"CFDI40136", "GLOBAL_YEAR", From::comprobante, "InformacionGlobal", "Año",
     [](const Facts& f, const Node& n) -> Verdict {
       if (!f.dated) return true;
       const int year = static_cast<int>(f.date.year());
       const Decimal written = number(n, "Año");
       return {written == Decimal(year) || written == Decimal(year - 1),
               std::to_string(year - 1) + " - " + std::to_string(year)};
     }},

    {"CFDI40141", "REGIMEN_PERSONA", From::comprobante, "Emisor", "RegimenFiscal",
     [](const Facts& f, const Node& n) { return regime_fits_person(f, text(n, "RegimenFiscal"), text(n, "Rfc")); },
     Needs::catalog},

    {"CFDI40146", "PUBLICO_EN_GENERAL_RFC", From::comprobante, "Receptor", "Rfc",
     [](const Facts&, const Node& n) -> Verdict {
       return {implies(is(n, "Nombre", "PUBLICO EN GENERAL"), is(n, "Rfc", kPublicRfc)), kPublicRfc};
     }},
    {"CFDI40149", "DOMICILIO_NOT_LUGAR", From::comprobante, "Receptor", "DomicilioFiscalReceptor",
     [](const Facts& f, const Node& n) -> Verdict {
       const std::string_view place = text(f.root, "LugarExpedicion");
       return {implies(is_generic(n), is(n, "DomicilioFiscalReceptor", place)), place};
     }},
    {"CFDI40151", "RESIDENCIA_FISCAL_FORBIDDEN", From::comprobante, "Receptor", "ResidenciaFiscal",
     [](const Facts&, const Node& n) -> Verdict { return is(n, "Rfc", kForeignRfc) || lacks(n, "ResidenciaFiscal"); }},
    {"CFDI40152", "RESIDENCIA_FISCAL_MEX", From::comprobante, "Receptor", "ResidenciaFiscal",
     [](const Facts&, const Node& n) -> Verdict { return !is(n, "ResidenciaFiscal", "MEX"); }},
    {"CFDI40153", "RESIDENCIA_FISCAL_MISSING", From::comprobante, "Receptor", "ResidenciaFiscal",
     [](const Facts& f, const Node& n) -> Verdict {
       return implies(is(n, "Rfc", kForeignRfc) && (f.comercio_exterior != nullptr || has(n, "NumRegIdTrib")),
                      has(n, "ResidenciaFiscal"));
     }},
    {"CFDI40154", "NUM_REG_ID_TRIB_FORBIDDEN", From::comprobante, "Receptor", "NumRegIdTrib",
     [](const Facts&, const Node& n) -> Verdict { return is(n, "Rfc", kForeignRfc) || lacks(n, "NumRegIdTrib"); }},
    {"CFDI40155", "NUM_REG_ID_TRIB_MISSING", From::comprobante, "Receptor", "NumRegIdTrib",
     [](const Facts& f, const Node& n) -> Verdict {
       return implies(is(n, "Rfc", kForeignRfc) && f.comercio_exterior != nullptr, has(n, "NumRegIdTrib"));
     }},
    {"CFDI40156", "TAX_ID_PATTERN", From::comprobante, "Receptor", "NumRegIdTrib", residence_tax_id_fits,
     Needs::catalog},
    {"CFDI40158", "REGIMEN_PERSONA", From::comprobante, "Receptor", "RegimenFiscalReceptor",
     [](const Facts& f, const Node& n) {
       return regime_fits_person(f, text(n, "RegimenFiscalReceptor"), text(n, "Rfc"));
     },
     Needs::catalog},
    {"CFDI40159", "REGIMEN_NOT_GENERIC", From::comprobante, "Receptor", "RegimenFiscalReceptor",
     [](const Facts&, const Node& n) -> Verdict {
       return implies(is_generic(n), is(n, "RegimenFiscalReceptor", "616"));
     }},
    {"CFDI40161", "USO_CFDI_NOT_ALLOWED", From::comprobante, "Receptor", "UsoCFDI", use_fits, Needs::catalog},

    {"CFDI40166", "VALOR_UNITARIO_ZERO", From::comprobante, "Conceptos/Concepto", "ValorUnitario",
     [](const Facts& f, const Node& n) -> Verdict {
       return implies(f.is_type("IEN"), !number(n, "ValorUnitario").is_zero());
     }},
    {"CFDI40167", "IMPORTE_OUT_OF_LIMITS", From::comprobante, "Conceptos/Concepto", "Importe",
     [](const Facts&, const Node& n) -> Verdict { return within_limits(n, "Importe", "Cantidad", "ValorUnitario"); }},
    {"CFDI40168", "DESCUENTO_DECIMALES", From::comprobante, "Conceptos/Concepto", "Descuento",
     [](const Facts&, const Node& n) -> Verdict {
       const int allowed = decimals_of(text(n, "Importe"));
       return {decimals_of(text(n, "Descuento")) <= allowed, std::to_string(allowed)};
     }},
    {"CFDI40169", "DESCUENTO_OVER_IMPORTE", From::comprobante, "Conceptos/Concepto", "Descuento",
     [](const Facts&, const Node& n) -> Verdict { return number(n, "Descuento") <= number(n, "Importe"); }},
    {"CFDI40171", "OBJETO_IMP_TAXES", From::comprobante, "Conceptos/Concepto", "ObjetoImp",
     [](const Facts&, const Node& n) -> Verdict {
       return implies(is(n, "ObjetoImp", "02"), has_child(n, "Impuestos"));
     }},
    {"CFDI40172", "OBJETO_IMP_TAXES", From::comprobante, "Conceptos/Concepto", "ObjetoImp",
     [](const Facts&, const Node& n) -> Verdict {
       return implies(is_any(n, "ObjetoImp", {"01", "03", "04", "05"}), !has_child(n, "Impuestos"));
     }},
    {"CFDI40173", "IMPUESTOS_EMPTY", From::comprobante, "Conceptos/Concepto/Impuestos", "",
     [](const Facts&, const Node& n) -> Verdict { return has_child(n, "Traslados") || has_child(n, "Retenciones"); }},
    {"CFDI40177", "TRASLADO_EXENTO", From::comprobante, kTraslado, "TipoFactor",
     [](const Facts&, const Node& n) -> Verdict {
       return implies(is(n, "TipoFactor", "Exento"), lacks(n, "TasaOCuota") && lacks(n, "Importe"));
     }},
    {"CFDI40178", "TRASLADO_FACTOR", From::comprobante, kTraslado, "TipoFactor",
     [](const Facts&, const Node& n) -> Verdict {
       return implies(has_rate(n), has_all(n, {"TasaOCuota", "Importe"}));
     }},
    {"CFDI40179", "TASA_NOT_LISTED", From::comprobante, kTraslado, "TasaOCuota",
     [](const Facts& f, const Node& n) { return rate_listed(f, n, "traslado"); }, Needs::catalog},
    {"CFDI40180", "TRASLADO_OUT_OF_LIMITS", From::comprobante, kTraslado, "Importe", tax_within_limits},
    {"CFDI40184", "RETENCION_EXENTO", From::comprobante, kRetencion, "TipoFactor",
     [](const Facts&, const Node& n) -> Verdict { return !is(n, "TipoFactor", "Exento"); }},
    {"CFDI40185", "TASA_NOT_LISTED", From::comprobante, kRetencion, "TasaOCuota",
     [](const Facts& f, const Node& n) { return rate_listed(f, n, "retencion"); }, Needs::catalog},
    {"CFDI40186", "RETENCION_OUT_OF_LIMITS", From::comprobante, kRetencion, "Importe", tax_within_limits},
    {"CFDI40188", "TERCEROS_RFC", From::comprobante, "Conceptos/Concepto/ACuentaTerceros", "RfcACuentaTerceros",
     [](const Facts& f, const Node& n) -> Verdict {
       const std::string_view rfc = text(n, "RfcACuentaTerceros");
       return rfc != text_of(f.emisor, "Rfc") && rfc != text_of(f.receptor, "Rfc");
     }},
    {"CFDI40194", "PEDIMENTO_INVALID", From::comprobante, "Conceptos/Concepto/InformacionAduanera", "NumeroPedimento",
     [](const Facts& f, const Node& n) { return pedimento_fits(f, text(n, "NumeroPedimento")); }, Needs::catalog},
    {"CFDI40195", "PEDIMENTO_WITH_EXPORT", From::comprobante, "Conceptos/Concepto/InformacionAduanera",
     "NumeroPedimento", [](const Facts& f, const Node&) -> Verdict { return f.comercio_exterior == nullptr; }},
    {"CFDI40197", "VALOR_UNITARIO_ZERO", From::comprobante, "Conceptos/Concepto/Parte", "ValorUnitario",
     [](const Facts&, const Node& n) -> Verdict {
       return lacks(n, "ValorUnitario") || !number(n, "ValorUnitario").is_zero();
     }},
    {"CFDI40198", "IMPORTE_OUT_OF_LIMITS", From::comprobante, "Conceptos/Concepto/Parte", "Importe",
     [](const Facts&, const Node& n) -> Verdict {
       if (!has_all(n, {"Importe", "ValorUnitario"})) return true;
       return within_limits(n, "Importe", "Cantidad", "ValorUnitario");
     }},
    {"CFDI40199", "PEDIMENTO_INVALID", From::comprobante, "Conceptos/Concepto/Parte/InformacionAduanera",
     "NumeroPedimento", [](const Facts& f, const Node& n) { return pedimento_fits(f, text(n, "NumeroPedimento")); },
     Needs::catalog},
    {"CFDI40200", "PEDIMENTO_WITH_EXPORT", From::comprobante, "Conceptos/Concepto/Parte/InformacionAduanera",
     "NumeroPedimento", [](const Facts& f, const Node&) -> Verdict { return f.comercio_exterior == nullptr; }},

    {"CFDI40201", "IMPUESTOS_FORBIDDEN", From::comprobante, "Impuestos", "",
     [](const Facts& f, const Node&) -> Verdict { return !f.is_type("TP"); }},
    {"CFDI40202", "MONEDA_DECIMALES", From::comprobante, "Impuestos", kRetenidos, decimals_fit<kRetenidos>,
     Needs::catalog},
    {"CFDI40203", "TOTAL_RETENIDOS_NOT_SUM", From::comprobante, "Impuestos", "TotalImpuestosRetenidos",
     [](const Facts&, const Node& n) -> Verdict {
       if (lacks(n, kRetenidos)) return true;
       return equals_rounded(n, kRetenidos, sum(n, "Retenciones/Retencion", "Importe"));
     }},
    {"CFDI40204", "MONEDA_DECIMALES", From::comprobante, "Impuestos", kTrasladados, decimals_fit<kTrasladados>,
     Needs::catalog},
    {"CFDI40205", "TOTAL_TRASLADADOS_NOT_SUM", From::comprobante, "Impuestos", "TotalImpuestosTrasladados",
     [](const Facts&, const Node& n) -> Verdict {
       if (lacks(n, kTrasladados)) return true;
       return equals_rounded(n, kTrasladados, sum(n, "Traslados/Traslado", "Importe"));
     }},
    {"CFDI40206", "TOTAL_RETENIDOS_MISSING", From::comprobante, "Impuestos", "TotalImpuestosRetenidos",
     [](const Facts&, const Node& n) -> Verdict { return implies(has_child(n, "Retenciones"), has(n, kRetenidos)); }},
    {"CFDI40208", "IMPUESTO_REPEATED", From::comprobante, "Impuestos/Retenciones", "",
     [](const Facts&, const Node& n) { return one_line_each(n, "Retencion"); }},
    {"CFDI40210", "MONEDA_DECIMALES", From::comprobante, kRetencionTotal, kImporte, decimals_fit<kImporte>,
     Needs::catalog},
    {"CFDI40211", "RETENCION_NOT_SUM", From::comprobante, kRetencionTotal, "Importe",
     [](const Facts& f, const Node& n) { return equals_rounded(n, "Importe", sum_of_withholdings(f, n)); }},
    {"CFDI40212", "TOTAL_TRASLADADOS_MISSING", From::comprobante, "Impuestos", "TotalImpuestosTrasladados",
     [](const Facts& f, const Node& n) -> Verdict {
       return implies(has_child(n, "Traslados") && !all_exempt(f), has(n, kTrasladados));
     }},
    {"CFDI40213", "TRASLADO_EXENTO", From::comprobante, kTrasladoTotal, "TipoFactor",
     [](const Facts& f, const Node& n) -> Verdict {
       return implies(all_exempt(f), lacks(n, "TasaOCuota") && lacks(n, "Importe"));
     }},
    {"CFDI40214", "MONEDA_DECIMALES", From::comprobante, kTrasladoTotal, kBase, decimals_fit<kBase>, Needs::catalog},
    {"CFDI40215", "TRASLADO_BASE_NOT_SUM", From::comprobante, kTrasladoTotal, "Base",
     [](const Facts& f, const Node& n) -> Verdict {
       if (all_exempt(f)) return true;
       return equals_rounded(n, "Base", sum_of_transfers(f, n, "Base"));
     }},
    {"CFDI40216", "TRASLADO_BASE_NOT_SUM", From::comprobante, kTrasladoTotal, "Base",
     [](const Facts& f, const Node& n) -> Verdict {
       if (!all_exempt(f)) return true;
       return equals_rounded(n, "Base", sum_of_transfers(f, n, "Base"));
     }},
    {"CFDI40218", "IMPUESTO_REPEATED", From::comprobante, "Impuestos/Traslados", "",
     [](const Facts&, const Node& n) { return one_line_each(n, "Traslado"); }},
    {"CFDI40219", "TASA_NOT_LISTED", From::comprobante, kTrasladoTotal, "TasaOCuota",
     [](const Facts& f, const Node& n) { return rate_listed(f, n, "traslado"); }, Needs::catalog},
    {"CFDI40220", "MONEDA_DECIMALES", From::comprobante, kTrasladoTotal, kImporte, decimals_fit<kImporte>,
     Needs::catalog},
    {"CFDI40221", "TRASLADO_NOT_SUM", From::comprobante, kTrasladoTotal, "Importe",
     [](const Facts& f, const Node& n) -> Verdict {
       if (lacks(n, "Importe")) return true;
       return equals_rounded(n, "Importe", sum_of_transfers(f, n, "Importe"));
     }},
};

}  // namespace

std::span<const Rule> rules() { return kRules; }

}  // namespace puente::sat::cfdi::v40
