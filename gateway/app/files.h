// Files of the command line. Faults: cannot_open (with the system's reason), cannot_write, exists.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mappings/domain/result.h"

namespace puente::app {

// The whole file, but never more than `limit` + 1 bytes: what reads them says that they are too many. "-" is standard
// input.
Result<std::string> read_file(const std::filesystem::path& file, std::size_t limit = 64U << 20U);
// Name and content of every file of a folder with this extension (".toml"), by name; not its subfolders.
Result<std::vector<std::pair<std::string, std::string>>> read_folder(const std::filesystem::path& folder,
                                                                     std::string_view extension);
// Creates a file that is not there yet, with these permissions (0600, 0644), on stable storage when it returns.
Result<void> write_new_file(const std::filesystem::path& file, std::string_view content, unsigned mode);
// Writes beside and renames over: a reader sees the old file or the new one.
Result<void> replace_file(const std::filesystem::path& file, std::string_view content, unsigned mode);

// How a file is named to people: from the current directory where that is shorter, else as it was given.
std::string shown_path(const std::string& file);

}  // namespace puente::app
