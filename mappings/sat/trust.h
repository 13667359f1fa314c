// Which certificates are believed: roots and intermediates of the SAT's authorities, and the SAT's stamping
// certificates by serial number. Loaded once, immutable, shared between threads.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "mappings/domain/result.h"

namespace puente::sat {

enum class Environment { production, test };

enum class CertificateKind : std::uint8_t {
  root,          // an authority that issued itself
  intermediate,  // an authority of another's
  stamping,      // of the SAT (in the test environment its double) as it signs stamps
  csd,           // of a taxpayer, for sealing: it travels in the document
  e_firma,       // of a person, for more than sealing
  other,
};

// A certificate as an operator is told of it.
struct CertificateFacts {
  CertificateKind kind = CertificateKind::other;
  bool of_test_authority = false;
  std::string number;        // 20 digits as NoCertificado writes them, else the serial in hexadecimal
  std::string subject, rfc;  // common name, RFC of x500UniqueIdentifier
  std::string issuer;        // common name
  std::chrono::sys_seconds not_before, not_after;
  std::string sha256;  // fingerprint, 64 hexadecimal digits
  std::string der;
};

// The certificates of a file: one in DER, or any number in PEM, whatever the file is called. Fault:
// trust_certificate_invalid; `name` stands in its text.
Result<std::vector<CertificateFacts>> describe_certificates(std::string_view name, const std::string& content);

// Whether an authority at hand issued a certificate. `unknown` when its issuer is not at hand; `refused` when the
// authority that it names did not sign it. Validity dates are a check of their own.
enum class ChainVerdict : std::uint8_t { trusted, unknown, refused };

class TrustStore {
 public:
  // Reads every *.cer and *.pem of the directories: CA certificates become roots or intermediates, the others SAT
  // certificates by their serial (its bytes are ASCII digits). In production a directory with a test authority
  // (AC UAT, or Puente's development authority) is the fault trust_test_root_in_production.
  // Other faults: trust_directory_unreadable, trust_file_unreadable, trust_certificate_invalid; all permanent.
  static Result<std::shared_ptr<const TrustStore>> load(Environment environment,
                                                        const std::vector<std::filesystem::path>& directories);
  static std::shared_ptr<const TrustStore> empty(Environment environment);
  // Of certificates that were described; nothing is refused.
  static std::shared_ptr<const TrustStore> of(Environment environment, std::span<const CertificateFacts> certificates);
  ChainVerdict chain(const CertificateFacts& certificate) const;

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
