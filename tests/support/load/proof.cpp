#include "tests/support/load/proof.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cstdio>
#include <stdexcept>

namespace puente::load {

std::string sha256(std::string_view bytes) {
  std::string digest(32, '\0');
  EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()), nullptr, EVP_sha256(),
             nullptr);
  return digest;
}

std::string hex(std::string_view bytes) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  out.reserve(2 * bytes.size());
  for (const char c : bytes) {
    out += kDigits[static_cast<unsigned char>(c) >> 4U];
    out += kDigits[static_cast<unsigned char>(c) & 15U];
  }
  return out;
}

std::string base64(std::string_view bytes) {
  std::string out(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  out.resize(static_cast<std::size_t>(EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                                      reinterpret_cast<const unsigned char*>(bytes.data()),
                                                      static_cast<int>(bytes.size()))));
  return out;
}

ReceiptCheck::ReceiptCheck(const std::filesystem::path& certificate) {
  std::FILE* file = std::fopen(certificate.c_str(), "r");
  X509* x509 = file == nullptr ? nullptr : PEM_read_X509(file, nullptr, nullptr, nullptr);
  if (file != nullptr) std::fclose(file);
  EVP_PKEY* key = x509 == nullptr ? nullptr : X509_get_pubkey(x509);
  X509_free(x509);
  if (key == nullptr) throw std::runtime_error("cannot read " + certificate.string());
  key_ = {key, [](void* p) { EVP_PKEY_free(static_cast<EVP_PKEY*>(p)); }};
}

bool ReceiptCheck::good(const v1::Receipt& receipt, std::string_view sha256_of_content) const {
  v1::ReceiptBody body;
  if (!body.ParseFromString(receipt.signed_part()) || body.SerializeAsString() != receipt.body().SerializeAsString() ||
      body.sha256() != sha256_of_content)
    return false;
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  const bool good =
      EVP_DigestVerifyInit(context, nullptr, EVP_sha256(), nullptr, static_cast<EVP_PKEY*>(key_.get())) == 1 &&
      EVP_DigestVerify(context, reinterpret_cast<const unsigned char*>(receipt.signature().data()),
                       receipt.signature().size(), reinterpret_cast<const unsigned char*>(receipt.signed_part().data()),
                       receipt.signed_part().size()) == 1;
  EVP_MD_CTX_free(context);
  return good;
}

}  // namespace puente::load
