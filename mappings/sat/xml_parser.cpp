#include "mappings/sat/xml_parser.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>
#include <xercesc/framework/MemBufInputSource.hpp>
#include <xercesc/framework/XMLErrorCodes.hpp>
#include <xercesc/parsers/SAX2XMLReaderImpl.hpp>
#include <xercesc/sax/SAXParseException.hpp>
#include <xercesc/sax2/Attributes.hpp>
#include <xercesc/sax2/DefaultHandler.hpp>
#include <xercesc/util/OutOfMemoryException.hpp>
#include <xercesc/util/PlatformUtils.hpp>
#include <xercesc/util/SecurityManager.hpp>
#include <xercesc/util/XMLUni.hpp>

#include "mappings/domain/cpu_budget.h"

namespace puente::sat {
namespace {

namespace xml = xercesc;

// Thrown by the handlers below through the parser, which is built for it; caught in parse_xml only.
struct Stop {
  std::string_view code;
};

// Xerces delivers UTF-16 that it has checked; a lone surrogate cannot come out of well formed UTF-8.
void append_utf8(std::string& out, const XMLCh* text, std::size_t length) {
  const std::size_t begin = out.size();
  out.resize(begin + length * 3);
  char* to = out.data() + begin;
  for (std::size_t i = 0; i < length; ++i) {
    std::uint32_t c = text[i];
    if (c < 0x80) {
      *to++ = static_cast<char>(c);
      continue;
    }
    if (c >= 0xD800 && c < 0xDC00 && i + 1 < length) c = 0x10000 + ((c - 0xD800) << 10) + (text[++i] - 0xDC00u);
    if (c < 0x800) {
      *to++ = static_cast<char>(0xC0 | (c >> 6));
    } else {
      if (c < 0x10000) {
        *to++ = static_cast<char>(0xE0 | (c >> 12));
      } else {
        *to++ = static_cast<char>(0xF0 | (c >> 18));
        *to++ = static_cast<char>(0x80 | ((c >> 12) & 0x3F));
      }
      *to++ = static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    }
    *to++ = static_cast<char>(0x80 | (c & 0x3F));
  }
  out.resize(static_cast<std::size_t>(to - out.data()));
}

// Events of Xerces to events of ours, and every limit that needs the events.
class Events : public xml::DefaultHandler {
 public:
  void begin(const Limits& limits, XmlHandler& handler) {
    limits_ = limits;
    handler_ = &handler;
    depth_ = elements_ = prefixes_ = text_ = 0;
    events_ = 0;
    budget_.emplace(limits.cpu_seconds);
  }

  void startElement(const XMLCh* uri, const XMLCh* name, const XMLCh*, const xml::Attributes& attributes) override {
    count_event();
    if (++depth_ > limits_.depth) throw Stop{"XML_TOO_DEEP"};
    if (++elements_ > limits_.elements) throw Stop{"XML_TOO_MANY_ELEMENTS"};
    const std::size_t count = attributes.getLength();
    if (count > limits_.attributes) throw Stop{"XML_TOO_MANY_ATTRIBUTES"};
    arena_.clear();
    ends_.clear();
    put(uri);
    put(name);
    for (XMLSize_t i = 0; i < count; ++i) {
      put(attributes.getURI(i));
      put(attributes.getLocalName(i));
      put(attributes.getValue(i));
    }
    // Views only now: the arena moves while it grows.
    attributes_.resize(count);
    for (std::size_t i = 0; i < count; ++i) attributes_[i] = {piece(3 * i + 2), piece(3 * i + 3), piece(3 * i + 4)};
    handler_->start_element(piece(0), piece(1), attributes_);
  }

  void endElement(const XMLCh*, const XMLCh*, const XMLCh*) override {
    count_event();
    --depth_;
    handler_->end_element();
  }

  void characters(const XMLCh* chars, XMLSize_t length) override {
    count_event();
    count_text(length);
    bool blank = true;
    for (XMLSize_t i = 0; i < length && blank; ++i)
      blank = chars[i] == u' ' || chars[i] == u'\t' || chars[i] == u'\n' || chars[i] == u'\r';
    handler_->text(blank);
    if (!handler_->keeps_text()) return;
    arena_.clear();
    append_utf8(arena_, chars, length);
    handler_->characters(arena_);
  }

  void comment(const XMLCh*, XMLSize_t length) override {
    count_event();
    count_text(length);
  }

  void processingInstruction(const XMLCh* target, const XMLCh* data) override {
    count_event();
    count_text(xml::XMLString::stringLen(target) + xml::XMLString::stringLen(data));
  }

  void startPrefixMapping(const XMLCh*, const XMLCh*) override {
    if (++prefixes_ > limits_.prefixes) throw Stop{"XML_TOO_MANY_PREFIXES"};
  }
  void endPrefixMapping(const XMLCh*) override { --prefixes_; }

  // check_bytes() has looked for a DOCTYPE already (Xerces is silent about one without subsets).
  void startDTD(const XMLCh*, const XMLCh*, const XMLCh*) override { throw Stop{"XML_DOCTYPE"}; }
  xml::InputSource* resolveEntity(const XMLCh*, const XMLCh*) override { throw Stop{"XML_ENTITY"}; }

  // Every complaint of the parser ends the parse; Reader has noted its code.
  void warning(const xml::SAXParseException&) override {}
  void error(const xml::SAXParseException& problem) override { throw problem; }
  void fatalError(const xml::SAXParseException& problem) override { throw problem; }
  void resetErrors() override {}

 private:
  void count_event() {
    if ((++events_ & 1023u) == 0 && budget_->spent()) throw Stop{"XML_TOO_SLOW"};
  }
  void count_text(std::size_t length) {
    if ((text_ += length) > limits_.text) throw Stop{"XML_TOO_MUCH_TEXT"};
  }
  void put(const XMLCh* text) {
    append_utf8(arena_, text, xml::XMLString::stringLen(text));
    ends_.push_back(arena_.size());
  }
  std::string_view piece(std::size_t i) const {
    const std::size_t begin = i == 0 ? 0 : ends_[i - 1];
    return std::string_view(arena_).substr(begin, ends_[i] - begin);
  }

  Limits limits_;
  XmlHandler* handler_ = nullptr;
  std::size_t depth_ = 0, elements_ = 0, prefixes_ = 0, text_ = 0;
  unsigned events_ = 0;
  std::optional<CpuBudget> budget_;
  std::string arena_;  // texts of the current start tag
  std::vector<std::size_t> ends_;
  std::vector<XmlAttribute> attributes_;
};

// The reader, with the number of the error that stopped it: the texts of Xerces are for people.
class Reader : public xml::SAX2XMLReaderImpl {
 public:
  Reader() {
    security_.setEntityExpansionLimit(0);
    // Not the SG or WF scanners: they "skip" a DOCTYPE by searching "]" and ">" and so read another document than a
    // standard parser does.
    setProperty(xml::XMLUni::fgXercesScannerName, const_cast<XMLCh*>(xml::XMLUni::fgIGXMLScanner));
    setProperty(xml::XMLUni::fgXercesSecurityManager, &security_);
    setFeature(xml::XMLUni::fgSAX2CoreNameSpaces, true);
    setFeature(xml::XMLUni::fgSAX2CoreNameSpacePrefixes, false);
    setFeature(xml::XMLUni::fgSAX2CoreValidation, false);
    setFeature(xml::XMLUni::fgXercesDynamic, false);
    setFeature(xml::XMLUni::fgXercesSchema, false);
    setFeature(xml::XMLUni::fgXercesSchemaFullChecking, false);
    setFeature(xml::XMLUni::fgXercesLoadSchema, false);
    setFeature(xml::XMLUni::fgXercesLoadExternalDTD, false);
    setFeature(xml::XMLUni::fgXercesSkipDTDValidation, true);
    setFeature(xml::XMLUni::fgXercesDisableDefaultEntityResolution, true);
    setFeature(xml::XMLUni::fgXercesUseCachedGrammarInParse, false);  // there are no grammars
    setFeature(xml::XMLUni::fgXercesCacheGrammarFromParse, false);
    setFeature(xml::XMLUni::fgXercesIdentityConstraintChecking, false);
    setFeature(xml::XMLUni::fgXercesContinueAfterFatalError, false);
    setFeature(xml::XMLUni::fgXercesCalculateSrcOfs, false);  // StartTagCursor finds the places
    setContentHandler(&events);
    setLexicalHandler(&events);
    setErrorHandler(&events);
    setEntityResolver(&events);
    setDTDHandler(&events);
  }

  void error(const unsigned int code, const XMLCh* const domain, const ErrTypes type, const XMLCh* const text,
             const XMLCh* const system_id, const XMLCh* const public_id, const XMLFileLoc line,
             const XMLFileLoc column) override {
    last_error = code;
    SAX2XMLReaderImpl::error(code, domain, type, text, system_id, public_id, line, column);
  }

  Events events;
  unsigned last_error = 0;

 private:
  xml::SecurityManager security_;
};

// Xerces is started once and never terminated: its static data must outlive every thread's reader.
void start_xerces() {
  static const bool started = [] {
    xml::XMLPlatformUtils::Initialize();
    return true;
  }();
  (void)started;
}

Reader& thread_reader() {
  start_xerces();
  thread_local const std::unique_ptr<Reader> reader = std::make_unique<Reader>();
  return *reader;
}

std::string utf8(const XMLCh* text) {
  std::string out;
  if (text != nullptr) append_utf8(out, text, xml::XMLString::stringLen(text));
  return out;
}

}  // namespace

std::optional<XmlRefusal> parse_xml(std::string_view bytes, const Limits& limits, XmlHandler& handler) {
  if (bytes.size() > limits.bytes) return XmlRefusal{"XML_TOO_LARGE", std::to_string(bytes.size()), 0, 0, 0};
  if (auto refusal = check_bytes(bytes)) return refusal;

  Reader& reader = thread_reader();
  reader.events.begin(limits, handler);
  reader.last_error = 0;
  static constexpr XMLCh kName[] = u"document";
  xml::MemBufInputSource source(reinterpret_cast<const XMLByte*>(bytes.data()), bytes.size(), kName);
  source.setCopyBufToStream(false);
  source.setEncoding(xml::XMLUni::fgUTF8EncodingString);  // a declared encoding cannot win
  try {
    reader.parse(source);
    return std::nullopt;
  } catch (const Stop& stop) {
    return XmlRefusal{stop.code, "", 0, 0, 0};
  } catch (const xml::SAXParseException& problem) {
    const bool unbound = reader.last_error == xml::XMLErrs::UnknownPrefix;
    return XmlRefusal{unbound ? "XML_UNBOUND_PREFIX" : "XML_MALFORMED", utf8(problem.getMessage()),
                      static_cast<std::uint32_t>(problem.getLineNumber()),
                      static_cast<std::uint32_t>(problem.getColumnNumber()), 0};
  } catch (const xml::SAXException& problem) {
    return XmlRefusal{"XML_MALFORMED", utf8(problem.getMessage()), 0, 0, 0};
  } catch (const xml::XMLException& problem) {
    return XmlRefusal{"XML_MALFORMED", utf8(problem.getMessage()), 0, 0, 0};
  } catch (const xml::OutOfMemoryException&) {
    return XmlRefusal{"XML_MALFORMED", "out of memory", 0, 0, 0};
  }
}

}  // namespace puente::sat
