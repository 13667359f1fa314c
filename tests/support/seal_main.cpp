// puente-seal PLAN: seals and stamps the documents of a plan with one fresh development authority.
//
// A plan is a text file, a line each:
//   trust DIR                                          root and stamping certificate go there
//   issuer KEY SERIAL RFC NAME...                      a CSD
//   document KEY IN OUT [UUID STAMP_TIME]              sealed by the issuer; stamped when UUID and time are given
// Paths are relative to the plan. The keys are gone when the program ends.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <sstream>

#include "tests/support/sealing.h"

namespace {

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error("cannot open " + path.string());
  return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: puente-seal PLAN\n";
    return 2;
  }
  try {
    const std::filesystem::path plan = argv[1];
    const auto base = plan.parent_path();
    const auto authority = puente::test::Authority::create();
    std::map<std::string, puente::test::Signer> issuers;
    std::istringstream lines(read_file(plan));
    for (std::string line; std::getline(lines, line);) {
      std::istringstream words(line);
      std::string verb;
      if (!(words >> verb) || verb.starts_with('#')) continue;
      if (verb == "trust") {
        std::string directory;
        words >> directory;
        authority.write_trust(base / directory);
      } else if (verb == "issuer") {
        std::string key;
        puente::test::CertificateAsk ask;
        words >> key >> ask.serial >> ask.rfc >> std::ws;
        std::getline(words, ask.name);
        issuers[key] = authority.issue(ask);
      } else if (verb == "document") {
        std::string key, in, out, uuid, time;
        words >> key >> in >> out >> uuid >> time;
        std::string text = puente::test::seal(read_file(base / in), issuers.at(key));
        if (!uuid.empty()) text = puente::test::stamp(text, authority.stamping(), {uuid, time});
        std::filesystem::create_directories((base / out).parent_path());
        std::ofstream(base / out, std::ios::binary) << text;
      } else {
        throw std::runtime_error("unknown verb " + verb);
      }
    }
  } catch (const std::exception& error) {
    std::cerr << "puente-seal: " << error.what() << '\n';
    return 1;
  }
  return 0;
}
