// The TLS socket door: senders and filers over the frames of proto/SOCKET.md, beside gRPC and with the same messages,
// partners and roles (entrance). Few threads; each connection lives on one of them, and answers of the ledger's commits
// are gathered into one write.
//
// Threads: every function may be called from any thread. Rule source: reference security 4 and 7.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "gateway/delivery/delivery.h"
#include "gateway/flow/flow.h"
#include "gateway/ledger/ledger.h"
#include "gateway/partners/registry.h"
#include "gateway/transport/entrance/admission.h"

namespace puente::transport {

struct SocketLimits {
  std::size_t connections = 1024;  // lowered to what the process's descriptor limit allows (two for each)
  std::size_t connections_per_address = 64;
  std::size_t handshakes = 64;              // over it, accepting waits
  std::size_t handshakes_per_address = 32;  // over it, the connection is closed
  std::chrono::milliseconds handshake{10'000};
  std::size_t frame_bytes = std::size_t{1} << 20U;
  std::size_t message_bytes = (std::size_t{10} << 20U) + (std::size_t{64} << 10U);  // a document and its envelope
  std::size_t unfinished_messages = 16;                   // one more ends the connection
  std::size_t unfinished_bytes = std::size_t{32} << 20U;  // over it, the message is refused
  std::size_t calls_in_flight = 64;                       // requests not answered; over it nothing more is read
  std::size_t calls_bytes = std::size_t{32} << 20U;       // of these together; likewise
  std::size_t watches = 8;
  std::size_t waiting_bytes = std::size_t{64} << 10U;  // answers and events not sent yet; over it nothing more is read
  std::chrono::milliseconds header{10'000};            // from a header's first byte to its last
  std::chrono::milliseconds progress_window{10'000};
  std::size_t progress_bytes_second = 1024;  // averaged over the window, while a frame or message is unfinished
  std::chrono::milliseconds heartbeat{30'000};  // silence after which PING is sent; after three the peer is gone
  std::chrono::milliseconds idle{300'000};      // without an open call and without a PING of the client
  std::chrono::milliseconds write_stall{60'000};
  std::size_t bad_frames = 20;        // then the connection is closed
  std::size_t bad_closes = 3;         // within bad_closes_window: the partner must wait for cool_off
  std::chrono::milliseconds bad_closes_window{60'000}, cool_off{60'000};
  std::size_t check_workers = 2, check_queue = 64;
  std::size_t read_workers = 2, read_queue = 256;
};

struct SocketOptions {
  std::string listen = "127.0.0.1:0";  // address and port; an IPv6 address in brackets; port 0 takes a free one
  std::filesystem::path certificate, key;
  std::vector<std::filesystem::path> client_authorities;
  std::size_t threads = 2;
  SocketLimits limits;
  std::shared_ptr<Admission> admission;  // shared by all doors; null: one of its own
};

class SocketServer {
 public:
  // What it is given must outlive it. Faults: listen_address, listen_refused, certificate_* (partners/certificates.h).
  static Result<std::unique_ptr<SocketServer>> start(SocketOptions options, partners::Partners& partners,
                                                     flow::Flow& flow, delivery::Delivery& delivery,
                                                     ledger::Ledger& ledger);
  ~SocketServer();  // stops

  std::uint16_t port() const;
  std::size_t connections() const;

  // Re-reads the files of the options; the next handshake uses them. Files that do not belong together, or are expired,
  // are a fault and change nothing.
  Result<void> reload_certificates();

  // No new connections; GOAWAY to all; what is in hand is answered. Returns when the last connection has ended or at
  // the latest after `grace`.
  void drain(std::chrono::seconds grace);
  void stop();

 private:
  class Server;
  explicit SocketServer(std::unique_ptr<Server> server);
  std::unique_ptr<Server> server_;
};

}  // namespace puente::transport
