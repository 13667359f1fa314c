// puente channels, pause, resume, drain: how the filers' channels stand, and orders to them.
#include <chrono>
#include <nlohmann/json.hpp>
#include <thread>

#include "gateway/app/client_options.h"
#include "gateway/app/commands.h"
#include "gateway/app/faults.h"
#include "gateway/app/findings_text.h"
#include "mappings/findings/projection.h"

namespace puente::app {
namespace {

constexpr std::chrono::milliseconds kLookAgain{500};  // while a drain waits
constexpr std::uint64_t kPatience = 300;              // seconds that a drain waits unless told otherwise

constexpr Option kJsonOption = {"--json", "", OptionKind::flag, false, {"print JSON", "imprime JSON"}};
constexpr Option kDryRunOption = {"--dry-run",
                                  "",
                                  OptionKind::flag,
                                  false,
                                  {"say what would change, change nothing", "dice qué cambiaría, no cambia nada"}};
constexpr Option kReasonOption = {
    "--reason", "TEXT", OptionKind::text, false, {"kept with the order", "se guarda con la orden"}};
constexpr Option kAllOption = {"--all", "", OptionKind::flag, false, {"every filer", "todos los agentes"}};
constexpr Option kFilerOption = {
    "FILER", "FILER", OptionKind::text, false, {"partner id of the filer", "id de socio del agente"}};

constexpr Option kChannelsOptions[] = {kClientConfigOption, kAddressOption,    kCertificateOption, kKeyOption,
                                       kAuthorityOption,    kServerNameOption, kJsonOption};
constexpr Option kOrderOptions[] = {kClientConfigOption, kAddressOption,    kCertificateOption, kKeyOption,
                                    kAuthorityOption,    kServerNameOption, kJsonOption,        kDryRunOption,
                                    kReasonOption,       kAllOption,        kFilerOption};
constexpr Option kDrainOptions[] = {kClientConfigOption,
                                    kAddressOption,
                                    kCertificateOption,
                                    kKeyOption,
                                    kAuthorityOption,
                                    kServerNameOption,
                                    kJsonOption,
                                    kDryRunOption,
                                    kReasonOption,
                                    kAllOption,
                                    {"--timeout",
                                     "SECONDS",
                                     OptionKind::number,
                                     false,
                                     {"longest wait; default 300", "espera máxima; por omisión, 300"}},
                                    kFilerOption};

std::string time_text(const google::protobuf::Timestamp& time) { return project(time).get<std::string>(); }

using Channels = google::protobuf::RepeatedPtrField<v1::Channel>;

void print_channels(Terminal& terminal, const Channels& channels) {
  Printer& out = terminal.out;
  const Language language = terminal.language;
  for (const v1::Channel& channel : channels) {
    out << out.paint(Tone::strong, padded(safe_text(channel.filer()), 20)) << "  ";
    if (channel.paused())
      out << out.paint(Tone::caution, padded(Text{"paused", "en pausa"}.in(language), 10));
    else if (channel.breaker() != "closed")
      out << out.paint(Tone::bad, padded(channel.breaker(), 10));
    else
      out << padded(
          channel.sessions() == 0 ? Text{"away", "ausente"}.in(language) : Text{"connected", "conectado"}.in(language),
          10);
    const auto figure = [&](Text name, std::uint64_t value) {
      out << "  " << name.in(language) << " " << std::to_string(value);
    };
    figure({"sessions", "sesiones"}, channel.sessions());
    out << Text{"  in flight ", "  en vuelo "}.in(language) << std::to_string(channel.in_flight()) << "/"
        << std::to_string(channel.window());
    figure({"ready", "listos"}, channel.ready());
    figure({"in doubt", "en duda"}, channel.in_doubt());
    figure({"refused", "rehusados"}, channel.refused());
    figure({"dead letters", "letra muerta"}, channel.dead_letters());
    if (channel.has_oldest_deadline())
      out << Text{"  first deadline ", "  primer plazo "}.in(language) << time_text(channel.oldest_deadline());
    if (channel.has_breaker_until())
      out << Text{"  tried again ", "  se reintenta "}.in(language) << time_text(channel.breaker_until());
    out << "\n";
    if (channel.paused())
      out << "    " << time_text(channel.paused_since()) << "  " << safe_text(channel.paused_by()) << "  "
          << safe_text(channel.reason()) << "\n";
    if (channel.channel().empty())
      out << "    " << Text{"not in the registry", "no está en el registro"}.in(language) << "\n";
  }
}

ExitCode channels(const Arguments& arguments, Terminal& terminal) {
  const auto client = connect(arguments);
  if (!client) return report(terminal, client.error());
  const auto reply = (*client)->channels();
  if (!reply) return report(terminal, reply.error());
  if (arguments.flag("--json"))
    terminal.out << dump(project(*reply)) << "\n";
  else
    print_channels(terminal, reply->channels());
  return ExitCode::done;
}

// One filer, or --all in so many words.
std::optional<v1::ChannelOrder> order_of(const Arguments& arguments, Terminal& terminal) {
  v1::ChannelOrder order;
  order.set_filer(arguments.text_or("FILER", ""));
  order.set_reason(arguments.text_or("--reason", ""));
  order.set_dry_run(arguments.flag("--dry-run"));
  if (order.filer().empty() != arguments.flag("--all")) {
    terminal.err << terminal.err.paint(Tone::bad, "puente") << ": "
                 << Text{"name a filer, or say --all\n", "nombre un agente o indique --all\n"}.in(terminal.language);
    return std::nullopt;
  }
  return order;
}

ExitCode told(const Arguments& arguments, Terminal& terminal, const v1::ChannelOrderReply& reply) {
  if (arguments.flag("--json"))
    terminal.out << dump(project(reply)) << "\n";
  else
    print_channels(terminal, reply.channels());
  const std::vector<Finding> findings(reply.findings().begin(), reply.findings().end());
  if (!findings.empty()) {
    print_findings(terminal.err, findings, terminal.language);
    return ExitCode::findings;
  }
  terminal.err << std::to_string(reply.changed())
               << (arguments.flag("--dry-run")
                       ? Text{" channels would change\n", " canales cambiarían\n"}.in(terminal.language)
                       : Text{" channels changed\n", " canales cambiaron\n"}.in(terminal.language));
  return ExitCode::done;
}

template <typename Give>
ExitCode give(const Arguments& arguments, Terminal& terminal, Give&& give_order) {
  const auto order = order_of(arguments, terminal);
  if (!order) return ExitCode::usage;
  const auto client = connect(arguments);
  if (!client) return report(terminal, client.error());
  const auto reply = give_order(**client, *order);
  if (!reply) return report(terminal, reply.error());
  return told(arguments, terminal, *reply);
}

ExitCode pause(const Arguments& arguments, Terminal& terminal) {
  return give(arguments, terminal, [](auto& client, const auto& order) { return client.pause(order); });
}

ExitCode resume(const Arguments& arguments, Terminal& terminal) {
  return give(arguments, terminal, [](auto& client, const auto& order) { return client.resume(order); });
}

std::uint64_t in_flight(const Channels& channels) {
  std::uint64_t count = 0;
  for (const v1::Channel& channel : channels) count += channel.in_flight();
  return count;
}

// Paused first; then looked at until nothing is in flight. What is in doubt stays so: its filer may yet answer.
ExitCode drain(const Arguments& arguments, Terminal& terminal) {
  const auto order = order_of(arguments, terminal);
  if (!order) return ExitCode::usage;
  const auto client = connect(arguments);
  if (!client) return report(terminal, client.error());
  auto reply = (*client)->pause(*order);
  if (!reply) return report(terminal, reply.error());
  const auto until =
      std::chrono::steady_clock::now() + std::chrono::seconds(arguments.number("--timeout").value_or(kPatience));
  std::uint64_t remains = in_flight(reply->channels()), said = 0;
  const bool waits = !order->dry_run() && reply->findings().empty();
  while (waits && remains > 0 && std::chrono::steady_clock::now() < until) {
    if (remains != said)
      terminal.err << std::to_string(remains) << Text{" in flight\n", " en vuelo\n"}.in(terminal.language);
    said = remains;
    std::this_thread::sleep_for(kLookAgain);
    const auto now = (*client)->channels();
    if (!now) return report(terminal, now.error());
    for (v1::Channel& channel : *reply->mutable_channels())
      for (const v1::Channel& fresh : now->channels())
        if (fresh.filer() == channel.filer()) channel = fresh;
    remains = in_flight(reply->channels());
  }
  const ExitCode code = told(arguments, terminal, *reply);
  if (!waits) return code;
  std::uint64_t doubt = 0;
  for (const v1::Channel& channel : reply->channels()) doubt += channel.in_doubt();
  terminal.err << std::to_string(remains) << Text{" in flight, ", " en vuelo, "}.in(terminal.language)
               << std::to_string(doubt) << Text{" in doubt\n", " en duda\n"}.in(terminal.language);
  return remains == 0 ? code : ExitCode::findings;
}

}  // namespace

const Command kChannels = {"channels",
                           {"the filers' channels: window, in flight, waiting, breaker, pause",
                            "los canales de los agentes: ventana, en vuelo, en espera, interruptor, pausa"},
                           "puente channels --config demo/client-ops.toml",
                           kChannelsOptions,
                           channels};
const Command kPause = {"pause",
                        {"offer nothing new to a filer; what it has it may still answer",
                         "no ofrecer nada nuevo a un agente; lo que tiene aún lo puede responder"},
                        "puente pause --config demo/client-ops.toml --reason \"line down\" broker",
                        kOrderOptions,
                        pause};
const Command kResume = {"resume",
                         {"offer to a paused filer again", "ofrecer de nuevo a un agente en pausa"},
                         "puente resume --config demo/client-ops.toml broker",
                         kOrderOptions,
                         resume};
const Command kDrain = {"drain",
                        {"pause a filer and wait until nothing is in flight",
                         "poner en pausa a un agente y esperar hasta que nada esté en vuelo"},
                        "puente drain --config demo/client-ops.toml --timeout 60 broker",
                        kDrainOptions,
                        drain};

}  // namespace puente::app
