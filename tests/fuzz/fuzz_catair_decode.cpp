// libFuzzer: any bytes as 80-column records. What decodes encodes again to one line of 80 columns for each record, never to more of them
// the second time, and reading answers always ends.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "mappings/cbp/filing.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const std::optional<puente::cbp::DecodedTransmission> decoded = puente::cbp::decode(text);
  if (decoded) {
    const std::string once = puente::cbp::reencode(*decoded);
    if (once.size() != decoded->records.size() * 81) std::abort();
    // Blank lines are no records: a transmission whose elements are all blank may not decode again.
    if (const auto again = puente::cbp::decode(once))
      if (puente::cbp::reencode(*again).size() > once.size()) std::abort();
  }
  if (!text.empty() && puente::cbp::read_answers(text).empty()) std::abort();
  return 0;
}
