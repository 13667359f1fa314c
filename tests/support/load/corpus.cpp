#include "tests/support/load/corpus.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <sstream>
#include <stdexcept>

namespace puente::load {

Corpus::Corpus(const std::filesystem::path& folder) {
  const auto pack = folder / "corpus.pack";
  const int file = ::open(pack.c_str(), O_RDONLY | O_CLOEXEC);
  struct stat status {};
  if (file < 0 || ::fstat(file, &status) != 0) throw std::runtime_error("cannot open " + pack.string());
  size_ = static_cast<std::size_t>(status.st_size);
  if (size_ > 0) mapped_ = ::mmap(nullptr, size_, PROT_READ, MAP_SHARED, file, 0);
  ::close(file);
  if (mapped_ == MAP_FAILED) throw std::runtime_error("cannot map " + pack.string());
  std::ifstream index(folder / "corpus.index");
  for (std::string line; std::getline(index, line);) {
    std::istringstream words(line);
    CorpusDocument document;
    std::string kind;
    std::size_t offset = 0, size = 0;
    if (!(words >> document.ref >> kind >> document.carrier >> document.filer >> document.scn >> offset >> size) ||
        offset + size > size_ || !v1::DocumentKind_Parse(kind, &document.kind))
      throw std::runtime_error("corpus.index: " + line);
    document.content = {static_cast<const char*>(mapped_) + offset, size};
    documents_.push_back(std::move(document));
  }
  if (documents_.empty()) throw std::runtime_error("no documents in " + folder.string());
}

Corpus::~Corpus() {
  if (mapped_ != nullptr) ::munmap(mapped_, size_);
}

}  // namespace puente::load
