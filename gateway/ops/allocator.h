// The allocator of the process: jemalloc, where no sanitizer brings its own (CMakeLists.txt, puente::allocator). Drafts
// are thousands of small strings, made on one thread and freed on another.
#pragma once

namespace puente::ops {

// Gives free memory back to the system now; by itself it goes back within seconds. Any thread.
void give_memory_back();

}  // namespace puente::ops
