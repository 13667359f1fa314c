#include "mappings/sat/xml_parser.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>
#include <xercesc/framework/XMLAttr.hpp>
#include <xercesc/framework/XMLElementDecl.hpp>
#include <xercesc/framework/XMLErrorCodes.hpp>
#include <xercesc/parsers/SAX2XMLReaderImpl.hpp>
#include <xercesc/sax/InputSource.hpp>
#include <xercesc/sax/SAXParseException.hpp>
#include <xercesc/sax2/DefaultHandler.hpp>
#include <xercesc/util/BinInputStream.hpp>
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

// The document in the parser's own encoding. check_bytes() has vouched for its UTF-8, so nothing is left to judge here;
// the parser's transcoder would judge it again, one character at a time.
class Utf16Stream : public xml::BinInputStream {
 public:
  explicit Utf16Stream(std::string_view bytes) : bytes_(bytes) {
    if (bytes_.starts_with(kUtf8Mark)) at_ = kUtf8Mark.size();
  }

  XMLFilePos curPos() const override { return at_; }
  const XMLCh* getContentType() const override { return nullptr; }

  XMLSize_t readBytes(XMLByte* const to, const XMLSize_t most) override {
    XMLByte* next = to;
    const auto room = [&] { return most - static_cast<XMLSize_t>(next - to); };
    const auto put = [&](XMLCh unit) {
      std::memcpy(next, &unit, sizeof unit);
      next += sizeof unit;
    };
    if (low_surrogate_ != 0 && room() >= sizeof(XMLCh)) put(std::exchange(low_surrogate_, XMLCh{0}));
    while (at_ < bytes_.size() && room() >= sizeof(XMLCh)) {
      for (std::size_t left = std::min((bytes_.size() - at_) / kBlock, room() / sizeof(Wide)); left > 0; --left) {
        if (!widen_block(next)) break;
        next += sizeof(Wide);
        at_ += kBlock;
      }
      if (at_ == bytes_.size() || room() < sizeof(XMLCh)) break;
      const char32_t c = next_character();
      if (c < 0x10000) {
        put(static_cast<XMLCh>(c));
      } else {
        put(static_cast<XMLCh>(0xD800 + ((c - 0x10000) >> 10)));
        const auto low = static_cast<XMLCh>(0xDC00 + ((c - 0x10000) & 0x3FF));
        if (room() >= sizeof(XMLCh)) {
          put(low);
        } else {
          low_surrogate_ = low;
        }
      }
    }
    return static_cast<XMLSize_t>(next - to);
  }

 private:
  static constexpr std::size_t kBlock = 16;
  using Wide = XMLCh[kBlock];

  // Whether the next characters are all ASCII, written to `to` if so.
  bool widen_block(XMLByte* to) const {
    std::uint64_t words[2];
    std::memcpy(words, bytes_.data() + at_, kBlock);
    if (((words[0] | words[1]) & 0x8080808080808080u) != 0) return false;
    unsigned char ascii[kBlock];
    std::memcpy(ascii, words, kBlock);
    Wide wide;
    for (std::size_t i = 0; i < kBlock; ++i) wide[i] = ascii[i];
    std::memcpy(to, wide, sizeof wide);
    return true;
  }

  char32_t next_character() {
    const auto byte = [&](std::size_t i) { return static_cast<char32_t>(static_cast<unsigned char>(bytes_[at_ + i])); };
    const char32_t lead = byte(0);
    if (lead < 0x80) {
      at_ += 1;
      return lead;
    }
    const std::size_t length = lead < 0xE0 ? 2 : (lead < 0xF0 ? 3 : 4);
    char32_t c = lead & (0x7Fu >> length);
    for (std::size_t i = 1; i < length; ++i) c = c << 6 | (byte(i) & 0x3F);
    at_ += length;
    return c;
  }

  std::string_view bytes_;
  std::size_t at_ = 0;
  XMLCh low_surrogate_ = 0;  // of a pair that the last buffer cut
};

class DocumentSource : public xml::InputSource {
 public:
  explicit DocumentSource(std::string_view bytes) : xml::InputSource(kName), bytes_(bytes) {
    setEncoding(xml::XMLUni::fgXMLChEncodingString);  // a declared encoding cannot win
  }
  xml::BinInputStream* makeStream() const override { return new Utf16Stream(bytes_); }

 private:
  static constexpr XMLCh kName[] = u"document";
  std::string_view bytes_;
};

// UTF-8 texts of one event: they stay where they are until the next. Xerces delivers UTF-16 that it has checked: a lone
// surrogate cannot come out of well formed UTF-8.
class Texts {
 public:
  void clear() {
    if (blocks_.size() > 1) blocks_.erase(blocks_.begin(), blocks_.end() - 1);  // the last is the largest
    next_ = blocks_.empty() ? nullptr : blocks_.front().get();
  }
  void give_back() {
    if (size_ <= kKept) return;
    blocks_.clear();
    next_ = end_ = nullptr;
    size_ = 0;
  }

  // Up to the zero at its end.
  std::string_view add(const XMLCh* text) {
    std::size_t length = 0;
    while (text[length] != 0) ++length;
    return add(text, length);
  }

  std::string_view add(const XMLCh* text, std::size_t left) {
    const std::size_t most = left <= kShort ? 3 * left : length_of(text, left);
    if (static_cast<std::size_t>(end_ - next_) < most) grow(most);
    char* const begin = next_;
    char* to = begin;
    for (;;) {
      const std::size_t ascii = add_ascii(text, left, to);
      text += ascii;
      to += ascii;
      left -= ascii;
      if (left == 0) break;
      const XMLCh* const character = text;
      to = add_character(text, left, to);
      left -= static_cast<std::size_t>(text - character);
    }
    next_ = to;
    return {begin, static_cast<std::size_t>(to - begin)};
  }

 private:
  static constexpr std::size_t kShort = 4096;  // characters for which thrice the room is no matter

  static std::size_t length_of(const XMLCh* text, std::size_t characters) {
    std::size_t length = 0;
    for (std::size_t i = 0; i < characters; ++i) length += text[i] < 0x80 ? 1 : (text[i] < 0x800 ? 2 : 3);
    return length;  // of a pair six, which is more than its four
  }

  // Four characters at a time where the machine has the order for it; returns how many there were.
  static std::size_t add_ascii(const XMLCh* text, std::size_t length, char* to) {
    std::size_t i = 0;
    if constexpr (std::endian::native == std::endian::little) {
      for (std::uint64_t word = 0; i + 4 <= length; i += 4) {
        std::memcpy(&word, text + i, 8);
        if ((word & 0xFF80FF80FF80FF80u) != 0) break;
        word = (word | word >> 8) & 0x0000FFFF0000FFFFu;
        const auto packed = static_cast<std::uint32_t>(word | word >> 16);
        std::memcpy(to + i, &packed, 4);
      }
    }
    for (; i < length && text[i] < 0x80; ++i) to[i] = static_cast<char>(text[i]);
    return i;
  }

  static char* add_character(const XMLCh*& text, std::size_t left, char* to) {
    std::uint32_t c = *text++;
    if (c >= 0xD800 && c < 0xDC00 && left > 1) c = 0x10000 + ((c - 0xD800) << 10) + (*text++ - 0xDC00u);
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
    return to;
  }

  void grow(std::size_t most) {
    size_ = std::max(most, std::max(2 * size_, kSmallest));
    blocks_.push_back(std::make_unique_for_overwrite<char[]>(size_));
    next_ = blocks_.back().get();
    end_ = next_ + size_;
  }

  static constexpr std::size_t kSmallest = 16 * 1024, kKept = 256 * 1024;  // for the next document
  std::vector<std::unique_ptr<char[]>> blocks_;
  std::size_t size_ = 0;  // of the last block
  char *next_ = nullptr, *end_ = nullptr;
};

std::string utf8(const XMLCh* text) {
  Texts texts;
  return text == nullptr ? std::string() : std::string(texts.add(text));
}

bool is_xmlns(const XMLCh* text) {
  return text[0] == u'x' && text[1] == u'm' && text[2] == u'l' && text[3] == u'n' && text[4] == u's' && text[5] == 0;
}

// Events of Xerces to events of ours, and every limit that needs the events. The events are those that the scanner
// hands its reader: SAX2 would look each name up again.
class Events : public xml::DefaultHandler {
 public:
  void begin(const Limits& limits, XmlHandler& handler) {
    limits_ = limits;
    handler_ = &handler;
    elements_ = prefixes_ = text_ = 0;
    prefixes_of_.clear();
    texts_.give_back();
    for (auto& uri : uris_) uri.clear();
    events_ = 0;
    budget_.emplace(limits.cpu_seconds);
  }

  void start_element(const xml::SAX2XMLReaderImpl& reader, const xml::XMLElementDecl& element, unsigned uri,
                     const xml::RefVectorOf<xml::XMLAttr>& attributes, std::size_t count) {
    texts_.clear();
    if (!rare_uris_.empty()) rare_uris_.clear();
    attributes_.resize(count);
    std::size_t kept = 0;
    for (std::size_t i = 0; i < count; ++i) {
      const xml::XMLAttr& attribute = *attributes.elementAt(i);
      const XMLCh* const prefix = attribute.getPrefix();
      const XMLCh* const name = attribute.getName();
      const bool prefixed = prefix != nullptr && *prefix != 0;
      if (is_xmlns(prefixed ? prefix : name)) {
        if (++prefixes_ > limits_.prefixes) throw Stop{"XML_TOO_MANY_PREFIXES"};
      } else if (kept++ < limits_.attributes) {
        attributes_[kept - 1] = {prefixed ? uri_text(reader, attribute.getURIId()) : std::string_view(),
                                 texts_.add(name), texts_.add(attribute.getValue())};
      }
    }
    prefixes_of_.push_back(count - kept);
    count_event();
    if (prefixes_of_.size() > limits_.depth) throw Stop{"XML_TOO_DEEP"};
    if (++elements_ > limits_.elements) throw Stop{"XML_TOO_MANY_ELEMENTS"};
    if (kept > limits_.attributes) throw Stop{"XML_TOO_MANY_ATTRIBUTES"};
    handler_->start_element(uri_text(reader, uri), texts_.add(element.getBaseName()),
                            std::span<const XmlAttribute>(attributes_).first(kept));
  }

  void end_element() {
    count_event();
    prefixes_ -= prefixes_of_.back();
    prefixes_of_.pop_back();
    handler_->end_element();
  }

  void text(const XMLCh* chars, std::size_t length) {
    if (prefixes_of_.empty()) return;  // around the root element
    count_event();
    count_text(length);
    bool blank = true;
    for (std::size_t i = 0; i < length && blank; ++i)
      blank = chars[i] == u' ' || chars[i] == u'\t' || chars[i] == u'\n' || chars[i] == u'\r';
    handler_->text(blank);
    if (!handler_->keeps_text()) return;
    texts_.clear();
    handler_->characters(texts_.add(chars, length));
  }

  // Comments and processing instructions.
  void aside(std::size_t length) {
    count_event();
    count_text(length);
  }

  // check_bytes() has looked for a DOCTYPE already (Xerces is silent about one without subsets).
  void startDTD(const XMLCh*, const XMLCh*, const XMLCh*) override { throw Stop{"XML_DOCTYPE"}; }
  xml::InputSource* resolveEntity(const XMLCh*, const XMLCh*) override { throw Stop{"XML_ENTITY"}; }

  // Every complaint of the parser ends the parse; Reader has noted its code.
  void warning(const xml::SAXParseException&) override {}
  void error(const xml::SAXParseException& problem) override { throw problem; }
  void fatalError(const xml::SAXParseException& problem) override { throw problem; }
  void resetErrors() override {}

 private:
  static constexpr std::size_t kKeptUris = 64;

  void count_event() {
    if ((++events_ & 1023u) == 0 && budget_->spent()) throw Stop{"XML_TOO_SLOW"};
  }
  void count_text(std::size_t length) {
    if ((text_ += length) > limits_.text) throw Stop{"XML_TOO_MUCH_TEXT"};
  }
  // The scanner numbers the URIs of a document as it meets them.
  std::string_view uri_text(const xml::SAX2XMLReaderImpl& reader, unsigned id) {
    if (id >= kKeptUris) return rare_uris_.emplace_back(utf8(reader.getURIText(id)));
    std::string& text = uris_[id];
    if (text.empty()) text = utf8(reader.getURIText(id));
    return text;
  }

  Limits limits_;
  XmlHandler* handler_ = nullptr;
  std::size_t elements_ = 0, prefixes_ = 0, text_ = 0;
  std::vector<std::size_t> prefixes_of_;  // declared by each open element
  unsigned events_ = 0;
  std::optional<CpuBudget> budget_;
  Texts texts_;  // of the current event
  std::vector<XmlAttribute> attributes_;
  std::array<std::string, kKeptUris> uris_;
  std::deque<std::string> rare_uris_;  // of the current start tag
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

  void startElement(const xml::XMLElementDecl& element, const unsigned int uri, const XMLCh* const,
                    const xml::RefVectorOf<xml::XMLAttr>& attributes, const XMLSize_t count, const bool empty,
                    const bool) override {
    events.start_element(*this, element, uri, attributes, count);
    if (empty) events.end_element();
  }
  void endElement(const xml::XMLElementDecl&, const unsigned int, const bool, const XMLCh* const) override {
    events.end_element();
  }
  void docCharacters(const XMLCh* const chars, const XMLSize_t length, const bool) override {
    events.text(chars, length);
  }
  void docComment(const XMLCh* const text) override { events.aside(xml::XMLString::stringLen(text)); }
  void docPI(const XMLCh* const target, const XMLCh* const data) override {
    events.aside(xml::XMLString::stringLen(target) + xml::XMLString::stringLen(data));
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

}  // namespace

std::optional<XmlRefusal> parse_xml(std::string_view bytes, const Limits& limits, XmlHandler& handler) {
  if (bytes.size() > limits.bytes) return XmlRefusal{"XML_TOO_LARGE", std::to_string(bytes.size()), 0, 0, 0};
  if (auto refusal = check_bytes(bytes)) return refusal;

  Reader& reader = thread_reader();
  reader.events.begin(limits, handler);
  reader.last_error = 0;
  const DocumentSource source(bytes);
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
