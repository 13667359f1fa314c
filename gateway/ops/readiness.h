// Whether this process should be given work: named conditions, all of which must hold. Read by gRPC health and by
// /readyz. Threads: any; listeners run on the thread that changed a condition, outside the lock, and must not block.
#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace puente::ops {

struct Condition {
  std::string name;  // lower_snake_case: ledger, certificates, not_draining
  bool holds = false;
  std::string text;  // why not, for operators: no payloads, no personal data
};

class Readiness {
 public:
  // Each of `expected` must be reported before the process is ready; without any it is not ready either.
  Readiness(std::initializer_list<std::string_view> expected);

  void set(std::string_view name, bool holds, std::string_view text = {});
  bool ready() const;
  std::vector<Condition> conditions() const;  // by name

  using Listener = std::function<void(bool ready)>;
  std::uint64_t listen(Listener listener);  // called on each change between ready and not ready
  void unlisten(std::uint64_t handle);

 private:
  bool ready_locked() const;

  mutable std::mutex mutex_;
  std::map<std::string, Condition, std::less<>> conditions_;
  std::map<std::uint64_t, Listener> listeners_;
  std::uint64_t next_ = 1;
};

}  // namespace puente::ops
