#include "gateway/delivery/dispositions.h"

#include <algorithm>
#include <array>

namespace puente::delivery {
namespace {

struct Disposition {
  std::string_view record, code, state;
};

// CATAIR SX (SE90 message types), SO (SO60 entry dispositions), AX (final condition of the summary).
constexpr auto kDispositions = std::to_array<Disposition>({
    {"SE90", "01", "rejected"},
    {"SE90", "02", "accepted"},
    {"SE90", "03", "accepted"},  // with warnings; 04 is referred to a person and decides nothing
    {"SO60", "97", "accepted"},  // admissible
    {"SO60", "98", "released"},
    {"SO60", "01", "released"},  // one United States government
    {"E1", "995", "accepted"},   // summary added
    {"E1", "996", "accepted"},   // summary replaced
    {"E1", "997", "accepted"},   // summary deleted: the answer to action D
    {"E1", "998", "rejected"},   // transaction data rejected
    {"E1", "999", "rejected"},   // batch rejected
});

}  // namespace

std::optional<std::string_view> state_of_line(std::string_view record, std::string_view code) {
  const auto type = code.substr(0, code.find(' '));
  const auto* found = std::find_if(kDispositions.begin(), kDispositions.end(),
                                   [&](const Disposition& row) { return row.record == record && row.code == type; });
  return found == kDispositions.end() ? std::nullopt : std::optional(found->state);
}

}  // namespace puente::delivery
