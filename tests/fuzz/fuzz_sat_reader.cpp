// libFuzzer: any bytes as a SAT document, read whole. The same outcome twice; every finding is of the catalogue, in
// both languages, and stands where it says; stages, verdict and identity agree with each other; the list is bounded.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "mappings/sat/read.h"
#include "tests/fuzz/demand.h"

namespace {

using namespace puente::sat;
using puente::fuzz::demand;

std::string text_of(const ReadOutcome& outcome) {
  std::string out = outcome.folio_fiscal + ' ' + std::to_string(static_cast<int>(outcome.kind)) +
                    (outcome.accepted ? " accepted" : " refused");
  for (const Stage stage : {outcome.stages.xml, outcome.stages.structure, outcome.stages.seal, outcome.stages.stamp,
                            outcome.stages.rules, outcome.stages.catalogs})
    out += ' ' + std::to_string(static_cast<int>(stage));
  for (puente::Finding finding : outcome.findings) {
    const std::map<std::string, std::string> params(finding.params().begin(), finding.params().end());
    finding.clear_params();  // a map is serialised in any order
    out += '\n' + finding.SerializeAsString();
    for (const auto& [name, value] : params) out += '\n' + name + '=' + value;
  }
  return out + '\n' + std::to_string(outcome.findings.left_out());
}

// An attribute's place is its name or, when it is absent, its element.
void demand_place(const puente::SourcePlace& place, const std::string& bytes, std::size_t lines) {
  demand(place.document() == "fuzz.xml", "the document is named");
  demand(place.byte_offset() <= bytes.size(), "the offset is within the bytes");
  demand(place.line() <= lines && place.column() <= bytes.size() + 2, "line and column are within the bytes");
  if (place.path().empty()) return;
  demand(place.path().starts_with('/') && puente::fuzz::is_utf8(place.path()), "a path begins at the root");
  if (place.line() == 0) return;
  const std::string_view at = std::string_view(bytes).substr(place.byte_offset());
  const auto attribute = place.path().find("/@");
  const bool named =
      attribute != std::string::npos && at.starts_with(std::string_view(place.path()).substr(attribute + 2));
  demand(at.starts_with('<') || named, "the place is the start of what it names");
  const auto before = std::string_view(bytes).substr(0, place.byte_offset());
  demand(place.line() == 1 + static_cast<std::size_t>(std::ranges::count(before, '\n')), "line and offset agree");
}

void demand_findings(const ReadOutcome& outcome, const std::string& bytes) {
  // The parser counts a lone carriage return as a line's end, as XML does.
  const auto lines = std::ranges::count_if(bytes, [](char c) { return c == '\n' || c == '\r'; }) + 1;
  demand(outcome.findings.size() <= puente::Findings::kLimit, "the list is bounded");
  bool error = outcome.findings.left_out() > 0;  // not known: nothing follows from it
  for (const auto& finding : outcome.findings) {
    demand(puente::find_catalogue_row(finding.code()) != nullptr, "the code is of the catalogue");
    demand(!finding.es().empty() && !finding.en().empty(), "both languages");
    demand(puente::fuzz::is_utf8(finding.es()) && puente::fuzz::is_utf8(finding.en()), "texts are UTF-8");
    demand(finding.es().size() < 4096, "texts are bounded");
    demand_place(finding.source(), bytes, static_cast<std::size_t>(lines));
    error = error || finding.severity() == puente::v1::SEVERITY_ERROR;
  }
  demand(outcome.accepted || error, "what is refused has an error");
  demand(!outcome.accepted || !outcome.findings.has(puente::v1::SEVERITY_ERROR), "what is accepted has none");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  static const ReadContext context = [] {
    ReadContext out{TrustStore::empty(Environment::test), Limits{}};
    out.limits.cpu_seconds = 60;  // time is libFuzzer's to watch: the outcome must not hang on it
    return out;
  }();
  const ReadOutcome outcome = read("fuzz.xml", bytes, context);
  demand(text_of(outcome) == text_of(read("fuzz.xml", bytes, context)), "the same outcome twice");
  demand_findings(outcome, bytes);

  demand((outcome.stages.xml == Stage::pass) != (outcome.stages.xml == Stage::fail), "XML is judged");
  if (outcome.stages.xml == Stage::fail) {
    demand(outcome.document == nullptr && outcome.findings.size() == 1, "half a document is not judged");
    demand(outcome.stages.structure == Stage::unknown && outcome.folio_fiscal.empty(), "half a document is not judged");
  }
  const Identity identity = identify(bytes, context.limits);
  if (outcome.document != nullptr) {
    demand(identity.folio_fiscal == outcome.document->folio_fiscal(), "identify agrees");
    demand(identity.serie_folio == outcome.document->serie_folio(), "identify agrees");
    demand(outcome.folio_fiscal == outcome.document->folio_fiscal(), "one folio fiscal");
    demand((outcome.stages.stamp == Stage::absent) == (outcome.document->timbre() == nullptr),
           "a stamp is judged where there is one");
  } else {
    demand(!outcome.accepted, "what is not read is not accepted");
  }
  return 0;
}
