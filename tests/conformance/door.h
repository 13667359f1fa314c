// Transports and channels as the suites see them: a server over a gateway, and partners at its doors. What is new in a
// transport is told by its adapter; what it must do stands in transport_suite.cpp (senders) and channel_suite.cpp
// (filers), and is the same for all.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/delivery/delivery.h"
#include "gateway/flow/flow.h"
#include "gateway/ledger/ledger.h"
#include "gateway/partners/registry.h"
#include "puente/v1/gateway.pb.h"

namespace puente::conformance {

// A sender, connected. Calls wait for their answer; several threads may call.
class SenderDoor {
 public:
  virtual ~SenderDoor() = default;
  virtual Result<v1::SubmitReply> submit(const v1::SubmitRequest& request) = 0;
  // All of them without waiting for the answers, on one connection; how it ended.
  virtual Result<void> submit_many(const std::vector<v1::SubmitRequest>& requests,
                                   const std::function<void(const v1::SubmitReply&)>& on_reply) = 0;
  virtual Result<v1::StatusReply> status(const std::string& number) = 0;
  // Until `on_event` returns false or the stream ends.
  virtual Result<void> watch(std::uint64_t after, const std::function<bool(const v1::StatusEvent&)>& on_event) = 0;
};

// A filer, connected.
class FilerDoor {
 public:
  virtual ~FilerDoor() = default;
  virtual void take(std::uint32_t filings) = 0;  // so many more
  virtual std::vector<v1::Filing> taken() = 0;   // every offer so far, in order of arrival
  virtual Result<v1::FilerActResult> act(const v1::FilerAct& act) = 0;
};

class Transport {
 public:
  virtual ~Transport() = default;
  virtual std::uint16_t port() const = 0;  // 0: there is none
  // `port`: where to connect instead, a relay of the test's; 0: the transport itself.
  virtual Result<std::unique_ptr<SenderDoor>> sender(const std::string& partner, std::uint16_t port) = 0;
  virtual Result<std::unique_ptr<FilerDoor>> filer(const std::string& partner, std::uint16_t port) = 0;
  virtual void drain() = 0;  // as the daemon does at SIGTERM; returns when it is done
};

struct Rooms {
  partners::Partners& partners;
  flow::Flow& flow;
  delivery::Delivery& delivery;
  ledger::Ledger& ledger;
  std::filesystem::path folder;  // certificates/PARTNER.crt and .key, as certificates.h writes them; spool/PARTNER
};

// What a test may need that not everything has by its nature.
enum class Ability : std::uint8_t { senders, connection, credits, several_consumers };

struct Lack {
  Ability ability;
  std::string_view reason;
};

struct Row {
  std::string name;  // also the value of `channel` in the registry
  std::function<Result<std::unique_ptr<Transport>>(const Rooms&)> start;
  std::vector<Lack> lacks;  // tests that need it are skipped, with the reason
};

inline void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }

// One row for each.
Result<std::unique_ptr<Transport>> start_grpc(const Rooms& rooms);
Result<std::unique_ptr<Transport>> start_socket(const Rooms& rooms);
Result<std::unique_ptr<Transport>> start_spool(const Rooms& rooms);

inline std::vector<Row> channels() {
  return {
      {"grpc", start_grpc, {}},
      {"socket", start_socket, {}},
      {"spool",
       start_spool,
       {{Ability::senders, "a spool folder is a filer's: documents come in at the other doors"},
        {Ability::connection, "a folder has no connection that could be cut: its files stay, and its lease runs out"},
        {Ability::credits, "a folder gives no credits: the window alone bounds what lies in out/"},
        {Ability::several_consumers, "one folder per filer: programs that share it part its files by renaming them"}}}};
}

inline std::vector<Row> transports() {
  std::vector<Row> rows;
  for (Row& row : channels()) {
    bool senders = true;
    for (const Lack& lack : row.lacks) senders = senders && lack.ability != Ability::senders;
    if (senders) rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace puente::conformance
