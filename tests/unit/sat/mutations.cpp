#include "tests/unit/sat/mutations.h"

#include <array>
#include <vector>

namespace puente::sat {
namespace {

constexpr std::string_view kBlank = " \t\r\n";

struct Span {
  std::size_t begin, end;
};
struct Attribute {
  Span all;  // with its leading space
  std::string name;
  Span value;
};
struct Element {
  Span tag, all;
  bool empty = false;  // <a/>
  std::string name;    // as written: "cfdi:Emisor"
  std::vector<Attribute> attributes;
};

Span name_of_end_tag(const Element& element) {
  return {element.all.end - 1 - element.name.size(), element.all.end - 1};
}

// The elements in the order of their start tags.
std::vector<Element> elements_of(const std::string& text) {
  std::vector<Element> elements;
  std::vector<std::size_t> open;
  for (std::size_t at = text.find('<'); at != std::string::npos; at = text.find('<', at + 1)) {
    if (text.compare(at, 4, "<!--") == 0) {
      at = text.find("-->", at);
      continue;
    }
    if (text[at + 1] == '?' || text[at + 1] == '!') continue;
    if (text[at + 1] == '/') {
      if (open.empty()) break;
      elements[open.back()].all.end = text.find('>', at) + 1;
      open.pop_back();
      continue;
    }
    Element element;
    std::size_t i = text.find_first_of(" \t\r\n/>", at);
    element.name = text.substr(at + 1, i - at - 1);
    while (text[i] != '>') {
      const std::size_t begin = i;
      i = text.find_first_not_of(kBlank, i);
      if (text[i] == '/') {
        element.empty = true;
        ++i;
        continue;
      }
      if (text[i] == '>') break;
      const std::size_t quote = text.find_first_of("\"'", i);
      const std::size_t close = text.find(text[quote], quote + 1);
      element.attributes.push_back(
          {{begin, close + 1}, text.substr(i, text.find_first_of(" =\t\r\n", i) - i), {quote + 1, close}});
      i = close + 1;
    }
    element.tag = element.all = {at, i + 1};
    if (!element.empty) open.push_back(elements.size());
    elements.push_back(std::move(element));
  }
  return elements;
}

bool is_declaration(const Attribute& attribute) { return attribute.name.starts_with("xmlns"); }
bool is_plain(const Attribute& attribute) {
  return !is_declaration(attribute) && attribute.name.find(':') == std::string::npos;
}

std::string_view view(const std::string& text, Span span) {
  return std::string_view(text).substr(span.begin, span.end - span.begin);
}
std::string replaced(const std::string& text, Span span, std::string_view with) {
  return text.substr(0, span.begin) + std::string(with) + text.substr(span.end);
}
std::string inserted(const std::string& text, std::size_t at, std::string_view what) {
  return replaced(text, {at, at}, what);
}

constexpr std::array<std::string_view, 45> kValues = {
    " ",
    "0",
    "-1",
    "+1.5",
    ".5",
    "5.",
    "1.1234567",
    "0.0000001",
    "1.000000000",
    "1e3",
    "NaN",
    "INF",
    "99999",
    "100000",
    "Sí",
    "si",
    "No",
    "2024-02-30",
    "2024-02-30T10:00:00",
    "2024-06-31T23:59:59",
    "2024-06-30T24:00:00",
    "2024-06-30T10:00:00Z",
    "2023-02-29",
    "a|b",
    "12345",
    "1234567",
    "ABC 12",
    "ABC-12",
    "XAXX010101000",
    "ÑAB010101AB1",
    "eku9003173c9",
    "CCCBCD94-870A-4332-A52A-A52AA52AA52A",
    "DE000001",
    "OR000001",
    "24  48  3005  4000001",
    "24 48 3005 4000001",
    "&#xA;x&#x9;y",
    "\xC2\xA0x",
    "10/20/30cm",
    "2147483648",
    "-2147483649",
    "1899",
    "3.1",
    "4.0",
    "\xF0\x9F\x9A\x9A",
};
constexpr std::array<std::string_view, 10> kNamespaces = {"http://www.sat.gob.mx/cfd/4",
                                                          "http://www.sat.gob.mx/cfd/3",
                                                          "http://www.sat.gob.mx/CartaPorte31",
                                                          "http://www.sat.gob.mx/CartaPorte30",
                                                          "http://www.sat.gob.mx/ComercioExterior20",
                                                          "http://www.sat.gob.mx/ComercioExterior11",
                                                          "http://www.sat.gob.mx/TimbreFiscalDigital",
                                                          "http://www.sat.gob.mx/implocal",
                                                          "http://www.sat.gob.mx/CartaPorte31/",
                                                          "urn:nobody"};

class Mutator {
 public:
  Mutator(const std::string& text, std::mt19937& random) : text_(text), random_(random), elements_(elements_of(text)) {}

  std::optional<std::string> apply(Mutation kind, const CodeFor& code_for) {
    switch (kind) {
      case Mutation::value:
        return on_attribute([&](const Attribute& attribute) {
          if (pick(kValues.size() + 1) == 0) return replaced(text_, attribute.value, std::string(1001, 'x'));
          return replaced(text_, attribute.value, kValues[pick(kValues.size())]);
        });
      case Mutation::character:
        return character();
      case Mutation::emptied:
        return on_attribute([&](const Attribute& attribute) { return replaced(text_, attribute.value, ""); });
      case Mutation::dropped:
        return on_attribute([&](const Attribute& attribute) { return replaced(text_, attribute.all, ""); });
      case Mutation::doubled:
        return on_attribute([&](const Attribute& attribute) {
          return inserted(text_, attribute.all.end, ' ' + std::string(view(text_, attribute.all)));
        });
      case Mutation::added:
        return added();
      case Mutation::removed:
        return below_root([&](const Element& element) { return replaced(text_, element.all, ""); });
      case Mutation::repeated:
        return below_root(
            [&](const Element& element) { return inserted(text_, element.all.end, view(text_, element.all)); });
      case Mutation::moved:
        return moved();
      case Mutation::renamespaced:
        return pick(3) == 0 ? other_namespace() : other_prefix();
      case Mutation::content:
        return content();
      case Mutation::code:
        return code(code_for);
    }
    return std::nullopt;
  }

 private:
  std::size_t pick(std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random_); }
  const Element& any() { return elements_[pick(elements_.size())]; }

  template <typename Change>
  std::optional<std::string> on_attribute(Change change) {
    const Element& element = any();
    if (element.attributes.empty()) return std::nullopt;
    const Attribute& attribute = element.attributes[pick(element.attributes.size())];
    if (!is_plain(attribute)) return std::nullopt;
    return change(attribute);
  }
  template <typename Change>
  std::optional<std::string> below_root(Change change) {
    const std::size_t at = pick(elements_.size());
    if (at == 0) return std::nullopt;
    return change(elements_[at]);
  }

  std::optional<std::string> character() {
    return on_attribute([&](const Attribute& attribute) -> std::optional<std::string> {
      const std::string old(view(text_, attribute.value));
      if (old.empty() || old.find_first_of("&\xC3\xC2") != std::string::npos) return std::nullopt;
      const std::array<std::string, 7> changes = {
          old + "0", old.substr(1), " " + old, old + " ", old + old, "-" + old, old.substr(0, old.size() - 1)};
      return replaced(text_, attribute.value, changes[pick(changes.size())]);
    });
  }

  std::optional<std::string> added() {
    constexpr std::array<std::string_view, 8> kAdded = {
        " Extra=\"1\"",
        " xml:lang=\"es\"",
        " Version=\"9\"",
        " Importe=\"1.00\"",
        " Moneda=\"USD\"",
        " Rfc=\"XAXX010101000\"",
        " Estado=\"TAM\"",
        " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:schemaLocation=\"urn:nobody nobody.xsd\""};
    const Element& element = any();
    const std::string_view attribute = kAdded[pick(kAdded.size())];
    const auto name = attribute.substr(0, attribute.find('=') + 1);
    if (view(text_, element.tag).find(name) != std::string_view::npos) return std::nullopt;
    return inserted(text_, element.tag.begin + 1 + element.name.size(), attribute);
  }

  std::optional<std::string> moved() {
    return below_root([&](const Element& element) -> std::optional<std::string> {
      const Element& near = any();
      const std::size_t place = pick(3);
      const bool inside = place == 0 && !near.empty;
      if (&near == &elements_.front() && !inside) return std::nullopt;
      std::size_t at = inside ? near.tag.end : place == 1 ? near.all.begin : near.all.end;
      if (at > element.all.begin && at < element.all.end) return std::nullopt;  // into itself
      const std::string what(view(text_, element.all));
      if (at >= element.all.end) at -= what.size();
      return inserted(replaced(text_, element.all, ""), at, what);
    });
  }

  std::optional<std::string> other_namespace() {
    const Element& element = pick(2) == 0 ? elements_.front() : any();
    if (element.attributes.empty()) return std::nullopt;
    const Attribute& attribute = element.attributes[pick(element.attributes.size())];
    if (!is_declaration(attribute)) return std::nullopt;
    return replaced(text_, attribute.value, kNamespaces[pick(kNamespaces.size())]);
  }

  std::optional<std::string> other_prefix() {
    std::vector<std::string> prefixes = {"", "undeclared:"};
    for (const Element& element : elements_)
      for (const Attribute& attribute : element.attributes)
        if (is_declaration(attribute) && attribute.name.size() > 6) prefixes.push_back(attribute.name.substr(6) + ":");
    const std::string& prefix = prefixes[pick(prefixes.size())];
    const Element& element = any();
    const std::string local = prefix + element.name.substr(element.name.find(':') + 1);
    if (local == element.name) return std::nullopt;
    if (pick(4) == 0)
      return on_attribute([&](const Attribute& attribute) {
        const std::size_t at = text_.find(attribute.name, attribute.all.begin);
        return inserted(text_, at, prefix.empty() ? "x" : prefix);
      });
    const auto begin = replaced(text_, {element.tag.begin + 1, element.tag.begin + 1 + element.name.size()}, local);
    if (element.empty) return begin;
    Span end = name_of_end_tag(element);
    end = {end.begin + local.size() - element.name.size(), end.end + local.size() - element.name.size()};
    return replaced(begin, end, local);
  }

  std::optional<std::string> content() {
    const Element& element = any();
    if (element.empty) return std::nullopt;
    constexpr std::array<std::string_view, 8> kContent = {
        "x",        "  \n",          "<!-- note -->", "<Foreign/>",
        "<?pi x?>", "<![CDATA[x]]>", "\xC2\xA0",      "<n:o xmlns:n=\"urn:nobody\"/>"};
    return inserted(text_, element.tag.end, kContent[pick(kContent.size())]);
  }

  std::optional<std::string> code(const CodeFor& code_for) {
    if (!code_for) return std::nullopt;
    const Element& element = any();
    if (element.attributes.empty()) return std::nullopt;
    const Attribute& attribute = element.attributes[pick(element.attributes.size())];
    if (!is_plain(attribute)) return std::nullopt;
    const auto with = code_for(std::string_view(element.name).substr(element.name.find(':') + 1), attribute.name,
                               view(text_, attribute.value), random_);
    return with ? std::optional(replaced(text_, attribute.value, *with)) : std::nullopt;
  }

  const std::string& text_;
  std::mt19937& random_;
  std::vector<Element> elements_;
};

}  // namespace

std::string_view mutation_name(Mutation kind) {
  constexpr std::string_view kNames[] = {"value",   "character", "emptied", "dropped",      "doubled", "added",
                                         "removed", "repeated",  "moved",   "renamespaced", "content", "code"};
  static_assert(std::size(kNames) == std::size(kMutations));
  return kNames[static_cast<std::size_t>(kind)];
}

std::optional<std::string> mutate(const std::string& text, Mutation kind, std::mt19937& random,
                                  const CodeFor& code_for) {
  return Mutator(text, random).apply(kind, code_for);
}

std::string without_addenda(std::string text) {
  const auto begin = text.find("<cfdi:Addenda");
  if (begin == std::string::npos) return text;
  constexpr std::string_view kEnd = "</cfdi:Addenda>";
  const auto end = text.find(kEnd, begin);
  const auto past = end == std::string::npos ? text.find('>', begin) + 1 : end + kEnd.size();
  return text.erase(begin, past - begin);
}

}  // namespace puente::sat
