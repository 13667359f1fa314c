#include "mappings/crosswalk/draft.h"

#include <algorithm>
#include <set>

#include "mappings/catalogs/catalogs.h"
#include "mappings/cbp/catair/text.h"
#include "mappings/crosswalk/draft_parts.h"

namespace puente::crosswalk {
namespace drafting {

Work::Work(const Shipment& the_shipment, const DraftContext& the_context, v1::Draft& the_draft)
    : shipment(the_shipment), context(the_context), draft(the_draft) {}

void Work::say(const InvoiceFacts& invoice, const Good& good, std::string_view code,
               std::vector<std::pair<std::string, std::string>> params, std::string detail) {
  for (const LineFacts& line : good.lines)
    findings.add(Scope::of_line(invoice.entry, line.number, invoice.number), code, params, detail,
                 good.concepto->place());
}

void Work::say(const InvoiceFacts& invoice, const Good& good, const Findings& more) {
  for (const LineFacts& line : good.lines)
    findings.add(Scope::of_line(invoice.entry, line.number, invoice.number), more, good.concepto->place());
}

void Work::profile_incomplete(const EntryFacts& entry, std::string key) {
  findings.add(Scope::of_entry(entry.index), "PROFILE_INCOMPLETE", {{"key", std::move(key)}});
}

std::optional<Traced<std::string>> profile_text(const ProfileSection* section, std::string_view key) {
  if (section == nullptr) return std::nullopt;
  const auto text = section->text(key);
  if (!text) return std::nullopt;
  return Traced<std::string>{std::string(*text), from_profile(*section, key)};
}

void say_lost(Work& work, const Scope& scope, std::string_view written, const SourcePlace& place) {
  const cbp::CbpText sent = cbp::to_cbp_text(written);
  if (!sent.lost) return;
  work.findings.add(scope, "TEXT_CHARACTERS_LOST", {{"text", sent.text}},
                    std::string(written) + " -> " + (sent.text.empty() ? "(nothing)" : sent.text), place);
}

std::string_view importer_id_qualifier(std::string_view number) {
  std::string shape;
  for (const char c : number) shape += c >= '0' && c <= '9' ? 'N' : c == '-' ? '-' : c >= 'A' && c <= 'Z' ? 'A' : '?';
  if (shape.size() == 12 && shape.starts_with("NN-NNNNNNN") && shape.find_first_of("?-", 10) == std::string::npos)
    return "EI";
  if (shape == "NNNNNN-NNNNN") return "ANI";
  if (shape == "NNN-NN-NNNN") return "34";
  return "";
}

std::string attribute_text(const sat::Node* node, std::string_view attribute) {
  return node == nullptr ? std::string() : std::string(node->attribute_or(attribute));
}

const sat::Node* child_at(const sat::Node* node, std::string_view path) {
  return node == nullptr ? nullptr : node->find(path);
}

namespace {

// The crossing time on the clocks of the port, whatever offset it was written with: dates of the entry are local dates
// (golden README, eta). Without an offset, or at a port whose zone is not known, it stays as written.
void localize(const Work& work, Traced<LocalTime>& eta) {
  const catalogs::Port* port = work.port ? catalogs::port(work.port->value) : nullptr;
  const auto utc = eta.value.utc();
  if (port == nullptr || port->zone == nullptr || !utc) return;
  eta.value = catalogs::local_time(*port->zone, *utc);
  eta.sources += from_table("ports", port->code, port->zone->name);
}

// What holds for the whole truck: port, carrier, crossing time, date of entry.
void resolve_crossing(Work& work) {
  const Profiles& profiles = work.profiles();
  const bool noticed = work.has_notice();
  work.routing = profiles.routing_by_port(noticed ? work.notice().port_of_arrival : "");
  if (noticed) {
    // A notice that names no port is asked for it (PORT_MISSING): where the truck crosses is not guessed from a profile.
    if (!work.notice().port_of_arrival.empty())
      work.port = Traced<std::string>{work.notice().port_of_arrival,
                                      from_notice(work.notice(), "/port_of_arrival", work.notice().port_of_arrival)};
  } else {
    work.port = profile_text(work.routing, "port_of_entry");
  }

  if (noticed) {
    if (work.notice().eta)
      work.eta =
          Traced<LocalTime>{*work.notice().eta, from_notice(work.notice(), "/eta", work.notice().eta->to_string())};
  } else if (const auto crossing = profile_text(work.routing, "crossing_eta")) {
    if (const auto time = parse_local_time(crossing->value)) work.eta = Traced<LocalTime>{*time, crossing->sources};
  }
  if (work.eta) localize(work, *work.eta);
  if (work.context.entry_date) {
    work.entry_date = Traced<Date>{*work.context.entry_date, argument("date", to_string(*work.context.entry_date))};
  } else if (work.eta) {
    work.entry_date = Traced<Date>{work.eta->value.date, work.eta->sources};
  }

  if (noticed) {
    // Nor is the carrier at the bridge: the Carta Porte may be another's (CARRIER_UNKNOWN).
    if (work.notice().carrier_scac.empty()) return;
    work.carrier = profiles.carrier_by_scac(work.notice().carrier_scac);
    if (work.carrier != nullptr)
      work.scac = Traced<std::string>{work.notice().carrier_scac,
                                      from_notice(work.notice(), "/carrier_scac", work.notice().carrier_scac)};
    return;
  }
  for (const ShipmentDocument& one : work.shipment.cartas_porte) {
    const sat::Node& cfdi = one.document->comprobante();
    if (cfdi.attribute_or("TipoDeComprobante") != "I") continue;  // own transport: the Emisor owns the goods
    work.carrier = profiles.carrier_by_rfc(attribute_text(cfdi.child("Emisor"), "Rfc"));
    work.scac = profile_text(work.carrier, "scac");
    if (work.scac) work.scac->sources += from_document(*cfdi.child("Emisor"), "Rfc");
    return;
  }
}

std::int64_t estimate(const Work& work, const EntryFacts& entry) {
  Decimal total;
  for (const std::size_t i : entry.invoices)
    for (const Good& good : work.invoices[i].goods)
      for (const LineFacts& line : good.lines) total += line.value_usd;
  try {
    return total.to_int64();
  } catch (const std::overflow_error&) {
    return 0;
  }
}

// A held entry says what it is about and why it waits, nothing that could be taken for a filing (golden README,
// entries).
void draft_held(Work& work, const EntryFacts& entry, const std::string& reason) {
  v1::Entry& message = *work.draft.mutable_entries(entry.index);
  const std::string path = "entries[" + std::to_string(entry.index) + "]";
  work.recorder.forget(path + ".");
  message.Clear();
  Element<v1::Entry> element(message, path, work.recorder);
  const Source why = derived_from("findings", reason);
  element.set("status", "EM201", "held", why);
  element.set("reason", "EM202", reason, why);
  if (const auto number = profile_text(entry.importer, "ior_number"))
    element.set("importer_of_record", "EM019", *number);
  for (const std::size_t i : entry.invoices) {
    const InvoiceFacts& invoice = work.invoices[i];
    auto out = element.in<v1::Invoice>("invoices");
    out.set("number", "EM055", invoice.number,
            Sources(from_document(*invoice.cfdi, "Serie")) + from_document(*invoice.cfdi, "Folio"));
    if (!invoice.uuid.empty())
      out.set("uuid", "EM001", invoice.uuid, from_document(*invoice.document->document->timbre(), "UUID"));
  }
  draft_bills(work, entry, element);
  std::optional<Sources> values;
  for (const std::size_t i : entry.invoices)
    for (const Good& good : work.invoices[i].goods)
      if (good.value_sources) collect(values, *good.value_sources);
  if (values) element.set("entered_value_usd_estimate", "EM203", estimate(work, entry), *values);
}

void draft_entry(Work& work, EntryFacts& entry) {
  if (entry.lines > kMaxLines) return;  // held by LINE_COUNT_EXCEEDED; its lines are not worth their memory
  v1::Entry& message = *work.draft.mutable_entries(entry.index);
  Element<v1::Entry> element(message, "entries[" + std::to_string(entry.index) + "]", work.recorder);
  try {
    draft_header(work, entry, element);
    draft_bills(work, entry, element);
    draft_parties(work, entry, element);
    draft_lines(work, entry, element);
    draft_totals(work, entry, element);
    if (!work.findings.blocking_code(entry.index)) draft_entry_number(work, entry, element);
  } catch (const std::overflow_error&) {
    work.findings.add(Scope::of_entry(entry.index), "DRAFT_VALUE_OUT_OF_RANGE");
  }
}

void draft_all(Work& work) {
  resolve_crossing(work);
  gather(work);
  value_goods(work);
  check_documents(work);
  check_notice(work);
  for (std::size_t i = 0; i < work.entries.size(); ++i) work.draft.add_entries();
  for (EntryFacts& entry : work.entries) draft_entry(work, entry);
  try {
    draft_manifest(work);
  } catch (const std::overflow_error&) {
    work.findings.add(Scope::of_manifest(), "DRAFT_VALUE_OUT_OF_RANGE");
  }

  std::set<int> held;
  for (const EntryFacts& entry : work.entries) {
    const auto reason = work.findings.blocking_code(entry.index);
    if (reason) {
      draft_held(work, entry, *reason);
      held.insert(entry.index);
      continue;
    }
    Element<v1::Entry> element(*work.draft.mutable_entries(entry.index), "entries[" + std::to_string(entry.index) + "]",
                               work.recorder);
    element.set("status", "EM201", "ready", derived_from("findings"));
  }
  const auto entries = work.entries.size();
  if (!held.empty() && held.size() < entries)
    work.findings.add(Scope::of_manifest(), "TRUCK_PARTIAL_READY",
                      {{"r", std::to_string(entries - held.size())}, {"n", std::to_string(entries)}});
  apply_corrections(work);

  Findings all = work.shipment.findings;
  all.append(work.findings.resolve(held, static_cast<int>(entries)));
  for (Finding& finding : all.list()) *work.draft.add_findings() = std::move(finding);
  work.recorder.write(work.draft);
}

// What keeps a ready entry from its filer: holds that only the sender can clear (the filer clears the others), and a
// number given wrong.
constexpr std::string_view kNotFiled[] = {
    "ENTRY_NUMBER_FORMAT",    "ENTRY_NUMBER_CHECK_DIGIT",
    "UUID_MISSING",           "FILING_NEEDS_SEAL",   "FILING_NEEDS_STAMP", "FILING_DOCUMENT_REJECTED",
    "MISSING_EXPORT_INVOICE", "MISSING_CARTA_PORTE", "MISSING_NOTICE"};

// Whether a finding at this place speaks of the entry. What speaks of a document or of the shipment speaks of every
// entry.
bool concerns(const std::string& where, const v1::Draft& draft, int index) {
  const std::string own = "entry " + std::to_string(index + 1);
  if (where.starts_with("entry ")) return where == own || where.starts_with(own + ' ');
  const v1::Entry& entry = draft.entries(index);
  if (where.starts_with("invoice ")) {
    return std::any_of(entry.invoices().begin(), entry.invoices().end(),
                       [&](const v1::Invoice& invoice) { return where == "invoice " + invoice.number(); });
  }
  if (where.starts_with("bill "))
    return std::any_of(entry.bills().begin(), entry.bills().end(),
                       [&](const v1::Bill& bill) { return where == "bill " + bill.scn(); });
  if (where.starts_with("manifest.")) return false;
  return true;
}

}  // namespace
}  // namespace drafting

v1::Draft draft(const Shipment& shipment, const DraftContext& context) {
  v1::Draft out;
  out.set_schema("puente.entry/1");
  drafting::Work work(shipment, context, out);
  drafting::draft_all(work);
  return out;
}

bool fileable(const v1::Draft& draft, int entry_index) {
  if (entry_index < 0 || entry_index >= draft.entries_size()) return false;
  if (draft.entries(entry_index).status() != "ready") return false;
  return std::none_of(draft.findings().begin(), draft.findings().end(), [&](const Finding& finding) {
    const bool prevents = std::find(std::begin(drafting::kNotFiled), std::end(drafting::kNotFiled), finding.code()) !=
                          std::end(drafting::kNotFiled);
    return prevents && drafting::concerns(finding.where(), draft, entry_index);
  });
}

}  // namespace puente::crosswalk
