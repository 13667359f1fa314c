// What the simulated partners need of a transport. One line is one connection of one partner; it ends once and is then
// thrown away for a new one. Callbacks run on threads of the transport, any number at a time, and never after the
// line's destructor has returned; they may call submit() and send() but not destroy the line. Heavy headers of a
// transport stay behind its own source file.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "puente/v1/gateway.pb.h"

namespace puente::load {

struct Endpoint {
  std::string address;                 // host:port
  std::filesystem::path certificates;  // ca.crt, PARTNER.crt and PARTNER.key are there
  std::string partner;
};

// The answer to a call that got none from the gateway's desk. `retry` false: sending the same again would end the same.
struct NoAnswer {
  std::string client_ref;  // empty: all that is unanswered on this line
  bool retry = true;
  std::string cause;
};

struct SenderEvents {
  std::function<void(const v1::SubmitReply&)> on_reply;
  std::function<void(const NoAnswer&)> on_lost;
};

class SenderLine {
 public:
  virtual ~SenderLine() = default;                            // ends the connection
  virtual void submit(const v1::SubmitRequest& request) = 0;  // answered by client_ref, once, by on_reply or on_lost
};

struct FilerEvents {
  std::function<void(const v1::Filing&)> on_filing;
  std::function<void(const v1::FilerActResult&)> on_result;
  std::function<void(std::string_view cause)> on_end;  // once
};

class FilerLine {
 public:
  virtual ~FilerLine() = default;
  virtual void send(const v1::FilerAct& act) = 0;  // nothing happens on a line that has ended
};

class Wire {
 public:
  virtual ~Wire() = default;
  virtual std::string_view name() const = 0;  // as the logs say it
  virtual std::unique_ptr<SenderLine> sender(const Endpoint& endpoint, SenderEvents events) = 0;
  virtual std::unique_ptr<FilerLine> filer(const Endpoint& endpoint, FilerEvents events) = 0;
};

// grpc: one call a document. grpc-stream: one SubmitMany a line. socket: the client of the socket door. Throws
// std::runtime_error for another name.
std::unique_ptr<Wire> make_wire(std::string_view name);
std::unique_ptr<Wire> make_grpc_wire(bool stream);
std::unique_ptr<Wire> make_socket_wire();

}  // namespace puente::load
