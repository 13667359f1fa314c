// Rules of Comercio Exterior 2.0. Source: validation-rules.csv, scope Comercio Exterior 2.0. Its numbers belong to the
// matrix of version 1.1, so they name the rows here and nobody is promised them.
#include <algorithm>
#include <set>

#include "mappings/sat/rule.h"

namespace puente::sat::comercio_exterior::v20 {
namespace {

using namespace rule;  // NOLINT(google-build-using-namespace): the words of the rules

constexpr std::string_view kLine = "Mercancias/Mercancia";
constexpr std::string_view kIssuerAddress = "Emisor/Domicilio";
constexpr std::string_view kReceiverAddress = "Receptor/Domicilio";
constexpr std::string_view kAddresseeAddress = "Destinatario/Domicilio";
constexpr std::string_view kService = "99";  // UnidadAduana: a service, not goods

bool is_service(const Node& line) { return is(line, "UnidadAduana", kService); }

bool has_customs_quantity(const Node& line) {
  return has_all(line, {"CantidadAduana", "UnidadAduana", "ValorUnitarioAduana"});
}
bool lacks_customs_quantity(const Node& line) {
  return lacks(line, "CantidadAduana") && lacks(line, "UnidadAduana") && lacks(line, "ValorUnitarioAduana");
}

Verdict coexists(const Facts& facts, const Node&) {
  return complements_may_stand(facts, &UnreadComplement::beside_comercio_exterior);
}

Verdict relates_to_sale(const Facts& facts, const Node& node) {
  if (!is(node, "MotivoTraslado", "01")) return true;
  return std::ranges::any_of(facts.root.children("CfdiRelacionados"),
                             [](const Node* related) { return is(*related, "TipoRelacion", "05"); });
}

// CCE122, CCE123: the number of an exporter whom the European Union trusts.
Verdict exporter_goes_to_europe(const Facts& facts, const Node& node) {
  if (lacks(node, "NumeroExportadorConfiable")) return true;
  bool known = false;
  for (const std::string_view path : {kReceiverAddress, kAddresseeAddress})
    for (const Node* address : node.find_all(path)) {
      const auto country = look_up(facts, "c_Pais", {text(*address, "Pais")});
      known = known || country.known();
      if (country.text("agrupaciones").find("Unión Europea") != std::string_view::npos) return true;
    }
  return !known;
}

Verdict tax_id_of_address_fits(const Facts& facts, const Node& party) {
  const auto tax_id = party.at("NumRegIdTrib");
  const Node* address = party.child("Domicilio");
  return tax_id && address != nullptr ? tax_id_fits(facts, *tax_id, text(*address, "Pais")) : Verdict(true);
}

Verdict pairs_are_unique(const Facts&, const Node& mercancias) {
  std::set<std::pair<std::string_view, std::string_view>> seen;
  for (const Node* line : mercancias.children("Mercancia"))
    if (!seen.emplace(text(*line, "NoIdentificacion"), text(*line, "FraccionArancelaria")).second) return false;
  return true;
}

// What the concepts, and the customs lines, of the line's NoIdentificacion come to; null where there is none, or where
// the document is too broken to say.
const Facts::Concepts* concepts_of(const Facts& facts, const Node& line) {
  const auto found = facts.concepts.find(text(line, "NoIdentificacion"));
  return found == facts.concepts.end() || !facts.summed || !facts.whole ? nullptr : &found->second;
}
const Facts::CustomsLines* lines_of(const Facts& facts, const Node& line) {
  const auto found = facts.customs.find(text(line, "NoIdentificacion"));
  return found == facts.customs.end() || !facts.summed || !facts.whole ? nullptr : &found->second;
}

// The rate from the currency of the invoice to dollars, as a numerator and a divisor; nullopt for XXX.
std::optional<std::pair<Decimal, Decimal>> rate_to_usd(const Facts& facts) {
  if (facts.moneda == "XXX" || facts.comercio_exterior == nullptr) return std::nullopt;
  const Decimal usd = number(*facts.comercio_exterior, "TipoCambioUSD");
  if (usd.is_zero()) return std::nullopt;
  return std::pair(has(facts.root, "TipoCambio") ? number(facts.root, "TipoCambio") : Decimal(1), usd);
}

struct Limits {
  Decimal lower, upper;
  std::string text() const { return lower.to_string() + " - " + upper.to_string(); }
};

// An amount of the invoice in dollars: half a unit of the last decimal of each factor, and of the result for each line.
std::optional<Limits> in_usd(const Facts& facts, const Decimal& amount, int decimals, std::int64_t lines) {
  const auto rate = rate_to_usd(facts);
  if (!rate) return std::nullopt;
  constexpr int kPlaces = 8;
  const Decimal slack_amount = half_unit(amount.scale()), slack_rate = half_unit(rate->first.scale());
  const Decimal slack_usd = half_unit(rate->second.scale());
  const Decimal slack = half_unit(decimals) * Decimal(lines);
  const Decimal least_divisor = rate->second - slack_usd;
  if (least_divisor.is_zero() || least_divisor.is_negative()) return std::nullopt;
  const Decimal low = ((amount - slack_amount) * (rate->first - slack_rate)).divide(rate->second + slack_usd, kPlaces);
  const Decimal high = ((amount + slack_amount) * (rate->first + slack_rate)).divide(least_divisor, kPlaces);
  return Limits{(low - slack).truncate(decimals), (high + slack).round_up(decimals)};
}

// CCE163: what several lines of a concept are worth, symbolic values aside, against the concept. Said at the first.
Verdict concept_adds_up(const Facts& facts, const Node& line) {
  const auto* concepts = concepts_of(facts, line);
  const auto* lines = lines_of(facts, line);
  if (!facts.is_type("I") || concepts == nullptr || lines == nullptr) return true;
  if (lines->count < 2 || lines->first != &line || lines->symbolic) return true;
  const auto limits = in_usd(facts, concepts->importe, lines->decimals, lines->count);
  if (!limits || (limits->lower <= lines->value && lines->value <= limits->upper)) return true;
  return {false, limits->text()};
}

bool is_symbolic(const Node& line) {
  const Decimal value = number(line, "ValorDolares");
  return value == Decimal(1) || (value.is_zero() && is_service(line));
}

Verdict customs_value_fits(const Facts&, const Node& line) {
  if (!has_customs_quantity(line) || is_symbolic(line)) return true;
  return within_limits(line, "ValorDolares", "CantidadAduana", "ValorUnitarioAduana");
}

Verdict concept_value_fits(const Facts& facts, const Node& line) {
  const auto* concepts = concepts_of(facts, line);
  const auto* lines = lines_of(facts, line);
  if (!facts.is_type("I") || concepts == nullptr || lines == nullptr || lines->count > 1) return true;
  if (has(line, "CantidadAduana") || is_symbolic(line)) return true;
  const Decimal value = number(line, "ValorDolares");
  const auto limits = in_usd(facts, concepts->importe, value.scale(), 1);
  if (!limits || (limits->lower <= value && value <= limits->upper)) return true;
  return {false, limits->text()};
}

// CCE168: goods of fracción 9801000100 (repair, replacement) come with their discount.
Verdict discount_is_value(const Facts& facts, const Node& line) {
  const auto* concepts = concepts_of(facts, line);
  if (!is(line, "FraccionArancelaria", "9801000100") || concepts == nullptr) return true;
  const auto rate = rate_to_usd(facts);
  if (!rate || rate->first.is_zero()) return true;
  const Decimal value = (number(line, "ValorDolares") * rate->second).divide(rate->first, concepts->descuento.scale());
  return {concepts->descuento == value, value.to_string()};
}

// CCE160: a unit of the concept that the customs list has too.
Verdict unit_is_customs_unit(const Facts& facts, const Node& concepto) {
  if (facts.customs_quantities) return true;
  const auto* unit = catalogs::clave_unidad(text(concepto, "ClaveUnidad"));
  return unproven_unless(unit != nullptr, "c_UnidadAduana");
}

Verdict unit_of_tariff_line(const Facts& facts, const Node& line) {
  const auto unit = line.at("UnidadAduana");
  const auto tariff = look_up(facts, "c_FraccionArancelaria", {text(line, "FraccionArancelaria")});
  const std::string_view wanted = tariff.text("unidad");
  if (!unit || wanted.empty() || wanted == "N/A" || is_service(line)) return true;  // a service has no line (CCE165)
  return {*unit == wanted, wanted};
}

// One row a rule.
constexpr Rule kRules[] = {
    {"CCE101", "EXPORT_TYPE", From::comprobante, "", "TipoDeComprobante",
     [](const Facts& f, const Node&) -> Verdict { return f.is_type("IT"); }},
    {"CCE102", "EXPORT_PROPIETARIO_MISMATCH", From::comercio_exterior, "", "MotivoTraslado",
     [](const Facts& f, const Node& n) -> Verdict {
       return implies(f.is_type("T") && is(n, "MotivoTraslado", "05"), has_child(n, "Propietario"));
     }},
    {"CCE103", "EXPORT_PROPIETARIO_MISMATCH", From::comercio_exterior, "", "MotivoTraslado",
     [](const Facts& f, const Node& n) -> Verdict {
       return (f.is_type("T") && is(n, "MotivoTraslado", "05")) || !has_child(n, "Propietario");
     }},
    {"CCE104", "EXPORT_EXPORTACION", From::comprobante, "", "Exportacion",
     [](const Facts&, const Node& n) -> Verdict { return is(n, "Exportacion", "02"); }},
    {"CCE105", "EXPORT_GLOBAL_FORBIDDEN", From::comprobante, "InformacionGlobal", "",
     [](const Facts&, const Node&) -> Verdict { return false; }},
    {"CCE106", "EXPORT_FAC_ATR_FORBIDDEN", From::comprobante, "Emisor", "FacAtrAdquirente",
     [](const Facts&, const Node& n) -> Verdict { return lacks(n, "FacAtrAdquirente"); }},
    {"CCE111", "EXPORT_OBJETO_IMP", From::comprobante, "Conceptos/Concepto", "ObjetoImp",
     [](const Facts& f, const Node& n) -> Verdict { return implies(f.is_type("T"), is(n, "ObjetoImp", "01")); }},
    {"CCE112", "EXPORT_TERCEROS_FORBIDDEN", From::comprobante, "Conceptos/Concepto/ACuentaTerceros", "",
     [](const Facts&, const Node&) -> Verdict { return false; }},
    {"CCE113", "EXPORT_PREDIAL_FORBIDDEN", From::comprobante, "Conceptos/Concepto/CuentaPredial", "",
     [](const Facts&, const Node&) -> Verdict { return false; }},
    {"CCE116", "EXPORT_BESIDE", From::comercio_exterior, "", "", coexists},
    {"CCE117", "EXPORT_MOTIVO_MISSING", From::comercio_exterior, "", "MotivoTraslado",
     [](const Facts& f, const Node& n) -> Verdict { return implies(f.is_type("T"), has(n, "MotivoTraslado")); }},
    {"CCE118", "EXPORT_RELATION_MISSING", From::comercio_exterior, "", "MotivoTraslado", relates_to_sale},
    {"CCE121", "EXPORT_CERTIFICADO_ORIGEN_MISMATCH", From::comercio_exterior, "", "NumCertificadoOrigen",
     [](const Facts&, const Node& n) -> Verdict {
       return implies(is(n, "CertificadoOrigen", "0"), lacks(n, "NumCertificadoOrigen"));
     }},
    {"CCE122", "EXPORT_EXPORTADOR_CONFIABLE", From::comercio_exterior, "", "NumeroExportadorConfiable",
     exporter_goes_to_europe, Needs::catalog},
    {"CCE124", "TOTAL_USD_NOT_SUM", From::comercio_exterior, "", "TotalUSD",
     [](const Facts&, const Node& n) -> Verdict {
       return equals_rounded(n, "TotalUSD", sum(n, kLine, "ValorDolares"));
     }},
    {"CCE125", "TOTAL_USD_DECIMALS", From::comercio_exterior, "", "TotalUSD",
     [](const Facts&, const Node& n) -> Verdict { return decimals_of(text(n, "TotalUSD")) == 2; }},

    {"CCE126", "EXPORT_CURP_MISMATCH", From::comercio_exterior, "Emisor", "Curp",
     [](const Facts& f, const Node& n) -> Verdict {
       return implies(is_legal_person(text_of(f.emisor, "Rfc")), lacks(n, "Curp"));
     }},
    {"CCE127", "EXPORT_CURP_MISMATCH", From::comercio_exterior, "Emisor", "Curp",
     [](const Facts& f, const Node& n) -> Verdict {
       return is_legal_person(text_of(f.emisor, "Rfc")) || has(n, "Curp");
     }},
    {"CCE128", "EXPORT_EMISOR_DOMICILIO_MISSING", From::comercio_exterior, "", "",
     [](const Facts&, const Node& n) -> Verdict { return has_child(n, "Emisor"); }},
    {"CCE129", "EXPORT_EMISOR_PAIS", From::comercio_exterior, kIssuerAddress, "Pais",
     [](const Facts&, const Node& n) -> Verdict { return is(n, "Pais", "MEX"); }},
    {"CCE130", "ESTADO_WRONG", From::comercio_exterior, kIssuerAddress, "Estado",
     [](const Facts& f, const Node& n) {
       return listed(f, "c_Estado", {"MEX", text(n, "Estado")});
     },
     Needs::catalog},
    {"CCE131", "MUNICIPIO_WRONG", From::comercio_exterior, kIssuerAddress, "Municipio", municipio_fits, Needs::catalog},
    {"CCE132", "LOCALIDAD_WRONG", From::comercio_exterior, kIssuerAddress, "Localidad", localidad_fits, Needs::catalog},
    {"CCE133", "COLONIA_WRONG", From::comercio_exterior, kIssuerAddress, "Colonia", colonia_fits, Needs::catalog},
    {"CCE134", "CODIGO_POSTAL_WRONG", From::comercio_exterior, kIssuerAddress, "CodigoPostal", codigo_postal_of_place,
     Needs::catalog},
    {"CCE136", "TAX_ID_PATTERN", From::comercio_exterior, "Propietario", "NumRegIdTrib",
     [](const Facts& f, const Node& n) { return tax_id_fits(f, text(n, "NumRegIdTrib"), text(n, "ResidenciaFiscal")); },
     Needs::catalog},
    {"CCE139", "TAX_ID_PATTERN", From::comercio_exterior, "Receptor", "NumRegIdTrib", tax_id_of_address_fits,
     Needs::catalog},
    {"CCE140", "COLONIA_WRONG", From::comercio_exterior, kReceiverAddress, "Colonia", colonia_fits, Needs::catalog},
    {"CCE141", "LOCALIDAD_WRONG", From::comercio_exterior, kReceiverAddress, "Localidad", localidad_fits,
     Needs::catalog},
    {"CCE142", "MUNICIPIO_WRONG", From::comercio_exterior, kReceiverAddress, "Municipio", municipio_fits,
     Needs::catalog},
    {"CCE143", "ESTADO_WRONG", From::comercio_exterior, kReceiverAddress, "Estado", estado_fits, Needs::catalog},
    {"CCE144", "CODIGO_POSTAL_WRONG", From::comercio_exterior, kReceiverAddress, "CodigoPostal",
     foreign_codigo_postal_fits, Needs::catalog},
    {"CCE145", "CODIGO_POSTAL_WRONG", From::comercio_exterior, kReceiverAddress, "CodigoPostal", codigo_postal_fits,
     Needs::catalog},
    {"CCE146", "EXPORT_DESTINATARIOS", From::comercio_exterior, "", "",
     [](const Facts& f, const Node& n) -> Verdict {
       return implies(f.is_type("T"), n.children("Destinatario").size() <= 1);
     }},
    {"CCE148", "TAX_ID_PATTERN", From::comercio_exterior, "Destinatario", "NumRegIdTrib", tax_id_of_address_fits,
     Needs::catalog},
    {"CCE149", "COLONIA_WRONG", From::comercio_exterior, kAddresseeAddress, "Colonia", colonia_fits, Needs::catalog},
    {"CCE150", "LOCALIDAD_WRONG", From::comercio_exterior, kAddresseeAddress, "Localidad", localidad_fits,
     Needs::catalog},
    {"CCE151", "MUNICIPIO_WRONG", From::comercio_exterior, kAddresseeAddress, "Municipio", municipio_fits,
     Needs::catalog},
    {"CCE152", "ESTADO_WRONG", From::comercio_exterior, kAddresseeAddress, "Estado", estado_fits, Needs::catalog},
    {"CCE153", "CODIGO_POSTAL_WRONG", From::comercio_exterior, kAddresseeAddress, "CodigoPostal",
     foreign_codigo_postal_fits, Needs::catalog},
    {"CCE154", "CODIGO_POSTAL_WRONG", From::comercio_exterior, kAddresseeAddress, "CodigoPostal", codigo_postal_fits,
     Needs::catalog},

    {"CCE155", "EXPORT_NO_IDENTIFICACION_MISSING", From::comprobante, "Conceptos/Concepto", "NoIdentificacion",
     [](const Facts&, const Node& n) -> Verdict { return has(n, "NoIdentificacion"); }},
    {"CCE156", "EXPORT_LINE_WITHOUT_CONCEPT", From::comercio_exterior, kLine, "NoIdentificacion",
     [](const Facts& f, const Node& n) -> Verdict { return !f.whole || !f.summed || concepts_of(f, n) != nullptr; }},
    {"CCE157", "EXPORT_LINE_REPEATED", From::comercio_exterior, "Mercancias", "", pairs_are_unique},
    {"CCE158", "EXPORT_CONCEPT_WITHOUT_LINE", From::comprobante, "Conceptos/Concepto", "NoIdentificacion",
     [](const Facts& f, const Node& n) -> Verdict {
       return !f.whole || !f.summed || lacks(n, "NoIdentificacion") || lines_of(f, n) != nullptr;
     }},
    {"CCE159", "EXPORT_CANTIDAD", From::comprobante, "Conceptos/Concepto", "Cantidad",
     [](const Facts& f, const Node& n) -> Verdict {
       if (f.customs_quantities) return true;
       return {decimals_of(text(n, "Cantidad")) <= 3 && number(n, "Cantidad") >= *Decimal::parse("0.001"), "0.001"};
     }},
    {"CCE160", "EXPORT_UNIDAD", From::comprobante, "Conceptos/Concepto", "ClaveUnidad", unit_is_customs_unit,
     Needs::catalog},
    {"CCE161", "EXPORT_CANTIDAD", From::comprobante, "Conceptos/Concepto", "ValorUnitario",
     [](const Facts& f, const Node& n) -> Verdict {
       if (f.customs_quantities || !f.is_type("I")) return true;
       return {number(n, "ValorUnitario") >= *Decimal::parse("0.0001"), "0.0001"};
     }},
    {"CCE163", "EXPORT_VALOR_DOLARES", From::comercio_exterior, kLine, "ValorDolares", concept_adds_up},
    {"CCE164", "EXPORT_FRACCION_MISSING", From::comercio_exterior, kLine, "FraccionArancelaria",
     [](const Facts&, const Node& n) -> Verdict { return is_service(n) || has(n, "FraccionArancelaria"); }},
    {"CCE165", "EXPORT_FRACCION_FORBIDDEN", From::comercio_exterior, kLine, "FraccionArancelaria",
     [](const Facts&, const Node& n) -> Verdict { return implies(is_service(n), lacks(n, "FraccionArancelaria")); }},
    {"CCE167", "EXPORT_UNIDAD_ADUANA", From::comercio_exterior, kLine, "UnidadAduana", unit_of_tariff_line,
     Needs::catalog},
    {"CCE168", "EXPORT_DESCUENTO_9801", From::comercio_exterior, kLine, "ValorDolares", discount_is_value},
    {"CCE169", "EXPORT_CUSTOMS_QUANTITY", From::comercio_exterior, kLine, "CantidadAduana",
     [](const Facts& f, const Node& n) -> Verdict {
       const auto* lines = lines_of(f, n);
       return implies(lines != nullptr && lines->count > 1, !lacks_customs_quantity(n));
     }},
    {"CCE170", "EXPORT_CUSTOMS_QUANTITY", From::comercio_exterior, kLine, "CantidadAduana",
     [](const Facts& f, const Node& n) -> Verdict {
       return implies(f.customs_quantities, !lacks_customs_quantity(n));
     }},
    {"CCE171", "EXPORT_CUSTOMS_QUANTITY", From::comercio_exterior, kLine, "CantidadAduana",
     [](const Facts&, const Node& n) -> Verdict { return lacks_customs_quantity(n) || has_customs_quantity(n); }},
    {"CCE173", "EXPORT_VALOR_UNITARIO_ZERO", From::comercio_exterior, kLine, "ValorUnitarioAduana",
     [](const Facts&, const Node& n) -> Verdict {
       return lacks(n, "ValorUnitarioAduana") || is_service(n) || !number(n, "ValorUnitarioAduana").is_zero();
     }},
    {"CCE174", "EXPORT_VALOR_DOLARES", From::comercio_exterior, kLine, "ValorDolares", customs_value_fits},
    {"CCE175", "EXPORT_VALOR_DOLARES", From::comercio_exterior, kLine, "ValorDolares", concept_value_fits},
};

}  // namespace

std::span<const Rule> rules() { return kRules; }

}  // namespace puente::sat::comercio_exterior::v20
