// What the documents of a shipment say against each other and about themselves that matters at the border (EM150 to
// EM164), and whether they may be filed from: what is not sealed, stamped or accepted is drafted and held.
#include "mappings/crosswalk/draft_parts.h"

namespace puente::crosswalk::drafting {
namespace {

constexpr std::size_t kIdCcpLength = 36;  // CCC and 33 characters
constexpr std::string_view kYes = "Sí";

std::string id_of(const ShipmentDocument& one) {
  const std::string uuid = one.document->folio_fiscal();
  return uuid.empty() ? one.document->serie_folio() : uuid;
}

void say(Work& work, const ShipmentDocument& one, std::string_view code,
         std::vector<std::pair<std::string, std::string>> params, const SourcePlace& place) {
  work.findings.add(Scope::of_document(id_of(one)), code, std::move(params), {}, place);
}

void check_filing(Work& work, const ShipmentDocument& one, const Scope& scope, bool invoice) {
  const sat::Node& cfdi = one.document->comprobante();
  const std::string folio = one.document->serie_folio();
  const auto lacks = [](sat::Stage stage) { return stage == sat::Stage::absent || stage == sat::Stage::fail; };
  const bool unstamped = one.document->folio_fiscal().empty();
  if (invoice && unstamped) {
    work.findings.add(scope, "UUID_MISSING", {}, {}, cfdi.place());
  } else if (unstamped || lacks(one.stages.stamp)) {
    work.findings.add(scope, "FILING_NEEDS_STAMP", {{"folio", folio}}, {}, cfdi.place());
  }
  if (lacks(one.stages.seal))
    work.findings.add(scope, "FILING_NEEDS_SEAL", {{"folio", folio}}, {}, cfdi.place("Sello"));
  if (!one.accepted) work.findings.add(scope, "FILING_DOCUMENT_REJECTED", {{"folio", folio}}, {}, cfdi.place());
}

void check_direction(Work& work, const ShipmentDocument& one) {
  const sat::Node& cp = *one.document->carta_porte();
  const bool export_to_us = cp.attribute_or("TranspInternac") == kYes &&
                            cp.attribute_or("EntradaSalidaMerc") == "Salida" &&
                            cp.attribute_or("PaisOrigenDestino") == "USA";
  if (!export_to_us) say(work, one, "CP_DIRECTION", {}, cp.place("EntradaSalidaMerc"));
  const auto id = cp.attribute_or("IdCCP");
  if (id.size() != kIdCcpLength || !id.starts_with("CCC")) say(work, one, "IDCCP_INVALID", {}, cp.place("IdCCP"));
  for (const sat::Node* regimen : cp.find_all("RegimenesAduaneros/RegimenAduaneroCCP")) {
    const auto code = regimen->attribute_or("RegimenAduanero");
    if (code == "TRA") say(work, one, "TRANSIT_GOODS", {}, regimen->place("RegimenAduanero"));
    if (code == "ETR" || code == "ETE")
      say(work, one, "CUSTOMS_VALUE_NO_SALE", {{"m", std::string(code)}}, regimen->place("RegimenAduanero"));
  }
  const sat::Node* goods = cp.child("Mercancias");
  if (goods != nullptr && goods->attribute_or("LogisticaInversaRecoleccionDevolucion") == kYes)
    say(work, one, "RETURN_GOODS", {}, goods->place("LogisticaInversaRecoleccionDevolucion"));
}

void check_sums(Work& work, const ShipmentDocument& one) {
  const sat::Node& cp = *one.document->carta_porte();
  const sat::Node* head = cp.child("Mercancias");
  if (head == nullptr) return;
  const auto goods = goods_of(*one.document);
  const auto count = decimal_of(*head, "NumTotalMercancias");
  if (count && *count != static_cast<std::int64_t>(goods.size()))
    say(work, one, "CP_COUNT_MISMATCH", {{"n", count->to_string()}, {"m", std::to_string(goods.size())}},
        head->place("NumTotalMercancias"));

  Decimal kg;
  for (const sat::Node* good : goods) kg += decimal_of(*good, "PesoEnKg").value_or(Decimal());
  const auto total = decimal_of(*head, "PesoBrutoTotal");
  const auto unit = head->attribute_or("UnidadPeso");
  if (total && (unit == "KGM" || unit == "TNE")) {
    const Decimal in_kg = unit == "TNE" ? *total * 1000 : *total;
    const Decimal difference = in_kg < kg ? kg - in_kg : in_kg - kg;
    if (difference * 200 > kg)  // 0.5%
      say(work, one, "CP_WEIGHT_TOTAL_MISMATCH", {{"total", total->to_string()}, {"sum", kg.to_string()}},
          head->place("PesoBrutoTotal"));
  }

  Decimal legs;
  for (const sat::Node* ubicacion : cp.find_all("Ubicaciones/Ubicacion"))
    legs += decimal_of(*ubicacion, "DistanciaRecorrida").value_or(Decimal());
  const auto distance = decimal_of(cp, "TotalDistRec");
  if (distance && *distance != legs) say(work, one, "CP_DISTANCE_MISMATCH", {}, cp.place("TotalDistRec"));

  for (const sat::Node* good : goods) {
    const auto split = good->children("CantidadTransporta");
    if (split.empty()) continue;
    Decimal sum;
    for (const sat::Node* part : split) sum += decimal_of(*part, "Cantidad").value_or(Decimal());
    if (const auto quantity = decimal_of(*good, "Cantidad"); quantity && *quantity != sum)
      say(work, one, "CP_QTY_SPLIT_MISMATCH", {}, good->place("Cantidad"));
  }
}

void check_values(Work& work) {
  for (const InvoiceFacts& invoice : work.invoices)
    for (const Good& good : invoice.goods)
      for (const Load& load : good.loads) {
        const auto value = decimal_of(*load.mercancia, "ValorMercancia");
        if (!value) {
          work.say(invoice, good, "CP_VALUE_MISSING");
          continue;
        }
        const auto importe = decimal_of(*good.concepto, "Importe");
        const bool comparable = good.loads.size() == 1 && load.mercancia->attribute_or("Moneda") == invoice.currency;
        if (comparable && importe && load.kg == decimal_of(*load.mercancia, "PesoEnKg").value_or(Decimal()) &&
            !within_one_percent(*value, *importe))
          work.say(invoice, good, "CP_VALUE_DIFFERS");
      }
}

void check_total_usd(Work& work, const InvoiceFacts& invoice) {
  const auto total = decimal_of(*invoice.cce, "TotalUSD");
  if (!total) return;
  Decimal sum;
  std::int64_t lines = 0;
  for (const sat::Node* good : invoice.cce->find_all("Mercancias/Mercancia")) {
    sum += decimal_of(*good, "ValorDolares").value_or(Decimal());
    ++lines;
  }
  const Decimal difference = *total < sum ? sum - *total : *total - sum;
  if (difference * 100 > lines)
    work.findings.add(Scope::of_invoice(invoice.entry, invoice.number), "CCE_TOTAL_MISMATCH",
                      {{"total", total->to_fixed(2)}, {"sum", sum.to_fixed(2)}}, {}, invoice.cce->place("TotalUSD"));
}

}  // namespace

void check_documents(Work& work) {
  for (const InvoiceFacts& invoice : work.invoices)
    check_filing(work, *invoice.document, Scope::of_invoice(invoice.entry, invoice.number), true);
  for (const ShipmentDocument& one : work.shipment.cartas_porte) {
    if (one.document->comercio_exterior() == nullptr) check_filing(work, one, Scope::of_document(id_of(one)), false);
    check_direction(work, one);
  }
  try {
    for (const InvoiceFacts& invoice : work.invoices) check_total_usd(work, invoice);
    for (const ShipmentDocument& one : work.shipment.cartas_porte) check_sums(work, one);
    check_values(work);
  } catch (const std::overflow_error&) {
    for (const EntryFacts& entry : work.entries)
      work.findings.add(Scope::of_entry(entry.index), "DRAFT_VALUE_OUT_OF_RANGE");
  }
}

}  // namespace puente::crosswalk::drafting
