// How a command reaches the gateway: a client-PARTNER.toml as `puente init` writes it, and flags that win over it.
#pragma once

#include <filesystem>
#include <string>

#include "gateway/app/command.h"
#include "mappings/domain/result.h"

namespace puente::app {

inline constexpr Option kClientConfigOption = {
    "--config", "FILE", OptionKind::text, false,
    {"connection: client-PARTNER.toml of puente init", "conexión: client-SOCIO.toml de puente init"}};
inline constexpr Option kAddressOption = {
    "--address", "HOST:PORT", OptionKind::text, false, {"the gateway; wins over --config", "la pasarela; gana sobre --config"}};
inline constexpr Option kCertificateOption = {
    "--certificate", "FILE", OptionKind::text, false, {"own certificate, PEM", "certificado propio, PEM"}};
inline constexpr Option kKeyOption = {"--key", "FILE", OptionKind::text, false, {"its private key, PEM", "su llave privada, PEM"}};
inline constexpr Option kAuthorityOption = {
    "--authority", "FILE", OptionKind::text, false,
    {"authority of the gateway's certificate, PEM", "autoridad del certificado de la pasarela, PEM"}};

struct ClientOptions {
  std::string address;
  std::filesystem::path certificate, key, authority;
};

// Faults: client_config_invalid (file:line, key), client_config_missing (what is not given), cannot_open.
Result<ClientOptions> client_options(const Arguments& arguments);
Result<ClientOptions> parse_client_options(const std::filesystem::path& file, std::string_view toml);
std::string print_client_options(const ClientOptions& options);

}  // namespace puente::app
