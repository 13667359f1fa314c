// The XML parser: Xerces-C++ SAX2 with every setting and limit of security section 5.2, and nothing of it outside
// xml_parser.cpp. Events carry UTF-8. One parser per thread, kept for reuse; safe on any number of threads.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "mappings/sat/read.h"
#include "mappings/sat/xml_bytes.h"

namespace puente::sat {

// Views are valid during the call they are passed to.
struct XmlAttribute {
  std::string_view uri;   // "" for attributes without prefix
  std::string_view name;  // local
  std::string_view value;
};

class XmlHandler {
 public:
  virtual ~XmlHandler() = default;
  virtual void start_element(std::string_view uri, std::string_view name, std::span<const XmlAttribute> attributes) = 0;
  virtual void end_element() = 0;
  // Character data; `blank` when it is white space only. Its text is never meaningful in a CFDI.
  virtual void text(bool blank) = 0;
  // What is no CFDI may say something in its text: given as well, in pieces, while this is true.
  virtual bool keeps_text() const { return false; }
  virtual void characters(std::string_view) {}
};

// Parses `bytes`, which must outlive the call. Returns why it stopped, or nothing when the document is well formed and
// within the limits; the handler may then have seen part of it. A document that declares a DOCTYPE is refused.
std::optional<XmlRefusal> parse_xml(std::string_view bytes, const Limits& limits, XmlHandler& handler);

}  // namespace puente::sat
