// The SAT's service over HTTP, by libcurl: one thread, few exchanges at once, connections used again. TLS is verified
// with the system's authorities or those that are given; redirects are not followed; an answer is read up to
// sat::kConsultaBytes; the deadline is that of the whole exchange, names and handshakes included. Proxies of the
// environment are not looked at.
#pragma once

#include <memory>
#include <string>

#include "gateway/estado/consulta.h"

namespace puente::estado {

// An answer of a simulator carries this header (gateway/simulators); where simulators are refused it is no answer.
inline constexpr std::string_view kSimulatorHeader = "X-Puente-Simulator";

struct HttpConsultaOptions {
  std::string url;          // http:// or https://
  std::string proxy;        // http://host:port; "": none
  std::string authorities;  // PEM; "": the system's
  bool refuse_simulators = true;
};

// Fault consulta_failed: libcurl cannot be started.
Result<std::unique_ptr<Consulta>> make_http_consulta(HttpConsultaOptions options);

}  // namespace puente::estado
