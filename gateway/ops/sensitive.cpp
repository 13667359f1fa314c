#include "gateway/ops/sensitive.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <array>
#include <cstdlib>
#include <mutex>

namespace puente::ops {
namespace {

struct PseudonymKey {
  std::mutex mutex;
  std::string bytes;

  PseudonymKey() : bytes(32, '\0') {
    // Without random bytes a pseudonym could be computed by anyone; there is nothing sensible to go on with.
    if (RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), static_cast<int>(bytes.size())) != 1) std::abort();
  }
};

PseudonymKey& pseudonym_key() {
  static PseudonymKey key;
  return key;
}

}  // namespace

void set_pseudonym_key(std::string key) {
  PseudonymKey& current = pseudonym_key();
  const std::scoped_lock lock(current.mutex);
  current.bytes = std::move(key);
}

std::string pseudonym(std::string_view kind, std::string_view text) {
  std::string out(kind);
  out += '~';
  if (text.empty()) return out;
  std::string message(kind);
  message += '\x1f';
  message += text;
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  {
    PseudonymKey& key = pseudonym_key();
    const std::scoped_lock lock(key.mutex);
    HMAC(EVP_sha256(), key.bytes.data(), static_cast<int>(key.bytes.size()),
         reinterpret_cast<const unsigned char*>(message.data()), message.size(), digest.data(), nullptr);
  }
  constexpr std::string_view kHex = "0123456789abcdef";
  for (std::size_t at = 0; at < 3; ++at) {
    out += kHex[digest[at] >> 4U];
    out += kHex[digest[at] & 15U];
  }
  return out;
}

}  // namespace puente::ops
