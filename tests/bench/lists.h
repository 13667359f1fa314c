// The SAT's lists that a benchmark reads documents with.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "mappings/catalogs/sat_lists.h"

namespace puente::bench {

inline const std::filesystem::path kReference = PUENTE_SOURCE_DIR "/../shared/reference/sat";

struct Lists {
  std::shared_ptr<const catalogs::SatLists> lists;
  std::string description;
  bool all = false;  // false: only those that are embedded
};

// All lists of the reference, read as the gateway reads a folder of them; where there is no reference, the embedded
// ones. Aborts where they are there and cannot be read.
Lists reference_lists();

}  // namespace puente::bench
