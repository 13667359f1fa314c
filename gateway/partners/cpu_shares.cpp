#include "gateway/partners/cpu_shares.h"

#include <time.h>

#include <algorithm>
#include <utility>

namespace puente::partners {
namespace {

constexpr double kMinute = 60;

std::chrono::nanoseconds thread_time() {
  timespec used{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &used);
  return std::chrono::seconds(used.tv_sec) + std::chrono::nanoseconds(used.tv_nsec);
}

double seconds(std::chrono::nanoseconds time) { return std::chrono::duration<double>(time).count(); }

}  // namespace

double CpuShares::rate_of(std::string_view partner) const {
  const auto registry = partners_.current();
  const Partner* known = registry->by_id(partner);
  const PartnerLimits limits = known == nullptr ? PartnerLimits() : known->limits;
  return static_cast<double>(limits[Limit::cpu_seconds_per_minute]) / kMinute;
}

void CpuShares::charge(const std::string& partner, std::chrono::nanoseconds used) {
  const auto now = now_();
  const double rate = rate_of(partner);
  const std::scoped_lock lock(mutex_);
  Account& account = accounts_[partner];
  account.used = std::max(0.0, account.used - seconds(now - account.at) * rate) + seconds(used);
  account.at = now;
}

bool CpuShares::behind_locked(const std::string& partner, const Account& account, Time now) const {
  const double rate = rate_of(partner);
  return account.used - seconds(now - account.at) * rate > rate * kMinute;
}

bool CpuShares::behind(std::string_view partner) const {
  const auto now = now_();
  const std::scoped_lock lock(mutex_);
  const auto found = accounts_.find(partner);
  return found != accounts_.end() && behind_locked(found->first, found->second, now);
}

std::vector<std::string> CpuShares::behind() const {
  const auto now = now_();
  std::vector<std::string> out;
  const std::scoped_lock lock(mutex_);
  for (const auto& [partner, account] : accounts_)
    if (behind_locked(partner, account, now)) out.push_back(partner);
  return out;
}

CpuShares::Meter::Meter(CpuShares& shares, std::string partner)
    : shares_(shares), partner_(std::move(partner)), began_(thread_time()) {}

CpuShares::Meter::~Meter() { shares_.charge(partner_, thread_time() - began_); }

}  // namespace puente::partners
