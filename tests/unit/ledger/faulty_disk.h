// A disk that fails when told to, and that remembers what was asked of it: SQLite's own file layer with a hand in
// between.
#pragma once

#include <cstdint>
#include <filesystem>
#include <mutex>
#include <string>
#include <vector>

namespace puente::ledger {

class FaultyDisk {
 public:
  enum class Kind { write, truncate, sync, remove };
  struct Operation {
    Kind kind;
    std::string file;  // name without folder
    std::int64_t offset = 0;
    std::string bytes;
  };

  // The layer between SQLite and the real disk, SQLite's default from the first call on; does nothing until told.
  static FaultyDisk& instance();

  // Fails `times` calls of a kind with an SQLite code, after `after` good ones; of one file when it is named.
  void fail(Kind kind, int code, int after = 0, int times = 1 << 30, std::string only_file = "");
  void heal();
  int failed();  // calls failed since the last fail()

  void record(bool on);
  std::size_t position();
  std::vector<Operation> operations();

  // For the layer itself: the code to fail with, 0 to go on.
  int before(Kind kind, const std::string& file, std::int64_t offset, const void* bytes, std::size_t size);

 private:
  FaultyDisk();

  std::mutex mutex_;
  Kind failing_ = Kind::write;
  int code_ = 0, after_ = 0, times_ = 0;
  std::string only_file_;
  int failed_ = 0;
  bool recording_ = false;
  std::vector<Operation> operations_;
};

}  // namespace puente::ledger
