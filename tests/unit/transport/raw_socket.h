// Peers that gRPC's own client cannot play: plain TCP, TLS with any versions and certificates.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace puente::transport::testing {

class RawSocket {
 public:
  RawSocket();  // not connected
  ~RawSocket();
  RawSocket(const RawSocket&) = delete;
  RawSocket& operator=(const RawSocket&) = delete;
  bool connect(std::uint16_t port);
  bool closed_by_peer();  // waits until the peer sends or closes; true when it closes without a byte
  int fd() const { return fd_; }

 private:
  int fd_;
};

struct TlsAttempt {
  std::uint16_t port = 0;
  std::filesystem::path authority, certificate, key;  // certificate and key may be empty: none is sent
  int lowest = 0, highest = 0;                        // OpenSSL's TLS1_2_VERSION and so on
};
struct TlsOutcome {
  bool served = false;     // the handshake succeeded and the server began to speak HTTP/2
  std::string version;     // TLSv1.3
  std::string server_key;  // SPKI SHA-256 of the server's certificate
};
TlsOutcome attempt(const TlsAttempt& wanted);

}  // namespace puente::transport::testing
