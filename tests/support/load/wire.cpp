#include "tests/support/load/wire.h"

#include <stdexcept>

namespace puente::load {

std::unique_ptr<Wire> make_wire(std::string_view name) {
  if (name == "grpc") return make_grpc_wire(false);
  if (name == "grpc-stream") return make_grpc_wire(true);
  if (name == "socket") return make_socket_wire();
  throw std::runtime_error("no such transport: " + std::string(name));
}

}  // namespace puente::load
