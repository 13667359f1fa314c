#include "tests/bench/lists.h"

#include <cstdio>
#include <cstdlib>

#include "gateway/app/sat_lists_folder.h"

namespace puente::bench {

Lists reference_lists() {
  const auto folder = kReference / "catalogs";
  if (!std::filesystem::exists(folder))
    return {catalogs::SatLists::embedded(), "the embedded ones alone, no reference at hand", false};
  auto read = app::read_sat_lists(folder);
  if (!read) {
    std::fprintf(stderr, "lists: %s\n", read.error().text.c_str());
    std::abort();
  }
  std::size_t rows = 0;
  for (const auto& list : read->list) rows += list.rows;
  return {read->lists,
          "all " + std::to_string(read->list.size()) + " of the reference, " + std::to_string(rows) + " rows", true};
}

}  // namespace puente::bench
