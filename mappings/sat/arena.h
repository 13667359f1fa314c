// Memory that is taken piece by piece and given back as a whole: the nodes and values of one document.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <memory>
#include <new>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

namespace puente::sat {

class Arena {
 public:
  // Makes the first block fit what is expected: then it is mostly the only one.
  void expect(std::size_t size) { size_ = std::clamp(size, kSmallest, kLargest) / 2; }

  // An object that needs no destructor; lives as long as the arena.
  template <typename T>
  T* make() {
    static_assert(std::is_trivially_destructible_v<T>);
    return new (take(sizeof(T), alignof(T))) T;
  }

  template <typename T>
  std::span<const T> keep(std::span<const T> items) {
    static_assert(std::is_trivially_copyable_v<T>);
    if (items.empty()) return {};
    void* to = take(items.size_bytes(), alignof(T));
    std::memcpy(to, items.data(), items.size_bytes());
    return {static_cast<const T*>(to), items.size()};
  }

  std::string_view keep(std::string_view text) {
    if (text.empty()) return "";
    char* to = static_cast<char*>(take(text.size(), 1));
    std::memcpy(to, text.data(), text.size());
    return {to, text.size()};
  }

 private:
  static constexpr std::size_t kSmallest = 16 * 1024, kLargest = 256 * 1024;

  static constexpr std::size_t kNoBlock = static_cast<std::size_t>(-1) / 2;

  void* take(std::size_t size, std::size_t alignment) {
    std::size_t at = (at_ + alignment - 1) & ~(alignment - 1);
    if (at > size_ || size > size_ - at) {
      size_ = std::max(size, std::clamp(2 * size_, kSmallest, kLargest));
      blocks_.push_back(std::make_unique_for_overwrite<std::byte[]>(size_));
      at = 0;
    }
    at_ = at + size;
    return blocks_.back().get() + at;
  }

  std::vector<std::unique_ptr<std::byte[]>> blocks_;
  // Of the last block; the next one is twice as large.
  std::size_t at_ = kNoBlock, size_ = 0;
};

}  // namespace puente::sat
