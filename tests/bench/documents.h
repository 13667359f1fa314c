// Documents that are new to a gateway, as fast as a client needs them, and the folder a benchmark works in.
#pragma once

#include <cstdint>
#include <filesystem>
#include <random>
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
  std::size_t at_;                  // of the UUID
  std::mt19937_64 random_{400317};  // folios fiscales are random, so indexes are met all over
};

// In the current directory, or in `parent`; gone with its object.
class WorkFolder {
 public:
  explicit WorkFolder(const std::filesystem::path& parent = std::filesystem::current_path());
  ~WorkFolder();
  WorkFolder(const WorkFolder&) = delete;
  WorkFolder& operator=(const WorkFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }
  std::string description() const;    // "on ext4" or "IN MEMORY (tmpfs)"
  std::string disk_cache() const;     // as the kernel says: "write back", "write through" or "unknown"
  double flush_microseconds() const;  // of 16 KB appended, median of a few

 private:
  std::filesystem::path path_;
};

}  // namespace puente::bench
