#include "mappings/sat/documentation.h"

#include "mappings/findings/findings.h"
#include "mappings/sat/element_tables.h"
#include "mappings/sat/rule.h"
#include "mappings/sat/versions.h"

namespace puente::sat {
namespace {

std::string code(std::string_view text) {
  std::string out = "`";
  for (const char c : text) {
    if (c == '|') out += '\\';  // else it would end the cell
    out += c;
  }
  return out += '`';
}

std::string length(const ValueType& type) {
  if (type.least_characters == type.most_characters) return std::to_string(type.least_characters);
  return std::to_string(type.least_characters) + " to " + std::to_string(type.most_characters);
}

std::string base_of(const ValueType& type) {
  switch (type.base) {
    case Base::decimal:
      return "decimal";
    case Base::integer:
      return "integer";
    case Base::date:
      return "date";
    case Base::date_time:
      return "date and time";
    case Base::text:
      break;
  }
  return type.catalog.empty() ? "text" : "code";
}

std::string describe(const ValueType& type) {
  if (!type.fixed.empty()) return "always " + code(type.fixed);
  std::string out;
  if (type.values.empty()) {
    out = base_of(type);
  } else {
    for (const auto value : type.values) out += (out.empty() ? "" : " or ") + code(value);
  }
  if (type.most_characters != 0) out += ", " + length(type) + " characters";
  if (type.no_pipe) out += ", no " + code("|");
  if (type.fraction_digits >= 0) out += ", at most " + std::to_string(type.fraction_digits) + " decimals";
  if (!type.minimum.empty() && type.pattern == nullptr) out += ", from " + std::string(type.minimum);
  if (!type.maximum.empty() && type.pattern == nullptr) out += " to " + std::string(type.maximum);
  if (type.pattern != nullptr) out += ", " + code(type.pattern->text());
  if (type.space == Space::preserve) out += ", spaces count";
  return out;
}

std::string occurrence(const ChildRow& child) {
  return std::to_string(child.least) + ".." + (child.most == kMany ? "*" : std::to_string(child.most));
}

std::string qualified(const ElementRow& element) {
  return std::string(element.space->prefix) + ":" + std::string(element.name);
}

void render_element(const ElementRow& element, const std::string& parent, const std::string& occurs, std::string& out) {
  const std::string path = parent + "/" + qualified(element);
  out += "\n#### " + path + " (" + occurs + ")\n";
  if (element.content == Content::complements) out += "\nComplements, in any order.\n";
  if (element.content == Content::concept_complements) out += "\nComplements of a concept; none is read.\n";
  if (element.content == Content::ignored) out += "\nNot read: the seal does not cover it.\n";
  if (!element.cadena.empty()) {
    out += "\nOrder of the cadena original:";
    for (const auto step : element.cadena) out += " " + code(step);
    out += ".\n";
  }
  if (!element.attributes.empty()) {
    out += "\n| Attribute | Use | Type | Catalog | Signed |\n|---|---|---|---|---|\n";
    for (const AttributeRow& row : element.attributes) {
      out += "| " + std::string(row.name) + " | " + (row.use == Use::required ? "required" : "optional") + " | " +
             describe(row.type) + " | " + std::string(row.type.catalog) +
             (row.type.rule.empty() ? "" : " (" + std::string(row.type.rule) + ")") + " | " +
             (row.seal == Seal::sealed ? "yes" : "no") + " |\n";
    }
  }
  for (const ChildRow& child : element.children) {
    if (child.element->space == element.space) render_element(*child.element, path, occurrence(child), out);
  }
}

void render_table(const ElementRow& root, std::string& out) {
  out += "\n## " + std::string(root.space->title) + " " + std::string(root.space->version) + "\n\nNamespace " +
         code(root.space->uri) + ".\n";
  render_element(root, "", "1..1", out);
}

}  // namespace

std::string render_elements() {
  std::string out =
      "# Elements and attributes that Puente reads\n\n"
      "Written by `render_elements()` from the element tables; do not edit. Elements stand in the order of the "
      "schema,\n"
      "attributes in the order of the cadena original.\n";
  for (const ElementRow* root : {&comprobante_row(), &comercio_exterior_row(), &carta_porte_row(), &timbre_row()})
    render_table(*root, out);
  out += "\n## Refused versions\n\n| Namespace | Complement | Version | Use |\n|---|---|---|---|\n";
  for (const auto& refused : refused_complements())
    out += "| " + code(refused.uri) + " | " + std::string(refused.title) + " | " + std::string(refused.version) +
           " | " + std::string(refused.use_version) + " |\n";
  out += "\n## Complements that may stand beside, and are not read\n\n| Namespace | Complement |\n|---|---|\n";
  for (const auto& unread : unread_complements())
    out += "| " + code(unread.uri) + " | " + std::string(unread.title) + " |\n";
  out +=
      "\n## Defects that are passed over\n\nThe bytes stay as they came; the finding says what was passed over.\n\n| "
      "Finding | What is told |\n|---|---|\n";
  for (const std::string_view repair : repairs())
    out += "| " + std::string(repair) + " | " + std::string(find_catalogue_row(repair)->message_en) + " |\n";
  return out;
}

namespace {

std::string cell(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c;
  }
  return out;
}

std::string begin_of(From from) {
  return from == From::carta_porte         ? "CartaPorte"
         : from == From::comercio_exterior ? "ComercioExterior"
                                           : "Comprobante";
}

void render_rules_of(std::string_view title, std::span<const Rule> rules, std::string& out) {
  out += "\n## " + std::string(title) +
         "\n\n| Row | Finding | Severity | Place | Stage | What is wrong |\n|---|---|---|---|---|---|\n";
  for (const Rule& rule : rules) {
    const CatalogueRow* row = find_catalogue_row(rule.code);
    std::string place = begin_of(rule.from);
    if (!rule.path.empty()) place += "/" + std::string(rule.path);
    if (!rule.attribute.empty()) place += "/@" + std::string(rule.attribute);
    out += "| " + std::string(rule.row) + " | " + std::string(rule.code) + " | " +
           std::string(severity_name(row->severity)) + " | " + place + " | " +
           (rule.needs == Needs::document ? "rules" : "catalogs") + " | " + cell(row->message_en) + " |\n";
  }
}

void collect_listed(const ElementRow& element, const std::string& parent, std::string& out) {
  const std::string path = parent.empty() ? std::string(element.name) : parent + "/" + std::string(element.name);
  for (const AttributeRow& attribute : element.attributes)
    if (!attribute.type.rule.empty())
      out += "| " + std::string(attribute.type.rule) + " | " + path + "/@" + std::string(attribute.name) + " | " +
             std::string(attribute.type.catalog) + " |\n";
  for (const ChildRow& child : element.children) collect_listed(*child.element, path, out);
}

}  // namespace

std::string render_rules() {
  std::string out =
      "# Rules of the SAT that Puente judges\n\n"
      "Written by `render_rules()` from the rule tables; do not edit. CFDI and CP rows are the authority's numbers; "
      "CCE "
      "rows\n"
      "are numbers of the matrix of version 1.1 and GW rows are ours, and no document is told them. `{value}` and "
      "`{expected}`\n"
      "are filled in. For one partner a severity may be changed, by code or by the authority's number, by a row of the "
      "registry:\n\n"
      "    [partner.shipper]\n"
      "    overrides = [{ code = \"CP149\", severity = \"warning\", owner = \"ana@agencia.mx\", reason = \"pallets not "
      "weighed\", expires = 2027-06-30 }]\n\n"
      "It acts through its last day; every finding that it changed says so. Only findings of the stages rules and "
      "catalogs "
      "can be changed.\n";
  render_rules_of("CFDI 4.0", cfdi::v40::rules(), out);
  render_rules_of("Carta Porte 3.1", carta_porte::v31::rules(), out);
  render_rules_of("Comercio Exterior 2.0", comercio_exterior::v20::rules(), out);
  out +=
      "\n## Codes of the SAT's lists\n\nAn attribute with a list is looked up on the date of the document: "
      "SAT_CODE_UNKNOWN, SAT_CODE_NOT_IN_FORCE,\nSAT_CODE_UNPROVEN where the list may be older than the code, "
      "SAT_CODE_ADVICE for rows of ours. ELEMENTS.md names the list\nof every attribute; these have a row of the "
      "authority's:\n\n| Row | Place | List |\n|---|---|---|\n";
  collect_listed(comprobante_row(), "", out);
  out += "\n## Rows that something else answers\n\n| Row | Finding | Why |\n|---|---|---|\n";
  for (const AnsweredElsewhere& row : answered_elsewhere())
    out += "| " + std::string(row.row) + " | " + (row.code.empty() ? "none" : std::string(row.code)) + " | " +
           cell(row.why) + " |\n";
  return out;
}

}  // namespace puente::sat
