// The server's certificates as gRPC sees them: checked copies in memory that a reload swaps without a restart.
#pragma once

#include <grpcpp/security/tls_certificate_provider.h>

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "mappings/domain/result.h"

namespace puente::transport {

// gRPC 1.51 can take new certificates only by watching files, and when it finds a key that does not belong to the
// certificate it refuses every handshake from then on. So it is given names of anonymous memory files (memfd_create)
// whose content is replaced only with files that were read whole and checked; the private key gets no second copy on
// disk.
class CertificateFiles {
 public:
  CertificateFiles(std::filesystem::path certificate, std::filesystem::path key,
                   std::vector<std::filesystem::path> client_authorities);
  ~CertificateFiles();
  CertificateFiles(const CertificateFiles&) = delete;
  CertificateFiles& operator=(const CertificateFiles&) = delete;

  Result<void> load();  // faults: certificate_*; the copies stay as they were
  std::shared_ptr<grpc::experimental::CertificateProviderInterface> provider();  // after a first successful load()

 private:
  const std::filesystem::path certificate_, key_;
  const std::vector<std::filesystem::path> client_authorities_;
  std::mutex mutex_;
  int identity_fd_ = -1, authorities_fd_ = -1;
};

}  // namespace puente::transport
