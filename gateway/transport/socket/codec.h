// The socket protocol without a socket: bytes in, messages and faults out; messages in, bytes out. The layout is
// proto/SOCKET.md's. Not thread-safe.
//
// Memory grows with the bytes that have come, never with a length that was announced; what is no longer needed is given
// back when it is more than 16 KiB. Any split of the same bytes gives the same sequence of results.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/transport/socket/frames.h"

namespace google::protobuf {
class MessageLite;
}

namespace puente::transport::socket {

struct CodecLimits {
  std::size_t frame_bytes = std::size_t{1} << 20U;                                     // payload of one frame
  std::size_t message_bytes = (std::size_t{10} << 20U) + (std::size_t{64} << 10U);     // document and its envelope
  std::size_t unfinished_messages = 16;                                                // begun and not finished
  std::size_t unfinished_bytes = std::size_t{32} << 20U;                               // of these together
};

// What can be wrong with a frame. The names stand in proto/SOCKET.md.
enum class FrameFault : std::uint8_t {
  none,
  // The place where the next frame begins is not known any more, or a bound is broken: nothing is read after these.
  magic,
  length,
  unfinished_messages,
  // The frame is skipped.
  checksum,
  version,
  reserved,
  flags,
  type,
  call,
  chunk,    // MORE where the type takes none or without a payload, or another type than the chunks before
  payload,  // PING or PONG over 64 bytes, CANCEL or END with any
  // The frame is well formed; its message is dropped to the end, and the call fails.
  message_bytes,
  unfinished_bytes,
};
std::string_view name_of(FrameFault fault);

struct Received {
  enum class Kind : std::uint8_t {
    message,  // `payload` is whole
    refused,  // the call fails: its message broke a limit
    bad,      // a frame was skipped
    lost,     // the last result ever
  };
  Kind kind = Kind::message;
  FrameType type{};            // of a message and of what is refused
  std::uint32_t call = 0;      // of a bad frame: 0
  std::string_view payload{};  // valid until the reader is called again
  FrameFault fault = FrameFault::none;
  bool unfinished = false;  // of CANCEL: chunks of this call had come
};

class MessageReader {
 public:
  // `from`: whose frames are read, client or gateway.
  MessageReader(Side from, const CodecLimits& limits) : from_(from), limits_(limits) {}

  // The next result. Takes what it uses from the front of `bytes`; nothing when all of them are used. A frame that is
  // whole in `bytes` is not copied, so they must stay where they are as long as the result's payload is needed.
  std::optional<Received> next(std::string_view& bytes);
  void keep(std::string_view bytes);  // read before what is given next time: for a reader that must stop between frames

  bool lost() const { return lost_; }
  bool kept() const { return rest_.size() - used_ > 0; }  // bytes of an incomplete frame, or kept ones
  bool within_header() const { return kept() && rest_.size() - used_ < kHeaderBytes; }
  bool unfinished() const { return kept() || !messages_.empty(); }
  std::size_t memory() const;  // bytes held

 private:
  struct Unfinished {
    std::uint32_t call;
    FrameType type;
    bool dropped;
    std::string bytes;
  };
  struct Header {
    std::uint8_t version, type;
    std::uint16_t flags, reserved;
    std::uint32_t call, length, checksum;
  };

  static Header parse(std::string_view header);
  std::optional<FrameFault> fatal(std::string_view start) const;  // of the bytes of a header that are there
  FrameFault fault_of(const Header& header, std::string_view frame) const;
  Received lose(FrameFault fault, std::string_view& bytes);
  std::optional<Received> take(std::string_view frame);
  std::optional<Received> assemble(const Header& header, std::string_view payload);
  void forget(std::size_t place);
  void give_back();

  const Side from_;
  const CodecLimits limits_;
  std::string rest_;       // bytes of frames that did not come whole
  std::size_t used_ = 0;   // of rest_, from its front
  std::string whole_;      // the message handed out last, where it came in chunks
  std::vector<Unfinished> messages_;
  std::size_t unfinished_bytes_ = 0;  // of messages_
  bool lost_ = false;
};

// Empties a buffer and gives its memory back, which assigning an empty string does not.
inline void release(std::string& buffer) { std::string().swap(buffer); }

// Appends a frame, or as many as the message needs.
void append_frame(std::string& out, FrameType type, std::uint32_t call, std::string_view payload,
                  std::uint16_t flags = 0);
void append_message(std::string& out, FrameType type, std::uint32_t call, const google::protobuf::MessageLite& message,
                    std::size_t frame_bytes);
void append_payload(std::string& out, FrameType type, std::uint32_t call, std::string_view payload,
                    std::size_t frame_bytes);

}  // namespace puente::transport::socket
