// The USMCA claim of a line (mapping section 11; checks section 1): what the catalog's certification record must hold,
// and what the invoice's CertificadoOrigen does and does not say.
#include <algorithm>
#include <chrono>

#include "mappings/crosswalk/address.h"
#include "mappings/crosswalk/draft_parts.h"

namespace puente::crosswalk::drafting {
namespace {

// The nine data elements of Annex 5-A, by the catalog columns that hold them.
struct CertificateElement {
  std::string_view number, what, column;
};
constexpr CertificateElement kElements[] = {
    {"1", "certifier role", "usmca.certifier"},  {"2", "certifier", "usmca.certifier_name"},
    {"3", "exporter", "usmca.exporter"},         {"4", "producer", "usmca.producer"},
    {"5", "importer", "usmca.importer"},         {"6", "HS-6", "usmca.hts6"},
    {"7", "criterion", "usmca.criterion"},       {"8", "blanket period", "usmca.blanket_from"},
    {"8", "blanket period", "usmca.blanket_to"}, {"9", "signature date", "usmca.signed_on"},
};

struct Remark {
  std::string_view code;
  std::vector<std::pair<std::string, std::string>> params;
};

struct Verdict {
  bool claimed = false;
  std::vector<Remark> remarks;
};

bool of_a_party(std::string_view origin) { return origin == "MX" || origin == "CA" || origin == "US"; }

bool names_the_issuer(const InvoiceFacts& invoice, const CatalogRow& row) {
  const sat::Node* emisor = child_at(invoice.cfdi, "Emisor");
  const std::string rfc = attribute_text(emisor, "Rfc");
  std::vector<std::string> names = {comparable_name(attribute_text(emisor, "Nombre"))};
  if (invoice.supplier != nullptr)
    if (const auto legal = invoice.supplier->text("legal_name")) names.push_back(comparable_name(*legal));
  for (const std::string_view column : {"usmca.exporter", "usmca.producer"}) {
    const auto party = row.text(column).value_or("");
    if (party == rfc || std::find(names.begin(), names.end(), comparable_name(party)) != names.end()) return true;
  }
  return false;
}

void check_dates(const Work& work, const CatalogRow& row, Verdict& verdict) {
  const auto from = row.date("usmca.blanket_from");
  const auto to = row.date("usmca.blanket_to");
  if (!from || !to) return;
  Date limit = *from + std::chrono::years{1};
  if (!limit.ok()) limit = limit.year() / limit.month() / std::chrono::last;
  if (*to > limit) {
    verdict.claimed = false;
    verdict.remarks.push_back({"USMCA_BLANKET_TOO_LONG", {}});
  }
  const Date day = work.entry_date->value;
  if (day < *from || *to < day) {
    verdict.claimed = false;
    verdict.remarks.push_back(
        {"USMCA_CERT_EXPIRED", {{"from", to_string(*from)}, {"to", to_string(*to)}, {"date", to_string(day)}}});
  }
}

Verdict judge(const Work& work, const InvoiceFacts& invoice, const Good& good) {
  Verdict verdict;
  if (good.catalog == nullptr || !work.entry_date) return verdict;
  const CatalogRow& row = *good.catalog;
  const auto origin = row.text("origin").value_or("");
  const auto status = row.text("usmca.status");
  if (!status) {
    if (of_a_party(origin)) verdict.remarks.push_back({"USMCA_NO_CERT_LINE", {}});
    return verdict;
  }
  if (*status != "qualified" || !of_a_party(origin)) {
    const std::string reason = *status != "qualified" ? std::string(row.text("usmca.reason").value_or(*status))
                                                      : "origin " + std::string(origin);
    verdict.remarks.push_back({"USMCA_NOT_CLAIMED", {{"why", reason}}});
    return verdict;
  }
  verdict.claimed = true;
  for (const CertificateElement& element : kElements) {
    if (row.text(element.column)) continue;
    verdict.claimed = false;
    verdict.remarks.push_back(
        {"USMCA_CERT_INCOMPLETE", {{"n", std::string(element.number)}, {"what", std::string(element.what)}}});
  }
  check_dates(work, row, verdict);
  const auto hts = row.text("hts10").value_or("");
  const auto hts6 = row.text("usmca.hts6");
  if (hts6 && *hts6 != hts.substr(0, 6)) {
    verdict.claimed = false;
    verdict.remarks.push_back(
        {"USMCA_CERT_HTS_DIFFERS", {{"a", std::string(*hts6)}, {"b", std::string(hts.substr(0, 6))}}});
  }
  if (row.text("usmca.exporter") && row.text("usmca.producer") && !names_the_issuer(invoice, row))
    verdict.remarks.push_back({"USMCA_CERT_PARTY_DIFFERS",
                               {{"a", std::string(*row.text("usmca.exporter"))},
                                {"b", attribute_text(child_at(invoice.cfdi, "Emisor"), "Nombre")}}});
  if (verdict.claimed) verdict.remarks.push_back({"USMCA_CLAIM_APPLIED", {}});
  return verdict;
}

}  // namespace

void decide_usmca(Work& work, const EntryFacts&, const InvoiceFacts& invoice, Good& good) {
  good.usmca = judge(work, invoice, good).claimed;
  if (good.catalog == nullptr) return;
  Sources sources = from_catalog(*good.catalog, "usmca.status");
  if (good.usmca)
    for (const std::string_view column : {"usmca.blanket_from", "usmca.blanket_to", "usmca.hts6"})
      sources += from_catalog(*good.catalog, column);
  good.usmca_sources = std::move(sources);
}

void say_usmca(Work& work, const EntryFacts&, const InvoiceFacts& invoice, const Good& good) {
  for (Remark& remark : judge(work, invoice, good).remarks)
    work.say(invoice, good, remark.code, std::move(remark.params));
}

void say_certificate_flags(Work& work, const InvoiceFacts& invoice) {
  const auto flag = invoice.cce->attribute_or("CertificadoOrigen");
  const auto claimed = [](const Good& good) { return good.usmca; };
  const auto on_file = [](const Good& good) { return good.catalog != nullptr && good.catalog->text("usmca.status"); };
  const bool any_claim = std::any_of(invoice.goods.begin(), invoice.goods.end(), claimed);
  const bool all_on_file = std::all_of(invoice.goods.begin(), invoice.goods.end(), on_file);
  const Scope scope = Scope::of_goods(invoice.entry, invoice.number);
  const auto place = invoice.cce->place("CertificadoOrigen");
  if (flag == "0" && any_claim) work.findings.add(scope, "CERT_FLAG_ZERO_CERT_ON_FILE", {}, {}, place);
  if (flag != "1") return;
  if (!all_on_file) work.findings.add(scope, "CERT_FLAG_PARTIAL", {}, {}, place);
  const auto number = invoice.cce->attribute("NumCertificadoOrigen");
  if (!number) return;
  for (const Good& good : invoice.goods) {
    const auto reference = good.catalog == nullptr ? std::nullopt : good.catalog->text("usmca.cert_ref");
    if (reference && *reference != *number)
      work.say(invoice, good, "CERT_REF_DIFFERS", {{"a", std::string(*number)}, {"b", std::string(*reference)}});
  }
}

}  // namespace puente::crosswalk::drafting
