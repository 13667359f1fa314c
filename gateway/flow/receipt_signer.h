// Receipts: the proof, signed with the gateway's own key, that the bytes of a document are durable.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>

#include "gateway/flow/flow.h"

namespace puente::flow {

// The standard signer: an ECDSA P-256 key from a PEM file (PKCS #8 or SEC 1, without passphrase). Any thread.
class EcdsaReceiptSigner final : public ReceiptSigner {
 public:
  // Faults: receipt_key_unreadable, receipt_key_unsuitable (not an EC key on P-256).
  static Result<std::shared_ptr<const ReceiptSigner>> load(const std::filesystem::path& key_file);
  static Result<std::shared_ptr<const ReceiptSigner>> from_pem(std::string_view pem);
  ~EcdsaReceiptSigner() override;
  Result<std::string> sign(std::string_view bytes) const override;  // fault receipt_not_signed
  std::string key_id() const override { return key_id_; }

 private:
  EcdsaReceiptSigner() = default;
  void* key_ = nullptr;       // EVP_PKEY
  void* context_ = nullptr;   // EVP_PKEY_CTX, ready to sign: preparing one costs as much as a signature
  mutable std::mutex mutex_;  // of context_
  std::string key_id_;
};

// Builds and signs the receipt of a document that has its sequence. Runs inside the commit that makes the document
// durable: what is signed is stored, and sent once the commit is.
Result<v1::Receipt> make_receipt(const ledger::DocumentRow& row, const ReceiptSigner& signer,
                                 std::string_view durability);

}  // namespace puente::flow
