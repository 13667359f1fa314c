// Each element of a filing back to what made it: value, rule of the crosswalk table, and the attribute, key or cell it
// was read from.
#pragma once

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/app/terminal.h"
#include "gateway/app/translation.h"

namespace puente::app {

// Lineage of one draft by element path.
class LineageIndex {
 public:
  explicit LineageIndex(const v1::Draft& draft);
  // The row of `entries[N].<path>`, or of the nearest element that holds it ("lines[0].description" for
  // "lines[0].description[1]").
  const v1::Lineage* of_entry(int entry_index, std::string_view path) const;
  const v1::Lineage* find(std::string_view element) const;
  // The rows of every element that a path with empty brackets stands for: entries[0].lines[].gross_weight_kg.
  std::vector<const v1::Lineage*> matching(std::string_view pattern) const;

 private:
  std::map<std::string, const v1::Lineage*, std::less<>> rows_;
};

struct Source {
  std::string
      text;  // carta-porte.xml:12:34 /cartaporte31:CartaPorte/@..., importer.rio-grande.ior_number (importer.toml)
  std::string value;  // as it stood there
  bool unsealed = false;
  int depth = 0;  // below the element that was derived from it
};
struct Explanation {
  std::string rule;
  std::vector<Source> sources;
};
Explanation explanation_of(const LineageIndex& index, int entry_index, std::string_view origin);

struct Narrow {
  std::string record;   // "SE40", "40"; "" = all
  std::string element;  // "description"; "" = all
};
// Whether any element of the filings is what was asked for.
bool found(const Translation& translation, const Narrow& narrow);
void print_explanation(Terminal& terminal, const Translation& translation, const Narrow& narrow);
nlohmann::ordered_json explanation_json(const Translation& translation, const Narrow& narrow);

}  // namespace puente::app
