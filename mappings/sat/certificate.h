// An X.509 certificate as the SAT shapes it. Immutable; safe on several threads at once.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>

struct x509_st;  // of OpenSSL, which only this room sees
struct evp_pkey_st;
struct evp_md_ctx_st;

namespace puente::sat {

class Certificate {
 public:
  // Null when `der` is not exactly one certificate with an RSA key. Takes the reference.
  static std::shared_ptr<const Certificate> from_der(std::string_view der);
  static std::shared_ptr<const Certificate> from_native(x509_st* certificate);
  ~Certificate();
  Certificate(const Certificate&) = delete;
  Certificate& operator=(const Certificate&) = delete;

  // NoCertificado: the bytes of the serial number read as ASCII; "" when they are not 20 digits (check 2).
  const std::string& number() const { return number_; }
  // x500UniqueIdentifier of the subject up to " / ", which the representative's follows (check 3).
  const std::string& rfc() const { return rfc_; }
  // A CSD signs and nothing else; an e.firma also encrypts (check 4).
  bool is_csd() const { return is_csd_; }
  bool is_authority() const { return is_authority_; }
  bool is_self_issued() const { return is_self_issued_; }
  // Subject or issuer is the SAT's test authority (AC UAT) or Puente's development authority.
  bool is_of_test_authority() const { return is_of_test_authority_; }
  std::chrono::sys_seconds not_before() const { return not_before_; }
  std::chrono::sys_seconds not_after() const { return not_after_; }
  // For people: common names, serial and SHA-256 of the certificate in hexadecimal, made anew at each call.
  std::string subject() const;
  std::string issuer() const;
  std::string serial_in_hexadecimal() const;
  std::string fingerprint() const;
  std::string der() const;
  // RSA PKCS#1 v1.5 with SHA-256; `signature` is base64 (checks 7 and 10).
  bool verifies(std::string_view text, std::string_view signature) const;
  x509_st* native() const { return certificate_; }

 private:
  Certificate() = default;
  x509_st* certificate_ = nullptr;
  evp_pkey_st* key_ = nullptr;
  evp_md_ctx_st* verification_ = nullptr;  // prepared with the key; each verification takes a copy
  std::string number_, rfc_;
  bool is_csd_ = false, is_authority_ = false, is_self_issued_ = false, is_of_test_authority_ = false;
  std::chrono::sys_seconds not_before_, not_after_;
};

// The certificate of a Certificado attribute: base64 of one DER certificate and nothing after it (check 1), else null.
// Issuers repeat, so the last ones are kept parsed, good and bad alike.
std::shared_ptr<const Certificate> certificate_of(std::string_view base64);

// Base64 with its padding, white space ignored; false when it is not that.
bool decode_base64(std::string_view text, std::string& bytes);

}  // namespace puente::sat
