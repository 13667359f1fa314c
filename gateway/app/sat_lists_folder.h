// The folder of the SAT's code lists: what `puente catalogs load` writes and the gateway reads.
//
// FOLDER/current is a link to a generation, a folder with one c_*.csv.zst a list. Loading writes a new generation
// beside the old one and turns the link over in one rename: a reader sees all of the old lists or all of the new ones,
// whatever happens. Lists that a load does not bring are taken over. Several processes may read; one at a time may load
// (a lock).
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "mappings/catalogs/sat_lists.h"
#include "mappings/domain/result.h"

namespace puente::app {

struct ListOnFile {
  std::string name;  // c_Colonia
  std::size_t rows = 0;
  std::string digest;      // SHA-256 of the CSV, hex
  std::string date;        // YYYY-MM-DD on which it was loaded; of an embedded list: on which it was taken over
  std::size_t memory = 0;  // bytes, in a process that reads it
  bool embedded = false;
};

struct ListsOnFile {
  std::shared_ptr<const catalogs::SatLists> lists;  // with the embedded ones
  std::vector<ListOnFile> list;                     // of all that are there, in the order of the table
};

// Lists of a folder that `puente catalogs load` wrote, or, where it has no `current`, the c_*.csv, .csv.gz and .csv.zst
// in it. A file whose name is no list of the SAT is passed over. Faults: cannot_open, csv_invalid, list_unreadable (not
// gzip, not zstd, or larger than 256 MiB); the text names the file.
Result<ListsOnFile> read_sat_lists(const std::filesystem::path& folder);
// The embedded lists alone.
ListsOnFile embedded_sat_lists();

// Puts the lists of `source` into the folder. Nothing is changed where one of them cannot be read. Says what was put.
// Faults: those above; input_invalid where the source has no list; cannot_write; busy.
Result<std::vector<ListOnFile>> load_sat_lists(const std::filesystem::path& folder,
                                               const std::filesystem::path& source);

}  // namespace puente::app
