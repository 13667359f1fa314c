// Which certificates are believed: roots and intermediates of the SAT's authorities, and the SAT's stamping
// certificates by serial number. Loaded once, immutable, shared between threads.
#pragma once

#include <filesystem>
#include <memory>
#include <string_view>
#include <vector>

#include "mappings/domain/result.h"

namespace puente::sat {

enum class Environment { production, test };

class TrustStore {
 public:
  // Reads every *.cer (DER) and *.pem of the directories: CA certificates become roots or intermediates, the others SAT
  // certificates by their serial (its bytes are ASCII digits). In production a directory with a test authority
  // (AC UAT, or Puente's development authority) is the fault trust_test_root_in_production.
  // Other faults: trust_directory_unreadable, trust_file_unreadable, trust_certificate_invalid; all permanent.
  static Result<std::shared_ptr<const TrustStore>> load(Environment environment,
                                                        const std::vector<std::filesystem::path>& directories);
  static std::shared_ptr<const TrustStore> empty(Environment environment);

  Environment environment() const;
  std::size_t roots() const;
  std::size_t sat_certificates() const;
  ~TrustStore();

  struct Impl;
  const Impl& impl() const { return *impl_; }

 private:
  TrustStore();
  std::unique_ptr<Impl> impl_;
};

}  // namespace puente::sat
