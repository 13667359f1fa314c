// The tables as one tree, and the checks on them that the compiler can do.
#include <algorithm>
#include <array>

#include "mappings/sat/cfdi/v33/comprobante.h"
#include "mappings/sat/cfdi/v40/comprobante.h"
#include "mappings/sat/element_tables.h"
#include "mappings/sat/versions.h"

namespace puente::sat {
namespace {

// Every step of an explicit cadena names an attribute or a child of its element, and none is left out.
consteval bool cadena_is_sound(const ElementRow& element) {
  for (const auto& child : element.children)
    if (!cadena_is_sound(*child.element)) return false;
  if (element.cadena.empty()) return true;
  std::size_t known = 0;
  for (const auto step : element.cadena) {
    if (step.starts_with('@')) {
      known += static_cast<std::size_t>(std::ranges::count(element.attributes, step.substr(1), &AttributeRow::name));
    } else {
      known += static_cast<std::size_t>(
          std::ranges::count_if(element.children, [&](const ChildRow& c) { return c.element->name == step; }));
    }
  }
  const auto sealed = std::ranges::count(element.attributes, Seal::sealed, &AttributeRow::seal);
  return known == element.cadena.size() && known == static_cast<std::size_t>(sealed) + element.children.size();
}
static_assert(cadena_is_sound(cfdi::v40::kComprobante));

bool holds(const ElementRow& element, std::string_view uri, std::string_view name) {
  if (element.name == name && element.space->uri == uri) return true;
  return std::ranges::any_of(element.children, [&](const ChildRow& child) { return holds(*child.element, uri, name); });
}

constexpr std::array kRefused = {
    RefusedComplement{"http://www.sat.gob.mx/CartaPorte30", "Carta Porte", "3.0", "3.1", true},
    RefusedComplement{"http://www.sat.gob.mx/CartaPorte20", "Carta Porte", "2.0", "3.1", true},
    RefusedComplement{"http://www.sat.gob.mx/CartaPorte", "Carta Porte", "1.0", "3.1", true},
    RefusedComplement{"http://www.sat.gob.mx/ComercioExterior11", "Comercio Exterior", "1.1", "2.0", false},
    RefusedComplement{"http://www.sat.gob.mx/ComercioExterior", "Comercio Exterior", "1.0", "2.0", false},
};

constexpr std::array kUnread = {
    UnreadComplement{"http://www.sat.gob.mx/implocal", "impuestos locales", true, true},
    UnreadComplement{"http://www.sat.gob.mx/leyendasFiscales", "leyendas fiscales", true, true},
    UnreadComplement{"http://www.sat.gob.mx/pfic", "persona física integrante de coordinado", true, false},
    UnreadComplement{"http://www.sat.gob.mx/registrofiscal", "CFDI registro fiscal", false, true},
    UnreadComplement{"http://www.sat.gob.mx/Pagos20", "pagos", false, true},
};

}  // namespace

const ElementRow& comprobante_row() { return cfdi::v40::kComprobante; }
const ElementRow& refused_comprobante_row() { return cfdi::v33::kComprobante; }
const ElementRow& timbre_row() { return timbre::v11::kTimbreFiscalDigital; }
const ElementRow& carta_porte_row() { return carta_porte::v31::kCartaPorte; }
const ElementRow& comercio_exterior_row() { return comercio_exterior::v20::kComercioExterior; }

bool is_known_element(std::string_view uri, std::string_view name) {
  return holds(comprobante_row(), uri, name) || uri == cfdi::v33::kNamespace.uri;
}

const Namespace* known_namespace(std::string_view uri) {
  for (const ElementRow* root : {&comprobante_row(), &carta_porte_row(), &comercio_exterior_row(), &timbre_row()})
    if (root->space->uri == uri) return root->space;
  return nullptr;
}

std::span<const std::string_view> repairs() {
  static constexpr std::string_view kRepairs[] = {"SCHEMA_LOCATION_BROKEN", "PREFIX_UNUSUAL", "BYTE_ORDER_MARK"};
  return kRepairs;
}

std::span<const RefusedComplement> refused_complements() { return kRefused; }
std::span<const UnreadComplement> unread_complements() { return kUnread; }

}  // namespace puente::sat
