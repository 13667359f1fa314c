#include "mappings/sat/rules.h"

#include <algorithm>
#include <stdexcept>
#include <vector>

#include "mappings/sat/element_tables.h"
#include "mappings/sat/rule.h"
#include "mappings/sat/value_check.h"

namespace puente::sat {

Facts::Facts(const Document& document_in, bool whole_in, const catalogs::SatLists& lists_in)
    : document(document_in),
      root(document_in.comprobante()),
      emisor(root.child("Emisor")),
      receptor(root.child("Receptor")),
      carta_porte(document_in.carta_porte()),
      comercio_exterior(document_in.comercio_exterior()),
      type(rule::text(root, "TipoDeComprobante")),
      moneda(rule::text(root, "Moneda")),
      whole(whole_in),
      holds_unread(!document_in.other_complements().empty()),
      lists(lists_in) {
  if (const auto fecha = parse_local_time(rule::text(root, "Fecha"))) {
    date = fecha->date;
    dated = true;
  }
  gather_lines();
  if (carta_porte == nullptr) return;
  carta_porte->each("Mercancias/Mercancia", [&](const Node& goods) {
    hazardous = hazardous || rule::is(goods, "MaterialPeligroso", "Sí");
    uses_parts = uses_parts || rule::has_child(goods, "CantidadTransporta");
    return true;
  });
  if (uses_parts)
    for (const Node* stop : carta_porte->find_all("Ubicaciones/Ubicacion"))
      if (const auto id = stop->at("IDUbicacion"))
        (rule::is(*stop, "TipoUbicacion", "Origen") ? origin_ids : destination_ids).insert(*id);
  international = rule::is(*carta_porte, "TranspInternac", "Sí");
  entry = rule::is(*carta_porte, "EntradaSalidaMerc", "Entrada");
  const Node* mercancias = carta_porte->child("Mercancias");
  if (mercancias == nullptr) return;
  road = rule::has_child(*mercancias, "Autotransporte");
  sea = rule::has_child(*mercancias, "TransporteMaritimo");
  air = rule::has_child(*mercancias, "TransporteAereo");
  rail = rule::has_child(*mercancias, "TransporteFerroviario");
  transports = int{road} + int{sea} + int{air} + int{rail};
}

void Facts::gather_lines() {
  if (comercio_exterior == nullptr) return;
  try {
    for (const Node* concepto : root.find_all("Conceptos/Concepto")) {
      const auto id = concepto->at("NoIdentificacion");
      if (!id) continue;
      Concepts& same = concepts[*id];
      if (same.first == nullptr) same.first = concepto;
      same.importe += rule::number(*concepto, "Importe");
      same.descuento += rule::number(*concepto, "Descuento");
    }
    for (const Node* line : comercio_exterior->find_all("Mercancias/Mercancia")) {
      customs_quantities = customs_quantities || rule::has(*line, "CantidadAduana");
      CustomsLines& same = customs[rule::text(*line, "NoIdentificacion")];
      if (same.first == nullptr) same.first = line;
      ++same.count;
      const Decimal value = rule::number(*line, "ValorDolares");
      same.value += value;
      same.decimals = std::max(same.decimals, value.scale());
      same.symbolic = same.symbolic || value.is_zero() || value == Decimal(1);
    }
  } catch (const std::overflow_error&) {
    summed = false;  // the rules of the single amounts say so
  }
}

const catalogs::SatList* Facts::list(std::size_t index) const {
  const catalogs::SatList* found = lists.list(index);
  if (found == nullptr) missing_lists.set(index);
  return found;
}

const catalogs::SatList* Facts::list(std::string_view name) const {
  const auto index = catalogs::sat_list_index(name);
  return index ? list(*index) : nullptr;
}

namespace {

constexpr unsigned kLookEvery = 32;  // nodes between two looks at the processor time

enum class Demand { none, carta_porte, comercio_exterior };  // the complement that a table is about

struct PlacedRule {
  const Rule* rule;
  Demand demand;
};

struct ListedAttribute {
  const AttributeRow* row;
  std::size_t place;  // among the attributes of its element
  std::size_t list;
};

// What is to be judged at one place of the document: the tables of rules and of elements, laid over each other once.
struct Place {
  const ElementRow* element;
  std::vector<PlacedRule> rules;
  std::vector<ListedAttribute> listed;
  std::vector<Place> children;

  const Place* below(const ElementRow& row) const {
    for (const Place& child : children)
      if (child.element == &row) return &child;
    return nullptr;
  }
};

Place lay_out(const ElementRow& element) {
  Place place{&element, {}, {}, {}};
  for (const AttributeRow& attribute : element.attributes)
    if (const auto list = catalogs::sat_list_index(attribute.type.catalog);
        list && catalogs::sat_list_kinds()[*list].by_code_alone())
      place.listed.push_back({&attribute, static_cast<std::size_t>(&attribute - element.attributes.data()), *list});
  for (const ChildRow& child : element.children) place.children.push_back(lay_out(*child.element));
  return place;
}

// The place at the end of a path of local names. Throws for a path that the element tables do not have.
Place& follow(Place& from, std::string_view path) {
  Place* place = &from;
  while (!path.empty()) {
    const std::string_view name = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(path.size(), name.size() + 1));
    const auto child =
        std::ranges::find_if(place->children, [&](const Place& below) { return below.element->name == name; });
    if (child == place->children.end()) throw std::logic_error("no element " + std::string(name) + " in the tables");
    place = &*child;
  }
  return *place;
}

// Places without anything to judge at or below them are not walked.
bool prune(Place& place) {
  std::erase_if(place.children, [](Place& child) { return prune(child); });
  return place.children.empty() && place.rules.empty() && place.listed.empty();
}

const Place& places() {
  static const Place tree = [] {
    Place root = lay_out(comprobante_row());
    const auto put = [&](std::span<const Rule> rules, Demand demand) {
      for (const Rule& rule : rules) {
        Place& begin = rule.from == From::carta_porte         ? follow(root, "Complemento/CartaPorte")
                       : rule.from == From::comercio_exterior ? follow(root, "Complemento/ComercioExterior")
                                                              : root;
        follow(begin, rule.path).rules.push_back({&rule, demand});
      }
    };
    put(cfdi::v40::rules(), Demand::none);
    put(carta_porte::v31::rules(), Demand::carta_porte);
    put(comercio_exterior::v20::rules(), Demand::comercio_exterior);
    prune(root);
    return root;
  }();
  return tree;
}

class Judge {
 public:
  Judge(const Facts& facts, const std::unordered_set<const Node*>& unsound, std::span<const SeverityOverride> overrides,
        const Date& today, const CpuBudget& budget, Findings& findings)
      : facts_(facts), unsound_(unsound), overrides_(overrides), today_(today), budget_(budget), findings_(findings) {}

  void walk(const Place& place, const Node& node) {
    if (++nodes_ % kLookEvery == 0) spent_ = spent_ || budget_.spent();
    if (spent_) return;
    const bool sound = unsound_.empty() || !unsound_.contains(&node);
    if (sound)
      for (const PlacedRule& placed : place.rules)
        if (applies(placed)) apply(*placed.rule, node);
    for (const ListedAttribute& listed : place.listed)
      if (const auto value = node.value_at(listed.place))
        if (sound || has_its_form(*listed.row, *value)) look_up(listed, node, *value);
    if (place.children.empty()) return;
    for (const Node* child : node.children())
      if (const Place* below = place.below(child->row())) walk(*below, *child);
  }

  RulesOutcome outcome() {
    for (std::size_t list = 0; list < facts_.missing_lists.size(); ++list) {
      if (!facts_.missing_lists.test(list)) continue;
      catalogs_known_ = false;
      findings_.add("SAT_LIST_NOT_LOADED", {{"list", std::string(catalogs::sat_list_kinds()[list].name)}})
          .mutable_source()
          ->set_document(facts_.document.name());
    }
    if (spent_) return {};
    return {rules_pass_ ? Stage::pass : Stage::fail, !catalogs_pass_   ? Stage::fail
                                                     : catalogs_known_ ? Stage::pass
                                                                       : Stage::unknown};
  }

 private:
  // Whether the structural check let the value pass; else it has said what is wrong with it.
  static bool has_its_form(const AttributeRow& row, std::string_view value) {
    return !value.empty() && !check_value(row.type, value, value);
  }

  bool applies(const PlacedRule& placed) const {
    if (placed.demand == Demand::carta_porte && facts_.carta_porte == nullptr) return false;
    if (placed.demand == Demand::comercio_exterior && facts_.comercio_exterior == nullptr) return false;
    return placed.rule->in_force.covers(facts_.date);
  }

  void apply(const Rule& rule, const Node& node) {
    std::string_view code = rule.code;
    Verdict verdict = true;
    try {
      verdict = rule.judge(facts_, node);
    } catch (const std::overflow_error&) {
      verdict = false;
      code = "AMOUNT_OUT_OF_RANGE";
    }
    if (verdict.outcome == Verdict::Outcome::holds) return;
    FindingParams params;
    if (findings_.size() < Findings::kLimit)
      params = {{"attribute", std::string(rule.attribute)},
                {"value", std::string(node.attribute_or(rule.attribute))},
                {"expected", verdict.expected}};
    say(code, params, rule.row, node, rule.attribute, verdict.outcome == Verdict::Outcome::unproven,
        rule.needs == Needs::document ? rules_pass_ : catalogs_pass_);
  }

  // Beyond the limit of Findings only the severity counts.
  void say(std::string_view code, const FindingParams& params, std::string_view row, const Node& node,
           std::string_view attribute, bool unproven, bool& passes) {
    Finding finding = make_finding(code, params);
    finding.set_authority_rule(std::string(authority_of(row)));
    if (unproven) finding.set_severity(std::min(finding.severity(), Severity::SEVERITY_WARNING));
    if (const SeverityOverride* override = find_override(overrides_, code, finding.authority_rule(), today_))
      apply_override(*override, finding);
    if (finding.severity() >= Severity::SEVERITY_ERROR) passes = false;
    if (findings_.size() < Findings::kLimit) *finding.mutable_source() = node.place(attribute);
    findings_.add(std::move(finding));
  }

  void look_up(const ListedAttribute& listed, const Node& node, std::string_view value) {
    const catalogs::SatList* list = facts_.list(listed.list);
    if (list == nullptr) return;
    const catalogs::Standing standing = list->find({value}, facts_.date).standing();
    if (standing == catalogs::Standing::in_force) return;
    const bool unproven = list->kind().absence == catalogs::Absence::unproven;
    if (unproven && standing == catalogs::Standing::out_of_force) return;
    const std::string_view code = unproven                                       ? "SAT_CODE_UNPROVEN"
                                  : listed.row->type.advice                      ? "SAT_CODE_ADVICE"
                                  : standing == catalogs::Standing::out_of_force ? "SAT_CODE_NOT_IN_FORCE"
                                                                                 : "SAT_CODE_UNKNOWN";
    FindingParams params;
    if (findings_.size() < Findings::kLimit)
      params = {{"attribute", std::string(listed.row->name)},
                {"value", std::string(value)},
                {"list", std::string(list->kind().name)},
                {"date", to_string(facts_.date)}};
    say(code, params, listed.row->type.rule, node, listed.row->name, false, catalogs_pass_);
  }

  const Facts& facts_;
  const std::unordered_set<const Node*>& unsound_;
  std::span<const SeverityOverride> overrides_;
  const Date& today_;
  const CpuBudget& budget_;
  Findings& findings_;
  unsigned nodes_ = 0;
  bool spent_ = false, rules_pass_ = true, catalogs_pass_ = true, catalogs_known_ = true;
};

}  // namespace

RulesOutcome check_rules(const Document& document, const std::unordered_set<const Node*>& unsound,
                         const catalogs::SatLists& lists, std::span<const SeverityOverride> overrides,
                         const Date& today, const CpuBudget& budget, Findings& findings) {
  if (budget.spent()) return {};
  const Facts facts(document, unsound.empty(), lists);
  Judge judge(facts, unsound, overrides, today, budget, findings);
  judge.walk(places(), document.comprobante());
  return judge.outcome();
}

}  // namespace puente::sat
