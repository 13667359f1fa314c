// The documents of a corpus folder (see corpus_main.cpp), mapped into memory.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "puente/v1/gateway.pb.h"

namespace puente::load {

struct CorpusDocument {
  std::string ref, carrier, filer, scn;
  v1::DocumentKind kind = v1::SAT_XML;
  std::string_view content;
};

class Corpus {
 public:
  explicit Corpus(const std::filesystem::path& folder);  // throws std::runtime_error
  ~Corpus();
  Corpus(const Corpus&) = delete;
  Corpus& operator=(const Corpus&) = delete;
  const std::vector<CorpusDocument>& documents() const { return documents_; }  // in order of shipments

 private:
  std::vector<CorpusDocument> documents_;
  void* mapped_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace puente::load
