// A partner's side of the socket door, for the program's commands, tests and load programs: the shape of the gRPC
// client, with calls that go on side by side on one connection. One SocketClient is one connection and one thread.
//
// Faults: peer_unavailable and limit_reached are retryable; unauthenticated, role_refused, request_invalid, not_found,
// cancelled and peer_fault are permanent; the text is the gateway's. A broken connection loses nothing: connect and
// submit again (a repeat gets its first receipt), watch again after the last sequence, feed again (filings come back
// marked possible duplicate). Threads: every function may be called from any thread. Callbacks run on the connection's
// thread, one at a time, unless said otherwise: they may send, grant and begin calls, and must not wait for one. What
// cancel() ends is told on the thread that cancels.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "gateway/transport/entrance/partner_side.h"
#include "puente/v1/gateway.pb.h"
#include "puente/v1/socket.pb.h"

namespace puente::client {

class SocketClient {
 public:
  // Reads the files, connects and greets. Faults: credentials_unreadable, peer_unavailable, and what the gateway
  // answers instead of a welcome (unauthenticated, limit_reached).
  static Result<std::unique_ptr<SocketClient>> connect(const ClientOptions& options);
  ~SocketClient();

  const v1::Welcome& welcome() const;

  Result<v1::SubmitReply> submit(const v1::SubmitRequest& request);
  // Returns at once; `done` is called once.
  void submit(const v1::SubmitRequest& request, std::function<void(Result<v1::SubmitReply>)> done);
  // Sends what `next` gives until it gives nothing, at most `window` unanswered, then until all are answered. The first
  // fault ends the sending and is returned. `next` runs on the calling thread. Only replies come to `on_event`: status
  // events come by watch().
  Result<void> submit_many(const std::function<std::optional<v1::SubmitRequest>()>& next,
                           const std::function<void(const v1::SubmitEvent&)>& on_event, std::size_t window = 64);
  Result<v1::CheckReport> check(const std::string& content);
  Result<v1::StatusReply> status(const std::string& number);
  Result<v1::Draft> draft(const std::string& filing_id);
  // Until `on_event`, on the calling thread, returns false (no fault), cancel() or the connection ends.
  Result<void> watch(const v1::WatchRequest& request, const std::function<bool(const v1::StatusEvent&)>& on_event);

  std::unique_ptr<Feed> feed(FeedHandlers handlers);  // one at a time
  Result<v1::FilerActResult> act(const v1::FilerAct& act);

  void cancel();  // ends every call and stream of this client, also those that come later

 private:
  class Connection;
  class FeedCall;
  explicit SocketClient(std::shared_ptr<Connection> connection);
  std::shared_ptr<Connection> connection_;
};

}  // namespace puente::client
