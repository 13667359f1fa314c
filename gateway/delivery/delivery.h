// deliver: filings reach their filer until the filer has confirmed them. Leases, attempts, confirmations, refusals,
// corrections and CBP answers, the same for every channel. Transports call this desk; senders' side (flow) and this
// side meet only in the ledger. Threads: every function may be called from any thread; sinks are called on delivery's
// own thread and must not block.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "gateway/delivery/schedule.h"
#include "gateway/flow/flow.h"

namespace puente::delivery {

struct DeliveryOptions {
  std::chrono::milliseconds poll{1000};  // leases and waits are looked at at least this often
  Schedule filing = kFilingSchedule;     // of a filing that was offered in vain
  Schedule channel = kChannelSchedule;   // of a channel whose breaker opened
  // A filing becomes a dead letter so long after its deadline, or after it was first ready where that is later.
  std::chrono::seconds give_up{std::chrono::hours(24)};
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
  // Those of a filer's tokens that it need not take any more: answered, replaced or cancelled. For channels that leave
  // offers lying somewhere. Tokens that are not this filer's are not told of.
  virtual Result<std::vector<std::string>> settled(const flow::PartnerScope& scope,
                                                   const std::vector<std::string>& tokens) = 0;
  virtual Result<std::vector<v1::ExceptionRow>> exceptions() = 0;

  // Orders of a person with role ops; `by` is their partner id, which the event of the order keeps beside the reason.
  // With dry_run, or with findings in the reply, nothing is changed.
  virtual Result<v1::ChannelsReply> channels() = 0;
  virtual Result<v1::ChannelOrderReply> pause(const v1::ChannelOrder& order, std::string_view by) = 0;
  virtual Result<v1::ChannelOrderReply> resume(const v1::ChannelOrder& order, std::string_view by) = 0;
  // The same bytes under the same token once more.
  virtual Result<v1::RedeliverReply> redeliver(const v1::FilingsOrder& order, std::string_view by) = 0;
  // The stored originals of the filings' shipments, drafted with today's profiles, catalog and rules.
  virtual Result<v1::RetranslateReply> retranslate(const v1::FilingsOrder& order, std::string_view by) = 0;

  virtual void start() = 0;
  virtual void drain() = 0;  // no new offers; sessions are closed
};

std::unique_ptr<Delivery> make_delivery(ledger::Ledger& ledger, partners::Partners& partners, flow::Flow& flow,
                                        std::shared_ptr<const flow::ReceiptSigner> signer, DeliveryOptions options,
                                        flow::FlowOptions flow_options);

}  // namespace puente::delivery
