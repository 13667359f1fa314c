#include "tests/unit/sat/reference_lists.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <array>

#include "tests/unit/sat/sat_files.h"

namespace puente::sat {

std::string reference_csv(std::string_view list) {
  auto path = kReference / "sat/catalogs" / (std::string(list) + ".csv");
  if (!std::filesystem::exists(path)) path += ".gz";
  std::string out;
  const gzFile file = gzopen(path.c_str(), "rb");  // reads what is not packed too
  if (file == nullptr) return out;
  std::array<char, 65536> part{};
  for (int n = gzread(file, part.data(), part.size()); n > 0; n = gzread(file, part.data(), part.size()))
    out.append(part.data(), static_cast<std::size_t>(n));
  gzclose(file);
  return out;
}

std::shared_ptr<const catalogs::SatLists> reference_lists() {
  std::vector<std::shared_ptr<const catalogs::SatList>> loaded;
  for (const catalogs::SatListKind& kind : catalogs::sat_list_kinds()) {
    auto list = catalogs::SatList::parse(kind.name, reference_csv(kind.name));
    EXPECT_TRUE(list.has_value()) << kind.name;
    if (list) loaded.push_back(*list);
  }
  return catalogs::SatLists::with(loaded);
}

}  // namespace puente::sat
