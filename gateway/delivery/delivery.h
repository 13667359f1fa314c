// deliver: filings reach their filer until the filer has confirmed them. Leases, attempts, confirmations, refusals,
// corrections and CBP answers, the same for every channel. Transports call this desk; senders' side (flow) and this
// side meet only in the ledger. Threads: every function may be called from any thread; sinks are called on delivery's
// own thread and must not block.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "gateway/flow/flow.h"

namespace puente::delivery {

struct DeliveryOptions {
  std::chrono::milliseconds poll{1000};  // leases and backoff are looked at at least this often
  std::chrono::seconds backoff_first{2};
  std::chrono::seconds backoff_limit{300};
  std::uint32_t attempts_before_exception = 20;  // that ran out or were refused; lost connections do not count
};

// One connected filer. The desk offers at most `credits` filings, never more than the partner's window at once.
class FilerSession {
 public:
  virtual ~FilerSession() = default;
  virtual void grant(std::uint32_t credits) = 0;
  virtual void close() = 0;  // leases are released: offered filings go back at once, marked possible duplicate
};

class Delivery {
 public:
  virtual ~Delivery() = default;
  using Sink = std::function<void(const v1::Filing&)>;
  virtual std::unique_ptr<FilerSession> attach(const flow::PartnerScope& scope, std::string_view channel,
                                               Sink sink) = 0;
  // Confirmation, refusal, correction or answer; kept as a document, then applied in the same commit. An act applied
  // before changes nothing and says so. Another filer's token answers as an unknown one.
  virtual void act(const flow::PartnerScope& scope, v1::FilerAct act, std::string_view transport,
                   std::function<void(Result<v1::FilerActResult>)> done) = 0;
  virtual Result<std::vector<v1::ExceptionRow>> exceptions() = 0;
  virtual void start() = 0;
  virtual void drain() = 0;  // no new offers; sessions are closed
};

std::unique_ptr<Delivery> make_delivery(ledger::Ledger& ledger, partners::Partners& partners, flow::Flow& flow,
                                        std::shared_ptr<const flow::ReceiptSigner> signer, DeliveryOptions options,
                                        flow::FlowOptions flow_options);

}  // namespace puente::delivery
