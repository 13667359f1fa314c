#include "tests/support/authority.h"

#include <openssl/asn1.h>
#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <vector>

namespace puente::test {
namespace {

void demand(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "authority: %s failed\n", what);
  std::abort();
}

EVP_PKEY* key_of(const std::shared_ptr<void>& key) { return static_cast<EVP_PKEY*>(key.get()); }
X509* certificate_of(const std::shared_ptr<void>& certificate) { return static_cast<X509*>(certificate.get()); }

std::shared_ptr<void> make_key() {
  EVP_PKEY* key = EVP_RSA_gen(2048);
  demand(key != nullptr, "EVP_RSA_gen");
  return {key, [](void* p) { EVP_PKEY_free(static_cast<EVP_PKEY*>(p)); }};
}

void add_name(X509_NAME* name, const char* field, std::string_view value) {
  demand(X509_NAME_add_entry_by_txt(name, field, MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(value.data()),
                                    static_cast<int>(value.size()), -1, 0) == 1,
         field);
}

void add_extension(X509* certificate, int nid, const char* value) {
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, nid, value);
  demand(extension != nullptr, "X509V3_EXT_conf_nid");
  demand(X509_add_ext(certificate, extension, -1) == 1, "X509_add_ext");
  X509_EXTENSION_free(extension);
}

// The SAT writes the serial as the ASCII digits themselves, one byte a digit.
void set_serial(X509* certificate, std::string_view digits) {
  BIGNUM* number = BN_bin2bn(reinterpret_cast<const unsigned char*>(digits.data()), static_cast<int>(digits.size()), nullptr);
  demand(number != nullptr, "BN_bin2bn");
  demand(BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != nullptr, "serial");
  BN_free(number);
}

std::shared_ptr<void> new_certificate(std::string_view serial, const std::string& not_before, const std::string& not_after) {
  X509* certificate = X509_new();
  demand(certificate != nullptr && X509_set_version(certificate, 2) == 1, "X509_new");
  set_serial(certificate, serial);
  demand(ASN1_TIME_set_string_X509(X509_getm_notBefore(certificate), not_before.c_str()) == 1, "notBefore");
  demand(ASN1_TIME_set_string_X509(X509_getm_notAfter(certificate), not_after.c_str()) == 1, "notAfter");
  return {certificate, [](void* p) { X509_free(static_cast<X509*>(p)); }};
}

std::string base64(std::string_view bytes) {
  std::string out(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                   reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

std::string der_of(X509* certificate) {
  unsigned char* buffer = nullptr;
  const int size = i2d_X509(certificate, &buffer);
  demand(size > 0, "i2d_X509");
  std::string der(reinterpret_cast<char*>(buffer), static_cast<std::size_t>(size));
  OPENSSL_free(buffer);
  return der;
}

constexpr std::string_view kRootSerial = "00009900000800000000";

}  // namespace

std::string Signer::sign(std::string_view cadena) const {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  std::size_t size = 0;
  demand(EVP_DigestSignInit(context, nullptr, EVP_sha256(), nullptr, key_of(key)) == 1, "EVP_DigestSignInit");
  demand(EVP_DigestSign(context, nullptr, &size, reinterpret_cast<const unsigned char*>(cadena.data()), cadena.size()) == 1,
         "EVP_DigestSign");
  std::string signature(size, '\0');
  demand(EVP_DigestSign(context, reinterpret_cast<unsigned char*>(signature.data()), &size,
                        reinterpret_cast<const unsigned char*>(cadena.data()), cadena.size()) == 1,
         "EVP_DigestSign");
  EVP_MD_CTX_free(context);
  signature.resize(size);
  return base64(signature);
}

Authority Authority::create(std::string_view name) { return make(name, kRootSerial, nullptr); }

Authority Authority::below(std::string_view name, std::string_view serial) const { return make(name, serial, this); }

Authority Authority::make(std::string_view name, std::string_view serial, const Authority* issuer) {
  Authority authority;
  authority.serial_ = serial;
  authority.key_ = make_key();
  authority.certificate_ = new_certificate(serial, "20250101060000Z", "20290101060000Z");
  X509* certificate = certificate_of(authority.certificate_);
  X509_NAME* subject = X509_get_subject_name(certificate);
  add_name(subject, "CN", name);
  add_name(subject, "O", name);
  add_name(subject, "C", "MX");
  add_name(subject, "x500UniqueIdentifier", "PUE260101AC1");
  const Authority& above = issuer == nullptr ? authority : *issuer;
  X509_set_issuer_name(certificate, X509_get_subject_name(certificate_of(above.certificate_)));
  X509_set_pubkey(certificate, key_of(authority.key_));
  add_extension(certificate, NID_basic_constraints, "critical,CA:TRUE");
  add_extension(certificate, NID_key_usage, "critical,keyCertSign,cRLSign");
  demand(X509_sign(certificate, key_of(above.key_), EVP_sha256()) > 0, "X509_sign");
  CertificateAsk stamping;
  stamping.serial = "00009900000800000001";
  stamping.name = "SAT DE DESARROLLO";
  stamping.rfc = "SAT970701NN3";
  stamping.unit = "SPR190613I52";
  authority.stamping_ = std::make_shared<Signer>(authority.issue(stamping));
  return authority;
}

Signer Authority::issue(const CertificateAsk& ask) const {
  Signer signer;
  signer.serial = ask.serial;
  signer.rfc = ask.rfc;
  signer.key = make_key();
  const auto holder = new_certificate(ask.serial, ask.not_before, ask.not_after);
  X509* certificate = certificate_of(holder);
  X509_NAME* name = X509_get_subject_name(certificate);
  add_name(name, "CN", ask.name);
  add_name(name, "O", ask.name);
  add_name(name, "C", "MX");
  // Legal persons (12 characters) carry their representative after the slash; natural persons only their own RFC.
  add_name(name, "x500UniqueIdentifier", ask.rfc.size() == 13 ? ask.rfc : ask.rfc + " / VADA800927DJ3");
  add_name(name, "serialNumber", " / VADA800927HSRSRL05");
  if (!ask.e_firma) add_name(name, "OU", ask.unit);
  X509_set_issuer_name(certificate, X509_get_subject_name(certificate_of(certificate_)));
  X509_set_pubkey(certificate, key_of(signer.key));
  add_extension(certificate, NID_basic_constraints, "critical,CA:FALSE");
  add_extension(certificate, NID_key_usage,
                ask.e_firma ? "critical,digitalSignature,nonRepudiation,dataEncipherment,keyAgreement"
                            : "critical,digitalSignature,nonRepudiation");
  if (ask.e_firma) add_extension(certificate, NID_ext_key_usage, "clientAuth,emailProtection");
  demand(X509_sign(certificate, key_of(key_), EVP_sha256()) > 0, "X509_sign");
  signer.certificate_der = der_of(certificate);
  signer.certificate_base64 = base64(signer.certificate_der);
  return signer;
}

std::string Authority::certificate_pem() const {
  BIO* memory = BIO_new(BIO_s_mem());
  demand(PEM_write_bio_X509(memory, certificate_of(certificate_)) == 1, "PEM_write_bio_X509");
  char* data = nullptr;
  const long size = BIO_get_mem_data(memory, &data);
  std::string pem(data, static_cast<std::size_t>(size));
  BIO_free(memory);
  return pem;
}

void Authority::write_trust(const std::filesystem::path& directory) const {
  std::filesystem::create_directories(directory);
  std::ofstream(directory / (serial_ + ".pem"), std::ios::binary) << certificate_pem();
  std::ofstream(directory / (stamping_->serial + ".cer"), std::ios::binary) << stamping_->certificate_der;
}

}  // namespace puente::test
