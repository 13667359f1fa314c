// How a document's bytes are kept: compressed with zstd, with their SHA-256 beside them. Pure and thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace puente::ledger {

enum class Codec : std::int64_t { plain = 0, zstd = 1 };  // kept in the ledger: never renumber

struct PackedBody {
  Codec codec = Codec::plain;
  std::uint64_t size = 0;  // of the document
  std::string bytes;
  std::string sha256;  // of the document, 32 bytes
};

std::string sha256(std::string_view bytes);  // 32 bytes

// What does not become smaller stays plain.
PackedBody pack(std::string_view body);

// The document, or nothing when the bytes do not unpack to `size` bytes of this digest.
std::optional<std::string> unpack(const PackedBody& packed);

}  // namespace puente::ledger
