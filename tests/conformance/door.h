// A transport as the suite sees it: a server over a gateway, and partners at its doors.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "gateway/delivery/delivery.h"
#include "gateway/flow/flow.h"
#include "gateway/ledger/ledger.h"
#include "gateway/partners/registry.h"
#include "puente/v1/gateway.pb.h"

namespace puente::conformance {

// One partner, connected.
class Door {
 public:
  virtual ~Door() = default;
  virtual Result<v1::SubmitReply> submit(const v1::SubmitRequest& request) = 0;
  virtual Result<v1::StatusReply> status(const std::string& number) = 0;
  virtual void take(std::uint32_t filings) = 0;  // as a filer: so many more
  virtual std::vector<v1::Filing> taken() = 0;
  virtual Result<v1::FilerActResult> act(const v1::FilerAct& act) = 0;
  virtual void lose_connection() = 0;
};

class Transport {
 public:
  virtual ~Transport() = default;
  virtual Result<std::unique_ptr<Door>> connect(const std::string& partner) = 0;
};

struct Rooms {
  partners::Partners& partners;
  flow::Flow& flow;
  delivery::Delivery& delivery;
  ledger::Ledger& ledger;
  std::filesystem::path certificates;  // PARTNER.crt and PARTNER.key, as certificates.h writes them
};

struct TransportRow {
  std::string name;
  std::function<Result<std::unique_ptr<Transport>>(const Rooms&)> start;
};

Result<std::unique_ptr<Transport>> start_grpc(const Rooms& rooms);

}  // namespace puente::conformance
