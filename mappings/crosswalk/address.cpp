#include "mappings/crosswalk/address.h"

#include <algorithm>
#include <array>
#include <span>

#include "mappings/catalogs/catalogs.h"
#include "mappings/cbp/catair/text.h"
#include "mappings/crosswalk/text_mask.h"

namespace puente::crosswalk {
namespace {

constexpr std::string_view kMexico = "MEX";
constexpr std::size_t kCityWidth = 35;      // SE36 city
constexpr std::size_t kSubentityWidth = 3;  // SE36 subdivision
constexpr std::size_t kPostalWidth = 15;    // SE36 postal_code

// Legal forms of Mexico without punctuation, longer ones before those they end in. CFDI 4.0 names carry none; profiles
// do.
constexpr std::string_view kLegalForms[] = {"S DE RL DE CV MI",
                                            "S DE RL DE CV",
                                            "S DE RL MI",
                                            "S DE RL",
                                            "SAPI DE CV",
                                            "SAB DE CV",
                                            "SAS DE CV",
                                            "SPR DE RL DE CV",
                                            "SPR DE RL",
                                            "SC DE RL DE CV",
                                            "SC DE RL",
                                            "S EN C",
                                            "S EN NC",
                                            "SA DE CV",
                                            "SA",
                                            "SAB",
                                            "SAPI",
                                            "SAS",
                                            "SPR",
                                            "SC",
                                            "AC",
                                            "S DE PR DE RL"};

std::string cbp_text(std::string_view utf8) { return cbp::to_cbp_text(utf8).text; }

std::string without(std::string_view text, std::string_view dropped) {
  std::string kept;
  std::copy_if(text.begin(), text.end(), std::back_inserter(kept),
               [&](char c) { return dropped.find(c) == std::string_view::npos; });
  return kept;
}

void trim_end(std::string& text, std::string_view characters) {
  const auto last = text.find_last_not_of(characters);
  text.erase(last == std::string::npos ? 0 : last + 1);
}

// CBP's text with the legal form taken off its end; the text itself where it ends in none, or is nothing else.
std::string without_legal_form(const std::string& name) {
  // Words with their places, punctuation aside: "S.A. DE C.V." is the form "SA DE CV".
  for (std::string_view form : kLegalForms) {
    std::size_t at = name.size();
    std::size_t left = form.size();
    bool same = true;
    while (left > 0 && same) {
      while (at > 0 && (name[at - 1] == '.' || name[at - 1] == ',')) --at;
      same = at > 0 && name[at - 1] == form[left - 1];
      if (same) --at, --left;
    }
    if (!same || at == 0) continue;
    if (name[at - 1] != ' ' && name[at - 1] != ',') continue;  // the end of a longer word
    std::string kept = name.substr(0, at);
    trim_end(kept, " ,.");
    if (!kept.empty()) return kept;
  }
  return name;
}

void add_lines(PartyAddress& address, std::string_view text) {
  for (std::string& line : wrap(text, kAddressWidth)) {
    if (address.lines.size() == kAddressLines) {
      if (!address.findings.has_code("ADDR_TRUNCATED")) address.findings.add("ADDR_TRUNCATED");
      return;
    }
    address.lines.push_back(std::move(line));
  }
}

std::string cut_at_space(std::string text, std::size_t width) {
  auto lines = wrap(text, width);
  return lines.empty() ? std::string() : std::move(lines.front());
}

std::string postal_code(std::string_view text) {
  std::string code = without(cbp_text(text), " -");
  return code.substr(0, kPostalWidth);
}

// The subdivision by the code of its country; what no list knows is sent when it can be a code, else left out.
std::string subentity_code(std::string_view pais, std::string_view estado) {
  if (const auto* state = catalogs::state(pais, estado)) return state->abi_subentity;
  const std::string text = cbp_text(estado);
  const bool code = !text.empty() && text.size() <= kSubentityWidth && only_alphanumeric(text);
  return code && pais != kMexico ? text : std::string();
}

std::string_view country_code(std::string_view code) {
  const auto* country = code.size() == 3 ? catalogs::country_by_alpha3(code) : catalogs::country_by_alpha2(code);
  return country == nullptr ? std::string_view() : std::string_view(country->cbp_code);
}

struct NamedPlace {
  std::string name;
  bool known = true;
};

NamedPlace place_name(bool coded, std::string_view text, std::string_view estado,
                      const catalogs::Place* (*find)(std::string_view, std::string_view)) {
  if (text.empty()) return {};
  if (!coded) return {cbp_text(text)};
  if (const auto* place = find(estado, text)) return {cbp_text(place->name)};
  return {cbp_text(text), false};
}

void set_city(PartyAddress& address, const Domicilio& domicilio, bool coded) {
  const auto localidad = place_name(coded, domicilio.localidad, domicilio.estado, catalogs::localidad);
  const auto municipio = place_name(coded, domicilio.municipio, domicilio.estado, catalogs::municipio);
  const auto unknown = [&](std::string_view code) {
    address.findings.add("CITY_CODE_UNKNOWN", {{"code", std::string(code)}, {"state", domicilio.estado}});
  };
  // The localidad is the closer place; a code that no list names gives way to a name.
  const bool closer = !localidad.name.empty() && (localidad.known || municipio.name.empty() || !municipio.known);
  if (!localidad.known) unknown(domicilio.localidad);
  if (!municipio.known && !closer) unknown(domicilio.municipio);
  const NamedPlace& taken = closer ? localidad : municipio;
  const NamedPlace& other = closer ? municipio : localidad;
  address.city = cut_at_space(taken.name, kCityWidth);
  if (other.known && !other.name.empty() && other.name != taken.name) address.other_cities.push_back(other.name);
}

void set_country(PartyAddress& address, std::string_view code) {
  address.country = country_code(code);
  if (address.country.empty() && !code.empty())
    address.findings.add("COUNTRY_CODE_UNKNOWN", {{"code", std::string(code)}});
}

}  // namespace

std::vector<std::string> wrap(std::string_view text, std::size_t width) {
  std::vector<std::string> lines;
  while (!text.empty()) {
    const auto first = text.find_first_not_of(' ');
    if (first == std::string_view::npos) break;
    text.remove_prefix(first);
    std::size_t end = text.size();
    if (end > width) {
      end = text.rfind(' ', width);  // a space right behind the last column ends the line too
      if (end == std::string_view::npos || end == 0) end = width;
    }
    lines.emplace_back(text.substr(0, end));
    trim_end(lines.back(), " ");
    text.remove_prefix(end);
  }
  return lines;
}

PartyAddress party_address(const Domicilio& domicilio) {
  PartyAddress address;
  const bool coded = domicilio.pais == kMexico;
  std::string street = cbp_text(domicilio.calle);
  const auto append = [&street](std::string_view before, std::string_view value) {
    const std::string text = cbp_text(value);
    if (text.empty()) return;
    if (!street.empty()) street.append(before);
    street.append(text);
  };
  append(" ", domicilio.numero_exterior);
  append(", INT ", domicilio.numero_interior);
  add_lines(address, street);
  // c_Colonia is not among the lists: the code's own text is sent, and said so.
  if (!domicilio.colonia.empty()) {
    add_lines(address, cbp_text(domicilio.colonia));
    if (coded && only_digits(domicilio.colonia))
      address.findings.add("COLONIA_CODE_UNKNOWN", {{"code", domicilio.colonia}, {"postal", domicilio.codigo_postal}});
  }
  set_city(address, domicilio, coded);
  address.subentity = subentity_code(domicilio.pais, domicilio.estado);
  address.postal = postal_code(domicilio.codigo_postal);
  set_country(address, domicilio.pais);
  return address;
}

PartyAddress party_address(std::string_view profile_address) {
  std::array<std::string_view, 5> parts;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto bar = profile_address.find('|');
    const bool last = i + 1 == parts.size();
    if (last != (bar == std::string_view::npos)) return {};
    parts[i] = profile_address.substr(0, bar);
    if (!last) profile_address.remove_prefix(bar + 1);
  }
  return party_address(parts[0], parts[1], parts[2], parts[3], parts[4]);
}

PartyAddress party_address(std::string_view street, std::string_view city, std::string_view subentity,
                           std::string_view postal, std::string_view country) {
  PartyAddress address;
  add_lines(address, cbp_text(street));
  address.city = cut_at_space(cbp_text(city), kCityWidth);
  set_country(address, cbp_text(country));
  const auto* listed = catalogs::country_by_alpha2(address.country);
  address.subentity = listed == nullptr ? std::string() : subentity_code(listed->alpha3, cbp_text(subentity));
  // A profile may write CBP's own code (DIF) where the SAT's list has another (CMX).
  if (const std::string own = cbp_text(subentity);
      address.subentity.empty() && own.size() <= kSubentityWidth && only_alphanumeric(own))
    address.subentity = own;
  address.postal = postal_code(postal);
  return address;
}

PartyName party_name(std::string_view utf8) {
  std::string name = cbp_text(utf8);
  if (name.size() <= kNameWidth) return {std::move(name), false};
  return {cut_at_space(without_legal_form(name), kNameWidth), true};
}

std::string comparable_name(std::string_view utf8) {
  std::string name = cbp_text(utf8);
  for (std::string_view form : {" LLC", " INC", " CORP", " LP", " LTD", " CO"}) {
    trim_end(name, " .,");
    if (name.size() > form.size() && name.ends_with(form)) name.erase(name.size() - form.size());
  }
  return cbp_text(without(without_legal_form(name), ".,'\"-"));
}

}  // namespace puente::crosswalk
