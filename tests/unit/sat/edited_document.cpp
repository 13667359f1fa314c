#include "tests/unit/sat/edited_document.h"

#include <algorithm>
#include <stdexcept>

#include "mappings/sat/element_tables.h"

namespace puente::sat {
namespace {

using Element = EditedDocument::Element;

[[noreturn]] void refuse(std::string_view what, std::string_view where) {
  throw std::logic_error(std::string(what) + ": " + std::string(where));
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\n')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\n')) text.remove_suffix(1);
  return text;
}

// One element and what is in it; `text` is left behind it.
std::unique_ptr<Element> parse(std::string_view& text) {
  text = trim(text);
  if (!text.starts_with('<')) refuse("no element", text.substr(0, 40));
  text.remove_prefix(1);
  auto element = std::make_unique<Element>();
  const auto name_end = text.find_first_of(" />\n");
  element->name = text.substr(0, name_end);
  text.remove_prefix(name_end);
  for (text = trim(text); !text.starts_with('/') && !text.starts_with('>'); text = trim(text)) {
    const auto equals = text.find("=\"");
    const auto end = text.find('"', equals + 2);
    if (equals == std::string_view::npos || end == std::string_view::npos) refuse("no attribute", text.substr(0, 40));
    element->attributes.emplace_back(text.substr(0, equals), text.substr(equals + 2, end - equals - 2));
    text.remove_prefix(end + 1);
  }
  if (text.starts_with("/>")) {
    text.remove_prefix(2);
    return element;
  }
  text.remove_prefix(1);
  const std::string close = "</" + element->name + ">";
  for (text = trim(text); !text.starts_with(close); text = trim(text)) {
    element->children.push_back(parse(text));
    element->children.back()->parent = element.get();
  }
  text.remove_prefix(close.size());
  return element;
}

const std::string* attribute(const Element& element, std::string_view name) {
  const auto found = std::ranges::find(element.attributes, name, [](const auto& pair) { return pair.first; });
  return found == element.attributes.end() ? nullptr : &found->second;
}

// The element's row in the element tables; nullptr for what they do not have.
const ElementRow* row_of(const Element& element) {
  if (element.parent == nullptr) return &comprobante_row();
  const ElementRow* above = row_of(*element.parent);
  if (above == nullptr) return nullptr;
  for (const ChildRow& child : above->children)
    if (child.element->name == element.name) return child.element;
  return nullptr;
}

void write(const Element& element, std::string& out) {
  const ElementRow* row = row_of(element);
  const std::string name = (row == nullptr ? "" : std::string(row->space->prefix) + ":") + element.name;
  out += "<" + name;
  if (element.parent == nullptr)
    for (const ElementRow* space : {&comprobante_row(), &carta_porte_row(), &comercio_exterior_row()})
      out += " xmlns:" + std::string(space->space->prefix) + "=\"" + std::string(space->space->uri) + "\"";
  for (const auto& [key, value] : element.attributes) out += " " + key + "=\"" + value + "\"";
  out += ">";
  for (const auto& child : element.children) write(*child, out);
  out += "</" + name + ">\n";
}

// The `nth` descendant of the name in document order, counted down in `nth`.
Element* descendant(const Element& element, std::string_view name, std::size_t& nth, bool deeper) {
  for (const auto& child : element.children) {
    if (child->name == name && --nth == 0) return child.get();
    if (!deeper) continue;
    if (Element* found = descendant(*child, name, nth, deeper)) return found;
  }
  return nullptr;
}

// Where among the children the tables want an element of that name.
std::size_t place_for(const Element& parent, std::string_view name) {
  const ElementRow* row = row_of(parent);
  const auto rank = [&](std::string_view child) {
    std::size_t at = 0;
    while (at < row->children.size() && row->children[at].element->name != child) ++at;
    return at;
  };
  if (row == nullptr || row->content != Content::children) return parent.children.size();
  std::size_t place = 0;
  while (place < parent.children.size() && rank(parent.children[place]->name) <= rank(name)) ++place;
  return place;
}

}  // namespace

EditedDocument::EditedDocument(std::string_view bare_xml) : root_(parse(bare_xml)) {
  if (!trim(bare_xml).empty()) refuse("behind the root", bare_xml);
}

EditedDocument::Element* EditedDocument::find(std::string_view path) const {
  bool deeper = !path.starts_with('/');
  if (!deeper) path.remove_prefix(1);
  const Element* at = root_.get();
  while (!path.empty()) {
    std::string_view step = path.substr(0, path.find('/'));
    path.remove_prefix(std::min(path.size(), step.size() + 1));
    std::size_t nth = 1;
    if (const auto bracket = step.find('['); bracket != std::string_view::npos) {
      nth = static_cast<std::size_t>(std::stoul(std::string(step.substr(bracket + 1))));
      step = step.substr(0, bracket);
    }
    at = descendant(*at, step, nth, deeper);
    if (at == nullptr) refuse("not in the document", step);
    deeper = true;
  }
  return const_cast<Element*>(at);
}

void EditedDocument::edit(std::string_view edits) {
  while (!trim(edits).empty()) {
    const std::string_view one = trim(edits.substr(0, edits.find(';')));
    edits.remove_prefix(
        std::min(edits.size(), edits.find(';') == std::string_view::npos ? edits.size() : edits.find(';') + 1));
    if (one.starts_with("add ")) {
      const auto at = one.find('<');
      std::string_view bare = one.substr(at);
      Element* parent = find(trim(one.substr(4, at - 4)));
      auto element = parse(bare);
      if (!trim(bare).empty()) refuse("behind the element", bare);
      element->parent = parent;
      const auto place = static_cast<std::ptrdiff_t>(place_for(*parent, element->name));
      parent->children.insert(parent->children.begin() + place, std::move(element));
      continue;
    }
    const bool drop = one.starts_with("drop ");
    const std::string_view what = trim(drop ? one.substr(5) : one);
    const auto at = what.find('@');
    Element* element = find(what.substr(0, std::min(at, what.size())));
    if (drop && at == std::string_view::npos) {
      std::erase_if(element->parent->children, [&](const auto& child) { return child.get() == element; });
      continue;
    }
    const auto equals = what.find('=', at);
    const std::string name(what.substr(at + 1, drop ? std::string_view::npos : equals - at - 1));
    if (drop) {
      if (std::erase_if(element->attributes, [&](const auto& pair) { return pair.first == name; }) == 0)
        refuse("no attribute to drop", one);
      continue;
    }
    if (at == std::string_view::npos || equals == std::string_view::npos) refuse("no edit", one);
    const std::string value(what.substr(equals + 1));
    if (const std::string* old = attribute(*element, name)) {
      if (*old == value) refuse("the edit changes nothing", one);
      *const_cast<std::string*>(old) = value;
    } else {
      element->attributes.emplace_back(name, value);
    }
  }
}

std::string EditedDocument::xml() const {
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  write(*root_, out);
  return out;
}

std::string EditedDocument::path_of(std::string_view place) const {
  const auto at = place.find('@');
  std::string path;
  for (const Element* element = find(place.substr(0, std::min(at, place.size()))); element != nullptr;
       element = element->parent) {
    const ElementRow* row = row_of(*element);
    std::string step = (row == nullptr ? "" : std::string(row->space->prefix) + ":") + element->name;
    if (element->parent != nullptr) {
      std::size_t same = 0, position = 0;
      for (const auto& sibling : element->parent->children) {
        if (sibling->name != element->name) continue;
        ++same;
        if (sibling.get() == element) position = same;
      }
      const ElementRow* above = row_of(*element->parent);
      if (above != nullptr)
        for (const ChildRow& child : above->children)
          if (child.element == row && child.most > 1) step += "[" + std::to_string(position) + "]";
    }
    path = "/" + step + path;
  }
  if (at != std::string_view::npos) path += "/" + std::string(place.substr(at));
  return path;
}

}  // namespace puente::sat
