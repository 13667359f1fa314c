// The composition root: every room of a running gateway, built in order, reloaded as a whole, drained in reverse.
#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "gateway/app/configuration.h"
#include "mappings/domain/result.h"
#include "mappings/findings/findings.h"

namespace puente::app {

class Gateway {
 public:
  // Starts everything; when it returns the gateway is ready. Faults: config_invalid (with what of it in `findings`),
  // those of the ledger, of the receipt key and of the listeners.
  static Result<std::unique_ptr<Gateway>> start(LoadedConfiguration configuration, Findings& findings);
  ~Gateway();

  std::uint16_t grpc_port() const;
  std::uint16_t socket_port() const;  // 0: off
  std::uint16_t health_port() const;

  // Whether the ledger's writing thread still answers; returns only when it does.
  bool writes();

  // Reads configuration, registry, profiles, catalog, trust and certificates again. What is broken stays as it was; the
  // findings say what and why. Thread-safe: SIGHUP and Administration.Reload may meet.
  Findings reload();

  // Not ready any more, then no new work, then what was accepted is finished: read, joined, drafted and committed. At
  // most drain.limit. Deliveries that no filer confirmed stay in the ledger for the next start.
  void drain();

 private:
  struct Rooms;
  explicit Gateway(std::unique_ptr<Rooms> rooms);
  std::unique_ptr<Rooms> rooms_;
};

}  // namespace puente::app
