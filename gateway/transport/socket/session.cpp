#include "gateway/transport/socket/session.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "gateway/ops/log.h"
#include "gateway/transport/socket/errors.h"
#include "gateway/transport/socket/watch.h"

namespace puente::transport::socket {
namespace {

using boost::asio::ip::tcp;
using std::chrono::milliseconds;

constexpr std::string_view kTransport = "socket";
constexpr std::size_t kSilentHeartbeats = 3;
constexpr std::size_t kLabel = 64;

CodecLimits codec_limits(const SocketLimits& limits) {
  return {.frame_bytes = limits.frame_bytes,
          .message_bytes = limits.message_bytes,
          .unfinished_messages = limits.unfinished_messages,
          .unfinished_bytes = limits.unfinished_bytes};
}

LinkLimits link_limits(const SocketLimits& limits) {
  LinkLimits out;
  out.handshake = limits.handshake;
  out.header = limits.header;
  out.progress_window = limits.progress_window;
  out.progress_bytes_second = limits.progress_bytes_second;
  out.write_stall = limits.write_stall;
  return out;
}

std::string name_of_peer(const tcp::socket& socket) {
  boost::system::error_code error;
  const tcp::endpoint peer = socket.remote_endpoint(error);
  if (error) return {};
  const std::string address = peer.address().to_string();
  const bool v6 = peer.address().is_v6();
  return (v6 ? "ipv6:[" + address + "]:" : "ipv4:" + address + ":") + std::to_string(peer.port());
}

}  // namespace

void CoolOff::note_bad_close(const std::string& partner, Clock::time_point now) {
  const std::scoped_lock lock(mutex_);
  auto& closes = closes_[partner];
  closes.push_back(now);
  if (closes.size() > limits_.bad_closes) closes.pop_front();
}

milliseconds CoolOff::remaining(const std::string& partner, Clock::time_point now) {
  const std::scoped_lock lock(mutex_);
  const auto found = closes_.find(partner);
  if (found == closes_.end() || found->second.size() < limits_.bad_closes) return milliseconds(0);
  const auto& closes = found->second;
  const bool often = closes.back() - closes.front() <= limits_.bad_closes_window;
  const auto until = closes.back() + limits_.cool_off;
  if (often && now < until) return std::chrono::ceil<milliseconds>(until - now);
  return milliseconds(0);
}

Session::Session(const Desks& desks, boost::asio::io_context& context, tcp::socket socket, const TlsContext& tls,
                 std::vector<char>& scratch, std::function<void()> on_end)
    : Link(context, std::move(socket), tls, true, {}, codec_limits(desks.limits), link_limits(desks.limits), scratch),
      desks_(desks),
      peer_(name_of_peer(tcp_socket())),
      on_end_(std::move(on_end)),
      quiet_since_(Clock::now()) {}

Session::~Session() = default;

// ---- the connection -------------------------------------------------------------------------------------------------

void Session::secured() {
  quiet_since_ = Clock::now();
  key_ = desks_.callers.key_of(tls().peer_certificate());
  // Any partner may connect; what it may ask for is decided call by call.
  const auto caller = desks_.callers.admit(key_, &transport::row_of(Operation::health));
  if (!caller) {
    refuse(0, v1::UNAUTHENTICATED, caller.error().finding);
    return finish();
  }
  partner_ = caller->scope.partner;
  if (const auto refused = desks_.connections.identify(peer_, partner_, key_, desks_.admission)) {
    refuse(0, v1::LIMIT_REACHED, refused->finding, refused->retry_after);
    return finish();
  }
  if (const milliseconds wait = desks_.cool_off.remaining(partner_, Clock::now()); wait.count() > 0) {
    const auto seconds = std::chrono::ceil<std::chrono::seconds>(wait).count();
    refuse(0, v1::LIMIT_REACHED, make_finding("PARTNER_COOLING_OFF", {{"seconds", std::to_string(seconds)}}), wait);
    return finish();
  }
}

bool Session::may_receive() const {
  const SocketLimits& limits = desks_.limits;
  return outbox()->requests() < limits.calls_in_flight && outbox()->request_bytes() < limits.calls_bytes &&
         outbox()->waiting() < limits.waiting_bytes;
}

void Session::flushed() {
  std::erase_if(watches_, [&](const auto& entry) { return !outbox()->in_hand(entry.first); });  // a fault ended it
  for (const auto& [call, watch] : watches_) watch->room();
  finish_when_done();
}

void Session::half_closed() {
  half_closed_ = true;
  end_streams();
  finish_when_done();
}

void Session::finish_when_done() {
  if ((draining_ || half_closed_) && outbox()->requests() == 0) finish();
}

void Session::ended() {
  end_streams();
  on_end_();
}

void Session::end_streams() {
  if (feed_) std::exchange(feed_, nullptr)->close();
  watches_.clear();
}

void Session::drain() {
  if (draining_ || finishing()) return;
  if (!is_secured()) return abort();
  draining_ = true;
  const Finding finding = make_finding("GATEWAY_DRAINING");
  say_go_away(v1::UNAVAILABLE, finding);
  const v1::Error error = error_of(v1::UNAVAILABLE, finding);
  for (const auto& [call, watch] : watches_) outbox()->answer(FrameType::error, call, error);
  if (feed_) outbox()->answer(FrameType::error, feed_call_, error);
  end_streams();
  finish_when_done();
}

void Session::check_key() {
  if (key_.empty() || finishing() || desks_.callers.valid(key_)) return;
  refuse(0, v1::UNAUTHENTICATED, make_finding("PARTNER_UNKNOWN", {{"key", key_}}));
  ops::log_warn("connection_ended", {{"partner", partner_}, {"cause", "key_not_valid"}});
  end_streams();
  finish();
}

void Session::checked(Clock::time_point now) {
  const SocketLimits& limits = desks_.limits;
  if (!greeted_) {
    if (now - quiet_since_ > limits.header) too_slow();
    return;
  }
  const bool busy = !may_receive();
  const auto silence = now - last_received();
  if (silence < limits.heartbeat || busy) {
    pinged_ = false;
  } else if (!std::exchange(pinged_, true)) {
    outbox()->send_bytes(FrameType::ping, 0, {});
  }
  if (!busy && silence > kSilentHeartbeats * limits.heartbeat) return abort();
  if (outbox()->requests() + outbox()->streams() > 0) {
    quiet_since_ = now;
  } else if (now - quiet_since_ > limits.idle) {
    say_go_away(v1::UNAVAILABLE, make_finding("CONNECTION_IDLE"));
    finish();
  }
}

void Session::too_slow() {
  ops::log_info("connection_too_slow", {{"partner", partner_}});
  refuse(0, v1::LIMIT_REACHED, make_finding("CONNECTION_TOO_SLOW"));
  end_streams();
  finish();
}

// ---- frames ---------------------------------------------------------------------------------------------------------

void Session::refuse(std::uint32_t call, v1::ErrorCode code, const Finding& finding, milliseconds retry_after) {
  outbox()->send(FrameType::error, call, error_of(code, finding, retry_after));
}

void Session::say_go_away(v1::ErrorCode code, const Finding& finding, milliseconds retry_after) {
  const v1::Error error = error_of(code, finding, retry_after);
  v1::GoAway message;
  message.set_code(error.code());
  message.set_text(error.text());
  message.set_retry_after_ms(error.retry_after_ms());
  *message.mutable_finding() = finding;
  outbox()->send(FrameType::go_away, 0, message);
}

void Session::close_bad() {
  ops::log_warn("connection_bad_frames", {{"partner", partner_}, {"frames", bad_frames_}});
  if (!partner_.empty()) desks_.cool_off.note_bad_close(partner_, Clock::now());
  end_streams();
  finish();
}

void Session::bad_frame(FrameFault fault) {
  ++bad_frames_;
  refuse(0, v1::BAD_FRAME, make_finding("FRAME_INVALID", {{"cause", std::string(name_of(fault))}}));
  if (bad_frames_ >= desks_.limits.bad_frames) close_bad();
}

void Session::received(const Received& result) {
  switch (result.kind) {
    case Received::Kind::message:
      return take(result);
    case Received::Kind::refused: {
      const std::size_t limit =
          result.fault == FrameFault::message_bytes ? desks_.limits.message_bytes : desks_.limits.unfinished_bytes;
      return refuse(result.call, v1::LIMIT_REACHED,
                    make_finding("MESSAGE_TOO_LARGE", {{"limit", std::to_string(limit)}}));
    }
    case Received::Kind::bad:
      return bad_frame(result.fault);
    case Received::Kind::lost:
      ++bad_frames_;
      refuse(0, v1::BAD_FRAME, make_finding("FRAME_INVALID", {{"cause", std::string(name_of(result.fault))}}));
      return close_bad();
  }
}

void Session::take(const Received& message) {
  const FrameRow& row = socket::row_of(message.type);
  if (message.type == FrameType::hello && !greeted_) return greet(message.payload);
  if (!greeted_) {
    bad_frame(FrameFault::type);
    return close_bad();
  }
  if (row.operation) return request(message, row);
  switch (message.type) {
    case FrameType::ping:
      quiet_since_ = Clock::now();
      return outbox()->send_bytes(FrameType::pong, 0, message.payload);
    case FrameType::pong:
      return;
    case FrameType::cancel:
      return cancel(message);
    default:
      return bad_frame(FrameFault::type);  // a second HELLO
  }
}

void Session::greet(std::string_view payload) {
  v1::Hello hello;
  if (!hello.ParseFromArray(payload.data(), static_cast<int>(payload.size())) || hello.client().size() > kLabel) {
    refuse(0, v1::REQUEST_INVALID, make_finding("REQUEST_UNREADABLE", {{"message", "Hello"}}));
    return close_bad();
  }
  if (hello.version_min() > kVersion || hello.version_max() < kVersion) {
    refuse(0, v1::VERSION_UNSUPPORTED,
           make_finding("PROTOCOL_VERSION_UNSUPPORTED", {{"versions", std::to_string(kVersion)}}));
    return finish();
  }
  greeted_ = true;
  quiet_since_ = Clock::now();
  const auto caller = desks_.callers.admit(key_, &transport::row_of(Operation::health));
  if (!caller) return check_key();
  const SocketLimits& limits = desks_.limits;
  v1::Welcome welcome;
  welcome.set_version(kVersion);
  welcome.set_partner(partner_);
  for (const partners::Role role : caller->scope.roles) welcome.add_roles(std::string(partners::name_of(role)));
  v1::SocketLimits& told = *welcome.mutable_limits();
  told.set_frame_bytes(limits.frame_bytes);
  told.set_message_bytes(limits.message_bytes);
  told.set_calls_in_flight(static_cast<std::uint32_t>(limits.calls_in_flight));
  told.set_unfinished_messages(static_cast<std::uint32_t>(limits.unfinished_messages));
  told.set_unfinished_bytes(limits.unfinished_bytes);
  told.set_watches(static_cast<std::uint32_t>(limits.watches));
  told.set_header_ms(static_cast<std::uint64_t>(limits.header.count()));
  told.set_progress_bytes_second(limits.progress_bytes_second);
  told.set_heartbeat_ms(static_cast<std::uint64_t>(limits.heartbeat.count()));
  told.set_idle_ms(static_cast<std::uint64_t>(limits.idle.count()));
  outbox()->send(FrameType::welcome, 0, welcome);
}

template <typename Message>
bool Session::parse(const Received& message, Message& into) {
  if (into.ParseFromArray(message.payload.data(), static_cast<int>(message.payload.size()))) return true;
  const Finding finding =
      make_finding("REQUEST_UNREADABLE", {{"message", std::string(socket::row_of(message.type).message)}});
  outbox()->answer(FrameType::error, message.call, error_of(v1::REQUEST_INVALID, finding));
  return false;
}

bool Session::begin(const Received& message, Outbox::Kind kind) {
  if (outbox()->begin(message.call, kind, kind == Outbox::Kind::request ? message.payload.size() : 0)) return true;
  bad_frame(FrameFault::call);
  return false;
}

void Session::request(const Received& message, const FrameRow& row) {
  if (draining_) return refuse(message.call, v1::UNAVAILABLE, make_finding("GATEWAY_DRAINING"));
  const OperationRow& operation = transport::row_of(*row.operation);
  const auto caller = desks_.callers.admit(key_, &operation);
  if (!caller) {
    if (caller.error().why == NotAdmitted::Why::unknown_partner) return check_key();
    return refuse(message.call, v1::ROLE_REFUSED, caller.error().finding);
  }
  if (message.payload.size() > operation.request_bytes) {
    return refuse(message.call, v1::LIMIT_REACHED,
                  make_finding("MESSAGE_TOO_LARGE", {{"limit", std::to_string(operation.request_bytes)}}));
  }
  if (const auto refused = desks_.admission.request(partner_, operation))
    return refuse(message.call, v1::LIMIT_REACHED, refused->finding, refused->retry_after);
  switch (message.type) {
    case FrameType::submit:
      return submit(message, *caller);
    case FrameType::check:
      return check(message);
    case FrameType::status:
      return status(message, *caller);
    case FrameType::watch:
      return watch(message, *caller);
    case FrameType::get_draft:
      return draft(message, *caller);
    case FrameType::feed:
      return feed(message, *caller);
    case FrameType::act:
      return act(message, *caller);
    default:
      return bad_frame(FrameFault::type);
  }
}

namespace {

// The last frame of a call: what `result` holds, or the error that its fault is.
template <typename Message>
void answer(Outbox& outbox, FrameType type, std::uint32_t call, const Result<Message>& result) {
  if (result) {
    outbox.answer(type, call, *result);
  } else {
    outbox.answer(FrameType::error, call, error_of(result.error()));
  }
}

void answer_busy(Outbox& outbox, std::uint32_t call) {
  outbox.answer(FrameType::error, call, error_of(v1::LIMIT_REACHED, make_finding("GATEWAY_BUSY"), milliseconds(1000)));
}

}  // namespace

void Session::submit(const Received& message, const Caller& caller) {
  v1::SubmitRequest request;
  if (!begin(message, Outbox::Kind::request)) return;
  if (!parse(message, request)) return;
  flow::Submission submission{.kind = request.kind(),
                              .content = std::move(*request.mutable_content()),
                              .client_ref = std::move(*request.mutable_client_ref()),
                              .transport = std::string(kTransport)};
  std::function<void(Result<v1::SubmitReply>)> done = [out = outbox(),
                                                       call = message.call](Result<v1::SubmitReply> reply) {
    answer(*out, FrameType::submit_reply, call, reply);
  };
  if (const auto refused = desks_.admission.submit(desks_.flow, caller.scope, submission, done))
    outbox()->answer(FrameType::error, message.call,
                     error_of(v1::LIMIT_REACHED, refused->finding, refused->retry_after));
}

void Session::check(const Received& message) {
  v1::CheckRequest request;
  if (!begin(message, Outbox::Kind::request)) return;
  if (!parse(message, request)) return;
  const bool taken = desks_.checks.offer(
      [out = outbox(), call = message.call, &flow = desks_.flow, shares = desks_.admission.shares(), partner = partner_,
       content = std::move(*request.mutable_content())] {
        const partners::CpuShares::Meter meter(*shares, partner);
        out->answer(FrameType::check_report, call, flow.check(partner, "", content));
      },
      desks_.admission.shares()->behind(partner_));
  if (!taken) answer_busy(*outbox(), message.call);
}

void Session::status(const Received& message, const Caller& caller) {
  v1::StatusRequest request;
  if (!begin(message, Outbox::Kind::request)) return;
  if (!parse(message, request)) return;
  const bool taken = desks_.reads.offer(
      [out = outbox(), call = message.call, &flow = desks_.flow, scope = caller.scope, number = request.number()] {
        answer(*out, FrameType::status_reply, call, flow.status(scope, number));
      });
  if (!taken) answer_busy(*outbox(), message.call);
}

void Session::draft(const Received& message, const Caller& caller) {
  v1::DraftRequest request;
  if (!begin(message, Outbox::Kind::request)) return;
  if (!parse(message, request)) return;
  const bool taken = desks_.reads.offer(
      [out = outbox(), call = message.call, &flow = desks_.flow, scope = caller.scope, id = request.filing_id()] {
        answer(*out, FrameType::draft, call, flow.draft_of(scope, id));
      });
  if (!taken) answer_busy(*outbox(), message.call);
}

void Session::act(const Received& message, const Caller& caller) {
  v1::FilerAct request;
  if (!begin(message, Outbox::Kind::request)) return;
  if (!parse(message, request)) return;
  desks_.delivery.act(caller.scope, std::move(request), kTransport,
                      [out = outbox(), call = message.call](Result<v1::FilerActResult> result) {
                        answer(*out, FrameType::act_result, call, result);
                      });
}

void Session::watch(const Received& message, const Caller& caller) {
  v1::WatchRequest request;
  if (watches_.size() >= desks_.limits.watches) {
    return refuse(message.call, v1::LIMIT_REACHED,
                  make_finding("CALLS_OVER_LIMIT", {{"limit", std::to_string(desks_.limits.watches)}}));
  }
  if (!begin(message, Outbox::Kind::stream)) return;
  if (!parse(message, request)) return;
  auto watch = std::make_shared<Watch>(outbox(), message.call, caller.scope, std::move(request), desks_.flow,
                                       desks_.ledger, desks_.limits.waiting_bytes);
  Watch::start(watch, desks_.tap);
  watches_.insert_or_assign(message.call, std::move(watch));
}

void Session::feed(const Received& message, const Caller& caller) {
  v1::Credits credits;
  const bool more = feed_ && feed_call_ == message.call;
  if (!more) {
    if (feed_) {
      return refuse(message.call, v1::LIMIT_REACHED, make_finding("CALLS_OVER_LIMIT", {{"limit", "1"}}));
    }
    if (!begin(message, Outbox::Kind::stream)) return;
  }
  if (!parse(message, credits)) {
    if (more) std::exchange(feed_, nullptr)->close();
    return;
  }
  if (!more) {
    feed_call_ = message.call;
    feed_ = desks_.delivery.attach(caller.scope, kTransport,
                                   [out = outbox(), call = message.call](const v1::Filing& filing) {
                                     out->send_in_call(FrameType::filing, call, filing);
                                   });
  }
  feed_->grant(credits.filings());
}

void Session::cancel(const Received& message) {
  if (const auto found = watches_.find(message.call); found != watches_.end()) {
    watches_.erase(found);
    return outbox()->answer_bytes(FrameType::end, message.call, {});
  }
  if (feed_ && feed_call_ == message.call) {
    outbox()->answer_bytes(FrameType::end, message.call, {});
    return std::exchange(feed_, nullptr)->close();
  }
  if (message.unfinished) outbox()->send_bytes(FrameType::end, message.call, {});
}

}  // namespace puente::transport::socket
