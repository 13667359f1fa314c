#include "gateway/transport/entrance/received.h"

#include <linux/tcp.h>  // its tcp_info is newer than that of netinet/tcp.h, which Asio includes
#include <netinet/in.h>
#include <sys/socket.h>

namespace puente::transport {

std::uint64_t bytes_received(int fd) {
  tcp_info info{};
  socklen_t size = sizeof info;
  return ::getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) == 0 ? info.tcpi_bytes_received : 0;
}

}  // namespace puente::transport
