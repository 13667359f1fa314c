#include "gateway/flow/identity.h"

#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <cstdlib>

namespace puente::flow {
namespace {

constexpr std::string_view kCrockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::string_view kReferenceLetters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
constexpr std::size_t kReferenceLength = 9;  // SE20 CR and AE 10 broker reference

// Length before each part: no two lists of parts give the same bytes.
void put(std::string& out, std::string_view part) {
  out += std::to_string(part.size());
  out += ':';
  out += part;
}

}  // namespace

std::string hex(std::string_view bytes) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out += kDigits[byte >> 4U];
    out += kDigits[byte & 15U];
  }
  return out;
}

std::string new_id(std::string_view prefix, ledger::Micros now) {
  std::array<unsigned char, 10> random{};
  if (RAND_bytes(random.data(), static_cast<int>(random.size())) != 1) std::abort();  // no id without randomness
  std::string id(prefix);
  const auto milliseconds = static_cast<std::uint64_t>(now / 1000);
  for (int shift = 45; shift >= 0; shift -= 5) id += kCrockford[milliseconds >> static_cast<unsigned>(shift) & 31U];
  for (std::size_t half = 0; half < random.size(); half += 5) {
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < 5; ++i) bits = bits << 8U | random[half + i];
    for (int shift = 35; shift >= 0; shift -= 5) id += kCrockford[bits >> static_cast<unsigned>(shift) & 31U];
  }
  return id;
}

std::string cfdi_identity(std::string_view folio_fiscal, std::string_view partner) {
  return std::string("cfdi:").append(folio_fiscal).append("@").append(partner);
}

std::string notice_identity(const crosswalk::Notice& notice, std::string_view partner) {
  std::string sent_at;
  if (notice.sent_at) {
    sent_at = notice.sent_at->to_string();
    if (notice.sent_at->utc_offset_minutes) sent_at += "/" + std::to_string(*notice.sent_at->utc_offset_minutes);
  }
  return "notice:" + notice.carrier_scac + ":" + notice.notice_id + ":" + sent_at + "@" + std::string(partner);
}

std::string bytes_identity(std::string_view digest, std::string_view partner) {
  return "sha256:" + hex(digest) + "@" + std::string(partner);
}

std::string act_identity(std::string_view digest, std::string_view partner, std::uint32_t attempt) {
  return "act:" + hex(digest) + ":" + std::to_string(attempt) + "@" + std::string(partner);
}

std::string filing_token(const TokenParts& parts) {
  auto identities = parts.identities;
  std::sort(identities.begin(), identities.end());
  std::string text = "puente filing token 1\n";
  put(text, parts.importer);
  put(text, parts.kind);
  put(text, parts.filer);
  put(text, std::to_string(parts.revision));
  for (const auto& identity : identities) put(text, identity);
  auto digest = sha256(text);
  digest[6] = static_cast<char>((static_cast<unsigned char>(digest[6]) & 0x0FU) | 0x80U);
  digest[8] = static_cast<char>((static_cast<unsigned char>(digest[8]) & 0x3FU) | 0x80U);
  const auto digits = hex(std::string_view(digest).substr(0, 16));
  return digits.substr(0, 8) + "-" + digits.substr(8, 4) + "-" + digits.substr(12, 4) + "-" + digits.substr(16, 4) +
         "-" + digits.substr(20);
}

std::string filing_reference(std::string_view token, unsigned salt) {
  const auto digest = sha256(std::string(token) + "/" + std::to_string(salt));
  std::string reference;
  // Two bytes a letter keep the bias of the modulus below 0.06 %.
  for (std::size_t i = 0; i < kReferenceLength; ++i) {
    const unsigned value = static_cast<unsigned>(static_cast<unsigned char>(digest[2 * i])) << 8U |
                           static_cast<unsigned char>(digest[2 * i + 1]);
    reference += kReferenceLetters[value % kReferenceLetters.size()];
  }
  return reference;
}

}  // namespace puente::flow
