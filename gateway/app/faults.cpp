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

}  // namespace

ExitCode exit_code_of(const Fault& fault) {
  for (const auto& [code, exit] : kCodes)
    if (fault.code == code) return exit;
  return fault.kind == FaultKind::retryable ? ExitCode::unavailable : ExitCode::configuration;
}

ExitCode report(Terminal& terminal, const Fault& fault) {
  terminal.err << terminal.err.paint(Tone::bad, "puente") << ": " << fault.code << ": " << safe_text(fault.text)
               << "\n";
  return exit_code_of(fault);
}

}  // namespace puente::app
