// libFuzzer: any bytes as frames of a client and of a gateway. However the bytes are split, the results are the same; memory stays within
// a small multiple of what came; what is whole encodes again to a frame that reads back.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/transport/socket/codec.h"

namespace {

using namespace puente::transport::socket;

struct Seen {
  Received::Kind kind;
  FrameType type;
  std::uint32_t call;
  FrameFault fault;
  std::string payload;
  bool operator==(const Seen&) const = default;
};

constexpr CodecLimits kLimits{.frame_bytes = 4096, .message_bytes = 10'000, .unfinished_messages = 3, .unfinished_bytes = 12'000};

// Steps: how many bytes to give each time, in turn. `keep`: every other piece is left to the reader in full.
std::vector<Seen> read(Side from, std::string_view bytes, const std::vector<std::size_t>& steps, bool keep) {
  MessageReader reader(from, kLimits);
  std::vector<Seen> out;
  std::size_t given = 0;
  for (std::size_t turn = 0; !bytes.empty(); ++turn) {
    const std::size_t size = std::min(bytes.size(), steps[turn % steps.size()]);
    std::string piece(bytes.substr(0, size));  // bytes that go away, so that a stale view is found
    bytes.remove_prefix(size);
    given += size;
    std::string_view rest = piece;
    if (keep && turn % 2 == 1) {
      reader.keep(rest);
      rest = {};
    }
    while (const auto result = reader.next(rest))
      out.push_back({result->kind, result->type, result->call, result->fault, std::string(result->payload)});
    if (!rest.empty()) std::abort();
    if (reader.memory() > 4 * given + 4096) std::abort();
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  for (const Side from : {Side::client, Side::gateway}) {
    const std::vector<Seen> whole = read(from, bytes, {std::max<std::size_t>(size, 1)}, false);
    for (const std::vector<std::size_t>& steps :
         {std::vector<std::size_t>{1}, {19, 1, 20}, {7, 300, 2}, {21}, {size / 2 + 1}}) {
      if (read(from, bytes, steps, false) != whole) std::abort();
      if (read(from, bytes, steps, true) != whole) std::abort();
    }
    for (const Seen& seen : whole) {
      if (seen.kind != Received::Kind::message) continue;
      std::string again;
      append_payload(again, seen.type, seen.call, seen.payload, kLimits.frame_bytes);
      const std::vector<Seen> back = read(from, again, {again.size()}, false);
      if (back.size() != 1 || back[0] != seen) std::abort();
    }
  }
  return 0;
}
