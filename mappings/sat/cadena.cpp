// The cadena original, from the tables. Source: cadena-original sections 1 to 5.
#include <algorithm>

#include "mappings/sat/element_tables.h"
#include "mappings/sat/read.h"

namespace puente::sat {
namespace {

void append_attribute(const Node& node, const AttributeRow& row, std::string& out) {
  if (row.seal == Seal::unsealed) return;
  const auto value = node.attribute(row.name);
  // A required attribute that is missing is still an empty field; an optional one is written when it exists.
  if (!value && row.use == Use::optional) return;
  out += '|';
  out += value.value_or("");
}

void append_node(const Node& node, std::string& out);

void append_children(const Node& node, const ElementRow& child, std::string& out) {
  for (const Node* candidate : node.children())
    if (&candidate->row() == &child) append_node(*candidate, out);
}

void append_node(const Node& node, std::string& out) {
  const ElementRow& row = node.row();
  if (&row == &timbre_row()) return;  // stamping does not break the seal
  for (const std::string_view step : row.cadena) {
    if (step.starts_with('@')) {
      append_attribute(node, *std::ranges::find(row.attributes, step.substr(1), &AttributeRow::name), out);
    } else {
      for (const Node* child : node.children(step)) append_node(*child, out);
    }
  }
  if (!row.cadena.empty()) return;
  for (const AttributeRow& attribute : row.attributes) append_attribute(node, attribute, out);
  if (row.content == Content::complements) {  // in the order of the document
    for (const Node* child : node.children()) append_node(*child, out);
  } else {
    for (const ChildRow& child : row.children) append_children(node, *child.element, out);
  }
}

}  // namespace

std::string cadena_original(const Document& document) {
  std::string out = "|";
  append_node(document.comprobante(), out);
  return out += "||";
}

std::string cadena_original_timbre(const Node& timbre) {
  std::string out = "|";
  for (const AttributeRow& attribute : timbre.row().attributes) append_attribute(timbre, attribute, out);
  return out += "||";
}

}  // namespace puente::sat
