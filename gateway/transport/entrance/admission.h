// Whether a partner's request is taken now: the limits of gateway/partners/limits.h, and what is shed first when the
// gateway as a whole has too much in hand. One for all doors, since a partner may come in at several. Thread-safe;
// decides without blocking. Counts are kept by partner for as long as the process runs.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/flow/flow.h"
#include "gateway/ledger/ledger.h"
#include "gateway/partners/cpu_shares.h"
#include "gateway/partners/registry.h"
#include "gateway/transport/entrance/operations.h"
#include "mappings/findings/findings.h"

namespace puente::transport {

// Not taken now. `waits`: the same request is welcome after `retry_after`, which a stream may simply wait for instead
// of telling its peer; otherwise asking again helps only when the contract has room again.
struct NotNow {
  Finding finding;  // says the time to wait too
  std::chrono::milliseconds retry_after;
  bool waits;
};

// Tokens that come back at a steady rate, at most `burst` of them; full at first.
class TokenBucket {
 public:
  using Time = std::chrono::steady_clock::time_point;
  // Takes so many, or says how long until there are as many.
  std::optional<std::chrono::milliseconds> take(std::uint64_t rate_per_minute, std::uint64_t burst, Time now,
                                                std::uint64_t count = 1);

 private:
  double missing_ = 0;  // tokens below the burst
  Time at_{};
};

using Seat = std::shared_ptr<void>;

struct AdmissionOptions {
  std::uint64_t documents_in_flight =
      4096;  // of all partners: from half of it on, questions are shed, and at all of it, intake
  std::uint64_t bytes_in_flight = std::uint64_t{192} << 20U;
  std::chrono::seconds blocked{60};  // after calls_per_second
  std::function<std::chrono::steady_clock::time_point()> steady = std::chrono::steady_clock::now;
  flow::Clock wall = {};  // which day it is; none: the system's
};

class Admission : public std::enable_shared_from_this<Admission> {  // made by std::make_shared
 public:
  Admission(const partners::Partners& partners, ledger::Ledger& ledger, AdmissionOptions options = {});
  ~Admission();

  // Before anything is done for a request: is the partner blocked, its class shed, and is the rate of its class within
  // the partner's limit? Documents are counted by submit(), not here.
  std::optional<NotNow> request(const std::string& partner, const OperationRow& row);

  // Hands the document to flow, counted until it is answered; `done` as Flow::accept. When it comes back with a
  // NotNow, `submission` and `done` are untouched and nothing was counted.
  std::optional<NotNow> submit(flow::Flow& flow, const flow::PartnerScope& scope, flow::Submission& submission,
                               std::function<void(Result<v1::SubmitReply>)>& done);

  // A connection has said whose it is; it counts while its seat is held. Not now: close it.
  tl::expected<Seat, NotNow> connection(const std::string& partner);

  // So many calls have begun, whatever becomes of them. Not now: the partner is blocked; end its connections.
  std::optional<NotNow> calls(const std::string& partner, std::uint64_t count);
  bool blocked(std::string_view partner) const;

  // Processor time by partner; flow and every door charge it.
  const std::shared_ptr<partners::CpuShares>& shares() const { return shares_; }

  // Counts anew from the ledger what contracts limit: at start, and every few seconds. Reads on the calling thread.
  Result<void> recount();

 private:
  struct Account;
  using Time = std::chrono::steady_clock::time_point;

  Account& account_locked(const std::string& partner);
  std::optional<NotNow> shed_locked(Shed shed) const;
  std::optional<NotNow> document_locked(const partners::PartnerLimits& limits, Account& account, std::size_t bytes);
  std::vector<Finding> warnings_locked(const std::string& partner, const partners::PartnerLimits& limits,
                                       Account& account);
  static NotNow blocked_locked(const partners::PartnerLimits& limits, const Account& account, Time now);
  void answered(const std::string& partner, std::size_t bytes, Result<v1::SubmitReply>& reply);
  std::int64_t today() const;  // days since 1970, UTC

  const partners::Partners& partners_;
  ledger::Ledger& ledger_;
  const AdmissionOptions options_;
  const std::shared_ptr<partners::CpuShares> shares_;
  mutable std::mutex mutex_;
  std::map<std::string, std::unique_ptr<Account>, std::less<>> accounts_;
  std::uint64_t documents_ = 0, bytes_ = 0;  // in flight
};

}  // namespace puente::transport
