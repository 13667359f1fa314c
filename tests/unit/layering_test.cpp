// Walks the includes of the product and holds each room to the rooms and libraries it may see. This table is the law; the link graph
// of CMake says the same, and ARCHITECTURE.md draws it.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;

struct Room {
  std::string folder;
  std::set<std::string> sees;       // rooms
  std::set<std::string> libraries;  // third-party include prefixes beyond the standard library
};

const std::vector<Room>& rooms() {
  static const std::vector<Room> kRooms = {
      {"mappings/domain", {}, {"tl/", "boost/multiprecision/", "csv.h"}},
      {"mappings/findings", {"mappings/domain", "proto"}, {"google/protobuf/", "nlohmann/"}},
      {"mappings/catalogs", {"mappings/domain", "mappings/findings"}, {}},
      {"mappings/sat", {"mappings/domain", "mappings/findings", "mappings/catalogs"}, {"xercesc/", "openssl/"}},
      {"mappings/cbp", {"mappings/domain", "mappings/findings", "mappings/catalogs", "proto"}, {"google/protobuf/"}},
      {"mappings/crosswalk",
       {"mappings/domain", "mappings/findings", "mappings/catalogs", "mappings/sat", "mappings/cbp", "proto"},
       {"google/protobuf/", "nlohmann/", "toml++/", "toml.hpp"}},
      {"mappings/checks", {"mappings/domain", "mappings/findings", "mappings/catalogs", "mappings/crosswalk", "proto"}, {}},
      {"gateway/ledger", {"mappings/domain", "mappings/findings", "proto", "gateway/ops"}, {"sqlite3.h", "zstd.h", "openssl/"}},
      {"gateway/partners", {"mappings/domain", "mappings/findings"}, {"openssl/", "toml++/"}},
      {"gateway/ops", {"mappings/domain", "mappings/findings", "proto"}, {"openssl/", "spdlog/", "jemalloc/", "fmt/", "nlohmann/", "boost/asio"}},
      {"gateway/estado", {"mappings/domain", "mappings/findings", "mappings/sat"}, {"curl/"}},
      {"gateway/flow", {"mappings", "proto", "gateway/ledger", "gateway/partners", "gateway/ops", "gateway/estado"}, {"openssl/", "google/protobuf/", "nlohmann/"}},
      {"gateway/delivery",
       {"mappings", "proto", "gateway/ledger", "gateway/partners", "gateway/ops", "gateway/flow"},
       {"openssl/", "google/protobuf/"}},
      {"gateway/transport/entrance",
       {"mappings/domain", "mappings/findings", "proto", "gateway/flow", "gateway/delivery", "gateway/ledger", "gateway/partners", "gateway/ops"},
       {"google/protobuf/", "openssl/", "boost/asio"}},
      {"gateway/transport/grpc",
       {"mappings/domain", "mappings/findings", "proto", "gateway/flow", "gateway/delivery", "gateway/ledger", "gateway/partners", "gateway/ops",
        "gateway/transport/entrance"},
       {"grpcpp/", "grpc/", "google/protobuf/", "openssl/"}},
      {"gateway/transport/socket",
       {"mappings/domain", "mappings/findings", "proto", "gateway/flow", "gateway/delivery", "gateway/ledger", "gateway/partners", "gateway/ops",
        "gateway/transport/entrance"},
       {"google/protobuf/", "openssl/", "boost/asio", "zlib.h"}},
      {"gateway/transport/spool",
       {"mappings/domain", "mappings/findings", "proto", "gateway/flow", "gateway/delivery", "gateway/partners", "gateway/ops"},
       {"nlohmann/", "google/protobuf/"}},
      {"gateway/simulators", {"mappings", "proto", "gateway/transport", "gateway/ops", "gateway/estado"}, {"nlohmann/", "boost/asio", "boost/beast"}},
      {"gateway/app", {"mappings", "gateway", "proto"}, {"CLI/", "nlohmann/", "toml++/", "boost/asio", "google/protobuf/", "openssl/", "fmt/", "zlib.h", "zstd.h"}},
  };
  return kRooms;
}

const Room* room_of(const std::string& path) {
  for (const auto& room : rooms())
    if (path.starts_with(room.folder + "/")) return &room;
  return nullptr;
}

// POSIX and Linux headers belong to the system like the standard library's; they are named "x.h" without or with sys/.
bool is_system(const std::string& include) {
  static const std::set<std::string> kPosix = {"csignal", "dirent.h", "fcntl.h", "poll.h", "pthread.h", "signal.h", "termios.h",
                                               "time.h",  "unistd.h", "netdb.h", "errno.h", "malloc.h"};
  if (include.starts_with("sys/") || include.starts_with("netinet/") || include.starts_with("arpa/") || include.starts_with("linux/")) return true;
  if (kPosix.contains(include)) return true;
  return include.find('.') == std::string::npos && include.find('/') == std::string::npos;  // <vector>
}

struct Include {
  std::string file, target;
  int line;
};

std::vector<Include> includes_of_product() {
  static const std::regex kInclude(R"re(^\s*#\s*include\s*[<"]([^>"]+)[>"])re");
  std::vector<Include> out;
  const fs::path root = PUENTE_SOURCE_DIR;
  for (const auto* top : {"mappings", "gateway"})
    for (const auto& entry : fs::recursive_directory_iterator(root / top)) {
      const auto extension = entry.path().extension();
      if (extension != ".h" && extension != ".cpp" && extension != ".inc") continue;
      std::ifstream in(entry.path());
      int number = 0;
      for (std::string line; std::getline(in, line);) {
        ++number;
        std::smatch match;
        if (std::regex_search(line, match, kInclude))
          out.push_back({fs::relative(entry.path(), root).generic_string(), match[1], number});
      }
    }
  return out;
}

TEST(Layering, EveryInclude_StaysWithinWhatItsRoomMaySee) {
  const auto includes = includes_of_product();
  ASSERT_GT(includes.size(), 100u);
  for (const auto& include : includes) {
    const auto where = include.file + ":" + std::to_string(include.line) + " includes " + include.target;
    const Room* room = room_of(include.file);
    ASSERT_NE(room, nullptr) << include.file << " stands in no room of the table";
    if (include.target.starts_with("mappings/") || include.target.starts_with("gateway/")) {
      bool allowed = include.target.starts_with(room->folder + "/");
      for (const auto& seen : room->sees) allowed = allowed || include.target.starts_with(seen + "/");
      EXPECT_TRUE(allowed) << where;
    } else if (include.target.starts_with("puente/v1/")) {
      EXPECT_TRUE(room->sees.contains("proto") || room->folder == "mappings/findings" ||
                  include.target == "puente/v1/finding.pb.h")
          << where;
      if (include.target.find(".grpc.") != std::string::npos) {
        EXPECT_EQ(room->folder, "gateway/transport/grpc") << where;
      }
    } else if (!is_system(include.target)) {
      bool allowed = false;
      for (const auto& library : room->libraries) allowed = allowed || include.target.starts_with(library);
      EXPECT_TRUE(allowed) << where;
    }
  }
}

TEST(Layering, Headers_StandUnderPragmaOnce) {
  const fs::path root = PUENTE_SOURCE_DIR;
  for (const auto* top : {"mappings", "gateway"})
    for (const auto& entry : fs::recursive_directory_iterator(root / top)) {
      if (entry.path().extension() != ".h") continue;
      std::ifstream in(entry.path());
      const std::string text{std::istreambuf_iterator<char>(in), {}};
      EXPECT_NE(text.find("#pragma once"), std::string::npos) << entry.path();
    }
}

// The rooms see each other in one direction: following "sees" never comes back.
TEST(Layering, Rooms_FormNoCircle) {
  std::map<std::string, int> state;
  std::function<void(const std::string&)> visit = [&](const std::string& folder) {
    state[folder] = 1;
    for (const auto& room : rooms()) {
      if (room.folder != folder) continue;
      for (const auto& seen : room.sees)
        for (const auto& other : rooms()) {
          if (other.folder != seen && !other.folder.starts_with(seen + "/")) continue;
          if (other.folder == folder) continue;
          if (folder == "gateway/app") continue;
          ASSERT_NE(state[other.folder], 1) << folder << " and " << other.folder;
          if (state[other.folder] == 0) visit(other.folder);
        }
    }
    state[folder] = 2;
  };
  for (const auto& room : rooms())
    if (state[room.folder] == 0) visit(room.folder);
}

}  // namespace
