// A SAT document as read: the elements and attributes that the element tables know, with the place of each value.
//
// Values are as the cadena original projects them: leading and trailing white space stripped, inner runs of U+0020
// U+0009 U+000A U+000D as one space (a no-break space stays). What the seal signs is what Puente uses. A Document is
// immutable after read() and may be shared between threads; nodes and views live as long as it does.
#pragma once

#include <bit>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mappings/findings/findings.h"
#include "mappings/sat/arena.h"
#include "mappings/sat/element_tables.h"
#include "mappings/sat/xml_bytes.h"

namespace puente::sat {

class Document;

// std::popcount without the instruction is a call.
constexpr unsigned count_bits(std::uint64_t bits) {
  bits -= bits >> 1 & 0x5555555555555555U;
  bits = (bits & 0x3333333333333333U) + (bits >> 2 & 0x3333333333333333U);
  bits = (bits + (bits >> 4)) & 0x0F0F0F0F0F0F0F0FU;
  return static_cast<unsigned>(bits * 0x0101010101010101U >> 56);
}

class Node {
 public:
  const ElementRow& row() const { return *row_; }
  std::string_view name() const;  // local name: "Concepto"
  const Node* parent() const { return parent_; }
  std::optional<std::string_view> attribute(std::string_view name) const;  // by local name: "Importe"
  std::string_view attribute_or(std::string_view name, std::string_view otherwise = "") const;
  std::optional<std::string_view> at(AttributeName name) const;       // the same by a name of the code
  std::optional<std::string_view> value_at(std::size_t place) const;  // by the place of its row among the row's
  std::vector<const Node*> children(std::string_view name) const;
  std::span<const Node* const> children() const { return children_; }
  const Node* child(std::string_view name) const;  // the first, or nullptr
  // A path of local names below this node: find_all("Conceptos/Concepto").
  std::vector<const Node*> find_all(std::string_view path) const;
  const Node* find(std::string_view path) const;
  // Calls `visit(node)` for those nodes in the order of the document until it returns false; false then.
  template <typename Visit>
  bool each(std::string_view path, const Visit& visit) const;
  // /cfdi:Comprobante/cfdi:Conceptos/cfdi:Concepto[2], with the tables' own prefixes; [n] where the element may repeat.
  std::string path() const;
  // Path + "/@Importe", line, column (characters, from 1) and byte offset of the attribute's name; of the element's '<'
  // when the attribute is absent or `attribute` is empty. `document` is the name given to read().
  SourcePlace place(std::string_view attribute = "") const;
  // False when the attribute is not part of the cadena original (Sello, Certificado, Addenda...).
  bool sealed(std::string_view attribute) const;

  // The attributes that are there, in the order of the tables: the place of each among the row's attributes, its value.
  template <typename Visit>
  void for_each_attribute(Visit visit) const {
    const std::string_view* value = values_;
    for (std::uint64_t rest = present_; rest != 0; rest &= rest - 1)
      visit(static_cast<std::size_t>(std::countr_zero(rest)), *value++);
  }

 private:
  friend class DocumentBuilder;
  static constexpr std::size_t kNoOffset = static_cast<std::size_t>(-1);
  const ElementRow* row_ = nullptr;
  const Node* parent_ = nullptr;
  const Document* document_ = nullptr;
  std::size_t tag_offset_ = kNoOffset;        // of '<' in the bytes
  std::uint32_t position_ = 1;                // among siblings of the same name, from 1
  bool repeats_ = false;                      // whether the tables let it repeat at its place
  std::uint64_t present_ = 0;                 // which of the row's attributes are there
  const std::string_view* values_ = nullptr;  // of those, in the order of the rows
  std::span<const Node* const> children_;     // in the order of the document

  template <typename Visit>
  static bool each_named(std::span<const Node* const> nodes, std::string_view name, const Visit& visit);
};

// Siblings mostly come in runs of one row: a name is compared once a run.
template <typename Visit>
bool Node::each_named(std::span<const Node* const> nodes, std::string_view name, const Visit& visit) {
  const ElementRow* row = nullptr;
  bool named = false;
  for (const Node* node : nodes) {
    if (&node->row() != row) {
      row = &node->row();
      named = same_name(row->name, name);
    }
    if (named && !visit(*node)) return false;
  }
  return true;
}

template <typename Visit>
bool Node::each(std::string_view path, const Visit& visit) const {
  if (path.empty()) return visit(*this);
  const auto slash = path.find('/');
  const auto rest = slash == std::string_view::npos ? std::string_view() : path.substr(slash + 1);
  return each_named(children_, path.substr(0, slash), [&](const Node& child) { return child.each(rest, visit); });
}

inline std::optional<std::string_view> Node::value_at(std::size_t place) const {
  if (place == AttributeIndex::npos || (present_ >> place & 1) == 0) return std::nullopt;
  return values_[count_bits(present_ & ((std::uint64_t{1} << place) - 1))];
}

inline std::optional<std::string_view> Node::at(AttributeName name) const {
  return value_at(row_->index.find(row_->attributes, name.text(), name.place()));
}

// Which complements the document holds.
enum class DocumentKind { export_invoice, carta_porte, export_invoice_with_carta_porte, invoice, other };
std::string_view kind_name(DocumentKind kind);

class Document {
 public:
  const std::string& name() const { return name_; }
  const std::string& bytes() const { return bytes_; }
  const Node& comprobante() const { return *root_; }
  const Node* comercio_exterior() const { return comercio_exterior_; }
  const Node* carta_porte() const { return carta_porte_; }
  const Node* timbre() const { return timbre_; }
  DocumentKind kind() const { return kind_; }
  // Namespaces of the complements that Puente does not read, in the order of the document.
  const std::vector<std::string>& other_complements() const { return other_complements_; }
  std::string folio_fiscal() const;  // UUID of the stamp, upper case; empty when not stamped
  std::string serie_folio() const;   // Serie + Folio

 private:
  friend class DocumentBuilder;
  friend class Node;
  std::string name_;
  std::string bytes_;
  LineColumn line_column(std::size_t offset) const;
  mutable std::once_flag lines_indexed_;  // only when a place is asked for
  mutable LineIndex lines_;
  Arena arena_;  // nodes, their values and lists
  std::vector<std::string> other_complements_;
  const Node* root_ = nullptr;
  const Node* comercio_exterior_ = nullptr;
  const Node* carta_porte_ = nullptr;
  const Node* timbre_ = nullptr;
  DocumentKind kind_ = DocumentKind::other;
};

}  // namespace puente::sat
