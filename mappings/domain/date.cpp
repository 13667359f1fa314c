#include "mappings/domain/date.h"

#include <cstdio>

namespace puente {
namespace {

std::optional<int> digits(std::string_view text, std::size_t at, std::size_t count) {
  if (at + count > text.size()) return std::nullopt;
  int value = 0;
  for (std::size_t i = at; i < at + count; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  return value;
}

}  // namespace

std::optional<Date> parse_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto year = digits(text, 0, 4);
  const auto month = digits(text, 5, 2);
  const auto day = digits(text, 8, 2);
  if (!year || !month || !day) return std::nullopt;
  const Date date{std::chrono::year{*year}, std::chrono::month{static_cast<unsigned>(*month)},
                  std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok()) return std::nullopt;
  return date;
}

std::optional<LocalTime> parse_local_time(std::string_view text) {
  if (text.size() < 19 || text[10] != 'T' || text[13] != ':' || text[16] != ':') return std::nullopt;
  const auto date = parse_date(text.substr(0, 10));
  const auto hour = digits(text, 11, 2);
  const auto minute = digits(text, 14, 2);
  const auto second = digits(text, 17, 2);
  if (!date || !hour || !minute || !second || *hour > 23 || *minute > 59 || *second > 59) return std::nullopt;
  LocalTime time{*date, *hour * 3600 + *minute * 60 + *second, std::nullopt};
  std::size_t at = 19;
  if (at < text.size() && text[at] == '.') {
    ++at;
    const std::size_t first = at;
    while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
    if (at == first) return std::nullopt;
  }
  if (at == text.size()) return time;
  if (text[at] == 'Z' && at + 1 == text.size()) {
    time.utc_offset_minutes = 0;
    return time;
  }
  if ((text[at] != '+' && text[at] != '-') || at + 6 != text.size() || text[at + 3] != ':') return std::nullopt;
  const auto offset_hours = digits(text, at + 1, 2);
  const auto offset_minutes = digits(text, at + 4, 2);
  if (!offset_hours || !offset_minutes || *offset_hours > 14 || *offset_minutes > 59) return std::nullopt;
  const int offset = *offset_hours * 60 + *offset_minutes;
  time.utc_offset_minutes = text[at] == '-' ? -offset : offset;
  return time;
}

std::string LocalTime::to_string() const {
  char buffer[16];
  std::snprintf(buffer, sizeof buffer, "T%02d:%02d:%02d", seconds / 3600 % 24, seconds / 60 % 60, seconds % 60);
  return puente::to_string(date) + buffer;
}

std::chrono::sys_seconds LocalTime::as_if_utc() const {
  return std::chrono::sys_days{date} + std::chrono::seconds{seconds};
}

std::optional<std::chrono::sys_seconds> LocalTime::utc() const {
  if (!utc_offset_minutes) return std::nullopt;
  return as_if_utc() - std::chrono::minutes(*utc_offset_minutes);
}

std::string to_string(const Date& date) {
  char buffer[48];
  std::snprintf(buffer, sizeof buffer, "%04d-%02u-%02u", static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()));
  return buffer;
}

std::string to_mmddyy(const Date& date) {
  char buffer[48];
  std::snprintf(buffer, sizeof buffer, "%02u%02u%02d", static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                static_cast<int>(date.year()) % 100);
  return buffer;
}

}  // namespace puente
