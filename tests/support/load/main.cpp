// puente-load: simulated carriers and brokers, from outside. They share the contract with the gateway and nothing else,
// but for the socket's client, which is what partners are given.
//
//   puente-load carriers --address HOST:PORT --certificates DIR --corpus DIR [--transport grpc|grpc-stream|socket]
//     [--carriers A,B] [--from N] [--count N] [--connections N] [--window N] [--rate N] [--order shipment|shuffled]
//     [--repeats SHARE] [--conflicts SHARE] [--seed N] [--seconds N] [--log FILE]
//   puente-load brokers --address HOST:PORT --certificates DIR --filers A,B [--transport grpc|socket] [--mode
//   FILER=MODE]...
//     [--credits N] [--until N] [--seconds N] [--log FILE] [--answers FILE] [--memory FILE]
//       MODE: prompt, slow:RATE, dead, absent, refusing:SHARE:SHARE_ONCE, answering
//
// Each prints one JSON object at its end. Exit: 0 nothing was wrong, 1 something was (the summary names it), 2 usage.
// Log lines: carriers.h and brokers.h.
#include <iostream>
#include <map>
#include <stdexcept>
#include <string>
#include <vector>

#include "tests/support/load/brokers.h"
#include "tests/support/load/carriers.h"
#include "tests/support/load/corpus.h"
#include "tests/support/load/stopping.h"
#include "tests/support/load/wire.h"

namespace {

using namespace puente::load;

class Options {
 public:
  Options(int argc, char** argv) {
    for (int i = 2; i < argc; i += 2) {
      const std::string name = argv[i];
      if (!name.starts_with("--") || i + 1 == argc) throw std::invalid_argument(name);
      values_[name.substr(2)].emplace_back(argv[i + 1]);
    }
  }
  std::vector<std::string> all(const std::string& name) {
    const auto found = values_.find(name);
    if (found == values_.end()) return {};
    auto values = found->second;
    values_.erase(found);
    return values;
  }
  std::string text(const std::string& name, const std::string& fallback) {
    const auto values = all(name);
    return values.empty() ? fallback : values.back();
  }
  std::string text(const std::string& name) {
    const auto value = text(name, "");
    if (value.empty()) throw std::invalid_argument("--" + name + " is missing");
    return value;
  }
  double number(const std::string& name, double fallback) {
    const auto value = text(name, "");
    return value.empty() ? fallback : std::stod(value);
  }
  std::size_t count(const std::string& name, std::size_t fallback) {
    const auto value = text(name, "");
    return value.empty() ? fallback : std::stoull(value);
  }
  std::vector<std::string> list(const std::string& name) {
    std::vector<std::string> out;
    std::string text = this->text(name, "");
    for (std::size_t at = 0; !text.empty(); text.erase(0, at == std::string::npos ? at : at + 1)) {
      at = text.find(',');
      out.push_back(text.substr(0, at));
    }
    return out;
  }
  void done() const {
    if (!values_.empty()) throw std::invalid_argument("--" + values_.begin()->first + " is unknown");
  }

 private:
  std::map<std::string, std::vector<std::string>> values_;
};

int carriers(Options options) {
  CarrierPlan plan;
  plan.address = options.text("address");
  plan.certificates = options.text("certificates");
  plan.log = options.text("log", "");
  plan.carriers = options.list("carriers");
  plan.from = options.count("from", 0);
  plan.count = options.count("count", SIZE_MAX);
  plan.connections = options.count("connections", plan.connections);
  plan.window = options.count("window", plan.window);
  plan.rate = options.number("rate", 0);
  plan.shuffled = options.text("order", "shipment") == "shuffled";
  plan.repeats = options.number("repeats", 0);
  plan.conflicts = options.number("conflicts", 0);
  plan.seed = static_cast<std::uint32_t>(options.count("seed", 1));
  plan.seconds = options.number("seconds", 0);
  const auto folder = options.text("corpus");
  const auto wire = make_wire(options.text("transport", "grpc"));
  options.done();
  const Corpus corpus(folder);
  return run_carriers(*wire, corpus, plan);
}

int brokers(Options options) {
  BrokerPlan plan;
  plan.address = options.text("address");
  plan.certificates = options.text("certificates");
  plan.log = options.text("log", "");
  plan.answers = options.text("answers", "");
  plan.memory = options.text("memory", "");
  plan.filers = options.list("filers");
  for (const auto& mode : options.all("mode")) {
    const auto at = mode.find('=');
    if (at == std::string::npos) throw std::invalid_argument("--mode " + mode);
    plan.modes[mode.substr(0, at)] = BrokerMode::parse(mode.substr(at + 1));
  }
  plan.credits = static_cast<std::uint32_t>(options.count("credits", plan.credits));
  plan.until = options.count("until", 0);
  plan.seconds = options.number("seconds", 0);
  const auto wire = make_wire(options.text("transport", "grpc"));
  options.done();
  return run_brokers(*wire, plan);
}

}  // namespace

int main(int argc, char** argv) {
  keep_signals();
  try {
    const std::string verb = argc < 2 ? "" : argv[1];
    if (verb == "carriers") return carriers(Options(argc, argv));
    if (verb == "brokers") return brokers(Options(argc, argv));
    throw std::invalid_argument("carriers or brokers");
  } catch (const std::exception& error) {
    std::cerr << "puente-load: " << error.what() << '\n';
    return 2;
  }
}
