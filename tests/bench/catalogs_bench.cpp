// All lists of the SAT, and the largest document: how long they take and how much memory. Each measurement of memory
// and of loading is a process of its own, this program started again: what came before leaves nothing in it.
#include <sys/resource.h>
#include <time.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "mappings/sat/read.h"
#include "tests/bench/corpus.h"
#include "tests/bench/lists.h"
#include "tests/bench/rounds.h"

namespace puente::bench {
namespace {

constexpr double kLoadSeconds = 3, kListsMiB = 150;
constexpr double kReadSeconds = 1.5, kReadMiB = 200, kGrowth = 1.3;

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

// A line of /proc/self/status, MiB.
double memory(const std::string& name) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);)
    if (line.starts_with(name + ":")) return std::stod(line.substr(name.size() + 1)) / 1024;
  return 0;
}

int measure_lists() {
  const double before = memory("VmRSS");
  const double begin = cpu_seconds();
  const auto lists = reference_lists();
  const double seconds = cpu_seconds() - begin;
  std::printf("%.6f %.3f %.3f\n", seconds, memory("VmRSS") - before, memory("VmHWM"));
  return lists.lists == nullptr ? 1 : 0;
}

// Reads the file with the embedded lists: the document's own memory is asked for, at its most.
int measure_document(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(file), {}};
  bytes.shrink_to_fit();
  sat::read("first", "<a/>", {});  // what every process has: tables, the parser, the lists
  const double before = memory("VmRSS");
  const double begin = cpu_seconds();
  const auto outcome = sat::read("document", std::move(bytes), {});
  std::printf("%.6f %.3f %.3f\n", cpu_seconds() - begin, memory("VmHWM") - before, memory("VmHWM"));
  return outcome.stages.structure == sat::Stage::pass ? 0 : 1;
}

struct Measured {
  double seconds = 0, grown = 0, most = 0;
};
Measured in_a_process_of_its_own(const std::string& arguments) {
  const std::string command = "/proc/" + std::to_string(::getpid()) + "/exe " + arguments;
  FILE* pipe = ::popen(command.c_str(), "r");
  Measured measured;
  const int read = std::fscanf(pipe, "%lf %lf %lf", &measured.seconds, &measured.grown, &measured.most);
  if (::pclose(pipe) != 0 || read != 3) throw std::runtime_error("catalogs_bench " + arguments + " failed");
  return measured;
}

int run() {
  const int rounds = full_run() ? 7 : 2;
  const std::vector<std::size_t> goods = {2'000, 10'000, 20'000};
  Figures figures("bench-catalogs");

  const Lists lists = reference_lists();
  figures.line("  lists of the SAT: " + lists.description);
  std::vector<double> load, held, most;
  for (int round = 0; round < rounds; ++round) {
    const auto measured = in_a_process_of_its_own("--lists");
    load.push_back(measured.seconds);
    held.push_back(measured.grown);
    most.push_back(measured.most);
  }
  figures.limit("load them, seconds of CPU", load, Bound::at_most, kLoadSeconds);
  figures.limit("hold them, MiB", held, Bound::at_most, kListsMiB);
  figures.line("    the process at its most: " + spread(most).text(1) + " MiB");

  const auto waybills = make_waybills(goods);
  const std::string& largest = waybills.documents.back();
  figures.line("  " + waybills.description + " with 2,000, 10,000 and 20,000 mercancias");
  auto pattern = (std::filesystem::temp_directory_path() / "puente-waybill-XXXXXX").string();
  const int descriptor = ::mkstemp(pattern.data());
  if (descriptor >= 0) ::close(descriptor);
  std::ofstream(pattern, std::ios::binary) << largest;
  std::vector<double> read_most;
  for (int round = 0; round < rounds; ++round) read_most.push_back(in_a_process_of_its_own("--read " + pattern).grown);
  std::filesystem::remove(pattern);

  const sat::ReadContext context{waybills.trust, {}, lists.lists};
  std::vector<std::vector<double>> each(goods.size());  // microseconds a mercancia
  std::vector<double> largest_seconds;
  bool sound = true;
  for (int round = 0; round <= rounds; ++round) {  // the first warms up
    for (std::size_t i = 0; i < goods.size(); ++i) {
      std::string bytes = waybills.documents[i];
      const double begin = cpu_seconds();
      sound = sat::read("waybill", std::move(bytes), context).accepted && sound;
      const double seconds = cpu_seconds() - begin;
      if (round == 0) continue;
      each[i].push_back(seconds * 1e6 / static_cast<double>(goods[i]));
      if (i + 1 == goods.size()) largest_seconds.push_back(seconds);
    }
  }
  for (std::size_t i = 0; i < goods.size(); ++i)
    figures.line("    CPU microseconds a mercancia, of " + std::to_string(goods[i]) + ": " + spread(each[i]).text(2));
  figures.limit("read 20,000 mercancias, seconds of CPU", largest_seconds, Bound::at_most, kReadSeconds);
  figures.limit("read 20,000 mercancias, MiB", read_most, Bound::at_most, kReadMiB);
  figures.target("a mercancia of 20,000 / of 2,000", ratios(each.back(), each.front()), Bound::at_most, kGrowth);
  if (!sound) std::fprintf(stderr, "catalogs_bench: a document was not accepted\n");
  return sound && !figures.missed() ? 0 : 1;
}

}  // namespace
}  // namespace puente::bench

int main(int count, char** arguments) {
  const std::string first = count > 1 ? arguments[1] : "";
  if (first == "--lists") return puente::bench::measure_lists();
  if (first == "--read" && count > 2) return puente::bench::measure_document(arguments[2]);
  return puente::bench::run();
}
