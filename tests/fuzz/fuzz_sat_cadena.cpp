// libFuzzer: any bytes as a CFDI; of what is one, the cadena original. It is normalised UTF-8 in its frame, made of
// every value that is sealed and of nothing else, the same when the document is written anew from what was read, and
// deaf to what the Addenda holds.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "mappings/sat/element_tables.h"
#include "mappings/sat/read.h"
#include "tests/fuzz/demand.h"

namespace {

using namespace puente::sat;
using puente::fuzz::demand;

ReadContext context() {
  ReadContext out{TrustStore::empty(Environment::test), Limits{}};
  out.limits.cpu_seconds = 60;
  out.limits.bytes *= 4;  // what is written anew is longer than what was read
  return out;
}

// Fields of the cadena and the bytes of their values, counted by element and not in the order of the cadena.
struct Sealed {
  std::size_t fields = 0, bytes = 0, pipes = 0;
};

void count(const Node& node, bool timbre, Sealed& sealed) {
  if (&node.row() == &timbre_row() && !timbre) return;
  for (const AttributeRow& row : node.row().attributes) {
    const auto value = node.attribute(row.name);
    if (row.seal == Seal::unsealed || (!value && row.use == Use::optional)) continue;
    ++sealed.fields;
    sealed.bytes += value.value_or("").size();
    sealed.pipes += static_cast<std::size_t>(std::ranges::count(value.value_or(""), '|'));
  }
  for (const Node* child : node.children()) count(*child, false, sealed);
}

void demand_shape(const std::string& cadena, const Node& of) {
  Sealed sealed;
  count(of, true, sealed);
  demand(cadena.starts_with("||") && cadena.ends_with("||"), "the frame is ||...||");
  demand(puente::fuzz::is_utf8(cadena), "the cadena is UTF-8");
  demand(cadena.find_first_of("\t\r\n") == std::string::npos && cadena.find("  ") == std::string::npos,
         "white space is one space");
  demand(cadena.size() == 3 + sealed.fields + sealed.bytes, "every sealed value and nothing else");
  demand(static_cast<std::size_t>(std::ranges::count(cadena, '|')) == 3 + sealed.fields + sealed.pipes,
         "a field for each");
}

void write(const Node& node, std::string& out) {
  const ElementRow& row = node.row();
  out += "<p:" + std::string(row.name) + " xmlns:p=\"" + std::string(row.space->uri) + '"';
  for (const AttributeRow& attribute : row.attributes) {
    const auto value = node.attribute(attribute.name);
    if (!value) continue;
    out += ' ' + std::string(attribute.name) + "=\"";
    for (const char c : *value) {
      switch (c) {
        case '&':
          out += "&amp;";
          break;
        case '<':
          out += "&lt;";
          break;
        case '"':
          out += "&#34;";
          break;
        default:
          out += c;
      }
    }
    out += '"';
  }
  out += '>';
  for (const Node* child : node.children()) write(*child, out);
  out += "</p:" + std::string(row.name) + '>';
}

// Bytes with an Addenda before the root's end tag (or within a comment behind it, which is as good).
std::string with_addenda(std::string_view bytes, std::string_view marker) {
  const auto end = bytes.rfind("</");
  if (end == std::string_view::npos) return {};
  const auto close = bytes.find_first_of(" \t\r\n>", end);
  const std::string_view root = bytes.substr(end + 2, close - end - 2);
  const auto colon = root.find(':');
  const std::string prefix(colon == std::string_view::npos ? "" : root.substr(0, colon + 1));
  return std::string(bytes.substr(0, end)) + '<' + prefix + "Addenda><" + prefix + "Emisor Rfc=\"" +
         std::string(marker) + "\"/>" + std::string(marker) + "</" + prefix + "Addenda>" +
         std::string(bytes.substr(end));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const ReadContext reading = context();
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  const auto document = read("fuzz.xml", bytes, reading).document;
  if (document == nullptr) return 0;
  const std::string cadena = cadena_original(*document);
  demand_shape(cadena, document->comprobante());
  demand(cadena == cadena_original(*document), "the same cadena twice");

  std::string anew = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>";
  write(document->comprobante(), anew);
  const auto again = read("anew.xml", anew, reading).document;
  demand(again != nullptr, "what was read can be written and read again");
  demand(cadena_original(*again) == cadena, "the cadena is of what was read");
  demand((again->timbre() == nullptr) == (document->timbre() == nullptr), "and so is the stamp");
  if (document->timbre() != nullptr) {
    const std::string timbre = cadena_original_timbre(*document->timbre());
    demand_shape(timbre, *document->timbre());
    demand(cadena_original_timbre(*again->timbre()) == timbre, "the stamp's cadena is of what was read");
  }

  constexpr std::string_view kMarker = "never-in-the-cadena";
  if (bytes.find(kMarker) != std::string::npos) return 0;
  const auto other = read("addenda.xml", with_addenda(bytes, kMarker), reading).document;
  if (other != nullptr) demand(cadena_original(*other) == cadena, "the Addenda is not in the cadena");
  return 0;
}
