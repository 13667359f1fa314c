#include "gateway/ops/log.h"

#include <fmt/chrono.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <array>
#include <memory>
#include <mutex>

#include "gateway/ops/json_text.h"

namespace puente::ops {
namespace {

struct LevelRow {
  LogLevel level;
  std::string_view name;
  spdlog::level::level_enum spdlog_level;
};
constexpr std::array kLevels{
    LevelRow{LogLevel::debug, "debug", spdlog::level::debug}, LevelRow{LogLevel::info, "info", spdlog::level::info},
    LevelRow{LogLevel::warn, "warn", spdlog::level::warn}, LevelRow{LogLevel::error, "error", spdlog::level::err}};

const LevelRow& level_row(LogLevel level) { return kLevels[static_cast<std::size_t>(level)]; }

// Sends every line to standard error, or to the sink that was set. base_sink serializes: lines are whole.
class SwitchSink final : public spdlog::sinks::base_sink<std::mutex> {
 public:
  void replace(LogSink replacement) {
    const std::scoped_lock lock(mutex_);
    redirected_ = std::move(replacement);
  }

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    if (redirected_) {
      redirected_({message.payload.data(), message.payload.size()});
    } else {
      stderr_.log(message);
    }
  }
  void flush_() override { stderr_.flush(); }
  void set_pattern_(const std::string& pattern) override { stderr_.set_pattern(pattern); }
  void set_formatter_(std::unique_ptr<spdlog::formatter> formatter) override {
    stderr_.set_formatter(std::move(formatter));
  }

 private:
  LogSink redirected_;
  spdlog::sinks::stderr_sink_st stderr_;
};

struct Logger {
  std::shared_ptr<SwitchSink> sink = std::make_shared<SwitchSink>();
  spdlog::logger logger{"puente", sink};

  Logger() {
    logger.set_pattern("%v");
    logger.set_level(spdlog::level::info);
    logger.flush_on(spdlog::level::debug);
  }
};

Logger& logger() {
  // Never destroyed: a thread that outlives main may still have something to say.
  static Logger* const instance = new Logger;
  return *instance;
}

struct AppendValue {
  std::string& out;
  void operator()(bool value) const { out += value ? "true" : "false"; }
  void operator()(std::int64_t value) const { fmt::format_to(std::back_inserter(out), "{}", value); }
  void operator()(std::uint64_t value) const { fmt::format_to(std::back_inserter(out), "{}", value); }
  void operator()(const std::string& value) const { append_json_text(out, value); }
};

}  // namespace

std::optional<LogLevel> log_level_from(std::string_view name) {
  for (const LevelRow& row : kLevels) {
    if (row.name == name) return row.level;
  }
  return std::nullopt;
}

std::string render_log_line(LogLevel level, std::string_view event, LogFields fields,
                            std::chrono::system_clock::time_point time) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  const auto millis = std::chrono::duration_cast<std::chrono::milliseconds>(time - seconds).count();
  std::string out =
      fmt::format(R"({{"time":"{:%Y-%m-%dT%H:%M:%S}.{:03}Z","level":"{}","event":)",
                  fmt::gmtime(std::chrono::system_clock::to_time_t(seconds)), millis, level_row(level).name);
  append_json_text(out, event);
  for (const LogField& field : fields) {
    out += ',';
    append_json_text(out, field.key);
    out += ':';
    std::visit(AppendValue{out}, field.value.variant());
  }
  out += '}';
  return out;
}

void log(LogLevel level, std::string_view event, LogFields fields) {
  const spdlog::level::level_enum spdlog_level = level_row(level).spdlog_level;
  if (!logger().logger.should_log(spdlog_level)) return;
  // The line goes in as an argument-free message: spdlog formats nothing that came from outside.
  logger().logger.log(spdlog_level,
                      spdlog::string_view_t(render_log_line(level, event, fields, std::chrono::system_clock::now())));
}

void set_log_level(LogLevel least) { logger().logger.set_level(level_row(least).spdlog_level); }

void set_log_sink(LogSink sink) { logger().sink->replace(std::move(sink)); }

}  // namespace puente::ops
