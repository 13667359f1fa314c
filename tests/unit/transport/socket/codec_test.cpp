// The codec against frames that are put together here by hand, field by field.
#include "gateway/transport/socket/codec.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace puente::transport::socket {
namespace {

// CRC-32 bit by bit, so that the checksum has an oracle of its own.
std::uint32_t crc(std::string_view bytes) {
  std::uint32_t value = 0xFFFFFFFFU;
  for (const char byte : bytes) {
    value ^= static_cast<unsigned char>(byte);
    for (int bit = 0; bit < 8; ++bit) value = (value & 1U) != 0 ? value >> 1U ^ 0xEDB88320U : value >> 1U;
  }
  return ~value;
}

std::string big_endian(std::uint64_t value, int size) {
  std::string out;
  for (int shift = (size - 1) * 8; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift & 0xFFU);
  return out;
}

struct Parts {
  std::string magic = "PU";
  std::uint8_t version = 1, type = 0x10;
  std::uint16_t flags = 0, reserved = 0;
  std::uint32_t call = 1;
  std::string payload = "";
  std::optional<std::uint32_t> length = std::nullopt, checksum = std::nullopt;
};

std::string frame(const Parts& parts) {
  const std::string head = parts.magic + big_endian(parts.version, 1) + big_endian(parts.type, 1) +
                           big_endian(parts.flags, 2) + big_endian(parts.reserved, 2) + big_endian(parts.call, 4) +
                           big_endian(parts.length.value_or(static_cast<std::uint32_t>(parts.payload.size())), 4);
  return head + big_endian(parts.checksum.value_or(crc(head + parts.payload)), 4) + parts.payload;
}

struct Seen {
  Received::Kind kind;
  FrameType type;
  std::uint32_t call;
  FrameFault fault;
  std::string payload;
  bool operator==(const Seen&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Seen& seen) {
  return out << static_cast<int>(seen.kind) << ' ' << static_cast<int>(seen.type) << ' ' << seen.call << ' '
             << name_of(seen.fault) << ' ' << seen.payload.size();
}

Seen whole(std::uint32_t call, std::string payload, FrameType type = FrameType::submit) {
  return {Received::Kind::message, type, call, FrameFault::none, std::move(payload)};
}
Seen bad(FrameFault fault) { return {Received::Kind::bad, {}, 0, fault, ""}; }
Seen lost(FrameFault fault) { return {Received::Kind::lost, {}, 0, fault, ""}; }
Seen refused(std::uint32_t call, FrameFault fault) {
  return {Received::Kind::refused, FrameType::submit, call, fault, ""};
}

void collect(MessageReader& reader, std::string_view bytes, std::vector<Seen>& out) {
  while (const auto result = reader.next(bytes))
    out.push_back({result->kind, result->type, result->call, result->fault, std::string(result->payload)});
  EXPECT_TRUE(bytes.empty());
}

std::vector<Seen> read(std::string_view bytes, std::size_t step = SIZE_MAX, const CodecLimits& limits = {}) {
  MessageReader reader(Side::client, limits);
  std::vector<Seen> out;
  for (std::size_t at = 0; at < bytes.size(); at += std::min(step, bytes.size())) {
    const std::string piece(bytes.substr(at, step));
    collect(reader, piece, out);
  }
  return out;
}

using Results = std::vector<Seen>;

TEST(Codec, AppendedFrame_HasTheBytesOfTheContract) {
  std::string out = "before";
  append_frame(out, FrameType::submit, 0x01020304, "payload", kMore);
  EXPECT_EQ(out, "before" + frame({.flags = 1, .call = 0x01020304, .payload = "payload"}));
}

TEST(Codec, EveryLengthClass_ComesBackWhole) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{19}, std::size_t{20}, std::size_t{255},
                                 std::size_t{256}, std::size_t{65535}, std::size_t{65536}, std::size_t{(1U << 20U) - 1},
                                 std::size_t{1U << 20U}}) {
    const std::string payload(size, 'x');
    const std::string bytes = frame({.payload = payload});
    EXPECT_EQ(read(bytes), Results{whole(1, payload)}) << size;
    EXPECT_EQ(read(bytes, 16384), Results{whole(1, payload)}) << size;
  }
}

TEST(Codec, LengthOverTheFrame_EndsTheReadingBeforeAnyPayload) {
  for (const std::uint32_t length : {(1U << 20U) + 1, 0x7FFFFFFFU, 0x80000000U, 0xFFFFFFFFU}) {
    MessageReader reader(Side::client, {});
    const std::string bytes = frame({.length = length});
    std::vector<Seen> seen;
    collect(reader, bytes, seen);
    collect(reader, frame({}), seen);
    EXPECT_EQ(seen, Results{lost(FrameFault::length)}) << length;
    EXPECT_LT(reader.memory(), 1024u);
  }
}

TEST(Codec, AnnouncedLength_CostsNoMemoryBeforeTheBytesCome) {
  MessageReader reader(Side::client, {});
  std::vector<Seen> seen;
  collect(reader, frame({.length = 1U << 20U}), seen);
  EXPECT_TRUE(seen.empty());
  EXPECT_LT(reader.memory(), 1024u);
  collect(reader, std::string(1000, 'x'), seen);
  EXPECT_LT(reader.memory(), 4096u);
}

TEST(Codec, BrokenFrames_AreNamedAndTheNextFrameIsRead) {
  const struct {
    FrameFault fault;
    Parts parts;
  } kBroken[] = {
      {FrameFault::checksum, {.payload = "x", .checksum = 0}},
      {FrameFault::version, {.version = 0}},
      {FrameFault::version, {.version = 2}},
      {FrameFault::reserved, {.reserved = 0x8000}},
      {FrameFault::flags, {.flags = 2}},
      {FrameFault::flags, {.flags = 0x8001, .payload = "x"}},
      {FrameFault::type, {.type = 0}},
      {FrameFault::type, {.type = 0xFF}},
      {FrameFault::type, {.type = 0x11}},  // what only the gateway sends
      {FrameFault::call, {.call = 0}},
      {FrameFault::call, {.type = 0x03, .call = 1}},
      {FrameFault::chunk, {.flags = 1}},
      {FrameFault::chunk, {.type = 0x14, .flags = 1, .payload = "x"}},
      {FrameFault::payload, {.type = 0x03, .call = 0, .payload = std::string(65, 'x')}},
      {FrameFault::payload, {.type = 0x07, .payload = "x"}},
  };
  for (const auto& [fault, parts] : kBroken) {
    const std::string bytes = frame(parts) + frame({.call = 2, .payload = "next"});
    EXPECT_EQ(read(bytes), (Results{bad(fault), whole(2, "next")})) << name_of(fault);
    EXPECT_EQ(read(bytes, 1), (Results{bad(fault), whole(2, "next")})) << name_of(fault);
  }
}

TEST(Codec, EveryChangedBit_IsFound) {
  const std::string good = frame({.payload = "a document"});
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    std::string changed = good;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ 1 << bit % 8);
    const auto seen = read(changed + std::string(200, '\0'), SIZE_MAX, {.frame_bytes = 100});
    ASSERT_FALSE(seen.empty()) << bit;
    EXPECT_NE(seen.front().kind, Received::Kind::message) << bit;
  }
}

TEST(Codec, LostPlace_EndsTheReading_AndNeverLooksForTheNextMagic) {
  const std::string inner = frame({.payload = "smuggled"});
  EXPECT_EQ(read("x" + inner), Results{lost(FrameFault::magic)});
  EXPECT_EQ(read("Px" + inner, 1), Results{lost(FrameFault::magic)});
  // One byte too many in front of a document that holds a frame: the next header is no header.
  EXPECT_EQ(read(frame({.payload = "a"}) + "b" + inner), (Results{whole(1, "a"), lost(FrameFault::magic)}));
}

TEST(Codec, ChunksOfTwoCalls_Interleaved_GiveBothWhole) {
  const std::string bytes = frame({.flags = 1, .call = 1, .payload = "one "}) +
                            frame({.flags = 1, .call = 2, .payload = "two "}) +
                            frame({.type = 0x14, .call = 3, .payload = "between"}) +
                            frame({.flags = 1, .call = 1, .payload = "goes "}) + frame({.call = 2, .payload = "ends"}) +
                            frame({.call = 1, .payload = "on"});
  const Results expected{whole(3, "between", FrameType::status), whole(2, "two ends"), whole(1, "one goes on")};
  for (std::size_t step = 1; step <= bytes.size(); ++step) EXPECT_EQ(read(bytes, step), expected) << step;
}

TEST(Codec, ChunkOfAnotherType_IsBad_AndTheMessageGoesOn) {
  const std::string bytes = frame({.flags = 1, .payload = "a"}) + frame({.type = 0x12, .payload = "b"}) +
                            frame({.payload = "c"});
  EXPECT_EQ(read(bytes), (Results{bad(FrameFault::chunk), whole(1, "ac")}));
}

TEST(Codec, Cancel_DropsTheChunks) {
  const std::string bytes = frame({.flags = 1, .payload = "a"}) + frame({.type = 0x07}) + frame({.payload = "new"});
  EXPECT_EQ(read(bytes), (Results{whole(1, "", FrameType::cancel), whole(1, "new")}));
}

TEST(Codec, MessageOverTheLimit_IsRefusedOnce_AndItsRestDropped) {
  const CodecLimits limits{.frame_bytes = 100, .message_bytes = 250};
  const std::string chunk(100, 'x');
  std::string bytes;
  for (int index = 0; index < 5; ++index) bytes += frame({.flags = 1, .payload = chunk});
  bytes += frame({.call = 2, .payload = "other"}) + frame({.payload = "end"}) + frame({.payload = "again"});
  const Results expected{refused(1, FrameFault::message_bytes), whole(2, "other"), whole(1, "again")};
  EXPECT_EQ(read(bytes, SIZE_MAX, limits), expected);
  EXPECT_EQ(read(bytes, 3, limits), expected);
  // Exactly the limit is taken.
  const std::string exact = frame({.flags = 1, .payload = chunk}) + frame({.flags = 1, .payload = chunk}) +
                            frame({.payload = std::string(50, 'y')});
  EXPECT_EQ(read(exact, SIZE_MAX, limits), Results{whole(1, chunk + chunk + std::string(50, 'y'))});
}

TEST(Codec, UnfinishedMessages_AreBounded_InNumberAndBytes) {
  const CodecLimits limits{.frame_bytes = 100, .message_bytes = 1000, .unfinished_messages = 2, .unfinished_bytes = 150};
  const std::string chunk(100, 'x');
  EXPECT_EQ(read(frame({.flags = 1, .call = 1, .payload = chunk}) + frame({.flags = 1, .call = 2, .payload = chunk}) +
                     frame({.call = 1, .payload = "a"}),
                 SIZE_MAX, limits),
            (Results{refused(2, FrameFault::unfinished_bytes), whole(1, chunk + "a")}));
  EXPECT_EQ(read(frame({.flags = 1, .call = 1, .payload = "a"}) + frame({.flags = 1, .call = 2, .payload = "a"}) +
                     frame({.flags = 1, .call = 3, .payload = "a"}) + frame({.call = 4, .payload = "late"}),
                 SIZE_MAX, limits),
            Results{lost(FrameFault::unfinished_messages)});
}

TEST(Codec, LargeMessage_IsSentInFramesAndReadBackWhole) {
  std::string payload;
  for (int index = 0; index < 1000; ++index) payload += std::to_string(index);
  std::string bytes;
  append_payload(bytes, FrameType::submit, 9, payload, 100);
  EXPECT_GT(bytes.size(), payload.size() + 28 * kHeaderBytes);
  EXPECT_EQ(read(bytes, 17, {.frame_bytes = 100}), Results{whole(9, payload)});
}

TEST(Codec, Memory_IsGivenBackWhenNothingIsUnfinished) {
  MessageReader reader(Side::client, {});
  std::vector<Seen> seen;
  const std::string bytes = frame({.flags = 1, .payload = std::string(1U << 20U, 'x')}) + frame({.payload = "y"});
  for (std::size_t at = 0; at < bytes.size(); at += 5000) collect(reader, bytes.substr(at, 5000), seen);
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_FALSE(reader.unfinished());
  EXPECT_LT(reader.memory(), 20'000u);
}

TEST(Codec, KeptBytes_AreReadFirst) {
  MessageReader reader(Side::client, {});
  std::vector<Seen> seen;
  const std::string first = frame({.call = 1, .payload = "a"}), second = frame({.call = 2, .payload = "b"});
  reader.keep(first + second.substr(0, 7));
  collect(reader, second.substr(7), seen);
  EXPECT_EQ(seen, (Results{whole(1, "a"), whole(2, "b")}));
}

TEST(FrameTable, NamesAndTypes_AreUnique_AndAnswersExist) {
  for (const FrameRow& row : frame_table()) {
    EXPECT_EQ(&row_of(row.type), &row);
    std::size_t same = 0;
    bool answered = row.answer.empty();
    for (const FrameRow& other : frame_table()) {
      same += other.name == row.name || other.type == row.type ? 1 : 0;
      answered = answered || (other.name == row.answer && other.from != Side::client);
    }
    EXPECT_EQ(same, 1u) << row.name;
    EXPECT_TRUE(answered) << row.name;
  }
}

}  // namespace
}  // namespace puente::transport::socket
