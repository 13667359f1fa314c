#include "gateway/app/faults.h"

#include <array>
#include <string_view>
#include <utility>

namespace puente::app {
namespace {

constexpr std::array<std::pair<std::string_view, ExitCode>, 8> kCodes = {{
    {"cannot_open", ExitCode::cannot_open},
    {"cannot_write", ExitCode::cannot_open},
    {"exists", ExitCode::cannot_open},
    {"input_invalid", ExitCode::input},
    {"usage", ExitCode::usage},
    {"credentials_unreadable", ExitCode::cannot_open},
    {"request_invalid", ExitCode::input},
    {"not_found", ExitCode::findings},
}};

// What a Spanish reader is told before the fault's own text, which is for operators and in English; the codes
// themselves read as English.
constexpr std::array<std::pair<std::string_view, std::string_view>, 21> kSentences = {{
    {"cannot_open", "no se puede abrir"},
    {"cannot_write", "no se puede escribir"},
    {"exists", "ya existe"},
    {"input_invalid", "la entrada no sirve"},
    {"usage", "uso incorrecto"},
    {"credentials_unreadable", "no se pueden leer las credenciales"},
    {"request_invalid", "la pasarela rechazó la solicitud"},
    {"not_found", "no se encontró"},
    {"csv_invalid", "el archivo CSV no es válido"},
    {"catalog_invalid", "el catálogo no es válido"},
    {"profile_invalid", "el perfil no es válido"},
    {"config_invalid", "la configuración no es válida"},
    {"client_config_invalid", "la configuración del cliente no es válida"},
    {"client_config_missing", "falta la configuración del cliente"},
    {"registry_invalid", "el registro de socios no es válido"},
    {"trust_in_production", "no se permite en producción"},
    {"trust_certificate_invalid", "un certificado de confianza no es válido"},
    {"peer_unavailable", "la contraparte no responde"},
    {"peer_fault", "la contraparte contestó con una falla"},
    {"store_locked", "otro proceso usa el almacén"},
    {"store_damaged", "el almacén está dañado"},
}};

std::string_view sentence_of(std::string_view code) {
  for (const auto& [known, sentence] : kSentences)
    if (known == code) return sentence;
  return "";
}

}  // namespace

ExitCode exit_code_of(const Fault& fault) {
  for (const auto& [code, exit] : kCodes)
    if (fault.code == code) return exit;
  return fault.kind == FaultKind::retryable ? ExitCode::unavailable : ExitCode::configuration;
}

ExitCode report(Terminal& terminal, const Fault& fault) {
  terminal.err << terminal.err.paint(Tone::bad, "puente") << ": " << fault.code << ": ";
  if (const auto sentence = sentence_of(fault.code); terminal.language == Language::es && !sentence.empty())
    terminal.err << sentence << ": ";
  terminal.err << safe_text(fault.text) << "\n";
  return exit_code_of(fault);
}

}  // namespace puente::app
