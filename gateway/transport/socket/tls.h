// OpenSSL for both ends of the socket transport: contexts from files, and TLS over a non-blocking socket without a
// buffer of our own in between. Settings: reference security 4.
#pragma once

#include <openssl/ssl.h>

#include <cstddef>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "mappings/domain/result.h"

namespace puente::transport::socket {

using TlsContext = std::shared_ptr<SSL_CTX>;  // immutable once made; connections keep the one they began with

// TLS 1.3 and 1.2; the peer must show a certificate of the client authorities for client use. No tickets, no session
// cache, no renegotiation, no compression. Faults: certificate_unreadable, certificate_expired,
// certificate_key_mismatch.
Result<TlsContext> server_context(const std::filesystem::path& certificate, const std::filesystem::path& key,
                                  const std::vector<std::filesystem::path>& client_authorities);
// Fault: credentials_unreadable.
Result<TlsContext> client_context(const std::filesystem::path& authority, const std::filesystem::path& certificate,
                                  const std::filesystem::path& key);

// One connection's TLS. Not thread-safe. Never raises SIGPIPE.
class Tls {
 public:
  enum class Progress { done, want_read, want_write, closed, failed };
  struct Moved {
    Progress progress;
    std::size_t bytes = 0;
  };

  // `fd` stays the caller's. `host`, for a client: the name that the peer's certificate must carry (or an address).
  Tls(const TlsContext& context, int fd, bool server, const std::string& host = {});
  ~Tls();
  Tls(const Tls&) = delete;
  Tls& operator=(const Tls&) = delete;

  Progress handshake();
  Moved read(char* to, std::size_t size);  // closed: the peer said that it sends nothing more
  Moved write(const char* from, std::size_t size);
  void say_goodbye();  // close_notify, if it can be sent at once

  std::string peer_certificate() const;  // PEM; "" where there is none
  std::string version() const;

 private:
  Progress progress_of(int result) const;
  SSL* ssl_;
};

}  // namespace puente::transport::socket
