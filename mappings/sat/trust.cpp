#include "mappings/sat/trust.h"

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "mappings/sat/trust_impl.h"

namespace puente::sat {
namespace {

constexpr std::size_t kKeptVerdicts = 1024;

using Certificates = std::vector<std::shared_ptr<const Certificate>>;

Certificates read_pem(const std::string& text) {
  Certificates certificates;
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())),
                                                      &BIO_free);
  while (X509* native = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr))
    certificates.push_back(Certificate::from_native(native));
  return certificates;
}

// The SAT names both forms .cer.
Result<Certificates> read_certificates(std::string_view name, const std::string& content) {
  auto certificates = content.find("-----BEGIN CERTIFICATE-----") != std::string::npos
                          ? read_pem(content)
                          : Certificates{Certificate::from_der(content)};
  if (certificates.empty() || std::ranges::find(certificates, nullptr) != certificates.end())
    return permanent("trust_certificate_invalid", "not an X.509 certificate with an RSA key: " + std::string(name));
  return certificates;
}

Result<Certificates> read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file) return permanent("trust_file_unreadable", "cannot read the certificate file " + path.string());
  return read_certificates(path.string(), text);
}

CertificateKind kind_of(const Certificate& certificate) {
  if (certificate.is_authority())
    return certificate.is_self_issued() ? CertificateKind::root : CertificateKind::intermediate;
  if (!certificate.is_csd()) return certificate.rfc().empty() ? CertificateKind::other : CertificateKind::e_firma;
  return is_rfc_of_sat(certificate.rfc(), Environment::test) ? CertificateKind::stamping : CertificateKind::csd;
}

Result<std::vector<std::filesystem::path>> list_files(const std::filesystem::path& directory) {
  std::error_code error;
  std::vector<std::filesystem::path> files;
  for (std::filesystem::directory_iterator entry(directory, error), end; !error && entry != end;
       entry.increment(error)) {
    const auto extension = entry->path().extension();
    if (extension == ".cer" || extension == ".pem") files.push_back(entry->path());
  }
  if (error) return permanent("trust_directory_unreadable", "cannot read the trust directory " + directory.string());
  std::ranges::sort(files);
  return files;
}

// The SAT renewed its authorities under the same names, and neither they nor their certificates carry key identifiers:
// among the authorities of the issuer's name, the issuer is the one whose key verifies the signature. Without one
// OpenSSL's own choice stands.
int issuer_that_signed(X509** issuer, X509_STORE_CTX* context, X509* certificate) {
  STACK_OF(X509)* candidates = X509_STORE_CTX_get1_certs(context, X509_get_issuer_name(certificate));
  X509* found = nullptr;
  for (int i = 0; found == nullptr && i < sk_X509_num(candidates); ++i) {
    X509* candidate = sk_X509_value(candidates, i);
    if (X509_check_issued(candidate, certificate) == X509_V_OK &&
        X509_verify(certificate, X509_get0_pubkey(candidate)) == 1)
      found = candidate;
  }
  if (found != nullptr) X509_up_ref(found);
  sk_X509_pop_free(candidates, X509_free);
  if (found == nullptr) return X509_STORE_CTX_get1_issuer(issuer, context, certificate);
  *issuer = found;
  return 1;
}

}  // namespace

bool is_rfc_of_sat(std::string_view rfc, Environment environment) {
  return rfc == "SAT970701NN3" || (environment == Environment::test && rfc == "SPR190613I52");
}

TrustStore::Impl::Impl(Environment environment_in) : environment(environment_in), store_(X509_STORE_new()) {
  X509_VERIFY_PARAM* parameters = X509_STORE_get0_param(store_);
  // Dates are check 5; an intermediate that an operator put in the directory is believed without its root; the oldest
  // authorities of the SAT sign with SHA-1.
  X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_NO_CHECK_TIME | X509_V_FLAG_PARTIAL_CHAIN);
  X509_VERIFY_PARAM_set_auth_level(parameters, 0);
  X509_STORE_set_get_issuer(store_, issuer_that_signed);
}

TrustStore::Impl::~Impl() { X509_STORE_free(store_); }

void TrustStore::Impl::add(std::shared_ptr<const Certificate> certificate) {
  if (certificate->is_authority()) {
    X509_STORE_add_cert(store_, certificate->native());
    ++authorities;
  } else {
    const std::string number = certificate->number();
    sat_certificates_.insert_or_assign(number, std::move(certificate));
  }
}

const Certificate* TrustStore::Impl::sat_certificate(std::string_view number) const {
  if (number.empty()) return nullptr;
  const auto found = sat_certificates_.find(std::string(number));
  return found == sat_certificates_.end() ? nullptr : found->second.get();
}

ChainVerdict TrustStore::Impl::verify(const Certificate& certificate) const {
  const std::unique_ptr<X509_STORE_CTX, decltype(&X509_STORE_CTX_free)> context(X509_STORE_CTX_new(),
                                                                                &X509_STORE_CTX_free);
  if (X509_STORE_CTX_init(context.get(), store_, certificate.native(), nullptr) != 1) return ChainVerdict::unknown;
  if (X509_verify_cert(context.get()) == 1) return ChainVerdict::trusted;
  switch (X509_STORE_CTX_get_error(context.get())) {
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
      return ChainVerdict::unknown;
    default:
      return ChainVerdict::refused;
  }
}

ChainVerdict TrustStore::Impl::chain(const std::shared_ptr<const Certificate>& certificate) const {
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = verdicts_.find(certificate); found != verdicts_.end()) return found->second;
  }
  const ChainVerdict verdict = verify(*certificate);
  const std::lock_guard lock(mutex_);
  if (verdicts_.size() >= kKeptVerdicts) verdicts_.clear();
  verdicts_.emplace(certificate, verdict);
  return verdict;
}

TrustStore::TrustStore() = default;
TrustStore::~TrustStore() = default;

std::shared_ptr<const TrustStore> TrustStore::empty(Environment environment) {
  std::shared_ptr<TrustStore> store(new TrustStore);
  store->impl_ = std::make_unique<Impl>(environment);
  return store;
}

Result<std::shared_ptr<const TrustStore>> TrustStore::load(Environment environment,
                                                           const std::vector<std::filesystem::path>& directories) {
  std::shared_ptr<TrustStore> store(new TrustStore);
  store->impl_ = std::make_unique<Impl>(environment);
  for (const auto& directory : directories) {
    const auto files = list_files(directory);
    if (!files) return tl::unexpected(files.error());
    for (const auto& path : *files) {
      auto certificates = read_file(path);
      if (!certificates) return tl::unexpected(certificates.error());
      for (auto& certificate : *certificates) {
        if (environment == Environment::production && certificate->is_of_test_authority())
          return permanent("trust_test_root_in_production",
                           "a test authority is not trusted in production: " + path.string());
        store->impl_->add(std::move(certificate));
      }
    }
  }
  return store;
}

std::shared_ptr<const TrustStore> TrustStore::of(Environment environment,
                                                 std::span<const CertificateFacts> certificates) {
  std::shared_ptr<TrustStore> store(new TrustStore);
  store->impl_ = std::make_unique<Impl>(environment);
  for (const CertificateFacts& facts : certificates) store->impl_->add(Certificate::from_der(facts.der));
  return store;
}

ChainVerdict TrustStore::chain(const CertificateFacts& certificate) const {
  return impl_->chain(Certificate::from_der(certificate.der));
}

Result<std::vector<CertificateFacts>> describe_certificates(std::string_view name, const std::string& content) {
  const auto certificates = read_certificates(name, content);
  if (!certificates) return tl::unexpected(certificates.error());
  std::vector<CertificateFacts> out;
  for (const auto& certificate : *certificates) {
    CertificateFacts& facts = out.emplace_back();
    facts.kind = kind_of(*certificate);
    facts.of_test_authority = certificate->is_of_test_authority();
    facts.number = certificate->number().empty() ? certificate->serial_in_hexadecimal() : certificate->number();
    facts.subject = certificate->subject();
    facts.rfc = certificate->rfc();
    facts.issuer = certificate->issuer();
    facts.not_before = certificate->not_before();
    facts.not_after = certificate->not_after();
    facts.sha256 = certificate->fingerprint();
    facts.der = certificate->der();
  }
  return out;
}

Environment TrustStore::environment() const { return impl_->environment; }
std::size_t TrustStore::roots() const { return impl_->authorities; }
std::size_t TrustStore::sat_certificates() const { return impl_->sat_certificate_count(); }

}  // namespace puente::sat
