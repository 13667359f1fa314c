// Which entry: 01 formal or 11 informal (EM013; entry-types.csv). Formal is always allowed; informal is made where the
// profile lets it be and nothing forbids it. What else the CBP knows (02, 03, 06, 07, 21 to 23) is the broker's.
#include <algorithm>

#include "mappings/catalogs/catalogs.h"
#include "mappings/crosswalk/draft_parts.h"

namespace puente::crosswalk::drafting {
namespace {

constexpr std::int64_t kInformalLimitUsd = 2500;  // cargo release refuses more on type 11 (SE10 40-49, AX 648)
// Quota: tariff preference levels of USMCA, quota headings of chapter 99 (entry-types, type 02). Read second hand:
// profile.rules.informal_excluded_hts replaces the list.
constexpr std::string_view kQuotaNumbers[] = {"9823", "990354"};

std::string digits_of(std::string_view number) {
  std::string digits;
  std::copy_if(number.begin(), number.end(), std::back_inserter(digits), [](char c) { return c >= '0' && c <= '9'; });
  return digits;
}

// What forbids type 11: the finding's words, and what was read.
struct Bar {
  std::string_view code;
  std::vector<std::pair<std::string, std::string>> params;
  Sources sources;
};

struct Worth {
  Decimal exact, rounded;
};

// Of everything that the importer brings on this truck: the limit is the shipment's, however many entries it makes.
Worth worth_of(const Work& work, const EntryFacts& entry) {
  Worth worth;
  for (const EntryFacts& other : work.entries) {
    if (other.importer != entry.importer) continue;
    for (const std::size_t i : other.invoices)
      for (const Good& good : work.invoices[i].goods) {
        worth.exact += good.value;
        for (const LineFacts& line : good.lines) worth.rounded += line.value_usd;
      }
  }
  return worth;
}

Sources value_sources(const EntryElement& element, const Worth& worth) {
  return derived_from(element.path("totals.entered_value_usd"), worth.rounded.to_string());
}

std::optional<Bar> by_value(const EntryElement& element, const Worth& worth) {
  const Decimal limit(kInformalLimitUsd);
  if (worth.exact <= limit && worth.rounded <= limit) return std::nullopt;
  return Bar{"INFORMAL_VALUE_EXCEEDED",
             {{"v", std::max(worth.exact, worth.rounded).to_fixed(2)}, {"limit", std::to_string(kInformalLimitUsd)}},
             value_sources(element, worth)};
}

// A foreign importer: never, unless the profile names the day until which it was still open.
std::optional<Bar> by_residence(const Work& work, const EntryFacts& entry) {
  if (entry.importer == nullptr || entry.importer->flag("resident").value_or(true)) return std::nullopt;
  const auto until = work.profiles().rules().text("informal_nonresident_until");
  const auto last_day = until ? parse_date(*until) : std::nullopt;
  if (last_day && work.entry_date && work.entry_date->value <= *last_day) return std::nullopt;
  return Bar{"INFORMAL_NONRESIDENT", {}, from_profile(*entry.importer, "resident")};
}

std::optional<Bar> by_dumping_case(const Work& work, const Good& good) {
  for (const std::string_view column : {"ad_case", "cvd_case"})
    if (const auto number = good.catalog->text(column))
      return Bar{
          "INFORMAL_ADCVD", {{"part", good.part}, {"case", std::string(*number)}}, from_catalog(*good.catalog, column)};
  if (!work.entry_date || good.catalog->text("origin") != "MX") return std::nullopt;
  const auto cases = catalogs::adcvd_by_heading(good.catalog->text("hts10").value_or(""), work.entry_date->value);
  if (cases.empty()) return std::nullopt;
  return Bar{"INFORMAL_ADCVD",
             {{"part", good.part}, {"case", cases.front()->number}},
             from_table("adcvd-mexico", cases.front()->number, cases.front()->product)};
}

std::optional<Bar> by_quota(const Work& work, const Good& good) {
  auto excluded = work.profiles().rules().list("informal_excluded_hts");
  const bool by_profile = !excluded.empty();
  if (!by_profile) excluded.assign(std::begin(kQuotaNumbers), std::end(kQuotaNumbers));
  for (const std::string_view column : {"hts10", "c98", "s301_cn.heading"}) {
    const auto number = good.catalog->text(column);
    if (!number) continue;
    const std::string digits = digits_of(*number);
    for (const std::string& prefix : excluded) {
      if (!digits.starts_with(digits_of(prefix))) continue;
      Sources sources = from_catalog(*good.catalog, column);
      if (by_profile) sources += from_profile(work.profiles().rules(), "informal_excluded_hts");
      return Bar{"INFORMAL_GOODS_EXCLUDED", {{"part", good.part}, {"hts", std::string(*number)}}, std::move(sources)};
    }
  }
  return std::nullopt;
}

std::vector<Bar> bars_of(const Work& work, const EntryFacts& entry, const EntryElement& element, const Worth& worth) {
  std::vector<Bar> bars;
  const auto add = [&bars](std::optional<Bar> bar) {
    if (bar) bars.push_back(std::move(*bar));
  };
  add(by_value(element, worth));
  add(by_residence(work, entry));
  for (const std::size_t i : entry.invoices)
    for (const Good& good : work.invoices[i].goods) {
      if (good.catalog == nullptr) continue;
      add(by_dumping_case(work, good));
      add(by_quota(work, good));
    }
  return bars;
}

}  // namespace

void draft_entry_type(Work& work, EntryFacts& entry, EntryElement& element) {
  const Scope scope = Scope::of_entry(entry.index);
  const auto asked = profile_text(entry.importer, "entry_type");
  const bool allowed = asked ? asked->value == kInformal : work.rule("allow_informal", false);
  const Worth worth = worth_of(work, entry);
  const bool valued = !worth.rounded.is_zero();
  const auto bars = bars_of(work, entry, element, worth);
  // Who decided: the importer's section, the rules, or nobody.
  std::optional<Sources> decided;
  if (asked) {
    decided = asked->sources;
  } else if (work.profiles().rules().flag("allow_informal")) {
    decided = from_profile(work.profiles().rules(), "allow_informal");
  }
  if (allowed && valued && bars.empty()) {
    entry.type = kInformal;
    Sources sources = value_sources(element, worth) +
                      from_table("entry-types", kInformal, "at most " + std::to_string(kInformalLimitUsd) + " USD");
    if (decided) sources += *decided;
    element.set("entry_type", "EM013", kInformal, sources);
    return;
  }
  std::optional<Sources> why;
  if (allowed)
    for (const Bar& bar : bars) collect(why, bar.sources);
  if (decided) collect(why, *decided);
  const catalogs::EntryType* formal = catalogs::entry_type(kFormal);
  Sources sources = why ? *why + from_table("entry-types", kFormal, formal == nullptr ? "" : formal->name)
                        : Sources(constant(kFormal));
  element.set("entry_type", "EM013", kFormal, sources);
  if (asked && allowed)
    for (const Bar& bar : bars) work.findings.add(scope, bar.code, bar.params);
  if (!allowed && !asked && valued && bars.empty()) work.findings.add(scope, "INFORMAL_OPTION");
}

}  // namespace puente::crosswalk::drafting
