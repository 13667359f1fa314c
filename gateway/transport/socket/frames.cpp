#include "gateway/transport/socket/frames.h"

#include <array>

namespace puente::transport::socket {
namespace {

constexpr bool kChunks = true, kWhole = false;

constexpr auto kFrames = std::to_array<FrameRow>({
    {FrameType::hello, "HELLO", Side::client, Call::never, kWhole, "Hello", "WELCOME", {},
     "the first frame of a connection: the versions the client can speak"},
    {FrameType::welcome, "WELCOME", Side::gateway, Call::never, kWhole, "Welcome", "", {},
     "the version agreed, who the client is taken for, the limits in force"},
    {FrameType::ping, "PING", Side::both, Call::never, kWhole, "bytes", "PONG", {},
     "are you there; at most 64 bytes of the sender's choice"},
    {FrameType::pong, "PONG", Side::both, Call::never, kWhole, "bytes", "", {}, "the bytes of the PING"},
    {FrameType::error, "ERROR", Side::gateway, Call::either, kWhole, "Error", "", {},
     "the call has failed and is over; with call 0: a frame was bad, or the connection ends"},
    {FrameType::go_away, "GOAWAY", Side::gateway, Call::never, kWhole, "GoAway", "", {},
     "no new calls; what is in hand is answered, then the gateway closes"},
    {FrameType::cancel, "CANCEL", Side::client, Call::always, kWhole, "", "END", {},
     "ends a WATCH, a FEED or a message whose chunks will not be finished"},
    {FrameType::end, "END", Side::gateway, Call::always, kWhole, "", "", {}, "the last frame of a cancelled call"},
    {FrameType::submit, "SUBMIT", Side::client, Call::always, kChunks, "SubmitRequest", "SUBMIT_REPLY",
     Operation::submit, "a document or a crossing notice"},
    {FrameType::submit_reply, "SUBMIT_REPLY", Side::gateway, Call::always, kChunks, "SubmitReply", "", {},
     "the receipt, after the document is on disk; or findings without receipt"},
    {FrameType::check, "CHECK", Side::client, Call::always, kChunks, "CheckRequest", "CHECK_REPORT", Operation::check,
     "examines a document and keeps nothing"},
    {FrameType::check_report, "CHECK_REPORT", Side::gateway, Call::always, kChunks, "CheckReport", "", {}, "what was found"},
    {FrameType::status, "STATUS", Side::client, Call::always, kWhole, "StatusRequest", "STATUS_REPLY",
     Operation::status, "what has become of any number a person has"},
    {FrameType::status_reply, "STATUS_REPLY", Side::gateway, Call::always, kChunks, "StatusReply", "", {},
     "shipments, documents, filings, answers"},
    {FrameType::watch, "WATCH", Side::client, Call::always, kWhole, "WatchRequest", "EVENT", Operation::watch,
     "asks for events until CANCEL"},
    {FrameType::event, "EVENT", Side::gateway, Call::always, kChunks, "StatusEvent", "", {}, "one event of a WATCH"},
    {FrameType::get_draft, "GET_DRAFT", Side::client, Call::always, kWhole, "DraftRequest", "DRAFT", Operation::draft,
     "the draft of a filing"},
    {FrameType::draft, "DRAFT", Side::gateway, Call::always, kChunks, "Draft", "", {},
     "canonical entry, manifest, findings and lineage"},
    {FrameType::feed, "FEED", Side::client, Call::always, kWhole, "Credits", "FILING", Operation::feed,
     "opens the feed of filings with credits; later frames of the same call add credits"},
    {FrameType::filing, "FILING", Side::gateway, Call::always, kChunks, "Filing", "", {}, "one filing; uses one credit"},
    {FrameType::act, "ACT", Side::client, Call::always, kChunks, "FilerAct", "ACT_RESULT", Operation::act,
     "a confirmation, refusal, correction or answer"},
    {FrameType::act_result, "ACT_RESULT", Side::gateway, Call::always, kChunks, "FilerActResult", "", {},
     "what the act did, with its receipt"},
});

constexpr auto kByType = [] {
  std::array<std::int8_t, 256> places{};
  places.fill(-1);
  for (std::size_t index = 0; index < kFrames.size(); ++index)
    places[static_cast<std::uint8_t>(kFrames[index].type)] = static_cast<std::int8_t>(index);
  return places;
}();

}  // namespace

std::span<const FrameRow> frame_table() { return kFrames; }

const FrameRow* row_of(std::uint8_t type) {
  const std::int8_t place = kByType[type];
  return place < 0 ? nullptr : &kFrames[static_cast<std::size_t>(place)];
}

const FrameRow& row_of(FrameType type) { return *row_of(static_cast<std::uint8_t>(type)); }

}  // namespace puente::transport::socket
