// A progress bar on standard error: count, rate, time left. Drawn at most ten times a second on a terminal; elsewhere
// one plain line every ten seconds.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>

#include "gateway/app/terminal.h"

namespace puente::app {

// "[#########...........]  450/1000  45%  150/s  4s left  2 refused"
std::string progress_line(std::size_t done, std::size_t total, std::size_t failed, std::chrono::milliseconds elapsed,
                          Language language);

class Progress {
 public:
  using Clock = std::function<std::chrono::steady_clock::time_point()>;
  Progress(Printer& printer, std::size_t total, Language language, Clock clock = std::chrono::steady_clock::now);
  ~Progress() { finish(); }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void one(bool failed);
  void finish();  // last state, and an end of line; nothing more is drawn
  // Takes the bar away so that something else may be printed; the next one() draws it again.
  void clear();

 private:
  void draw();

  Printer& printer_;
  Language language_;
  Clock clock_;
  std::chrono::steady_clock::time_point begin_, drawn_;
  std::size_t total_, done_ = 0, failed_ = 0;
  bool visible_ = false, finished_ = false;
};

}  // namespace puente::app
