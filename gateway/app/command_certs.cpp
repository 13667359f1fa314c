// puente certs: the SAT's certificates of a deployment. load looks at what somebody downloaded, says of each
// certificate what it is, and puts those that belong there into the first of the trust folders; a gateway takes them at
// its next reload.
#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "gateway/app/commands.h"
#include "gateway/app/configuration.h"
#include "gateway/app/faults.h"
#include "gateway/app/files.h"
#include "mappings/domain/date.h"
#include "mappings/findings/projection.h"
#include "mappings/sat/trust.h"

namespace puente::app {
namespace {

using sat::CertificateFacts;
using sat::CertificateKind;
using sat::ChainVerdict;

constexpr Option kConfigOption = {"--config",
                                  "FILE",
                                  OptionKind::text,
                                  false,
                                  {"the gateway's configuration; default: /etc/puente/puente.toml",
                                   "la configuración de la pasarela; por omisión, /etc/puente/puente.toml"}};
constexpr Option kJsonOption = {"--json", "", OptionKind::flag, false, {"print JSON", "imprime JSON"}};
constexpr Option kLoadOptions[] = {
    kConfigOption,
    kJsonOption,
    {"--dry-run", "", OptionKind::flag, false, {"say what would be done", "dice qué se haría"}},
    {"DIR",
     "DIR",
     OptionKind::text,
     true,
     {"folder with certificates (*.cer, *.crt, *.pem)", "carpeta con certificados (*.cer, *.crt, *.pem)"}},
};
constexpr Option kListOptions[] = {kConfigOption, kJsonOption};

struct Word {
  std::string_view json;
  Text text;
};

Word kind_word(CertificateKind kind) {
  switch (kind) {
    case CertificateKind::root:
      return {"root", {"root authority", "autoridad raíz"}};
    case CertificateKind::intermediate:
      return {"intermediate", {"intermediate authority", "autoridad intermedia"}};
    case CertificateKind::stamping:
      return {"stamping", {"SAT stamping certificate", "certificado de timbrado del SAT"}};
    case CertificateKind::csd:
      return {"csd", {"CSD of a taxpayer", "CSD de un contribuyente"}};
    case CertificateKind::e_firma:
      return {"e_firma", {"e.firma", "e.firma"}};
    case CertificateKind::other:
      break;
  }
  return {"other", {"certificate of another kind", "certificado de otro tipo"}};
}

Word chain_word(ChainVerdict verdict) {
  switch (verdict) {
    case ChainVerdict::trusted:
      return {"at_hand", {"issued by an authority at hand", "emitido por una autoridad que se tiene"}};
    case ChainVerdict::refused:
      return {"refused", {"not signed by the authority it names", "no firmado por la autoridad que nombra"}};
    case ChainVerdict::unknown:
      break;
  }
  return {"not_at_hand", {"its issuer is not at hand: not proven", "no se tiene a su emisor: sin comprobar"}};
}

// What becomes of a certificate, and why.
enum class Outcome { copied, already_there, refused };

struct Row {
  std::string file;
  std::optional<CertificateFacts> facts;  // nothing: no certificate
  Outcome outcome = Outcome::refused;
  Word reason = {"", {"", ""}};
  ChainVerdict chain = ChainVerdict::unknown;
};

constexpr Word kNotReadable = {"unreadable", {"no certificate with an RSA key", "no es un certificado con llave RSA"}};
constexpr Word kTravels = {"travels_in_the_document",
                           {"it travels in the document and is never believed from a folder",
                            "viaja en el documento y nunca se cree de una carpeta"}};
constexpr Word kNotOfTheSat = {"not_of_the_sat",
                               {"no certificate that stamps are signed with", "no es de los que firman timbres"}};
constexpr Word kOfTests = {
    "test_authority", {"of a test authority; this is production", "de una autoridad de pruebas; esto es producción"}};
constexpr Word kForged = {"refused",
                          {"not signed by the authority it names", "no firmado por la autoridad que nombra"}};
constexpr Word kSerialTaken = {
    "serial_taken", {"another certificate of this serial is there", "ya hay otro certificado con esta serie"}};

bool believed(CertificateKind kind) {
  return kind == CertificateKind::root || kind == CertificateKind::intermediate || kind == CertificateKind::stamping;
}

// The authorities among these; what an intermediate is measured by are the roots alone, or it would vouch for itself.
std::vector<CertificateFacts> authorities(std::span<const CertificateFacts> certificates, bool roots_alone) {
  std::vector<CertificateFacts> out;
  std::ranges::copy_if(certificates, std::back_inserter(out), [&](const CertificateFacts& one) {
    return one.kind == CertificateKind::root || (!roots_alone && one.kind == CertificateKind::intermediate);
  });
  return out;
}

class Chains {
 public:
  Chains(sat::Environment environment, std::span<const CertificateFacts> certificates)
      : roots_(sat::TrustStore::of(environment, authorities(certificates, true))),
        all_(sat::TrustStore::of(environment, authorities(certificates, false))) {}
  ChainVerdict of(const CertificateFacts& one) const {
    return (one.kind == CertificateKind::intermediate ? roots_ : all_)->chain(one);
  }

 private:
  std::shared_ptr<const sat::TrustStore> roots_, all_;
};

constexpr std::string_view kBelieved[] = {".cer", ".pem"};  // what a trust folder is read for
constexpr std::string_view kLooked[] = {".cer", ".crt", ".pem"};

using Extensions = std::span<const std::string_view>;

Result<std::vector<std::pair<std::string, std::string>>> certificate_files(const std::filesystem::path& folder,
                                                                           Extensions extensions) {
  std::vector<std::pair<std::string, std::string>> out;
  for (const std::string_view extension : extensions) {
    auto files = read_folder(folder, extension);
    if (!files) return tl::unexpected(files.error());
    std::ranges::move(*files, std::back_inserter(out));
  }
  std::ranges::sort(out);
  return out;
}

// The certificates of a folder's files. What cannot be read there is a row without facts.
Result<std::vector<Row>> rows_of(const std::filesystem::path& folder, Extensions extensions) {
  const auto files = certificate_files(folder, extensions);
  if (!files) return tl::unexpected(files.error());
  std::vector<Row> rows;
  for (const auto& [name, content] : *files) {
    const auto described = sat::describe_certificates(name, content);
    if (!described) {
      rows.push_back({.file = (folder / name).string(), .facts = std::nullopt, .reason = kNotReadable});
      continue;
    }
    for (const CertificateFacts& facts : *described) rows.push_back({.file = (folder / name).string(), .facts = facts});
  }
  return rows;
}

std::vector<CertificateFacts> facts_of(std::span<const Row> rows) {
  std::vector<CertificateFacts> out;
  for (const Row& row : rows)
    if (row.facts) out.push_back(*row.facts);
  return out;
}

Result<std::vector<Row>> rows_there(const Configuration& values) {
  std::vector<Row> out;
  for (const auto& folder : values.trust) {
    auto rows = rows_of(folder, kBelieved);
    if (!rows) return tl::unexpected(rows.error());
    std::ranges::move(*rows, std::back_inserter(out));
  }
  return out;
}

void judge(Row& row, sat::Environment environment, const Chains& chains, std::span<const CertificateFacts> there) {
  if (!row.facts) return;
  const CertificateFacts& one = *row.facts;
  const auto refuse = [&](const Word& reason) { row.reason = reason; };
  row.chain = chains.of(one);
  if (one.kind == CertificateKind::csd || one.kind == CertificateKind::e_firma) return refuse(kTravels);
  if (!believed(one.kind)) return refuse(kNotOfTheSat);
  if (one.of_test_authority && environment == sat::Environment::production) return refuse(kOfTests);
  if (row.chain == ChainVerdict::refused) return refuse(kForged);
  for (const CertificateFacts& other : there) {
    if (other.der == one.der) {
      row.outcome = Outcome::already_there;
      return;
    }
    // An authority is found by its name and key, the SAT's certificates by their serial alone.
    if (other.number == one.number && one.kind == CertificateKind::stamping) return refuse(kSerialTaken);
  }
  row.outcome = Outcome::copied;
}

// By its serial; authorities of one serial are told apart by what they are.
std::string file_name(const CertificateFacts& one, std::span<const CertificateFacts> known) {
  const bool taken =
      std::ranges::any_of(known, [&](const CertificateFacts& other) { return other.number == one.number; });
  return one.number + (taken ? "-" + one.sha256.substr(0, 16) : "") + ".cer";
}

std::string day_of(std::chrono::sys_seconds time) {
  return to_string(Date{std::chrono::floor<std::chrono::days>(time)});
}

bool expired(const CertificateFacts& one) { return one.not_after < std::chrono::system_clock::now(); }

nlohmann::ordered_json json_of(const Row& row, bool loading) {
  nlohmann::ordered_json out = {{"file", row.file}};
  if (row.facts) {
    const CertificateFacts& one = *row.facts;
    out["kind"] = kind_word(one.kind).json;
    out["number"] = one.number;
    out["subject"] = safe_text(one.subject);
    out["rfc"] = safe_text(one.rfc);
    out["issuer"] = safe_text(one.issuer);
    out["valid_from"] = day_of(one.not_before);
    out["valid_to"] = day_of(one.not_after);
    out["expired"] = expired(one);
    out["of_test_authority"] = one.of_test_authority;
    out["issued_by"] = chain_word(row.chain).json;
    out["sha256"] = one.sha256;
  }
  if (loading)
    out["outcome"] = row.outcome == Outcome::copied          ? "copied"
                     : row.outcome == Outcome::already_there ? "already_there"
                                                             : "refused";
  if (!row.reason.json.empty()) out["reason"] = row.reason.json;
  return out;
}

constexpr Text kRefused = {"refused", "rechazado"};

std::string outcome_text(const Row& row, const Printer& out, Language language) {
  switch (row.outcome) {
    case Outcome::copied:
      return out.paint(Tone::good, Text{"copied", "copiado"}.in(language));
    case Outcome::already_there:
      return out.paint(Tone::faint, Text{"already there", "ya estaba"}.in(language));
    case Outcome::refused:
      break;
  }
  return out.paint(Tone::bad, kRefused.in(language));
}

void print(const Row& row, bool loading, Terminal& terminal) {
  Printer& out = terminal.out;
  const Language language = terminal.language;
  out << safe_text(shown_path(row.file));
  if (loading) out << "  " << outcome_text(row, out, language);
  if (!row.reason.json.empty()) out << ": " << row.reason.text.in(language);
  out << "\n";
  if (!row.facts) return;
  const CertificateFacts& one = *row.facts;
  out << "  " << kind_word(one.kind).text.in(language) << "  " << one.number << "  " << safe_text(one.subject);
  if (!one.rfc.empty()) out << "  " << safe_text(one.rfc);
  out << "\n  " << day_of(one.not_before) << " - " << day_of(one.not_after);
  if (expired(one) && believed(one.kind))
    out << Text{" (expired: good for documents of its time)", " (vencido: sirve para documentos de su tiempo)"}.in(
        language);
  if (one.of_test_authority) out << Text{"  of tests", "  de pruebas"}.in(language);
  if (one.kind == CertificateKind::root) {
    out << "\n  sha256 " << one.sha256;
  } else if (believed(one.kind)) {
    out << "  " << chain_word(row.chain).text.in(language);
  }
  out << "\n";
}

void print_all(std::span<const Row> rows, bool loading, const Arguments& arguments, Terminal& terminal) {
  if (arguments.flag("--json")) {
    auto list = nlohmann::ordered_json::array();
    for (const Row& row : rows) list.push_back(json_of(row, loading));
    terminal.out << dump(list) << "\n";
  } else {
    for (const Row& row : rows) print(row, loading, terminal);
  }
}

Result<Configuration> configuration_of(const Arguments& arguments) {
  LoadedConfiguration loaded = load_configuration(arguments.text_or("--config", kDefaultConfiguration));
  if (!loaded.usable()) return tl::unexpected(loaded.fault());
  if (loaded.values.trust.empty())
    return permanent("config_invalid", loaded.file.string() + ": trust.folders names no folder");
  return loaded.values;
}

ExitCode load(const Arguments& arguments, Terminal& terminal) {
  const auto values = configuration_of(arguments);
  if (!values) return report(terminal, values.error());
  auto there = rows_there(*values);
  if (!there) return report(terminal, there.error());
  auto rows = rows_of(*arguments.text("DIR"), kLooked);
  if (!rows) return report(terminal, rows.error());

  std::vector<CertificateFacts> known = facts_of(*there), all = known;
  std::ranges::move(facts_of(*rows), std::back_inserter(all));
  const Chains chains(values->environment, all);
  const std::filesystem::path& folder = values->trust.front();
  std::size_t copied = 0, refused = 0;
  for (Row& row : *rows) {
    judge(row, values->environment, chains, known);
    refused += row.outcome == Outcome::refused ? 1 : 0;
    if (row.outcome != Outcome::copied) continue;
    const std::string name = file_name(*row.facts, known);
    known.push_back(*row.facts);  // a second copy of it, or of its serial
    ++copied;
    if (arguments.flag("--dry-run")) continue;
    const auto written = replace_file(folder / name, row.facts->der, 0644);
    if (!written) return report(terminal, written.error());
  }
  print_all(*rows, true, arguments, terminal);
  const Language language = terminal.language;
  terminal.err << std::to_string(copied)
               << (arguments.flag("--dry-run") ? Text{" would be copied to ", " se copiarían a "}
                                               : Text{" copied to ", " copiados a "})
                      .in(language)
               << safe_text(shown_path(folder.string())) << ", " << std::to_string(refused)
               << Text{" refused", " rechazados"}.in(language) << "\n";
  if (copied > 0 && !arguments.flag("--dry-run"))
    terminal.err << Text{"A running gateway takes them at its next reload (SIGHUP).\n",
                         "Una pasarela en marcha los toma al recargar (SIGHUP).\n"}
                        .in(language);
  return refused > 0 ? ExitCode::findings : ExitCode::done;
}

ExitCode list(const Arguments& arguments, Terminal& terminal) {
  const auto values = configuration_of(arguments);
  if (!values) return report(terminal, values.error());
  auto rows = rows_there(*values);
  if (!rows) return report(terminal, rows.error());
  const Chains chains(values->environment, facts_of(*rows));
  for (Row& row : *rows)
    if (row.facts) row.chain = chains.of(*row.facts);
  print_all(*rows, false, arguments, terminal);
  const auto unreadable = std::ranges::any_of(*rows, [](const Row& row) { return !row.facts; });
  return unreadable ? ExitCode::findings : ExitCode::done;
}

}  // namespace

const Command kCertsLoad = {"certs load",
                            {"take the SAT's certificates of a folder into the trust folder",
                             "pasa certificados del SAT de una carpeta a la de confianza"},
                            "puente certs load downloads --config puente.toml\n"
                            "puente certs load downloads --dry-run",
                            kLoadOptions,
                            load};
const Command kCertsList = {"certs list",
                            {"the certificates that are believed", "los certificados en que se confía"},
                            "puente certs list --config puente.toml\n"
                            "puente certs list --json",
                            kListOptions,
                            list};

}  // namespace puente::app
