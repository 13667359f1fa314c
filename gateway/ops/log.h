// Structured log: one JSON object a line, on standard error. What may stand in a line: ids, codes and counts. Text that
// came from outside goes in only as a field value, where it is escaped and cut at kLogTextLimit bytes; personal data
// only as Sensitive.
// {"time":"2026-03-01T12:00:00.123Z","level":"info","event":"partner_connected","partner":"acme","connections":3}
// Threads: any. Lines are whole: two threads never mix within one.
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "gateway/ops/sensitive.h"

namespace puente::ops {

enum class LogLevel { debug, info, warn, error };

std::optional<LogLevel> log_level_from(std::string_view name);  // debug, info, warn, error

class LogValue {
 public:
  LogValue(bool value) : value_(value) {}
  LogValue(std::signed_integral auto value) : value_(static_cast<std::int64_t>(value)) {}
  LogValue(std::unsigned_integral auto value) : value_(static_cast<std::uint64_t>(value)) {}
  LogValue(const char* text) : value_(std::string(text)) {}
  LogValue(std::string_view text) : value_(std::string(text)) {}
  LogValue(const std::string& text) : value_(text) {}
  template <typename T>
  LogValue(const Sensitive<T>& sensitive) : value_(sensitive.to_string()) {}

  const auto& variant() const { return value_; }

 private:
  std::variant<bool, std::int64_t, std::uint64_t, std::string> value_;
};

struct LogField {
  std::string_view key;  // lower_snake_case literal
  LogValue value;
};
using LogFields = std::initializer_list<LogField>;

// The line without its end; pure.
std::string render_log_line(LogLevel level, std::string_view event, LogFields fields,
                            std::chrono::system_clock::time_point time);

void log(LogLevel level, std::string_view event, LogFields fields = {});
inline void log_debug(std::string_view event, LogFields fields = {}) { log(LogLevel::debug, event, fields); }
inline void log_info(std::string_view event, LogFields fields = {}) { log(LogLevel::info, event, fields); }
inline void log_warn(std::string_view event, LogFields fields = {}) { log(LogLevel::warn, event, fields); }
inline void log_error(std::string_view event, LogFields fields = {}) { log(LogLevel::error, event, fields); }

void set_log_level(LogLevel least);  // info until set

// Lines go to `sink` instead of standard error until it is replaced; an empty one brings standard error back. For a
// program that shows its own log, and for tests.
using LogSink = std::function<void(std::string_view line)>;
void set_log_sink(LogSink sink);

}  // namespace puente::ops
