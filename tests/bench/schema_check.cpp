#include "tests/bench/schema_check.h"

#include <libxml/catalog.h>
#include <libxml/parser.h>
#include <libxml/xmlschemas.h>
#include <libxslt/transform.h>
#include <libxslt/xsltInternals.h>
#include <libxslt/xsltutils.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "tests/bench/lists.h"

namespace puente::bench {
namespace {

namespace fs = std::filesystem;

template <auto Free>
struct Freed {
  void operator()(auto* what) const { Free(what); }
};
using XmlDocument = std::unique_ptr<xmlDoc, Freed<xmlFreeDoc>>;

std::string attribute(const xmlNode* node, const char* name) {
  xmlChar* text = xmlGetNoNsProp(const_cast<xmlNode*>(node), reinterpret_cast<const xmlChar*>(name));
  std::string out = text == nullptr ? "" : reinterpret_cast<const char*>(text);
  xmlFree(text);
  return out;
}

const xmlNode* find(const xmlNode* node, const char* name) {
  for (; node != nullptr; node = node->next) {
    if (node->type != XML_ELEMENT_NODE) continue;
    if (std::strcmp(reinterpret_cast<const char*>(node->name), name) == 0) return node;
    if (const xmlNode* below = find(node->children, name)) return below;
  }
  return nullptr;
}

std::string from_base64(const std::string& text) {
  std::string out(text.size() / 4 * 3 + 3, '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  if (size < 0) return "";
  out.resize(static_cast<std::size_t>(size));
  for (std::size_t i = text.size(); i > 0 && text[i - 1] == '='; --i) out.pop_back();
  return out;
}

bool verify(std::string_view certificate_der, const std::string& signature, std::string_view text) {
  const auto* at = reinterpret_cast<const unsigned char*>(certificate_der.data());
  const std::unique_ptr<X509, Freed<X509_free>> certificate(
      d2i_X509(nullptr, &at, static_cast<long>(certificate_der.size())));
  if (certificate == nullptr) return false;
  const std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>> key(X509_get_pubkey(certificate.get()));
  const std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>> context(EVP_MD_CTX_new());
  return EVP_DigestVerifyInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()), signature.size(),
                          reinterpret_cast<const unsigned char*>(text.data()), text.size()) == 1;
}

fs::path style_sheet() {
  const char* folder = std::getenv("PUENTE_SAT_STYLESHEETS");
  if (folder == nullptr || !fs::exists(folder)) return {};
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.path().filename() == "cadenaoriginal_4_0.xslt") return entry.path();
  return {};
}

void keep_quiet(void*, const char*, ...) {}

}  // namespace

struct SchemaCheck::Compiled {
  std::unique_ptr<xmlSchema, Freed<xmlSchemaFree>> schema;
  std::unique_ptr<xsltStylesheet, Freed<xsltFreeStylesheet>> sheet;

  std::string cadena_of(xmlDoc* document) const {
    const XmlDocument result(xsltApplyStylesheet(sheet.get(), document, nullptr));
    xmlChar* text = nullptr;
    int size = 0;
    if (result == nullptr || xsltSaveResultToString(&text, &size, result.get(), sheet.get()) != 0) return "";
    std::string out(reinterpret_cast<const char*>(text), static_cast<std::size_t>(size));
    xmlFree(text);
    return out;
  }
};

std::unique_ptr<SchemaCheck> SchemaCheck::create() {
  const fs::path xsd = kReference / "xsd";
  if (!fs::exists(xsd / "puente-all.xsd")) return nullptr;
  xmlInitParser();
  xmlSetExternalEntityLoader(xmlNoNetExternalEntityLoader);
  xmlLoadCatalog((xsd / "catalog.xml").c_str());
  auto compiled = std::make_unique<Compiled>();
  const std::unique_ptr<xmlSchemaParserCtxt, Freed<xmlSchemaFreeParserCtxt>> parser(
      xmlSchemaNewParserCtxt((xsd / "puente-all.xsd").c_str()));
  compiled->schema.reset(xmlSchemaParse(parser.get()));
  if (compiled->schema == nullptr) {
    std::fprintf(stderr, "schema_check: libxml2 cannot compile %s\n", (xsd / "puente-all.xsd").c_str());
    std::abort();
  }
  if (const fs::path sheet = style_sheet(); !sheet.empty())
    compiled->sheet.reset(xsltParseStylesheetFile(reinterpret_cast<const xmlChar*>(sheet.c_str())));
  return std::unique_ptr<SchemaCheck>(new SchemaCheck(std::move(compiled)));
}

SchemaCheck::SchemaCheck(std::unique_ptr<Compiled> compiled) : compiled_(std::move(compiled)) {}
SchemaCheck::~SchemaCheck() = default;

bool SchemaCheck::run(std::string_view bytes, std::string_view stamping_certificate_der, std::string_view cadena,
                      std::string_view cadena_timbre) {
  const XmlDocument document(
      xmlReadMemory(bytes.data(), static_cast<int>(bytes.size()), "document", nullptr, XML_PARSE_NONET));
  if (document == nullptr) return false;
  const std::unique_ptr<xmlSchemaValidCtxt, Freed<xmlSchemaFreeValidCtxt>> validation(
      xmlSchemaNewValidCtxt(compiled_->schema.get()));
  xmlSchemaSetValidErrors(validation.get(), keep_quiet, keep_quiet, nullptr);
  if (xmlSchemaValidateDoc(validation.get(), document.get()) != 0) return false;
  const xmlNode* root = xmlDocGetRootElement(document.get());
  const xmlNode* timbre = find(root, "TimbreFiscalDigital");
  if (timbre == nullptr) return false;
  const std::string own = compiled_->sheet == nullptr ? "" : compiled_->cadena_of(document.get());
  return verify(from_base64(attribute(root, "Certificado")), from_base64(attribute(root, "Sello")),
                compiled_->sheet == nullptr ? cadena : std::string_view(own)) &&
         verify(stamping_certificate_der, from_base64(attribute(timbre, "SelloSAT")), cadena_timbre);
}

std::string SchemaCheck::description() const {
  return std::string("libxml2 " LIBXML_DOTTED_VERSION ", in this process, schemas compiled before; cadena ") +
         (compiled_->sheet == nullptr ? "for nothing, no style sheet of the SAT at hand"
                                      : "by libxslt with the SAT's style sheet");
}

}  // namespace puente::bench
