#include "mappings/sat/rules.h"

#include <algorithm>
#include <stdexcept>

#include "mappings/sat/rule.h"

namespace puente::sat {
namespace rule {
namespace {

// Half a unit of the last decimal: 0.005 for two.
Decimal half_unit(int decimals) {
  return *Decimal::parse("0." + std::string(static_cast<std::size_t>(decimals), '0') + "5");
}

Decimal zero_or_more(const Decimal& value) { return value.is_negative() ? Decimal(0) : value; }

}  // namespace

Decimal number(const Node& node, std::string_view attribute) {
  const auto text = node.attribute(attribute);
  if (!text) return 0;
  const auto value = Decimal::parse(*text);
  if (!value) throw std::overflow_error("more digits than a Decimal holds");
  return *value;
}

Decimal sum(const Node& node, std::string_view path, std::string_view attribute) {
  Decimal total;
  for (const Node* found : node.find_all(path)) total += number(*found, attribute);
  return total;
}

Verdict equals_rounded(const Node& node, std::string_view attribute, const Decimal& exact) {
  const Decimal written = number(node, attribute);
  const Decimal rounded = exact.round_half_up(written.scale());
  return {written == rounded, rounded.to_string()};
}

Verdict equals(const Node& node, std::string_view attribute, const Decimal& exact) {
  return {number(node, attribute) == exact, exact.to_string()};
}

Verdict within_limits(const Node& node, std::string_view result, std::string_view factor, std::string_view other) {
  const Decimal written = number(node, result);
  const Decimal a = number(node, factor);
  const Decimal b = number(node, other);
  const Decimal lower =
      (zero_or_more(a - half_unit(a.scale())) * zero_or_more(b - half_unit(b.scale()))).truncate(written.scale());
  // The published upper limit takes 10^-12 from each factor so that it is not reached; rounding up makes that the same.
  const Decimal upper = ((a + half_unit(a.scale())) * (b + half_unit(b.scale()))).round_up(written.scale());
  return {lower <= written && written <= upper, lower.to_string() + " - " + upper.to_string()};
}

}  // namespace rule

Facts::Facts(const Document& document_in, bool holds_unread_in)
    : document(document_in),
      root(document_in.comprobante()),
      emisor(root.child("Emisor")),
      receptor(root.child("Receptor")),
      carta_porte(document_in.carta_porte()),
      comercio_exterior(document_in.comercio_exterior()),
      type(root.attribute_or("TipoDeComprobante")),
      holds_unread(holds_unread_in) {
  for (const Node* concepto : root.find_all("Conceptos/Concepto"))
    if (const auto id = concepto->attribute("NoIdentificacion")) concept_ids.insert(*id);
  if (carta_porte == nullptr) return;
  for (const Node* stop : carta_porte->find_all("Ubicaciones/Ubicacion"))
    if (const auto id = stop->attribute("IDUbicacion"))
      (rule::is(*stop, "TipoUbicacion", "Origen") ? origin_ids : destination_ids).insert(*id);
  for (const Node* goods : carta_porte->find_all("Mercancias/Mercancia")) {
    hazardous = hazardous || rule::is(*goods, "MaterialPeligroso", "Sí");
    uses_parts = uses_parts || rule::has_child(*goods, "CantidadTransporta");
  }
  international = rule::is(*carta_porte, "TranspInternac", "Sí");
  entry = rule::is(*carta_porte, "EntradaSalidaMerc", "Entrada");
  const Node& mercancias = *carta_porte->child("Mercancias");  // the structure has vouched for it
  road = rule::has_child(mercancias, "Autotransporte");
  sea = rule::has_child(mercancias, "TransporteMaritimo");
  air = rule::has_child(mercancias, "TransporteAereo");
  rail = rule::has_child(mercancias, "TransporteFerroviario");
}

namespace {

constexpr unsigned kLookEvery = 32;  // judgements between two looks at the processor time

const Node* begin_of(const Facts& facts, From from) {
  switch (from) {
    case From::comprobante:
      return &facts.root;
    case From::carta_porte:
      return facts.carta_porte;
    case From::comercio_exterior:
      return facts.comercio_exterior;
  }
  return nullptr;
}

// False when the rule rejects the document.
bool apply(const Rule& rule, const Facts& facts, const Node& node, Findings& findings) {
  std::string_view code = rule.code;
  Verdict verdict = true;
  try {
    verdict = rule.judge(facts, node);
  } catch (const std::overflow_error&) {
    verdict = false;
    code = "AMOUNT_OUT_OF_RANGE";
  }
  if (verdict.holds) return true;
  if (findings.size() >= Findings::kLimit) return findings.add(code).severity() < Severity::SEVERITY_ERROR;
  Finding& finding = findings.add(code, {{"attribute", std::string(rule.attribute)},
                                         {"value", std::string(node.attribute_or(rule.attribute))},
                                         {"expected", verdict.expected}});
  *finding.mutable_source() = node.place(rule.attribute);
  return finding.severity() < Severity::SEVERITY_ERROR;
}

}  // namespace

Stage check_rules(const Document& document, bool holds_unread, const CpuBudget& budget, Findings& findings) {
  const Facts facts(document, holds_unread);
  bool passed = true, spent = budget.spent();
  unsigned applied = 0;
  const auto apply_all = [&](std::span<const Rule> rules) {
    for (const Rule& rule : rules) {
      const Node* begin = begin_of(facts, rule.from);
      if (begin == nullptr) continue;
      for (const Node* node : begin->find_all(rule.path)) {
        spent = spent || (++applied % kLookEvery == 0 && budget.spent());
        if (spent) return;
        passed = apply(rule, facts, *node, findings) && passed;
      }
    }
  };
  apply_all(cfdi::v40::rules());
  if (facts.carta_porte != nullptr) apply_all(carta_porte::v31::rules());
  if (facts.comercio_exterior != nullptr) apply_all(comercio_exterior::v20::rules());
  if (spent) return Stage::unknown;
  return passed ? Stage::pass : Stage::fail;
}

}  // namespace puente::sat
