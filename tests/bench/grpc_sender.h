// One mTLS connection of a sender to a gRPC server, with a number of submissions kept outstanding.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "tests/bench/server_process.h"
#include "tests/bench/slices.h"

namespace puente::bench {

using Next = std::function<std::optional<std::string>()>;  // the next document, nothing when there is none

class GrpcSender {
 public:
  GrpcSender(const std::filesystem::path& certs, ServerProcess& server);
  ~GrpcSender();
  // Keeps `flight` calls outstanding for so long, or until `next` gives nothing more. A call without receipt ends the
  // program.
  Slice run(std::size_t flight, double seconds, const Next& next);

 private:
  class Connection;
  std::unique_ptr<Connection> connection_;
};

}  // namespace puente::bench
