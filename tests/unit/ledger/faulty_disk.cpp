#include "tests/unit/ledger/faulty_disk.h"

#include <sqlite3.h>

#include <new>

namespace puente::ledger {
namespace {

sqlite3_vfs* real_disk = nullptr;
sqlite3_vfs layer;

struct File {
  sqlite3_file base;  // first: SQLite sees only this
  std::string* name;
  sqlite3_file* real() { return reinterpret_cast<sqlite3_file*>(this + 1); }
};

File* file_of(sqlite3_file* file) { return reinterpret_cast<File*>(file); }
sqlite3_file* real_of(sqlite3_file* file) { return file_of(file)->real(); }
const sqlite3_io_methods* methods_of(sqlite3_file* file) { return real_of(file)->pMethods; }

int close_file(sqlite3_file* file) {
  delete file_of(file)->name;
  return methods_of(file)->xClose(real_of(file));
}
int read_file(sqlite3_file* file, void* bytes, int size, sqlite3_int64 offset) {
  return methods_of(file)->xRead(real_of(file), bytes, size, offset);
}
int write_file(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 offset) {
  const int code = FaultyDisk::instance().before(FaultyDisk::Kind::write, *file_of(file)->name, offset, bytes,
                                                 static_cast<std::size_t>(size));
  return code != 0 ? code : methods_of(file)->xWrite(real_of(file), bytes, size, offset);
}
int truncate_file(sqlite3_file* file, sqlite3_int64 size) {
  const int code = FaultyDisk::instance().before(FaultyDisk::Kind::truncate, *file_of(file)->name, size, nullptr, 0);
  return code != 0 ? code : methods_of(file)->xTruncate(real_of(file), size);
}
int sync_file(sqlite3_file* file, int flags) {
  const int code = FaultyDisk::instance().before(FaultyDisk::Kind::sync, *file_of(file)->name, 0, nullptr, 0);
  return code != 0 ? code : methods_of(file)->xSync(real_of(file), flags);
}

const sqlite3_io_methods kMethods = {
    3,
    close_file,
    read_file,
    write_file,
    truncate_file,
    sync_file,
    [](sqlite3_file* f, sqlite3_int64* size) { return methods_of(f)->xFileSize(real_of(f), size); },
    [](sqlite3_file* f, int lock) { return methods_of(f)->xLock(real_of(f), lock); },
    [](sqlite3_file* f, int lock) { return methods_of(f)->xUnlock(real_of(f), lock); },
    [](sqlite3_file* f, int* held) { return methods_of(f)->xCheckReservedLock(real_of(f), held); },
    [](sqlite3_file* f, int what, void* argument) { return methods_of(f)->xFileControl(real_of(f), what, argument); },
    [](sqlite3_file* f) { return methods_of(f)->xSectorSize(real_of(f)); },
    [](sqlite3_file* f) { return methods_of(f)->xDeviceCharacteristics(real_of(f)); },
    [](sqlite3_file* f, int page, int size, int extend, void volatile** out) {
      return methods_of(f)->xShmMap(real_of(f), page, size, extend, out);
    },
    [](sqlite3_file* f, int offset, int n, int flags) { return methods_of(f)->xShmLock(real_of(f), offset, n, flags); },
    [](sqlite3_file* f) { methods_of(f)->xShmBarrier(real_of(f)); },
    [](sqlite3_file* f, int remove) { return methods_of(f)->xShmUnmap(real_of(f), remove); },
    [](sqlite3_file* f, sqlite3_int64 offset, int size, void** out) {
      return methods_of(f)->xFetch(real_of(f), offset, size, out);
    },
    [](sqlite3_file* f, sqlite3_int64 offset, void* page) { return methods_of(f)->xUnfetch(real_of(f), offset, page); },
};

int open_file(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* out_flags) {
  File* mine = new (file) File{};
  const int code = real_disk->xOpen(real_disk, name, mine->real(), flags, out_flags);
  if (code == SQLITE_OK) {
    mine->name = new std::string(name == nullptr ? "" : std::filesystem::path(name).filename().string());
    mine->base.pMethods = &kMethods;
  }
  return code;
}

int remove_file(sqlite3_vfs*, const char* name, int sync_folder) {
  const int code = FaultyDisk::instance().before(FaultyDisk::Kind::remove,
                                                 std::filesystem::path(name).filename().string(), 0, nullptr, 0);
  return code != 0 ? code : real_disk->xDelete(real_disk, name, sync_folder);
}

}  // namespace

FaultyDisk& FaultyDisk::instance() {
  static FaultyDisk disk;
  return disk;
}

FaultyDisk::FaultyDisk() {
  real_disk = sqlite3_vfs_find(nullptr);
  layer = *real_disk;
  layer.zName = "faulty-disk";
  layer.szOsFile = static_cast<int>(sizeof(File)) + real_disk->szOsFile;
  layer.pNext = nullptr;
  layer.xOpen = open_file;
  layer.xDelete = remove_file;
  sqlite3_vfs_register(&layer, 1);
}

void FaultyDisk::fail(Kind kind, int code, int after, int times, std::string only_file) {
  const std::lock_guard lock(mutex_);
  failing_ = kind, code_ = code, after_ = after, times_ = times, failed_ = 0;
  only_file_ = std::move(only_file);
}

int FaultyDisk::failed() {
  const std::lock_guard lock(mutex_);
  return failed_;
}

void FaultyDisk::heal() { fail(Kind::write, 0, 0, 0); }

void FaultyDisk::record(bool on) {
  const std::lock_guard lock(mutex_);
  recording_ = on;
  if (on) operations_.clear();
}

std::size_t FaultyDisk::position() {
  const std::lock_guard lock(mutex_);
  return operations_.size();
}

std::vector<FaultyDisk::Operation> FaultyDisk::operations() {
  const std::lock_guard lock(mutex_);
  return operations_;
}

int FaultyDisk::before(Kind kind, const std::string& file, std::int64_t offset, const void* bytes, std::size_t size) {
  const std::lock_guard lock(mutex_);
  const bool meant = code_ != 0 && kind == failing_ && (only_file_.empty() || only_file_ == file);
  if (meant && times_ > 0 && after_-- <= 0) {
    --times_;
    ++failed_;
    return code_;
  }
  if (recording_) operations_.push_back({kind, file, offset, std::string(static_cast<const char*>(bytes), size)});
  return 0;
}

}  // namespace puente::ledger
