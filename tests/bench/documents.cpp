#include "tests/bench/documents.h"

#include <linux/magic.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

namespace puente::bench {

NewDocuments::NewDocuments(std::string document) : document_(std::move(document)) {
  const auto stamp = document_.find("TimbreFiscalDigital ");
  const auto uuid = document_.find(" UUID=\"", stamp);
  if (stamp == std::string::npos || uuid == std::string::npos) std::abort();
  at_ = document_.find('"', uuid) + 1 + 24;
}

std::string NewDocuments::next() {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  std::uint64_t rest = ++count_ | std::uint64_t{0xF} << 44U;  // none of the corpus
  for (std::size_t i = 12; i > 0; --i, rest >>= 4U) document_[at_ + i - 1] = kDigits[rest & 15U];
  return document_;
}

WorkFolder::WorkFolder() {
  auto pattern = (std::filesystem::current_path() / "puente-bench-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) std::abort();
  path_ = pattern;
}

WorkFolder::~WorkFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::string WorkFolder::description() const {
  struct statfs found {};
  if (::statfs(path_.c_str(), &found) != 0) return "on an unknown file system";
  if (found.f_type == TMPFS_MAGIC) return "IN MEMORY (tmpfs: not durable, not comparable)";
  if (found.f_type == EXT4_SUPER_MAGIC) return "on ext4";
  char text[40];
  std::snprintf(text, sizeof text, "on file system 0x%lx", static_cast<unsigned long>(found.f_type));
  return text;
}

}  // namespace puente::bench
