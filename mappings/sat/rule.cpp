#include "mappings/sat/rule.h"

#include <algorithm>
#include <array>
#include <map>
#include <mutex>
#include <regex>

#include "mappings/sat/element_tables.h"
#include "mappings/sat/utf8.h"

namespace puente::sat::rule {
namespace {

using catalogs::Absence;
using catalogs::SatCode;
using catalogs::SatList;
using catalogs::Standing;

Decimal zero_or_more(const Decimal& value) { return value.is_negative() ? Decimal(0) : value; }

bool is_digits(std::string_view text, std::size_t count) {
  return text.size() == count && text.find_first_not_of("0123456789") == std::string_view::npos;
}

bool in_mexico(const Node& domicilio) { return is(domicilio, "Pais", "MEX"); }

// The verdict on a key that the document's date may or may not find in a list.
Verdict standing_of(const SatList& list, std::initializer_list<std::string_view> key, const Date& date) {
  const Standing standing = list.find(key, date).standing();
  if (standing == Standing::in_force) return true;
  const std::string_view expected = list.kind().name;
  if (list.kind().absence == Absence::unproven) return unproven_unless(standing != Standing::absent, expected);
  return {false, expected};
}

// Whether Estado is one of Mexico's: else its own row says so, and nothing below it can be looked up.
bool is_state(const Facts& facts, const Node& domicilio) {
  return look_up(facts, "c_Estado", {"MEX", text(domicilio, "Estado")}).known();
}

// A key below a state (c_Municipio, c_Localidad).
Verdict place_fits(const Facts& facts, const Node& domicilio, AttributeName attribute, std::string_view list) {
  const auto value = domicilio.at(attribute);
  if (!value || !in_mexico(domicilio) || !is_state(facts, domicilio)) return true;
  return listed(facts, list, {text(domicilio, "Estado"), *value});
}

}  // namespace

Decimal half_unit(int decimals) {
  static const auto kHalves = [] {
    std::array<Decimal, 31> halves;  // a Decimal has no more decimals than 30
    std::string text = "0.5";
    for (Decimal& half : halves) {
      if (const auto parsed = Decimal::parse(text)) half = *parsed;
      text.insert(2, "0");
    }
    return halves;
  }();
  return kHalves.at(static_cast<std::size_t>(decimals));
}

Decimal number(const Node& node, AttributeName attribute) {
  const auto text = node.at(attribute);
  if (!text) return 0;
  const auto value = Decimal::parse(*text);
  if (!value) throw std::overflow_error("more digits than a Decimal holds");
  return *value;
}

Decimal sum(const Node& node, std::string_view path, AttributeName attribute) {
  Decimal total;
  node.each(path, [&](const Node& found) {
    total += number(found, attribute);
    return true;
  });
  return total;
}

Verdict equals_rounded(const Node& node, AttributeName attribute, const Decimal& exact) {
  const Decimal written = number(node, attribute);
  const Decimal rounded = exact.round_half_up(written.scale());
  if (written == rounded) return true;
  return {false, rounded.to_string()};
}

Verdict equals(const Node& node, AttributeName attribute, const Decimal& exact) {
  if (number(node, attribute) == exact) return true;
  return {false, exact.to_string()};
}

Verdict within_limits(const Node& node, AttributeName result, AttributeName factor, AttributeName other) {
  const Decimal written = number(node, result);
  const Decimal a = number(node, factor);
  const Decimal b = number(node, other);
  const Decimal lower =
      (zero_or_more(a - half_unit(a.scale())) * zero_or_more(b - half_unit(b.scale()))).truncate(written.scale());
  // The published upper limit takes 10^-12 from each factor so that it is not reached; rounding up makes that the same.
  const Decimal upper = ((a + half_unit(a.scale())) * (b + half_unit(b.scale()))).round_up(written.scale());
  if (lower <= written && written <= upper) return true;
  return {false, lower.to_string() + " - " + upper.to_string()};
}

int decimals_of(std::string_view amount) {
  const auto point = amount.find('.');
  return point == std::string_view::npos ? 0 : static_cast<int>(amount.size() - point - 1);
}

bool is_legal_person(std::string_view rfc) {
  constexpr std::size_t kCharacters = 12;
  return count_characters(rfc) == kCharacters;
}

Verdict unproven_unless(bool holds, std::string_view expected) {
  if (holds) return true;
  return {Verdict::Outcome::unproven, expected};
}

Verdict listed(const Facts& facts, std::string_view list, std::initializer_list<std::string_view> key) {
  const SatList* found = facts.list(list);
  return found == nullptr ? Verdict(true) : standing_of(*found, key, facts.date);
}

SatCode look_up(const Facts& facts, std::string_view list, std::initializer_list<std::string_view> key) {
  const SatList* found = facts.list(list);
  return found == nullptr ? SatCode() : found->find(key, facts.date);
}

bool matches_pattern(std::string_view value, const std::string& pattern) {
  static std::mutex mutex;
  static std::map<std::string, std::regex, std::less<>> compiled;  // the lists have a handful
  const std::lock_guard lock(mutex);
  const auto found = compiled.try_emplace(pattern, pattern).first;
  return std::regex_match(value.begin(), value.end(), found->second);
}

Verdict colonia_fits(const Facts& facts, const Node& domicilio) {
  const auto colonia = domicilio.at("Colonia");
  if (!colonia || !in_mexico(domicilio)) return true;
  if (!is_digits(*colonia, 4)) return {false, "c_Colonia"};
  return listed(facts, "c_Colonia", {text(domicilio, "CodigoPostal"), *colonia});
}

Verdict localidad_fits(const Facts& facts, const Node& domicilio) {
  return place_fits(facts, domicilio, "Localidad", "c_Localidad");
}

Verdict municipio_fits(const Facts& facts, const Node& domicilio) {
  return place_fits(facts, domicilio, "Municipio", "c_Municipio");
}

Verdict estado_fits(const Facts& facts, const Node& domicilio) {
  const std::string_view country = text(domicilio, "Pais");
  const std::string_view estado = text(domicilio, "Estado");
  if (country != "MEX" && country != "USA" && country != "CAN") return true;
  const Verdict verdict = listed(facts, "c_Estado", {country, estado});
  // The list lacks the District of Columbia and the territories, which CBP knows.
  constexpr std::string_view kTerritories[] = {"DC", "PR", "VI", "GU", "AS", "MP"};
  if (country == "USA" && std::ranges::find(kTerritories, estado) != std::end(kTerritories)) return true;
  return verdict;
}

Verdict codigo_postal_of_place(const Facts& facts, const Node& domicilio) {
  if (!in_mexico(domicilio) || !is_state(facts, domicilio)) return true;
  const SatCode found = look_up(facts, "c_CodigoPostal", {text(domicilio, "CodigoPostal")});
  if (!found.known()) return true;
  // A key that is none is said by its own row; it does not make the postal code wrong too.
  const auto is_key = [&](std::string_view list, AttributeName attribute) {
    return look_up(facts, list, {text(domicilio, "Estado"), text(domicilio, attribute)}).known();
  };
  const auto fits = [&](AttributeName attribute, std::string_view column) {
    std::string_view place = found.text(column);
    if (place == "DIF") place = "CMX";  // the state's code before 2017, which older lists have
    const auto value = domicilio.at(attribute);
    return !value || place.empty() || *value == place;
  };
  const bool all = fits("Estado", "estado") &&
                   (fits("Municipio", "municipio") || !is_key("c_Municipio", "Municipio")) &&
                   (fits("Localidad", "localidad") || !is_key("c_Localidad", "Localidad"));
  return unproven_unless(all, std::string(found.text("estado")) + " " + std::string(found.text("municipio")) + " " +
                                  std::string(found.text("localidad")));
}

Verdict codigo_postal_fits(const Facts& facts, const Node& domicilio) {
  if (!in_mexico(domicilio)) return true;
  const std::string_view code = text(domicilio, "CodigoPostal");
  if (!is_digits(code, 5)) return {false, "c_CodigoPostal"};
  const Verdict verdict = listed(facts, "c_CodigoPostal", {code});
  return verdict.outcome == Verdict::Outcome::holds ? codigo_postal_of_place(facts, domicilio) : verdict;
}

Verdict foreign_codigo_postal_fits(const Facts& facts, const Node& domicilio) {
  if (in_mexico(domicilio)) return true;
  const SatCode country = look_up(facts, "c_Pais", {text(domicilio, "Pais")});
  const std::string pattern(country.text("patron_codigo_postal"));
  if (pattern.empty() || matches_pattern(text(domicilio, "CodigoPostal"), pattern)) return true;
  return {false, pattern};
}

Verdict complements_may_stand(const Facts& facts, bool UnreadComplement::*beside) {
  Verdict verdict = true;
  for (const std::string& uri : facts.document.other_complements()) {
    const auto known = std::ranges::find(unread_complements(), uri, &UnreadComplement::uri);
    if (known == unread_complements().end()) {
      verdict = {Verdict::Outcome::unproven, uri};
    } else if (!((*known).*beside)) {
      return {false, uri};
    }
  }
  return verdict;
}

Verdict tax_id_fits(const Facts& facts, std::string_view tax_id, std::string_view country) {
  // The pattern of the list is for bytes; an RFC may have an Ñ.
  if (country == "MEX") return {row::kRfc.matches(tax_id), "RFC"};
  const std::string pattern(look_up(facts, "c_Pais", {country}).text("patron_identidad_tributaria"));
  if (pattern.empty() || matches_pattern(tax_id, pattern)) return true;
  return {false, pattern};
}

Verdict pedimento_fits(const Facts& facts, std::string_view pedimento) {
  // "YY  AA  PPPP  CNNNNNN"; the cadena original collapses the double spaces, and so did the reader.
  std::string digits;
  for (const char c : pedimento)
    if (c >= '0' && c <= '9') digits += c;
  constexpr std::size_t kDigits = 15;
  if (digits.size() != kDigits || !facts.dated) return true;  // the structure says so
  const auto part = [&](std::size_t from, std::size_t size) { return std::string_view(digits).substr(from, size); };
  const int this_year = static_cast<int>(facts.date.year());
  const int last_two = (digits[0] - '0') * 10 + (digits[1] - '0');
  int year = this_year - this_year % 100 + last_two;
  if (year > this_year) year -= 100;
  constexpr int kYears = 10;
  if (this_year - year > kYears) return {false, "YY"};
  const std::string_view aduana = part(2, 2), patente = part(4, 4), sequence = part(9, 6);
  const int of_year = digits[8] - '0';
  if (of_year != year % 10 && of_year != (year + 9) % 10) return {false, "YY  AA  PPPP  Y"};
  const Date in_year = Date(std::chrono::year(year), std::chrono::December, std::chrono::day(31));
  if (const SatList* list = facts.list("c_Aduana"); list != nullptr && !list->find({aduana}, in_year).known())
    return {false, "c_Aduana"};
  if (const SatList* list = facts.list("c_PatenteAduanal"); list != nullptr && !list->find({patente}, in_year).known())
    return {false, "c_PatenteAduanal"};
  const SatCode row = look_up(facts, "c_NumPedimentoAduana", {aduana, patente, std::to_string(year)});
  if (!row.known()) return true;  // the years after the list's
  const auto most = Decimal::parse(row.text("cantidad"));
  const auto used = Decimal::parse(sequence);
  if (!most || !used || *used <= *most) return true;
  return {false, row.text("cantidad")};
}

}  // namespace puente::sat::rule
