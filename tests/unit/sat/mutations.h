// Seeded mutations of the text of a document, of named kinds, for tests that compare verdicts with an oracle.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <random>
#include <string>
#include <string_view>

namespace puente::sat {

enum class Mutation : std::uint8_t {
  value,         // of an attribute: another one, mostly out of its pattern
  character,     // one more, one less, a blank
  emptied,       // an attribute
  dropped,       // an attribute
  doubled,       // an attribute twice in one tag, which is not XML
  added,         // an attribute from elsewhere
  removed,       // an element with what it holds
  repeated,      // an element with what it holds
  moved,         // an element with what it holds
  renamespaced,  // a declared namespace, or the prefix of an element or an attribute
  content,       // text, a comment, a foreign element
  code,          // another code in an attribute that has a list
};
inline constexpr Mutation kMutations[] = {Mutation::value,        Mutation::character, Mutation::emptied,
                                          Mutation::dropped,      Mutation::doubled,   Mutation::added,
                                          Mutation::removed,      Mutation::repeated,  Mutation::moved,
                                          Mutation::renamespaced, Mutation::content,   Mutation::code};
std::string_view mutation_name(Mutation kind);

// A code to put into the attribute of the element with this local name; nullopt where it has no list.
using CodeFor = std::function<std::optional<std::string>(std::string_view element, std::string_view attribute,
                                                         std::string_view old, std::mt19937& random)>;

// The document with one mutation of the kind, at a place that the generator picks; nullopt where it picked none that
// fits. `text` is what this function or a shipper wrote: well formed but for doubled attributes.
std::optional<std::string> mutate(const std::string& text, Mutation kind, std::mt19937& random,
                                  const CodeFor& code_for = {});

// Without cfdi:Addenda, which the official schemas are never shown.
std::string without_addenda(std::string text);

}  // namespace puente::sat
