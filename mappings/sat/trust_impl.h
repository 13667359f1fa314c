// What the signature checks ask a TrustStore. Not for other rooms.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "mappings/sat/certificate.h"
#include "mappings/sat/trust.h"

struct x509_store_st;

namespace puente::sat {

// Whether this is the SAT's own RFC; in the test environment that of its double too (check 11).
bool is_rfc_of_sat(std::string_view rfc, Environment environment);

struct TrustStore::Impl {
  explicit Impl(Environment environment_in);
  ~Impl();
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  void add(std::shared_ptr<const Certificate> certificate);
  // The SAT's certificate with this serial, or null.
  const Certificate* sat_certificate(std::string_view number) const;
  // Verdicts are kept by certificate.
  ChainVerdict chain(const std::shared_ptr<const Certificate>& certificate) const;

  const Environment environment;
  std::size_t authorities = 0;

 private:
  ChainVerdict verify(const Certificate& certificate) const;
  x509_store_st* store_;
  std::unordered_map<std::string, std::shared_ptr<const Certificate>> sat_certificates_;
  mutable std::mutex mutex_;
  mutable std::unordered_map<std::shared_ptr<const Certificate>, ChainVerdict> verdicts_;

 public:
  std::size_t sat_certificate_count() const { return sat_certificates_.size(); }
};

}  // namespace puente::sat
