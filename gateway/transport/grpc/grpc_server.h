// The gRPC door: Sender, Filer and Administration of proto/puente/v1/gateway.proto over mutual TLS, with health and
// reflection. A client certificate of the client authority finishes a handshake; who it is, is decided for every call
// by the SHA-256 of its public key in the registry, and what it may call by one table of operations
// (entrance/operations.h). Connections are accepted here, not by gRPC: its own accept loop ends when descriptors run
// out (CVE-2023-4785, unfixed in 1.51).
//
// Threads: every function may be called from any thread. Rule source: reference security 3, 4, 6; issue 2 part 7.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gateway/delivery/delivery.h"
#include "gateway/flow/flow.h"
#include "gateway/ledger/ledger.h"
#include "gateway/ops/readiness.h"
#include "gateway/partners/registry.h"
#include "gateway/transport/entrance/admission.h"
#include "mappings/findings/findings.h"

namespace puente::transport {

struct GrpcLimits {
  std::size_t connections = 1024;  // lowered to what the process's descriptor limit allows (two for each)
  std::size_t connections_per_address = 64;
  std::size_t handshakes = 64;  // connections that have not authenticated a call yet; over it, accepting waits
  std::size_t handshakes_per_address = 32;  // over it, the connection is closed
  std::chrono::seconds handshake{10};
  std::size_t message_bytes = std::size_t{11}
                              << 20U;  // Submit, SubmitMany, Check and the filer's acts: 10 MiB and its envelope
  std::size_t metadata_bytes = std::size_t{8} << 10U;
  int streams_per_connection = 128;
  std::size_t memory_bytes = std::size_t{512} << 20U;
  int threads = 64;
  std::size_t check_workers = 2, check_queue = 64;
  std::size_t read_workers = 2, read_queue = 256;
  std::size_t stream_window = 64;                     // unanswered submissions or acts, and events not yet written
  std::size_t stream_bytes = std::size_t{32} << 20U;  // of submissions unanswered on one stream
  std::chrono::seconds write_stall{60};               // a peer that takes nothing for so long loses its stream
  std::chrono::seconds connection_idle{15 * 60}, connection_age{12 * 3600}, connection_grace{60};
};

struct GrpcOptions {
  std::string listen = "127.0.0.1:0";  // address and port; an IPv6 address in brackets; port 0 takes a free one
  std::filesystem::path certificate, key;
  std::vector<std::filesystem::path> client_authorities;
  GrpcLimits limits;
  std::shared_ptr<Admission> admission;  // shared by all doors; null: one of its own
  // Administration.Reload: re-reads what SIGHUP re-reads. Findings say what was wrong and therefore stayed as it was.
  std::function<Result<std::vector<Finding>>()> reload;
};

class GrpcServer {
 public:
  // What it is given must outlive it. Faults: listen_address, listen_refused, certificate_* (certificates.h),
  // method_without_role, grpc_start.
  static Result<std::unique_ptr<GrpcServer>> start(GrpcOptions options, partners::Partners& partners, flow::Flow& flow,
                                                   delivery::Delivery& delivery, ledger::Ledger& ledger,
                                                   ops::Readiness& readiness);
  ~GrpcServer();  // stops

  std::uint16_t port() const;
  std::size_t connections() const;

  // Re-reads the files of the options; new handshakes use them within two seconds. Files that do not belong together,
  // or are expired, are a fault and change nothing.
  Result<void> reload_certificates();

  // No new connections; submissions in hand are answered, then streams end with UNAVAILABLE. Returns when the last call
  // has ended or at the latest after `grace`.
  void drain(std::chrono::seconds grace);
  void stop();

 private:
  class Server;
  explicit GrpcServer(std::unique_ptr<Server> server);
  std::unique_ptr<Server> server_;
};

}  // namespace puente::transport
