#include "gateway/partners/certificates.h"

#include <fcntl.h>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>

namespace puente::partners {
namespace {

template <auto Free>
struct Release {
  template <typename T>
  void operator()(T* pointer) const {
    Free(pointer);
  }
};
using Bio = std::unique_ptr<BIO, Release<BIO_free_all>>;
using Certificate = std::unique_ptr<X509, Release<X509_free>>;
using Key = std::unique_ptr<EVP_PKEY, Release<EVP_PKEY_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Release<X509_EXTENSION_free>>;

struct ExtensionRow {
  int nid;
  const char* value;
};
// What each kind of certificate says of itself (RFC 5280 4.2). The key identifiers come last: the authority's points at
// the subject's of the issuer, which must exist before it.
struct PurposeRow {
  Purpose purpose;
  std::chrono::days lifetime;
  std::array<ExtensionRow, 4> extensions;
};
constexpr std::array kPurposes{
    PurposeRow{Purpose::authority,
               std::chrono::days(3650),
               {{{NID_basic_constraints, "critical,CA:TRUE,pathlen:0"},
                 {NID_key_usage, "critical,keyCertSign,cRLSign"},
                 {NID_subject_key_identifier, "hash"},
                 {NID_undef, nullptr}}}},
    PurposeRow{Purpose::server,
               std::chrono::days(397),
               {{{NID_basic_constraints, "critical,CA:FALSE"},
                 {NID_key_usage, "critical,digitalSignature"},
                 {NID_ext_key_usage, "serverAuth"},
                 {NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1,IP:::1"}}}},
    PurposeRow{Purpose::client,
               std::chrono::days(397),
               {{{NID_basic_constraints, "critical,CA:FALSE"},
                 {NID_key_usage, "critical,digitalSignature"},
                 {NID_ext_key_usage, "clientAuth"},
                 {NID_undef, nullptr}}}},
    PurposeRow{Purpose::receipt,
               std::chrono::days(3650),
               {{{NID_basic_constraints, "critical,CA:FALSE"},
                 {NID_key_usage, "critical,digitalSignature,nonRepudiation"},
                 {NID_undef, nullptr},
                 {NID_undef, nullptr}}}},
};

const PurposeRow& purpose_row(Purpose purpose) { return kPurposes[static_cast<std::size_t>(purpose)]; }

Bio reading(std::string_view pem) { return Bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()))); }

Certificate read_certificate(std::string_view pem) {
  const Bio bio = reading(pem);
  return Certificate(bio ? PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr) : nullptr);
}

Key read_key(std::string_view pem) {
  const Bio bio = reading(pem);
  // A passphrase is never asked for: an encrypted key is simply unreadable to a daemon.
  const auto refuse = [](char*, int, int, void*) { return -1; };
  return Key(bio ? PEM_read_bio_PrivateKey(bio.get(), nullptr, refuse, nullptr) : nullptr);
}

std::string written(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

bool add_extension(X509* certificate, X509* issuer, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value));
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

bool set_serial(X509* certificate) {
  std::array<unsigned char, 16> bytes{};
  if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) return false;
  bytes[0] &= 0x7f;  // serial numbers are positive (RFC 5280 4.1.2.2)
  std::unique_ptr<BIGNUM, Release<BN_free>> number(BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
  return number && BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate)) != nullptr;
}

bool set_time(ASN1_TIME* field, std::chrono::sys_seconds time) {
  return ASN1_TIME_set(field, static_cast<time_t>(time.time_since_epoch().count())) != nullptr;
}

tl::unexpected<Fault> unreadable(std::string_view what) {
  return permanent("certificate_unreadable", std::string(what) + " is not readable PEM");
}

Result<std::string> read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in) return permanent("certificate_unreadable", path.string() + " cannot be read");
  return text;
}

// The name appears only when all of the file is on disk, and only with its final mode.
Result<void> write_file(const std::filesystem::path& path, std::string_view text, mode_t mode) {
  const auto failed = [&](int error) {
    return permanent("certificate_write", path.string() + ": " + std::strerror(error));
  };
  std::string pattern = path.string() + ".XXXXXX";
  const int fd = ::mkostemp(pattern.data(), O_CLOEXEC);
  if (fd < 0) return failed(errno);
  int error = ::fchmod(fd, mode) == 0 ? 0 : errno;
  while (error == 0 && !text.empty()) {
    const ssize_t count = ::write(fd, text.data(), text.size());
    if (count < 0 && errno != EINTR) error = errno;
    if (count > 0) text.remove_prefix(static_cast<std::size_t>(count));
  }
  if (error == 0 && ::fsync(fd) != 0) error = errno;
  ::close(fd);
  if (error == 0 && ::rename(pattern.c_str(), path.c_str()) != 0) error = errno;
  if (error == 0) return {};
  ::unlink(pattern.c_str());
  return failed(error);
}

Result<void> write_credentials(const std::filesystem::path& dir, const std::string& name,
                               const Credentials& credentials) {
  // The key first: a certificate without its key would look complete to the next call.
  return write_file(dir / (name + ".key"), credentials.key_pem, 0600).and_then([&] {
    return write_file(dir / (name + ".crt"), credentials.certificate_pem, 0644);
  });
}

bool usable_name(std::string_view name) {
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyz0123456789-_";
  return !name.empty() && name.size() <= 64 && name.find_first_not_of(kAllowed) == std::string_view::npos &&
         name != "ca" && name != "server" && name != "receipt";
}

}  // namespace

Result<std::string> spki_sha256_of_pem(std::string_view pem) {
  const Certificate certificate = read_certificate(pem);
  if (!certificate) return unreadable("the certificate");
  unsigned char* der = nullptr;
  const int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate.get()), &der);
  if (size <= 0) return unreadable("the certificate's public key");
  std::array<unsigned char, 32> digest{};
  const int hashed = EVP_Digest(der, static_cast<std::size_t>(size), digest.data(), nullptr, EVP_sha256(), nullptr);
  OPENSSL_free(der);
  if (hashed != 1) return permanent("certificate_unreadable", "SHA-256 is not available");
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string hex;
  for (const unsigned char byte : digest) {
    hex += kHex[byte >> 4U];
    hex += kHex[byte & 15U];
  }
  return hex;
}

Result<void> check_server_credentials(std::string_view certificate_pem, std::string_view key_pem,
                                      std::string_view client_ca_pem, std::chrono::sys_seconds now) {
  const Certificate certificate = read_certificate(certificate_pem);
  if (!certificate) return unreadable("the server's certificate");
  const Key key = read_key(key_pem);
  if (!key) return unreadable("the server's key");
  if (!read_certificate(client_ca_pem)) return unreadable("the client authority");
  if (X509_check_private_key(certificate.get(), key.get()) != 1) {
    return permanent("certificate_key_mismatch", "the server's key does not belong to its certificate");
  }
  time_t moment = static_cast<time_t>(now.time_since_epoch().count());
  if (X509_cmp_time(X509_get0_notAfter(certificate.get()), &moment) <= 0) {
    return permanent("certificate_expired", "the server's certificate has expired");
  }
  return {};
}

Result<Credentials> issue_certificate(const CertificateRequest& request, const Credentials* authority) {
  Certificate issuer;
  Key issuer_key;
  if (authority != nullptr) {
    issuer = read_certificate(authority->certificate_pem);
    issuer_key = read_key(authority->key_pem);
    if (!issuer || !issuer_key) return unreadable("the authority");
  }
  const Key key(EVP_EC_gen("P-256"));
  const Certificate certificate(X509_new());
  const auto failed = [&] {
    return permanent("certificate_issue", "OpenSSL could not issue the certificate of " + request.common_name);
  };
  if (!key || !certificate) return failed();

  X509_NAME* subject = X509_get_subject_name(certificate.get());
  const auto* common_name = reinterpret_cast<const unsigned char*>(request.common_name.data());
  bool made = X509_set_version(certificate.get(), X509_VERSION_3) == 1 && set_serial(certificate.get()) &&
              set_time(X509_getm_notBefore(certificate.get()), request.not_before) &&
              set_time(X509_getm_notAfter(certificate.get()), request.not_after) &&
              X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, common_name,
                                         static_cast<int>(request.common_name.size()), -1, 0) == 1 &&
              X509_set_issuer_name(certificate.get(), issuer ? X509_get_subject_name(issuer.get()) : subject) == 1 &&
              X509_set_pubkey(certificate.get(), key.get()) == 1;
  X509* signer = issuer ? issuer.get() : certificate.get();
  for (const ExtensionRow& row : purpose_row(request.purpose).extensions) {
    if (row.nid != NID_undef) made = made && add_extension(certificate.get(), signer, row.nid, row.value);
  }
  if (request.purpose != Purpose::authority) {
    made = made && add_extension(certificate.get(), signer, NID_subject_key_identifier, "hash");
  }
  made = made && add_extension(certificate.get(), signer, NID_authority_key_identifier, "keyid") &&
         X509_sign(certificate.get(), issuer_key ? issuer_key.get() : key.get(), EVP_sha256()) > 0;
  if (!made) return failed();

  const Bio certificate_text(BIO_new(BIO_s_mem()));
  const Bio key_text(BIO_new(BIO_s_secmem()));
  if (!certificate_text || !key_text || PEM_write_bio_X509(certificate_text.get(), certificate.get()) != 1 ||
      PEM_write_bio_PKCS8PrivateKey(key_text.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    return failed();
  }
  return Credentials{written(certificate_text.get()), written(key_text.get())};
}

Result<void> write_development_certificates(const std::filesystem::path& dir, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (!usable_name(name)) return permanent("certificate_name", "\"" + name + "\" cannot name a certificate");
  }
  std::error_code error;
  std::filesystem::create_directories(dir, error);
  if (!error) std::filesystem::permissions(dir, std::filesystem::perms::owner_all, error);
  if (error) return permanent("certificate_write", dir.string() + ": " + error.message());

  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  const auto request = [&](std::string common_name, Purpose purpose) {
    // An hour back, so that a peer whose clock is a little behind takes it at once.
    return CertificateRequest{std::move(common_name), purpose, now - std::chrono::hours(1),
                              now + purpose_row(purpose).lifetime};
  };

  Credentials authority;
  if (std::filesystem::exists(dir / "ca.crt", error)) {
    auto certificate = read_file(dir / "ca.crt");
    auto key = read_file(dir / "ca.key");
    if (!certificate) return tl::unexpected(certificate.error());
    if (!key) return tl::unexpected(key.error());
    authority = {std::move(*certificate), std::move(*key)};
  } else {
    auto made = issue_certificate(request("Puente development authority", Purpose::authority), nullptr);
    if (!made) return tl::unexpected(made.error());
    authority = std::move(*made);
    if (auto done = write_credentials(dir, "ca", authority); !done) return done;
  }

  const auto add = [&](const std::string& name, Purpose purpose) -> Result<void> {
    std::error_code ignored;
    if (std::filesystem::exists(dir / (name + ".crt"), ignored)) return {};
    return issue_certificate(request(name, purpose), &authority).and_then([&](const Credentials& made) {
      return write_credentials(dir, name, made);
    });
  };
  if (auto done = add("server", Purpose::server); !done) return done;
  if (auto done = add("receipt", Purpose::receipt); !done) return done;
  for (const std::string& name : names) {
    if (auto done = add(name, Purpose::client); !done) return done;
  }
  return {};
}

}  // namespace puente::partners
