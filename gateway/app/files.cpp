#include "gateway/app/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace puente::app {
namespace {

class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ > STDERR_FILENO) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return number_; }

 private:
  int number_;
};

std::string reason() { return std::system_category().message(errno); }

Result<void> write_all(int descriptor, std::string_view content, const std::filesystem::path& file) {
  while (!content.empty()) {
    const ssize_t written = ::write(descriptor, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return permanent("cannot_write", file.string() + ": " + reason());
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::fsync(descriptor) != 0) return permanent("cannot_write", file.string() + ": " + reason());
  return {};
}

}  // namespace

Result<std::string> read_file(const std::filesystem::path& file, std::size_t limit) {
  const Descriptor descriptor(file == "-" ? STDIN_FILENO : ::open(file.c_str(), O_RDONLY | O_CLOEXEC));
  if (descriptor.get() < 0) return permanent("cannot_open", file.string() + ": " + reason());
  std::string content;
  char block[64 * 1024];
  while (content.size() <= limit) {
    const ssize_t got = ::read(descriptor.get(), block, std::min(sizeof block, limit + 1 - content.size()));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return permanent("cannot_open", file.string() + ": " + reason());
    if (got == 0) break;
    content.append(block, static_cast<std::size_t>(got));
  }
  return content;
}

Result<std::vector<std::pair<std::string, std::string>>> read_folder(const std::filesystem::path& folder,
                                                                     std::string_view extension) {
  std::error_code error;
  std::vector<std::filesystem::path> names;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    if (entry->path().extension() == extension && !entry->path().filename().string().starts_with('.'))
      names.push_back(entry->path());
  }
  if (error) return permanent("cannot_open", folder.string() + ": " + error.message());
  std::sort(names.begin(), names.end());
  std::vector<std::pair<std::string, std::string>> files;
  for (const auto& name : names) {
    auto content = read_file(name);
    if (!content) return tl::unexpected(content.error());
    files.emplace_back(name.filename().string(), std::move(*content));
  }
  return files;
}

Result<void> write_new_file(const std::filesystem::path& file, std::string_view content, unsigned mode) {
  const Descriptor descriptor(::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, static_cast<mode_t>(mode)));
  if (descriptor.get() < 0) {
    if (errno == EEXIST) return permanent("exists", file.string() + ": already there");
    return permanent("cannot_write", file.string() + ": " + reason());
  }
  return write_all(descriptor.get(), content, file);
}

Result<void> replace_file(const std::filesystem::path& file, std::string_view content, unsigned mode) {
  std::filesystem::path beside = file;
  beside += ".new";
  {
    const Descriptor descriptor(
        ::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, static_cast<mode_t>(mode)));
    if (descriptor.get() < 0) return permanent("cannot_write", beside.string() + ": " + reason());
    if (auto written = write_all(descriptor.get(), content, beside); !written) return written;
  }
  if (::rename(beside.c_str(), file.c_str()) != 0) return permanent("cannot_write", file.string() + ": " + reason());
  return {};
}

std::string shown_path(const std::string& file) {
  if (!file.starts_with('/')) return file;
  std::error_code error;
  const std::filesystem::path here = std::filesystem::current_path(error);
  if (error) return file;
  const std::string near = std::filesystem::path(file).lexically_relative(here).string();
  return !near.empty() && near.size() < file.size() ? near : file;
}

}  // namespace puente::app
