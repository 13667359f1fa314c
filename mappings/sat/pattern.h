// Patterns of the official schemas, as text, compiled when the program is compiled.
//
// The subset of XSD regular expressions (XML Schema part 2, appendix F) that the SAT uses: classes with ranges and ^,
// groups with |, the quantifiers {n} {m,n} ? and the escapes \s \{ \}. A pattern outside the subset does not compile.
// Matching is of the whole value, by code points of UTF-8, one look-up a character: at its first use a pattern becomes
// a deterministic automaton. Safe on several threads at once.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace puente::sat {

class Pattern {
 public:
  consteval explicit Pattern(std::string_view text) : text_(text) {
    std::size_t at = 0;
    first_ = compile_sequence(at);
    if (at != text.size()) throw "unbalanced pattern";
  }

  bool matches(std::string_view value) const;
  constexpr std::string_view text() const { return text_; }

 private:
  static constexpr std::int16_t kNone = -1;

  // A set of characters: ASCII as bits; beyond ASCII, the characters that stand in `text`.
  struct Class {
    std::uint64_t ascii[2] = {0, 0};
    std::string_view text;
    bool negated = false;  // of the characters beyond ASCII; the bits are turned over already
    constexpr void add(char c) {
      const auto u = static_cast<unsigned char>(c);
      if (u < 128) ascii[u / 64] |= std::uint64_t{1} << (u % 64);
    }
  };
  // One step of a sequence: a class, or a group of alternatives, repeated.
  struct Step {
    std::int16_t next = kNone;          // in the sequence
    std::int16_t set = kNone;           // index of the class, or kNone for a group
    std::int16_t alternatives = kNone;  // of a group: index of the first alternative
    std::uint16_t least = 1, most = 1;
  };
  struct Alternative {
    std::int16_t first = kNone;
    std::int16_t next = kNone;
  };
  class Automaton;
  const Automaton& automaton() const;

  constexpr std::int16_t compile_sequence(std::size_t& at) {
    std::int16_t first = kNone;
    std::int16_t last = kNone;
    while (at < text_.size() && text_[at] != '|' && text_[at] != ')') {
      Step step;
      const std::size_t begin = at;
      if (text_[at] == '(') {
        compile_group(at, step);
      } else {
        Class set;
        compile_class(at, set);
        set.text = text_.substr(begin, at - begin);
        classes_.at(class_count_) = set;
        step.set = static_cast<std::int16_t>(class_count_++);
      }
      compile_quantifier(at, step);
      steps_.at(step_count_) = step;
      const auto index = static_cast<std::int16_t>(step_count_++);
      if (last == kNone) {
        first = index;
      } else {
        steps_[static_cast<std::size_t>(last)].next = index;
      }
      last = index;
    }
    return first;
  }

  constexpr void compile_group(std::size_t& at, Step& step) {
    // A group of single characters is one class: "([A-Z]|[0-9]|-)".
    const std::size_t begin = at;
    Class merged;
    bool single = true;
    std::size_t ahead = at + 1;
    while (single) {
      if (ahead >= text_.size() || text_[ahead] == '(' || text_[ahead] == '|' || text_[ahead] == ')') {
        single = false;
        break;
      }
      compile_class(ahead, merged);
      if (ahead >= text_.size() || merged.negated) single = false;
      if (single && text_[ahead] == ')') break;
      if (single && text_[ahead] != '|') single = false;
      ++ahead;
    }
    if (single) {
      at = ahead + 1;
      merged.text = text_.substr(begin, at - begin);
      classes_.at(class_count_) = merged;
      step.set = static_cast<std::int16_t>(class_count_++);
      return;
    }
    std::int16_t last = kNone;
    do {
      ++at;  // the '(' or the '|'
      Alternative alternative;
      alternative.first = compile_sequence(at);
      alternatives_.at(alternative_count_) = alternative;
      const auto index = static_cast<std::int16_t>(alternative_count_++);
      if (last == kNone) {
        step.alternatives = index;
      } else {
        alternatives_[static_cast<std::size_t>(last)].next = index;
      }
      last = index;
    } while (at < text_.size() && text_[at] == '|');
    if (at >= text_.size()) throw "group without end";
    ++at;
  }

  constexpr void compile_class(std::size_t& at, Class& set) {
    if (text_[at] != '[') {
      if (text_[at] == '.') {  // any character but the line ends
        Class any;
        any.add('\n');
        any.add('\r');
        set.ascii[0] |= ~any.ascii[0];
        set.ascii[1] |= ~any.ascii[1];
        set.negated = true;
        ++at;
        return;
      }
      add_character(at, set);
      return;
    }
    ++at;
    const bool negated = text_[at] == '^';
    if (negated) ++at;
    Class inner;
    while (text_.at(at) != ']') {
      const char low = text_[at];
      if (at + 2 < text_.size() && text_[at + 1] == '-' && text_[at + 2] != ']') {
        const char high = text_[at + 2];
        if (low < 0 || high < 0 || low > high) throw "range beyond ASCII";
        for (char c = low;; ++c) {
          inner.add(c);
          if (c == high) break;
        }
        at += 3;
      } else {
        add_character(at, inner);
      }
    }
    ++at;
    if (negated) {
      inner.ascii[0] = ~inner.ascii[0];
      inner.ascii[1] = ~inner.ascii[1];
      set.negated = true;
    }
    set.ascii[0] |= inner.ascii[0];
    set.ascii[1] |= inner.ascii[1];
  }

  constexpr void add_character(std::size_t& at, Class& set) {
    if (text_[at] == '\\') {
      const char escaped = text_.at(at + 1);
      if (escaped == 's') {
        for (const char c : {' ', '\t', '\n', '\r'}) set.add(c);
      } else if (escaped == '{' || escaped == '}' || escaped == '.' || escaped == '\\') {
        set.add(escaped);
      } else {
        throw "escape outside the subset";
      }
      at += 2;
      return;
    }
    set.add(text_[at++]);
    while (at < text_.size() && (static_cast<unsigned char>(text_[at]) & 0xC0) == 0x80) ++at;
  }

  constexpr void compile_quantifier(std::size_t& at, Step& step) {
    if (at >= text_.size()) return;
    if (text_[at] == '?') {
      step.least = 0;
      ++at;
    } else if (text_[at] == '{') {
      ++at;
      step.least = number(at);
      step.most = step.least;
      if (text_.at(at) == ',') {
        ++at;
        step.most = number(at);
      }
      if (text_.at(at) != '}') throw "quantifier";
      ++at;
    } else if (text_[at] == '*' || text_[at] == '+') {
      throw "unbounded quantifier";
    }
  }

  constexpr std::uint16_t number(std::size_t& at) const {
    int value = 0;
    if (text_.at(at) < '0' || text_[at] > '9') throw "number";
    while (text_.at(at) >= '0' && text_[at] <= '9') value = value * 10 + (text_[at++] - '0');
    return static_cast<std::uint16_t>(value);
  }

  std::string_view text_;
  std::int16_t first_ = kNone;
  std::size_t step_count_ = 0, class_count_ = 0, alternative_count_ = 0;
  std::array<Step, 56> steps_{};
  std::array<Class, 48> classes_{};
  std::array<Alternative, 20> alternatives_{};
  mutable std::atomic<const Automaton*> automaton_ = nullptr;
};

}  // namespace puente::sat
