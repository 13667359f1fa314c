// What the goods are worth: rate of exchange, deductions, additions, rounding (mapping section 3), and the charges to
// the border spread over the truck (section 4).
#include <algorithm>
#include <numeric>

#include "mappings/catalogs/catalogs.h"
#include "mappings/crosswalk/draft_parts.h"

namespace puente::crosswalk::drafting {
namespace {

constexpr std::string_view kDollar = "USD";
constexpr std::string_view kNoCurrency = "XXX";  // c_Moneda: no price in the document
constexpr std::int64_t kChargesNeededAbove = 1250;  // AE 40, condition 664
constexpr std::string_view kAdditions[] = {"additions.packing", "additions.assists", "additions.royalties",
                                           "additions.commissions", "additions.proceeds"};
// Transfers that are no sale for export (EM007).
constexpr std::string_view kNoSaleReasons[] = {"02", "03", "04", "05", "99"};

// [reference.cbp_fx.CUR] where its dates cover the day of exportation.
bool covers(std::string_view valid_on, const Date& day) {
  const auto dots = valid_on.find("..");
  if (dots == std::string_view::npos) return parse_date(valid_on) == day;
  const auto from = parse_date(valid_on.substr(0, dots));
  const auto to = parse_date(valid_on.substr(dots + 2));
  return from && to && *from <= day && day <= *to;
}

std::optional<Traced<Decimal>> cbp_rate(const Work& work, std::string_view currency) {
  if (currency == kDollar) return Traced<Decimal>{Decimal(1), constant(kDollar)};
  const ProfileSection* section = work.profiles().currency(currency);
  if (section == nullptr || (!work.eta && !work.entry_date)) return std::nullopt;
  const Date day = work.eta ? work.eta->value.date : work.entry_date->value;
  const auto text = section->text("usd_per_unit");
  const auto rate = text ? Decimal::parse(*text) : std::nullopt;
  if (!rate || !covers(section->text("valid_on").value_or(""), day)) return std::nullopt;
  return Traced<Decimal>{*rate, from_profile(*section, "usd_per_unit")};
}

Decimal amount_of(const sat::Node& concepto) {
  return decimal_of(concepto, "Importe").value_or(Decimal()) - decimal_of(concepto, "Descuento").value_or(Decimal());
}

Sources amount_sources(const sat::Node& concepto) {
  Sources sources = from_document(concepto, "Importe");
  if (concepto.attribute("Descuento")) sources += from_document(concepto, "Descuento");
  return sources;
}

void say_no_rate(Work& work, const Scope& scope, const sat::Node& cfdi) {
  work.findings.add(scope, "CURRENCY_RATE_MISSING",
                    {{"cur", attribute_text(&cfdi, "Moneda")},
                     {"date", work.eta ? to_string(work.eta->value.date) : std::string()}},
                    {}, cfdi.place("Moneda"));
}

void resolve_rate(Work& work, InvoiceFacts& invoice) {
  const Scope scope = Scope::of_invoice(invoice.entry, invoice.number);
  const auto place = invoice.cfdi->place("Moneda");
  if (invoice.currency == kNoCurrency) return;  // type T: no value in it
  invoice.rate = cbp_rate(work, invoice.currency);
  if (!invoice.rate) return say_no_rate(work, scope, *invoice.cfdi);
  if (invoice.currency == kDollar) return;
  invoice.rate_section = work.profiles().currency(invoice.currency);
  // An invoice in pesos states no TipoCambio; the SAT's rate then stands in the complement.
  auto sat_rate = attribute_text(invoice.cfdi, "TipoCambio");
  if (sat_rate.empty()) sat_rate = attribute_text(invoice.cce, "TipoCambioUSD");
  work.findings.add(scope, "VAL_FX_SOURCE", {{"r", invoice.rate->value.to_string()}, {"s", sat_rate}}, {}, place);
}

void check_sale(Work& work, const InvoiceFacts& invoice) {
  const Scope scope = Scope::of_invoice(invoice.entry, invoice.number);
  const auto exportacion = invoice.cfdi->attribute_or("Exportacion");
  if (exportacion.empty() || exportacion == "01")
    work.findings.add(scope, "NOT_EXPORT", {{"value", std::string(exportacion)}}, {},
                      invoice.cfdi->place("Exportacion"));
  const auto reason = invoice.cce->attribute_or("MotivoTraslado");
  const bool no_sale =
      std::find(std::begin(kNoSaleReasons), std::end(kNoSaleReasons), reason) != std::end(kNoSaleReasons);
  // What says that nothing was sold, the most telling first.
  struct Sign {
    bool holds;
    std::string_view text;
    const sat::Node* node;
    std::string_view attribute;
  };
  const auto type = invoice.cfdi->attribute_or("TipoDeComprobante");
  const Sign signs[] = {{no_sale, reason, invoice.cce, "MotivoTraslado"},
                        {exportacion == "03", exportacion, invoice.cfdi, "Exportacion"},
                        {type == "T", type, invoice.cfdi, "TipoDeComprobante"},
                        {invoice.currency == kNoCurrency, kNoCurrency, invoice.cfdi, "Moneda"}};
  for (const Sign& sign : signs) {
    if (!sign.holds) continue;
    work.findings.add(scope, "CUSTOMS_VALUE_NO_SALE", {{"m", std::string(sign.text)}}, {},
                      sign.node->place(sign.attribute));
    return;
  }
}

void check_incoterm(Work& work, const InvoiceFacts& invoice) {
  const Scope scope = Scope::of_invoice(invoice.entry, invoice.number);
  const auto place = invoice.cce->place("Incoterm");
  const std::string term = attribute_text(invoice.cce, "Incoterm");
  if (term.empty()) {
    work.findings.add(scope, "INCOTERM_MISSING", {}, {}, place);
    return;
  }
  const catalogs::Incoterm* row = catalogs::incoterm(term);
  if (row == nullptr || row->finding_without_breakdown == "INCOTERM_UNKNOWN") {
    work.findings.add(scope, "INCOTERM_UNKNOWN", {{"i", term}}, {}, place);
    return;
  }
  if (row->sea_only) work.findings.add(scope, "INCOTERM_MODE_MISMATCH", {{"i", term}}, {}, place);
  const bool broken_down = !invoice.deductions.empty();
  if (row->includes_freight && !broken_down)
    work.findings.add(scope, "VAL_FREIGHT_NOT_SEPARATED", {{"inc", term}}, {}, place);
  const std::string& other = row->finding_without_breakdown;
  if (!other.empty() && other != "INCOTERM_MODE_MISMATCH" && other != "VAL_FREIGHT_NOT_SEPARATED")
    work.findings.add(scope, other, {}, {}, place);
}

void check_iva(Work& work, const InvoiceFacts& invoice) {
  for (const sat::Node* traslado : invoice.cfdi->find_all("Conceptos/Concepto/Impuestos/Traslados/Traslado")) {
    const auto rate = decimal_of(*traslado, "TasaOCuota");
    if (attribute_text(traslado, "Impuesto") != "002" || !rate || rate->is_zero()) continue;
    work.findings.add(Scope::of_invoice(invoice.entry, invoice.number), "VAL_IVA_CHARGED", {}, {},
                      traslado->place("TasaOCuota"));
    return;
  }
}

void deduct(Work& work, InvoiceFacts& invoice) {
  if (invoice.deductions.empty() || !invoice.rate) return;
  Decimal sum;
  for (Deduction& deduction : invoice.deductions) {
    deduction.amount_usd = amount_of(*deduction.concepto) * invoice.rate->value;
    sum += deduction.amount_usd;
  }
  if (!sum.is_zero())
    work.findings.add(Scope::of_invoice(invoice.entry, invoice.number), "VAL_FREIGHT_DEDUCTED",
                      {{"amt", sum.to_fixed(2)}}, sum.to_fixed(2),
                      invoice.deductions.front().concepto->place("Importe"));
}

// The value of the goods of one Concepto in dollars, before rounding. Nothing for a document without price or rate.
void value_good(Work& work, const InvoiceFacts& invoice, Good& good) {
  const Decimal quantity = decimal_of(*good.concepto, "Cantidad").value_or(Decimal());
  if (invoice.currency == kNoCurrency) {
    const auto cost = good.catalog == nullptr ? std::nullopt : good.catalog->decimal("standard_cost");
    if (!cost) return;
    good.value = *cost * quantity;
    good.value_sources =
        Sources(from_catalog(*good.catalog, "standard_cost")) + from_document(*good.concepto, "Cantidad");
    return;
  }
  if (!invoice.rate) return;
  good.value = amount_of(*good.concepto) * invoice.rate->value;
  good.value_sources = amount_sources(*good.concepto);
  if (invoice.currency != kDollar) *good.value_sources += invoice.rate->sources;

  const bool own_price = good.customs_quantity && !good.customs.empty();
  if (own_price && !good.value.is_zero()) {
    Decimal declared;
    for (const sat::Node* node : good.customs) declared += decimal_of(*node, "ValorDolares").value_or(Decimal());
    if (!within_one_percent(declared, good.value)) {
      const Decimal percent = ((declared - good.value) * 100).divide(good.value, 1);
      work.say(invoice, good, "VAL_CCE_DIFFERS",
               {{"a", declared.to_fixed(2)}, {"b", good.value.to_fixed(2)}, {"p", percent.to_string()}});
    }
  }
  if (good.catalog == nullptr) return;
  for (const std::string_view key : kAdditions) {
    const auto addition = good.catalog->decimal(key);
    if (!addition || addition->is_zero()) continue;
    good.value += *addition * quantity;
    *good.value_sources += from_catalog(*good.catalog, key);
  }
}

// Packing charged as its own Concepto belongs to the value of the goods, by their share.
void add_packing(InvoiceFacts& invoice) {
  if (!invoice.rate || invoice.packing.empty()) return;
  Decimal goods_value;
  for (const Good& good : invoice.goods) goods_value += good.value;
  if (goods_value.is_zero()) return;
  for (const sat::Node* concepto : invoice.packing) {
    const Decimal amount = amount_of(*concepto) * invoice.rate->value;
    for (Good& good : invoice.goods) {
      if (!good.value_sources) continue;
      good.value += (amount * good.value.round_half_up(2)).divide(goods_value, 6);
      *good.value_sources += from_document(*concepto, "Importe");
    }
  }
}

// Half up to whole dollars; more than nothing is at least 1 (mapping section 3, steps 7 and 8).
std::int64_t whole_dollars(const Decimal& value) {
  const std::int64_t rounded = value.round_half_up(0).to_int64();
  return rounded == 0 && !value.is_zero() && !value.is_negative() ? 1 : rounded;
}

void round_good(Work& work, const InvoiceFacts& invoice, Good& good) {
  const std::int64_t total = whole_dollars(good.value);
  if (total <= 0) {
    work.say(invoice, good, "VALUE_ZERO", {{"n", std::to_string(good.lines.front().number)}});
    return;
  }
  if (good.lines.size() == 1) {
    good.lines.front().value_usd = total;
    return;
  }
  const Decimal percent = *good.catalog->decimal("mhdv.us_content_pct");
  const std::int64_t us = (good.value * percent).divide(100, 0).to_int64();
  good.lines.front().value_usd = total - us;
  good.lines.back().value_usd = us;
  *good.value_sources += from_catalog(*good.catalog, "mhdv.us_content_pct");
}

void value_invoice(Work& work, InvoiceFacts& invoice) {
  check_sale(work, invoice);
  resolve_rate(work, invoice);
  check_incoterm(work, invoice);
  check_iva(work, invoice);
  deduct(work, invoice);
  for (Good& good : invoice.goods) value_good(work, invoice, good);
  add_packing(invoice);
  for (Good& good : invoice.goods)
    if (invoice.rate || invoice.currency == kNoCurrency) round_good(work, invoice, good);
}

// ---- Charges --------------------------------------------------------------------------------------------------------

std::optional<Traced<std::int64_t>> charges_of_invoices(const Work& work) {
  Decimal sum;
  std::optional<Sources> sources;
  for (const InvoiceFacts& invoice : work.invoices)
    for (const Deduction& deduction : invoice.deductions) {
      if (deduction.amount_usd.is_zero()) continue;
      sum += deduction.amount_usd;
      const Sources one = amount_sources(*deduction.concepto);
      collect(sources, one);
    }
  if (!sources) return std::nullopt;
  return Traced<std::int64_t>{sum.round_half_up(0).to_int64(), *sources};
}

// The hired carrier's own CFDIs, with their freight in SubTotal: type I with Carta Porte and no goods of their own.
std::vector<const sat::Node*> freight_documents(const Work& work) {
  std::vector<const sat::Node*> out;
  for (const ShipmentDocument& one : work.shipment.cartas_porte) {
    const sat::Node& cfdi = one.document->comprobante();
    if (cfdi.attribute_or("TipoDeComprobante") != "I" || one.document->comercio_exterior() != nullptr) continue;
    const auto subtotal = decimal_of(cfdi, "SubTotal");
    if (subtotal && !subtotal->is_zero()) out.push_back(&cfdi);
  }
  return out;
}

std::optional<Traced<std::int64_t>> charges_of_carrier(const Work& work) {
  Decimal sum;
  std::optional<Sources> sources;
  for (const sat::Node* cfdi : freight_documents(work)) {
    const auto rate = cbp_rate(work, cfdi->attribute_or("Moneda"));
    if (!rate) continue;
    sum += decimal_of(*cfdi, "SubTotal").value_or(Decimal()) * rate->value;
    Sources both = Sources(from_document(*cfdi, "SubTotal")) + rate->sources;
    collect(sources, both);
  }
  if (!sources) return std::nullopt;
  return Traced<std::int64_t>{sum.round_half_up(0).to_int64(), *sources};
}

std::optional<Traced<std::int64_t>> charges_of_lane(const Work& work) {
  if (!work.port) return std::nullopt;
  for (const ProfileSection* lane : work.profiles().of("lanes")) {
    if (lane->text("port") != work.port->value) continue;
    const auto freight = lane->text("freight_usd");
    const auto amount = freight ? Decimal::parse(*freight) : std::nullopt;
    if (amount) return Traced<std::int64_t>{amount->round_half_up(0).to_int64(), from_profile(*lane, "freight_usd")};
  }
  return std::nullopt;
}

// By value over every line of the truck, largest remainder, ties to the lower line.
void spread(std::int64_t charges, const std::vector<LineFacts*>& lines) {
  __int128 total = 0;
  for (const LineFacts* line : lines) total += line->value_usd;
  if (total <= 0 || charges <= 0) return;
  std::vector<__int128> remainders;
  std::int64_t left = charges;
  for (LineFacts* line : lines) {
    const __int128 product = static_cast<__int128>(charges) * line->value_usd;
    line->charges_usd = static_cast<std::int64_t>(product / total);
    left -= line->charges_usd;
    remainders.push_back(product % total);
  }
  std::vector<std::size_t> order(lines.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return remainders[a] > remainders[b]; });
  for (std::size_t i = 0; left > 0 && i < order.size(); ++i, --left) ++lines[order[i]]->charges_usd;
}

void charge(Work& work) {
  work.charges = charges_of_invoices(work);
  if (!work.charges) work.charges = charges_of_carrier(work);
  if (!work.charges) work.charges = charges_of_lane(work);
  if (work.charges && work.charges->value <= 0) work.charges = std::nullopt;
  std::vector<LineFacts*> lines;
  for (const EntryFacts& entry : work.entries)
    for (const std::size_t i : entry.invoices)
      for (Good& good : work.invoices[i].goods)
        for (LineFacts& line : good.lines) lines.push_back(&line);
  if (work.charges) {
    spread(work.charges->value, lines);
    for (const EntryFacts& entry : work.entries) {
      bool gets_a_share = false;
      for (const std::size_t i : entry.invoices)
        for (const Good& good : work.invoices[i].goods)
          for (const LineFacts& line : good.lines) gets_a_share = gets_a_share || line.charges_usd > 0;
      if (gets_a_share)
        work.findings.add(Scope::of_entry(entry.index), "CHARGES_APPORTIONED", {},
                          std::to_string(work.charges->value) + " USD", work.charges->sources.list().front().place());
    }
    return;
  }
  // Nobody says what the freight is, or somebody does in a currency without a rate.
  const sat::Node* unrated = nullptr;
  for (const sat::Node* cfdi : freight_documents(work))
    if (!cbp_rate(work, cfdi->attribute_or("Moneda"))) unrated = cfdi;
  for (const InvoiceFacts& invoice : work.invoices)
    for (const Good& good : invoice.goods)
      for (const LineFacts& line : good.lines) {
        if (line.value_usd <= kChargesNeededAbove) continue;
        if (unrated != nullptr) {
          say_no_rate(work, Scope::of_entry(invoice.entry), *unrated);
        } else {
          work.findings.add(Scope::of_line(invoice.entry, line.number, invoice.number), "CHARGES_MISSING",
                            {{"n", std::to_string(line.number)}});
        }
      }
}

}  // namespace

void value_goods(Work& work) {
  for (InvoiceFacts& invoice : work.invoices) {
    try {
      value_invoice(work, invoice);
    } catch (const std::overflow_error&) {
      work.findings.add(Scope::of_invoice(invoice.entry, invoice.number), "DRAFT_VALUE_OUT_OF_RANGE");
      for (Good& good : invoice.goods)
        for (LineFacts& line : good.lines) line.value_usd = 0;
    }
  }
  try {
    charge(work);
  } catch (const std::overflow_error&) {
    for (const EntryFacts& entry : work.entries)
      work.findings.add(Scope::of_entry(entry.index), "DRAFT_VALUE_OUT_OF_RANGE");
  }
}

}  // namespace puente::crosswalk::drafting
