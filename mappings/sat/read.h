// read: bytes of a SAT document in, the typed document, its stages and its findings out. Pure and synchronous; safe on
// several threads at once. Bounded: anchors of the limits below; a hostile document costs at most Limits::cpu_seconds:
// the parser stops with XML_TOO_SLOW, and after it the stages that are left stay unknown beside the same finding.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "mappings/catalogs/sat_lists.h"
#include "mappings/findings/findings.h"
#include "mappings/findings/overrides.h"
#include "mappings/sat/document.h"
#include "mappings/sat/trust.h"

namespace puente::sat {

enum class Stage { unknown, pass, fail, absent };

struct Stages {
  Stage xml = Stage::unknown;        // well formed UTF-8 within the limits
  Stage structure = Stage::unknown;  // the element tables: elements, attributes, types, patterns, cardinality, order
  Stage seal = Stage::unknown;       // checks 1, 2, 3 and 7
  Stage stamp = Stage::unknown;      // checks 8, 9, 10
  Stage rules = Stage::unknown;      // the authority's rules that the document alone decides
  Stage catalogs = Stage::unknown;   // codes of the SAT's lists
};

struct Limits {
  std::size_t bytes = 10 * 1024 * 1024;
  std::size_t depth = 64;
  std::size_t elements = 200'000;
  std::size_t attributes = 128;  // of one element
  std::size_t prefixes = 64;
  std::size_t text = 1024 * 1024;  // characters of text, comments and processing instructions together
  double cpu_seconds = 2.0;
};

struct ReadContext {
  std::shared_ptr<const TrustStore> trust;
  Limits limits;
  std::shared_ptr<const catalogs::SatLists> lists = nullptr;  // null: the embedded ones
  std::vector<SeverityOverride> overrides = {};               // of the partner whose document it is
  Date today = {};                                            // ends overrides; looked at only where there are some
};

struct ReadOutcome {
  std::shared_ptr<const Document> document;  // null when the XML could not be read as a CFDI 4.0
  DocumentKind kind = DocumentKind::other;
  std::string folio_fiscal;  // upper case, "" when not stamped
  Stages stages;
  Findings findings;
  bool accepted = false;  // no finding is an error
};

// `name` is what findings call the document (file name or document id).
ReadOutcome read(std::string_view name, std::string bytes, const ReadContext& context);

// What `accept` needs before the whole reading: the identity of a document. Same parser, same limits, no signatures.
// Empty strings for bytes that are no readable CFDI.
struct Identity {
  std::string folio_fiscal;  // upper case
  std::string emisor_rfc;
  std::string serie_folio;
};
Identity identify(std::string_view bytes, const Limits& limits);

// The cadena original of the Comprobante and of the stamp (cadena-original sections 1 to 5), UTF-8.
std::string cadena_original(const Document& document);
std::string cadena_original_timbre(const Node& timbre);

}  // namespace puente::sat
