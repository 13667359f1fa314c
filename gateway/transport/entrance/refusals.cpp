#include "gateway/transport/entrance/refusals.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "gateway/ops/log.h"

namespace puente::transport {
namespace {

struct FaultRow {
  std::string_view code;
  Refusal refusal;
};
// Faults whose kind alone does not say it: retryable is unavailable and permanent a fault unless a row stands here.
constexpr auto kFaults = std::to_array<FaultRow>({
    {"filing_unknown", Refusal::not_found},
    {"number_unknown", Refusal::not_found},
    {"row_unknown", Refusal::not_found},
    {"backup_path", Refusal::request_invalid},
    {"reload_not_offered", Refusal::not_offered},
    {"queue_full", Refusal::limit_reached},
    {"stream_stalled", Refusal::limit_reached},
});

}  // namespace

Refusal refusal_of(const Fault& fault) {
  const auto row =
      std::find_if(kFaults.begin(), kFaults.end(), [&](const FaultRow& entry) { return entry.code == fault.code; });
  if (row != kFaults.end()) return row->refusal;
  return fault.kind == FaultKind::retryable ? Refusal::unavailable : Refusal::fault;
}

std::string text_for_peer(const Fault& fault) {
  const bool again = fault.kind == FaultKind::retryable;
  const bool ours = refusal_of(fault) == Refusal::fault;
  ops::log(ours ? ops::LogLevel::error : ops::LogLevel::info, "call_fault",
           {{"code", fault.code}, {"text", fault.text}, {"retryable", again}});
  return fault.code + (again ? ": try again later" : ": trying again will not help");
}

}  // namespace puente::transport
