// What every benchmark of this folder shares: rounds in which each mode runs once, the ratio of two modes paired inside
// each round, medians with their range, and where figures go. Both halves of a ratio are always printed.
//
// A target is judged only by a full run (PUENTE_LONG=1, tests/run --long) of a Release build; a short run shows that
// the programs work.
#pragma once

#include <string>
#include <vector>

namespace puente::bench {

bool full_run();     // PUENTE_LONG is set and this is a Release build
std::string host();  // processors, compiler, build type

// Median with least and most: "1234 (1100-1400)".
struct Spread {
  double median = 0, least = 0, most = 0;
  std::string text(int decimals) const;
};
Spread spread(std::vector<double> values);

// Element by element: the ratio inside each round.
std::vector<double> ratios(const std::vector<double>& of, const std::vector<double>& to);

enum class Bound { at_least, at_most };

// The lines of one benchmark: to the standard output, and into $PUENTE_FIGURES/<name>.txt where that is set and the run
// is full.
class Figures {
 public:
  explicit Figures(std::string name);
  ~Figures();
  void line(const std::string& text);
  // A target over paired ratios; false when a full run misses it with its median.
  bool target(const std::string& what, const std::vector<double>& paired, Bound bound, double value);
  // The same of a figure in its own unit: "load all lists, seconds of CPU".
  bool limit(const std::string& what, const std::vector<double>& values, Bound bound, double value);
  bool missed() const { return missed_; }

 private:
  bool judge(const std::string& what, const std::vector<double>& values, Bound bound, double value);
  std::string name_, text_;
  bool missed_ = false;
};

}  // namespace puente::bench
