// The shape of the rule tables: one row per rule of the authority that a document alone decides. A rule's texts, its
// severity and the authority's number stand in the catalogue of findings under the row's code.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <unordered_set>

#include "mappings/domain/decimal.h"
#include "mappings/sat/document.h"

namespace puente::sat {

// The document, and what many rules ask of it.
struct Facts {
  Facts(const Document& document_in, bool holds_unread_in);

  const Document& document;
  const Node& root;
  const Node* emisor;
  const Node* receptor;
  const Node* carta_porte;
  const Node* comercio_exterior;
  std::string_view type;                      // TipoDeComprobante
  bool holds_unread;                          // a complement that is not read may hold local taxes
  bool international = false, entry = false;  // TranspInternac, EntradaSalidaMerc
  bool road = false, sea = false, air = false, rail = false;
  bool hazardous = false;   // some MaterialPeligroso is Sí
  bool uses_parts = false;  // some Mercancia has CantidadTransporta
  // Gathered once: a hostile document has as many lines as it likes.
  std::unordered_set<std::string_view> concept_ids, origin_ids, destination_ids;

  bool is_type(std::string_view types) const { return types.find(type) != std::string_view::npos && type.size() == 1; }
};

// Whether a rule holds, and what it wanted instead.
struct Verdict {
  bool holds = true;
  std::string expected = {};
  Verdict(bool holds_in) : holds(holds_in) {}  // NOLINT(google-explicit-constructor): most rules are a condition
  Verdict(bool holds_in, std::string expected_in) : holds(holds_in), expected(std::move(expected_in)) {}
};

enum class From { comprobante, carta_porte, comercio_exterior };

struct Rule {
  std::string_view code;
  From from;                   // where `path` begins; without that node the rule does not apply
  std::string_view path;       // the elements judged, one by one: "Conceptos/Concepto"; "" the node itself
  std::string_view attribute;  // the place of the finding
  Verdict (*judge)(const Facts&, const Node&);
};

namespace cfdi::v40 {
std::span<const Rule> rules();
}
namespace carta_porte::v31 {
std::span<const Rule> rules();
}
namespace comercio_exterior::v20 {
std::span<const Rule> rules();
}

// The words of the rules.
namespace rule {

constexpr std::string_view kForeignRfc = "XEXX010101000";
constexpr std::string_view kPublicRfc = "XAXX010101000";

constexpr bool implies(bool condition, bool consequence) { return !condition || consequence; }
inline bool has(const Node& node, std::string_view attribute) { return node.attribute(attribute).has_value(); }
inline bool lacks(const Node& node, std::string_view attribute) { return !has(node, attribute); }
inline bool is(const Node& node, std::string_view attribute, std::string_view value) {
  return node.attribute(attribute) == value;
}
inline bool has_child(const Node& node, std::string_view name) { return node.child(name) != nullptr; }

// The number in an attribute, 0 when absent. Throws std::overflow_error for more digits than a Decimal holds.
Decimal number(const Node& node, std::string_view attribute);
// The sum of an attribute over the nodes of a path.
Decimal sum(const Node& node, std::string_view path, std::string_view attribute);
// Whether the attribute is `exact` rounded to the decimals it is written with.
Verdict equals_rounded(const Node& node, std::string_view attribute, const Decimal& exact);
Verdict equals(const Node& node, std::string_view attribute, const Decimal& exact);
// Whether `result` lies between the limits that half a unit of the last decimal of each factor allows
// (validation-rules, "Amount limits").
Verdict within_limits(const Node& node, std::string_view result, std::string_view factor, std::string_view other);

}  // namespace rule
}  // namespace puente::sat
