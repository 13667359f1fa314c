#include "tests/bench/rounds.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

namespace puente::bench {

bool full_run() {
  const char* wanted = std::getenv("PUENTE_LONG");
  return wanted != nullptr && *wanted != '\0' && std::string(PUENTE_BUILD_TYPE) == "Release";
}

std::string host() {
  return std::to_string(std::thread::hardware_concurrency()) + " processors; GCC " __VERSION__ "; build type " +
         PUENTE_BUILD_TYPE + " (" + PUENTE_BUILD_FLAGS + ")";
}

std::string Spread::text(int decimals) const {
  char out[96];
  std::snprintf(out, sizeof out, "%.*f (%.*f-%.*f)", decimals, median, decimals, least, decimals, most);
  return out;
}

Spread spread(std::vector<double> values) {
  if (values.empty()) return {};
  std::ranges::sort(values);
  const auto middle = values.size() / 2;
  const double median = values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
  return {median, values.front(), values.back()};
}

std::vector<double> ratios(const std::vector<double>& of, const std::vector<double>& to) {
  std::vector<double> out;
  for (std::size_t i = 0; i < std::min(of.size(), to.size()); ++i) out.push_back(of[i] / to[i]);
  return out;
}

Figures::Figures(std::string name) : name_(std::move(name)) {
  line(name_ + ": " + (full_run() ? "full run" : "short run, not judged") + "; " + host());
}

Figures::~Figures() {
  const char* folder = std::getenv("PUENTE_FIGURES");
  if (folder == nullptr || !full_run()) return;
  std::error_code ignored;
  std::filesystem::create_directories(folder, ignored);
  std::ofstream(std::filesystem::path(folder) / (name_ + ".txt")) << text_;
}

void Figures::line(const std::string& text) {
  text_ += text + "\n";
  std::printf("%s\n", text.c_str());
  std::fflush(stdout);
}

bool Figures::target(const std::string& what, const std::vector<double>& paired, Bound bound, double value) {
  return judge("ratio " + what, paired, bound, value);
}

bool Figures::limit(const std::string& what, const std::vector<double>& values, Bound bound, double value) {
  return judge(what, values, bound, value);
}

bool Figures::judge(const std::string& what, const std::vector<double>& values, Bound bound, double value) {
  const auto figure = spread(values);
  const bool met = bound == Bound::at_least ? figure.median >= value : figure.median <= value;
  char wanted[32];
  std::snprintf(wanted, sizeof wanted, "%s %.2f", bound == Bound::at_least ? "at least" : "at most", value);
  line("  " + what + ": " + figure.text(2) + ", target " + wanted + ": " +
       (met ? "met" : (full_run() ? "MISSED" : "not met by this short run")));
  if (!met && full_run()) missed_ = true;
  return met || !full_run();
}

}  // namespace puente::bench
