#include <algorithm>

#include "mappings/catalogs/catalogs.h"
#include "mappings/catalogs/embedded.h"

namespace puente::catalogs {
namespace {

// Latest reading of chapter 99 behind tariff-measures.csv (mapping section 10); moves with every revision of that list.
constexpr Date kMeasuresReadOn{std::chrono::year{2026}, std::chrono::month{10}, std::chrono::day{9}};

constexpr std::pair<std::string_view, FeeRate> kFeeRates[] = {
    {"ad_valorem", FeeRate::ad_valorem},   {"per_entry", FeeRate::per_entry}, {"per_kg", FeeRate::per_kg},
    {"per_arrival", FeeRate::per_arrival}, {"per_item", FeeRate::per_item},   {"scheduled", FeeRate::scheduled}};

constexpr std::pair<std::string_view, MeasureRate> kMeasureRates[] = {{"additional", MeasureRate::additional},
                                                                      {"minimum_total", MeasureRate::minimum_total},
                                                                      {"exemption", MeasureRate::exemption},
                                                                      {"by_note", MeasureRate::by_note}};

const std::vector<Measure>& measures() {
  static const auto list = [] {
    std::vector<Measure> rows;
    for_each_row("tariff-measures.csv", [&](const Cells& cells) {
      rows.push_back({.program = cells.text("program"),
                      .heading = cells.text("heading"),
                      .heading_last = cells.text("heading_last"),
                      .title = cells.text("title"),
                      .applies_to = cells.text("applies_to"),
                      .products = cells.text("products"),
                      .origins = cells.words("origins"),
                      .origins_except = cells.words("origins_except"),
                      .kind = cells.one_of("kind", kMeasureRates),
                      .rate = cells.decimal("rate"),
                      .rate_text = cells.text("rate"),
                      .basis = cells.text("basis"),
                      .usmca = cells.text("usmca"),
                      .validity = cells.validity("effective_from", "effective_to"),
                      .source = cells.text("source")});
      if (rows.back().rate.has_value() == (rows.back().kind == MeasureRate::by_note))
        cells.malformed("rate", "stands in every row but by_note");
      // A heading has one rate on any one day.
      for (std::size_t i = 0; i + 1 < rows.size(); ++i)
        if (rows[i].heading == rows.back().heading && rows[i].validity.overlaps(rows.back().validity))
          cells.malformed("effective_from", "overlaps another row of the heading");
    });
    return rows;
  }();
  return list;
}

bool lists_origin(const std::vector<std::string>& origins, std::string_view alpha2) {
  return std::any_of(origins.begin(), origins.end(), [&](const std::string& origin) {
    if (origin != "EU") return origin == alpha2;
    const Country* country = country_by_alpha2(alpha2);
    return country != nullptr && country->eu_member;
  });
}

const std::vector<AdcvdCase>& adcvd_cases() {
  static const auto list = [] {
    std::vector<AdcvdCase> rows;
    for_each_row("adcvd-mexico.csv", [&](const Cells& cells) {
      rows.push_back({.number = cells.text("case"),
                      .product = cells.text("product"),
                      .status = cells.text("status"),
                      .rate = cells.text("rate"),
                      .headings = cells.words("headings"),
                      .in_force = cells.yes("in_force"),
                      .validity = cells.validity("effective_from", "effective_to")});
    });
    return rows;
  }();
  return list;
}

template <typename Matches>
std::vector<const AdcvdCase*> adcvd_where(const Date& date, Matches matches) {
  std::vector<const AdcvdCase*> found;
  for (const AdcvdCase& row : adcvd_cases())
    if (row.in_force && row.validity.covers(date) && std::any_of(row.headings.begin(), row.headings.end(), matches))
      found.push_back(&row);
  return found;
}

// bond-types.csv holds codes of several fields; a code is unique within its field.
const BondType* bond_code(std::string_view field, std::string_view code) {
  static const auto list = load_keyed<BondType>("bond-types.csv", [](const Cells& cells) {
    const bool designation = cells.text("field").find("designation") != std::string::npos;
    const bool type = cells.text("field").find("SE10 pos 39") != std::string::npos;
    std::optional<std::pair<std::string, BondType>> made;
    if (designation || type)
      made.emplace((designation ? "designation/" : "type/") + cells.text("code"),
                   BondType{.code = cells.text("code"), .meaning = cells.text("meaning"), .rule = cells.text("rule")});
    return made;
  });
  return list.find(std::string(field) + "/" + std::string(code));
}

}  // namespace

const Incoterm* incoterm(std::string_view code) {
  static const auto list = load_keyed<Incoterm>("incoterms.csv", [](const Cells& cells) {
    return std::optional(std::pair(cells.text("sat_c_incoterm"),
                                   Incoterm{.code = cells.text("sat_c_incoterm"),
                                            .name = cells.text("name_en"),
                                            .sea_only = cells.text("mode") == "sea",
                                            .includes_export_inland = cells.yes("price_includes_export_inland"),
                                            .includes_freight = cells.yes("price_includes_intl_freight"),
                                            .includes_insurance = cells.yes("price_includes_insurance"),
                                            .includes_us_duty = cells.yes("price_includes_us_duty"),
                                            .entered_value_rule = cells.text("entered_value_rule"),
                                            .finding_without_breakdown = cells.text("finding_if_no_breakdown")}));
  });
  return list.find(code);
}

const Fee* fee(std::string_view class_code, const Date& date) {
  static const auto list = [] {
    std::vector<Fee> rows;
    for_each_row("fees.csv", [&](const Cells& cells) {
      rows.push_back({.class_code = cells.text("class_code"),
                      .name = cells.text("name"),
                      .family = cells.text("family"),
                      .kind = cells.one_of("rate_kind", kFeeRates),
                      .rate = cells.decimal("rate"),
                      .minimum_usd = cells.decimal("min_usd"),
                      .maximum_usd = cells.decimal("max_usd"),
                      .validity = cells.validity("effective_from", "effective_to"),
                      .source = cells.text("source")});
      for (std::size_t i = 0; i + 1 < rows.size(); ++i)
        if (rows[i].class_code == rows.back().class_code && rows[i].validity.overlaps(rows.back().validity))
          cells.malformed("effective_from", "overlaps another row of the class");
    });
    return rows;
  }();
  const auto found = std::find_if(list.begin(), list.end(), [&](const Fee& row) {
    return row.class_code == class_code && row.validity.covers(date);
  });
  return found == list.end() ? nullptr : &*found;
}

bool Measure::covers_origin(std::string_view alpha2) const {
  return (origins.empty() || lists_origin(origins, alpha2)) && !lists_origin(origins_except, alpha2);
}

const Measure* measure(std::string_view heading, const Date& date) {
  const auto& rows = measures();
  const auto found = std::find_if(rows.begin(), rows.end(), [&](const Measure& row) {
    // Headings are dotted text of one width, so their order as text is their order as numbers.
    const bool named =
        row.heading_last.empty() ? row.heading == heading : row.heading <= heading && heading <= row.heading_last;
    return named && row.validity.covers(date);
  });
  return found == rows.end() ? nullptr : &*found;
}

std::vector<const Measure*> measures_for(std::string_view program, std::string_view origin, const Date& date) {
  std::vector<const Measure*> found;
  for (const Measure& row : measures())
    if (row.program == program && row.validity.covers(date) && row.covers_origin(origin)) found.push_back(&row);
  return found;
}

Date measures_read_on() { return kMeasuresReadOn; }

const SpecialProgram* special_program(std::string_view spi) {
  static const auto list = load_keyed<SpecialProgram>("spi.csv", [](const Cells& cells) {
    return std::optional(
        std::pair(cells.text("spi"), SpecialProgram{.spi = cells.text("spi"),
                                                    .program = cells.text("program"),
                                                    .general_note = cells.text("general_note"),
                                                    .applies_to_mexico = cells.yes("applies_to_mexico"),
                                                    .duty_effect = cells.text("duty_effect"),
                                                    .mpf_effect = cells.text("mpf_effect")}));
  });
  return list.find(spi);
}

const BondType* bond_type(std::string_view code) { return bond_code("type", code); }

const BondType* bond_designation(std::string_view code) { return bond_code("designation", code); }

const EntryType* entry_type(std::string_view code) {
  static const auto list = load_keyed<EntryType>("entry-types.csv", [](const Cells& cells) {
    return std::optional(
        std::pair(cells.text("code"), EntryType{.code = cells.text("code"),
                                                .name = cells.text("name"),
                                                .rule = cells.text("rule_to_choose"),
                                                .made_by_gateway = cells.text("used_by_gateway") == "yes",
                                                .in_cargo_release = cells.yes("valid_in_release_message")}));
  });
  return list.find(code);
}

std::vector<const AdcvdCase*> adcvd_by_heading(std::string_view hts10, const Date& date) {
  return adcvd_where(date, [&](const std::string& heading) { return hts10.starts_with(heading); });
}

std::vector<const AdcvdCase*> adcvd_in_chapter(std::string_view chapter, const Date& date) {
  return adcvd_where(date, [&](const std::string& heading) { return heading.starts_with(chapter); });
}

}  // namespace puente::catalogs
