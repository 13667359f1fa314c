#include "gateway/transport/spool/spool_folder.h"

#include "gateway/ops/fault_points.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

namespace puente::transport {
namespace {

constexpr mode_t kFolderMode = 0750, kFileMode = 0640;
constexpr int kCopies = 10'000;  // numbers tried for a name that is taken

tl::unexpected<Fault> fault(std::string_view what) {
  return retryable("spool_folder", std::string(what) + ": " + std::strerror(errno));
}

Descriptor open_folder(int root, const char* name) {
  if (::mkdirat(root, name, kFolderMode) != 0 && errno != EEXIST) return Descriptor();
  return Descriptor(::openat(root, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
}

bool may_be_taken(std::string_view name) {
  return !name.starts_with('.') && !name.ends_with(".tmp") && !name.ends_with(".part");
}

bool plain(std::string_view name) {
  return !name.empty() && name.find('/') == std::string_view::npos && name.find('\0') == std::string_view::npos &&
         name != "." && name != "..";
}

Result<void> write_whole(int folder, const std::string& name, std::string_view bytes) {
  const std::string part = "." + name + ".tmp";
  ::unlinkat(folder, part.c_str(), 0);
  const Descriptor file(
      ::openat(folder, part.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, kFileMode));
  if (!file.valid()) return fault("creating a file");
  ops::cross(ops::FaultPoint::spool_file_created);
  while (!bytes.empty()) {
    const auto written = ::write(file.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return fault("writing a file");
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fsync(file.get()) != 0) return fault("flushing a file");
  ops::cross(ops::FaultPoint::spool_file_written);
  if (::renameat(folder, part.c_str(), folder, name.c_str()) != 0) return fault("renaming a file");
  ops::cross(ops::FaultPoint::spool_file_renamed);
  if (::fsync(folder) != 0) return fault("flushing a folder");
  return {};
}

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  std::swap(fd_, other.fd_);
  return *this;
}

Descriptor::~Descriptor() {
  if (fd_ >= 0) ::close(fd_);
}

Result<SpoolFolder> SpoolFolder::open(const std::filesystem::path& root) {
  std::error_code error;
  std::filesystem::create_directories(root, error);
  const Descriptor folder(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder.valid()) return fault("opening the folder " + root.string());
  SpoolFolder opened;
  for (const auto& [name, member] : {std::pair{"out", &SpoolFolder::out_}, std::pair{"in", &SpoolFolder::in_},
                                     std::pair{"done", &SpoolFolder::done_}, std::pair{"bad", &SpoolFolder::bad_}}) {
    opened.*member = open_folder(folder.get(), name);
    if (!(opened.*member).valid()) return fault("opening " + (root / name).string());
  }
  return opened;
}

Result<void> SpoolFolder::write_out(std::string_view name, std::string_view bytes) const {
  return write_whole(out_.get(), std::string(name), bytes);
}

Result<void> SpoolFolder::write_done(std::string_view name, std::string_view bytes) const {
  return write_whole(done_.get(), std::string(name), bytes);
}

void SpoolFolder::remove_out(std::string_view name) const { ::unlinkat(out_.get(), std::string(name).c_str(), 0); }

std::vector<std::string> SpoolFolder::outgoing() const {
  std::vector<std::string> names;
  const int copy = ::openat(out_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR* listing = copy < 0 ? nullptr : ::fdopendir(copy);
  if (listing == nullptr) {
    if (copy >= 0) ::close(copy);
    return names;
  }
  while (const auto* entry = ::readdir(listing))
    if (may_be_taken(entry->d_name)) names.emplace_back(entry->d_name);
  ::closedir(listing);
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<SpoolFile> SpoolFolder::incoming() const {
  std::vector<SpoolFile> files;
  const int copy = ::openat(in_.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  DIR* listing = copy < 0 ? nullptr : ::fdopendir(copy);
  if (listing == nullptr) {
    if (copy >= 0) ::close(copy);
    return files;
  }
  while (const auto* entry = ::readdir(listing)) {
    struct stat status {};
    if (!may_be_taken(entry->d_name)) continue;
    if (::fstatat(in_.get(), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(status.st_mode)) continue;
    files.push_back({entry->d_name, static_cast<std::uint64_t>(status.st_size),
                     static_cast<std::int64_t>(status.st_mtim.tv_sec) * 1'000'000'000 + status.st_mtim.tv_nsec});
  }
  ::closedir(listing);
  std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return files;
}

std::optional<std::string> SpoolFolder::read_incoming(std::string_view name, std::size_t limit) const {
  if (!plain(name)) return std::nullopt;
  // O_NONBLOCK: a pipe that took the file's place does not hold the thread.
  const Descriptor file(::openat(in_.get(), std::string(name).c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  struct stat status {};
  if (!file.valid() || ::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  std::string bytes(limit + 1, '\0');
  std::size_t length = 0;
  while (length < bytes.size()) {
    const auto got = ::read(file.get(), bytes.data() + length, bytes.size() - length);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::nullopt;
    if (got == 0) break;
    length += static_cast<std::size_t>(got);
  }
  if (length > limit) return std::nullopt;
  bytes.resize(length);
  return bytes;
}

Result<void> SpoolFolder::put_away(std::string_view name, bool done, std::string_view findings) const {
  if (!plain(name)) return permanent("spool_folder", "a name that is not plain");
  const int folder = done ? done_.get() : bad_.get();
  const std::string from(name);
  for (int copy = 0; copy < kCopies; ++copy) {
    const std::string to = copy == 0 ? from : from + "." + std::to_string(copy);
    if (::renameat2(in_.get(), from.c_str(), folder, to.c_str(), RENAME_NOREPLACE) != 0) {
      if (errno == EEXIST) continue;
      return fault("moving a file");
    }
    ops::cross(ops::FaultPoint::spool_file_moved);
    return write_whole(folder, to + ".findings.json", findings);
  }
  return permanent("spool_folder", "too many files of one name");
}

}  // namespace puente::transport
