// puente store: the ledger, through a running gateway or on its file.
#include <nlohmann/json.hpp>

#include "gateway/app/client_options.h"
#include "gateway/app/commands.h"
#include "gateway/app/faults.h"
#include "gateway/ledger/open.h"
#include "mappings/findings/projection.h"

namespace puente::app {
namespace {

constexpr Option kLedgerOption = {
    "--ledger",
    "FILE",
    OptionKind::text,
    false,
    {"the ledger's file, when no gateway has it open; without it the gateway is asked",
     "el archivo del libro, si ninguna pasarela lo tiene abierto; sin ella se pide a la pasarela"}};
constexpr Option kJsonOption = {"--json", "", OptionKind::flag, false, {"print JSON", "imprime JSON"}};

constexpr Option kBackupOptions[] = {
    kLedgerOption,
    kClientConfigOption,
    kAddressOption,
    kCertificateOption,
    kKeyOption,
    kAuthorityOption,
    kServerNameOption,
    kJsonOption,
    {"TO",
     "TO",
     OptionKind::text,
     true,
     {"file to make, on the host of the ledger", "archivo por crear, en el equipo del libro"}},
};
constexpr Option kVerifyOptions[] = {kLedgerOption, kClientConfigOption, kAddressOption,    kCertificateOption,
                                     kKeyOption,    kAuthorityOption,    kServerNameOption, kJsonOption};

Result<std::uint64_t> backup_of(const Arguments& arguments, const std::string& to) {
  if (const auto file = arguments.text("--ledger")) {
    if (std::error_code error; !std::filesystem::exists(*file, error))
      return permanent("cannot_open", *file + ": no such file");  // opening would make a new ledger
    ledger::SqliteOptions options;
    options.file = *file;
    const auto ledger = ledger::open_sqlite(options);
    if (!ledger) return tl::unexpected(ledger.error());
    return (*ledger)->backup(to);
  }
  const auto client = connect(arguments);
  if (!client) return tl::unexpected(client.error());
  const auto reply = (*client)->backup(to);
  if (!reply) return tl::unexpected(reply.error());
  return reply->bytes();
}

Result<v1::VerifyReply> verification_of(const Arguments& arguments) {
  if (const auto file = arguments.text("--ledger")) {
    if (std::error_code error; !std::filesystem::exists(*file, error))
      return permanent("cannot_open", *file + ": no such file");
    const auto verified = ledger::verify_sqlite(*file);
    if (!verified) return tl::unexpected(verified.error());
    v1::VerifyReply reply;
    reply.set_intact(verified->intact);
    reply.set_events(verified->events);
    reply.set_documents(verified->documents);
    reply.set_text(verified->text);
    return reply;
  }
  const auto client = connect(arguments);
  if (!client) return tl::unexpected(client.error());
  return (*client)->verify();
}

ExitCode backup(const Arguments& arguments, Terminal& terminal) {
  const std::string to = *arguments.text("TO");
  const auto bytes = backup_of(arguments, to);
  if (!bytes) return report(terminal, bytes.error());
  if (arguments.flag("--json")) {
    terminal.out << dump({{"file", to}, {"bytes", *bytes}}) << "\n";
  } else {
    terminal.err << to << ": " << std::to_string(*bytes) << " bytes\n";
  }
  return ExitCode::done;
}

ExitCode verify(const Arguments& arguments, Terminal& terminal) {
  const auto reply = verification_of(arguments);
  if (!reply) return report(terminal, reply.error());
  if (arguments.flag("--json")) {
    terminal.out << dump(project(*reply)) << "\n";
  } else {
    Printer& out = terminal.out;
    out << (reply->intact() ? out.paint(Tone::good, Text{"intact", "íntegro"}.in(terminal.language))
                            : out.paint(Tone::bad, Text{"broken", "roto"}.in(terminal.language)))
        << "  " << std::to_string(reply->events()) << Text{" events, ", " eventos, "}.in(terminal.language)
        << std::to_string(reply->documents()) << Text{" documents", " documentos"}.in(terminal.language);
    if (!reply->text().empty()) out << "  " << safe_text(reply->text());
    out << "\n";
  }
  return reply->intact() ? ExitCode::done : ExitCode::findings;
}

}  // namespace

const Command kStoreBackup = {"store backup",
                              {"copy the ledger, also while it is in use", "copia el libro, también en uso"},
                              "puente store backup --config demo/client-ops.toml /var/backups/puente.sqlite\n"
                              "puente store backup --ledger demo/ledger/puente.sqlite copy.sqlite",
                              kBackupOptions,
                              backup};
const Command kStoreVerify = {
    "store verify",
    {"check the ledger: hash chain, digests, file", "revisa el libro: cadena, resúmenes, archivo"},
    "puente store verify --config demo/client-ops.toml\n"
    "puente store verify --ledger copy.sqlite",
    kVerifyOptions,
    verify};

}  // namespace puente::app
