// A partner's side of the gRPC door, for the program's commands and for tests. One Client is one connection.
//
// Faults: peer_unavailable and limit_reached are retryable; unauthenticated, role_refused, request_invalid, not_found,
// cancelled and peer_fault are permanent; the text is the gateway's. A broken stream loses nothing: submit again (a
// repeat gets its first receipt), watch again after the last sequence, feed again (filings come back marked possible
// duplicate). Threads: every function may be called from any thread; callbacks run on a thread of the call, one at a
// time.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "gateway/transport/entrance/partner_side.h"
#include "mappings/domain/result.h"
#include "puente/v1/gateway.pb.h"

namespace puente::client {

class Client {
 public:
  // Reads the files and connects. Faults: credentials_unreadable, peer_unavailable.
  static Result<std::unique_ptr<Client>> connect(const ClientOptions& options);
  ~Client();

  Result<v1::SubmitReply> submit(const v1::SubmitRequest& request);
  // Sends what `next` gives until it gives nothing, then until the gateway has done its part with each document. `next`
  // runs on the calling thread, `on_event` on another.
  Result<void> submit_many(const std::function<std::optional<v1::SubmitRequest>()>& next,
                           const std::function<void(const v1::SubmitEvent&)>& on_event);
  Result<v1::CheckReport> check(const std::string& content);
  Result<v1::StatusReply> status(const std::string& number);
  Result<v1::Draft> draft(const std::string& filing_id);
  // Until `on_event` returns false (no fault), cancel() or the stream ends.
  Result<void> watch(const v1::WatchRequest& request, const std::function<bool(const v1::StatusEvent&)>& on_event);

  std::unique_ptr<Feed> feed(FeedHandlers handlers);
  Result<v1::FilerActResult> act(const v1::FilerAct& act);

  Result<v1::ExceptionsReply> exceptions();
  Result<v1::StatusReply> trace(const std::string& number);
  Result<v1::ChannelsReply> channels();
  Result<v1::ChannelOrderReply> pause(const v1::ChannelOrder& order);
  Result<v1::ChannelOrderReply> resume(const v1::ChannelOrder& order);
  Result<v1::RedeliverReply> redeliver(const v1::FilingsOrder& order);
  Result<v1::RetranslateReply> retranslate(const v1::FilingsOrder& order);
  Result<v1::ReloadReply> reload();
  Result<v1::VerifyReply> verify();
  Result<v1::BackupReply> backup(const std::string& path);

  void cancel();  // ends every call and stream of this client, also those that come later

 private:
  class Connection;
  explicit Client(std::shared_ptr<Connection> connection);
  std::shared_ptr<Connection> connection_;
};

}  // namespace puente::client
