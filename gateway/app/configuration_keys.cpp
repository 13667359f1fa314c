// The table of keys: the only statement of what puente.toml may hold.
#include <array>

#include "gateway/app/configuration.h"

namespace puente::app {
namespace {

using C = Configuration;

constexpr std::uint64_t kSecond = 1000, kMinute = 60 * kSecond, kHour = 60 * kMinute;
constexpr std::uint64_t kKiB = 1024, kMiB = 1024 * kKiB;
constexpr bool kRequired = true, kOptional = false, kSecret = true, kOpen = false;
constexpr Reload kRestarts = Reload::restart, kRereads = Reload::content, kReloads = Reload::value;

constexpr std::array<ConfigurationKey, 28> kKeys = {{
    {"environment", &C::environment, "", kRequired, 0, 0, kRestarts, kOpen,
     {"production refuses test authorities, simulators and --trust; test allows them",
      "production rechaza autoridades de prueba, simuladores y --trust; test los admite"}},
    {"listen.grpc", &C::grpc_listen, "0.0.0.0:7443", kOptional, 0, 0, kRestarts, kOpen,
     {"address of the gRPC transport (TLS, client certificates)", "dirección del transporte gRPC (TLS, certificados de cliente)"}},
    {"listen.health", &C::health_listen, "127.0.0.1:7480", kOptional, 0, 0, kRestarts, kOpen,
     {"loopback address of /healthz and /readyz (plain HTTP)", "dirección local de /healthz y /readyz (HTTP simple)"}},
    {"tls.certificate", &C::tls_certificate, "", kRequired, 0, 0, kRereads, kOpen,
     {"the gateway's certificate chain, PEM", "cadena de certificados de la pasarela, PEM"}},
    {"tls.key", &C::tls_key, "", kRequired, 0, 0, kRereads, kSecret,
     {"its private key, PEM, readable by its owner only", "su llave privada, PEM, legible sólo por su dueño"}},
    {"tls.client_ca", &C::tls_client_ca, "", kRequired, 0, 0, kRereads, kOpen,
     {"authorities that issue the partners' certificates, PEM; who a partner is, its pinned key says",
      "autoridades que emiten los certificados de los socios, PEM; quién es el socio lo dice su llave registrada"}},
    {"partners.registry", &C::registry, "", kRequired, 0, 0, kReloads, kOpen,
     {"who may connect: keys, roles, channels, routes (TOML)", "quién puede conectarse: llaves, roles, canales, rutas (TOML)"}},
    {"partners.profiles", &C::profiles, "", kRequired, 0, 0, kReloads, kOpen,
     {"folder with the partners' profiles (TOML)", "carpeta con los perfiles de los socios (TOML)"}},
    {"partners.catalog", &C::catalog, "", kRequired, 0, 0, kReloads, kOpen,
     {"product catalog (CSV)", "catálogo de productos (CSV)"}},
    {"trust.folders", &C::trust, "", kOptional, 0, 0, kReloads, kOpen,
     {"folders with the SAT's roots and stamping certificates (*.cer, *.pem)",
      "carpetas con raíces y certificados de timbrado del SAT (*.cer, *.pem)"}},
    {"ledger.file", &C::ledger, "", kRequired, 0, 0, kRestarts, kOpen,
     {"the ledger (SQLite), on a local disk", "el libro (SQLite), en un disco local"}},
    {"ledger.readers", &C::ledger_readers, "4", kOptional, 1, 64, kRestarts, kOpen,
     {"reading connections", "conexiones de lectura"}},
    {"receipt.key", &C::receipt_key, "", kRequired, 0, 0, kRestarts, kSecret,
     {"ECDSA P-256 key that signs receipts, PEM, readable by its owner only",
      "llave ECDSA P-256 que firma los acuses, PEM, legible sólo por su dueño"}},
    {"flow.workers", &C::workers, "2", kOptional, 1, 64, kRestarts, kOpen,
     {"threads that read, join and draft", "hilos que leen, unen y formulan"}},
    {"flow.deadline_before_arrival", &C::deadline_before_arrival, "60m", kOptional, kMinute, 48 * kHour, kRestarts, kOpen,
     {"a filing must be with its filer this long before the truck arrives",
      "cuánto antes de la llegada del camión debe tener el trámite su agente"}},
    {"delivery.poll", &C::delivery_poll, "1s", kOptional, kSecond, kMinute, kRestarts, kOpen,
     {"leases, backoff and spool folders are looked at at least this often",
      "cada cuánto, a más tardar, se revisan arriendos, esperas y carpetas"}},
    {"delivery.backoff_first", &C::backoff_first, "2s", kOptional, kSecond, kHour, kRestarts, kOpen,
     {"wait after the first failed attempt; doubles", "espera tras el primer intento fallido; se duplica"}},
    {"delivery.backoff_limit", &C::backoff_limit, "5m", kOptional, kSecond, 24 * kHour, kRestarts, kOpen,
     {"longest wait between attempts", "espera máxima entre intentos"}},
    {"delivery.attempts_before_exception", &C::attempts_before_exception, "20", kOptional, 1, 10'000, kRestarts, kOpen,
     {"attempts after which a filing is shown as an exception", "intentos tras los cuales un trámite pasa a excepción"}},
    {"limits.document", &C::document_bytes, "10MiB", kOptional, 64 * kKiB, 64 * kMiB, kRestarts, kOpen,
     {"largest document", "documento más grande"}},
    {"limits.text", &C::text_bytes, "1MiB", kOptional, 64 * kKiB, 16 * kMiB, kRestarts, kOpen,
     {"text, comments and processing instructions of one document together",
      "texto, comentarios e instrucciones de proceso de un documento, en total"}},
    {"limits.depth", &C::depth, "64", kOptional, 16, 256, kRestarts, kOpen,
     {"depth of elements", "profundidad de elementos"}},
    {"limits.elements", &C::elements, "200000", kOptional, 1000, 2'000'000, kRestarts, kOpen,
     {"elements of one document", "elementos de un documento"}},
    {"limits.attributes", &C::attributes, "128", kOptional, 64, 1024, kRestarts, kOpen,
     {"attributes of one element", "atributos de un elemento"}},
    {"limits.prefixes", &C::prefixes, "64", kOptional, 16, 1024, kRestarts, kOpen,
     {"namespace prefixes of one document", "prefijos de espacio de nombres de un documento"}},
    {"limits.cpu", &C::cpu, "2s", kOptional, kSecond / 10, kMinute, kRestarts, kOpen,
     {"processor time for one document", "tiempo de procesador para un documento"}},
    {"drain.limit", &C::drain_limit, "60s", kOptional, kSecond, 10 * kMinute, kRestarts, kOpen,
     {"longest time that SIGTERM waits for work in hand", "tiempo máximo que SIGTERM espera el trabajo en curso"}},
    {"log.level", &C::log_level, "info", kOptional, 0, 0, kReloads, kOpen,
     {"debug, info, warn or error", "debug, info, warn o error"}},
}};

}  // namespace

std::span<const ConfigurationKey> configuration_keys() { return kKeys; }

}  // namespace puente::app
