// Faults of our own world (disk, configuration, a peer that is away). What is wrong with a document is never a Fault but
// a Finding. A Fault is classified where it arises as retryable or permanent, never by reading its text.
#pragma once

#include <string>
#include <tl/expected.hpp>
#include <utility>

namespace puente {

enum class FaultKind { retryable, permanent };

struct Fault {
  FaultKind kind = FaultKind::permanent;
  std::string code;  // lower_snake_case, stable: "store_full", "config_invalid"
  std::string text;  // for operators, in English, without payloads or personal data
};

template <typename T>
using Result = tl::expected<T, Fault>;

inline tl::unexpected<Fault> permanent(std::string code, std::string text) {
  return tl::unexpected<Fault>(Fault{FaultKind::permanent, std::move(code), std::move(text)});
}
inline tl::unexpected<Fault> retryable(std::string code, std::string text) {
  return tl::unexpected<Fault>(Fault{FaultKind::retryable, std::move(code), std::move(text)});
}

}  // namespace puente
