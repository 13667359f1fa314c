#include "mappings/sat/document.h"

#include "mappings/sat/element_tables.h"
#include "mappings/sat/upper_case.h"
#include "mappings/sat/xml_bytes.h"

namespace puente::sat {

std::string_view Node::name() const { return row_->name; }

std::optional<std::string_view> Node::attribute(std::string_view name) const {
  return value_at(row_->index.find(row_->attributes, name));
}

std::string_view Node::attribute_or(std::string_view name, std::string_view otherwise) const {
  return attribute(name).value_or(otherwise);
}

std::vector<const Node*> Node::children(std::string_view name) const {
  std::vector<const Node*> found;
  each_named(children_, name, [&](const Node& node) {
    found.push_back(&node);
    return true;
  });
  return found;
}

const Node* Node::child(std::string_view name) const {
  const Node* found = nullptr;
  each_named(children_, name, [&](const Node& node) {
    found = &node;
    return false;
  });
  return found;
}

std::vector<const Node*> Node::find_all(std::string_view path) const {
  std::vector<const Node*> found;
  each(path, [&](const Node& node) {
    found.push_back(&node);
    return true;
  });
  return found;
}

const Node* Node::find(std::string_view path) const {
  const Node* found = nullptr;
  each(path, [&](const Node& node) {
    found = &node;
    return false;
  });
  return found;
}

std::string Node::path() const {
  std::string path = parent_ == nullptr ? std::string() : parent_->path();
  path += '/';
  path += row_->space->prefix;
  path += ':';
  path += row_->name;
  if (repeats_) path += '[' + std::to_string(position_) + ']';
  return path;
}

SourcePlace Node::place(std::string_view attribute) const {
  SourcePlace place;
  place.set_document(document_->name_);
  place.set_path(attribute.empty() ? path() : path() + "/@" + std::string(attribute));
  if (tag_offset_ == kNoOffset) return place;
  const std::size_t offset =
      attribute.empty() ? tag_offset_ : find_attribute(document_->bytes_, tag_offset_, attribute);
  const LineColumn where = document_->line_column(offset);
  place.set_line(where.line);
  place.set_column(where.column);
  place.set_byte_offset(offset);
  return place;
}

bool Node::sealed(std::string_view attribute) const {
  const std::size_t i = row_->index.find(row_->attributes, attribute);
  return i != AttributeIndex::npos && row_->attributes[i].seal == Seal::sealed;
}

std::string_view kind_name(DocumentKind kind) {
  switch (kind) {
    case DocumentKind::export_invoice:
      return "export_invoice";
    case DocumentKind::carta_porte:
      return "carta_porte";
    case DocumentKind::export_invoice_with_carta_porte:
      return "export_invoice_with_carta_porte";
    case DocumentKind::invoice:
      return "invoice";
    case DocumentKind::other:
      break;
  }
  return "other";
}

LineColumn Document::line_column(std::size_t offset) const {
  std::call_once(lines_indexed_, [this] { lines_ = LineIndex(bytes_); });
  return lines_.locate(bytes_, offset);
}

std::string Document::folio_fiscal() const {
  return timbre_ == nullptr ? std::string() : upper_case(timbre_->attribute_or("UUID"));
}

std::string Document::serie_folio() const {
  return std::string(root_->attribute_or("Serie")) + std::string(root_->attribute_or("Folio"));
}

}  // namespace puente::sat
