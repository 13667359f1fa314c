#include "gateway/transport/socket/client.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/asio/connect.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "gateway/transport/socket/link.h"

namespace puente::client {
namespace {

namespace asio = boost::asio;
namespace wire = transport::socket;
using asio::ip::tcp;
using wire::FrameType;

constexpr std::size_t kScratch = std::size_t{64} << 10U;
constexpr std::size_t kEventsWaiting = 64;  // of a watch; over it nothing more is read
constexpr std::chrono::milliseconds kTick{500};

struct CodeRow {
  v1::ErrorCode error;
  FaultKind kind;
  const char* code;
};
constexpr auto kCodes = std::to_array<CodeRow>({
    {v1::UNAVAILABLE, FaultKind::retryable, "peer_unavailable"},
    {v1::LIMIT_REACHED, FaultKind::retryable, "limit_reached"},
    {v1::UNAUTHENTICATED, FaultKind::permanent, "unauthenticated"},
    {v1::ROLE_REFUSED, FaultKind::permanent, "role_refused"},
    {v1::REQUEST_INVALID, FaultKind::permanent, "request_invalid"},
    {v1::NOT_FOUND, FaultKind::permanent, "not_found"},
    {v1::CANCELLED, FaultKind::permanent, "cancelled"},
});

Fault fault_of(v1::ErrorCode code, const std::string& text) {
  const auto row = std::find_if(kCodes.begin(), kCodes.end(), [&](const CodeRow& entry) { return entry.error == code; });
  if (row == kCodes.end()) return {FaultKind::permanent, "peer_fault", text};
  return {row->kind, row->code, text};
}

// What a call waits for: its frames, or how it failed. Called on the connection's thread; true when the call is over.
struct Waiting {
  std::function<bool(FrameType, std::string_view payload)> on_frame;
  std::function<void(const Fault&)> on_fault;
};

template <typename Message>
Result<Message> message_of(std::string_view payload) {
  Message message;
  if (!message.ParseFromArray(payload.data(), static_cast<int>(payload.size())))
    return permanent("peer_fault", "the gateway's answer is not the message of its frame type");
  return message;
}

}  // namespace

class SocketClient::Connection : public std::enable_shared_from_this<Connection> {
 public:
  explicit Connection(const ClientOptions& options) : options_(options), scratch_(kScratch) {}
  ~Connection() { stop(); }

  Result<void> open() {
    const std::size_t colon = options_.address.rfind(':');
    if (colon == std::string::npos) return unavailable();
    std::string host = options_.address.substr(0, colon);
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') host = host.substr(1, host.size() - 2);
    auto tls = wire::client_context(options_.authority, options_.certificate, options_.key);
    if (!tls) return tl::unexpected(tls.error());
    tcp::socket socket(context_);
    if (!reach(socket, host, options_.address.substr(colon + 1))) return unavailable();
    link_ = std::make_shared<ClientLink>(*this, std::move(socket), *tls,
                                         options_.server_name.empty() ? host : options_.server_name);
    outbox_ = link_->outbox();
    link_->run();
    next_tick();
    thread_ = std::thread([this] { context_.run(); });
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, options_.connect_timeout, [&] { return welcomed_ || over_; });
    if (welcomed_) return {};
    return over_ ? tl::unexpected(*over_) : Result<void>(unavailable());
  }

  const v1::Welcome& welcome() const { return welcome_; }

  // The call's number; nothing when the connection is over, which `waiting` has then been told.
  std::optional<std::uint32_t> begin(Waiting waiting, FrameType type, const google::protobuf::MessageLite& request) {
    std::uint32_t call = 0;
    {
      const std::scoped_lock lock(mutex_);
      if (!over_) {
        call = ++last_call_ == 0 ? ++last_call_ : last_call_;
        waiting_.insert_or_assign(call, std::make_shared<Waiting>(std::move(waiting)));
      }
    }
    if (call == 0) {
      waiting.on_fault(*over_);
      return std::nullopt;
    }
    outbox_->send(type, call, request);
    return call;
  }

  void send(FrameType type, std::uint32_t call, const google::protobuf::MessageLite& message) {
    outbox_->send(type, call, message);
  }
  void send_cancel(std::uint32_t call) { outbox_->send_bytes(FrameType::cancel, call, {}); }
  void forget(std::uint32_t call) {
    const std::scoped_lock lock(mutex_);
    waiting_.erase(call);
  }

  template <typename Reply>
  void begin_unary(FrameType type, const google::protobuf::MessageLite& request, FrameType answer,
                   std::function<void(Result<Reply>)> done) {
    // An answer and cancel() may come at the same time, on two threads: the first one counts.
    struct Told {
      std::function<void(Result<Reply>)> done;
      std::atomic_flag called;
      void operator()(Result<Reply> reply) {
        if (!called.test_and_set()) done(std::move(reply));
      }
    };
    const auto told = std::make_shared<Told>();
    told->done = std::move(done);
    begin({.on_frame =
               [told, answer](FrameType got, std::string_view payload) {
                 if (got == answer) {
                   (*told)(message_of<Reply>(payload));
                 } else {
                   (*told)(permanent("peer_fault", "the gateway answered with another frame type"));
                 }
                 return true;
               },
           .on_fault = [told](const Fault& fault) { (*told)(tl::unexpected(fault)); }},
          type, request);
  }

  template <typename Reply>
  Result<Reply> unary(FrameType type, const google::protobuf::MessageLite& request, FrameType answer) {
    struct Slot {
      std::mutex mutex;
      std::condition_variable changed;
      std::optional<Result<Reply>> reply;
    };
    const auto slot = std::make_shared<Slot>();
    begin_unary<Reply>(type, request, answer, [slot](Result<Reply> reply) {
      const std::scoped_lock lock(slot->mutex);
      slot->reply = std::move(reply);
      slot->changed.notify_all();
    });
    std::unique_lock lock(slot->mutex);
    if (!slot->changed.wait_for(lock, options_.call_timeout, [&] { return slot->reply.has_value(); }))
      return retryable("peer_unavailable", "no answer in time");
    return std::move(*slot->reply);
  }

  void cancel() {
    fail({FaultKind::permanent, "cancelled", "cancelled by the client"});
    asio::post(context_, [this] {
      if (link_) link_->abort();
    });
  }

  // Events of a watch that its reader has not taken: over the bound, nothing more is read from the connection.
  void note_events(std::ptrdiff_t change) {
    const auto before = events_.fetch_add(change);
    if (change < 0 && before >= static_cast<std::ptrdiff_t>(kEventsWaiting)) {
      asio::post(context_, [this] {
        if (link_) link_->go_on();
      });
    }
  }

 private:
  class ClientLink final : public wire::Link {
   public:
    ClientLink(Connection& owner, tcp::socket socket, const wire::TlsContext& tls, const std::string& host)
        : Link(owner.context_, std::move(socket), tls, false, host, codec(), limits(owner.options_), owner.scratch_),
          owner_(owner) {}
    void go_on() { resume(); }

   protected:
    void secured() override {
      v1::Hello hello;
      hello.set_version_min(wire::kVersion);
      hello.set_version_max(wire::kVersion);
      hello.set_client("puente");
      outbox()->send(FrameType::hello, 0, hello);
    }
    bool may_receive() const override {
      return owner_.events_.load() < static_cast<std::ptrdiff_t>(kEventsWaiting);
    }
    void received(const wire::Received& result) override {
      if (result.kind != wire::Received::Kind::message) return abort();  // not a gateway that we understand
      owner_.received(*this, result);
    }
    void checked(Clock::time_point now) override {
      const auto heartbeat = std::chrono::milliseconds(owner_.heartbeat_.load());
      const auto silence = now - last_received();
      if (heartbeat.count() == 0 || silence < 2 * heartbeat) {
        pinged_ = false;
      } else if (!std::exchange(pinged_, true)) {
        outbox()->send_bytes(FrameType::ping, 0, {});
      }
      if (heartbeat.count() != 0 && silence > 4 * heartbeat) abort();
    }
    void ended() override { owner_.fail(owner_.lost()); }

   private:
    static wire::CodecLimits codec() {
      wire::CodecLimits limits;
      limits.message_bytes = std::size_t{32} << 20U;
      limits.unfinished_messages = 256;
      limits.unfinished_bytes = std::size_t{64} << 20U;
      return limits;
    }
    static wire::LinkLimits limits(const ClientOptions& options) {
      wire::LinkLimits limits;
      limits.handshake = options.connect_timeout;
      limits.progress_bytes_second = 0;  // the gateway may be slow
      limits.header = std::chrono::minutes(5);
      limits.write_stall = std::chrono::minutes(5);
      return limits;
    }
    Connection& owner_;
    bool pinged_ = false;
  };

  // Runs the context on this thread until there is a connection, or there will be none.
  bool reach(tcp::socket& socket, const std::string& host, const std::string& port) {
    boost::system::error_code error;
    const auto found = tcp::resolver(context_).resolve(host, port, error);
    if (error) return false;
    std::optional<boost::system::error_code> done;
    const auto deadline = wire::Link::Clock::now() + options_.connect_timeout;
    asio::async_connect(socket, found, [&](boost::system::error_code result, const tcp::endpoint&) { done = result; });
    while (!done && context_.run_one_until(deadline) != 0) {
    }
    if (!done) {
      socket.close(error);
      while (!done) context_.run_one();
      return false;
    }
    if (*done) return false;
    socket.set_option(tcp::no_delay(true), error);
    socket.native_non_blocking(true, error);
    return !error;
  }

  tl::unexpected<Fault> unavailable() const { return retryable("peer_unavailable", "no connection to " + options_.address); }

  Fault lost() {
    const std::scoped_lock lock(mutex_);
    if (last_words_) return *last_words_;
    return {FaultKind::retryable, "peer_unavailable", "the connection was lost"};
  }

  void next_tick() {
    timer_.expires_after(kTick);
    timer_.async_wait([this](boost::system::error_code error) {
      if (error || stopping_) return;
      link_->check_time(wire::Link::Clock::now());
      next_tick();
    });
  }

  void received(wire::Link& link, const wire::Received& frame) {
    switch (frame.type) {
      case FrameType::welcome: {
        auto message = message_of<v1::Welcome>(frame.payload);
        if (!message) return link.abort();
        const std::scoped_lock lock(mutex_);
        if (welcomed_) return;
        welcome_ = std::move(*message);
        heartbeat_ = static_cast<std::int64_t>(welcome_.limits().heartbeat_ms());
        welcomed_ = true;
        changed_.notify_all();
        return;
      }
      case FrameType::ping:
        return link.outbox()->send_bytes(FrameType::pong, 0, frame.payload);
      case FrameType::pong:
        return;
      case FrameType::go_away: {
        const auto message = message_of<v1::GoAway>(frame.payload);
        if (message) note_last_words(fault_of(message->code(), message->text()));
        return;
      }
      default:
        break;
    }
    std::optional<Fault> refused;
    if (frame.type == FrameType::error) {
      const auto message = message_of<v1::Error>(frame.payload);
      refused = message ? fault_of(message->code(), message->text()) : message.error();
      if (frame.call == 0) return note_last_words(*refused);
    }
    std::shared_ptr<Waiting> waiting;
    {
      const std::scoped_lock lock(mutex_);
      const auto found = waiting_.find(frame.call);
      if (found == waiting_.end()) return;
      waiting = found->second;
      if (refused) waiting_.erase(found);
    }
    if (refused) return waiting->on_fault(*refused);
    if (waiting->on_frame(frame.type, frame.payload)) forget(frame.call);
  }

  void note_last_words(const Fault& fault) {
    const std::scoped_lock lock(mutex_);
    last_words_ = fault;
  }

  void fail(const Fault& fault) {
    std::map<std::uint32_t, std::shared_ptr<Waiting>> waiting;
    {
      const std::scoped_lock lock(mutex_);
      if (!over_) over_ = fault;
      waiting.swap(waiting_);
      changed_.notify_all();
    }
    for (const auto& [call, entry] : waiting) entry->on_fault(fault);
  }

  void stop() {
    if (!thread_.joinable()) return;
    stopping_ = true;
    asio::post(context_, [this] {
      timer_.cancel();
      link_->abort();
    });
    guard_.reset();
    thread_.join();
    link_.reset();
  }

  const ClientOptions options_;
  asio::io_context context_{1};
  asio::executor_work_guard<asio::io_context::executor_type> guard_{context_.get_executor()};
  asio::steady_timer timer_{context_};
  std::vector<char> scratch_;
  std::shared_ptr<ClientLink> link_;
  std::shared_ptr<wire::Outbox> outbox_;
  std::thread thread_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool welcomed_ = false;
  v1::Welcome welcome_;
  std::optional<Fault> over_, last_words_;
  std::uint32_t last_call_ = 0;
  std::map<std::uint32_t, std::shared_ptr<Waiting>> waiting_;
  std::atomic<std::int64_t> heartbeat_ = 0;
  std::atomic<std::ptrdiff_t> events_ = 0;
  std::atomic<bool> stopping_ = false;
};

// A FEED call and the ACT calls that belong to it.
class SocketClient::FeedCall final : public Feed {
 public:
  FeedCall(std::shared_ptr<Connection> connection, FeedHandlers handlers)
      : connection_(std::move(connection)), state_(std::make_shared<State>()) {
    state_->handlers = std::move(handlers);
    const auto number = connection_->begin({.on_frame =
                                                [state = state_](FrameType type, std::string_view payload) {
                                                  if (type == FrameType::end) {
                                                    state->left();
                                                    return true;
                                                  }
                                                  state->take(payload);
                                                  return false;
                                                },
                                            .on_fault = [state = state_](const Fault& fault) { state->end(fault); }},
                                           FrameType::feed, v1::Credits());
    if (number) call_ = *number;
  }

  ~FeedCall() override {
    // No callback after this: who made the feed may be gone.
    state_->silence();
    half_close();
  }

  bool grant(std::uint32_t filings) override {
    if (!state_->open()) return false;
    v1::Credits credits;
    credits.set_filings(filings);
    connection_->send(FrameType::feed, call_, credits);
    return true;
  }

  bool send(const v1::FilerAct& act) override {
    if (act.has_credits()) return grant(act.credits().filings());
    if (!state_->act_begins()) return false;
    connection_->begin_unary<v1::FilerActResult>(
        FrameType::act, act, FrameType::act_result,
        [state = state_](Result<v1::FilerActResult> result) { state->act_done(result); });
    return true;
  }

  void half_close() override {
    if (state_->leave()) connection_->send_cancel(call_);
  }

  void cancel() override {
    half_close();
    state_->end({FaultKind::permanent, "cancelled", "cancelled by the client"});
  }

  Result<void> wait() override { return state_->wait(); }

 private:
  // Shared with the callbacks, which may outlive the feed.
  struct State {
    std::mutex mutex;
    std::recursive_mutex calling;  // held while a handler runs: a handler may end its own feed
    std::condition_variable changed;
    FeedHandlers handlers;
    bool leaving = false, gone = false;
    std::size_t acts = 0;
    std::optional<Result<void>> ended;
    std::optional<Fault> failed;

    bool open() {
      const std::scoped_lock lock(mutex);
      return !leaving && !ended;
    }
    bool act_begins() {
      const std::scoped_lock lock(mutex);
      if (leaving || ended) return false;
      ++acts;
      return true;
    }
    bool leave() {
      const std::scoped_lock lock(mutex);
      return !std::exchange(leaving, true) && !ended;
    }
    void settle_locked() {
      if (ended || acts != 0 || (!gone && !failed)) return;
      ended = failed ? Result<void>(tl::unexpected(*failed)) : Result<void>();
      changed.notify_all();
    }
    void left() {
      const std::scoped_lock lock(mutex);
      gone = true;
      settle_locked();
    }
    void end(const Fault& fault) {
      const std::scoped_lock lock(mutex);
      if (!ended) ended = tl::unexpected(fault);
      changed.notify_all();
    }
    void take(std::string_view payload) {
      const auto filing = message_of<v1::Filing>(payload);
      const std::scoped_lock lock(calling);
      if (filing && handlers.on_filing) handlers.on_filing(*filing);
    }
    void act_done(const Result<v1::FilerActResult>& result) {
      {
        const std::scoped_lock lock(calling);
        if (result && handlers.on_result) handlers.on_result(*result);
      }
      const std::scoped_lock lock(mutex);
      --acts;
      if (!result && !failed) failed = result.error();
      settle_locked();
    }
    void silence() {
      const std::scoped_lock lock(calling);
      handlers = {};
    }
    Result<void> wait() {
      std::unique_lock lock(mutex);
      changed.wait(lock, [&] { return ended.has_value(); });
      return *ended;
    }
  };

  const std::shared_ptr<Connection> connection_;
  const std::shared_ptr<State> state_;
  std::uint32_t call_ = 0;
};

SocketClient::SocketClient(std::shared_ptr<Connection> connection) : connection_(std::move(connection)) {}
SocketClient::~SocketClient() { cancel(); }

Result<std::unique_ptr<SocketClient>> SocketClient::connect(const ClientOptions& options) {
  auto connection = std::make_shared<Connection>(options);
  if (auto opened = connection->open(); !opened) return tl::unexpected(opened.error());
  return std::unique_ptr<SocketClient>(new SocketClient(std::move(connection)));
}

const v1::Welcome& SocketClient::welcome() const { return connection_->welcome(); }

Result<v1::SubmitReply> SocketClient::submit(const v1::SubmitRequest& request) {
  return connection_->unary<v1::SubmitReply>(FrameType::submit, request, FrameType::submit_reply);
}

void SocketClient::submit(const v1::SubmitRequest& request, std::function<void(Result<v1::SubmitReply>)> done) {
  connection_->begin_unary<v1::SubmitReply>(FrameType::submit, request, FrameType::submit_reply, std::move(done));
}

Result<void> SocketClient::submit_many(const std::function<std::optional<v1::SubmitRequest>()>& next,
                                       const std::function<void(const v1::SubmitEvent&)>& on_event,
                                       std::size_t window) {
  std::mutex mutex;
  std::condition_variable changed;
  std::size_t unanswered = 0;
  std::optional<Fault> failed;
  while (auto request = next()) {
    {
      std::unique_lock lock(mutex);
      changed.wait(lock, [&] { return unanswered < window; });
      if (failed) break;
      ++unanswered;
    }
    submit(*request, [&](Result<v1::SubmitReply> reply) {
      if (reply) {
        v1::SubmitEvent event;
        *event.mutable_reply() = std::move(*reply);
        on_event(event);
      }
      const std::scoped_lock lock(mutex);
      if (!reply && !failed) failed = reply.error();
      --unanswered;
      changed.notify_all();
    });
  }
  std::unique_lock lock(mutex);
  changed.wait(lock, [&] { return unanswered == 0; });
  if (failed) return tl::unexpected(*failed);
  return {};
}

Result<v1::CheckReport> SocketClient::check(const std::string& content) {
  v1::CheckRequest request;
  request.set_content(content);
  return connection_->unary<v1::CheckReport>(FrameType::check, request, FrameType::check_report);
}

Result<v1::StatusReply> SocketClient::status(const std::string& number) {
  v1::StatusRequest request;
  request.set_number(number);
  return connection_->unary<v1::StatusReply>(FrameType::status, request, FrameType::status_reply);
}

Result<v1::Draft> SocketClient::draft(const std::string& filing_id) {
  v1::DraftRequest request;
  request.set_filing_id(filing_id);
  return connection_->unary<v1::Draft>(FrameType::get_draft, request, FrameType::draft);
}

Result<void> SocketClient::watch(const v1::WatchRequest& request,
                                 const std::function<bool(const v1::StatusEvent&)>& on_event) {
  struct Events {
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<v1::StatusEvent> waiting;
    bool leaving = false;
    std::optional<Result<void>> ended;
  };
  const auto events = std::make_shared<Events>();
  const auto call = connection_->begin(
      {.on_frame =
           [events, connection = connection_.get()](FrameType type, std::string_view payload) {
             const std::scoped_lock lock(events->mutex);
             if (type == FrameType::end) {
               events->ended = Result<void>();
             } else if (auto event = message_of<v1::StatusEvent>(payload); event && !events->leaving) {
               events->waiting.push_back(std::move(*event));
               connection->note_events(1);
             }
             events->changed.notify_all();
             return type == FrameType::end;
           },
       .on_fault =
           [events](const Fault& fault) {
             const std::scoped_lock lock(events->mutex);
             events->ended = tl::unexpected(fault);
             events->changed.notify_all();
           }},
      FrameType::watch, request);
  std::unique_lock lock(events->mutex);
  for (;;) {
    events->changed.wait(lock, [&] { return !events->waiting.empty() || events->ended; });
    if (events->waiting.empty()) return *events->ended;
    const v1::StatusEvent event = std::move(events->waiting.front());
    events->waiting.pop_front();
    lock.unlock();
    connection_->note_events(-1);
    const bool go_on = on_event(event);
    lock.lock();
    if (go_on) continue;
    events->leaving = true;
    const auto left = static_cast<std::ptrdiff_t>(events->waiting.size());
    events->waiting.clear();
    connection_->note_events(-left);
    if (events->ended) return {};
    connection_->send_cancel(*call);
    events->changed.wait(lock, [&] { return events->ended.has_value(); });
    return {};
  }
}

std::unique_ptr<Feed> SocketClient::feed(FeedHandlers handlers) {
  return std::make_unique<FeedCall>(connection_, std::move(handlers));
}

Result<v1::FilerActResult> SocketClient::act(const v1::FilerAct& act) {
  return connection_->unary<v1::FilerActResult>(FrameType::act, act, FrameType::act_result);
}

void SocketClient::cancel() { connection_->cancel(); }

}  // namespace puente::client
