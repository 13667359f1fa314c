#include "gateway/transport/grpc/certificate_files.h"

#include <fcntl.h>
#include <openssl/crypto.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <fstream>
#include <iterator>
#include <utility>

#include "gateway/partners/certificates.h"

namespace puente::transport {
namespace {

constexpr unsigned kPollSeconds = 1;

Result<std::string> read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (!in || text.empty()) return permanent("certificate_unreadable", path.string() + " cannot be read");
  return text;
}

// The descriptor's number stays, what it stands for changes in one step: who opens its name sees the old file or the
// new one whole.
Result<void> replace_memory_file(int& fd, const std::string& text) {
  const auto failed = [] { return retryable("certificate_memory", std::strerror(errno)); };
  const int fresh = ::memfd_create("puente-certificates", MFD_CLOEXEC);
  if (fresh < 0) return failed();
  std::size_t written = 0;
  while (written < text.size()) {
    const ssize_t count = ::write(fresh, text.data() + written, text.size() - written);
    if (count < 0) {
      ::close(fresh);
      return failed();
    }
    written += static_cast<std::size_t>(count);
  }
  if (fd < 0) {
    fd = fresh;
    return {};
  }
  const bool swapped = ::dup3(fresh, fd, O_CLOEXEC) == fd;
  ::close(fresh);
  if (!swapped) return failed();
  return {};
}

std::string name_of(int fd) { return "/proc/self/fd/" + std::to_string(fd); }

}  // namespace

CertificateFiles::CertificateFiles(std::filesystem::path certificate, std::filesystem::path key,
                                   std::vector<std::filesystem::path> client_authorities)
    : certificate_(std::move(certificate)), key_(std::move(key)), client_authorities_(std::move(client_authorities)) {}

CertificateFiles::~CertificateFiles() {
  if (identity_fd_ >= 0) ::close(identity_fd_);
  if (authorities_fd_ >= 0) ::close(authorities_fd_);
}

Result<void> CertificateFiles::load() {
  const std::scoped_lock lock(mutex_);
  const auto certificate = read_file(certificate_);
  if (!certificate) return tl::unexpected(certificate.error());
  auto key = read_file(key_);
  if (!key) return tl::unexpected(key.error());
  std::string authorities;
  for (const std::filesystem::path& path : client_authorities_) {
    const auto text = read_file(path);
    if (!text) return tl::unexpected(text.error());
    authorities += *text + "\n";
  }
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  if (auto checked = partners::check_server_credentials(*certificate, *key, authorities, now); !checked) return checked;

  // Key and chain in one file, so that one step swaps both; a PEM reader takes the blocks it looks for.
  std::string identity = *key + "\n" + *certificate;
  auto swapped = replace_memory_file(authorities_fd_, authorities).and_then([&] {
    return replace_memory_file(identity_fd_, identity);
  });
  OPENSSL_cleanse(identity.data(), identity.size());
  OPENSSL_cleanse(key->data(), key->size());
  return swapped;
}

std::shared_ptr<grpc::experimental::CertificateProviderInterface> CertificateFiles::provider() {
  const std::string identity = name_of(identity_fd_);
  return std::make_shared<grpc::experimental::FileWatcherCertificateProvider>(identity, identity,
                                                                              name_of(authorities_fd_), kPollSeconds);
}

}  // namespace puente::transport
