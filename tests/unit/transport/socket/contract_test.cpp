// proto/SOCKET.md is what people write clients from: its tables are those of the code, its examples decode to what it says and a running
// gateway takes them. PUENTE_BLESS=1 writes the tables.
#include <google/protobuf/descriptor.h>
#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/text_format.h>
#include <google/protobuf/util/message_differencer.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "socket_fixture.h"

namespace puente::transport::testing {
namespace {

using socket::FrameRow;
using socket::FrameType;

const std::string kPage = PUENTE_SOURCE_DIR "/proto/SOCKET.md";

std::string page() {
  std::ifstream in(kPage);
  return {std::istreambuf_iterator<char>(in), {}};
}

// ---- tables ---------------------------------------------------------------------------------------------------------

std::string frames_table() {
  std::ostringstream out;
  out << "| type | name | from | call | chunks | payload | answered by | roles | |\n|---|---|---|---|---|---|---|---|---|\n";
  for (const FrameRow& row : socket::frame_table()) {
    std::string roles;
    for (const auto role : {partners::Role::sender, partners::Role::filer, partners::Role::ops}) {
      if (row.operation && (row_of(*row.operation).roles & role_bit(role)) != 0)
        roles += (roles.empty() ? "" : ", ") + std::string(partners::name_of(role));
    }
    char type[8];
    std::snprintf(type, sizeof type, "0x%02x", static_cast<unsigned>(row.type));
    const char* from = row.from == socket::Side::both ? "both" : row.from == socket::Side::client ? "client" : "gateway";
    const char* call = row.call == socket::Call::never ? "0" : row.call == socket::Call::always ? "yes" : "0 or yes";
    out << "| " << type << " | " << row.name << " | " << from << " | " << call << " | " << (row.chunks ? "yes" : "")
        << " | " << row.message << " | " << row.answer << " | " << roles << " | " << row.text << " |\n";
  }
  return out.str();
}

std::string limits_table() {
  const SocketLimits limits;
  std::ostringstream out;
  out << "| limit | default | beyond it |\n|---|---|---|\n";
  const auto bytes = [](std::size_t count) {
    return count % (1U << 20U) == 0 ? std::to_string(count >> 20U) + " MiB" : std::to_string(count >> 10U) + " KiB";
  };
  const auto seconds = [](std::chrono::milliseconds time) { return std::to_string(time.count() / 1000) + " s"; };
  out << "| payload of a frame | " << bytes(limits.frame_bytes) << " | closed |\n"
      << "| a message, all chunks (a document of 10 MiB and its envelope) | " << bytes(limits.message_bytes)
      << " | LIMIT_REACHED |\n"
      << "| messages begun and not finished | " << limits.unfinished_messages << " | closed |\n"
      << "| bytes of these | " << bytes(limits.unfinished_bytes) << " | LIMIT_REACHED |\n"
      << "| calls in flight (requests) | " << limits.calls_in_flight << " | read later |\n"
      << "| bytes of these | " << bytes(limits.calls_bytes) << " | read later |\n"
      << "| WATCH calls, FEED calls | " << limits.watches << ", 1 | LIMIT_REACHED |\n"
      << "| handshake; HELLO after it | " << seconds(limits.handshake) << ", " << seconds(limits.header)
      << " | closed |\n"
      << "| a header, from its first byte | " << seconds(limits.header) << " | closed |\n"
      << "| progress while a frame or message is unfinished | " << limits.progress_bytes_second << " bytes/s over "
      << seconds(limits.progress_window) << " | closed |\n"
      << "| the client takes nothing that waits for it | " << seconds(limits.write_stall) << " | closed |\n"
      << "| heartbeat | " << seconds(limits.heartbeat) << " | PING; closed after three |\n"
      << "| idle | " << seconds(limits.idle) << " | GOAWAY, closed |\n"
      << "| bad frames of a connection | " << limits.bad_frames << " | closed |\n"
      << "| closed for bad frames, within " << seconds(limits.bad_closes_window) << " | " << limits.bad_closes
      << " | the partner waits " << seconds(limits.cool_off) << " |\n"
      << "| connections of a partner, of an address, of all | " << partners::PartnerLimits()[partners::Limit::connections] << ", "
      << limits.connections_per_address << ", " << limits.connections << " | closed |\n";
  return out.str();
}

TEST(SocketContract, TablesOfThePage_AreTheCodes) {
  const std::string before = page();
  std::string text = before;
  for (const auto& [name, table] : {std::pair{"frames", frames_table()}, std::pair{"limits", limits_table()}}) {
    const std::string head = "<!-- table: " + std::string(name) + " -->\n";
    const std::size_t at = text.find(head);
    ASSERT_NE(at, std::string::npos) << name;
    const std::size_t from = at + head.size(), to = text.find("<!-- end -->", from);
    text.replace(from, to - from, table);
  }
  if (std::getenv("PUENTE_BLESS") != nullptr) std::ofstream(kPage) << text;
  EXPECT_EQ(page(), text);
  for (int fault = 1; fault <= static_cast<int>(socket::FrameFault::payload); ++fault) {
    const std::string name(socket::name_of(static_cast<socket::FrameFault>(fault)));
    EXPECT_NE(text.find("\n| " + name + " | "), std::string::npos) << name;
  }
  for (int code = 1; code < v1::ErrorCode_ARRAYSIZE; ++code) {
    const std::string name = v1::ErrorCode_Name(code);
    if (name == "CANCELLED" || name == "NOT_OFFERED") continue;  // of administration, which this door does not offer
    EXPECT_NE(text.find("\n| " + name + " | "), std::string::npos) << name;
  }
}

// ---- examples -------------------------------------------------------------------------------------------------------

struct Example {
  std::string kind, side, name;  // "frame", "client", "HELLO"; "broken", "client", "checksum"
  std::uint32_t call = 0;
  std::string bytes;
  std::string message, text;  // of the payload
};

std::vector<Example> examples() {
  std::vector<Example> out;
  std::istringstream in(page());
  for (std::string line; std::getline(in, line);) {
    if (!line.starts_with("```frame") && !line.starts_with("```broken") && !line.starts_with("```message")) continue;
    std::istringstream head(line.substr(3));
    std::string kind;
    head >> kind;
    if (kind == "message") {
      head >> out.back().message;
      while (std::getline(in, line) && line != "```") out.back().text += line + "\n";
      continue;
    }
    Example example;
    example.kind = kind;
    head >> example.side >> example.name >> example.call;
    while (std::getline(in, line) && line != "```") {
      std::istringstream digits(line.substr(0, line.find('|')));
      for (std::string byte; digits >> byte;) example.bytes += static_cast<char>(std::stoi(byte, nullptr, 16));
    }
    out.push_back(std::move(example));
  }
  return out;
}

socket::Side side_of(const Example& example) {
  return example.side == "client" ? socket::Side::client : socket::Side::gateway;
}

TEST(SocketContract, Examples_DecodeToWhatThePageSays_AndEncodeAgain) {
  std::size_t frames = 0;
  std::map<std::string, std::unique_ptr<socket::MessageReader>> readers;  // chunks go on over several examples
  for (const char* side : {"client", "gateway"})
    readers[side] = std::make_unique<socket::MessageReader>(
        std::string(side) == "client" ? socket::Side::client : socket::Side::gateway, socket::CodecLimits{});
  for (const Example& example : examples()) {
    if (example.kind != "frame") continue;
    ++frames;
    std::string_view rest = example.bytes;
    const auto result = readers[example.side]->next(rest);
    const bool more = (example.bytes.at(5) & 1) != 0;
    EXPECT_EQ(static_cast<std::uint8_t>(example.bytes.at(3)),
              static_cast<std::uint8_t>(socket::row_of(static_cast<std::uint8_t>(example.bytes.at(3)))->type));
    std::string again;
    socket::append_frame(again, static_cast<FrameType>(example.bytes.at(3)), example.call,
                         std::string_view(example.bytes).substr(socket::kHeaderBytes), more ? socket::kMore : 0);
    EXPECT_EQ(again, example.bytes) << example.name;
    EXPECT_EQ(socket::row_of(static_cast<std::uint8_t>(example.bytes.at(3)))->name, example.name);
    if (more) {
      EXPECT_FALSE(result) << example.name;
      continue;
    }
    ASSERT_TRUE(result) << example.name;
    EXPECT_EQ(result->kind, socket::Received::Kind::message) << example.name;
    EXPECT_EQ(result->call, example.call);
    EXPECT_TRUE(rest.empty());
    const FrameRow& row = socket::row_of(result->type);
    if (example.message.empty()) {
      EXPECT_TRUE(row.message.empty() || row.message == "bytes") << example.name << " says no message";
      continue;
    }
    EXPECT_EQ(row.message, example.message);
    const auto* type =
        google::protobuf::DescriptorPool::generated_pool()->FindMessageTypeByName("puente.v1." + example.message);
    ASSERT_NE(type, nullptr) << example.message;
    google::protobuf::DynamicMessageFactory factory;
    const std::unique_ptr<google::protobuf::Message> said(factory.GetPrototype(type)->New()), got(said->New());
    ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(example.text, said.get())) << example.name;
    ASSERT_TRUE(got->ParseFromArray(result->payload.data(), static_cast<int>(result->payload.size()))) << example.name;
    EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(*said, *got)) << example.name;
  }
  EXPECT_GE(frames, 14u);
}

TEST(SocketContract, BrokenExamples_BreakTheRuleTheyName) {
  std::size_t broken = 0;
  for (const Example& example : examples()) {
    if (example.kind != "broken") continue;
    ++broken;
    socket::MessageReader reader(side_of(example), {});
    std::string_view rest = example.bytes;
    const auto result = reader.next(rest);
    ASSERT_TRUE(result) << example.name;
    EXPECT_NE(result->kind, socket::Received::Kind::message);
    EXPECT_EQ(socket::name_of(result->fault), example.name);
  }
  EXPECT_GE(broken, 10u);
}

using SocketContractOnTheWire = SocketTest;

// The sender's examples, as they stand, sent one after another.
TEST_F(SocketContractOnTheWire, ExamplesOfASender_AreTakenByTheGateway) {
  const auto peer = this->peer();
  for (const Example& example : examples()) {
    if (example.kind != "frame" || example.side != "client" || example.name == "FEED" || example.name == "ACT") continue;
    ASSERT_TRUE(peer->send(example.bytes));
  }
  std::set<std::pair<std::string, std::uint32_t>> expected{
      {"WELCOME", 0}, {"SUBMIT_REPLY", 1}, {"SUBMIT_REPLY", 2}, {"STATUS_REPLY", 3}, {"PONG", 0}, {"END", 4}};
  while (!expected.empty()) {
    const auto got = peer->next();
    ASSERT_TRUE(got) << expected.begin()->first << " did not come";
    ASSERT_NE(got->type, FrameType::error) << got->as<v1::Error>().text();
    expected.erase({std::string(socket::row_of(got->type).name), got->call});
    if (got->type == FrameType::submit_reply) {
      EXPECT_TRUE(got->as<v1::SubmitReply>().has_receipt());
    }
  }
}

TEST_F(SocketContractOnTheWire, ExamplesOfAFiler_AreTakenByTheGateway) {
  const auto peer = greeted("broker");
  for (const Example& example : examples())
    if (example.kind == "frame" && (example.name == "FEED" || example.name == "ACT")) {
      ASSERT_TRUE(peer->send(example.bytes));
    }
  std::size_t filings = 0, results = 0;
  while (filings < 8 || results < 1) {
    const auto got = peer->next();
    ASSERT_TRUE(got);
    ASSERT_NE(got->type, FrameType::error) << got->as<v1::Error>().text();
    filings += got->type == FrameType::filing ? 1 : 0;
    results += got->type == FrameType::act_result ? 1 : 0;
  }
}

TEST_F(SocketContractOnTheWire, BrokenExamples_AreAnsweredWithTheRuleTheyBreak) {
  SocketLimits limits;
  limits.bad_closes = 100;
  serve(limits);
  for (const Example& example : examples()) {
    if (example.kind != "broken") continue;
    const auto peer = greeted();
    ASSERT_TRUE(peer->send(example.bytes));
    const v1::Error error = peer->expect(FrameType::error).as<v1::Error>();
    EXPECT_EQ(error.code(), v1::BAD_FRAME);
    EXPECT_EQ(error.finding().code(), "FRAME_INVALID");
    EXPECT_NE(error.finding().en().find(": " + example.name + "."), std::string::npos) << error.finding().en();
  }
}

}  // namespace
}  // namespace puente::transport::testing
