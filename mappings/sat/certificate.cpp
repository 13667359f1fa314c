#include "mappings/sat/certificate.h"

#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <mutex>
#include <span>
#include <unordered_map>

#include "mappings/sat/white_space.h"

namespace puente::sat {
namespace {

constexpr std::size_t kCacheEntries = 1024;             // about 6 KB each
constexpr std::size_t kLongestCertificate = 16 * 1024;  // base64; the SAT's have about 2 KB

std::string text_of(const ASN1_STRING* value) {
  if (value == nullptr) return {};
  unsigned char* utf8 = nullptr;
  const int length = ASN1_STRING_to_UTF8(&utf8, value);
  if (length < 0) {  // a BIT STRING, as X.520 defines x500UniqueIdentifier
    return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(value)),
            static_cast<std::size_t>(ASN1_STRING_length(value))};
  }
  std::string text(reinterpret_cast<const char*>(utf8), static_cast<std::size_t>(length));
  OPENSSL_free(utf8);
  return text;
}

std::string entry_of(const X509_NAME* name, int nid) {
  const int index = X509_NAME_get_index_by_NID(name, nid, -1);
  if (index < 0) return {};
  return text_of(X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, index)));
}

std::string number_of(const X509* certificate) {
  const ASN1_INTEGER* serial = X509_get0_serialNumber(certificate);
  std::string number(reinterpret_cast<const char*>(ASN1_STRING_get0_data(serial)),
                     static_cast<std::size_t>(ASN1_STRING_length(serial)));
  const bool digits = number.size() == 20 && std::ranges::all_of(number, [](char c) { return c >= '0' && c <= '9'; });
  return digits ? number : std::string();
}

std::string rfc_of(const X509* certificate) {
  std::string rfc = entry_of(X509_get_subject_name(certificate), NID_x500UniqueIdentifier);
  if (const auto slash = rfc.find('/'); slash != std::string::npos) rfc.resize(slash);
  return collapse(rfc);
}

bool names_test_authority(const X509_NAME* name) {
  for (const int nid : {NID_commonName, NID_organizationName}) {
    const std::string text = entry_of(name, nid);
    if (text.find("AC UAT") != std::string::npos || text.find("AC DE DESARROLLO PUENTE") != std::string::npos)
      return true;
  }
  return false;
}

std::chrono::sys_seconds seconds_of(const ASN1_TIME* time) {
  tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return {};
  using namespace std::chrono;  // NOLINT(google-build-using-namespace): literals of one expression
  return sys_days{year{parts.tm_year + 1900} / (parts.tm_mon + 1) / parts.tm_mday} + hours{parts.tm_hour} +
         minutes{parts.tm_min} + seconds{parts.tm_sec};
}

std::string in_hexadecimal(std::span<const unsigned char> bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const unsigned char byte : bytes) {
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  return out;
}

// Fetched once: OpenSSL 3 looks an algorithm up by name at each implicit use.
const EVP_MD* sha256() {
  static const EVP_MD* const digest = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return digest;
}

}  // namespace

Certificate::~Certificate() {
  EVP_MD_CTX_free(verification_);
  EVP_PKEY_free(key_);
  X509_free(certificate_);
}

std::shared_ptr<const Certificate> Certificate::from_der(std::string_view der) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  const auto* const end = at + der.size();
  X509* native = d2i_X509(nullptr, &at, static_cast<long>(der.size()));
  if (native == nullptr) return nullptr;
  if (at != end) {
    X509_free(native);
    return nullptr;
  }
  return from_native(native);
}

std::shared_ptr<const Certificate> Certificate::from_native(x509_st* native) {
  std::shared_ptr<Certificate> certificate(new Certificate);
  certificate->certificate_ = native;
  certificate->key_ = X509_get_pubkey(native);
  if (certificate->key_ == nullptr || EVP_PKEY_is_a(certificate->key_, "RSA") != 1) return nullptr;
  certificate->verification_ = EVP_MD_CTX_new();
  if (EVP_DigestVerifyInit(certificate->verification_, nullptr, sha256(), nullptr, certificate->key_) != 1)
    return nullptr;
  certificate->number_ = number_of(native);
  certificate->rfc_ = rfc_of(native);
  const std::uint32_t usage = X509_get_key_usage(native);  // all ones when the extension is absent
  certificate->is_authority_ = X509_check_ca(native) > 0;
  certificate->is_csd_ = !certificate->is_authority_ && (usage & KU_DIGITAL_SIGNATURE) != 0 &&
                         (usage & KU_NON_REPUDIATION) != 0 &&
                         (usage & ~static_cast<std::uint32_t>(KU_DIGITAL_SIGNATURE | KU_NON_REPUDIATION)) == 0 &&
                         (X509_get_extension_flags(native) & EXFLAG_XKUSAGE) == 0;
  const X509_NAME* subject = X509_get_subject_name(native);
  const X509_NAME* issuer = X509_get_issuer_name(native);
  certificate->is_self_issued_ = X509_NAME_cmp(subject, issuer) == 0;
  certificate->is_of_test_authority_ = names_test_authority(subject) || names_test_authority(issuer);
  certificate->not_before_ = seconds_of(X509_get0_notBefore(native));
  certificate->not_after_ = seconds_of(X509_get0_notAfter(native));
  return certificate;
}

bool Certificate::verifies(std::string_view text, std::string_view signature) const {
  std::string bytes;
  if (!decode_base64(signature, bytes)) return false;
  thread_local const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                                     &EVP_MD_CTX_free);
  return EVP_MD_CTX_copy_ex(context.get(), verification_) == 1 &&
         EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
                          reinterpret_cast<const unsigned char*>(text.data()), text.size()) == 1;
}

std::string Certificate::subject() const {
  return collapse(entry_of(X509_get_subject_name(certificate_), NID_commonName));
}
std::string Certificate::issuer() const {
  return collapse(entry_of(X509_get_issuer_name(certificate_), NID_commonName));
}

std::string Certificate::serial_in_hexadecimal() const {
  const ASN1_INTEGER* serial = X509_get0_serialNumber(certificate_);
  return in_hexadecimal({ASN1_STRING_get0_data(serial), static_cast<std::size_t>(ASN1_STRING_length(serial))});
}

std::string Certificate::fingerprint() const {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  if (X509_digest(certificate_, sha256(), digest.data(), &length) != 1) return {};
  return in_hexadecimal({digest.data(), length});
}

std::string Certificate::der() const {
  std::string out(static_cast<std::size_t>(std::max(i2d_X509(certificate_, nullptr), 0)), '\0');
  auto* at = reinterpret_cast<unsigned char*>(out.data());
  i2d_X509(certificate_, &at);
  return out;
}

bool decode_base64(std::string_view text, std::string& bytes) {
  std::string packed;
  packed.reserve(text.size());
  for (const char c : text)
    if (!is_space(c)) packed += c;
  if (packed.empty() || packed.size() % 4 != 0) return false;
  const std::size_t padding = packed.ends_with("==") ? 2 : (packed.ends_with('=') ? 1 : 0);
  if (packed.find('=') < packed.size() - padding) return false;
  bytes.resize(packed.size() / 4 * 3);
  const int length =
      EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                      reinterpret_cast<const unsigned char*>(packed.data()), static_cast<int>(packed.size()));
  if (length < 0) return false;
  bytes.resize(static_cast<std::size_t>(length) - padding);
  return true;
}

std::shared_ptr<const Certificate> certificate_of(std::string_view base64) {
  if (base64.size() > kLongestCertificate) return nullptr;
  static std::mutex mutex;
  static std::unordered_map<std::string, std::shared_ptr<const Certificate>> cache;
  const std::string key(base64);
  {
    const std::lock_guard lock(mutex);
    if (const auto found = cache.find(key); found != cache.end()) return found->second;
  }
  std::string der;
  auto certificate = decode_base64(base64, der) ? Certificate::from_der(der) : nullptr;
  const std::lock_guard lock(mutex);
  // Full: begin anew. A thousand issuers at once is rare, and finding the oldest would cost every hit a write.
  if (cache.size() >= kCacheEntries) cache.clear();
  cache.emplace(key, certificate);
  return certificate;
}

}  // namespace puente::sat
