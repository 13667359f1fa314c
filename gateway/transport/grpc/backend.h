// What every service works with, and how a unary call begins.
#pragma once

#include <grpcpp/server_context.h>
#include <grpcpp/support/server_callback.h>

#include <string>
#include <string_view>
#include <utility>

#include "gateway/transport/entrance/connections.h"
#include "gateway/transport/entrance/event_tap.h"
#include "gateway/transport/entrance/work.h"
#include "gateway/transport/grpc/access.h"
#include "gateway/transport/grpc/grpc_server.h"
#include "gateway/transport/grpc/status.h"
#include "gateway/transport/grpc/stream.h"

namespace puente::transport {

struct Backend {
  const GrpcOptions& options;
  Callers& callers;
  Admission& admission;
  ConnectionTable& connections;
  LiveStreams& streams;
  EventTap& tap;
  Work& checks;
  Work& reads;
  Work& administration;
  flow::Flow& flow;
  delivery::Delivery& delivery;
  ledger::Ledger& ledger;

  // The caller of a method, its connection marked as its partner's, its request within the limits.
  tl::expected<Caller, grpc::Status> admit(const grpc::CallbackServerContext& context, std::string_view path) const {
    auto caller = transport::admit(callers, *context.auth_context(), path);
    if (!caller) return caller;
    if (auto refused = connections.identify(context.peer(), caller->scope.partner, caller->key, admission))
      return tl::unexpected(status_of_not_now(*refused));
    if (auto refused = admission.request(caller->scope.partner, *row_of_method(path)))
      return tl::unexpected(status_of_not_now(*refused));
    return caller;
  }
};

// Admits, refuses a request over its method's limit, then `serve(caller, reactor)` finishes the reactor sooner or
// later.
template <typename Request, typename Serve>
grpc::ServerUnaryReactor* unary(const Backend& backend, grpc::CallbackServerContext* context, std::string_view path,
                                const Request& request, Serve&& serve) {
  grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
  const auto caller = backend.admit(*context, path);
  if (!caller) {
    reactor->Finish(caller.error());
  } else if (const std::size_t limit = row_of_method(path)->request_bytes; request.ByteSizeLong() > limit) {
    reactor->Finish(status_of_finding(grpc::StatusCode::RESOURCE_EXHAUSTED,
                                      make_finding("MESSAGE_TOO_LARGE", {{"limit", std::to_string(limit)}})));
  } else {
    serve(*caller, reactor);
  }
  return reactor;
}

// Runs `job`, which returns a Status, on `work`; a full queue is the caller's to try again.
template <typename Job>
void finish_on(Work& work, grpc::CallbackServerContext* context, grpc::ServerUnaryReactor* reactor, Job&& job,
               bool behind = false) {
  const bool taken = work.offer(
      [context, reactor, run = std::forward<Job>(job)] {
        reactor->Finish(context->IsCancelled() ? grpc::Status::CANCELLED : run());
      },
      behind);
  if (!taken) {
    reactor->Finish(status_of_finding(grpc::StatusCode::RESOURCE_EXHAUSTED, make_finding("GATEWAY_BUSY")));
  }
}

// The reply of a Result, moved into place.
template <typename Reply>
grpc::Status reply_with(Result<Reply> result, Reply* reply) {
  if (!result) return status_of(result.error());
  *reply = std::move(*result);
  return grpc::Status::OK;
}

}  // namespace puente::transport
