// The least a gRPC server can do with a submission: the callback API, the arguments and the mutual TLS of the gateway's
// door, and a method that counts the bytes and answers.
#pragma once

#include <filesystem>
#include <memory>

#include "tests/bench/server_process.h"

namespace puente::bench {

std::unique_ptr<Served> serve_bare_grpc(const std::filesystem::path& folder);

}  // namespace puente::bench
