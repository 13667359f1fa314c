#include "gateway/ops/allocator.h"

#ifdef PUENTE_JEMALLOC
#include <jemalloc/jemalloc.h>

#include <string>

// Read by jemalloc at start; the environment's MALLOC_CONF has the last word. What is free for a second goes back to
// the system, on a thread of jemalloc's, even when nothing is allocated any more.
extern "C" {
extern const char* malloc_conf;  // NOLINT: jemalloc's name
const char* malloc_conf = "background_thread:true,dirty_decay_ms:1000,muzzy_decay_ms:0";
}
#else
#include <malloc.h>
#endif

namespace puente::ops {

void give_memory_back() {
#ifdef PUENTE_JEMALLOC
  static const std::string purge = "arena." + std::to_string(MALLCTL_ARENAS_ALL) + ".purge";
  mallctl(purge.c_str(), nullptr, nullptr, nullptr, 0);
#else
  ::malloc_trim(0);
#endif
}

}  // namespace puente::ops
