// The shape of the rule tables: one row per rule of the authority that the document, or the document and the SAT's
// lists, decide. A rule's texts and its severity stand in the catalogue of findings under the row's code; several rows
// may share a code. RULES.md is generated from these tables.
#pragma once

#include <bitset>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "mappings/catalogs/catalogs.h"
#include "mappings/catalogs/sat_lists.h"
#include "mappings/domain/decimal.h"
#include "mappings/sat/document.h"
#include "mappings/sat/versions.h"

namespace puente::sat {

// The document, and what many rules ask of it. Every node may be missing: the structure may have failed.
struct Facts {
  Facts(const Document& document_in, bool whole_in, const catalogs::SatLists& lists_in);

  const Document& document;
  const Node& root;
  const Node* emisor;
  const Node* receptor;
  const Node* carta_porte;
  const Node* comercio_exterior;
  std::string_view type;                      // TipoDeComprobante
  std::string_view moneda;                    // of the Comprobante
  bool whole;                                 // false: the structure failed, so what refers elsewhere cannot be judged
  bool holds_unread;                          // a complement that is not read may hold local taxes
  bool international = false, entry = false;  // TranspInternac, EntradaSalidaMerc
  bool road = false, sea = false, air = false, rail = false;
  int transports = 0;               // how many of the four
  bool hazardous = false;           // some MaterialPeligroso is Sí
  bool uses_parts = false;          // some Mercancia has CantidadTransporta
  bool customs_quantities = false;  // some line of Comercio Exterior has CantidadAduana
  // Of Fecha: decides what is in force. A Fecha that cannot be read leaves what is in force for ever.
  Date date = std::chrono::year(9999) / std::chrono::December / 31;
  bool dated = false;
  const catalogs::SatLists& lists;
  // Gathered once: a hostile document has as many lines as it likes.
  struct Concepts {  // of one NoIdentificacion
    const Node* first = nullptr;
    Decimal importe, descuento;
  };
  struct CustomsLines {  // of one NoIdentificacion
    const Node* first = nullptr;
    std::int64_t count = 0;
    Decimal value;          // of their ValorDolares
    int decimals = 0;       // the most that one is written with
    bool symbolic = false;  // some ValorDolares is 0 or 1
  };
  std::unordered_map<std::string_view, Concepts> concepts;
  std::unordered_map<std::string_view, CustomsLines> customs;
  std::unordered_set<std::string_view> origin_ids, destination_ids;
  // Rates of taxes that were looked up, which the lines of a document repeat: what was asked, and the answer.
  struct Rate {
    std::string_view impuesto, factor, rate, column;
    bool listed;
  };
  mutable std::vector<Rate> rates;
  bool summed = true;  // false: an amount was too long, so what is gathered here sums up nothing

  bool is_type(std::string_view types) const { return types.find(type) != std::string_view::npos && type.size() == 1; }
  bool road_only() const { return road && transports == 1; }

  // The list, or nullptr when it is not loaded; that is said once per list when the rules are done.
  const catalogs::SatList* list(std::string_view name) const;
  const catalogs::SatList* list(std::size_t index) const;
  mutable std::bitset<128> missing_lists = {};  // by index

 private:
  void gather_lines();
};

// Whether a rule holds, and what it wanted instead.
struct Verdict {
  enum class Outcome { holds, broken, unproven };  // unproven: the list at hand may be older than the document

  Outcome outcome = Outcome::holds;
  std::string expected = {};
  Verdict(bool holds) : outcome(holds ? Outcome::holds : Outcome::broken) {}  // NOLINT(google-explicit-constructor)
  Verdict(bool holds, std::string_view expected_in) : Verdict(holds) {
    if (!holds) expected = expected_in;
  }
  Verdict(Outcome outcome_in, std::string_view expected_in) : outcome(outcome_in), expected(expected_in) {}
};

enum class From { comprobante, carta_porte, comercio_exterior };
enum class Needs { document, catalog };  // the stage: rules, catalogs

struct Rule {
  std::string_view row;        // of the authority's rules: CFDI40103; CCE and GW rows are numbers of the reference only
  std::string_view code;       // of the catalogue of findings
  From from;                   // where `path` begins; without that node the rule does not apply
  std::string_view path;       // the elements judged, one by one: "Conceptos/Concepto"; "" the node itself
  std::string_view attribute;  // the place of the finding
  Verdict (*judge)(const Facts&, const Node&);
  Needs needs = Needs::document;
  catalogs::Validity in_force = {};  // days on which the rule is one
};

// The number that people are given: none for Comercio Exterior, whose numbers moved with version 2.0, and for ours.
constexpr std::string_view authority_of(std::string_view row) {
  return row.starts_with("CFDI") || row.starts_with("CP") ? row : "";
}

namespace cfdi::v40 {
std::span<const Rule> rules();
}
namespace carta_porte::v31 {
std::span<const Rule> rules();
}
namespace comercio_exterior::v20 {
std::span<const Rule> rules();
}

// A row of the authority's rules that is answered by something else than a rule row: the structure, the seal, another
// row, or nothing, and then it says why.
struct AnsweredElsewhere {
  std::string_view row;
  std::string_view code;  // of the finding; "" where nothing is judged
  std::string_view why;
};
std::span<const AnsweredElsewhere> answered_elsewhere();

// The words of the rules.
namespace rule {

constexpr std::string_view kForeignRfc = "XEXX010101000";
constexpr std::string_view kPublicRfc = "XAXX010101000";

constexpr bool implies(bool condition, bool consequence) { return !condition || consequence; }
inline bool has(const Node& node, AttributeName attribute) { return node.at(attribute).has_value(); }
inline bool lacks(const Node& node, AttributeName attribute) { return !has(node, attribute); }
inline bool has_all(const Node& node, std::initializer_list<AttributeName> attributes) {
  for (const AttributeName name : attributes)
    if (lacks(node, name)) return false;
  return true;
}
inline bool is(const Node& node, AttributeName attribute, std::string_view value) {
  const auto found = node.at(attribute);
  return found && *found == value;
}
inline bool is_any(const Node& node, AttributeName attribute, std::initializer_list<std::string_view> values) {
  const auto found = node.at(attribute);
  if (!found) return false;
  for (const std::string_view value : values)
    if (*found == value) return true;
  return false;
}
inline std::string_view text(const Node& node, AttributeName attribute) { return node.at(attribute).value_or(""); }
inline bool has_child(const Node& node, std::string_view name) { return node.child(name) != nullptr; }
// The value of an attribute of a node that may not be there.
inline std::string_view text_of(const Node* node, AttributeName attribute) {
  return node == nullptr ? std::string_view() : text(*node, attribute);
}

// The number in an attribute, 0 when absent. Throws std::overflow_error for more digits than a Decimal holds.
Decimal number(const Node& node, AttributeName attribute);
// The sum of an attribute over the nodes of a path.
Decimal sum(const Node& node, std::string_view path, AttributeName attribute);
// Whether the attribute is `exact` rounded to the decimals it is written with.
Verdict equals_rounded(const Node& node, AttributeName attribute, const Decimal& exact);
Verdict equals(const Node& node, AttributeName attribute, const Decimal& exact);
// Half a unit of the last decimal: 0.005 for two.
Decimal half_unit(int decimals);
// Whether `result` lies between the limits that half a unit of the last decimal of each factor allows
// (validation-rules, "Amount limits").
Verdict within_limits(const Node& node, AttributeName result, AttributeName factor, AttributeName other);
// Digits behind the point as written.
int decimals_of(std::string_view amount);

// A legal person's RFC has 12 characters, a natural person's 13.
bool is_legal_person(std::string_view rfc);

// Whether the key is in the list on the document's date. Holds where the list is not loaded.
Verdict listed(const Facts& facts, std::string_view list, std::initializer_list<std::string_view> key);
// The code of a list; not known() where the list is not loaded too.
catalogs::SatCode look_up(const Facts& facts, std::string_view list, std::initializer_list<std::string_view> key);
// What a list that may be older than the document leaves of a verdict.
Verdict unproven_unless(bool holds, std::string_view expected = {});
// Whether the whole value matches a pattern that a list gives (c_Pais).
bool matches_pattern(std::string_view value, const std::string& pattern);

// Places, by country: keys of the SAT's lists in Mexico, of c_Estado in the United States and Canada, free text
// elsewhere (CP143 to CP147).
Verdict colonia_fits(const Facts& facts, const Node& domicilio);
Verdict localidad_fits(const Facts& facts, const Node& domicilio);
Verdict municipio_fits(const Facts& facts, const Node& domicilio);
Verdict estado_fits(const Facts& facts, const Node& domicilio);
Verdict codigo_postal_fits(const Facts& facts, const Node& domicilio);      // in Mexico: listed, and of this place
Verdict codigo_postal_of_place(const Facts& facts, const Node& domicilio);  // in Mexico: where listed, of this place
Verdict foreign_codigo_postal_fits(const Facts& facts, const Node& domicilio);  // elsewhere

// What stands beside Carta Porte or Comercio Exterior and is not read (CP113, CCE116). Whether a complement that nobody
// here knows may stand there cannot be decided.
Verdict complements_may_stand(const Facts& facts, bool UnreadComplement::*beside);

// A foreign tax id against the pattern that c_Pais gives for the country.
Verdict tax_id_fits(const Facts& facts, std::string_view tax_id, std::string_view country);
// A pedimento number: year, customs office, patent, sequence (validation-rules, "Pedimento check").
Verdict pedimento_fits(const Facts& facts, std::string_view pedimento);

}  // namespace rule
}  // namespace puente::sat
