#include "gateway/app/progress.h"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace puente::app {
namespace {

constexpr std::size_t kBar = 20;
constexpr std::chrono::milliseconds kRedraw{100}, kPlain{10'000};

std::string duration_text(std::uint64_t seconds) {
  if (seconds < 60) return std::to_string(seconds) + "s";
  if (seconds < 3600) return std::to_string(seconds / 60) + "m" + std::to_string(seconds % 60) + "s";
  return std::to_string(seconds / 3600) + "h" + std::to_string(seconds % 3600 / 60) + "m";
}

}  // namespace

std::string progress_line(std::size_t done, std::size_t total, std::size_t failed, std::chrono::milliseconds elapsed,
                          Language language) {
  const std::size_t whole = std::max<std::size_t>(total, 1);
  const std::size_t filled = std::min(kBar, done * kBar / whole);
  std::string out = "[" + std::string(filled, '#') + std::string(kBar - filled, '.') + "]  " + std::to_string(done) +
                    "/" + std::to_string(total) + "  " + std::to_string(done * 100 / whole) + "%";
  const auto millis = static_cast<std::uint64_t>(std::max<std::chrono::milliseconds::rep>(elapsed.count(), 1));
  out += "  " + std::to_string(done * 1000 / millis) + "/s";
  if (done > 0 && done < total)
    out += "  " + duration_text((total - done) * millis / done / 1000) +
           std::string(Text{" left", " restantes"}.in(language));
  if (failed > 0) out += "  " + std::to_string(failed) + std::string(Text{" refused", " rechazados"}.in(language));
  return out;
}

Progress::Progress(Printer& printer, std::size_t total, Language language, Clock clock)
    : printer_(printer),
      language_(language),
      clock_(std::move(clock)),
      begin_(clock_()),
      drawn_(begin_),
      total_(total) {}

void Progress::one(bool failed) {
  ++done_;
  if (failed) ++failed_;
  const auto now = clock_();
  if (now - drawn_ < (printer_.tty() ? kRedraw : kPlain)) return;
  drawn_ = now;
  draw();
}

void Progress::draw() {
  const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(clock_() - begin_);
  const std::string line = progress_line(done_, total_, failed_, elapsed, language_);
  if (printer_.tty()) {
    printer_ << "\r" << line << "\x1b[K";
    visible_ = true;
  } else {
    printer_ << line << "\n";
  }
  printer_.flush();
}

void Progress::clear() {
  if (visible_) printer_ << "\r\x1b[K";
  visible_ = false;
}

void Progress::finish() {
  if (finished_) return;
  finished_ = true;
  if (total_ < 2) return;  // one document needs no bar
  draw();
  if (printer_.tty()) printer_ << "\n";
}

}  // namespace puente::app
