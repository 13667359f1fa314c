// The manufacturer identification code from name and address (19 CFR 102 appendix; CBP directive 3500-13; mapping
// section 7). Pure; safe on several threads.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace puente::crosswalk {

struct DerivedMid {
  std::string mid;  // 8 to 15 of A-Z0-9
  std::vector<std::string>
      alternatives;  // what a second reading of name, number or city gives: MID_AMBIGUOUS when not empty
};

// `country` is alpha-2, for Canada the province code (XA to XY); texts may be in Spanish as written. `other_cities` are
// further names of the same place. nullopt: no country, or nothing of at least 8 characters comes out.
std::optional<DerivedMid> derive_mid(std::string_view country, std::string_view name, std::string_view address,
                                     std::string_view city, const std::vector<std::string>& other_cities = {});

}  // namespace puente::crosswalk
