#include "mappings/sat/identify_plain.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include "mappings/sat/identity_reader.h"
#include "mappings/sat/white_space.h"
#include "mappings/sat/xml_bytes.h"

namespace puente::sat {
namespace {

// The parser's limit on its CPU time cannot be met by counting; a document of this size is far from any sensible one.
constexpr std::size_t kLargest = 1024 * 1024;
constexpr double kLeastCpuSeconds = 0.5;

constexpr std::array<std::string_view, 3> kDeclarations = {"<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
                                                           "<?xml version=\"1.0\" encoding=\"utf-8\"?>",
                                                           "<?xml version='1.0' encoding='UTF-8'?>"};

constexpr std::array<std::string_view, 5> kReferences = {"&amp;", "&lt;", "&gt;", "&quot;", "&apos;"};

enum Kind : std::uint8_t { other = 0, name_start = 1, name_more = 2 };

constexpr std::array<std::uint8_t, 256> kKinds = [] {
  std::array<std::uint8_t, 256> kinds{};
  for (int c = 'a'; c <= 'z'; ++c) kinds[static_cast<std::size_t>(c)] = name_start;
  for (int c = 'A'; c <= 'Z'; ++c) kinds[static_cast<std::size_t>(c)] = name_start;
  kinds['_'] = name_start;
  for (int c = '0'; c <= '9'; ++c) kinds[static_cast<std::size_t>(c)] = name_more;
  kinds['-'] = kinds['.'] = name_more;
  return kinds;
}();

std::uint8_t kind_of(char c) { return kKinds[static_cast<unsigned char>(c)]; }

// Names that XML keeps for itself, and what only looks like them.
bool is_reserved(std::string_view prefix) {
  const auto is = [&](std::size_t i, char c) { return prefix[i] == c || prefix[i] == c - 'a' + 'A'; };
  return prefix.size() >= 3 && is(0, 'x') && is(1, 'm') && is(2, 'l');
}

// The parser may have a word on DEL, C1 controls and noncharacters; nobody sends them. check_bytes has seen the text.
bool holds_odd_characters(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    if (i + 8 <= text.size()) {  // eight bytes below 0x7F at a time
      constexpr std::uint64_t kHigh = 0x8080808080808080u;
      std::uint64_t word = 0;
      std::memcpy(&word, text.data() + i, 8);
      if (((word | (word + 0x0101010101010101u)) & kHigh) == 0) {
        i += 8;
        continue;
      }
    }
    const auto byte = static_cast<unsigned char>(text[i++]);
    if (byte == 0x7F || byte >= 0xEF) return true;
    if (byte == 0xC2 && static_cast<unsigned char>(text[i]) < 0xA0) return true;
  }
  return false;
}

// Names of the attributes of one start tag, none twice.
class UniqueNames {
 public:
  void clear() {
    names_.clear();
    seen_ = 0;
  }
  bool add(std::string_view name) {
    const auto hash = name.size() * 7 + static_cast<unsigned char>(name.front()) * 31u +
                      static_cast<unsigned char>(name[name.size() / 2]) * 5u + static_cast<unsigned char>(name.back());
    const std::uint64_t bit = std::uint64_t{1} << (hash & 63u);
    if ((seen_ & bit) != 0 && std::ranges::find(names_, name) != names_.end()) return false;
    seen_ |= bit;
    names_.push_back(name);
    return true;
  }
  std::size_t size() const { return names_.size(); }

 private:
  std::vector<std::string_view> names_;
  std::uint64_t seen_ = 0;
};

// Every function that reads returns false where the parser has to decide.
class PlainScan {
 public:
  PlainScan(std::string_view bytes, const Limits& limits)
      : at_(bytes.data()), end_(bytes.data() + bytes.size()), limits_(limits) {}

  bool run() {
    skip_declaration();
    do {
      skip_spaces();
      if (at_ == end_ || *at_++ != '<' || at_ == end_) return false;
      if (*at_ == '/') {
        ++at_;
        if (!end_tag()) return false;
      } else if (!start_tag()) {
        return false;
      }
    } while (!open_.empty());
    skip_spaces();
    return at_ == end_;
  }

  std::optional<Identity> identity() && {
    if (doubtful_) return std::nullopt;
    return std::move(reader_).identity();
  }

 private:
  struct Binding {
    std::string_view prefix, uri;
  };
  struct Open {
    std::string_view name;  // as written, with its prefix
    std::size_t bindings;   // before it
  };
  struct Name {
    std::string_view whole, prefix, local;
  };

  void skip_declaration() {
    static constexpr std::string_view kMark = "\xEF\xBB\xBF";
    const std::string_view rest(at_, static_cast<std::size_t>(end_ - at_));
    if (rest.starts_with(kMark)) return;  // left to the parser: no '<' follows
    for (const auto declaration : kDeclarations)
      if (rest.starts_with(declaration)) at_ += declaration.size();
  }

  // True when there was any.
  bool skip_spaces() {
    const char* const begin = at_;
    while (at_ < end_ && is_space(*at_)) ++at_;
    return at_ != begin;
  }

  // NCName or NCName:NCName, of ASCII.
  bool name(Name& out) {
    const char* const begin = at_;
    if (!part()) return false;
    const char* const colon = at_;
    if (at_ < end_ && *at_ == ':') {
      ++at_;
      if (!part()) return false;
      out.prefix = {begin, static_cast<std::size_t>(colon - begin)};
      out.local = {colon + 1, static_cast<std::size_t>(at_ - colon - 1)};
    } else {
      out.prefix = {};
      out.local = {begin, static_cast<std::size_t>(at_ - begin)};
    }
    out.whole = {begin, static_cast<std::size_t>(at_ - begin)};
    // What follows a name ends it; a character beyond ASCII could belong to it.
    return at_ < end_ && (is_space(*at_) || *at_ == '=' || *at_ == '>' || *at_ == '/');
  }
  bool part() {
    if (at_ == end_ || kind_of(*at_) != name_start) return false;
    do ++at_;
    while (at_ < end_ && kind_of(*at_) != other);
    return true;
  }

  bool value(std::string_view& out) {
    if (at_ == end_ || (*at_ != '"' && *at_ != '\'')) return false;
    const char quote = *at_++;
    const auto* close = static_cast<const char*>(std::memchr(at_, quote, static_cast<std::size_t>(end_ - at_)));
    if (close == nullptr) return false;
    out = {at_, static_cast<std::size_t>(close - at_)};
    at_ = close + 1;
    if (out.find('<') != std::string_view::npos) return false;
    for (auto at = out.find('&'); at != std::string_view::npos; at = out.find('&', at + 1))
      if (std::ranges::none_of(kReferences, [&](auto r) { return out.substr(at).starts_with(r); })) return false;
    return true;
  }

  bool bind(std::string_view prefix, std::string_view uri) {
    if (is_reserved(prefix) || uri.empty() || uri.starts_with("http://www.w3.org/XML/1998/namespace") ||
        uri.starts_with("http://www.w3.org/2000/xmlns/"))
      return false;
    if (std::ranges::any_of(uri, [](char c) { return c <= ' ' || c > '~' || c == '&'; })) return false;
    bindings_.push_back({prefix, uri});
    return bindings_.size() <= limits_.prefixes;
  }

  const Binding* binding_of(std::string_view prefix) const {
    for (auto binding = bindings_.rbegin(); binding != bindings_.rend(); ++binding)
      if (binding->prefix == prefix) return &*binding;
    return nullptr;
  }

  bool start_tag() {
    Name element;
    if (!name(element) || element.prefix.empty() || is_reserved(element.prefix)) return false;
    const Open open{element.whole, bindings_.size()};
    const bool of_interest = open_.size() < IdentityReader::kDepth;
    names_.clear();
    attributes_.clear();
    std::string_view other_prefix;
    for (;;) {
      const bool spaced = skip_spaces();
      if (at_ == end_) return false;
      if (*at_ == '>' || *at_ == '/') break;
      Name attribute;
      std::string_view text;
      if (!spaced || !name(attribute) || *at_ != '=') return false;
      ++at_;
      if (!value(text) || !names_.add(attribute.whole)) return false;
      if (attribute.prefix == "xmlns") {
        if (!bind(attribute.local, text)) return false;
      } else if (!attribute.prefix.empty()) {
        // Two of them could be one name under two prefixes.
        if (!other_prefix.empty() || is_reserved(attribute.prefix)) return false;
        other_prefix = attribute.prefix;
      } else {
        if (is_reserved(attribute.local)) return false;  // a default namespace among them
        if (of_interest) attributes_.push_back({{}, attribute.local, text});
      }
    }
    const Binding* space = binding_of(element.prefix);
    if (space == nullptr || (!other_prefix.empty() && binding_of(other_prefix) == nullptr)) return false;
    if (names_.size() > limits_.attributes || ++elements_ > limits_.elements || open_.size() + 1 > limits_.depth)
      return false;
    if (of_interest) {
      for (const auto& attribute : attributes_)
        doubtful_ = doubtful_ || (attribute.value.find('&') != std::string_view::npos && is_asked(attribute.name));
      reader_.start_element(space->uri, element.local, attributes_);
    }
    if (*at_ == '/') {
      ++at_;
      if (at_ == end_ || *at_ != '>') return false;
      ++at_;
      close(open);
      return true;
    }
    ++at_;
    open_.push_back(open);
    return true;
  }

  bool end_tag() {
    Name element;
    if (open_.empty() || !name(element) || element.whole != open_.back().name) return false;
    skip_spaces();
    if (at_ == end_ || *at_++ != '>') return false;
    const Open open = open_.back();
    open_.pop_back();
    close(open);
    return true;
  }

  void close(const Open& open) {
    bindings_.resize(open.bindings);
    if (open_.size() < IdentityReader::kDepth) reader_.end_element();
  }

  static bool is_asked(std::string_view name) {
    return name == "Serie" || name == "Folio" || name == "Rfc" || name == "UUID";
  }

  const char* at_;
  const char* const end_;
  const Limits& limits_;
  IdentityReader reader_;
  std::vector<Open> open_;
  std::vector<Binding> bindings_;
  std::vector<XmlAttribute> attributes_;
  UniqueNames names_;
  std::size_t elements_ = 0;
  bool doubtful_ = false;  // a value that is asked for holds a reference
};

}  // namespace

std::optional<Identity> identify_plain(std::string_view bytes, const Limits& limits) {
  if (bytes.size() > std::min({limits.bytes, limits.text, kLargest}) || limits.cpu_seconds < kLeastCpuSeconds)
    return std::nullopt;
  if (check_bytes(bytes)) return Identity{};  // refused before any parser
  if (holds_odd_characters(bytes)) return std::nullopt;
  PlainScan scan(bytes, limits);
  if (!scan.run()) return std::nullopt;
  return std::move(scan).identity();
}

}  // namespace puente::sat
