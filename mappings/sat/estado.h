// The SAT's word on one CFDI: what is asked of its public "Consulta de CFDI" (SOAP 1.1, ConsultaCFDIService) and what
// it answers. Pure; any thread. Who asks, and when, stands in gateway/estado and gateway/flow.
//
// Sources: the SAT's "Documentación del Servicio de Consulta de CFDI" 1.4 (2022-11), Anexo 20 (the expression of the
// printed code), and the shapes that public clients of the service exchange with it (phpcfdi/sat-estado-cfdi and
// phpcfdi/cfdi-expresiones).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "mappings/domain/result.h"
#include "mappings/sat/document.h"

namespace puente::sat {

enum class EstadoCfdi : std::uint8_t { vigente, cancelado, no_encontrado };
// What its issuer would have to do; nothing where the SAT says nothing.
enum class Cancelable : std::uint8_t { nothing, no, sin_aceptacion, con_aceptacion };
// How far a cancellation is.
enum class Cancelacion : std::uint8_t {
  nothing,
  en_proceso,  // asked for; the receiver has not answered
  sin_aceptacion,
  con_aceptacion,
  plazo_vencido,  // the receiver did not answer in time
  rechazada,
};

struct Estado {
  EstadoCfdi estado = EstadoCfdi::no_encontrado;
  Cancelable cancelable = Cancelable::nothing;
  Cancelacion cancelacion = Cancelacion::nothing;
  friend bool operator==(const Estado&, const Estado&) = default;
};

// The SAT's own words: "Vigente", "Cancelable con aceptación", "En proceso"; "" for nothing.
std::string_view word(EstadoCfdi value);
std::string_view word(Cancelable value);
std::string_view word(Cancelacion value);

// The expression of the printed code: ?re=RFC&rr=RFC&tt=TOTAL&id=UUID&fe=LAST8. Total without zeros that say nothing
// and with one decimal at least; `&` in an RFC as `&amp;`; the last eight characters of Sello. Nothing for a document
// that is not sealed and stamped.
std::optional<std::string> consulta_expression(const Document& document);

inline constexpr std::string_view kConsultaAction = "http://tempuri.org/IConsultaCFDIService/Consulta";  // SOAPAction

// The envelope that asks for one expression, UTF-8.
std::string consulta_request(std::string_view expression);

// What an expression was asked for by an envelope; nothing for bytes that are none. The simulator's side.
std::optional<std::string> expression_of_request(std::string_view bytes);
// The envelope that the service answers with. The simulator's side.
std::string consulta_response(const Estado& estado);

inline constexpr std::size_t kConsultaBytes = 64 * 1024;  // an answer has less than two

// The answer out of its bytes. Faults, never a guess: consulta_malformed (retryable: no answer of the service; a page
// of a proxy, half an envelope, a SOAP fault), consulta_unexpected (permanent: its shape, with words that are not known
// here or that contradict each other), consulta_refused (permanent: 601, the expression is not valid). Elements of the
// answer that are not known here are left, since the SAT adds some; ValidacionEFOS is one of them.
Result<Estado> read_consulta(std::string_view bytes);

}  // namespace puente::sat
