#include "gateway/ledger/packing.h"

#include <openssl/evp.h>
#include <zstd.h>

#include <cstdlib>
#include <memory>

namespace puente::ledger {
namespace {

// Packs a CFDI to half of its size or less; level 3 takes a quarter longer and gains a hundredth, the base64 seals do
// not shrink.
constexpr int kLevel = 1;
// No document is larger than its transport lets in (10 MiB); a size beyond this is damage, not a document.
constexpr std::uint64_t kLargestBody = std::uint64_t{256} << 20;

// A context is large and costs more to make than a document to pack: each thread keeps its own.
ZSTD_CCtx* packer() {
  thread_local const std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context(ZSTD_createCCtx(), &ZSTD_freeCCtx);
  return context.get();
}
ZSTD_DCtx* unpacker() {
  thread_local const std::unique_ptr<ZSTD_DCtx, decltype(&ZSTD_freeDCtx)> context(ZSTD_createDCtx(), &ZSTD_freeDCtx);
  return context.get();
}

}  // namespace

std::string sha256(std::string_view bytes) {
  // Fetched once: an implicit fetch per call costs more than hashing a small row. Never freed, it lives as long as the
  // program.
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  std::string digest(32, '\0');
  unsigned int length = 0;
  if (algorithm == nullptr || EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()),
                                         &length, algorithm, nullptr) != 1) {
    std::abort();  // a process without SHA-256 can promise nothing
  }
  return digest;
}

PackedBody pack(std::string_view body) {
  PackedBody packed{Codec::plain, body.size(), {}, sha256(body)};
  std::string smaller(ZSTD_compressBound(body.size()), '\0');
  const std::size_t length =
      ZSTD_compressCCtx(packer(), smaller.data(), smaller.size(), body.data(), body.size(), kLevel);
  if (ZSTD_isError(length) == 0 && length < body.size()) {
    smaller.resize(length);
    packed.codec = Codec::zstd;
    packed.bytes = std::move(smaller);
  } else {
    packed.bytes = body;
  }
  return packed;
}

std::optional<std::string> unpack(const PackedBody& packed) {
  if (packed.size > kLargestBody) return std::nullopt;
  std::string body;
  if (packed.codec == Codec::zstd) {
    body.resize(packed.size);
    const std::size_t length =
        ZSTD_decompressDCtx(unpacker(), body.data(), body.size(), packed.bytes.data(), packed.bytes.size());
    if (ZSTD_isError(length) != 0 || length != packed.size) return std::nullopt;
  } else if (packed.codec == Codec::plain) {
    body = packed.bytes;
  } else {
    return std::nullopt;
  }
  if (body.size() != packed.size || sha256(body) != packed.sha256) return std::nullopt;
  return body;
}

}  // namespace puente::ledger
