// The crossing notice against what it is about: keys that every notice has (golden README, crossing notice), and its
// waybills, bills and invoices against the documents of the shipment.
#include <algorithm>
#include <map>

#include "mappings/crosswalk/draft_parts.h"

namespace puente::crosswalk::drafting {
namespace {

// What a notice must say and no other finding asks for: the port, the carrier, the crossing time, the crew and the
// control number have theirs (PORT_MISSING, CARRIER_UNKNOWN, ETA_MISSING, MANIFEST_CREW_INCOMPLETE, SCN_MISSING).
struct RequiredKey {
  std::string_view pointer;
  bool (*given)(const Notice&);
};
constexpr RequiredKey kRequired[] = {
    {"/notice_id", [](const Notice& n) { return !n.notice_id.empty(); }},
    {"/sent_at", [](const Notice& n) { return n.sent_at.has_value(); }},
    {"/trip_number", [](const Notice& n) { return !n.trip_number.empty(); }},
    {"/carta_porte", [](const Notice& n) { return !n.carta_porte.empty(); }},
    {"/conveyance/type", [](const Notice& n) { return !n.conveyance.type.empty(); }},
    {"/conveyance/plate", [](const Notice& n) { return !n.conveyance.plate.empty(); }},
};

SourcePlace place_of(const Notice& notice, std::string pointer) {
  SourcePlace place;
  place.set_document(notice.name);
  place.set_path(std::move(pointer));
  return place;
}

// Whether the key, or a part of it, was there and refused when the notice was read (NOTICE_KEY_INVALID): then it is
// not missing.
bool refused(const Notice& notice, std::string_view pointer) {
  return std::any_of(notice.refused.begin(), notice.refused.end(), [&](std::string_view one) {
    const auto [outer, inner] = one.size() < pointer.size() ? std::pair(one, pointer) : std::pair(pointer, one);
    return inner == outer || (inner.starts_with(outer) && inner[outer.size()] == '/');
  });
}

void check_keys(Work& work) {
  for (const RequiredKey& key : kRequired) {
    if (key.given(work.notice()) || refused(work.notice(), key.pointer)) continue;
    work.findings.add(Scope::of_manifest(), "NOTICE_KEY_MISSING", {{"key", std::string(key.pointer)}}, {},
                      place_of(work.notice(), std::string(key.pointer)));
  }
}

void check_waybills(Work& work) {
  const std::vector<std::string>& noticed = work.notice().carta_porte;
  if (noticed.empty() || work.shipment.cartas_porte.empty()) return;  // said by NOTICE_KEY_MISSING, MISSING_CARTA_PORTE
  std::vector<std::string> given;
  for (const ShipmentDocument& one : work.shipment.cartas_porte) {
    const sat::Node& carta_porte = *one.document->carta_porte();
    given.push_back(upper(carta_porte.attribute_or("IdCCP")));
    const bool named =
        std::any_of(noticed.begin(), noticed.end(), [&](const auto& id) { return upper(id) == given.back(); });
    if (named) continue;
    const std::string uuid = one.document->folio_fiscal();
    work.findings.add(Scope::of_document(uuid.empty() ? one.document->serie_folio() : uuid),
                      "CARTA_PORTE_NOT_ON_NOTICE", {{"id", attribute_text(&carta_porte, "IdCCP")}}, {},
                      carta_porte.place("IdCCP"));
  }
  for (std::size_t i = 0; i < noticed.size(); ++i)
    if (std::find(given.begin(), given.end(), upper(noticed[i])) == given.end())
      work.findings.add(Scope::of_manifest(), "NOTICE_CARTA_PORTE_UNKNOWN", {{"id", noticed[i]}}, {},
                        place_of(work.notice(), "/carta_porte/" + std::to_string(i)));
}

// What is wrong with a bill of the notice is said of every entry that stands on it, or of the bill alone.
void say_of_bill(Work& work, std::size_t at, std::string_view code,
                 const std::vector<std::pair<std::string, std::string>>& params, const std::string& key) {
  const NoticeBill& bill = work.notice().bills[at];
  const std::string pointer = "/bills/" + std::to_string(at);
  const std::string name = bill.scn.empty() ? pointer : bill.scn;
  bool on_entry = false;
  for (const EntryFacts& entry : work.entries)
    for (const BillFacts& facts : entry.bills) {
      if (facts.notice_bill != at) continue;
      on_entry = true;
      work.findings.add(Scope::of_bill(entry.index, name), code, params, {}, place_of(work.notice(), pointer + key));
    }
  if (!on_entry)
    work.findings.add(Scope::of_bill(-1, name), code, params, {}, place_of(work.notice(), pointer + key));
}

void check_bills(Work& work) {
  const std::vector<NoticeBill>& bills = work.notice().bills;
  std::map<std::string, int> listed;
  for (const NoticeBill& bill : bills)
    if (!bill.scn.empty()) ++listed[bill.scn];
  const std::string& carrier = work.notice().carrier_scac;
  for (std::size_t i = 0; i < bills.size(); ++i) {
    const NoticeBill& bill = bills[i];
    if (!bill.scn.empty() && listed[bill.scn] > 1) say_of_bill(work, i, "SCN_TWICE", {{"scn", bill.scn}}, "/scn");
    if (!bill.scn.empty() && !carrier.empty() && !bill.scn.starts_with(carrier))
      say_of_bill(work, i, "SCN_OTHER_CARRIER", {{"scn", bill.scn}, {"scac", carrier}}, "/scn");
    const std::string key = "/bills/" + std::to_string(i) + "/invoices";
    if (bill.invoices.empty() && !refused(work.notice(), key))
      say_of_bill(work, i, "BILL_WITHOUT_INVOICES", {{"scn", bill.scn}}, "/invoices");
    for (std::size_t k = 0; k < bill.invoices.size(); ++k) {
      const std::string uuid = upper(bill.invoices[k]);
      const bool given = std::any_of(work.invoices.begin(), work.invoices.end(),
                                     [&](const InvoiceFacts& invoice) { return invoice.uuid == uuid; });
      // An invoice that is not stamped yet may be the one meant: a single bill takes it (bill_of).
      const bool unstamped = std::any_of(work.invoices.begin(), work.invoices.end(),
                                         [](const InvoiceFacts& invoice) { return invoice.uuid.empty(); });
      if (!given && !unstamped && !work.invoices.empty())
        say_of_bill(work, i, "NOTICE_INVOICE_UNKNOWN", {{"uuid", uuid}}, "/invoices/" + std::to_string(k));
    }
  }
}

}  // namespace

void check_notice(Work& work) {
  if (!work.has_notice()) return;
  check_keys(work);
  check_waybills(work);
  check_bills(work);
}

}  // namespace puente::crosswalk::drafting
