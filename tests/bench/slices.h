// What a client measures in one turn of one mode, and the turns of all rounds.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "tests/bench/rounds.h"

namespace puente::bench {

struct Slice {
  double rate = 0, p50 = 0, p99 = 0, server_us = 0;  // a second, microseconds, of the server's CPU a call
};

struct Series {
  std::vector<double> rate, p50, p99, server_us;
  void add(const Slice& slice) {
    rate.push_back(slice.rate);
    p50.push_back(slice.p50);
    p99.push_back(slice.p99);
    server_us.push_back(slice.server_us);
  }
  std::string text() const {
    return spread(rate).text(0) + "/s; p50 " + spread(p50).text(0) + ", p99 " + spread(p99).text(0) +
           " us; server CPU " + spread(server_us).text(0) + " us a document";
  }
};

// From the latencies of the calls, in microseconds, of `seconds` during which the server used `cpu_seconds`.
inline Slice slice_of(std::vector<double> latencies, double seconds, double cpu_seconds) {
  std::ranges::sort(latencies);
  const auto count = static_cast<double>(latencies.size());
  const auto at = [&](double part) { return latencies[static_cast<std::size_t>(part * (count - 1))]; };
  return {count / seconds, at(0.5), at(0.99), cpu_seconds * 1e6 / count};
}

}  // namespace puente::bench
