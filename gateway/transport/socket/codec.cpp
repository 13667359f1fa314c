#include "gateway/transport/socket/codec.h"

#include <google/protobuf/message_lite.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <utility>

namespace puente::transport::socket {
namespace {

constexpr std::size_t kChecksumAt = 16;
constexpr std::size_t kSmall = std::size_t{16} << 10U;

std::uint32_t number(std::string_view bytes, std::size_t at, std::size_t size) {
  std::uint32_t value = 0;
  for (std::size_t index = at; index < at + size; ++index)
    value = value << 8U | static_cast<unsigned char>(bytes[index]);
  return value;
}

void put(char* at, std::uint32_t value, std::size_t size) {
  for (std::size_t index = size; index-- > 0; value >>= 8U) at[index] = static_cast<char>(value & 0xFFU);
}

std::uint32_t checksum(const char* header, std::string_view payload) {
  uLong crc = ::crc32(0, reinterpret_cast<const Bytef*>(header), kChecksumAt);
  crc = ::crc32_z(crc, reinterpret_cast<const Bytef*>(payload.data()), payload.size());
  return static_cast<std::uint32_t>(crc);
}

// The payload stands behind the 20 bytes at `header` already.
void fill_header(char* header, FrameType type, std::uint16_t flags, std::uint32_t call, std::size_t length) {
  header[0] = 'P';
  header[1] = 'U';
  header[2] = static_cast<char>(kVersion);
  header[3] = static_cast<char>(type);
  put(header + 4, flags, 2);
  put(header + 6, 0, 2);
  put(header + 8, call, 4);
  put(header + 12, static_cast<std::uint32_t>(length), 4);
  put(header + kChecksumAt, checksum(header, {header + kHeaderBytes, length}), 4);
}

struct FaultName {
  FrameFault fault;
  std::string_view name;
};
constexpr auto kNames = std::to_array<FaultName>({
    {FrameFault::none, "none"},
    {FrameFault::magic, "magic"},
    {FrameFault::length, "length"},
    {FrameFault::unfinished_messages, "unfinished_messages"},
    {FrameFault::checksum, "checksum"},
    {FrameFault::version, "version"},
    {FrameFault::reserved, "reserved"},
    {FrameFault::flags, "flags"},
    {FrameFault::type, "type"},
    {FrameFault::call, "call"},
    {FrameFault::chunk, "chunk"},
    {FrameFault::payload, "payload"},
    {FrameFault::message_bytes, "message_bytes"},
    {FrameFault::unfinished_bytes, "unfinished_bytes"},
});
static_assert(kNames.size() == static_cast<std::size_t>(FrameFault::unfinished_bytes) + 1);

}  // namespace

std::string_view name_of(FrameFault fault) { return kNames.at(static_cast<std::size_t>(fault)).name; }

MessageReader::Header MessageReader::parse(std::string_view header) {
  return {.version = static_cast<std::uint8_t>(header[2]),
          .type = static_cast<std::uint8_t>(header[3]),
          .flags = static_cast<std::uint16_t>(number(header, 4, 2)),
          .reserved = static_cast<std::uint16_t>(number(header, 6, 2)),
          .call = number(header, 8, 4),
          .length = number(header, 12, 4),
          .checksum = number(header, kChecksumAt, 4)};
}

std::optional<FrameFault> MessageReader::fatal(std::string_view start) const {
  constexpr std::string_view kMagic = "PU";
  const std::size_t known = std::min(start.size(), kMagic.size());
  if (start.substr(0, known) != kMagic.substr(0, known)) return FrameFault::magic;
  if (start.size() >= kChecksumAt && number(start, 12, 4) > limits_.frame_bytes) return FrameFault::length;
  return std::nullopt;
}

Received MessageReader::lose(FrameFault fault, std::string_view& bytes) {
  lost_ = true;
  bytes = {};
  release(rest_);
  used_ = 0;
  messages_.clear();
  unfinished_bytes_ = 0;
  return {.kind = Received::Kind::lost, .fault = fault};
}

void MessageReader::give_back() {
  if (used_ == rest_.size()) {
    used_ = 0;
    rest_.clear();
    if (rest_.capacity() > kSmall) release(rest_);
  } else if (used_ > rest_.size() / 2) {
    rest_.erase(0, used_);
    used_ = 0;
  }
  if (whole_.capacity() > 0) release(whole_);
}

std::optional<Received> MessageReader::next(std::string_view& bytes) {
  for (;;) {
    if (lost_) {
      bytes = {};
      return std::nullopt;
    }
    give_back();
    std::optional<Received> result;
    const std::size_t have = rest_.size() - used_;
    if (have == 0) {
      if (const auto fault = fatal(bytes.substr(0, kHeaderBytes))) return lose(*fault, bytes);
      const std::size_t needed = bytes.size() < kHeaderBytes ? kHeaderBytes : kHeaderBytes + number(bytes, 12, 4);
      if (bytes.size() < needed) {
        rest_.append(bytes);
        bytes = {};
        return std::nullopt;
      }
      result = take(bytes.substr(0, needed));
      bytes.remove_prefix(needed);
    } else {
      const auto fill = [&](std::size_t wanted) {
        const std::size_t held = rest_.size() - used_;
        const std::size_t more = std::min(wanted - std::min(wanted, held), bytes.size());
        rest_.append(bytes.substr(0, more));
        bytes.remove_prefix(more);
        return held + more >= wanted;
      };
      const bool header = fill(kHeaderBytes);
      const std::string_view start = std::string_view(rest_).substr(used_, kHeaderBytes);
      if (const auto fault = fatal(start)) return lose(*fault, bytes);
      if (!header) return std::nullopt;
      const std::size_t needed = kHeaderBytes + number(start, 12, 4);
      if (!fill(needed)) return std::nullopt;
      const std::string_view frame = std::string_view(rest_).substr(used_, needed);
      used_ += needed;
      result = take(frame);
    }
    if (result && result->kind == Received::Kind::lost) return lose(result->fault, bytes);
    if (result) return result;
  }
}

void MessageReader::keep(std::string_view bytes) {
  if (lost_) return;
  rest_.append(bytes);
}

FrameFault MessageReader::fault_of(const Header& header, std::string_view frame) const {
  // First, since with a wrong sum nothing else of the frame means anything.
  if (header.checksum != checksum(frame.data(), frame.substr(kHeaderBytes))) return FrameFault::checksum;
  if (header.version != kVersion) return FrameFault::version;
  if (header.reserved != 0) return FrameFault::reserved;
  const FrameRow* row = row_of(header.type);
  const auto side = static_cast<unsigned>(from_);
  if (row == nullptr || (static_cast<unsigned>(row->from) & side) == 0) return FrameFault::type;
  if ((header.flags & ~kMore) != 0) return FrameFault::flags;
  if (row->call != Call::either && (header.call != 0) != (row->call == Call::always)) return FrameFault::call;
  if ((header.flags & kMore) != 0 && (!row->chunks || header.length == 0)) return FrameFault::chunk;
  const bool ping = row->type == FrameType::ping || row->type == FrameType::pong;
  const bool bare = row->message.empty();
  if ((ping && header.length > kPingBytes) || (bare && header.length != 0)) return FrameFault::payload;
  return FrameFault::none;
}

std::optional<Received> MessageReader::take(std::string_view frame) {
  const Header header = parse(frame);
  if (const FrameFault fault = fault_of(header, frame); fault != FrameFault::none)
    return Received{.kind = Received::Kind::bad, .fault = fault};
  return assemble(header, frame.substr(kHeaderBytes));
}

void MessageReader::forget(std::size_t place) {
  unfinished_bytes_ -= messages_[place].bytes.size();
  if (place + 1 != messages_.size()) messages_[place] = std::move(messages_.back());
  messages_.pop_back();
}

std::optional<Received> MessageReader::assemble(const Header& header, std::string_view payload) {
  const auto type = static_cast<FrameType>(header.type);
  const bool more = (header.flags & kMore) != 0;
  Received message{.kind = Received::Kind::message, .type = type, .call = header.call, .payload = payload};
  std::size_t place = 0;
  while (place < messages_.size() && messages_[place].call != header.call) ++place;
  if (place == messages_.size()) {
    if (!more) return message;
    if (messages_.size() >= limits_.unfinished_messages)
      return Received{.kind = Received::Kind::lost, .fault = FrameFault::unfinished_messages};
    messages_.push_back({.call = header.call, .type = type, .dropped = false, .bytes = {}});
  } else if (type == FrameType::cancel) {
    forget(place);
    message.unfinished = true;
    return message;
  } else if (messages_[place].type != type) {
    return Received{.kind = Received::Kind::bad, .fault = FrameFault::chunk};
  }
  Unfinished& going = messages_[place];
  if (going.dropped) {
    if (!more) forget(place);
    return std::nullopt;
  }
  const bool large = going.bytes.size() + payload.size() > limits_.message_bytes;
  if (large || unfinished_bytes_ + payload.size() > limits_.unfinished_bytes) {
    unfinished_bytes_ -= going.bytes.size();
    release(going.bytes);
    going.dropped = true;
    if (!more) forget(place);
    return Received{.kind = Received::Kind::refused,
                    .type = type,
                    .call = header.call,
                    .fault = large ? FrameFault::message_bytes : FrameFault::unfinished_bytes};
  }
  going.bytes.append(payload);
  unfinished_bytes_ += payload.size();
  if (more) return std::nullopt;
  unfinished_bytes_ -= going.bytes.size();
  whole_.swap(going.bytes);
  forget(place);
  return Received{.kind = Received::Kind::message, .type = type, .call = header.call, .payload = whole_};
}

std::size_t MessageReader::memory() const {
  std::size_t bytes = rest_.capacity() + whole_.capacity() + messages_.capacity() * sizeof(Unfinished);
  for (const Unfinished& message : messages_) bytes += message.bytes.capacity();
  return bytes;
}

void append_frame(std::string& out, FrameType type, std::uint32_t call, std::string_view payload, std::uint16_t flags) {
  const std::size_t at = out.size();
  out.resize(at + kHeaderBytes);
  out.append(payload);
  fill_header(out.data() + at, type, flags, call, payload.size());
}

void append_payload(std::string& out, FrameType type, std::uint32_t call, std::string_view payload,
                    std::size_t frame_bytes) {
  while (payload.size() > frame_bytes) {
    append_frame(out, type, call, payload.substr(0, frame_bytes), kMore);
    payload.remove_prefix(frame_bytes);
  }
  append_frame(out, type, call, payload);
}

void append_message(std::string& out, FrameType type, std::uint32_t call, const google::protobuf::MessageLite& message,
                    std::size_t frame_bytes) {
  const std::size_t size = message.ByteSizeLong();
  if (size > frame_bytes) return append_payload(out, type, call, message.SerializeAsString(), frame_bytes);
  const std::size_t at = out.size();
  out.resize(at + kHeaderBytes + size);
  char* header = out.data() + at;
  message.SerializeWithCachedSizesToArray(reinterpret_cast<std::uint8_t*>(header + kHeaderBytes));
  fill_header(header, type, 0, call, size);
}

}  // namespace puente::transport::socket
