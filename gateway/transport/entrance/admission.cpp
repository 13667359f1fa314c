#include "gateway/transport/entrance/admission.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>
#include <vector>

#include "gateway/ops/log.h"

namespace puente::transport {
namespace {

using partners::Limit;
using partners::PartnerLimits;
using std::chrono::milliseconds;

constexpr std::uint64_t kMinute = 60;
constexpr std::uint64_t kCallBurstSeconds = 2;
constexpr milliseconds kRoomSoon{50};  // until documents in flight may have been answered
constexpr milliseconds kBusy{1000}, kSeatSoon{1000};
constexpr std::uint64_t kWarnPercent = 80;
constexpr ledger::Micros kDay = ledger::Micros{86'400} * 1'000'000;

// From how much of what may be in flight a class is turned away.
struct ShedRow {
  Shed shed;
  std::uint64_t percent;
};
constexpr auto kShedding = std::to_array<ShedRow>({{Shed::question, 50}, {Shed::intake, 100}});

NotNow over_limit(Limit limit, const PartnerLimits& limits, milliseconds wait) {
  const partners::LimitRow& row = partners::row_of(limit);
  return {.finding = make_finding(row.finding, {{"limit", std::to_string(limits[limit])},
                                                {"key", std::string(row.key)},
                                                {"wait", std::to_string(wait.count())}}),
          .retry_after = wait,
          .waits = row.over != partners::Over::refused};
}

PartnerLimits limits_of(const partners::Partners& partners, std::string_view partner) {
  const auto registry = partners.current();
  const partners::Partner* known = registry->by_id(partner);
  return known == nullptr ? PartnerLimits() : known->limits;
}

AdmissionOptions with_clock(AdmissionOptions options) {
  if (!options.wall) {
    options.wall = [] {
      const auto since = std::chrono::system_clock::now().time_since_epoch();
      return std::chrono::duration_cast<std::chrono::microseconds>(since).count();
    };
  }
  return options;
}

}  // namespace

std::optional<milliseconds> TokenBucket::take(std::uint64_t rate_per_minute, std::uint64_t burst, Time now,
                                              std::uint64_t count) {
  const double rate = static_cast<double>(rate_per_minute) / static_cast<double>(kMinute);  // a second
  const double passed = std::chrono::duration<double>(now - std::exchange(at_, now)).count();
  missing_ = std::max(0.0, missing_ - passed * rate);
  // A burst that was lowered meanwhile counts from now on.
  missing_ = std::min(missing_, static_cast<double>(burst));
  const double wanted = static_cast<double>(count), over = missing_ + wanted - static_cast<double>(burst);
  if (over <= 0) {
    missing_ += wanted;
    return std::nullopt;
  }
  return milliseconds(std::max<std::int64_t>(1, static_cast<std::int64_t>(std::ceil(over / rate * 1000))));
}

struct Admission::Account {
  TokenBucket documents, questions, connections, calls;
  std::uint64_t bytes_in_flight = 0, seats = 0;
  std::uint64_t stored = 0, exceptions = 0;
  std::int64_t day = -1;     // of `stored`; -1: not counted yet
  std::int64_t warned = -1;  // day of the latest warning
  Time blocked_until{};
};

Admission::Admission(const partners::Partners& partners, ledger::Ledger& ledger, AdmissionOptions options)
    : partners_(partners),
      ledger_(ledger),
      options_(with_clock(std::move(options))),
      shares_(std::make_shared<partners::CpuShares>(partners, options_.steady)) {}
Admission::~Admission() = default;

Admission::Account& Admission::account_locked(const std::string& partner) {
  auto& account = accounts_[partner];
  if (!account) account = std::make_unique<Account>();
  return *account;
}

std::int64_t Admission::today() const { return options_.wall() / kDay; }

std::optional<NotNow> Admission::shed_locked(Shed shed) const {
  const auto row =
      std::find_if(kShedding.begin(), kShedding.end(), [&](const ShedRow& entry) { return entry.shed == shed; });
  if (row == kShedding.end()) return std::nullopt;
  const bool much = documents_ * 100 >= options_.documents_in_flight * row->percent ||
                    bytes_ * 100 >= options_.bytes_in_flight * row->percent;
  if (!much) return std::nullopt;
  return NotNow{.finding = make_finding("GATEWAY_BUSY"), .retry_after = kBusy, .waits = true};
}

std::optional<NotNow> Admission::request(const std::string& partner, const OperationRow& row) {
  const auto now = options_.steady();
  const PartnerLimits limits = limits_of(partners_, partner);
  const std::scoped_lock lock(mutex_);
  if (const Account& account = account_locked(partner); account.blocked_until > now)
    return blocked_locked(limits, account, now);
  if (auto shed = shed_locked(row.shed)) return shed;
  if (row.shed != Shed::question) return std::nullopt;
  const std::uint64_t rate = limits[Limit::questions_per_second];
  const auto wait = account_locked(partner).questions.take(rate * kMinute, rate, now);
  if (!wait) return std::nullopt;
  return over_limit(Limit::questions_per_second, limits, *wait);
}

// Contracts first: what they refuse must cost no token.
std::optional<NotNow> Admission::document_locked(const PartnerLimits& limits, Account& account, std::size_t bytes) {
  const std::uint64_t stored = account.day == today() ? account.stored : 0;
  const std::pair<Limit, bool> contracts[] = {
      {Limit::stored_bytes_per_day, stored + bytes > limits[Limit::stored_bytes_per_day]},
      {Limit::open_exceptions, account.exceptions >= limits[Limit::open_exceptions]}};
  for (const auto& [limit, over] : contracts) {
    if (limits[limit] == 0 || !over) continue;
    const auto until_tomorrow = milliseconds((kDay - options_.wall() % kDay) / 1000 + 1);
    return over_limit(limit, limits, limit == Limit::stored_bytes_per_day ? until_tomorrow : milliseconds(60'000));
  }
  // One document is always let in, whatever its size.
  if (account.bytes_in_flight > 0 && account.bytes_in_flight + bytes > limits[Limit::bytes_in_flight])
    return over_limit(Limit::bytes_in_flight, limits, kRoomSoon);
  const auto wait = account.documents.take(limits[Limit::documents_per_second] * kMinute,
                                           limits[Limit::documents_burst], options_.steady());
  if (wait) return over_limit(Limit::documents_per_second, limits, *wait);
  return std::nullopt;
}

std::vector<Finding> Admission::warnings_locked(const std::string& partner, const PartnerLimits& limits,
                                                Account& account) {
  const std::pair<Limit, std::uint64_t> used[] = {
      {Limit::stored_bytes_per_day, account.day == today() ? account.stored : 0},
      {Limit::open_exceptions, account.exceptions}};
  std::vector<Finding> out;
  for (const auto& [limit, count] : used) {
    if (limits[limit] == 0 || count * 100 < limits[limit] * kWarnPercent) continue;
    const std::string_view key = partners::row_of(limit).key;
    out.push_back(make_finding(
        "CONTRACT_NEARLY_USED",
        {{"key", std::string(key)}, {"used", std::to_string(count)}, {"limit", std::to_string(limits[limit])}}));
    if (std::exchange(account.warned, today()) != today())
      ops::log_warn("contract_nearly_used",
                    {{"partner", partner}, {"limit", key}, {"used", count}, {"of", limits[limit]}});
  }
  return out;
}

std::optional<NotNow> Admission::submit(flow::Flow& flow, const flow::PartnerScope& scope, flow::Submission& submission,
                                        std::function<void(Result<v1::SubmitReply>)>& done) {
  const std::size_t bytes = submission.content.size();
  const PartnerLimits limits = limits_of(partners_, scope.partner);
  {
    const std::scoped_lock lock(mutex_);
    if (auto shed = shed_locked(Shed::intake)) return shed;
    Account& account = account_locked(scope.partner);
    if (auto over = document_locked(limits, account, bytes)) return over;
    account.bytes_in_flight += bytes;
    bytes_ += bytes;
    ++documents_;
  }
  flow.accept(scope, std::move(submission),
              [self = shared_from_this(), partner = scope.partner, bytes,
               done = std::move(done)](Result<v1::SubmitReply> reply) {
                self->answered(partner, bytes, reply);
                done(std::move(reply));
              });
  return std::nullopt;
}

void Admission::answered(const std::string& partner, std::size_t bytes, Result<v1::SubmitReply>& reply) {
  const PartnerLimits limits = limits_of(partners_, partner);
  const std::scoped_lock lock(mutex_);
  Account& account = account_locked(partner);
  account.bytes_in_flight -= bytes;
  bytes_ -= bytes;
  --documents_;
  if (!reply || !reply->has_receipt()) return;
  if (!reply->repeat()) {
    if (std::exchange(account.day, today()) != today()) account.stored = 0;
    account.stored += bytes;
  }
  for (Finding& warning : warnings_locked(partner, limits, account)) *reply->add_findings() = std::move(warning);
}

tl::expected<Seat, NotNow> Admission::connection(const std::string& partner) {
  const auto now = options_.steady();
  const PartnerLimits limits = limits_of(partners_, partner);
  const std::scoped_lock lock(mutex_);
  Account& account = account_locked(partner);
  if (account.blocked_until > now) return tl::unexpected(blocked_locked(limits, account, now));
  if (account.seats >= limits[Limit::connections])
    return tl::unexpected(over_limit(Limit::connections, limits, kSeatSoon));
  const std::uint64_t rate = limits[Limit::connections_per_minute];
  if (const auto wait = account.connections.take(rate, rate, now))
    return tl::unexpected(over_limit(Limit::connections_per_minute, limits, *wait));
  ++account.seats;
  return Seat(&account, [self = shared_from_this()](void* taken) {
    const std::scoped_lock given_back(self->mutex_);
    --static_cast<Account*>(taken)->seats;
  });
}

NotNow Admission::blocked_locked(const PartnerLimits& limits, const Account& account, Time now) {
  return over_limit(Limit::calls_per_second, limits, std::chrono::ceil<milliseconds>(account.blocked_until - now));
}

std::optional<NotNow> Admission::calls(const std::string& partner, std::uint64_t count) {
  const auto now = options_.steady();
  const PartnerLimits limits = limits_of(partners_, partner);
  const std::scoped_lock lock(mutex_);
  Account& account = account_locked(partner);
  if (account.blocked_until > now) return blocked_locked(limits, account, now);
  const std::uint64_t rate = limits[Limit::calls_per_second];
  if (!account.calls.take(rate * kMinute, rate * kCallBurstSeconds, now, count)) return std::nullopt;
  account.blocked_until = now + options_.blocked;
  ops::log_warn("partner_blocked", {{"partner", partner}, {"limit", rate}, {"seconds", options_.blocked.count()}});
  return blocked_locked(limits, account, now);
}

bool Admission::blocked(std::string_view partner) const {
  const auto now = options_.steady();
  const std::scoped_lock lock(mutex_);
  const auto found = accounts_.find(partner);
  return found != accounts_.end() && found->second->blocked_until > now;
}

Result<void> Admission::recount() {
  const auto registry = partners_.current();
  const std::int64_t day = today();
  for (const partners::Partner& partner : registry->partners()) {
    const bool stored = partner.limits[Limit::stored_bytes_per_day] != 0,
               open = partner.limits[Limit::open_exceptions] != 0;
    if (!stored && !open) continue;
    bool counted = false;
    {
      const std::scoped_lock lock(mutex_);
      counted = account_locked(partner.id).day == day;
    }
    std::uint64_t bytes = 0, exceptions = 0;
    const auto read = ledger_.read([&](ledger::Reader& reader) -> Result<void> {
      if (stored && !counted) bytes = reader.stored_bytes(partner.id, day * kDay);
      if (open) exceptions = reader.open_exceptions(partner.id);
      return {};
    });
    if (!read) return read;
    const std::scoped_lock lock(mutex_);
    Account& account = account_locked(partner.id);
    account.exceptions = exceptions;
    if (stored && account.day != day) {
      account.day = day;
      account.stored = bytes;
    }
  }
  return {};
}

}  // namespace puente::transport
