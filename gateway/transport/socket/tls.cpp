#include "gateway/transport/socket/tls.h"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <iterator>
#include <utility>

#include "gateway/partners/certificates.h"

namespace puente::transport::socket {
namespace {

constexpr int kChainDepth = 3;
constexpr const char* kCiphers12 = "ECDHE+AESGCM:ECDHE+CHACHA20";
constexpr const char* kGroups = "X25519:P-256";

using Bio = std::unique_ptr<BIO, decltype([](BIO* bio) { BIO_free_all(bio); })>;
using Certificate = std::unique_ptr<X509, decltype([](X509* certificate) { X509_free(certificate); })>;
using Key = std::unique_ptr<EVP_PKEY, decltype([](EVP_PKEY* key) { EVP_PKEY_free(key); })>;

// A private key's text, wiped when it is no longer needed.
struct Secret {
  std::string text;
  ~Secret() { OPENSSL_cleanse(text.data(), text.size()); }
};

Result<std::string> read_file(const std::filesystem::path& path, const char* code) {
  std::ifstream in(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in || text.empty()) return permanent(code, path.string() + " cannot be read");
  return text;
}

Bio bio_of(const std::string& text) { return Bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))); }

bool use_credentials(SSL_CTX* context, const std::string& certificates, const std::string& key_text) {
  const Bio chain = bio_of(certificates), key_source = bio_of(key_text);
  const Certificate own(PEM_read_bio_X509_AUX(chain.get(), nullptr, nullptr, nullptr));
  if (!own || SSL_CTX_use_certificate(context, own.get()) != 1) return false;
  for (;;) {
    Certificate above(PEM_read_bio_X509(chain.get(), nullptr, nullptr, nullptr));
    if (!above) break;
    if (SSL_CTX_add0_chain_cert(context, above.get()) != 1) return false;
    (void)above.release();
  }
  const Key key(PEM_read_bio_PrivateKey(key_source.get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  return key && SSL_CTX_use_PrivateKey(context, key.get()) == 1 && SSL_CTX_check_private_key(context) == 1;
}

bool trust(SSL_CTX* context, const std::string& authorities, bool tell) {
  const Bio source = bio_of(authorities);
  X509_STORE* store = SSL_CTX_get_cert_store(context);
  bool any = false;
  for (;;) {
    const Certificate authority(PEM_read_bio_X509(source.get(), nullptr, nullptr, nullptr));
    if (!authority) break;
    if (X509_STORE_add_cert(store, authority.get()) != 1) return false;
    if (tell && SSL_CTX_add_client_CA(context, authority.get()) != 1) return false;
    any = true;
  }
  ERR_clear_error();
  return any;
}

bool settle(SSL_CTX* context) {
  SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_TICKET | SSL_OP_NO_COMPRESSION |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_read_ahead(context, 1);  // one system call a record, not two
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_verify_depth(context, kChainDepth);
  X509_VERIFY_PARAM_set_flags(SSL_CTX_get0_param(context), X509_V_FLAG_X509_STRICT);
  return SSL_CTX_set_num_tickets(context, 0) == 1 && SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1 &&
         SSL_CTX_set_cipher_list(context, kCiphers12) == 1 && SSL_CTX_set1_groups_list(context, kGroups) == 1;
}

// A socket as OpenSSL's source and sink: its own would raise SIGPIPE.
int bio_write(BIO* bio, const char* from, int size) {
  BIO_clear_retry_flags(bio);
  const int fd = static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio)));
  const ssize_t count = ::send(fd, from, static_cast<std::size_t>(size), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_write(bio);
  return static_cast<int>(count);
}

int bio_read(BIO* bio, char* to, int size) {
  BIO_clear_retry_flags(bio);
  const int fd = static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio)));
  const ssize_t count = ::recv(fd, to, static_cast<std::size_t>(size), MSG_DONTWAIT);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) BIO_set_retry_read(bio);
  return static_cast<int>(count);
}

long bio_control(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH ? 1 : 0; }

BIO_METHOD* socket_method() {
  static BIO_METHOD* const kMethod = [] {
    BIO_METHOD* method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket without SIGPIPE");
    BIO_meth_set_write(method, bio_write);
    BIO_meth_set_read(method, bio_read);
    BIO_meth_set_ctrl(method, bio_control);
    return method;
  }();
  return kMethod;
}

}  // namespace

Result<TlsContext> server_context(const std::filesystem::path& certificate, const std::filesystem::path& key,
                                  const std::vector<std::filesystem::path>& client_authorities) {
  constexpr const char* kUnreadable = "certificate_unreadable";
  const auto chain = read_file(certificate, kUnreadable);
  if (!chain) return tl::unexpected(chain.error());
  auto key_text = read_file(key, kUnreadable);
  if (!key_text) return tl::unexpected(key_text.error());
  const Secret secret{std::move(*key_text)};
  std::string authorities;
  for (const std::filesystem::path& path : client_authorities) {
    const auto text = read_file(path, kUnreadable);
    if (!text) return tl::unexpected(text.error());
    authorities += *text + "\n";
  }
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  if (auto checked = partners::check_server_credentials(*chain, secret.text, authorities, now); !checked)
    return tl::unexpected(checked.error());
  const TlsContext context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  if (!context || !settle(context.get()) || !use_credentials(context.get(), *chain, secret.text) ||
      !trust(context.get(), authorities, true)) {
    ERR_clear_error();
    return permanent(kUnreadable, "OpenSSL does not take the certificates");
  }
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  return context;
}

Result<TlsContext> client_context(const std::filesystem::path& authority, const std::filesystem::path& certificate,
                                  const std::filesystem::path& key) {
  constexpr const char* kUnreadable = "credentials_unreadable";
  const auto roots = read_file(authority, kUnreadable), chain = read_file(certificate, kUnreadable);
  if (!roots) return tl::unexpected(roots.error());
  if (!chain) return tl::unexpected(chain.error());
  auto key_text = read_file(key, kUnreadable);
  if (!key_text) return tl::unexpected(key_text.error());
  const Secret secret{std::move(*key_text)};
  const TlsContext context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  if (!context || !settle(context.get()) || !use_credentials(context.get(), *chain, secret.text) ||
      !trust(context.get(), *roots, false)) {
    ERR_clear_error();
    return permanent(kUnreadable, "OpenSSL does not take the certificates");
  }
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER, nullptr);
  return context;
}

Tls::Tls(const TlsContext& context, int fd, bool server, const std::string& host) : ssl_(SSL_new(context.get())) {
  BIO* bio = BIO_new(socket_method());
  BIO_set_data(bio, reinterpret_cast<void*>(static_cast<std::intptr_t>(fd)));
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_, bio, bio);
  if (server) {
    SSL_set_accept_state(ssl_);
    return;
  }
  SSL_set_connect_state(ssl_);
  std::array<unsigned char, 16> address{};
  const bool is_address = ::inet_pton(AF_INET, host.c_str(), address.data()) == 1 ||
                          ::inet_pton(AF_INET6, host.c_str(), address.data()) == 1;
  if (is_address) {
    X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_), host.c_str());
  } else {
    SSL_set_tlsext_host_name(ssl_, host.c_str());
    SSL_set1_host(ssl_, host.c_str());
  }
}

Tls::~Tls() { SSL_free(ssl_); }

Tls::Progress Tls::progress_of(int result) const {
  if (result == 1) return Progress::done;
  switch (SSL_get_error(ssl_, result)) {
    case SSL_ERROR_WANT_READ:
      return Progress::want_read;
    case SSL_ERROR_WANT_WRITE:
      return Progress::want_write;
    case SSL_ERROR_ZERO_RETURN:
      return Progress::closed;
    default:
      ERR_clear_error();
      return Progress::failed;
  }
}

Tls::Progress Tls::handshake() {
  ERR_clear_error();
  return progress_of(SSL_do_handshake(ssl_));
}

Tls::Moved Tls::read(char* to, std::size_t size) {
  ERR_clear_error();
  Moved moved{Progress::done};
  moved.progress = progress_of(SSL_read_ex(ssl_, to, size, &moved.bytes));
  return moved;
}

Tls::Moved Tls::write(const char* from, std::size_t size) {
  ERR_clear_error();
  Moved moved{Progress::done};
  moved.progress = progress_of(SSL_write_ex(ssl_, from, size, &moved.bytes));
  return moved;
}

void Tls::say_goodbye() {
  ERR_clear_error();
  if (SSL_is_init_finished(ssl_) != 0) SSL_shutdown(ssl_);
  ERR_clear_error();
}

std::string Tls::peer_certificate() const {
  const Certificate certificate(SSL_get1_peer_certificate(ssl_));
  if (!certificate) return {};
  const Bio bio(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_X509(bio.get(), certificate.get()) != 1) return {};
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

std::string Tls::version() const { return SSL_get_version(ssl_); }

}  // namespace puente::transport::socket
