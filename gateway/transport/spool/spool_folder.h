// One filer's folder on disk. Every path is opened relative to the folder's own descriptors, by plain names, without
// following links. Not thread-safe.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mappings/domain/result.h"

namespace puente::transport {

// A descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor();
  int get() const { return fd_; }
  bool valid() const { return fd_ >= 0; }

 private:
  int fd_;
};

struct SpoolFile {
  std::string name;
  std::uint64_t size = 0;
  std::int64_t modified = 0;  // nanoseconds
  friend bool operator==(const SpoolFile&, const SpoolFile&) = default;
};

class SpoolFolder {
 public:
  // Makes out/, in/, done/ and bad/ where they are missing. Faults: spool_folder (not usable).
  static Result<SpoolFolder> open(const std::filesystem::path& root);

  // Whole or not at all, on stable storage when it returns.
  Result<void> write_out(std::string_view name, std::string_view bytes) const;
  Result<void> write_done(std::string_view name, std::string_view bytes) const;
  void remove_out(std::string_view name) const;  // nothing when it is gone already
  std::vector<std::string> outgoing() const;     // names in out/, whole files alone

  // Regular files of in/ that may be taken, by name.
  std::vector<SpoolFile> incoming() const;
  // Nothing when it is gone, is no regular file or is longer than `limit`.
  std::optional<std::string> read_incoming(std::string_view name, std::size_t limit) const;
  // To done/ or bad/ with its findings beside it; an older file of the same name there stays, the new one gets a
  // number.
  Result<void> put_away(std::string_view name, bool done, std::string_view findings) const;

 private:
  Descriptor out_, in_, done_, bad_;
};

}  // namespace puente::transport
