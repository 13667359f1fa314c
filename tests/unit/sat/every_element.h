// Documents written from the element tables themselves: every element and attribute at its place, or a seeded choice of
// them. Their values are white noise that a rule may refuse, but each field of the cadena is told from every other.
#pragma once

#include <random>
#include <string>
#include <string_view>

#include "mappings/sat/element_tables.h"

namespace puente::sat {

class ElementWriter {
 public:
  // `complement`: the row of Complemento that is written, nullptr for none. With `random`, optional attributes and
  // elements come and go.
  explicit ElementWriter(const ElementRow* complement, std::mt19937* random = nullptr)
      : complement_(complement), random_(random) {}

  std::string write() {
    text_ = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    element(comprobante_row(), true);
    return text_;
  }

 private:
  bool chosen() { return random_ == nullptr || (*random_)() % 2 == 0; }

  std::string value(const AttributeRow& row) {
    if (!row.type.fixed.empty()) return std::string(row.type.fixed);
    ++count_;
    static constexpr std::string_view kEnds[] = {"", " ", "  b", " &amp; co", "\tñ", "&#xA;c&#xA0;", "&quot;&lt;"};
    return 'v' + std::to_string(count_) + std::string(random_ == nullptr ? "" : kEnds[(*random_)() % std::size(kEnds)]);
  }

  void element(const ElementRow& row, bool root) {
    const std::string name = std::string(row.space->prefix) + ':' + std::string(row.name);
    text_ += '<' + name;
    if (root || row.space != last_)
      text_ += " xmlns:" + std::string(row.space->prefix) + "=\"" + std::string(row.space->uri) + '"';
    const Namespace* const outer = last_;
    last_ = row.space;
    for (const AttributeRow& attribute : row.attributes)
      if (attribute.use == Use::required || chosen())
        text_ += ' ' + std::string(attribute.name) + "=\"" + value(attribute) + '"';
    text_ += '>';
    for (const ChildRow& child : row.children) {
      const ElementRow& below = *child.element;
      if (below.content == Content::concept_complements) continue;  // holds what Puente does not read
      if (row.content == Content::complements ? &below != complement_ : child.least == 0 && !chosen()) continue;
      for (std::uint32_t i = 0; i < (child.most > 1 ? 2u : 1u); ++i) element(below, false);
      if (row.content == Content::children) text_ += "\n";
    }
    if (row.content == Content::ignored) text_ += "<note xmlns=\"urn:note\" Rfc=\"never\">never</note>";
    text_ += "</" + name + '>';
    last_ = outer;
  }

  const ElementRow* complement_;
  std::mt19937* random_;
  const Namespace* last_ = nullptr;
  std::size_t count_ = 0;
  std::string text_;
};

}  // namespace puente::sat
