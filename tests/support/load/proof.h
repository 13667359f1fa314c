// Digests and the gateway's signature under its receipts.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "puente/v1/gateway.pb.h"

namespace puente::load {

std::string sha256(std::string_view bytes);  // 32 bytes
std::string hex(std::string_view bytes);
std::string base64(std::string_view bytes);

class ReceiptCheck {
 public:
  explicit ReceiptCheck(const std::filesystem::path& certificate);  // receipt.crt; throws std::runtime_error
  // Whether the receipt is signed by that key and says these bytes. Thread-safe.
  bool good(const v1::Receipt& receipt, std::string_view sha256_of_content) const;

 private:
  std::shared_ptr<void> key_;  // EVP_PKEY
};

}  // namespace puente::load
