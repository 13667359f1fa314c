// The cadena original, from the tables. Source: cadena-original sections 1 to 5.
#include <algorithm>

#include "mappings/sat/element_tables.h"
#include "mappings/sat/read.h"

namespace puente::sat {
namespace {

void append_value(std::string_view value, std::string& out) {
  out += '|';
  out += value;
}

void append_attribute(const Node& node, const AttributeRow& row, std::string& out) {
  if (row.seal == Seal::unsealed) return;
  const auto value = node.attribute(row.name);
  // A required attribute that is missing is still an empty field; an optional one is written when it exists.
  if (!value && row.use == Use::optional) return;
  append_value(value.value_or(""), out);
}

void append_attributes(const Node& node, std::string& out) {
  const auto& rows = node.row().attributes;
  std::size_t next = 0;
  const auto append_missing = [&](std::size_t before) {
    for (; next < before; ++next)
      if (rows[next].use == Use::required && rows[next].seal == Seal::sealed) append_value("", out);
  };
  node.for_each_attribute([&](std::size_t i, std::string_view value) {
    append_missing(i);
    if (rows[i].seal == Seal::sealed) append_value(value, out);
    next = i + 1;
  });
  append_missing(rows.size());
}

void append_node(const Node& node, std::string& out);

void append_children(const Node& node, const ElementRow& child, std::string& out) {
  for (const Node* candidate : node.children())
    if (&candidate->row() == &child) append_node(*candidate, out);
}

// Children mostly stand in the order of the rows already.
bool in_order(const Node& node) {
  const auto& rows = node.row().children;
  std::size_t at = 0;
  for (const Node* child : node.children()) {
    while (at < rows.size() && rows[at].element != &child->row()) ++at;
    if (at == rows.size()) return false;
  }
  return true;
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
  append_attributes(node, out);
  if (row.content == Content::complements || in_order(node)) {  // complements: in the order of the document
    for (const Node* child : node.children()) append_node(*child, out);
  } else {
    for (const ChildRow& child : row.children) append_children(node, *child.element, out);
  }
}

}  // namespace

std::string cadena_original(const Document& document) {
  std::string out = "|";
  out.reserve(document.bytes().size() / 2);
  append_node(document.comprobante(), out);
  return out += "||";
}

std::string cadena_original_timbre(const Node& timbre) {
  std::string out = "|";
  append_attributes(timbre, out);
  return out += "||";
}

}  // namespace puente::sat
