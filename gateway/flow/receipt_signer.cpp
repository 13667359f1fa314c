#include "gateway/flow/receipt_signer.h"

#include <google/protobuf/util/time_util.h>
#include <openssl/bio.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <fstream>
#include <iterator>

#include "gateway/flow/identity.h"

namespace puente::flow {
namespace {

constexpr std::size_t kLongestSignature = 72;  // DER of two numbers of 256 bits

struct BioFree {
  void operator()(BIO* bio) const { BIO_free(bio); }
};

std::string public_key_digest(EVP_PKEY* key) {
  unsigned char* der = nullptr;
  const int length = i2d_PUBKEY(key, &der);
  if (length <= 0) return {};
  std::string digest = hex(sha256({reinterpret_cast<const char*>(der), static_cast<std::size_t>(length)}));
  OPENSSL_free(der);
  return digest;
}

bool is_p256(EVP_PKEY* key) {
  char group[64] = {};
  std::size_t length = 0;
  return EVP_PKEY_is_a(key, "EC") == 1 &&
         EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, group, sizeof group, &length) == 1 &&
         (std::string_view(group, length) == "prime256v1" || std::string_view(group, length) == "P-256");
}

// A key file never asks a person for its passphrase.
int no_passphrase(char*, int, int, void*) { return 0; }

}  // namespace

Result<std::shared_ptr<const ReceiptSigner>> EcdsaReceiptSigner::load(const std::filesystem::path& key_file) {
  std::ifstream file(key_file, std::ios::binary);
  if (!file) return permanent("receipt_key_unreadable", "cannot open the receipt key " + key_file.string());
  return from_pem(std::string(std::istreambuf_iterator<char>(file), {}));
}

Result<std::shared_ptr<const ReceiptSigner>> EcdsaReceiptSigner::from_pem(std::string_view pem) {
  const std::unique_ptr<BIO, BioFree> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  EVP_PKEY* key = bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr) : nullptr;
  if (key == nullptr) return permanent("receipt_key_unreadable", "the receipt key is not a PEM key without passphrase");
  std::shared_ptr<EcdsaReceiptSigner> signer(new EcdsaReceiptSigner);
  signer->key_ = key;
  if (!is_p256(key)) return permanent("receipt_key_unsuitable", "the receipt key is not an EC key on P-256");
  EVP_PKEY_CTX* context = EVP_PKEY_CTX_new(key, nullptr);
  signer->context_ = context;
  if (context == nullptr || EVP_PKEY_sign_init(context) != 1 ||
      EVP_PKEY_CTX_set_signature_md(context, EVP_sha256()) != 1)
    return permanent("receipt_key_unsuitable", "the receipt key cannot sign");
  signer->key_id_ = public_key_digest(key);
  return signer;
}

EcdsaReceiptSigner::~EcdsaReceiptSigner() {
  EVP_PKEY_CTX_free(static_cast<EVP_PKEY_CTX*>(context_));
  EVP_PKEY_free(static_cast<EVP_PKEY*>(key_));
}

Result<std::string> EcdsaReceiptSigner::sign(std::string_view bytes) const {
  const std::string digest = sha256(bytes);
  std::string signature(kLongestSignature, '\0');
  std::size_t length = signature.size();
  const std::scoped_lock lock(mutex_);
  if (EVP_PKEY_sign(static_cast<EVP_PKEY_CTX*>(context_), reinterpret_cast<unsigned char*>(signature.data()), &length,
                    reinterpret_cast<const unsigned char*>(digest.data()), digest.size()) != 1)
    return permanent("receipt_not_signed", "the receipt could not be signed");
  signature.resize(length);
  return signature;
}

Result<v1::Receipt> make_receipt(const ledger::DocumentRow& row, const ReceiptSigner& signer,
                                 std::string_view durability) {
  v1::Receipt receipt;
  auto& body = *receipt.mutable_body();
  body.set_document_id(row.id);
  body.set_sha256(row.sha256);
  body.set_folio_fiscal(row.folio_fiscal);
  *body.mutable_received_at() = google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(row.received_at);
  body.set_ledger_sequence(row.sequence);
  body.set_kind(static_cast<v1::DocumentKind>(row.kind));
  body.set_durability(std::string(durability));
  receipt.set_signed_part(body.SerializeAsString());
  auto signature = signer.sign(receipt.signed_part());
  if (!signature) return tl::unexpected(signature.error());
  receipt.set_signature(std::move(*signature));
  receipt.set_key_id(signer.key_id());
  return receipt;
}

}  // namespace puente::flow
