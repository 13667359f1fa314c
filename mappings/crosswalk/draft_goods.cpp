// Which entries there are, and which goods each holds: importers (EM019, EM063), lines (EM082), the goods of the Carta
// Porte that belong to each line (EM003, EM112) and the bills (EM058).
#include <algorithm>
#include <map>
#include <set>

#include "mappings/crosswalk/draft_parts.h"

namespace puente::crosswalk::drafting {
namespace {

// Services that an export invoice charges beside its goods (mapping section 3), by the beginning of ClaveProdServ.
struct ServiceRow {
  std::string_view prefix, kind;
};
constexpr std::string_view kPacking = "packing";
constexpr ServiceRow kServices[] = {
    {"7810", "international_freight"},
    {"78121603", "international_freight"},
    {"78141500", "international_freight"},
    {"78141501", "international_freight"},
    {"841315", "insurance"},
    {"781215", kPacking},
};

std::string digits(std::string_view text) {
  std::string out;
  for (const char c : text)
    if (c >= '0' && c <= '9') out += c;
  return out;
}

// What kind of service the Concepto is; "" for goods.
std::string_view service_kind(const InvoiceFacts& invoice, const Good& good) {
  const auto clave = good.concepto->attribute_or("ClaveProdServ");
  for (const ServiceRow& row : kServices)
    if (clave.starts_with(row.prefix)) return row.kind;
  if (invoice.supplier != nullptr) {
    const auto named = invoice.supplier->list("freight_concepts");
    if (std::find(named.begin(), named.end(), good.part) != named.end()) return "international_freight";
  }
  const bool service_unit =
      !good.customs.empty() && std::all_of(good.customs.begin(), good.customs.end(),
                                           [](auto* node) { return node->attribute_or("UnidadAduana") == "99"; });
  return service_unit ? "international_freight" : std::string_view();
}

// cce20:Mercancia of each Concepto: by NoIdentificacion, the same key in order; without any key in common, by order.
void match_customs(const InvoiceFacts& invoice, std::vector<Good>& goods) {
  const auto nodes = invoice.cce->find_all("Mercancias/Mercancia");
  std::map<std::string, std::pair<std::vector<const sat::Node*>, std::vector<Good*>>> by_key;
  for (Good& good : goods) by_key[good.part].second.push_back(&good);
  bool any_key = false;
  for (const sat::Node* node : nodes) {
    const auto found = by_key.find(attribute_text(node, "NoIdentificacion"));
    if (found == by_key.end() || found->first.empty()) continue;
    found->second.first.push_back(node);
    any_key = true;
  }
  if (!any_key && nodes.size() == goods.size()) {
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      goods[i].customs = {nodes[i]};
      goods[i].customs_quantity = true;
    }
    return;
  }
  for (auto& [key, pair] : by_key) {
    auto& [customs, same_part] = pair;
    if (customs.empty()) continue;
    for (std::size_t i = 0; i < std::max(customs.size(), same_part.size()); ++i) {
      Good& good = *same_part[std::min(i, same_part.size() - 1)];
      good.customs.push_back(customs[std::min(i, customs.size() - 1)]);
      good.customs_quantity = customs.size() >= same_part.size();
    }
  }
}

void read_goods(Work& work, InvoiceFacts& invoice) {
  std::vector<Good> conceptos;
  for (const sat::Node* concepto : invoice.cfdi->find_all("Conceptos/Concepto")) {
    Good good;
    good.concepto = concepto;
    good.part = attribute_text(concepto, "NoIdentificacion");
    good.importe = decimal_of(*concepto, "Importe");
    conceptos.push_back(std::move(good));
  }
  match_customs(invoice, conceptos);
  for (Good& good : conceptos)
    if (!good.customs.empty()) good.fraccion = attribute_text(good.customs.front(), "FraccionArancelaria");
  for (Good& good : conceptos) {
    const std::string_view kind = service_kind(invoice, good);
    if (kind == kPacking) {
      invoice.packing.push_back(good.concepto);
    } else if (!kind.empty()) {
      invoice.deductions.push_back({kind, Decimal(), good.concepto, good.part});
    } else {
      if (work.context.catalog && !good.part.empty())
        good.catalog = work.context.catalog->find(good.part, attribute_text(child_at(invoice.cfdi, "Emisor"), "Rfc"));
      invoice.goods.push_back(std::move(good));
    }
  }
}

// The importer of record by the buyer's tax id; the entry is held without it (EM019).
struct ImporterKey {
  std::string key;  // what makes two invoices one entry
  const ProfileSection* section = nullptr;
  std::size_t matches = 0;
};

ImporterKey importer_of(const Work& work, const InvoiceFacts& invoice) {
  const sat::Node* receptor = child_at(invoice.cfdi, "Receptor");
  const std::string tax_id = digits(attribute_text(receptor, "NumRegIdTrib"));
  ImporterKey out;
  if (!tax_id.empty()) out.section = work.profiles().importer_by_tax_id(tax_id, &out.matches);
  if (out.matches > 1) out.section = nullptr;
  out.key = out.section != nullptr ? out.section->name : "?" + tax_id + '/' + attribute_text(receptor, "Nombre");
  return out;
}

void group_by_importer(Work& work) {
  std::map<std::string, int> entry_of;
  for (std::size_t i = 0; i < work.invoices.size(); ++i) {
    InvoiceFacts& invoice = work.invoices[i];
    const ImporterKey importer = importer_of(work, invoice);
    const auto [found, is_new] = entry_of.try_emplace(importer.key, static_cast<int>(work.entries.size()));
    invoice.entry = found->second;
    if (is_new) {
      EntryFacts entry;
      entry.index = found->second;
      entry.importer = importer.section;
      work.entries.push_back(std::move(entry));
      const sat::Node* receptor = child_at(invoice.cfdi, "Receptor");
      const std::string tax_id = attribute_text(receptor, "NumRegIdTrib");
      const auto place = receptor == nullptr ? SourcePlace() : receptor->place("NumRegIdTrib");
      if (importer.matches > 1) {
        work.findings.add(Scope::of_entry(invoice.entry), "IOR_AMBIGUOUS", {{"taxid", tax_id}}, {}, place);
      } else if (importer.section == nullptr) {
        work.findings.add(Scope::of_entry(invoice.entry), "IOR_UNKNOWN",
                          {{"name", attribute_text(receptor, "Nombre")}, {"taxid", tax_id}}, {}, place);
      }
    }
    work.entries[static_cast<std::size_t>(invoice.entry)].invoices.push_back(i);
  }
  if (work.entries.size() > 1)
    work.findings.add(Scope::of_manifest(), "ENTRY_SPLIT_BY_IMPORTER", {{"n", std::to_string(work.entries.size())}});
}

bool is_split(const Good& good) {
  if (good.catalog == nullptr || !good.usmca) return false;
  const auto program = good.catalog->text("s232.program").value_or("");
  return (program == "mhdv" || program == "vehicles") && good.catalog->decimal("mhdv.us_content_pct") &&
         good.catalog->text("mhdv.commerce_approval");
}

void number_lines(Work& work) {
  for (EntryFacts& entry : work.entries) {
    for (const std::size_t i : entry.invoices)
      for (Good& good : work.invoices[i].goods) {
        decide_usmca(work, entry, work.invoices[i], good);
        if (is_split(good)) {
          good.lines.push_back({++entry.lines, "non_us", 0, 0});
          good.lines.push_back({++entry.lines, "us", 0, 0});
        } else {
          good.lines.push_back({++entry.lines, "", 0, 0});
        }
      }
    if (entry.lines > kMaxLines)
      work.findings.add(Scope::of_entry(entry.index), "LINE_COUNT_EXCEEDED", {{"max", std::to_string(kMaxLines)}});
    if (entry.lines == 0)
      for (const std::size_t i : entry.invoices)
        work.findings.add(Scope::of_invoice(entry.index, work.invoices[i].number), "VALUE_ZERO", {{"n", "0"}});
  }
}

// ---- Goods of the Carta Porte ---------------------------------------------------------------------------------------

bool same_value(const std::optional<Decimal>& value, const Good& good) {
  return value && good.importe && within_one_percent(*value, *good.importe);
}

// Shares one Mercancia among several goods by their value in the invoice.
void share_load(const sat::Node& mercancia, const std::vector<Good*>& goods) {
  const Decimal kg = decimal_of(mercancia, "PesoEnKg").value_or(Decimal());
  Decimal total;
  for (const Good* good : goods) total += good->importe.value_or(Decimal());
  Decimal left = kg;
  for (std::size_t i = 0; i < goods.size(); ++i) {
    const bool last = i + 1 == goods.size();
    Decimal part = left;
    if (!last) {
      const Decimal importe = goods[i]->importe.value_or(Decimal());
      part = total.is_zero() ? kg.divide(Decimal(static_cast<std::int64_t>(goods.size())), 6)
                             : (kg * importe).divide(total, 6);
    }
    goods[i]->loads.push_back({&mercancia, part});
    left -= part;
  }
}

// The goods of one invoice and the Mercancias that are its own: by fraccion, among equals by value and then by order.
void load_invoice(Work& work, InvoiceFacts& invoice, const std::vector<const sat::Node*>& mercancias) {
  std::map<std::string, std::vector<Good*>> by_fraccion;
  for (Good& good : invoice.goods) by_fraccion[good.fraccion].push_back(&good);
  std::map<std::string, std::vector<const sat::Node*>> grouped;
  std::vector<const sat::Node*> strangers;
  for (const sat::Node* mercancia : mercancias) {
    const std::string fraccion = attribute_text(mercancia, "FraccionArancelaria");
    if (by_fraccion.contains(fraccion)) {
      grouped[fraccion].push_back(mercancia);
    } else {
      strangers.push_back(mercancia);
    }
  }
  for (auto& [fraccion, nodes] : grouped) {
    std::vector<Good*>& goods = by_fraccion[fraccion];
    if (nodes.size() < goods.size() && nodes.size() == 1) {
      share_load(*nodes.front(), goods);
      continue;
    }
    std::vector<const sat::Node*> rest;
    for (const sat::Node* node : nodes) {
      const auto value = decimal_of(*node, "ValorMercancia");
      const auto exact = std::find_if(goods.begin(), goods.end(), [&](const Good* good) {
        return good->loads.empty() && same_value(value, *good);
      });
      if (exact == goods.end()) {
        rest.push_back(node);
      } else {
        (*exact)->loads.push_back({node, decimal_of(*node, "PesoEnKg").value_or(Decimal())});
      }
    }
    for (const sat::Node* node : rest) {
      const auto empty = std::find_if(goods.begin(), goods.end(), [](const Good* good) { return good->loads.empty(); });
      Good& good = empty == goods.end() ? *goods.back() : **empty;
      good.loads.push_back({node, decimal_of(*node, "PesoEnKg").value_or(Decimal())});
    }
  }
  // A fraccion that the invoice does not have: the documents disagree, weight and packages still belong to somebody.
  std::vector<Good*> unloaded;
  for (Good& good : invoice.goods)
    if (good.loads.empty()) unloaded.push_back(&good);
  for (std::size_t i = 0; i < strangers.size() && !unloaded.empty(); ++i) {
    Good& good = *unloaded[std::min(i, unloaded.size() - 1)];
    work.say(invoice, good, "FRACCION_CP_DIFFERS",
             {{"a", attribute_text(strangers[i], "FraccionArancelaria")}, {"b", good.fraccion}});
    if (strangers.size() == 1 && unloaded.size() > 1) {
      share_load(*strangers[i], unloaded);
    } else {
      good.loads.push_back({strangers[i], decimal_of(*strangers[i], "PesoEnKg").value_or(Decimal())});
    }
  }
}

// Which invoice a Mercancia belongs to: UUIDComercioExt where it names one of ours, else the linked invoice with its
// fraccion (and value), else the only linked invoice.
InvoiceFacts* owner_of(const sat::Node& mercancia, const std::vector<InvoiceFacts*>& linked) {
  const std::string uuid = upper(mercancia.attribute_or("UUIDComercioExt"));
  if (!uuid.empty())
    for (InvoiceFacts* invoice : linked)
      if (invoice->uuid == uuid) return invoice;
  // A Carta Porte stamped before the substitution (CfdiRelacionados 04) names the invoice that was substituted.
  if (!uuid.empty())
    for (InvoiceFacts* invoice : linked) {
      const auto replaced = related(*invoice->document->document, "04");
      if (std::find(replaced.begin(), replaced.end(), uuid) != replaced.end()) return invoice;
    }
  std::vector<InvoiceFacts*> open;  // a stamped invoice takes no goods that name another
  for (InvoiceFacts* invoice : linked)
    if (uuid.empty() || invoice->uuid.empty()) open.push_back(invoice);
  const auto fraccion = mercancia.attribute_or("FraccionArancelaria");
  const auto value = decimal_of(mercancia, "ValorMercancia");
  InvoiceFacts* by_fraccion = nullptr;
  for (InvoiceFacts* invoice : open)
    for (const Good& good : invoice->goods) {
      if (good.fraccion != fraccion) continue;
      if (same_value(value, good)) return invoice;
      if (by_fraccion == nullptr) by_fraccion = invoice;
    }
  if (by_fraccion != nullptr) return by_fraccion;
  return open.size() == 1 ? open.front() : nullptr;
}

void load_goods(Work& work) {
  std::map<const ShipmentDocument*, std::vector<InvoiceFacts*>> linked;
  for (InvoiceFacts& invoice : work.invoices) {
    const auto entry = static_cast<std::size_t>(invoice.entry);
    if (work.entries[entry].lines > kMaxLines) continue;
    const Pairing pairing = pair(*invoice.document, work.shipment);
    for (const ShipmentDocument* carta_porte : pairing.cartas_porte) linked[carta_porte].push_back(&invoice);
    // Not linked by anything (LINK_NONE): the only Carta Porte of the shipment is still the one to ask.
    if (pairing.link == Link::none && work.shipment.cartas_porte.size() == 1)
      linked[&work.shipment.cartas_porte.front()].push_back(&invoice);
  }
  std::map<InvoiceFacts*, std::vector<const sat::Node*>> owned;
  for (const ShipmentDocument& carta_porte : work.shipment.cartas_porte)
    for (const sat::Node* mercancia : goods_of(*carta_porte.document))
      if (InvoiceFacts* owner = owner_of(*mercancia, linked[&carta_porte])) owned[owner].push_back(mercancia);
  for (InvoiceFacts& invoice : work.invoices)
    if (const auto found = owned.find(&invoice); found != owned.end()) load_invoice(work, invoice, found->second);
}

// ---- Bills ----------------------------------------------------------------------------------------------------------

constexpr std::size_t kScacLength = 4;
constexpr std::size_t kMaxScn = kScacLength + 12;

std::optional<Traced<std::string>> scn_of(const Work& work, const BillFacts& bill) {
  if (bill.notice_bill) {
    const NoticeBill& noticed = work.notice().bills[*bill.notice_bill];
    const std::string scn = upper(noticed.scn);
    const auto good = [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); };
    if (scn.size() > kScacLength && scn.size() <= kMaxScn && std::all_of(scn.begin(), scn.end(), good))
      return Traced<std::string>{
          scn, from_notice(work.notice(), "/bills/" + std::to_string(*bill.notice_bill) + "/scn", noticed.scn)};
    if (!scn.empty()) return std::nullopt;
  }
  if (!work.context.numbers.scn) return std::nullopt;
  const auto given = work.context.numbers.scn(work.invoices[bill.invoices.front()].uuid);
  if (!given || given->size() <= kScacLength) return std::nullopt;
  return Traced<std::string>{*given, from_ledger(*given)};
}

void gather_bills(Work& work) {
  const bool listed = work.has_notice() && !work.notice().bills.empty();
  std::set<std::size_t> taken;  // one bill holds the invoices of one importer of record
  for (EntryFacts& entry : work.entries) {
    std::map<std::optional<std::size_t>, std::size_t> bill_at;
    std::set<std::size_t> own;
    for (const std::size_t i : entry.invoices) {
      std::optional<std::size_t> notice_bill;
      if (work.has_notice()) notice_bill = bill_of(*work.invoices[i].document->document, work.notice());
      const Scope scope = Scope::of_invoice(entry.index, work.invoices[i].number);
      if (listed && !notice_bill)
        work.findings.add(scope, "INVOICE_NOT_ON_NOTICE", {{"folio", work.invoices[i].number}}, {},
                          work.invoices[i].cfdi->place());
      if (notice_bill && taken.contains(*notice_bill)) {
        work.findings.add(scope, "BILL_OF_TWO_IMPORTERS", {{"scn", work.notice().bills[*notice_bill].scn}});
        notice_bill = std::nullopt;
      }
      if (notice_bill) own.insert(*notice_bill);
      const auto [found, is_new] = bill_at.try_emplace(notice_bill, entry.bills.size());
      if (is_new) {
        BillFacts bill;
        bill.notice_bill = notice_bill;
        entry.bills.push_back(std::move(bill));
      }
      entry.bills[found->second].invoices.push_back(i);
    }
    taken.insert(own.begin(), own.end());
    for (BillFacts& bill : entry.bills) {
      bill.scn = scn_of(work, bill);
      const bool cause_said = listed && !bill.notice_bill;  // not on the notice, or on another importer's bill
      if (!bill.scn && !cause_said) work.findings.add(Scope::of_entry(entry.index), "SCN_MISSING");
    }
  }
}

void count_bill(Work& work, const EntryFacts& entry, BillFacts& bill) {
  std::vector<PackageFacts> goods;
  std::set<const sat::Node*> counted;  // a Mercancia shared by several lines is counted once
  for (const std::size_t i : bill.invoices)
    for (const Good& good : work.invoices[i].goods)
      for (const Load& load : good.loads) {
        if (!counted.insert(load.mercancia).second) continue;
        PackageFacts facts;
        facts.cantidad = decimal_of(*load.mercancia, "Cantidad");
        facts.clave_unidad = attribute_text(load.mercancia, "ClaveUnidad");
        if (good.catalog != nullptr) {
          facts.packages_per_pallet = good.catalog->decimal("packages_per_pallet");
          facts.package_unit = good.catalog->text("package_unit").value_or("");
        }
        goods.push_back(std::move(facts));
      }
  std::vector<NoticePackages> noticed;
  if (bill.notice_bill) noticed = work.notice().bills[*bill.notice_bill].packages;
  PackageOutcome outcome = count_packages(goods, noticed);
  bill.packages = std::move(outcome.packages);
  const Scope scope = bill.scn ? Scope::of_bill(entry.index, bill.scn->value) : Scope::of_entry(entry.index);
  work.findings.add(scope, outcome.findings);
}

}  // namespace

void gather(Work& work) {
  for (const ShipmentDocument& document : work.shipment.invoices) {
    InvoiceFacts invoice;
    invoice.document = &document;
    invoice.cfdi = &document.document->comprobante();
    invoice.cce = document.document->comercio_exterior();
    if (invoice.cce == nullptr) continue;  // join() sorts only documents with the complement here
    invoice.number = document.document->serie_folio();
    invoice.uuid = document.document->folio_fiscal();
    invoice.currency = attribute_text(invoice.cfdi, "Moneda");
    invoice.supplier = work.profiles().supplier_by_rfc(attribute_text(child_at(invoice.cfdi, "Emisor"), "Rfc"));
    read_goods(work, invoice);
    work.invoices.push_back(std::move(invoice));
  }
  group_by_importer(work);
  number_lines(work);
  for (EntryFacts& entry : work.entries)
    for (const std::size_t i : entry.invoices)
      for (const Good& good : work.invoices[i].goods) say_usmca(work, entry, work.invoices[i], good);
  try {
    load_goods(work);
  } catch (const std::overflow_error&) {
    for (const EntryFacts& entry : work.entries)
      work.findings.add(Scope::of_entry(entry.index), "DRAFT_VALUE_OUT_OF_RANGE");
  }
  gather_bills(work);
  for (EntryFacts& entry : work.entries)
    for (BillFacts& bill : entry.bills) {
      try {
        count_bill(work, entry, bill);
      } catch (const std::overflow_error&) {
        work.findings.add(Scope::of_entry(entry.index), "DRAFT_VALUE_OUT_OF_RANGE");
      }
    }
}

}  // namespace puente::crosswalk::drafting
