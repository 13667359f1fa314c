// What a configuration points to, loaded as a whole: the same steps at start, on SIGHUP and in check-config.
#pragma once

#include <memory>
#include <string>

#include "gateway/app/configuration.h"
#include "gateway/flow/flow.h"
#include "gateway/partners/registry.h"

namespace puente::app {

struct TlsFiles {
  std::string certificate_pem, key_pem, client_ca_pem;
};

struct Loaded {
  std::shared_ptr<const partners::Registry> registry;
  flow::Knowledge knowledge;  // trust, lists, profiles, catalog
  TlsFiles tls;
};

// Parts that cannot be loaded are null and have a finding CONFIG_CONTENT_INVALID (place: configuration file and key;
// detail: what is wrong, with file and line). Production refuses simulators (CONFIG_SIMULATOR_IN_PRODUCTION) and test
// authorities. Looks at the clock for the validity of the gateway's own certificate.
Loaded load_contents(const LoadedConfiguration& configuration, Findings& findings);

// check-config: check_surroundings and load_contents.
void check_contents(const LoadedConfiguration& configuration, Findings& findings);

// Faults: cannot_open, registry_invalid.
Result<std::shared_ptr<const partners::Registry>> load_registry(const std::filesystem::path& file);
// The lists of a folder beside the embedded ones; the embedded ones alone for an empty path. Faults: of read_sat_lists.
Result<std::shared_ptr<const catalogs::SatLists>> load_lists(const std::filesystem::path& folder);
// Faults: those of Profiles and ProductCatalog, cannot_open; input_invalid for a folder without *.toml.
Result<std::shared_ptr<const crosswalk::Profiles>> load_profiles(const std::filesystem::path& folder);
Result<std::shared_ptr<const crosswalk::ProductCatalog>> load_catalog(const std::filesystem::path& file);

}  // namespace puente::app
