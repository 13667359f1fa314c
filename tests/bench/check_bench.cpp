// check against its floor and against a program without Puente, on one thread: what the gateway's Check does with a
// document (sat::read with the SAT's lists, rules, seal and stamp); of the same document a bare Xerces SAX2 parse with
// the same scanner and two RSA-2048 verifications with keys that are parsed already; and what libxml2 with the official
// schemas and OpenSSL do (schema_check.h). Time is the thread's CPU time.
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <time.h>

#include <cstdio>
#include <memory>
#include <xercesc/framework/MemBufInputSource.hpp>
#include <xercesc/sax2/DefaultHandler.hpp>
#include <xercesc/sax2/SAX2XMLReader.hpp>
#include <xercesc/sax2/XMLReaderFactory.hpp>
#include <xercesc/util/PlatformUtils.hpp>
#include <xercesc/util/XMLUni.hpp>

#include "mappings/sat/certificate.h"
#include "mappings/sat/read.h"
#include "tests/bench/corpus.h"
#include "tests/bench/lists.h"
#include "tests/bench/rounds.h"
#include "tests/bench/schema_check.h"

namespace puente::bench {
namespace {

namespace xml = xercesc;

constexpr double kTarget = 0.6;  // the goal is 0.75
constexpr double kSchemaTarget = 12;
constexpr std::size_t kSchemaEvery = 15;  // of the documents that many to one, once a round: the half is slow

double thread_microseconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) * 1e-3;
}

// The bytes that are signed and their signatures, found before the clock runs.
struct Signed {
  std::string cadena, sello;
  EVP_PKEY* key = nullptr;
};
struct Prepared {
  std::string_view bytes;
  Signed seal, stamp;
};

EVP_PKEY* key_of(std::string_view der) {
  const auto* at = reinterpret_cast<const unsigned char*>(der.data());
  X509* certificate = d2i_X509(nullptr, &at, static_cast<long>(der.size()));
  EVP_PKEY* key = X509_get_pubkey(certificate);
  X509_free(certificate);
  return key;
}

std::vector<Prepared> prepare(const Corpus& corpus) {
  EVP_PKEY* stamping = key_of(corpus.stamping_certificate_der);
  std::vector<EVP_PKEY*> issuers;
  for (const auto& issuer : corpus.issuers) issuers.push_back(key_of(issuer.certificate_der));
  std::vector<Prepared> prepared;
  for (std::size_t i = 0; i < corpus.documents.size(); ++i) {
    const auto document = sat::read("", corpus.documents[i], {corpus.trust, {}}).document;
    Prepared one;
    one.bytes = corpus.documents[i];
    one.seal.cadena = sat::cadena_original(*document);
    one.stamp.cadena = sat::cadena_original_timbre(*document->timbre());
    sat::decode_base64(document->comprobante().attribute_or("Sello"), one.seal.sello);
    sat::decode_base64(document->timbre()->attribute_or("SelloSAT"), one.stamp.sello);
    one.seal.key = issuers[i % issuers.size()];
    one.stamp.key = stamping;
    prepared.push_back(std::move(one));
  }
  return prepared;
}

class Floor {
 public:
  Floor() {
    xml::XMLPlatformUtils::Initialize();
    reader_.reset(xml::XMLReaderFactory::createXMLReader());
    reader_->setProperty(xml::XMLUni::fgXercesScannerName, const_cast<XMLCh*>(xml::XMLUni::fgIGXMLScanner));
    reader_->setFeature(xml::XMLUni::fgSAX2CoreNameSpaces, true);
    reader_->setFeature(xml::XMLUni::fgSAX2CoreValidation, false);
    reader_->setFeature(xml::XMLUni::fgXercesDynamic, false);
    reader_->setFeature(xml::XMLUni::fgXercesSchema, false);
    reader_->setFeature(xml::XMLUni::fgXercesLoadExternalDTD, false);
    reader_->setContentHandler(&handler_);
    reader_->setErrorHandler(&handler_);
    sha256_ = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  }

  bool parse(std::string_view bytes) {
    xml::MemBufInputSource source(reinterpret_cast<const XMLByte*>(bytes.data()), bytes.size(), "document");
    source.setCopyBufToStream(false);
    reader_->parse(source);
    return reader_->getErrorCount() == 0;
  }

  bool verify(const Signed& what) {
    EVP_MD_CTX* context = EVP_MD_CTX_new();
    const bool good =
        EVP_DigestVerifyInit(context, nullptr, sha256_, nullptr, what.key) == 1 &&
        EVP_DigestVerify(context, reinterpret_cast<const unsigned char*>(what.sello.data()), what.sello.size(),
                         reinterpret_cast<const unsigned char*>(what.cadena.data()), what.cadena.size()) == 1;
    EVP_MD_CTX_free(context);
    return good;
  }

  bool run(const Prepared& document) {
    return parse(document.bytes) && verify(document.seal) && verify(document.stamp);
  }

 private:
  xml::DefaultHandler handler_;
  std::unique_ptr<xml::SAX2XMLReader> reader_;
  EVP_MD* sha256_ = nullptr;
};

int run() {
  const std::size_t count = full_run() ? 240 : 24;
  const int rounds = full_run() ? 9 : 2;
  const int passes = full_run() ? 3 : 1;
  const auto corpus = make_corpus(count);
  const auto prepared = prepare(corpus);
  Floor floor;
  const Lists lists = reference_lists();
  const sat::ReadContext context{corpus.trust, {}, lists.lists};
  const auto schemas = SchemaCheck::create();

  Figures figures("bench-check");
  figures.line("  corpus: " + corpus.description);
  figures.line("  lists of the SAT: " + lists.description);
  std::vector<double> floor_us, parse_us, check_us, identify_us, schema_us, check_compared_us;
  bool sound = true;
  for (int round = 0; round <= rounds; ++round) {  // the first warms up
    double spent_floor = 0, spent_parse = 0, spent_check = 0, spent_identify = 0, spent_schema = 0;
    double spent_check_compared = 0, compared = 0;  // of the documents that the schemas judged
    for (int pass = 0; pass < passes; ++pass) {
      // Document by document: a neighbour that takes the processor slows every half alike.
      for (std::size_t i = 0; i < prepared.size(); ++i) {
        const auto& document = prepared[i];
        std::string bytes(document.bytes);
        const double a = thread_microseconds();
        sound = floor.run(document) && sound;
        const double b = thread_microseconds();
        const auto outcome = sat::read("document", std::move(bytes), context);
        const double c = thread_microseconds();
        sound = outcome.accepted && sound;
        const double d = thread_microseconds();
        sound = floor.parse(document.bytes) && sound;
        const double e = thread_microseconds();
        sound = !sat::identify(document.bytes, context.limits).folio_fiscal.empty() && sound;
        const double f = thread_microseconds();
        if (schemas && pass == 0 && (i % kSchemaEvery == 0 || !full_run())) {
          ++compared;
          spent_check_compared += c - b;
          const double g = thread_microseconds();
          sound = schemas->run(document.bytes, corpus.stamping_certificate_der, document.seal.cadena,
                               document.stamp.cadena) &&
                  sound;
          spent_schema += thread_microseconds() - g;
        }
        spent_floor += b - a;
        spent_check += c - b;
        spent_parse += e - d;
        spent_identify += f - e;
      }
    }
    if (round == 0) continue;
    const double documents = static_cast<double>(count) * passes;
    floor_us.push_back(spent_floor / documents);
    check_us.push_back(spent_check / documents);
    parse_us.push_back(spent_parse / documents);
    identify_us.push_back(spent_identify / documents);
    if (!schemas) continue;
    schema_us.push_back(spent_schema / compared);
    check_compared_us.push_back(spent_check_compared / compared);
  }
  figures.line("  CPU microseconds a document, median (least-most) of " + std::to_string(rounds) + " rounds:");
  figures.line("    floor (SAX2 parse and two RSA-2048 verifications): " + spread(floor_us).text(0));
  figures.line("      of which the bare parse: " + spread(parse_us).text(0));
  figures.line("    check (sat::read: structure, rules, seal, stamp):  " + spread(check_us).text(0));
  figures.line("    identify (what accept asks first):               " + spread(identify_us).text(1));
  figures.target("floor / check", ratios(floor_us, check_us), Bound::at_least, kTarget);
  if (schemas) {
    figures.line("    libxml2, official schemas, OpenSSL:               " + spread(schema_us).text(0));
    figures.line("    check of the same documents:                      " + spread(check_compared_us).text(0));
    figures.line("    (" + schemas->description() + ")");
    figures.target("schemas and OpenSSL / check", ratios(schema_us, check_compared_us), Bound::at_least, kSchemaTarget);
  } else {
    figures.line("    no official schemas at hand: not compared with them");
  }
  if (!sound) std::fprintf(stderr, "check_bench: a half did not do its work\n");
  return sound && !figures.missed() ? 0 : 1;
}

}  // namespace
}  // namespace puente::bench

int main() { return puente::bench::run(); }
