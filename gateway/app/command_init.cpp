// puente init: a development gateway in one folder, ready to serve: certificates, registry, configuration, sample
// partners.
#include <sys/stat.h>

#include <array>
#include <filesystem>
#include <utility>
#include <vector>

#include "gateway/app/client_options.h"
#include "gateway/app/commands.h"
#include "gateway/app/configuration.h"
#include "gateway/app/faults.h"
#include "gateway/app/files.h"
#include "gateway/app/sample.h"
#include "gateway/app/toml_source.h"
#include "gateway/partners/certificates.h"
#include "mappings/crosswalk/profile.h"

namespace puente::app {
namespace {

namespace fs = std::filesystem;

constexpr Option kOptions[] = {
    {"--listen",
     "HOST:PORT",
     OptionKind::text,
     false,
     {"where the gateway will listen; default 127.0.0.1:7443",
      "dónde escuchará la pasarela; por omisión 127.0.0.1:7443"}},
    {"--socket",
     "HOST:PORT",
     OptionKind::text,
     false,
     {"where its socket transport will listen; default: the port after --listen",
      "dónde escuchará su transporte de socket; por omisión, el puerto siguiente a --listen"}},
    {"--health",
     "HOST:PORT",
     OptionKind::text,
     false,
     {"where its health page will listen; default 127.0.0.1:7480",
      "dónde escuchará su página de salud; por omisión 127.0.0.1:7480"}},
    {"DIR",
     "DIR",
     OptionKind::text,
     true,
     {"folder to make; must not hold a gateway yet", "carpeta por crear; no debe tener ya una pasarela"}},
};

struct DevelopmentPartner {
  std::string_view id, name, role;
  bool simulator;
};
constexpr std::array<DevelopmentPartner, 4> kPartners = {{{"shipper", "Development shipper", "sender", false},
                                                          {"carrier", "Development carrier", "sender", false},
                                                          {"broker", "Demo broker", "filer", true},
                                                          {"ops", "Development operator", "ops", false}}};
constexpr std::string_view kFiler = "broker";

std::string configuration_text(std::string_view listen, std::string_view socket, std::string_view health) {
  return "# A development gateway. Every key: puente check-config --reference.\n"
         "environment = \"test\"\n\n"
         "[listen]\ngrpc = " +
         toml_text(listen) + "\nsocket = " + toml_text(socket) + "\nhealth = " + toml_text(health) +
         "\n\n"
         "[tls]\ncertificate = \"certificates/server.crt\"\nkey = \"certificates/server.key\"\n"
         "client_ca = \"certificates/ca.crt\"\n\n"
         "[partners]\nregistry = \"registry.toml\"\nprofiles = \"partners\"\ncatalog = \"catalog.csv\"\n\n"
         "[trust]\nfolders = [\"trust\"]\n\n"
         "[catalogs]\nfolder = \"catalogs\"\n\n"
         "[ledger]\nfile = \"ledger/puente.sqlite\"\n\n"
         "[receipt]\nkey = \"certificates/receipt.key\"\n";
}

Result<std::string> registry_text(const fs::path& dir, std::string_view broker_handle) {
  std::string out = "# Who may connect, by the digest of its public key, and which filer files what.\n";
  for (const DevelopmentPartner& partner : kPartners) {
    const auto pem = read_file(dir / "certificates" / (std::string(partner.id) + ".crt"));
    if (!pem) return tl::unexpected(pem.error());
    const auto digest = partners::spki_sha256_of_pem(*pem);
    if (!digest) return tl::unexpected(digest.error());
    out += "\n[partner." + std::string(partner.id) + "]\nname = " + toml_text(partner.name) + "\nroles = [" +
           toml_text(partner.role) + "]\nkeys = [{ spki_sha256 = " + toml_text(*digest) + " }]\n";
    if (partner.id == kFiler) out += "broker = " + toml_text(broker_handle) + "\nlease_seconds = 60\n";
    if (partner.simulator) out += "simulator = true\n";
  }
  return out + "\n[[route]]\nfiler = " + toml_text(kFiler) + "\n";
}

// The handle of the sample's broker, which the registry names.
Result<std::string> sample_broker() {
  const auto profiles = crosswalk::Profiles::parse({{"broker.toml", std::string(sample_file("broker.toml"))}});
  if (!profiles) return tl::unexpected(profiles.error());
  return (*profiles)->broker()->name;
}

Result<void> make_folder(const fs::path& folder) {
  std::error_code error;
  if (fs::is_directory(folder, error)) return {};
  fs::create_directories(folder, error);
  if (!error) fs::permissions(folder, fs::perms::owner_all, error);
  if (error) return permanent("cannot_write", folder.string() + ": " + error.message());
  return {};
}

Result<void> initialise(const fs::path& dir, const std::string& listen, const std::string& socket,
                        const std::string& health) {
  for (const std::string_view name : {"puente.toml", "registry.toml"})
    if (std::error_code error; fs::exists(dir / name, error))
      return permanent("exists", (dir / name).string() + ": there is a gateway in this folder; nothing was changed");
  for (const std::string_view folder : {"", "partners", "trust", "catalogs", "ledger"})
    if (auto made = make_folder(folder.empty() ? dir : dir / folder); !made) return made;
  std::vector<std::string> names;
  for (const DevelopmentPartner& partner : kPartners) names.emplace_back(partner.id);
  if (auto issued = partners::write_development_certificates(dir / "certificates", names); !issued) return issued;

  std::vector<std::pair<fs::path, std::string>> files;
  for (const SampleFile& sample : kSampleFiles)
    files.emplace_back(dir / sample.folder / sample.name, std::string(sample_file(sample.name)));
  for (const std::string& name : names) {
    const fs::path certificates = "certificates";
    ClientOptions client;
    client.address = listen;
    client.certificate = certificates / (name + ".crt");
    client.key = certificates / (name + ".key");
    client.authority = certificates / "ca.crt";
    files.emplace_back(dir / ("client-" + name + ".toml"), print_client_options(client));
  }
  const auto broker = sample_broker();
  if (!broker) return tl::unexpected(broker.error());
  auto registry = registry_text(dir, *broker);
  if (!registry) return tl::unexpected(registry.error());
  files.emplace_back(dir / "registry.toml", std::move(*registry));
  files.emplace_back(dir / "puente.toml",
                     configuration_text(listen, socket, health));  // last: with it the folder is a gateway
  for (const auto& [file, content] : files)
    if (auto written = write_new_file(file, content, 0600); !written) return written;
  return {};
}

// Where the socket transport listens when nothing is said: beside gRPC; a free port beside a free one.
std::string next_port(const std::string& listen) {
  auto address = parse_address(listen);
  if (!address) return listen;  // refused as --listen
  if (address->port != 0)
    address->port = static_cast<std::uint16_t>(address->port == 65535 ? 65534 : address->port + 1);
  return address->text();
}

ExitCode init(const Arguments& arguments, Terminal& terminal) {
  const fs::path dir = *arguments.text("DIR");
  const std::string listen = arguments.text_or("--listen", "127.0.0.1:7443");
  const std::string health = arguments.text_or("--health", "127.0.0.1:7480");
  const std::string socket = arguments.text_or("--socket", next_port(listen));
  for (const auto& [option, address] :
       {std::pair{"--listen", &listen}, std::pair{"--socket", &socket}, std::pair{"--health", &health}})
    if (!parse_address(*address))
      return report(terminal, Fault{FaultKind::permanent, "usage",
                                    std::string(option) + ": " + *address + ": not HOST:PORT with a port up to 65535"});
  const auto done = initialise(dir, listen, socket, health);
  if (!done) return report(terminal, done.error());
  const std::string at = dir.string();
  terminal.err << Text{"A development gateway is in ", "Hay una pasarela de desarrollo en "}.in(terminal.language) << at
               << Text{". Its keys are for tests only. Next:\n", ". Sus llaves son sólo para pruebas. Siga con:\n"}.in(
                      terminal.language)
               << "  puente serve --config " << at << "/puente.toml\n"
               << "  puente broker --config " << at << "/client-broker.toml\n"
               << "  puente submit --config " << at << "/client-shipper.toml FILE.xml...\n"
               << "  puente notice --config " << at << "/client-carrier.toml notice.json\n";
  return ExitCode::done;
}

}  // namespace

const Command kInit = {"init",
                       {"development certificates and a sample configuration in a new folder",
                        "certificados de desarrollo y una configuración de ejemplo en una carpeta nueva"},
                       "puente init demo",
                       kOptions,
                       init};

}  // namespace puente::app
