#include "tests/unit/sat/official_schemas.h"

#include <cstdlib>
#include <stdexcept>
#include <string_view>
#include <xercesc/framework/MemBufInputSource.hpp>
#include <xercesc/framework/XMLGrammarPoolImpl.hpp>
#include <xercesc/parsers/SAX2XMLReaderImpl.hpp>
#include <xercesc/sax/SAXParseException.hpp>
#include <xercesc/sax2/DefaultHandler.hpp>
#include <xercesc/util/OutOfMemoryException.hpp>
#include <xercesc/util/PlatformUtils.hpp>
#include <xercesc/util/TransService.hpp>
#include <xercesc/util/XMLUni.hpp>

#include "tests/unit/sat/sat_files.h"

namespace puente::sat {
namespace {

namespace fs = std::filesystem;
namespace xml = xercesc;

constexpr std::string_view kCatalogs = "cfd/catalogos/";
constexpr const char* kRoots[] = {"cfd/4/cfdv40.xsd", "cfd/CartaPorte/CartaPorte31.xsd",
                                  "cfd/ComercioExterior20/ComercioExterior20.xsd",
                                  "cfd/TimbreFiscalDigital/TimbreFiscalDigitalv11.xsd"};
// What those import.
constexpr const char* kImported[] = {"cfd/tipoDatos/tdCFDI/tdCFDI.xsd", "cfd/catalogos/catCFDI.xsd",
                                     "cfd/catalogos/CartaPorte/catCartaPorte.xsd",
                                     "cfd/catalogos/ComExt/catComExt.xsd"};
constexpr std::string_view kNotInList = "value '", kNotInListEnd = "' not in enumeration";
constexpr std::string_view kFacet = "<xs:enumeration";

std::string utf8(const XMLCh* text) {
  const xml::TranscodeToStr bytes(text, "UTF-8");
  return {reinterpret_cast<const char*>(bytes.str()), bytes.length()};
}

// Past the end of the facet that begins at `at`.
std::size_t past_facet(const std::string& text, std::size_t at) {
  const std::size_t close = text.find('>', at) + 1;
  constexpr std::string_view kEnd = "</xs:enumeration>";
  return text[close - 2] == '/' ? close : text.find(kEnd, close) + kEnd.size();
}

std::string without_enumerations(const std::string& text, std::size_t& count) {
  std::string out;
  std::size_t from = 0;
  bool in_list = false;  // a facet of the same list came before
  for (std::size_t at = text.find(kFacet); at != std::string::npos; at = text.find(kFacet, from)) {
    const auto between = std::string_view(text).substr(from, at - from);
    in_list = in_list && between.find_first_not_of(" \t\r\n") == std::string_view::npos;
    if (!in_list) (out += between) += "<xs:minLength value=\"1\"/>";
    in_list = true;
    from = past_facet(text, at);
    ++count;
  }
  return out + text.substr(from);
}

}  // namespace

SchemasWithoutLists::SchemasWithoutLists(const fs::path& official) {
  auto pattern = (fs::temp_directory_path() / "puente-schemas-XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
  folder_ = pattern;
  for (const auto* files : {&kRoots, &kImported}) {
    for (const std::string file : *files) {
      std::string text = read_file(official / file);
      if (file.starts_with(kCatalogs)) text = without_enumerations(text, enumerations_);
      fs::create_directories((folder_ / file).parent_path());
      std::ofstream(folder_ / file, std::ios::binary) << text;
    }
  }
}

SchemasWithoutLists::~SchemasWithoutLists() {
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

class OfficialSchemas::Reader : public xml::DefaultHandler {
 public:
  explicit Reader(const fs::path& folder) : pool_(xml::XMLPlatformUtils::fgMemoryManager) {
    reader_ = std::make_unique<xml::SAX2XMLReaderImpl>(xml::XMLPlatformUtils::fgMemoryManager, &pool_);
    const auto set = [&](const XMLCh* feature, bool value) { reader_->setFeature(feature, value); };
    set(xml::XMLUni::fgSAX2CoreNameSpaces, true);
    set(xml::XMLUni::fgSAX2CoreValidation, true);
    set(xml::XMLUni::fgXercesDynamic, false);
    set(xml::XMLUni::fgXercesSchema, true);
    set(xml::XMLUni::fgXercesSchemaFullChecking, false);
    set(xml::XMLUni::fgXercesLoadExternalDTD, false);
    set(xml::XMLUni::fgXercesUseCachedGrammarInParse, true);
    reader_->setErrorHandler(this);
    reader_->setContentHandler(this);
    for (const char* root : kRoots)
      reader_->loadGrammar((folder / root).c_str(), xml::Grammar::SchemaGrammarType, true);
    if (!verdict_.valid) throw std::runtime_error(verdict_.complaint);
    pool_.lockPool();
    set(xml::XMLUni::fgXercesLoadSchema, false);  // schemaLocation is a hint of the document's
  }

  Verdict judge(const std::string& text) {
    verdict_ = {};
    element_ = 0;
    xml::MemBufInputSource source(reinterpret_cast<const XMLByte*>(text.data()), text.size(), "document");
    source.setCopyBufToStream(false);
    try {
      reader_->parse(source);
    } catch (const xml::SAXParseException& fault) {
      if (!verdict_.well_formed) complain(fault);
    } catch (const xml::XMLException& fault) {
      verdict_.well_formed = verdict_.valid = false;
      verdict_.complaint = utf8(fault.getMessage());
    }
    return std::move(verdict_);
  }

  // Errors about a tag's attributes come before this.
  void startElement(const XMLCh*, const XMLCh*, const XMLCh*, const xml::Attributes&) override { ++element_; }
  void error(const xml::SAXParseException& fault) override {
    complain(fault);
    if (!verdict_.only_codes) throw fault;
  }
  void fatalError(const xml::SAXParseException& fault) override {
    verdict_.well_formed = false;
    throw fault;
  }

 private:
  void complain(const xml::SAXParseException& fault) {
    verdict_.valid = false;
    const std::string message = utf8(fault.getMessage());
    const bool code = message.starts_with(kNotInList) && message.ends_with(kNotInListEnd);
    if (code)
      verdict_.codes.push_back(
          {element_, message.substr(kNotInList.size(), message.size() - kNotInList.size() - kNotInListEnd.size())});
    if (verdict_.complaint.empty() || (!code && verdict_.only_codes))
      verdict_.complaint =
          std::to_string(fault.getLineNumber()) + ":" + std::to_string(fault.getColumnNumber()) + ": " + message;
    verdict_.only_codes = verdict_.only_codes && code;
  }

  xml::XMLGrammarPoolImpl pool_;
  std::unique_ptr<xml::SAX2XMLReaderImpl> reader_;
  Verdict verdict_;
  std::size_t element_ = 0;
};

OfficialSchemas::OfficialSchemas(const fs::path& folder) {
  xml::XMLPlatformUtils::Initialize();
  reader_ = std::make_unique<Reader>(folder);
}

OfficialSchemas::~OfficialSchemas() = default;

OfficialSchemas::Verdict OfficialSchemas::judge(const std::string& text) { return reader_->judge(text); }

std::vector<std::string> enumeration_of(const fs::path& official, const std::string& type) {
  for (const std::string file : kImported) {
    const std::string text = read_file(official / file);
    const std::size_t begin = text.find("<xs:simpleType name=\"" + type + '"');
    if (begin == std::string::npos) continue;
    const std::size_t end = text.find("</xs:simpleType>", begin);
    std::vector<std::string> values;
    for (std::size_t at = text.find(kFacet, begin); at < end; at = text.find(kFacet, at + 1)) {
      const std::size_t open = text.find('"', at) + 1;
      values.push_back(text.substr(open, text.find('"', open) - open));
    }
    return values;
  }
  return {};
}

}  // namespace puente::sat
