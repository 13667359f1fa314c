#include "tests/support/sealing.h"

#include <cstdio>
#include <cstdlib>

#include "mappings/sat/read.h"

namespace puente::test {
namespace {

[[noreturn]] void fail(std::string_view what) {
  std::fprintf(stderr, "sealing: %.*s\n", static_cast<int>(what.size()), what.data());
  std::abort();
}

std::shared_ptr<const sat::Document> read_document(std::string_view text) {
  sat::ReadContext context;
  context.trust = sat::TrustStore::empty(sat::Environment::test);
  auto outcome = sat::read("template", std::string(text), context);
  if (outcome.document) return outcome.document;
  for (const auto& finding : outcome.findings) std::fprintf(stderr, "%s %s\n", finding.code().c_str(), finding.en().c_str());
  fail("the template is no readable CFDI 4.0");
}

std::string with_attributes(std::string_view text, std::string_view attributes) {
  const auto root = text.find("Comprobante");
  if (root == std::string_view::npos) fail("no Comprobante");
  const auto at = root + std::string_view("Comprobante").size();
  return std::string(text.substr(0, at)) + std::string(attributes) + std::string(text.substr(at));
}

}  // namespace

std::string seal(std::string_view document, const Signer& issuer) {
  const std::string carrying = with_attributes(
      document, " NoCertificado=\"" + issuer.serial + "\" Certificado=\"" + issuer.certificate_base64 + "\"");
  const std::string sello = issuer.sign(sat::cadena_original(*read_document(carrying)));
  return with_attributes(carrying, " Sello=\"" + sello + "\"");
}

std::string stamp(std::string_view sealed, const Signer& authority, const StampAsk& ask) {
  const auto document = read_document(sealed);
  const std::string sello(document->comprobante().attribute_or("Sello"));
  const auto stamped = [&](std::string_view sello_sat) {
    const auto at = sealed.rfind("</cfdi:Complemento>");
    if (at == std::string_view::npos) fail("no </cfdi:Complemento> to stamp in");
    return std::string(sealed.substr(0, at)) +
           "<tfd:TimbreFiscalDigital xmlns:tfd=\"http://www.sat.gob.mx/TimbreFiscalDigital\" "
           "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" "
           "xsi:schemaLocation=\"http://www.sat.gob.mx/TimbreFiscalDigital "
           "http://www.sat.gob.mx/sitio_internet/cfd/TimbreFiscalDigital/TimbreFiscalDigitalv11.xsd\" Version=\"1.1\" UUID=\"" +
           ask.uuid + "\" FechaTimbrado=\"" + ask.time + "\" RfcProvCertif=\"" + ask.pac_rfc + "\" SelloCFD=\"" + sello +
           "\" NoCertificadoSAT=\"" + authority.serial + "\" SelloSAT=\"" + std::string(sello_sat) + "\"/>" +
           std::string(sealed.substr(at));
  };
  const auto unsigned_stamp = read_document(stamped(""));
  if (unsigned_stamp->timbre() == nullptr) fail("the stamp was not read");
  return stamped(authority.sign(sat::cadena_original_timbre(*unsigned_stamp->timbre())));
}

}  // namespace puente::test
