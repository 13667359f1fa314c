#include "gateway/partners/limits.h"

#include <algorithm>

namespace puente::partners {
namespace {

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20U, kGiB = kMiB << 10U;
constexpr std::uint64_t kRates = 1'000'000;

constexpr auto kRows = std::to_array<LimitRow>({
    {Limit::connections, "connections", 32, 1, 10'000, Over::closed, "CONNECTIONS_OVER_LIMIT", "",
     "connections open at one time, at all doors", "conexiones abiertas a la vez, en todas las puertas"},
    {Limit::connections_per_minute, "connections_per_minute", 60, 1, kRates, Over::closed, "CONNECTIONS_TOO_FAST", "",
     "new connections in a minute; as many may come at once",
     "conexiones nuevas por minuto; pueden llegar todas juntas"},
    {Limit::documents_per_second, "documents_per_second", 50, 1, kRates, Over::later, "DOCUMENTS_TOO_FAST", "",
     "documents a second, lasting; on a gRPC stream the gateway reads no faster",
     "documentos por segundo, sostenidos; en un flujo gRPC la pasarela no lee más rápido"},
    {Limit::documents_burst, "documents_burst", 500, 1, kRates, Over::later, "DOCUMENTS_TOO_FAST", "",
     "documents that may come at once after a pause", "documentos que pueden llegar juntos tras una pausa"},
    {Limit::bytes_in_flight, "bytes_in_flight", 64 * kMiB, kMiB, 16 * kGiB, Over::waits, "BYTES_IN_FLIGHT_OVER_LIMIT",
     "bytes", "documents received and not answered yet", "documentos recibidos y aún sin respuesta"},
    {Limit::stored_bytes_per_day, "stored_bytes_per_day", 0, 0, kGiB << 20U, Over::refused, "CONTRACT_USED", "bytes",
     "new documents kept in a day (UTC), as received; by contract",
     "documentos nuevos guardados en un día (UTC), tal como llegan; por contrato"},
    {Limit::open_exceptions, "open_exceptions", 0, 0, kRates, Over::refused, "CONTRACT_USED", "",
     "documents and their shipments that wait for a person; by contract",
     "documentos y sus embarques que esperan a una persona; por contrato"},
    {Limit::questions_per_second, "questions_per_second", 20, 1, kRates, Over::later, "QUESTIONS_TOO_FAST", "",
     "status queries a second; as many may come at once",
     "consultas de estado por segundo; pueden llegar todas juntas"},
    {Limit::cpu_seconds_per_minute, "cpu_seconds_per_minute", 20, 1, 3840, Over::behind, "", "seconds",
     "processor time for reading and checking this partner's documents",
     "tiempo de procesador para leer y revisar los documentos de este socio"},
    {Limit::calls_per_second, "calls_per_second", 2000, 10, kRates, Over::closed, "CALLS_TOO_FAST", "",
     "calls begun a second, answered or not; over it the partner's connections are closed and it waits 60 seconds",
     "llamadas iniciadas por segundo, atendidas o no; al rebasarlas se cierran sus conexiones y espera 60 segundos"},
});

constexpr bool in_order() {
  for (std::size_t i = 0; i < kRows.size(); ++i)
    if (static_cast<std::size_t>(kRows[i].limit) != i) return false;
  return kRows.size() == kLimits;
}
static_assert(in_order(), "limits stand in the order of the enumeration, each once");

struct OverText {
  Over over;
  std::string_view en, es;
};
constexpr auto kOver = std::to_array<OverText>({
    {Over::closed, "the connection is closed", "se cierra la conexión"},
    {Over::later, "refused, with the time to wait", "se rechaza e indica cuánto esperar"},
    {Over::waits, "a stream is read no further; a single call is refused, with the time to wait",
     "un flujo no se lee más; una llamada suelta se rechaza e indica cuánto esperar"},
    {Over::refused, "warned from 80 %, refused at 100 %; nothing is deleted",
     "aviso desde 80 %, rechazo al 100 %; nada se borra"},
    {Over::behind, "served after the others", "se atiende después de los demás"},
});

std::string number(std::uint64_t value, std::string_view unit) {
  if (unit == "bytes" && value >= kMiB && value % kMiB == 0)
    return value % kGiB == 0 ? std::to_string(value / kGiB) + " GiB" : std::to_string(value / kMiB) + " MiB";
  return std::to_string(value);
}

}  // namespace

std::span<const LimitRow> limit_rows() { return kRows; }

const LimitRow& row_of(Limit limit) { return kRows.at(static_cast<std::size_t>(limit)); }

const LimitRow* limit_of_key(std::string_view key) {
  const auto* row =
      std::find_if(kRows.begin(), kRows.end(), [&](const LimitRow& candidate) { return candidate.key == key; });
  return row == kRows.end() ? nullptr : row;
}

PartnerLimits::PartnerLimits() {
  for (const LimitRow& row : kRows) set(row.limit, row.preset);
}

std::string widest_limits() {
  std::string out;
  for (const LimitRow& row : kRows)
    out += "limits." + std::string(row.key) + " = " + std::to_string(row.preset == 0 ? 0 : row.most) + "\n";
  return out;
}

std::string limits_reference() {
  std::string out =
      "# Limits of one partner / Límites de un socio\n\n"
      "Whole numbers in `[partner.ID.limits]` of the registry; bytes are written out. A reload changes them at once.\n"
      "Números enteros en `[partner.ID.limits]` del registro; los bytes se escriben completos. Al recargar cambian de "
      "inmediato.\n\n"
      "| key | preset | from | to | what | over it |\n|---|---|---|---|---|---|\n";
  for (const LimitRow& row : kRows) {
    const auto* over =
        std::find_if(kOver.begin(), kOver.end(), [&](const OverText& text) { return text.over == row.over; });
    out += "| `" + std::string(row.key) + "` | " + (row.preset == 0 ? "none / ninguno" : number(row.preset, row.unit)) +
           " | " + number(row.least, row.unit) + " | " + number(row.most, row.unit) + " | " + std::string(row.en) +
           "<br>" + std::string(row.es) + " | " + std::string(over->en) + "<br>" + std::string(over->es) + " |\n";
  }
  return out;
}

}  // namespace puente::partners
