// Rules of Comercio Exterior 2.0. Source: validation-rules.csv, scope Comercio Exterior 2.0, needs doc. Its numbers
// belong to the matrix of version 1.1, so the catalogue of findings gives none of them as the authority's.
#include <algorithm>
#include <set>

#include "mappings/sat/rule.h"
#include "mappings/sat/utf8.h"

namespace puente::sat::comercio_exterior::v20 {
namespace {

using namespace rule;  // NOLINT(google-build-using-namespace): the words of the rules

constexpr std::size_t kLegalPersonRfc = 12;  // characters; a natural person's has 13

bool issued_by_natural_person(const Facts& facts) {
  return count_characters(facts.emisor->attribute_or("Rfc")) > kLegalPersonRfc;
}

Verdict total_has_two_decimals(const Facts&, const Node& node) {
  const std::string_view total = node.attribute_or("TotalUSD");
  const auto point = total.find('.');
  return point != std::string_view::npos && total.size() - point - 1 == 2;
}

Verdict pairs_are_unique(const Facts&, const Node& mercancias) {
  std::set<std::pair<std::string_view, std::string_view>> seen;
  for (const Node* line : mercancias.children("Mercancia"))
    if (!seen.emplace(line->attribute_or("NoIdentificacion"), line->attribute_or("FraccionArancelaria")).second)
      return false;
  return true;
}

Verdict joins_a_concept(const Facts& facts, const Node& line) {
  return facts.concept_ids.contains(line.attribute_or("NoIdentificacion"));
}

Verdict relates_to_sale(const Facts& facts, const Node& node) {
  if (!is(node, "MotivoTraslado", "01")) return true;
  return std::ranges::any_of(facts.root.children("CfdiRelacionados"),
                             [](const Node* related) { return is(*related, "TipoRelacion", "05"); });
}

// One row a rule.
constexpr Rule kRules[] = {
    {"EXPORT_TYPE", From::comprobante, "", "TipoDeComprobante",
     [](const Facts& f, const Node&) -> Verdict { return f.is_type("IT"); }},
    {"EXPORT_EXPORTACION", From::comprobante, "", "Exportacion",
     [](const Facts&, const Node& n) -> Verdict { return is(n, "Exportacion", "02"); }},
    {"EXPORT_GLOBAL_FORBIDDEN", From::comprobante, "InformacionGlobal", "",
     [](const Facts&, const Node&) -> Verdict { return false; }},
    {"EXPORT_FAC_ATR_FORBIDDEN", From::comprobante, "Emisor", "FacAtrAdquirente",
     [](const Facts&, const Node& n) -> Verdict { return lacks(n, "FacAtrAdquirente"); }},
    {"EXPORT_TERCEROS_FORBIDDEN", From::comprobante, "Conceptos/Concepto/ACuentaTerceros", "",
     [](const Facts&, const Node&) -> Verdict { return false; }},
    {"EXPORT_PREDIAL_FORBIDDEN", From::comprobante, "Conceptos/Concepto/CuentaPredial", "",
     [](const Facts&, const Node&) -> Verdict { return false; }},
    {"EXPORT_NO_IDENTIFICACION_MISSING", From::comprobante, "Conceptos/Concepto", "NoIdentificacion",
     [](const Facts&, const Node& n) -> Verdict { return has(n, "NoIdentificacion"); }},
    {"EXPORT_PROPIETARIO_MISMATCH", From::comercio_exterior, "", "MotivoTraslado",
     [](const Facts&, const Node& n) -> Verdict {
       return is(n, "MotivoTraslado", "05") == has_child(n, "Propietario");
     }},
    {"EXPORT_RELATION_MISSING", From::comercio_exterior, "", "MotivoTraslado", relates_to_sale},
    {"EXPORT_CERTIFICADO_ORIGEN_MISMATCH", From::comercio_exterior, "", "NumCertificadoOrigen",
     [](const Facts&, const Node& n) -> Verdict {
       return implies(is(n, "CertificadoOrigen", "0"), lacks(n, "NumCertificadoOrigen"));
     }},
    {"TOTAL_USD_NOT_SUM", From::comercio_exterior, "", "TotalUSD",
     [](const Facts&, const Node& n) -> Verdict {
       return equals_rounded(n, "TotalUSD", sum(n, "Mercancias/Mercancia", "ValorDolares"));
     }},
    {"TOTAL_USD_DECIMALS", From::comercio_exterior, "", "TotalUSD", total_has_two_decimals},
    {"EXPORT_EMISOR_DOMICILIO_MISSING", From::comercio_exterior, "", "",
     [](const Facts&, const Node& n) -> Verdict { return has_child(n, "Emisor"); }},
    {"EXPORT_CURP_MISMATCH", From::comercio_exterior, "Emisor", "Curp",
     [](const Facts& f, const Node& n) -> Verdict { return issued_by_natural_person(f) == has(n, "Curp"); }},
    {"EXPORT_EMISOR_PAIS", From::comercio_exterior, "Emisor/Domicilio", "Pais",
     [](const Facts&, const Node& n) -> Verdict { return is(n, "Pais", "MEX"); }},
    {"EXPORT_DESTINATARIOS", From::comercio_exterior, "", "",
     [](const Facts& f, const Node& n) -> Verdict {
       return implies(f.is_type("T"), n.children("Destinatario").size() <= 1);
     }},
    {"EXPORT_LINE_WITHOUT_CONCEPT", From::comercio_exterior, "Mercancias/Mercancia", "NoIdentificacion",
     joins_a_concept},
    {"EXPORT_LINE_REPEATED", From::comercio_exterior, "Mercancias", "", pairs_are_unique},
    {"EXPORT_VALOR_UNITARIO_ZERO", From::comercio_exterior, "Mercancias/Mercancia", "ValorUnitarioAduana",
     [](const Facts&, const Node& n) -> Verdict {
       return lacks(n, "ValorUnitarioAduana") || is(n, "UnidadAduana", "99") ||
              !number(n, "ValorUnitarioAduana").is_zero();
     }},
};

}  // namespace

std::span<const Rule> rules() { return kRules; }

}  // namespace puente::sat::comercio_exterior::v20
