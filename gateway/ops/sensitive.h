// Personal data on its way through the gateway. A Sensitive prints as a keyed pseudonym (rfc~9f3a1c), so that an
// operator can correlate lines without reading whom they are about (security: personal data never reaches a log).
// Thread-safe.
#pragma once

#include <ostream>
#include <string>
#include <string_view>
#include <utility>

namespace puente::ops {

// The deployment's key. Until it is set a random one of this process serves: pseudonyms then correlate within one run
// only.
void set_pseudonym_key(std::string key);

// KIND~ and the first six hex digits of HMAC-SHA-256(key, KIND 0x1f text); "KIND~" alone when the text is empty.
std::string pseudonym(std::string_view kind, std::string_view text);

// T converts to std::string_view. There is no conversion back to T: who needs the value says so with reveal().
template <typename T>
class Sensitive {
 public:
  constexpr Sensitive(std::string_view kind, T value) : kind_(kind), value_(std::move(value)) {}
  std::string to_string() const { return pseudonym(kind_, value_); }
  const T& reveal() const { return value_; }
  friend std::ostream& operator<<(std::ostream& out, const Sensitive& sensitive) {
    return out << sensitive.to_string();
  }

 private:
  std::string_view kind_;  // a literal: rfc, curp, driver, plate
  T value_;
};

}  // namespace puente::ops
