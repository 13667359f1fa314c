// X.509 for partners: the digest that identifies a public key, the checks before a server takes new certificates, and a
// development authority (P-256, SHA-256) for `puente init` and the tests. A development authority is not for
// production: its key lies beside what it signs. Threads: every function is pure or touches only the files it is given.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "mappings/domain/result.h"

namespace puente::partners {

// SHA-256 of the SubjectPublicKeyInfo (DER) of the first certificate of a PEM text: 64 lower-case hex digits, as
// registry.toml pins it. Fault certificate_unreadable.
Result<std::string> spki_sha256_of_pem(std::string_view pem);

// Refuses a server's files before they replace working ones: certificates readable, not expired at `now`, key belonging
// to the first certificate, at least one client authority. Faults: certificate_unreadable, certificate_expired,
// certificate_key_mismatch.
Result<void> check_server_credentials(std::string_view certificate_pem, std::string_view key_pem,
                                      std::string_view client_ca_pem, std::chrono::sys_seconds now);

enum class Purpose { authority, server, client, receipt };

struct CertificateRequest {
  std::string common_name;
  Purpose purpose = Purpose::client;
  std::chrono::sys_seconds not_before, not_after;
};

struct Credentials {
  std::string certificate_pem;
  std::string key_pem;  // PKCS #8, not encrypted
};

// A new P-256 key and its certificate, signed by `authority`, or by itself where that is null. A server's certificate
// names localhost, 127.0.0.1 and ::1. Faults: certificate_unreadable (authority), certificate_issue.
Result<Credentials> issue_certificate(const CertificateRequest& request, const Credentials* authority);

// Writes ca.crt/.key, server.crt/.key, receipt.crt/.key and NAME.crt/.key for each client name into `dir` (0700; keys
// 0600). What is already there stays, so a second call with one more name adds one partner. A name is 1 to 64 of a-z
// 0-9 - _ and none of the three above. Faults: certificate_name, certificate_issue, certificate_write.
Result<void> write_development_certificates(const std::filesystem::path& dir, const std::vector<std::string>& names);

}  // namespace puente::partners
