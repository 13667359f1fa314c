// What a load program writes down: one JSON object a line, each with one write, so that a kill loses no line whose
// consequence went out; and latencies.
#pragma once

#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace puente::load {

std::int64_t now_us();  // wall clock, microseconds since 1970

// Texts are codes, numbers and digests: without quotes, backslashes and controls.
using Field = std::variant<std::string, std::int64_t, bool, std::vector<std::string>>;
std::string json_line(std::initializer_list<std::pair<std::string_view, Field>> fields);

class Journal {
 public:
  explicit Journal(
      const std::filesystem::path& file);  // appended to; empty: nothing is kept; throws std::runtime_error
  ~Journal();
  Journal(const Journal&) = delete;
  Journal& operator=(const Journal&) = delete;
  void write(std::string_view line);  // thread-safe; a line that cannot be written ends the program

 private:
  int file_ = -1;
};

// Thread-safe.
class Latencies {
 public:
  void add(std::int64_t us);
  std::string json() const;  // {"count":..,"p50_us":..,"p99_us":..,"max_us":..}

 private:
  mutable std::mutex mutex_;
  std::vector<std::uint32_t> values_;
};

}  // namespace puente::load
