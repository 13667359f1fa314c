// How a command reaches the gateway: a client-PARTNER.toml as `puente init` writes it, and flags that win over it.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "gateway/app/command.h"
#include "gateway/transport/grpc/client.h"
#include "mappings/domain/result.h"

namespace puente::app {

inline constexpr Option kClientConfigOption = {
    "--config",
    "FILE",
    OptionKind::text,
    false,
    {"connection: client-PARTNER.toml of puente init", "conexión: client-SOCIO.toml de puente init"}};
inline constexpr Option kAddressOption = {"--address",
                                          "HOST:PORT",
                                          OptionKind::text,
                                          false,
                                          {"the gateway; wins over --config", "la pasarela; gana sobre --config"}};
inline constexpr Option kCertificateOption = {
    "--certificate", "FILE", OptionKind::text, false, {"own certificate, PEM", "certificado propio, PEM"}};
inline constexpr Option kKeyOption = {
    "--key", "FILE", OptionKind::text, false, {"its private key, PEM", "su llave privada, PEM"}};
inline constexpr Option kAuthorityOption = {
    "--authority",
    "FILE",
    OptionKind::text,
    false,
    {"authority of the gateway's certificate, PEM", "autoridad del certificado de la pasarela, PEM"}};

using client::ClientOptions;

inline constexpr Option kServerNameOption = {"--server-name",
                                             "NAME",
                                             OptionKind::text,
                                             false,
                                             {"the name in the gateway's certificate, where it is not the host",
                                              "el nombre en el certificado de la pasarela, si no es el del host"}};

// Faults: client_config_invalid (file:line, key), client_config_missing (what is not given), cannot_open.
Result<ClientOptions> client_options(const Arguments& arguments);
Result<ClientOptions> parse_client_options(const std::filesystem::path& file, std::string_view toml);
std::string print_client_options(const ClientOptions& options);

// Reads the options and connects; also the faults of Client::connect.
Result<std::unique_ptr<client::Client>> connect(const Arguments& arguments);

}  // namespace puente::app
