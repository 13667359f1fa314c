// The gateway's own rooms behind its doors, in a folder on disk, for benchmarks of accepting.
#pragma once

#include <filesystem>
#include <memory>

#include "tests/bench/server_process.h"
#include "tests/support/authority.h"

namespace puente::bench {

// Certificates of the doors and of the partner "carrier", and what the gateway trusts, into `folder`.
void write_surroundings(const std::filesystem::path& folder, const test::Authority& authority);

// ledger, partners, flow, delivery and the doors. `drafting`: flow's workers read and join what is accepted.
std::unique_ptr<Served> serve_gateway(const std::filesystem::path& folder, const std::filesystem::path& ledger_name,
                                      bool drafting);

}  // namespace puente::bench
