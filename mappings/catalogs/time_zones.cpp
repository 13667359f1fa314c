// Local time along the border and in Mexico. GCC 12 brings no time zone database; a port needs four zones with one
// rule: since 2007 daylight time runs from 02:00 of the second Sunday of March to 02:00 of the first Sunday of November
// (15 U.S.C. 260a), Arizona keeps standard time. Mexico's zones (husos of c_CodigoPostal) need two: that of the United
// States at the border, since 2010, and from the first Sunday of April to the last of October elsewhere, until the Ley
// de los Husos Horarios of 2022-10-28 ended it. Sonora never had either, and the Sureste none since 2015; no CFDI 4.0
// is older than 2022.
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

// Days of a year on which daylight time begins and ends.
struct DaylightTime {
  sys_days begin, end;
};

DaylightTime of_united_states(std::chrono::year year) {
  using std::chrono::Sunday;
  return {year / std::chrono::March / Sunday[2], year / std::chrono::November / Sunday[1]};
}

DaylightTime of_mexico(std::chrono::year year) {
  using std::chrono::Sunday;
  return {year / std::chrono::April / Sunday[1], year / std::chrono::October / Sunday[std::chrono::last]};
}

constexpr std::chrono::year kLastDaylightTimeOfMexico{2022};

bool in_daylight_time(const TimeZone& zone, sys_seconds utc) {
  if (!zone.daylight_time) return false;
  const DaylightTime days =
      of_united_states(Date(std::chrono::floor<std::chrono::days>(utc + zone.standard_offset)).year());
  const sys_seconds begin = days.begin + kChangeAt - zone.standard_offset;
  const sys_seconds end = days.end + kChangeAt - kDaylightShift - zone.standard_offset;
  return begin <= utc && utc < end;
}

enum class Daylight { none, united_states, mexico };

struct Huso {
  std::string_view name;
  minutes standard_offset;
  Daylight daylight;
};

constexpr Huso kHusos[] = {
    {kHusoCentro, minutes(-360), Daylight::mexico},
    {"Tiempo del Centro en Frontera", minutes(-360), Daylight::united_states},
    {"Tiempo del Noroeste en Frontera", minutes(-480), Daylight::united_states},
    {"Tiempo del Pacífico", minutes(-420), Daylight::mexico},
    {"Tiempo del Pacífico en Frontera", minutes(-420), Daylight::united_states},
    {"Tiempo del Pacífico Sonora", minutes(-420), Daylight::none},
    {"Tiempo del Sureste", minutes(-300), Daylight::none},
};

// By the clock on the wall: an hour that comes twice is taken as the first.
bool in_daylight_time(const Huso& huso, const LocalTime& local) {
  if (huso.daylight == Daylight::none) return false;
  const auto year = local.date.year();
  if (huso.daylight == Daylight::mexico && year > kLastDaylightTimeOfMexico) return false;
  const DaylightTime days = huso.daylight == Daylight::mexico ? of_mexico(year) : of_united_states(year);
  const sys_seconds at = local.as_if_utc();
  return days.begin + kChangeAt <= at && at < days.end + kChangeAt;
}

}  // namespace

std::optional<minutes> utc_offset(std::string_view huso, const LocalTime& local) {
  for (const Huso& known : kHusos)
    if (known.name == huso)
      return known.standard_offset + (in_daylight_time(known, local) ? kDaylightShift : minutes(0));
  return std::nullopt;
}

const TimeZone* time_zone(std::string_view name) {
  const auto* found =
      std::find_if(std::begin(kZones), std::end(kZones), [&](const TimeZone& z) { return z.name == name; });
  return found == std::end(kZones) ? nullptr : found;
}

LocalTime local_time(const TimeZone& zone, sys_seconds utc) {
  const minutes offset = zone.standard_offset + (in_daylight_time(zone, utc) ? kDaylightShift : minutes(0));
  const sys_seconds local = utc + offset;
  const auto day = std::chrono::floor<std::chrono::days>(local);
  return {Date(day), static_cast<int>((local - day).count()), static_cast<int>(offset.count())};
}

}  // namespace puente::catalogs
