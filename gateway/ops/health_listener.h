// /healthz (the process answers) and /readyz (it should be given work) over plain HTTP/1.1, for systemd, monitors and
// load balancers of this host. It binds loopback addresses only: it has no authentication, so it is not for the
// network.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "gateway/ops/readiness.h"
#include "mappings/domain/result.h"

namespace puente::ops {

class HealthListener {
 public:
  // Answers from one thread of its own until destroyed. `readiness` must outlive it. Faults: health_listen (address not
  // a loopback address, or not free). `listen` is "127.0.0.1:9464" or "[::1]:9464"; port 0 takes a free one.
  static Result<std::unique_ptr<HealthListener>> start(const std::string& listen, const Readiness& readiness);
  ~HealthListener();
  std::uint16_t port() const;

 private:
  class Listener;
  explicit HealthListener(std::unique_ptr<Listener> listener);
  std::unique_ptr<Listener> listener_;
};

}  // namespace puente::ops
