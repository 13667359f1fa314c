// A development authority that mirrors the SAT's certificate shapes: a root, CSDs (20 ASCII digits as serial, RFC in
// x500UniqueIdentifier, digitalSignature + nonRepudiation, OU), an e.firma, and the stamping certificate of the SAT.
// Its keys live in memory, or in a directory of the caller's that is thrown away; they are never committed.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace puente::test {

struct CertificateAsk {
  std::string serial;                 // 20 digits
  std::string name, rfc;              // rfc goes into x500UniqueIdentifier, followed by " / " and a representative
  std::string unit = "Matriz";        // OU
  bool e_firma = false;               // key usage and extended key usage of an e.firma instead of a CSD
  std::string not_before = "20250101060000Z", not_after = "20290101060000Z";
};

struct Signer {
  std::string serial;
  std::string certificate_base64;     // DER, as CFDI's Certificado carries it
  std::string certificate_der;
  std::string rfc;
  std::shared_ptr<void> key;          // EVP_PKEY
  std::string sign(std::string_view cadena) const;  // base64 of RSA PKCS#1 v1.5, SHA-256
};

class Authority {
 public:
  // Of this name as CN and O; the name that is given without one is refused in production.
  static Authority create(std::string_view name = "AC DE DESARROLLO PUENTE");
  // One below this one, as the SAT's own stand below the Banco de México's.
  Authority below(std::string_view name, std::string_view serial) const;
  Signer issue(const CertificateAsk& ask) const;
  // The stamping certificate, serial 00009900000800000001 unless said otherwise.
  const Signer& stamping() const { return *stamping_; }
  // <serial>.pem of its own certificate and <serial>.cer of the stamping certificate: what a trust directory holds.
  void write_trust(const std::filesystem::path& directory) const;

  std::string certificate_pem() const;

 private:
  static Authority make(std::string_view name, std::string_view serial, const Authority* issuer);
  std::string serial_;
  std::shared_ptr<void> key_;
  std::shared_ptr<void> certificate_;
  std::shared_ptr<Signer> stamping_;
};

}  // namespace puente::test
