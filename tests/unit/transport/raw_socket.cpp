#include "raw_socket.h"

#include <arpa/inet.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <memory>

#include "gateway/partners/certificates.h"

namespace puente::transport::testing {

RawSocket::RawSocket() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {}
RawSocket::~RawSocket() {
  if (fd_ >= 0) ::close(fd_);
}

bool RawSocket::connect(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return ::connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

bool RawSocket::closed_by_peer() {
  pollfd descriptor{fd_, POLLIN, 0};
  if (::poll(&descriptor, 1, 60'000) != 1) return false;
  char byte = 0;
  return ::recv(fd_, &byte, 1, 0) <= 0;
}

TlsOutcome attempt(const TlsAttempt& wanted) {
  std::signal(SIGPIPE, SIG_IGN);
  TlsOutcome outcome;
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  SSL_CTX_set_security_level(context.get(), 0);  // or OpenSSL itself would refuse to offer the old versions
  SSL_CTX_set_cipher_list(context.get(), "ALL");
  SSL_CTX_set_min_proto_version(context.get(), wanted.lowest);
  SSL_CTX_set_max_proto_version(context.get(), wanted.highest);
  SSL_CTX_load_verify_file(context.get(), wanted.authority.c_str());
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  if (!wanted.certificate.empty()) {
    SSL_CTX_use_certificate_chain_file(context.get(), wanted.certificate.c_str());
    SSL_CTX_use_PrivateKey_file(context.get(), wanted.key.c_str(), SSL_FILETYPE_PEM);
  }
  constexpr unsigned char kAlpn[] = {2, 'h', '2'};
  SSL_CTX_set_alpn_protos(context.get(), kAlpn, sizeof kAlpn);
  RawSocket socket;
  if (!socket.connect(wanted.port)) return outcome;
  const std::unique_ptr<SSL, decltype(&SSL_free)> tls(SSL_new(context.get()), SSL_free);
  SSL_set_fd(tls.get(), socket.fd());
  if (SSL_connect(tls.get()) != 1) return outcome;
  outcome.version = SSL_get_version(tls.get());
  // With TLS 1.3 a server refuses the client's certificate after the client is done: only its first bytes prove it has
  // not.
  char settings = 0;
  outcome.served = SSL_read(tls.get(), &settings, 1) == 1;
  const std::unique_ptr<X509, decltype(&X509_free)> peer(SSL_get1_peer_certificate(tls.get()), X509_free);
  const std::unique_ptr<BIO, decltype(&BIO_free_all)> text(BIO_new(BIO_s_mem()), BIO_free_all);
  PEM_write_bio_X509(text.get(), peer.get());
  char* data = nullptr;
  const long size = BIO_get_mem_data(text.get(), &data);
  outcome.server_key = partners::spki_sha256_of_pem({data, static_cast<std::size_t>(size)}).value_or("");
  return outcome;
}

}  // namespace puente::transport::testing
