// Names and addresses of parties as CBP's records carry them, from the Domicilio nodes of Comercio Exterior and Carta
// Porte (mapping sections 6 and 8; entry-mapping EM064 to EM073). Pure; safe on several threads.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "mappings/findings/findings.h"

namespace puente::crosswalk {

// Attributes of a Domicilio as they stand; absent ones are empty. With Pais MEX the places are codes of the SAT.
struct Domicilio {
  std::string calle, numero_exterior, numero_interior, colonia, localidad, municipio, estado, pais, codigo_postal;
};

struct PartyAddress {
  std::vector<std::string>
      lines;  // qualifier 15, at most kAddressLines of kAddressWidth: street and number, then colonia
  std::string city, subentity, postal, country;
  std::vector<std::string> other_cities;  // the municipio where the localidad was taken: a second reading of the MID
  Findings findings;  // CITY_CODE_UNKNOWN, COLONIA_CODE_UNKNOWN, COUNTRY_CODE_UNKNOWN, ADDR_TRUNCATED; places are the
                      // caller's
  bool usable() const { return !lines.empty() && !city.empty() && !country.empty(); }
};

inline constexpr std::size_t kAddressWidth = 35;  // one half of an SE35
inline constexpr std::size_t kAddressLines = 6;   // three SE35
inline constexpr std::size_t kNameWidth = 35;     // SE30 entity_name

PartyAddress party_address(const Domicilio& domicilio);

// The address of a profile: `street|city|state|postal|country` (profile.supplier.address); state and country by the
// codes of CBP or the SAT. Not of this shape: an address that is not usable().
PartyAddress party_address(std::string_view profile_address);

// Parts already in words (catalog manufacturer.*).
PartyAddress party_address(std::string_view street, std::string_view city, std::string_view subentity,
                           std::string_view postal, std::string_view country);

struct PartyName {
  std::string text;        // upper case, CBP's characters, at most kNameWidth
  bool truncated = false;  // NAME_TRUNCATED
};
// Too long: the legal form goes first (SA DE CV and the like), then the text is cut at the last space.
PartyName party_name(std::string_view utf8);

// A name for comparison: CBP's characters, without legal form and punctuation (IMPORTER_NAME_DIFFERS).
std::string comparable_name(std::string_view utf8);

// Greedy word wrap to `width`; a longer word is cut.
std::vector<std::string> wrap(std::string_view text, std::size_t width);

}  // namespace puente::crosswalk
