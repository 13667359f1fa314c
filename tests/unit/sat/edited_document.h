// A small document of elements and attributes for the tests, made from bare XML (no prefixes, no text) and changed by
// edits that one line can hold:
//
//   Concepto[2]@Importe=5.00      sets an attribute
//   drop Concepto[2]@Importe      takes it away
//   drop Complemento/CartaPorte   takes an element away
//   add Concepto <Parte .../>     puts an element among the children, where the element tables have it
//
// Steps of a path name descendants, the first in document order unless a number says which; a leading / makes the first
// step a child of the Comprobante. No path at all is the Comprobante. Edits are separated by ';'.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace puente::sat {

class EditedDocument {
 public:
  // Throws std::logic_error for XML that is not bare.
  explicit EditedDocument(std::string_view bare_xml);
  // Throws std::logic_error for an edit that changes nothing or names what is not there.
  void edit(std::string_view edits);
  std::string xml() const;  // with the namespaces of the SAT
  // The path that findings give a place: "Concepto[2]@Importe" is
  // /cfdi:Comprobante/cfdi:Conceptos/cfdi:Concepto[2]/@Importe. The attribute need not be there.
  std::string path_of(std::string_view place) const;

  struct Element {
    std::string name;
    std::vector<std::pair<std::string, std::string>> attributes;
    std::vector<std::unique_ptr<Element>> children;
    Element* parent = nullptr;
  };

 private:
  Element* find(std::string_view path) const;
  std::unique_ptr<Element> root_;
};

}  // namespace puente::sat
