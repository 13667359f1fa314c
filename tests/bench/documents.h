// Documents that are new to a gateway, as fast as a client needs them, and the folder a benchmark works in.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace puente::bench {

// One document over and over with another folio fiscal each time: new to accept, which reads only its identity; its
// stamp no longer verifies.
class NewDocuments {
 public:
  explicit NewDocuments(std::string document);
  std::string next();

 private:
  std::string document_;
  std::size_t at_;  // of the last 12 digits of the UUID
  std::uint64_t count_ = 0;
};

// In the current directory, a disk and not memory when that is one; gone with its object.
class WorkFolder {
 public:
  WorkFolder();
  ~WorkFolder();
  WorkFolder(const WorkFolder&) = delete;
  WorkFolder& operator=(const WorkFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }
  std::string description() const;  // "on ext4" or "IN MEMORY (tmpfs)"

 private:
  std::filesystem::path path_;
};

}  // namespace puente::bench
