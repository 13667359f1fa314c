// puente-corpus: what a load run needs before it starts.
//
//   puente-corpus documents SOURCE DIR [--shipments N] [--carriers N] [--filers N] [--amendments SHARE] [--seed N]
//                                      [--eta-hours FIRST LAST]
//       DIR/corpus.pack   the documents, one after the other
//       DIR/corpus.index  a line a document, in order of shipments, tabs between: ref, kind, carrier, filer, SCN,
//       offset, size DIR/trust, DIR/partners, DIR/catalog.csv   what the gateway is to know of them
//   puente-corpus gateway DIR [--carriers N] [--filers N] [--window N] [--lease SECONDS]
//       in a folder of `puente init`: the partners' certificates, their client-*.toml and a registry that routes each
//       importer to its filer
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "gateway/partners/certificates.h"
#include "gateway/partners/limits.h"
#include "tests/support/load/shipment_maker.h"

namespace {

namespace fs = std::filesystem;
using namespace puente::test;

struct Words {
  std::vector<std::string> plain;
  std::map<std::string, std::vector<std::string>> options;
  double number(const std::string& name, double fallback, std::size_t index = 0) const {
    const auto found = options.find(name);
    return found == options.end() || found->second.size() <= index ? fallback : std::stod(found->second[index]);
  }
  std::size_t count(const std::string& name, std::size_t fallback) const {
    return static_cast<std::size_t>(number(name, static_cast<double>(fallback)));
  }
};

Words words_of(int argc, char** argv) {
  Words words;
  std::vector<std::string>* into = &words.plain;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word.starts_with("--"))
      into = &words.options[word.substr(2)];
    else
      into->push_back(word);
  }
  return words;
}

void make_documents(const Words& words) {
  const fs::path folder = words.plain.at(2);
  ShipmentPlan plan;
  plan.shipments = words.count("shipments", plan.shipments);
  plan.carriers = words.count("carriers", plan.carriers);
  plan.filers = words.count("filers", plan.filers);
  plan.amendments = words.number("amendments", plan.amendments);
  plan.seed = static_cast<std::uint32_t>(words.count("seed", plan.seed));
  plan.now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  plan.eta_first = std::chrono::hours(static_cast<long>(words.number("eta-hours", 12, 0)));
  plan.eta_last = std::chrono::hours(static_cast<long>(words.number("eta-hours", 72, 1)));
  const ShipmentMaker maker(words.plain.at(1), plan);
  fs::create_directories(folder);
  maker.write_knowledge(folder);
  std::ofstream pack(folder / "corpus.pack", std::ios::binary | std::ios::trunc);
  std::ofstream index(folder / "corpus.index", std::ios::trunc);
  constexpr std::size_t kBlock = 256;
  const std::size_t threads = std::max(1U, std::thread::hardware_concurrency());
  std::size_t offset = 0, documents = 0;
  for (std::size_t from = 0; from < plan.shipments; from += kBlock) {
    const std::size_t to = std::min(plan.shipments, from + kBlock);
    std::vector<std::vector<MadeDocument>> made(to - from);
    std::vector<std::thread> workers;
    for (std::size_t t = 0; t < threads; ++t)
      workers.emplace_back([&, t] {
        for (std::size_t i = from + t; i < to; i += threads) made[i - from] = maker.make(i);
      });
    for (auto& worker : workers) worker.join();
    for (const auto& shipment : made)
      for (const auto& d : shipment) {
        pack << d.content;
        index << d.ref << '\t' << d.kind << '\t' << d.carrier << '\t' << d.filer << '\t' << d.scn << '\t' << offset
              << '\t' << d.content.size() << '\n';
        offset += d.content.size();
        ++documents;
      }
  }
  if (!pack.flush() || !index.flush()) throw std::runtime_error("cannot write the corpus");
  std::cout << documents << " documents of " << plan.shipments << " shipments, " << offset << " bytes\n";
}

std::string read_text(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error("cannot open " + path.string());
  return {std::istreambuf_iterator<char>(in), {}};
}

void make_gateway(const Words& words) {
  const fs::path folder = words.plain.at(1);
  const std::size_t carriers = words.count("carriers", 8), filers = words.count("filers", 20);
  std::vector<std::string> names = {"ops"};
  for (std::size_t i = 0; i < carriers; ++i) names.push_back(carrier_name(i));
  for (std::size_t i = 0; i < filers; ++i) names.push_back(filer_name(i));
  if (const auto made = puente::partners::write_development_certificates(folder / "certificates", names); !made)
    throw std::runtime_error(made.error().text);
  std::string registry = "# Partners of a load run.\n", routes;
  const std::string client = read_text(folder / "client-ops.toml");
  for (const auto& name : names) {
    const auto digest = puente::partners::spki_sha256_of_pem(read_text(folder / "certificates" / (name + ".crt")));
    if (!digest) throw std::runtime_error(digest.error().text);
    const bool filer = name.starts_with("filer-");
    registry += "\n[partner." + name + "]\nroles = [\"" +
                (name == "ops" ? "ops"
                 : filer       ? "filer"
                               : "sender") +
                "\"]\nkeys = [{ spki_sha256 = \"" + *digest + "\" }]\n" + puente::partners::widest_limits();
    if (filer) {
      registry += "broker = \"" + name + "\"\nwindow = " + std::to_string(words.count("window", 64)) +
                  "\nlease_seconds = " + std::to_string(words.count("lease", 60)) + "\n";
      routes += "\n[[route]]\nimporter = \"importer-" + name.substr(6) + "\"\nfiler = \"" + name + "\"\n";
    }
    std::string own = client;
    for (std::size_t at = 0; (at = own.find("/ops.", at)) != std::string::npos; at += name.size() + 2)
      own.replace(at, 5, "/" + name + ".");
    std::ofstream(folder / ("client-" + name + ".toml"), std::ios::trunc) << own;
  }
  std::ofstream(folder / "registry.toml", std::ios::trunc) << registry << routes;
  // All of them come from one address.
  if (const std::string config = read_text(folder / "puente.toml"); config.find("[limits]") == std::string::npos)
    std::ofstream(folder / "puente.toml", std::ios::app)
        << "\n[limits]\nconnections_per_address = 10000\nhandshakes = 10000\nhandshakes_per_address = 10000\n";
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const Words words = words_of(argc, argv);
    const std::string verb = words.plain.empty() ? "" : words.plain[0];
    if (verb == "documents" && words.plain.size() == 3)
      make_documents(words);
    else if (verb == "gateway" && words.plain.size() == 2)
      make_gateway(words);
    else {
      std::cerr << "usage: puente-corpus documents SOURCE DIR [--shipments N ...]\n"
                   "       puente-corpus gateway DIR [--carriers N --filers N ...]\n";
      return 2;
    }
  } catch (const std::exception& error) {
    std::cerr << "puente-corpus: " << error.what() << '\n';
    return 1;
  }
  return 0;
}
