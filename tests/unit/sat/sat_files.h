// Files that the tests of this room read. Samples and reference are oracles that may be absent: then tests skip.
#pragma once

#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "mappings/sat/read.h"

namespace puente::sat {

inline const std::filesystem::path kSamples = PUENTE_SHARED_DIR "/samples/sat";
inline const std::filesystem::path kReference = PUENTE_SHARED_DIR "/reference";

inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline std::string stage_name(Stage stage) {
  switch (stage) {
    case Stage::pass:
      return "pass";
    case Stage::fail:
      return "fail";
    case Stage::absent:
      return "absent";
    case Stage::unknown:
      break;
  }
  return "unknown";
}

// The codes of the findings, one a line, for messages of failed tests.
inline std::string codes(const Findings& findings) {
  std::string out;
  for (const auto& finding : findings)
    out += finding.code() + " " + finding.source().path() + " " + std::to_string(finding.source().line()) + ":" +
           std::to_string(finding.source().column()) + " " + finding.en() + "\n";
  return out;
}

inline ReadContext context_with(const std::filesystem::path& trust) {
  ReadContext context;
  if (auto store = TrustStore::load(Environment::test, {trust})) context.trust = *store;
  return context;
}

}  // namespace puente::sat
