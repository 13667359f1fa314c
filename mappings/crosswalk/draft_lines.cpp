// The lines of an entry: what each good is, where it comes from, what it weighs, what else must be declared (EM082 to
// EM141).
#include <algorithm>
#include <array>

#include "mappings/catalogs/catalogs.h"
#include "mappings/cbp/catair/text.h"
#include "mappings/crosswalk/address.h"
#include "mappings/crosswalk/draft_parts.h"

namespace puente::crosswalk::drafting {
namespace {

constexpr std::size_t kDescriptionWidth = 70;  // SE40, AE 44
constexpr std::size_t kVinLength = 17;
// Headings whose goods have a vehicle identification number.
constexpr std::string_view kVehicleHeadings[] = {"8701", "8702", "8703", "8704", "8705", "8706", "8711", "8716"};
// Whole texts too general for CBP (checks, section 8).
constexpr std::string_view kBroadTexts[] = {
    "PARTS",       "AUTO PARTS",       "MERCHANDISE",   "GOODS",       "CARGO",       "FREIGHT",   "SAMPLES",
    "ELECTRONICS", "MACHINERY",        "EQUIPMENT",     "FOODSTUFF",   "PRODUCE",     "CHEMICALS", "TOOLS",
    "TEXTILES",    "PLASTIC ARTICLES", "GENERAL CARGO", "SPARE PARTS", "ACCESSORIES", "MATERIALS", "CONSOLIDATED",
    "FAK",         "SAID TO CONTAIN",  "SEE ATTACHED"};
constexpr std::string_view kTerritories[] = {"PR", "VI", "GU", "AS", "MP"};
// Food whose arrival FDA must be told of before (EM140).
constexpr std::string_view kPriorNoticeProgram = "FOO";

template <std::size_t N>
bool among(const std::string_view (&list)[N], std::string_view value) {
  return std::find(std::begin(list), std::end(list), value) != std::end(list);
}

// VIN check digit (49 CFR 565.15): weighted sum modulo 11 at position 9; I, O and Q do not occur.
bool valid_vin(std::string_view vin) {
  static constexpr std::string_view kLetters = "ABCDEFGHJKLMNPRSTUVWXYZ";
  static constexpr std::string_view kValues = "12345678123457923456789";
  static constexpr std::array<int, kVinLength> kWeights = {8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2};
  if (vin.size() != kVinLength) return false;
  int sum = 0;
  for (std::size_t i = 0; i < vin.size(); ++i) {
    const auto letter = kLetters.find(vin[i]);
    const bool digit = vin[i] >= '0' && vin[i] <= '9';
    if (!digit && letter == std::string_view::npos) return false;
    sum += kWeights[i] * ((digit ? vin[i] : kValues[letter]) - '0');
  }
  const int check = sum % 11;
  return vin[8] == (check == 10 ? 'X' : static_cast<char>('0' + check));
}

// ---- Checks of one good
// -----------------------------------------------------------------------------------------------

void check_classification(Work& work, const InvoiceFacts& invoice, const Good& good) {
  const CatalogRow& row = *good.catalog;
  const auto hts = row.text("hts10");
  if (!hts) {
    work.profile_incomplete(work.entries[static_cast<std::size_t>(invoice.entry)], "catalog.hts10 " + good.part);
    return;
  }
  for (const sat::Node* node : good.customs) {
    const std::string fraccion = attribute_text(node, "FraccionArancelaria");
    if (fraccion.size() < 6 || fraccion.substr(0, 6) == hts->substr(0, 6)) continue;
    if (row.text("hs6_exception.fraccion6") == fraccion.substr(0, 6) &&
        row.text("hs6_exception.hts6") == hts->substr(0, 6))
      continue;
    const Scope scope = Scope::of_line(invoice.entry, good.lines.front().number, invoice.number);
    work.findings.add(scope, "HS6_MISMATCH", {{"fr", fraccion}, {"hts", std::string(*hts)}}, {},
                      node->place("FraccionArancelaria"));
    if (fraccion.substr(0, 4) == hts->substr(0, 4)) work.findings.add(scope, "HS4_AGREES");
    return;
  }
}

void check_origin(Work& work, const InvoiceFacts& invoice, const Good& good) {
  const CatalogRow& row = *good.catalog;
  const auto origin = row.text("origin");
  if (!origin) {
    work.say(invoice, good, "ORIGIN_MISSING", {{"part", good.part}});
    return;
  }
  const std::string code(*origin);
  const catalogs::Country* country = catalogs::country_by_alpha2(code);
  const bool province = code.starts_with('X');  // Canada's XA to XY
  if (!province && (country == nullptr || country->cbp_code.empty()))
    work.say(invoice, good, "ORIGIN_AMBIGUOUS", {{"c", code}});
  if (code != "MX") work.say(invoice, good, "ORIGIN_NOT_MX", {{"c", code}});
  if (country != nullptr && country->embargo) work.say(invoice, good, "SANCTION_COUNTRY", {{"c", code}});
  if (among(kTerritories, code)) work.say(invoice, good, "ORIGIN_US_TERRITORY");
  if (code == "MX" && good.concepto->child("InformacionAduanera") != nullptr)
    work.say(invoice, good, "ORIGIN_NOT_MX_SUSPECTED");
  if (const auto marking = row.text("origin_usmca"); marking && *marking != code)
    work.say(invoice, good, "ORIGIN_DUAL", {{"a", std::string(*marking)}, {"b", code}});
}

void check_description(Work& work, const InvoiceFacts& invoice, const Good& good) {
  const auto text = good.catalog->text("description_en");
  if (!text) {
    work.say(invoice, good, "DESC_MISSING", {{"part", good.part}});
  } else if (const std::string sent = cbp::to_cbp_text(*text).text; among(kBroadTexts, sent)) {
    work.say(invoice, good, "DESC_BROAD", {{"text", sent}});
  }
  for (const LineFacts& line : good.lines)
    say_lost(work, Scope::of_line(invoice.entry, line.number, invoice.number), text.value_or(""), good.concepto->place());
}

void check_assists(Work& work, const EntryFacts& entry, const InvoiceFacts& invoice, const Good& good) {
  const bool maquila = invoice.supplier != nullptr && invoice.supplier->flag("maquila").value_or(false);
  const bool related = entry.importer != nullptr && entry.importer->flag("related_to_supplier").value_or(false);
  if ((maquila || related) && !good.catalog->text("additions.assists")) work.say(invoice, good, "VAL_ASSISTS_UNKNOWN");
}

// Two aids of a person at the customs counter: the antidumping list of the chapter, and what may owe an agricultural
// fee.
void check_adcvd(Work& work, const InvoiceFacts& invoice, const Good& good) {
  if (!work.entry_date || good.catalog->text("origin") != "MX") return;
  const Date day = work.entry_date->value;
  const std::string hts(good.catalog->text("hts10").value_or(""));
  if (hts.size() < 2) return;
  if (const auto stated = good.catalog->text("ad_case"); stated || good.catalog->text("cvd_case")) {
    const auto number = stated ? *stated : *good.catalog->text("cvd_case");
    work.say(invoice, good, "ADCVD_RATE_MISSING", {{"case", std::string(number)}});
    return;
  }
  if (const auto cases = catalogs::adcvd_by_heading(hts, day); !cases.empty()) {
    work.say(invoice, good, "ADCVD_CASE_MISSING", {{"hts", hts}, {"c", "MX"}, {"case", cases.front()->number}});
  } else if (!catalogs::adcvd_in_chapter(std::string_view(hts).substr(0, 2), day).empty()) {
    work.say(invoice, good, "ADCVD_CHECKED_NONE");
  }
}

std::vector<std::pair<const sat::Node*, std::string>> serial_numbers(const Good& good) {
  std::vector<std::pair<const sat::Node*, std::string>> numbers;
  for (const sat::Node* customs : good.customs)
    for (const sat::Node* node : customs->children("DescripcionesEspecificas"))
      if (const std::string number = attribute_text(node, "NumeroSerie"); !number.empty())
        numbers.emplace_back(node, upper(number));
  return numbers;
}

void check_vins(Work& work, const InvoiceFacts& invoice, const Good& good) {
  if (!among(kVehicleHeadings, good.catalog->text("hts10").value_or("").substr(0, 4))) return;
  const auto numbers = serial_numbers(good);
  if (numbers.empty()) return;
  std::string list;
  for (const auto& [node, vin] : numbers) {
    list += (list.empty() ? "" : ", ") + vin;
    if (!valid_vin(vin)) work.say(invoice, good, "VIN_INVALID", {{"v", vin}});
  }
  const auto quantity = decimal_of(*good.concepto, "Cantidad");
  if (quantity && *quantity != static_cast<std::int64_t>(numbers.size()))
    work.say(invoice, good, "VIN_COUNT_MISMATCH",
             {{"n", quantity->to_string()}, {"m", std::to_string(numbers.size())}});
  work.say(invoice, good, "VIN_CAPTURED", {{"list", list}}, list);
}

void check_hazmat(Work& work, const InvoiceFacts& invoice, const Good& good) {
  for (const Load& load : good.loads) {
    if (load.mercancia->attribute_or("MaterialPeligroso") != "Sí") continue;
    std::string missing;
    const auto need = [&](bool there, std::string_view what) {
      if (!there) missing += (missing.empty() ? "" : ", ") + std::string(what);
    };
    need(load.mercancia->attribute("CveMaterialPeligroso").has_value(), "CveMaterialPeligroso");
    need(load.mercancia->attribute("Embalaje").has_value(), "Embalaje");
    for (const std::string_view column : {"hazmat.class", "hazmat.contact_name", "hazmat.contact_phone"})
      need(good.catalog->text(column).has_value(), column);
    if (!missing.empty()) work.say(invoice, good, "HAZ_FIELDS_INCOMPLETE", {{"list", missing}});
  }
}

// ---- Elements
// ---------------------------------------------------------------------------------------------------------

std::vector<std::array<std::string, 3>> pga_columns(const CatalogRow& row) {
  std::vector<std::array<std::string, 3>> out;
  for (int n = 1; row.text("pga." + std::to_string(n) + ".agency"); ++n) {
    const std::string prefix = "pga." + std::to_string(n);
    out.push_back({prefix + ".agency", prefix + ".program", prefix + ".requirement"});
  }
  return out;
}

void draft_agencies(Work& work, const InvoiceFacts& invoice, const Good& good) {
  const CatalogRow& row = *good.catalog;
  std::string list;
  bool prior_notice = false;
  for (const auto& [agency, program, requirement] : pga_columns(row)) {
    list += (list.empty() ? "" : ", ") + std::string(*row.text(agency));
    prior_notice = prior_notice || (row.text(agency) == "FDA" && row.text(program) == kPriorNoticeProgram);
  }
  if (!list.empty()) work.say(invoice, good, "PGA_REQUIRED", {{"list", list}});
  if (!prior_notice) return;
  const std::string eta = work.eta ? work.eta->value.to_string() : std::string();
  work.say(invoice, good, "FDA_PN_WINDOW", {{"from", "30 days before " + eta}, {"to", "2 hours before " + eta}});
  if (!row.text("fda.facility")) work.say(invoice, good, "FDA_FACILITY_MISSING", {{"name", good.part}});
}

void write_agencies(const CatalogRow& row, Element<v1::Line>& line) {
  for (const auto& [agency, program, requirement] : pga_columns(row)) {
    auto flag = line.in<v1::PgaFlag>("pga_flags");
    flag.set("agency", "EM139", *row.text(agency), from_catalog(row, agency));
    if (const auto text = row.text(program)) flag.set("program", "EM139", *text, from_catalog(row, program));
    if (const auto text = row.text(requirement))
      flag.set("requirement", "EM139", *text, from_catalog(row, requirement));
  }
}

void write_weight(Work& work, const InvoiceFacts& invoice, const Good& good, const LineFacts& facts,
                  Element<v1::Line>& line) {
  if (&facts != &good.lines.front()) {  // the second line of a content split weighs nothing
    line.set("gross_weight_kg", "EM112", std::int64_t{0}, constant("0"));
    return;
  }
  if (!good.loads.empty()) {
    Decimal kg;
    std::optional<Sources> sources;
    for (const Load& load : good.loads) {
      kg += load.kg;
      const Source one = from_document(*load.mercancia, "PesoEnKg");
      collect(sources, one);
    }
    line.set("gross_weight_kg", "EM112", gross_kg(kg), *sources);
    return;
  }
  const auto per_unit = good.catalog->decimal("net_kg_per_unit");
  const auto factor = good.catalog->decimal("gross_factor");
  const auto quantity = decimal_of(*good.concepto, "Cantidad");
  if (per_unit && factor && quantity) {
    line.set("gross_weight_kg", "EM112", gross_kg(*per_unit * *quantity * *factor),
             Sources(from_document(*good.concepto, "Cantidad")) + from_catalog(*good.catalog, "net_kg_per_unit") +
                 from_catalog(*good.catalog, "gross_factor"));
    return;
  }
  work.say(invoice, good, "WEIGHT_MISSING", {{"n", std::to_string(facts.number)}});
  line.set("gross_weight_kg", "EM112", std::int64_t{0}, constant("0"));
}

void write_identity(const Work& work, const EntryFacts& entry, const InvoiceFacts& invoice, const Good& good,
                    const LineFacts& facts, Element<v1::Line>& line) {
  line.set("line", "EM082", std::int64_t{facts.number},
           derived_from("entries[" + std::to_string(entry.index) + "].invoices"));
  line.set("invoice", "EM055", invoice.number,
           Sources(from_document(*invoice.cfdi, "Serie")) + from_document(*invoice.cfdi, "Folio"));
  if (!invoice.uuid.empty())
    line.set("invoice_uuid", "EM001", invoice.uuid, from_document(*invoice.document->document->timbre(), "UUID"));
  if (!good.part.empty()) line.set("concepto", "EM083", good.part, from_document(*good.concepto, "NoIdentificacion"));
  const CatalogRow& row = *good.catalog;
  if (const auto origin = row.text("origin")) {
    const catalogs::Country* country = catalogs::country_by_alpha2(*origin);
    line.set("country_of_origin", "EM088", country == nullptr ? *origin : std::string_view(country->cbp_code),
             from_catalog(row, "origin"));
  }
  line.set("country_of_export", "EM036", "MX", constant("MX"));
  line.set("spi", "EM093", good.usmca ? "S" : "", good.usmca_sources ? *good.usmca_sources : Sources(constant("")));
  if (good.mid) line.set("manufacturer_id", "EM075", *good.mid);
  if (const auto text = row.text("description_en"))
    for (const std::string& part : wrap(cbp::to_cbp_text(*text).text, kDescriptionWidth))
      line.add("description", "EM091", part, from_catalog(row, "description_en"));
  if (entry.importer != nullptr)
    if (const auto related = entry.importer->flag("related_to_supplier"))
      line.set("related_party", "EM116", *related ? "Y" : "N", from_profile(*entry.importer, "related_to_supplier"));
  if (work.charges)
    line.set("charges_usd", "EM114", facts.charges_usd,
             work.charges->sources + derived_from(line.path("tariffs"), std::to_string(facts.value_usd)));
}

void draft_good(Work& work, const EntryFacts& entry, const InvoiceFacts& invoice, const Good& good,
                const LineRoles& roles, Element<v1::Entry>& element) {
  if (good.part.empty()) {
    work.say(invoice, good, "PART_NO_MISSING", {{"n", std::to_string(good.lines.front().number)}});
    return;
  }
  if (good.catalog == nullptr) {
    work.say(invoice, good, "CATALOG_MISSING", {{"part", good.part}});
    return;
  }
  check_classification(work, invoice, good);
  check_origin(work, invoice, good);
  check_description(work, invoice, good);
  check_assists(work, entry, invoice, good);
  check_adcvd(work, invoice, good);
  check_vins(work, invoice, good);
  check_hazmat(work, invoice, good);
  draft_agencies(work, invoice, good);
  check_declarations(work, invoice, good);
  for (const LineFacts& facts : good.lines) {
    auto line = element.in<v1::Line>("lines");
    write_identity(work, entry, invoice, good, facts, line);
    write_weight(work, invoice, good, facts, line);
    draft_tariffs(work, invoice, good, facts, line);
    write_declarations(work, good, line);
    write_agencies(*good.catalog, line);
    for (const auto& [node, number] : serial_numbers(good))
      line.add("serial_numbers", "EM137", number, from_document(*node, "NumeroSerie"));
    if (!facts.value_split.empty())
      line.set("value_split", "EM129", facts.value_split, from_catalog(*good.catalog, "mhdv.us_content_pct"));
    draft_line_parties(work, roles, invoice, good, line);
  }
}

}  // namespace

void draft_lines(Work& work, const EntryFacts& entry, Element<v1::Entry>& element) {
  const LineRoles roles = roles_by_line(work, entry);
  for (const std::size_t i : entry.invoices) {
    for (const Good& good : work.invoices[i].goods) draft_good(work, entry, work.invoices[i], good, roles, element);
    say_certificate_flags(work, work.invoices[i]);
  }
}

}  // namespace puente::crosswalk::drafting
