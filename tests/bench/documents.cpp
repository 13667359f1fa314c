#include "tests/bench/documents.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <vector>

namespace puente::bench {

NewDocuments::NewDocuments(std::string document) : document_(std::move(document)) {
  const auto stamp = document_.find("TimbreFiscalDigital ");
  const auto uuid = document_.find(" UUID=\"", stamp);
  if (stamp == std::string::npos || uuid == std::string::npos) std::abort();
  at_ = document_.find('"', uuid) + 1;
}

std::string NewDocuments::next() {
  static constexpr char kDigits[] = "0123456789ABCDEF";
  static constexpr std::size_t kLength = 36;
  std::uint64_t bits = 0;
  for (std::size_t i = 0, digit = 0; i < kLength; ++i) {
    char& c = document_[at_ + i];
    if (c == '-') continue;
    if (digit++ % 16 == 0) bits = random_();
    c = kDigits[bits & 15U];
    bits >>= 4U;
  }
  return document_;
}

WorkFolder::WorkFolder(const std::filesystem::path& parent) {
  auto pattern = (parent / "puente-bench-XXXXXX").string();
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

std::string WorkFolder::disk_cache() const {
  struct stat found {};
  if (::stat(path_.c_str(), &found) != 0) return "unknown";
  const auto device =
      "/sys/dev/block/" + std::to_string(major(found.st_dev)) + ":" + std::to_string(minor(found.st_dev));
  for (const char* queue : {"/queue/write_cache", "/../queue/write_cache"}) {  // of a disk, of a partition
    std::ifstream in(device + queue);
    if (std::string said; std::getline(in, said)) return said;
  }
  return "unknown";
}

double WorkFolder::flush_microseconds() const {
  using Clock = std::chrono::steady_clock;
  const auto file = path_ / "flush";
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  const std::string block(16 * 1024, 'x');
  std::vector<double> times;
  for (int i = 0; i < 25; ++i) {
    const auto begin = Clock::now();
    if (::write(fd, block.data(), block.size()) < 0 || ::fdatasync(fd) != 0) std::abort();
    times.push_back(std::chrono::duration<double, std::micro>(Clock::now() - begin).count());
  }
  ::close(fd);
  std::filesystem::remove(file);
  std::ranges::nth_element(times, times.begin() + 12);
  return times[12];
}

}  // namespace puente::bench
