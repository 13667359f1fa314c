#include "mappings/sat/signatures.h"

#include <chrono>

#include "mappings/catalogs/catalogs.h"
#include "mappings/domain/date.h"
#include "mappings/sat/certificate.h"
#include "mappings/sat/element_tables.h"
#include "mappings/sat/trust_impl.h"
#include "mappings/sat/white_space.h"

namespace puente::sat {
namespace {

using namespace std::chrono_literals;

// Certificates are in UTC: where the zone of Fecha is not known, a day covers every zone of Mexico.
constexpr auto kSlackToUtc = 24h;
// The zones of Mexico are at most two hours from central time, and daylight saving of the border adds one.
constexpr auto kSlackToCentral = 3h;
// Where the zone is known: the list may be older than the last law that moved a place by an hour (Chihuahua in 2022),
// one hour of the year comes twice, and clocks differ.
constexpr auto kSlackOfZone = 1h;
constexpr auto kLongestToStamp = 72h;

Finding& report(Findings& findings, std::string_view code, const Node& node, std::string_view attribute,
                const FindingParams& params = {}) {
  Finding& finding = findings.add(code, params);
  *finding.mutable_source() = node.place(attribute);
  return finding;
}

std::string without_spaces(std::string_view text) {
  std::string out;
  for (const char c : text)
    if (!is_space(c)) out += c;
  return out;
}

struct Moment {
  std::chrono::sys_seconds utc;
  bool zone_known;  // false: local time as if it were UTC
};

Moment moment_of(const LocalTime& local, std::string_view huso) {
  if (const auto offset = catalogs::utc_offset(huso, local)) return {local.as_if_utc() - *offset, true};
  return {local.as_if_utc(), false};
}

// The zone of LugarExpedicion; "" where the list is not at hand or does not have the code.
std::string_view zone_of(const Document& document, const LocalTime& fecha, const catalogs::SatLists* lists) {
  static const std::size_t codes = catalogs::sat_list_index("c_CodigoPostal").value();
  const catalogs::SatList* list = lists == nullptr ? nullptr : lists->list(codes);
  if (list == nullptr) return {};
  const auto found = list->find({document.comprobante().attribute_or("LugarExpedicion")}, fecha.date);
  return found.known() ? found.text("huso") : std::string_view();
}

bool valid_at(const Certificate& certificate, const Moment& moment) {
  const std::chrono::seconds slack = moment.zone_known ? std::chrono::seconds(kSlackOfZone) : kSlackToUtc;
  return moment.utc >= certificate.not_before() - slack && moment.utc <= certificate.not_after() + slack;
}

std::string validity(const Certificate& certificate) {
  const auto day = [](std::chrono::sys_seconds time) {
    return to_string(Date{std::chrono::floor<std::chrono::days>(time)});
  };
  return day(certificate.not_before()) + " - " + day(certificate.not_after());
}

void check_issuer(const Node& root, const std::shared_ptr<const Certificate>& certificate, const TrustStore& trust,
                  Findings& findings) {
  if (trust.environment() == Environment::production && certificate->is_of_test_authority()) {
    report(findings, "SEAL_TEST_AUTHORITY", root, "Certificado");
    return;
  }
  switch (trust.impl().chain(certificate)) {
    case ChainVerdict::trusted:
      return;
    case ChainVerdict::unknown:
      report(findings, "SEAL_ISSUER_UNKNOWN", root, "Certificado");
      return;
    case ChainVerdict::refused:
      report(findings, "SEAL_ISSUER_REFUSED", root, "Certificado");
      return;
  }
}

std::size_t count_stamps(const Document& document) {
  std::size_t stamps = 0;
  for (const Node* node : document.comprobante().find_all("Complemento/TimbreFiscalDigital"))
    if (&node->row() == &timbre_row()) ++stamps;
  return stamps;
}

// Checks 11 and 12.
void check_stamp_dates(const Document& document, const Certificate* authority, const TrustStore& trust,
                       const catalogs::SatLists* lists, Findings& findings) {
  const Node& timbre = *document.timbre();
  const auto stamped = parse_local_time(timbre.attribute_or("FechaTimbrado"));
  if (!stamped) return;  // a structural finding says so
  const Moment stamped_at = moment_of(*stamped, catalogs::kHusoCentro);
  if (authority != nullptr) {
    if (!is_rfc_of_sat(authority->rfc(), trust.environment()) || !valid_at(*authority, stamped_at))
      report(findings, "STAMP_CERTIFICATE_REFUSED", timbre, "NoCertificadoSAT",
             {{"number", authority->number()}, {"validity", validity(*authority)}});
  }
  const auto issued = parse_local_time(document.comprobante().attribute_or("Fecha"));
  if (!issued) return;
  const Moment issued_at = moment_of(*issued, zone_of(document, *issued, lists));
  const auto elapsed =
      issued_at.zone_known ? stamped_at.utc - issued_at.utc : stamped->as_if_utc() - issued->as_if_utc();
  const auto slack = issued_at.zone_known ? kSlackOfZone : kSlackToCentral;
  if (elapsed < -slack || elapsed > kLongestToStamp + slack)
    report(findings, "STAMP_TIME", timbre, "FechaTimbrado",
           {{"stamped", stamped->to_string()}, {"issued", issued->to_string()}});
}

}  // namespace

Stage check_seal(const Document& document, bool cadena_known, const TrustStore& trust, const catalogs::SatLists* lists,
                 Findings& findings) {
  const Node& root = document.comprobante();
  const auto sello = root.attribute_or("Sello");
  const auto certificado = root.attribute_or("Certificado");
  if (sello.empty() || certificado.empty()) {
    report(findings, "DOCUMENT_NOT_SEALED", root, sello.empty() ? "Sello" : "Certificado");
    return Stage::absent;
  }

  const auto certificate = certificate_of(certificado);
  if (certificate == nullptr) {
    report(findings, "SEAL_CERTIFICATE_UNREADABLE", root, "Certificado");
    return Stage::fail;
  }
  Stage stage = Stage::pass;
  const auto fail = [&](std::string_view code, const Node& node, std::string_view attribute,
                        const FindingParams& params) {
    report(findings, code, node, attribute, params);
    stage = Stage::fail;
  };

  const auto number = root.attribute_or("NoCertificado");
  if (certificate->number() != number || number.empty())
    fail("SEAL_SERIAL_MISMATCH", root, "NoCertificado",
         {{"number", std::string(number)}, {"serial", certificate->number()}});

  const Node* emisor = root.child("Emisor");
  const std::string_view rfc = emisor == nullptr ? "" : emisor->attribute_or("Rfc");
  if (certificate->rfc() != rfc || rfc.empty())
    fail("SEAL_RFC_MISMATCH", emisor == nullptr ? root : *emisor, emisor == nullptr ? "Certificado" : "Rfc",
         {{"rfc", std::string(rfc)}, {"certificate_rfc", certificate->rfc()}});

  if (!certificate->is_csd()) report(findings, "SEAL_CERTIFICATE_NOT_CSD", root, "Certificado");
  if (const auto issued = parse_local_time(root.attribute_or("Fecha"));
      issued && !valid_at(*certificate, moment_of(*issued, zone_of(document, *issued, lists))))
    report(findings, "SEAL_CERTIFICATE_NOT_VALID", root, "Fecha",
           {{"date", issued->to_string()}, {"validity", validity(*certificate)}});
  check_issuer(root, certificate, trust, findings);

  if (!cadena_known) {
    report(findings, "SEAL_NOT_CHECKED", root, "Sello");
    return stage == Stage::fail ? Stage::fail : Stage::unknown;
  }
  if (!certificate->verifies(cadena_original(document), sello)) fail("SEAL_INVALID", root, "Sello", {});
  return stage;
}

Stage check_stamp(const Document& document, const TrustStore& trust, const catalogs::SatLists* lists,
                  Findings& findings) {
  const Node& root = document.comprobante();
  if (document.timbre() == nullptr) {
    report(findings, "DOCUMENT_NOT_STAMPED", root, "");
    return Stage::absent;
  }
  const Node& timbre = *document.timbre();
  Stage stage = Stage::pass;
  if (const std::size_t stamps = count_stamps(document); stamps > 1) {
    report(findings, "STAMP_REPEATED", timbre, "", {{"count", std::to_string(stamps)}});
    stage = Stage::fail;
  }
  const std::string sello = without_spaces(root.attribute_or("Sello"));
  if (sello.empty() || sello != without_spaces(timbre.attribute_or("SelloCFD"))) {
    report(findings, "STAMP_OF_ANOTHER_DOCUMENT", timbre, "SelloCFD");
    stage = Stage::fail;
  }
  const std::string number(timbre.attribute_or("NoCertificadoSAT"));
  const Certificate* authority = trust.impl().sat_certificate(number);
  if (authority == nullptr) {
    report(findings, "STAMP_CERTIFICATE_UNKNOWN", timbre, "NoCertificadoSAT", {{"number", number}});
    if (stage == Stage::pass) stage = Stage::unknown;
  } else if (!authority->verifies(cadena_original_timbre(timbre), timbre.attribute_or("SelloSAT"))) {
    report(findings, "STAMP_INVALID", timbre, "SelloSAT");
    stage = Stage::fail;
  }
  check_stamp_dates(document, authority, trust, lists, findings);
  return stage;
}

}  // namespace puente::sat
