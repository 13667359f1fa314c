#include "gateway/app/knowledge.h"

#include <chrono>

#include "gateway/app/files.h"
#include "gateway/app/sat_lists_folder.h"
#include "gateway/flow/receipt_signer.h"
#include "gateway/partners/certificates.h"

namespace puente::app {
namespace {

class Loader {
 public:
  Loader(const LoadedConfiguration& configuration, Findings& findings)
      : configuration_(configuration), values_(configuration.values), findings_(findings) {}

  Loaded load() {
    Loaded out;
    take("partners.registry", load_registry(), out.registry);
    out.knowledge.registry = out.registry;
    take("trust.folders", sat::TrustStore::load(values_.environment, values_.trust), out.knowledge.trust);
    if (values_.environment == sat::Environment::production && out.knowledge.trust && out.knowledge.trust->roots() == 0)
      add("CONFIG_TRUST_EMPTY", "trust.folders", {});
    take("catalogs.folder", load_lists(values_.lists), out.knowledge.lists);
    take("partners.profiles", load_profiles(values_.profiles), out.knowledge.profiles);
    take("partners.catalog", load_catalog(values_.catalog), out.knowledge.catalog);
    take("tls.certificate", load_tls(), out.tls);
    return out;
  }

  void check_receipt_key() {
    std::shared_ptr<const flow::ReceiptSigner> signer;
    take("receipt.key", flow::EcdsaReceiptSigner::load(values_.receipt_key), signer);
  }

 private:
  Finding& add(std::string_view code, std::string_view key, FindingParams params) {
    params.emplace_back("key", std::string(key));
    Finding& finding = findings_.add(code, params);
    finding.mutable_source()->set_document(configuration_.file.string());
    finding.mutable_source()->set_path(std::string(key));
    finding.mutable_source()->set_line(configuration_.line_of(key));
    return finding;
  }

  template <typename T>
  void take(std::string_view key, Result<T> result, T& out) {
    if (result) {
      out = std::move(*result);
    } else {
      add("CONFIG_CONTENT_INVALID", key, {{"fault", result.error().code}}).set_detail(result.error().text);
    }
  }

  Result<std::shared_ptr<const partners::Registry>> load_registry() {
    auto registry = app::load_registry(values_.registry);
    if (registry && values_.environment == sat::Environment::production)
      for (const partners::Partner& partner : (*registry)->partners())
        if (partner.simulator) add("CONFIG_SIMULATOR_IN_PRODUCTION", "partners.registry", {{"partner", partner.id}});
    return registry;
  }

  Result<TlsFiles> load_tls() {
    TlsFiles files;
    for (const auto& [path, text] : {std::pair{&values_.tls_certificate, &files.certificate_pem},
                                     {&values_.tls_key, &files.key_pem},
                                     {&values_.tls_client_ca, &files.client_ca_pem}}) {
      auto content = read_file(*path);
      if (!content) return tl::unexpected(content.error());
      *text = std::move(*content);
    }
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    if (auto checked =
            partners::check_server_credentials(files.certificate_pem, files.key_pem, files.client_ca_pem, now);
        !checked)
      return tl::unexpected(checked.error());
    return files;
  }

  const LoadedConfiguration& configuration_;
  const Configuration& values_;
  Findings& findings_;
};

}  // namespace

Result<std::shared_ptr<const partners::Registry>> load_registry(const std::filesystem::path& file) {
  const auto text = read_file(file);
  if (!text) return tl::unexpected(text.error());
  return partners::Registry::parse(file.string(), *text);
}

Result<std::shared_ptr<const catalogs::SatLists>> load_lists(const std::filesystem::path& folder) {
  if (folder.empty()) return catalogs::SatLists::embedded();
  auto lists = read_sat_lists(folder);
  if (!lists) return tl::unexpected(lists.error());
  return std::move(lists->lists);
}

Result<std::shared_ptr<const crosswalk::Profiles>> load_profiles(const std::filesystem::path& folder) {
  const auto files = read_folder(folder, ".toml");
  if (!files) return tl::unexpected(files.error());
  if (files->empty()) return permanent("input_invalid", folder.string() + ": no profile (*.toml) in this folder");
  return crosswalk::Profiles::parse(*files);
}

Result<std::shared_ptr<const crosswalk::ProductCatalog>> load_catalog(const std::filesystem::path& file) {
  const auto csv = read_file(file);
  if (!csv) return tl::unexpected(csv.error());
  return crosswalk::ProductCatalog::parse(file.string(), *csv);
}

Loaded load_contents(const LoadedConfiguration& configuration, Findings& findings) {
  return Loader(configuration, findings).load();
}

void check_contents(const LoadedConfiguration& configuration, Findings& findings) {
  check_surroundings(configuration, findings);
  if (findings.has(v1::SEVERITY_ERROR)) return;  // what is not there need not be said twice
  Loader loader(configuration, findings);
  loader.load();
  loader.check_receipt_key();
}

}  // namespace puente::app
