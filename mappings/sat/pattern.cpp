#include "mappings/sat/pattern.h"

namespace puente::sat {

// The iteration of a group that the sequence being matched belongs to.
struct Pattern::Frame {
  const Step* group;
  unsigned count;  // of iterations begun, this one included
  const Frame* outer;
};

struct Pattern::Run {
  const Pattern& pattern;
  const char* end;

  static const char* after(const char* at, const char* end) {
    ++at;
    while (at < end && (static_cast<unsigned char>(*at) & 0xC0) == 0x80) ++at;
    return at;
  }

  static bool in(const Class& set, const char* at, const char* end) {
    const auto byte = static_cast<unsigned char>(*at);
    if (byte < 128) return (set.ascii[byte / 64] >> (byte % 64) & 1) != 0;
    const std::string_view character(at, static_cast<std::size_t>(after(at, end) - at));
    return (set.text.find(character) != std::string_view::npos) != set.negated;
  }

  bool sequence(std::int16_t index, const char* at, const Frame* frame) const {
    if (index == kNone) {
      if (frame == nullptr) return at == end;
      return group(*frame->group, at, frame->count, frame->outer);
    }
    const Step& step = pattern.steps_[static_cast<std::size_t>(index)];
    if (step.set == kNone) return group(step, at, 0, frame);
    const Class& set = pattern.classes_[static_cast<std::size_t>(step.set)];
    const char* furthest = at;
    unsigned count = 0;
    while (count < step.most && furthest < end && in(set, furthest, end)) {
      furthest = after(furthest, end);
      ++count;
    }
    if (count < step.least) return false;
    for (;;) {
      if (sequence(step.next, furthest, frame)) return true;
      if (count == step.least) return false;
      --count;
      do --furthest;
      while ((static_cast<unsigned char>(*furthest) & 0xC0) == 0x80);
    }
  }

  bool group(const Step& step, const char* at, unsigned count, const Frame* outer) const {
    if (count < step.most) {
      const Frame frame{&step, count + 1, outer};
      for (auto i = step.alternatives; i != kNone; i = pattern.alternatives_[static_cast<std::size_t>(i)].next)
        if (sequence(pattern.alternatives_[static_cast<std::size_t>(i)].first, at, &frame)) return true;
    }
    return count >= step.least && sequence(step.next, at, outer);
  }
};

bool Pattern::matches(std::string_view value) const {
  return Run{*this, value.data() + value.size()}.sequence(first_, value.data(), nullptr);
}

}  // namespace puente::sat
