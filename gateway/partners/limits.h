// What one partner may take of the gateway: one table of limits. [partner.ID.limits] of the registry, deploy/LIMITS.md
// and the doors read it; a partner without that section has the presets. Rule source: reference security 8.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace puente::partners {

enum class Limit : std::uint8_t {
  connections,
  connections_per_minute,
  documents_per_second,
  documents_burst,
  bytes_in_flight,
  stored_bytes_per_day,
  open_exceptions,
  questions_per_second,
  cpu_seconds_per_minute,
  calls_per_second,
};
inline constexpr std::size_t kLimits = 10;

// What happens to what is over a limit.
enum class Over : std::uint8_t {
  closed,   // the connection is closed, with a reason where one can still be said
  later,    // refused with the time to wait
  waits,    // a stream is read no further until there is room; a single call is refused with the time to wait
  refused,  // refused until the contract has room again; told from 80 percent on; nothing that is kept is touched
  behind,   // served after the others
};

struct LimitRow {
  Limit limit;
  std::string_view key;  // in [partner.ID.limits]
  std::uint64_t preset;  // 0: none
  std::uint64_t least, most;
  Over over;
  std::string_view finding;  // that says so; "" where nothing is refused
  std::string_view unit;     // "" for a count
  std::string_view en, es;
};
std::span<const LimitRow> limit_rows();
const LimitRow& row_of(Limit limit);
const LimitRow* limit_of_key(std::string_view key);  // null: no such limit

// A value for each limit, at first the presets.
class PartnerLimits {
 public:
  PartnerLimits();
  std::uint64_t operator[](Limit limit) const { return values_[static_cast<std::size_t>(limit)]; }
  void set(Limit limit, std::uint64_t value) { values_[static_cast<std::size_t>(limit)] = value; }

 private:
  std::array<std::uint64_t, kLimits> values_{};
};

// Every limit at its widest, as lines of a [partner.ID] table: for load programs and tests that are about other things.
std::string widest_limits();

std::string limits_reference();  // deploy/LIMITS.md

}  // namespace puente::partners
