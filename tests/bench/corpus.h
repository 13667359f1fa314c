// Documents to measure with: CFDI 4.0 with Comercio Exterior or with Carta Porte, made from the templates of
// tests/support/samples by adding goods, sealed by a few issuers of a development authority and stamped. Accepted by
// sat::read without an error. Not taken from real shipments.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "mappings/sat/trust.h"
#include "tests/support/authority.h"

namespace puente::bench {

struct Corpus {
  std::vector<std::string> documents;
  std::vector<test::Signer> issuers;
  std::string stamping_certificate_der;
  std::shared_ptr<const sat::TrustStore> trust;
  // "240 documents ... mean ... bytes": what a reader of the figures has to know.
  std::string description;
};

// `count` documents of about 6 to 40 KB, spread evenly; half indented, half on one line as most issuers send them.
// Aborts when a document is not accepted: a figure about rejected documents would mean nothing.
Corpus make_corpus(std::size_t count);

// One sealed and stamped Carta Porte for each number of goods, on one line, all of one authority: 523 bytes a
// mercancia, so that 20,000 of them are just under the 10 MiB that a document may have. Accepted too.
Corpus make_waybills(const std::vector<std::size_t>& goods);

// One sealed document of about `bytes`, stamped anew `count` times: distinct folios fiscales over the same invoice.
std::vector<std::string> make_stamped(const test::Authority& authority, const test::Signer& issuer, std::size_t bytes,
                                      std::size_t count);
std::string issuer_rfc(std::size_t issuer);
test::Signer make_issuer(const test::Authority& authority, std::size_t issuer);

}  // namespace puente::bench
