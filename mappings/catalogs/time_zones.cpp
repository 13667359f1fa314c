// Local time along the border. GCC 12 brings no time zone database, and a port needs four zones with one rule: since
// 2007 daylight time runs from 02:00 of the second Sunday of March to 02:00 of the first Sunday of November (15 U.S.C.
// 260a), Arizona keeps standard time.
#include <algorithm>

#include "mappings/catalogs/catalogs.h"

namespace puente::catalogs {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::sys_days;
using std::chrono::sys_seconds;

constexpr TimeZone kZones[] = {
    {"America/Chicago", minutes(-360), true},
    {"America/Denver", minutes(-420), true},
    {"America/Los_Angeles", minutes(-480), true},
    {"America/Phoenix", minutes(-420), false},
};

constexpr minutes kDaylightShift{60};
constexpr hours kChangeAt{2};  // on the clock that ends

bool in_daylight_time(const TimeZone& zone, sys_seconds utc) {
  using std::chrono::March;
  using std::chrono::November;
  using std::chrono::Sunday;
  if (!zone.daylight_time) return false;
  const auto year = Date(std::chrono::floor<std::chrono::days>(utc + zone.standard_offset)).year();
  const sys_seconds begin = sys_days(year / March / Sunday[2]) + kChangeAt - zone.standard_offset;
  const sys_seconds end = sys_days(year / November / Sunday[1]) + kChangeAt - kDaylightShift - zone.standard_offset;
  return begin <= utc && utc < end;
}

}  // namespace

const TimeZone* time_zone(std::string_view name) {
  const auto* found = std::find_if(std::begin(kZones), std::end(kZones), [&](const TimeZone& z) { return z.name == name; });
  return found == std::end(kZones) ? nullptr : found;
}

LocalTime local_time(const TimeZone& zone, sys_seconds utc) {
  const minutes offset = zone.standard_offset + (in_daylight_time(zone, utc) ? kDaylightShift : minutes(0));
  const sys_seconds local = utc + offset;
  const auto day = std::chrono::floor<std::chrono::days>(local);
  return {Date(day), static_cast<int>((local - day).count()), static_cast<int>(offset.count())};
}

}  // namespace puente::catalogs
