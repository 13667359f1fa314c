// The least a TLS server can do with a submission: Asio, a coroutine a connection, mutual TLS, a length before each
// message; it counts the bytes and answers 36.
#pragma once

#include <filesystem>
#include <memory>

#include "tests/bench/server_process.h"

namespace puente::bench {

inline constexpr std::size_t kBareAnswer = 36;

std::unique_ptr<Served> serve_bare_socket(const std::filesystem::path& folder);

}  // namespace puente::bench
