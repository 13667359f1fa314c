#include "mappings/sat/pattern.h"

#include <algorithm>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace puente::sat {

// A deterministic automaton over symbols: the sets of characters that no class of the pattern tells apart. One look-up
// a character, whatever the value.
class Pattern::Automaton {
 public:
  explicit Automaton(const Pattern& pattern) : pattern_(pattern) {
    make_symbols();
    nodes_.emplace_back();  // the end
    const std::size_t begin = sequence(pattern.first_, kEnd);
    next_.resize(symbols_.size(), kDead);
    accepts_.resize(symbols_.size());
    start_ = state(closure({begin}));
    while (!unfinished_.empty()) {
      const auto [from, set] = std::move(unfinished_.back());
      unfinished_.pop_back();
      for (std::size_t symbol = 0; symbol < symbols_.size(); ++symbol) {
        const std::uint32_t to = state(closure(after(set, symbol)));
        next_[from + symbol] = to;
      }
    }
    states_.clear();
    nodes_.clear();
  }

  bool matches(std::string_view value) const {
    std::uint32_t at = start_;
    const std::uint32_t* const next = next_.data();
    for (std::size_t i = 0; i < value.size();) {
      const auto byte = static_cast<unsigned char>(value[i]);
      std::size_t symbol = 0;
      if (byte < ascii_.size()) {
        symbol = ascii_[byte];
        ++i;
      } else {
        const std::size_t length = character_length(value, i);
        symbol = symbol_beyond_ascii(value.substr(i, length));
        i += length;
      }
      at = next[at + symbol];
      if (at == kDead) return false;
    }
    return accepts_[at] != 0;
  }

 private:
  // Step of the automaton that is not yet deterministic: a class and what follows it, or a choice.
  struct Node {
    std::int16_t set = kNone;
    std::vector<std::size_t> to;
  };
  static constexpr std::size_t kEnd = 0;
  static constexpr std::uint32_t kDead = 0;
  using Members = std::vector<bool>;  // by class: whether a symbol is in it
  using Set = std::vector<std::size_t>;

  static std::size_t character_length(std::string_view text, std::size_t at) {
    std::size_t length = 1;
    while (at + length < text.size() && (static_cast<unsigned char>(text[at + length]) & 0xC0) == 0x80) ++length;
    return length;
  }

  void make_symbols() {
    const auto classes = std::span(pattern_.classes_).first(pattern_.class_count_);
    for (std::size_t c = 0; c < ascii_.size(); ++c) {
      Members members;
      for (const Class& set : classes) members.push_back((set.ascii[c / 64] >> (c % 64) & 1) != 0);
      ascii_[c] = symbol_of(members);
    }
    Members unnamed;
    for (const Class& set : classes) unnamed.push_back(set.negated);
    other_ = symbol_of(unnamed);
    const std::string_view text = pattern_.text_;
    for (std::size_t at = 0; at < text.size(); at += character_length(text, at)) {
      const auto character = text.substr(at, character_length(text, at));
      if (character.size() == 1) continue;
      Members members;
      for (const Class& set : classes)
        members.push_back((set.text.find(character) != std::string_view::npos) != set.negated);
      named_.emplace_back(character, symbol_of(members));
    }
  }

  std::uint8_t symbol_of(const Members& members) {
    const auto found = std::ranges::find(symbols_, members);
    const auto symbol = static_cast<std::uint8_t>(found - symbols_.begin());
    if (found == symbols_.end()) symbols_.push_back(members);
    return symbol;
  }

  std::size_t symbol_beyond_ascii(std::string_view character) const {
    for (const auto& [name, symbol] : named_)
      if (name == character) return symbol;
    return other_;
  }

  std::size_t add(Node node) {
    nodes_.push_back(std::move(node));
    return nodes_.size() - 1;
  }

  // Each of these returns where what it makes begins; `to` is what follows it.
  std::size_t sequence(std::int16_t index, std::size_t to) {
    if (index == kNone) return to;
    const Step& step = pattern_.steps_[static_cast<std::size_t>(index)];
    const std::size_t end = sequence(step.next, to);
    std::size_t begin = end;
    for (unsigned i = step.least; i < step.most; ++i) begin = add({kNone, {once(step, begin), end}});
    for (unsigned i = 0; i < step.least; ++i) begin = once(step, begin);
    return begin;
  }
  std::size_t once(const Step& step, std::size_t to) {
    if (step.set != kNone) return add({step.set, {to}});
    Node choice;
    for (auto i = step.alternatives; i != kNone; i = pattern_.alternatives_[static_cast<std::size_t>(i)].next)
      choice.to.push_back(sequence(pattern_.alternatives_[static_cast<std::size_t>(i)].first, to));
    return add(std::move(choice));
  }

  // The classes, and the end, that can be met next from these nodes without a character.
  Set closure(Set open) const {
    Set met;
    std::vector<bool> seen(nodes_.size());
    while (!open.empty()) {
      const std::size_t at = open.back();
      open.pop_back();
      if (seen[at]) continue;
      seen[at] = true;
      if (at == kEnd || nodes_[at].set != kNone) {
        met.push_back(at);
      } else {
        open.insert(open.end(), nodes_[at].to.begin(), nodes_[at].to.end());
      }
    }
    std::ranges::sort(met);
    return met;
  }

  Set after(const Set& set, std::size_t symbol) const {
    Set to;
    for (const std::size_t at : set)
      if (at != kEnd && symbols_[symbol][static_cast<std::size_t>(nodes_[at].set)]) to.push_back(nodes_[at].to.front());
    return to;
  }

  std::uint32_t state(const Set& set) {
    if (set.empty()) return kDead;
    const auto [found, added] = states_.try_emplace(set, static_cast<std::uint32_t>(next_.size()));
    if (added) {
      unfinished_.emplace_back(found->second, set);
      next_.resize(next_.size() + symbols_.size(), kDead);
      accepts_.resize(next_.size());
      accepts_[found->second] = set.front() == kEnd ? 1 : 0;
    }
    return found->second;
  }

  const Pattern& pattern_;
  std::array<std::uint8_t, 128> ascii_{};                         // symbol of each character
  std::vector<std::pair<std::string_view, std::uint8_t>> named_;  // beyond ASCII, in the pattern's text
  std::uint8_t other_ = 0;
  std::vector<Members> symbols_;
  // A state is the place of its row in next_: one entry a symbol. The first row is the dead state's.
  std::vector<std::uint32_t> next_;
  std::vector<std::uint8_t> accepts_;
  std::uint32_t start_ = kDead;
  // Only while it is made.
  std::vector<Node> nodes_;
  std::map<Set, std::uint32_t> states_;
  std::vector<std::pair<std::uint32_t, Set>> unfinished_;
};

// Kept for the life of the program; of two threads that make it at once one throws its own away.
const Pattern::Automaton& Pattern::automaton() const {
  if (const Automaton* made = automaton_.load(std::memory_order_acquire)) return *made;
  auto mine = std::make_unique<const Automaton>(*this);
  const Automaton* first = nullptr;
  if (automaton_.compare_exchange_strong(first, mine.get(), std::memory_order_acq_rel)) return *mine.release();
  return *first;
}

bool Pattern::matches(std::string_view value) const { return automaton().matches(value); }

}  // namespace puente::sat
