// Only one process writes a ledger: an exclusive lock on FILE.lock, held while the ledger is open and freed by the
// kernel with the process, however that ends.
#pragma once

#include <filesystem>
#include <utility>

#include "mappings/domain/result.h"

namespace puente::ledger::sqlite {

class FileLock {
 public:
  // Faults: store_locked (another holder), store_open.
  static Result<FileLock> take(const std::filesystem::path& file);
  FileLock(FileLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
  FileLock& operator=(FileLock&&) = delete;
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;
  ~FileLock();

 private:
  explicit FileLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

// Makes what was written to the file, and its name in its folder, durable.
bool flush_file_and_folder(const std::filesystem::path& file);

}  // namespace puente::ledger::sqlite
