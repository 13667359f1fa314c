// Tariff numbers with their duty in filing order, declarations that measures ask for, fees, and the totals of an entry
// (EM107 to EM111, EM125 to EM146; mapping sections 10 and 12).
#include <algorithm>
#include <map>

#include "mappings/catalogs/catalogs.h"
#include "mappings/crosswalk/draft_parts.h"

namespace puente::crosswalk::drafting {
namespace {

constexpr std::string_view kMpf = "499";
constexpr std::string_view kInformalFee = "311";
constexpr std::string_view kForcedLabor = "S301-FL";
constexpr std::string_view kForcedLabor232 = "9903.05.90";     // goods that pay a section 232 heading
constexpr std::string_view kForcedLaborListed = "9903.05.86";  // note 52(b)
// The relief headings of goods entered free under USMCA, by origin (notes 52(g), (h)).
constexpr std::pair<std::string_view, std::string_view> kForcedLaborUsmca[] = {{"MX", "9903.05.94"},
                                                                               {"CA", "9903.05.93"}};
// The tables know every measure on goods of Mexico from this day on; before it, the IEEPA headings were in force.
constexpr Date kMeasuresKnownFrom = std::chrono::year{2026} / 7 / 24;

enum class Claim { any, without, with };          // with or without a USMCA claim
enum class Content { whole, non_us, us };         // of a line of an approved vehicle
enum class ForcedLabor { exempt_232, by_claim };  // what the 301 forced-labor row of such a line is

// Section 232: the heading by the broker's decision (catalog s232.program), the HTS number and the claim. First match.
struct ProgramRow {
  std::string_view program, hts_prefix;
  Claim claim;
  Content content;
  std::string_view heading;
  ForcedLabor forced_labor;
};
constexpr ProgramRow kPrograms[] = {
    {"metals_50", "", Claim::any, Content::whole, "9903.82.02", ForcedLabor::exempt_232},
    {"metals_25", "", Claim::any, Content::whole, "9903.82.09", ForcedLabor::exempt_232},
    {"auto_parts", "", Claim::with, Content::whole, "9903.94.06", ForcedLabor::by_claim},
    {"auto_parts", "", Claim::without, Content::whole, "9903.94.05", ForcedLabor::exempt_232},
    {"mhdv", "", Claim::with, Content::non_us, "9903.74.03", ForcedLabor::exempt_232},
    {"mhdv", "", Claim::with, Content::us, "9903.74.06", ForcedLabor::exempt_232},
    {"mhdv", "8702", Claim::any, Content::whole, "9903.74.02", ForcedLabor::exempt_232},
    {"mhdv", "", Claim::any, Content::whole, "9903.74.01", ForcedLabor::exempt_232},
    {"vehicles", "", Claim::with, Content::non_us, "9903.94.03", ForcedLabor::exempt_232},
    {"vehicles", "", Claim::with, Content::us, "9903.94.02", ForcedLabor::exempt_232},
    {"vehicles", "", Claim::any, Content::whole, "9903.94.01", ForcedLabor::exempt_232},
    {"wood", "44", Claim::any, Content::whole, "9903.76.01", ForcedLabor::exempt_232},
    {"wood", "9401", Claim::any, Content::whole, "9903.76.02", ForcedLabor::exempt_232},
    {"wood", "9403", Claim::any, Content::whole, "9903.76.03", ForcedLabor::exempt_232},
};

// Numbers named on a section 232 list (tariff-measures, products): the catalog must decide there. Not the whole lists.
constexpr std::string_view kListed232[] = {
    "7206",   "7207",   "7208",    "7209",    "7210",   "7211",   "7212",   "7213",   "7214",   "7215", "7216",
    "7217",   "7218",   "7219",    "7220",    "7221",   "7222",   "7223",   "7224",   "7225",   "7226", "7227",
    "7228",   "7229",   "730110",  "7302",    "7304",   "7305",   "7306",   "7307",   "7308",   "7318", "732690",
    "7601",   "7604",   "7605",    "7606",    "7607",   "7608",   "7609",   "7406",   "7407",   "7408", "7409",
    "7410",   "7411",   "7412",    "7413",    "7415",   "7418",   "7419",   "870830", "854430", "8409", "8483",
    "850760", "8511",   "8701212", "8701213", "870121", "870122", "870123", "870124", "870129", "8702", "8703",
    "870410", "870421", "870431",  "8706",    "8709",   "4403",   "4406",   "4407",   "940161"};

// Goods that may owe an agricultural fee (mapping section 12).
constexpr std::pair<std::string_view, std::string_view> kAmsGoods[] = {
    {"080440", "107"}, {"080450", "108"}, {"081040", "106"}, {"080711", "104"}, {"070951", "103"},
    {"0701", "090"},   {"0201", "053"},   {"0202", "053"},   {"0203", "054"},   {"4407", "105"}};

constexpr std::string_view kMetalPrograms[] = {"metals_50", "metals_25"};
constexpr Date kCopperDeclaredFrom = std::chrono::year{2026} / 7 / 30;

template <std::size_t N>
bool begins_with_one_of(const std::string_view (&prefixes)[N], std::string_view hts) {
  return std::any_of(std::begin(prefixes), std::end(prefixes), [&](std::string_view p) { return hts.starts_with(p); });
}

std::string dotted(std::string_view hts) {
  std::string out(hts);
  if (out.size() > 6) out.insert(6, 1, '.');
  if (out.size() > 4) out.insert(4, 1, '.');
  return out;
}

const ProgramRow* program_row(const Good& good, const LineFacts& facts) {
  const auto program = good.catalog->text("s232.program").value_or("");
  const auto hts = good.catalog->text("hts10").value_or("");
  const Content content = facts.value_split.empty()   ? Content::whole
                          : facts.value_split == "us" ? Content::us
                                                      : Content::non_us;
  for (const ProgramRow& row : kPrograms)
    if (row.program == program && hts.starts_with(row.hts_prefix) && row.content == content &&
        (row.claim == Claim::any || (row.claim == Claim::with) == good.usmca))
      return &row;
  return nullptr;
}

// ---- Tariff numbers
// -----------------------------------------------------------------------------------------------------

// One line on its way: what its numbers are made from.
struct Ladder {
  Work& work;
  const InvoiceFacts& invoice;
  const Good& good;
  const LineFacts& facts;
  Element<v1::Line>& line;
  Date day;
  Decimal value;

  const CatalogRow& row() const { return *good.catalog; }
  bool first_line() const { return &facts == &good.lines.front(); }

  Source value_source() const {
    return derived_from(line.path("tariffs") + "[" + std::to_string(line.get().tariffs_size()) + "].value_usd");
  }

  // A number of chapter 99: value 0 and its own duty (golden README).
  std::int64_t add(RuleId rule, std::string_view heading, const Sources& why, std::string_view rate,
                   const Decimal& duty) {
    auto tariff = line.in<v1::Tariff>("tariffs");
    tariff.set("hts", rule, heading, why);
    tariff.set("rate", rule, rate, why);
    tariff.set("value_usd", "EM097", std::int64_t{0}, constant("0"));
    tariff.set("duty_usd", "EM133", duty.to_fixed(2), why + (good.value_sources ? *good.value_sources : why));
    return line.get().tariffs_size();
  }
};

Decimal cents(const Decimal& amount) { return amount.round_half_up(2); }

Sources measure_sources(const Ladder& ladder, const catalogs::Measure& measure, std::string_view column) {
  return Sources(from_table("tariff-measures", measure.heading, measure.rate_text)) +
         from_catalog(ladder.row(), column);
}

// Origin CN shipped from Mexico: the broker's list or exclusion.
void add_301_china(Ladder& ladder) {
  if (ladder.row().text("origin") != "CN") return;
  const auto heading = ladder.row().text("s301_cn.heading");
  const auto rate = ladder.row().decimal("s301_cn.rate");
  if (!heading || !rate) {
    if (ladder.first_line()) ladder.work.say(ladder.invoice, ladder.good, "S301CN_UNDECIDED");
    return;
  }
  const std::string text(*ladder.row().text("s301_cn.rate"));
  const Decimal duty = cents(ladder.value * *rate);
  ladder.add("EM130", *heading,
             Sources(from_catalog(ladder.row(), "s301_cn.heading")) + from_catalog(ladder.row(), "s301_cn.rate"), text,
             duty);
  if (!duty.is_zero() && ladder.first_line())
    ladder.work.say(ladder.invoice, ladder.good, "S301CN_EXPOSURE",
                    {{"heading", std::string(*heading)}, {"rate", text}});
}

const catalogs::Measure* country_row(const Ladder& ladder) {
  const std::string origin(ladder.row().text("origin").value_or(""));
  for (const catalogs::Measure* measure : catalogs::measures_for(kForcedLabor, origin, ladder.day))
    if (measure->kind != catalogs::MeasureRate::exemption && measure->rate) return measure;
  return nullptr;
}

void add_zero(Ladder& ladder, std::string_view heading, std::string_view column) {
  const catalogs::Measure* measure = catalogs::measure(heading, ladder.day);
  if (measure == nullptr) return;
  ladder.add("EM131", heading, measure_sources(ladder, *measure, column), "0", Decimal());
}

// The duty of a row that tops the general rate up to its own.
Decimal measure_duty(const Ladder& ladder, const catalogs::Measure& measure) {
  Decimal rate = *measure.rate;
  if (measure.kind == catalogs::MeasureRate::minimum_total) {
    rate -= ladder.row().decimal("mfn_rate").value_or(Decimal());
    if (rate.is_negative()) rate = Decimal();
  }
  return cents(ladder.value * rate);
}

// Precedence of mapping section 10, step 3.
void add_301_forced_labor(Ladder& ladder, const ProgramRow* program) {
  const catalogs::Measure* country = country_row(ladder);
  if (country == nullptr) return;  // not in force on the day, or not for this origin
  if (program != nullptr && program->forced_labor == ForcedLabor::exempt_232) {
    if (ladder.work.rule("report_country_row_with_232_exclusion", false)) add_zero(ladder, country->heading, "origin");
    add_zero(ladder, kForcedLabor232, "s232.program");
    return;
  }
  if (ladder.good.usmca) {
    const auto by_rule = ladder.work.profiles().rules().text("auto_parts_301fl_heading");
    if (program != nullptr && by_rule) {
      add_zero(ladder, *by_rule, "s232.program");
      return;
    }
    const auto origin = ladder.row().text("origin").value_or("");
    for (const auto& [of, heading] : kForcedLaborUsmca)
      if (of == origin) {
        add_zero(ladder, heading, "usmca.status");
        return;
      }
  }
  if (ladder.row().text("note52b_listed") == "true") {
    add_zero(ladder, kForcedLaborListed, "note52b_listed");
    return;
  }
  const Decimal duty = measure_duty(ladder, *country);
  ladder.add("EM131", country->heading, measure_sources(ladder, *country, "origin"), country->rate_text, duty);
  if (!duty.is_zero())
    ladder.work.findings.add(
        Scope::of_line(ladder.invoice.entry, ladder.facts.number, ladder.invoice.number), "S301FL_EXPOSURE",
        {{"heading", country->heading}, {"rate", country->rate_text}, {"amount", duty.to_fixed(2)}});
}

void add_232(Ladder& ladder, const ProgramRow* program) {
  const auto decided = ladder.row().text("s232.program");
  const std::string hts(ladder.row().text("hts10").value_or(""));
  const catalogs::Measure* measure = program == nullptr ? nullptr : catalogs::measure(program->heading, ladder.day);
  const bool silent = !decided && begins_with_one_of(kListed232, hts);
  const bool unknown = decided && *decided != "none" && (measure == nullptr || !measure->rate);
  if (silent || unknown) {
    if (ladder.first_line()) ladder.work.say(ladder.invoice, ladder.good, "S232_UNDECIDED", {{"hts", dotted(hts)}});
    return;
  }
  if (program == nullptr) return;
  const Decimal duty = measure_duty(ladder, *measure);
  ladder.add("EM129", program->heading, measure_sources(ladder, *measure, "s232.program"),
             measure->rate->is_zero() ? std::string("0") : measure->rate_text, duty);
  const Scope scope = Scope::of_line(ladder.invoice.entry, ladder.facts.number, ladder.invoice.number);
  const std::string heading(program->heading);
  if (program->content != Content::whole) {
    ladder.work.findings.add(scope, "S232_MHDV_CONTENT_SPLIT", {},
                             "approval " + std::string(ladder.row().text("mhdv.commerce_approval").value_or("")));
  } else if (!duty.is_zero()) {
    ladder.work.findings.add(scope, "S232_EXPOSURE",
                             {{"heading", heading}, {"rate", measure->rate_text}, {"amount", duty.to_fixed(2)}});
  } else if (program->claim == Claim::with) {
    ladder.work.findings.add(scope, "S232_USMCA_RELIEF", {{"heading", heading}});
  }
}

void add_chapter_98(Ladder& ladder) {
  const auto number = ladder.row().text("c98");
  if (!number) return;
  ladder.add("EM132", *number, from_catalog(ladder.row(), "c98"), "0", Decimal());
  if (ladder.first_line()) ladder.work.say(ladder.invoice, ladder.good, "C98_DOCS", {{"docs", std::string(*number)}});
}

// ---- Classification
// -----------------------------------------------------------------------------------------------------

QuantityFacts quantity_facts(const Good& good) {
  QuantityFacts facts;
  if (good.customs_quantity && !good.customs.empty()) {
    facts.unidad_aduana = attribute_text(good.customs.front(), "UnidadAduana");
    for (const sat::Node* node : good.customs) {
      const auto quantity = decimal_of(*node, "CantidadAduana");
      if (!quantity || attribute_text(node, "UnidadAduana") != facts.unidad_aduana) continue;
      facts.cantidad_aduana = facts.cantidad_aduana ? *facts.cantidad_aduana + *quantity : *quantity;
    }
  }
  facts.cantidad = decimal_of(*good.concepto, "Cantidad");
  facts.clave_unidad = attribute_text(good.concepto, "ClaveUnidad");
  facts.net_kg_per_unit = good.catalog->decimal("net_kg_per_unit");
  facts.units_per_box = good.catalog->decimal("units_per_box");
  facts.units_per_set = good.catalog->decimal("units_per_set");
  return facts;
}

Sources quantity_sources(const Good& good, QuantitySource source) {
  if (source == QuantitySource::customs && !good.customs.empty()) {
    const sat::Node& node = *good.customs.front();
    return Sources(from_document(node, "CantidadAduana")) + from_document(node, "UnidadAduana");
  }
  Sources sources = Sources(from_document(*good.concepto, "Cantidad")) + from_document(*good.concepto, "ClaveUnidad");
  if (source == QuantitySource::catalog)
    for (const std::string_view column : {"net_kg_per_unit", "units_per_box", "units_per_set"})
      if (good.catalog->text(column)) sources += from_catalog(*good.catalog, column);
  return sources;
}

struct QuantityColumn {
  std::string_view column, quantity, uom;
  RuleId rule;
};
constexpr QuantityColumn kQuantities[] = {{"uom1", "quantity_1", "uom_1", "EM107"},
                                          {"uom2", "quantity_2", "uom_2", "EM109"},
                                          {"uom3", "quantity_3", "uom_3", "EM110"}};

using Quantities = std::map<std::string, Decimal, std::less<>>;  // by unit

Quantities write_quantities(Ladder& ladder, Element<v1::Tariff>& tariff) {
  Quantities by_unit;
  if (!ladder.row().text("uom1"))
    ladder.work.profile_incomplete(ladder.work.entries[static_cast<std::size_t>(ladder.invoice.entry)],
                                   "catalog.uom1 " + ladder.good.part);
  for (const QuantityColumn& column : kQuantities) {
    const auto unit = ladder.row().text(column.column);
    if (!unit) continue;
    const QuantityOutcome outcome = hts_quantity(quantity_facts(ladder.good), *unit);
    if (ladder.first_line()) ladder.work.say(ladder.invoice, ladder.good, outcome.findings);
    if (!outcome.quantity) continue;
    tariff.set(column.uom, "EM108", outcome.quantity->uom, from_catalog(ladder.row(), column.column));
    if (!outcome.quantity->value) continue;
    const Sources sources = quantity_sources(ladder.good, outcome.quantity->source);
    const Decimal quantity = ladder.first_line() ? *outcome.quantity->value : Decimal();
    if (quantity.is_negative()) throw std::overflow_error("negative quantity");
    tariff.set(column.quantity, column.rule, quantity.to_fixed(2), sources);
    if (column.column == "uom1")
      tariff.set("quantity_source", "EM107", quantity_source_name(outcome.quantity->source), sources);
    by_unit.emplace(outcome.quantity->uom, quantity);
  }
  return by_unit;
}

// "0.112 USD/KG"
struct SpecificRate {
  Decimal dollars;
  std::string unit;
};
std::optional<SpecificRate> specific_rate(std::string_view text) {
  constexpr std::string_view kPer = " USD/";
  const auto at = text.find(kPer);
  if (at == std::string_view::npos) return std::nullopt;
  const auto dollars = Decimal::parse(text.substr(0, at));
  if (!dollars) return std::nullopt;
  return SpecificRate{*dollars, std::string(text.substr(at + kPer.size()))};
}

void write_duty(Ladder& ladder, Element<v1::Tariff>& tariff, const Quantities& quantities) {
  const CatalogRow& row = ladder.row();
  const auto ad_valorem = row.decimal("mfn_rate");
  const auto specific_text = row.text("mfn_specific");
  const auto specific = specific_text ? specific_rate(*specific_text) : std::nullopt;
  const auto quantity = specific ? quantities.find(specific->unit) : quantities.end();
  const bool computable = specific ? quantity != quantities.end() : ad_valorem.has_value();
  if (!computable || (specific_text && !specific)) {
    if (ladder.first_line())
      ladder.work.say(ladder.invoice, ladder.good, "DUTY_RATE_MISSING",
                      {{"hts", dotted(row.text("hts10").value_or(""))}});
    return;
  }
  if (ladder.good.usmca) {
    tariff.set("rate", "EM133", "Free (S)", *ladder.good.usmca_sources);
    tariff.set("duty_usd", "EM133", "0.00", derived_from(ladder.line.path("spi"), "S"));
    return;
  }
  std::string rate;
  Decimal duty;
  std::optional<Sources> sources;
  if (ad_valorem) {
    rate = row.text("mfn_rate").value_or("");
    duty += ladder.value * *ad_valorem;
    sources = Sources(from_catalog(row, "mfn_rate")) + derived_from(tariff.path("value_usd"));
  }
  if (specific) {
    rate += (rate.empty() ? "" : " + ") + std::string(*specific_text);
    duty += quantity->second * specific->dollars;
    const Sources more = Sources(from_catalog(row, "mfn_specific")) + derived_from(tariff.path("quantity_1"));
    collect(sources, more);
  }
  tariff.set("rate", "EM133", rate, *sources);
  tariff.set("duty_usd", "EM133", cents(duty).to_fixed(2), *sources);
}

// Net weight against gross weight and value (checks V3, W2).
void check_weight(Ladder& ladder, const Quantities& quantities) {
  const auto net = quantities.find("KG");
  if (net == quantities.end() || net->second.is_zero() || !ladder.first_line()) return;
  Decimal gross;
  for (const Load& load : ladder.good.loads) gross += load.kg;
  if (!ladder.good.loads.empty() && net->second > gross)
    ladder.work.say(ladder.invoice, ladder.good, "WEIGHT_NET_OVER_GROSS");
  const Decimal low = ladder.row().decimal("value_per_kg_low").value_or(*Decimal::parse("0.2"));
  const Decimal high = ladder.row().decimal("value_per_kg_high").value_or(Decimal(5000));
  const Decimal per_kg = ladder.good.value.divide(net->second, 2);
  if (per_kg < low || per_kg > high)
    ladder.work.say(ladder.invoice, ladder.good, "VAL_PER_KG_OUTLIER",
                    {{"v", per_kg.to_fixed(2)}, {"lo", low.to_string()}, {"hi", high.to_string()}});
}

Quantities add_classification(Ladder& ladder) {
  auto tariff = ladder.line.in<v1::Tariff>("tariffs");
  if (const auto hts = ladder.row().text("hts10"))
    tariff.set("hts", "EM085", dotted(*hts), from_catalog(ladder.row(), "hts10"));
  if (ladder.good.value_sources) tariff.set("value_usd", "EM097", ladder.facts.value_usd, *ladder.good.value_sources);
  Quantities quantities = write_quantities(ladder, tariff);
  write_duty(ladder, tariff, quantities);
  check_weight(ladder, quantities);
  return quantities;
}

// ---- Fees
// ---------------------------------------------------------------------------------------------------------------

void add_fees(Ladder& ladder, const Quantities& quantities) {
  const std::string classification =
      ladder.line.path("tariffs") + '[' + std::to_string(ladder.line.get().tariffs_size() - 1) + ']';
  // An informal entry pays a fixed fee instead (AX 630).
  const bool formal = ladder.work.entries[static_cast<std::size_t>(ladder.invoice.entry)].type == kFormal;
  if (const catalogs::Fee* mpf = catalogs::fee(kMpf, ladder.day);
      formal && mpf != nullptr && mpf->rate && !ladder.good.usmca) {
    auto fee = ladder.line.in<v1::Fee>("fees");
    const Sources sources =
        Sources(from_table("fees", kMpf, mpf->rate->to_string())) + derived_from(classification + ".value_usd");
    fee.set("class_code", "EM134", kMpf, sources);
    fee.set("amount_usd", "EM134", cents(ladder.value * *mpf->rate).to_fixed(2), sources);
  }
  const auto agricultural = ladder.row().text("ams_fee.class_code");
  const auto per_unit = ladder.row().decimal("ams_fee.usd_per_uom1");
  const auto quantity = quantities.find(ladder.row().text("uom1").value_or(""));
  const std::string hts(ladder.row().text("hts10").value_or(""));
  if (agricultural && per_unit && quantity != quantities.end()) {
    const Decimal amount = cents(quantity->second * *per_unit);
    auto fee = ladder.line.in<v1::Fee>("fees");
    const Sources sources = Sources(from_catalog(ladder.row(), "ams_fee.class_code")) +
                            from_catalog(ladder.row(), "ams_fee.usd_per_uom1") +
                            derived_from(classification + ".quantity_1");
    fee.set("class_code", "EM135", *agricultural, sources);
    fee.set("amount_usd", "EM135", amount.to_fixed(2), sources);
    ladder.work.say(ladder.invoice, ladder.good, "FEE_AMS_APPLIED",
                    {{"class", std::string(*agricultural)}, {"amt", amount.to_fixed(2)}});
  } else if (std::any_of(std::begin(kAmsGoods), std::end(kAmsGoods),
                         [&](const auto& g) { return hts.starts_with(g.first); })) {
    if (ladder.first_line()) ladder.work.say(ladder.invoice, ladder.good, "FEE_AMS_UNDECIDED", {{"hts", dotted(hts)}});
  }
}

// ---- Declarations
// -------------------------------------------------------------------------------------------------------

struct Metal {
  bool steel = false, aluminium = false, copper = false;
};

Metal metal_of(const Work& work, const CatalogRow& row) {
  const auto program = row.text("s232.program").value_or("");
  if (std::find(std::begin(kMetalPrograms), std::end(kMetalPrograms), program) == std::end(kMetalPrograms)) return {};
  const auto chapter = row.text("hts10").value_or("").substr(0, 2);
  const bool copper_due = work.entry_date && work.entry_date->value >= kCopperDeclaredFrom;
  return {chapter == "72" || chapter == "73" || row.text("melt_pour"), chapter == "76" || row.text("smelt.primary"),
          copper_due && (chapter == "74" || row.text("copper_smelt"))};
}

}  // namespace

void check_declarations(Work& work, const InvoiceFacts& invoice, const Good& good) {
  const CatalogRow& row = *good.catalog;
  const Metal metal = metal_of(work, row);
  const auto melt = row.text("melt_pour");
  if (metal.steel && !melt) work.say(invoice, good, "MELT_POUR_MISSING");
  if (metal.steel && melt && *melt != "MX" && *melt != "US" && *melt != "CA")
    work.say(invoice, good, "MELT_POUR_NON_NA", {{"c", std::string(*melt)}});
  const bool aluminium_known = row.text("smelt.primary") && row.text("smelt.cast");
  if ((metal.aluminium && !aluminium_known) || (metal.copper && !row.text("copper_smelt")))
    work.say(invoice, good, "SMELT_CAST_MISSING");
}

void write_declarations(const Work& work, const Good& good, Element<v1::Line>& line) {
  const CatalogRow& row = *good.catalog;
  const Metal metal = metal_of(work, row);
  const auto country = [&](Element<v1::Declaration>& out, std::string_view field, RuleId rule,
                           std::string_view column) {
    if (const auto text = row.text(column)) out.set(field, rule, *text, from_catalog(row, column));
  };
  if (metal.steel && row.text("melt_pour")) {
    auto out = line.in<v1::Declaration>("declarations");
    out.set("type", "EM125", "08", constant("08"));
    country(out, "country_of_melt_and_pour", "EM125", "melt_pour");
  }
  if (metal.aluminium && row.text("smelt.primary")) {
    auto out = line.in<v1::Declaration>("declarations");
    out.set("type", "EM126", "07", constant("07"));
    country(out, "country_of_primary_smelt", "EM126", "smelt.primary");
    country(out, "country_of_secondary_smelt", "EM126", "smelt.secondary");
    country(out, "country_of_cast", "EM126", "smelt.cast");
  }
  if (metal.copper && row.text("copper_smelt")) {
    auto out = line.in<v1::Declaration>("declarations");
    out.set("type", "EM127", "12", constant("12"));
    country(out, "country_of_primary_smelt", "EM127", "copper_smelt");
  }
}

void draft_tariffs(Work& work, const InvoiceFacts& invoice, const Good& good, const LineFacts& facts,
                   Element<v1::Line>& line) {
  if (!work.entry_date) return;  // rules are chosen by the date; ETA_MISSING says what to give
  Ladder ladder{work, invoice, good, facts, line, work.entry_date->value, Decimal(facts.value_usd)};
  const ProgramRow* program = program_row(good, facts);
  add_chapter_98(ladder);
  add_301_china(ladder);
  add_301_forced_labor(ladder, program);
  add_232(ladder, program);
  const Quantities quantities = add_classification(ladder);
  add_fees(ladder, quantities);
}

namespace {

// The fixed fee of an informal entry, due unless every line is exempt (AX 635, 636); the 34-record carries it.
std::optional<Traced<Decimal>> informal_fee(Work& work, const EntryFacts& entry) {
  bool due = false;
  for (const std::size_t i : entry.invoices)
    for (const Good& good : work.invoices[i].goods) due = due || !good.usmca;
  if (entry.type != kInformal || !due) return std::nullopt;
  // Rates of a coming year are derived before their notice is read: the profile may say another.
  const ProfileSection& rules = work.profiles().rules();
  if (const auto text = rules.text("informal_fee_usd"))
    if (const auto amount = Decimal::parse(*text))
      return Traced<Decimal>{*amount, from_profile(rules, "informal_fee_usd")};
  const catalogs::Fee* fee = catalogs::fee(kInformalFee, work.entry_date->value);
  if (fee == nullptr || !fee->rate) {
    work.findings.add(Scope::of_entry(entry.index), "INFORMAL_FEE_UNKNOWN",
                      {{"date", to_string(work.entry_date->value)}});
    return std::nullopt;
  }
  return Traced<Decimal>{*fee->rate, from_table("fees", kInformalFee, fee->rate->to_fixed(2))};
}

}  // namespace

void draft_totals(Work& work, const EntryFacts& entry, Element<v1::Entry>& element) {
  if (!work.entry_date) return;
  if (work.entry_date->value < kMeasuresKnownFrom)
    work.findings.add(Scope::of_entry(entry.index), "MEASURES_NOT_KNOWN",
                      {{"date", to_string(work.entry_date->value)}});
  Decimal value, duty, gross, charges;
  std::map<std::string, Decimal> fees;
  for (const v1::Line& line : element.get().lines()) {
    charges += line.charges_usd();
    for (const v1::Tariff& tariff : line.tariffs()) {
      value += tariff.value_usd();
      duty += Decimal::parse(tariff.duty_usd()).value_or(Decimal());
    }
    for (const v1::Fee& fee : line.fees())
      fees[fee.class_code()] += Decimal::parse(fee.amount_usd()).value_or(Decimal());
  }
  std::optional<Sources> weights;
  for (const std::size_t i : entry.invoices)
    for (const Good& good : work.invoices[i].goods)
      for (const Load& load : good.loads) {
        gross += load.kg;
        const Source one = from_document(*load.mercancia, "PesoEnKg");
        collect(weights, one);
      }
  const std::string lines = element.path("lines[]");
  element.set("estimated_value_usd", "EM030", value.to_int64(), derived_from(lines + ".tariffs[].value_usd"));
  if (weights) {
    element.set("gross_weight_kg", "EM206", gross_kg(gross), *weights);
  } else {
    std::int64_t kg = 0;
    for (const v1::Line& line : element.get().lines()) kg += line.gross_weight_kg();
    element.set("gross_weight_kg", "EM206", kg, derived_from(lines + ".gross_weight_kg"));
  }

  auto totals = element.in<v1::Totals>("totals");
  totals.set("entered_value_usd", "EM030", value.to_int64(), derived_from(lines + ".tariffs[].value_usd"));
  totals.set("duty_usd", "EM145", duty.to_fixed(2), derived_from(lines + ".tariffs[].duty_usd"));
  Decimal due = duty;
  for (const auto& [class_code, amount] : fees) {
    Decimal limited = amount;
    Sources sources = derived_from(lines + ".fees[].amount_usd");
    const catalogs::Fee* fee = catalogs::fee(class_code, work.entry_date->value);
    if (class_code == kMpf && fee != nullptr && fee->minimum_usd && fee->maximum_usd) {
      const Scope scope = Scope::of_entry(entry.index);
      const auto clamp = [&](const Decimal& limit, std::string_view code) {
        limited = limit;
        work.findings.add(scope, code, {{"a", amount.to_fixed(2)}, {"b", limit.to_fixed(2)}});
      };
      if (amount < *fee->minimum_usd) clamp(*fee->minimum_usd, "MPF_MINIMUM_APPLIED");
      if (amount > *fee->maximum_usd) clamp(*fee->maximum_usd, "MPF_MAXIMUM_APPLIED");
      const Source limits =
          from_table("fees", kMpf, fee->minimum_usd->to_fixed(2) + " to " + fee->maximum_usd->to_fixed(2));
      totals.set("mpf_sum_of_lines_usd", "EM142", amount.to_fixed(2), sources);
      totals.add("mpf_limits_usd", "EM142", fee->minimum_usd->to_fixed(2), limits);
      totals.add("mpf_limits_usd", "EM142", fee->maximum_usd->to_fixed(2), limits);
      sources += limits;
    }
    totals.put("fees_usd", "EM146", class_code, limited.to_fixed(2), sources);
    due += limited;
  }
  if (const auto fee = informal_fee(work, entry)) {
    totals.put("fees_usd", "EM143", kInformalFee, fee->value.to_fixed(2), fee->sources);
    due += fee->value;
  }
  totals.set("total_due_usd", "EM207", due.to_fixed(2),
             Sources(derived_from(totals.path("duty_usd"))) + derived_from(totals.path("fees_usd[]")));
  if (work.charges) totals.set("charges_usd", "EM114", charges.to_int64(), derived_from(lines + ".charges_usd"));
  draft_single_bond(work, due + value, element);
}

}  // namespace puente::crosswalk::drafting
