// The frame types of the socket protocol: one table that drives the codec, the server, the client, proto/SOCKET.md and
// the tests.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "gateway/transport/entrance/operations.h"

namespace puente::transport::socket {

enum class FrameType : std::uint8_t {
  hello = 0x01,
  welcome = 0x02,
  ping = 0x03,
  pong = 0x04,
  error = 0x05,
  go_away = 0x06,
  cancel = 0x07,
  end = 0x08,
  submit = 0x10,
  submit_reply = 0x11,
  check = 0x12,
  check_report = 0x13,
  status = 0x14,
  status_reply = 0x15,
  watch = 0x16,
  event = 0x17,
  get_draft = 0x18,
  draft = 0x19,
  feed = 0x20,
  filing = 0x21,
  act = 0x22,
  act_result = 0x23,
};

enum class Side : std::uint8_t { client = 1, gateway = 2, both = 3 };
enum class Call : std::uint8_t { never, always, either };  // does the frame belong to a call

struct FrameRow {
  FrameType type;
  std::string_view name;
  Side from;
  Call call;
  bool chunks;                           // may go on in a later frame
  std::string_view message;              // of proto/puente/v1; "" for none, "bytes" for what is not a message
  std::string_view answer;               // name of the frame that answers it
  std::optional<Operation> operation{};  // who may send it, and how large
  std::string_view text;
};

std::span<const FrameRow> frame_table();
const FrameRow* row_of(std::uint8_t type);  // null: no such type
const FrameRow& row_of(FrameType type);

inline constexpr std::uint8_t kVersion = 1;
inline constexpr std::size_t kHeaderBytes = 20;
inline constexpr std::uint16_t kMore = 0x0001;
inline constexpr std::size_t kPingBytes = 64;  // largest payload of PING and PONG

}  // namespace puente::transport::socket
