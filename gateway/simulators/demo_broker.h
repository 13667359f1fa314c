// The demo broker: a named product for onboarding and tests. It takes filings from a gateway as a customs broker's
// program would, keeps them in a folder, gives entry numbers of its own range and confirms. It files nothing with CBP.
// A production gateway refuses it: its registry row says simulator = true.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "gateway/transport/grpc/client.h"
#include "mappings/domain/result.h"

namespace puente::simulators {

struct DemoBrokerOptions {
  client::ClientOptions connection;
  std::filesystem::path save;      // "" = nothing is kept
  std::uint32_t first_number = 1;  // of its range: seven digits, the check digit follows from the filer code
  std::uint64_t stop_after = 0;    // filings answered; 0 = goes on
  std::uint32_t window = 16;       // filings in hand
  bool confirm = true;             // false: takes filings and never answers
  std::string refuse;              // a reason: refuses instead of confirming
};

struct DemoBrokerEvents {  // called on the connection's thread, one at a time
  std::function<void(const v1::Filing& filing, const std::filesystem::path& saved)> on_filing;
  std::function<void(const v1::FilerActResult& result)> on_result;
  std::function<void(const Fault& fault, std::chrono::seconds again_in)> on_lost;
};

// Until `stop_after`, or for ever: a lost connection is made again. Faults: those of the first connection; permanent
// ones of later connections; save_failed.
Result<void> run_demo_broker(const DemoBrokerOptions& options, const DemoBrokerEvents& events);

// The 8 digits of an entry number: seven of `serial` and the check digit. nullopt for a filer code that has none.
std::optional<std::string> entry_number(std::string_view filer_code, std::uint32_t serial);

}  // namespace puente::simulators
