#include "tests/support/load/journal.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>

namespace puente::load {

std::int64_t now_us() {
  return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::string json_line(std::initializer_list<std::pair<std::string_view, Field>> fields) {
  std::string out = "{";
  const auto quoted = [&out](std::string_view text) {
    out += '"';
    out += text;
    out += '"';
  };
  for (const auto& [name, field] : fields) {
    if (out.size() > 1) out += ',';
    quoted(name);
    out += ':';
    if (const auto* text = std::get_if<std::string>(&field)) quoted(*text);
    if (const auto* number = std::get_if<std::int64_t>(&field)) out += std::to_string(*number);
    if (const auto* flag = std::get_if<bool>(&field)) out += *flag ? "true" : "false";
    if (const auto* list = std::get_if<std::vector<std::string>>(&field)) {
      out += '[';
      for (std::size_t i = 0; i < list->size(); ++i) {
        if (i > 0) out += ',';
        quoted((*list)[i]);
      }
      out += ']';
    }
  }
  return out + "}\n";
}

Journal::Journal(const std::filesystem::path& file) {
  if (file.empty()) return;
  file_ = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (file_ < 0) throw std::runtime_error("cannot write " + file.string());
}

Journal::~Journal() {
  if (file_ >= 0) ::close(file_);
}

void Journal::write(std::string_view line) {
  if (file_ < 0) return;
  if (::write(file_, line.data(), line.size()) != static_cast<ssize_t>(line.size())) {
    std::perror("puente-load: journal");
    std::abort();
  }
}

void Latencies::add(std::int64_t us) {
  const std::scoped_lock lock(mutex_);
  values_.push_back(static_cast<std::uint32_t>(std::clamp<std::int64_t>(us, 0, UINT32_MAX)));
}

std::string Latencies::json() const {
  std::vector<std::uint32_t> sorted;
  {
    const std::scoped_lock lock(mutex_);
    sorted = values_;
  }
  std::sort(sorted.begin(), sorted.end());
  const auto at = [&](double share) {
    if (sorted.empty()) return std::string("0");
    return std::to_string(
        sorted[std::min(sorted.size() - 1, static_cast<std::size_t>(share * static_cast<double>(sorted.size())))]);
  };
  return "{\"count\":" + std::to_string(sorted.size()) + ",\"p50_us\":" + at(0.5) + ",\"p99_us\":" + at(0.99) +
         ",\"max_us\":" + at(1.0) + "}";
}

}  // namespace puente::load
