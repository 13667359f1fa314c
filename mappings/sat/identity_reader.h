// What of a document's elements makes its identity. Fed by the parser or by the plain scanner.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "mappings/sat/element_tables.h"
#include "mappings/sat/read.h"
#include "mappings/sat/upper_case.h"
#include "mappings/sat/white_space.h"
#include "mappings/sat/xml_parser.h"

namespace puente::sat {

class IdentityReader : public XmlHandler {
 public:
  // Elements deeper than this have no say.
  static constexpr std::size_t kDepth = 3;

  void start_element(std::string_view uri, std::string_view name, std::span<const XmlAttribute> attributes) override {
    const std::string_view cfdi = comprobante_row().space->uri;
    ++depth_;
    if (depth_ == 1) {
      is_cfdi_ = uri == cfdi && name == "Comprobante";
      if (is_cfdi_) identity_.serie_folio = value_of(attributes, "Serie") + value_of(attributes, "Folio");
    } else if (depth_ == 2) {
      in_complemento_ = uri == cfdi && name == "Complemento";
      if (uri == cfdi && name == "Emisor" && identity_.emisor_rfc.empty())
        identity_.emisor_rfc = value_of(attributes, "Rfc");
    } else if (depth_ == 3 && in_complemento_ && uri == timbre_row().space->uri && name == timbre_row().name &&
               identity_.folio_fiscal.empty()) {
      identity_.folio_fiscal = upper_case(value_of(attributes, "UUID"));
    }
  }
  void end_element() override { --depth_; }
  void text(bool) override {}

  Identity identity() && { return is_cfdi_ ? std::move(identity_) : Identity{}; }

 private:
  static std::string value_of(std::span<const XmlAttribute> attributes, std::string_view name) {
    for (const auto& attribute : attributes)
      if (attribute.uri.empty() && attribute.name == name) return collapse(attribute.value);
    return {};
  }

  Identity identity_;
  std::size_t depth_ = 0;
  bool is_cfdi_ = false;
  bool in_complemento_ = false;
};

}  // namespace puente::sat
