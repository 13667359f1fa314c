#include "gateway/transport/entrance/descriptors.h"

#include <sys/resource.h>

#include <algorithm>

namespace puente::transport {
namespace {
constexpr std::size_t kOtherDescriptors = 128;  // ledger, log, gRPC's own
}

std::size_t connections_within_descriptors(std::size_t wanted) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return wanted;
  const std::size_t descriptors = limit.rlim_cur;
  const std::size_t possible =
      descriptors > 2 * kOtherDescriptors ? (descriptors - kOtherDescriptors) / 2 : descriptors / 4;
  return std::min(wanted, possible);
}

}  // namespace puente::transport
