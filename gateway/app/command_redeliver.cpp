// puente redeliver and retranslate: filings that a person has offered once more, as they are or drafted anew.
#include <google/protobuf/util/time_util.h>

#include <nlohmann/json.hpp>

#include "gateway/app/client_options.h"
#include "gateway/app/commands.h"
#include "gateway/app/faults.h"
#include "gateway/app/findings_text.h"
#include "mappings/findings/projection.h"

namespace puente::app {
namespace {

constexpr std::uint32_t kAsManyAsThereAre = 100'000;  // the gateway's own limit of one order

constexpr Option kJsonOption = {"--json", "", OptionKind::flag, false, {"print JSON", "imprime JSON"}};
constexpr Option kDryRunOption = {"--dry-run",
                                  "",
                                  OptionKind::flag,
                                  false,
                                  {"show what would be done, do nothing", "muestra lo que se haría, no hace nada"}};
constexpr Option kReasonOption = {
    "--reason", "TEXT", OptionKind::text, false, {"kept with the order", "se guarda con la orden"}};
constexpr Option kFilerOption = {"--filer", "FILER", OptionKind::text, false, {"of this filer", "de este agente"}};
constexpr Option kStateOption = {"--state",
                                 "STATE",
                                 OptionKind::text,
                                 false,
                                 {"in this state", "en este estado"},
                                 "dead_letter refused in_doubt ready confirmed held accepted rejected"};
constexpr Option kCauseOption = {"--cause", "CODE", OptionKind::text, false, {"with this cause", "con esta causa"}};
constexpr Option kSinceOption = {
    "--since",
    "DATE",
    OptionKind::date,
    false,
    {"in their state since this day (UTC) or later", "en su estado desde este día (UTC) o después"}};
constexpr Option kNumbersOption = {
    "NUMBER",
    "NUMBER",
    OptionKind::texts,
    false,
    {"filing id, token, or any number of its shipment", "id del trámite, token o cualquier número de su embarque"}};

constexpr Option kRedeliverOptions[] = {
    kClientConfigOption,
    kAddressOption,
    kCertificateOption,
    kKeyOption,
    kAuthorityOption,
    kServerNameOption,
    kJsonOption,
    kDryRunOption,
    {"--yes", "", OptionKind::flag, false, {"also more than 100 filings", "también más de 100 trámites"}},
    kReasonOption,
    kFilerOption,
    kStateOption,
    kCauseOption,
    kSinceOption,
    kNumbersOption};
constexpr Option kRetranslateOptions[] = {
    kClientConfigOption,
    kAddressOption,
    kCertificateOption,
    kKeyOption,
    kAuthorityOption,
    kServerNameOption,
    kJsonOption,
    kDryRunOption,
    {"--yes",
     "",
     OptionKind::flag,
     false,
     {"do it; without it the difference is only shown", "hacerlo; sin ella sólo se muestra la diferencia"}},
    kReasonOption,
    kFilerOption,
    kStateOption,
    kCauseOption,
    kSinceOption,
    kNumbersOption};

v1::FilingsOrder order_of(const Arguments& arguments) {
  v1::FilingsOrder order;
  for (const std::string& number : arguments.list("NUMBER")) order.add_numbers(number);
  order.set_filer(arguments.text_or("--filer", ""));
  order.set_state(arguments.text_or("--state", ""));
  order.set_cause(arguments.text_or("--cause", ""));
  order.set_reason(arguments.text_or("--reason", ""));
  if (const auto day = arguments.text("--since"))
    google::protobuf::util::TimeUtil::FromString(*day + "T00:00:00Z", order.mutable_since());
  if (arguments.flag("--yes")) order.set_at_most(kAsManyAsThereAre);
  return order;
}

template <typename Reply>
ExitCode ended(Terminal& terminal, const Reply& reply, std::string_view summary) {
  const std::vector<Finding> findings(reply.findings().begin(), reply.findings().end());
  print_findings(terminal.err, findings, terminal.language);
  if (findings.empty()) terminal.err << summary << "\n";
  return findings.empty() ? ExitCode::done : ExitCode::findings;
}

ExitCode redeliver(const Arguments& arguments, Terminal& terminal) {
  auto order = order_of(arguments);
  order.set_dry_run(arguments.flag("--dry-run"));
  const auto client = connect(arguments);
  if (!client) return report(terminal, client.error());
  const auto reply = (*client)->redeliver(order);
  if (!reply) return report(terminal, reply.error());
  if (arguments.flag("--json")) {
    terminal.out << dump(project(*reply)) << "\n";
  } else {
    for (const v1::RedeliveredFiling& filing : reply->filings())
      terminal.out << filing.filing_id() << "  " << filing.kind() << "  " << padded(safe_text(filing.filer()), 16)
                   << "  " << padded(filing.from_state(), 12) << "  "
                   << (filing.to_state().empty()
                           ? std::string(Text{"left as it is", "se deja como está"}.in(terminal.language))
                           : "-> " + filing.to_state())
                   << "  " << safe_text(filing.cause()) << "\n";
  }
  return ended(
      terminal, *reply,
      std::to_string(reply->redelivered()) +
          std::string(order.dry_run() ? Text{" of ", " de "}.in(terminal.language)
                                      : Text{" redelivered of ", " entregados de nuevo de "}.in(terminal.language)) +
          std::to_string(reply->selected()) +
          std::string(order.dry_run() ? Text{" filings would be redelivered", " trámites se entregarían de nuevo"}.in(
                                            terminal.language)
                                      : Text{" filings", " trámites"}.in(terminal.language)));
}

void print_differences(Terminal& terminal, const v1::RetranslateReply& reply) {
  Printer& out = terminal.out;
  for (const v1::RetranslatedFiling& filing : reply.filings()) {
    out << out.paint(Tone::strong, filing.kind()) << "  " << safe_text(filing.filer()) << "  ";
    if (!filing.before_id().empty())
      out << filing.before_id() << Text{" revision ", " revisión "}.in(terminal.language)
          << std::to_string(filing.before_revision()) << " " << filing.before_state();
    out << " -> ";
    if (filing.after_id().empty())
      out << Text{"nothing", "nada"}.in(terminal.language);
    else
      out << Text{"revision ", "revisión "}.in(terminal.language) << std::to_string(filing.after_revision()) << " "
          << filing.after_state() << " " << filing.after_action();
    out << "\n";
    for (const v1::RecordDifference& line : filing.differences()) {
      const bool before = line.side() == v1::RecordDifference::BEFORE;
      const std::string number = std::to_string(line.line());
      out << out.paint(before ? Tone::bad : Tone::good,
                       std::string(before ? "- " : "+ ") + std::string(number.size() < 4 ? 4 - number.size() : 0, ' ') +
                           number + "  " + safe_text(line.record()))
          << "\n";
    }
  }
}

// The difference is always asked for first; --yes then orders what it showed.
ExitCode retranslate(const Arguments& arguments, Terminal& terminal) {
  auto order = order_of(arguments);
  const bool really = arguments.flag("--yes") && !arguments.flag("--dry-run");
  const auto client = connect(arguments);
  if (!client) return report(terminal, client.error());
  order.set_dry_run(true);
  auto reply = (*client)->retranslate(order);
  if (!reply) return report(terminal, reply.error());
  if (!arguments.flag("--json")) print_differences(terminal, *reply);
  if (really && reply->changed() > 0 && reply->findings().empty()) {
    order.set_dry_run(false);
    reply = (*client)->retranslate(order);
    if (!reply) return report(terminal, reply.error());
  }
  if (arguments.flag("--json")) terminal.out << dump(project(*reply)) << "\n";
  return ended(
      terminal, *reply,
      std::to_string(reply->changed()) +
          std::string(really ? Text{" filings changed of ", " trámites cambiaron de "}.in(terminal.language)
                             : Text{" filings would change of ", " trámites cambiarían de "}.in(terminal.language)) +
          std::to_string(reply->shipments()) + std::string(Text{" shipments", " embarques"}.in(terminal.language)));
}

}  // namespace

const Command kRedeliver = {
    "redeliver",
    {"offer filings once more: same bytes, same token, marked",
     "ofrecer trámites de nuevo: mismos bytes y token, marcados"},
    "puente redeliver --config demo/client-ops.toml --state dead_letter --filer broker --dry-run\n"
    "puente redeliver --config demo/client-ops.toml --reason \"lost at the broker\" TFNB00418827",
    kRedeliverOptions,
    redeliver};
const Command kRetranslate = {
    "retranslate",
    {"draft filings anew from the stored originals with today's rules; the difference first",
     "formular trámites de nuevo desde los originales con las reglas de hoy; primero la diferencia"},
    "puente retranslate --config demo/client-ops.toml TFNB00418827\n"
    "puente retranslate --config demo/client-ops.toml --state refused --yes --reason \"catalog corrected\"",
    kRetranslateOptions,
    retranslate};

}  // namespace puente::app
