#include "gateway/ledger/sqlite/file_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace puente::ledger::sqlite {
namespace {

bool flush(const std::filesystem::path& path, int flags) {
  const int descriptor = ::open(path.c_str(), flags | O_CLOEXEC);
  if (descriptor < 0) return false;
  const bool flushed = ::fsync(descriptor) == 0;
  ::close(descriptor);
  return flushed;
}

}  // namespace

Result<FileLock> FileLock::take(const std::filesystem::path& file) {
  std::filesystem::path name = file;
  name += ".lock";
  const int descriptor = ::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (descriptor < 0) return permanent("store_open", "the lock file beside the ledger cannot be opened");
  if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    ::close(descriptor);
    return permanent("store_locked", "another gateway has this ledger open");
  }
  return FileLock(descriptor);
}

FileLock::~FileLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

bool flush_file_and_folder(const std::filesystem::path& file) {
  const std::filesystem::path folder = file.has_parent_path() ? file.parent_path() : ".";
  return flush(file, O_RDONLY) && flush(folder, O_RDONLY | O_DIRECTORY);
}

}  // namespace puente::ledger::sqlite
