// Calendar dates and local times as the documents write them. No clock is read anywhere in mappings: dates are passed in.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace puente {

using Date = std::chrono::year_month_day;

// A date and time without zone (CFDI Fecha), or with the offset it was written with (crossing notice).
struct LocalTime {
  Date date;
  int seconds = 0;                          // since local midnight, 0..86399
  std::optional<int> utc_offset_minutes;    // set when the text had one: -360 for -06:00
  std::string to_string() const;            // YYYY-MM-DDThh:mm:ss, without offset
  std::chrono::sys_seconds as_if_utc() const;
  std::optional<std::chrono::sys_seconds> utc() const;  // nullopt without offset
  friend bool operator==(const LocalTime&, const LocalTime&) = default;
};

std::optional<Date> parse_date(std::string_view text);             // YYYY-MM-DD
std::optional<LocalTime> parse_local_time(std::string_view text);  // YYYY-MM-DDThh:mm:ss, optional .fff, optional Z or +hh:mm
std::string to_string(const Date& date);                           // YYYY-MM-DD
std::string to_mmddyy(const Date& date);                           // CATAIR class D

}  // namespace puente
