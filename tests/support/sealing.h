// Seals and stamps a CFDI 4.0 as an issuer and a PAC would: the template has neither Sello, Certificado nor
// NoCertificado, and a cfdi:Complemento element when it is to be stamped.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "tests/support/authority.h"

namespace puente::test {

struct StampAsk {
  std::string uuid;                        // as the stamp carries it
  std::string time;                        // FechaTimbrado, YYYY-MM-DDThh:mm:ss
  std::string pac_rfc = "SPR190613I52";
};

// NoCertificado, Certificado and Sello come in as attributes of the root; the text is otherwise untouched.
std::string seal(std::string_view document, const Signer& issuer);
// The TimbreFiscalDigital goes in as the last child of cfdi:Complemento.
std::string stamp(std::string_view sealed, const Signer& authority, const StampAsk& ask);

}  // namespace puente::test
