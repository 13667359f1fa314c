// Names that Puente gives: ids that sort by time, identities by which a repeat is known, and the tokens and references
// of filings. Tokens and references are derived, never random: after a restored backup the same documents yield the
// same ones, so even a rewound store cannot file twice. Pure but for new_id (randomness of libcrypto); any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gateway/ledger/packing.h"
#include "gateway/ledger/rows.h"
#include "mappings/crosswalk/notice.h"

namespace puente::flow {

using ledger::sha256;
std::string hex(std::string_view bytes);  // lower case

// Prefix + 26 characters of Crockford's base32: 48 bits of milliseconds, 80 random bits.
std::string new_id(std::string_view prefix, ledger::Micros now);

// Identities are "<what>@<partner>"; see Flow::accept for why they are scoped.
std::string cfdi_identity(std::string_view folio_fiscal, std::string_view partner);
std::string notice_identity(const crosswalk::Notice& notice, std::string_view partner);
std::string bytes_identity(std::string_view digest, std::string_view partner);
// A filer's act. `attempt` tells a refusal of the second offer from a repeat of the first one's.
std::string act_identity(std::string_view digest, std::string_view partner, std::uint32_t attempt);

struct TokenParts {
  std::vector<std::string> identities;  // of the documents the filing is made from; order does not matter
  std::string importer, kind, filer;
  std::uint32_t revision = 1;
};
// A UUID (version 8, RFC 9562) over the SHA-256 of the parts. The partners are part of the identities.
std::string filing_token(const TokenParts& parts);
// 9 characters A-Z0-9 derived from the token; another `salt` gives another one, should the first be taken.
std::string filing_reference(std::string_view token, unsigned salt);

}  // namespace puente::flow
