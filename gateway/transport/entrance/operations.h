// What a partner can ask for at any door, and who may: one table for every transport. A door maps its own spelling (a
// gRPC path, a frame type) to an operation.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "gateway/partners/registry.h"

namespace puente::transport {

enum class Operation : std::uint8_t {
  submit,
  submit_many,
  check,
  status,
  watch,
  draft,
  feed,
  act,
  exceptions,
  trace,
  reload,
  verify,
  backup,
  channels,
  pause,
  resume,
  redeliver,
  retranslate,
  health,
  health_watch,
  reflection,
};

// What is turned away first when the gateway has too much in hand. Broker answers and sending never are.
enum class Shed : std::uint8_t { question, intake, never };

constexpr unsigned role_bit(partners::Role role) { return 1U << static_cast<unsigned>(role); }

struct OperationRow {
  Operation operation;
  std::string_view method;    // /package.Service/Method of the contract
  unsigned roles;             // role_bit() of each role that may ask for it
  std::size_t request_bytes;  // largest request
  Shed shed;
};

std::span<const OperationRow> operations();
const OperationRow& row_of(Operation operation);
const OperationRow* row_of_method(std::string_view method);  // null: no such operation

}  // namespace puente::transport
