// libFuzzer: any bytes as a SAT document. Reading ends, says something about whatever is not accepted, and agrees with
// identify(); every finding's place lies in the bytes; the cadena is framed.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "mappings/sat/read.h"

namespace {

void demand(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace puente::sat;  // NOLINT(google-build-using-namespace): a program of one function
  const std::string bytes(reinterpret_cast<const char*>(data), size);
  static const ReadContext context{TrustStore::empty(Environment::test), Limits{}};
  const ReadOutcome outcome = read("fuzz.xml", bytes, context);
  demand(outcome.accepted || !outcome.findings.empty());
  demand((outcome.stages.xml == Stage::pass) != (outcome.stages.xml == Stage::fail));
  for (const auto& finding : outcome.findings) demand(finding.source().byte_offset() <= bytes.size());
  if (outcome.document != nullptr) {
    const std::string cadena = cadena_original(*outcome.document);
    demand(cadena.starts_with("||") && cadena.ends_with("||"));
    demand(identify(bytes, context.limits).folio_fiscal == outcome.document->folio_fiscal());
  }
  return 0;
}
