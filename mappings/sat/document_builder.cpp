#include "mappings/sat/document_builder.h"

#include <algorithm>
#include <array>

#include "mappings/sat/value_check.h"
#include "mappings/sat/versions.h"
#include "mappings/sat/white_space.h"
#include "mappings/sat/xml_bytes.h"

namespace puente::sat {
namespace {

constexpr std::string_view kSchemaInstance = "http://www.w3.org/2001/XMLSchema-instance";
constexpr std::array<std::string_view, 3> kSealing = {"Sello", "NoCertificado", "Certificado"};
constexpr std::size_t kShownCharacters = 60;  // of a wrong value, in the text of its finding

std::string shown(std::string_view value) {
  if (value.size() <= kShownCharacters) return std::string(value);
  std::size_t end = kShownCharacters;
  while (end > 0 && (static_cast<unsigned char>(value[end]) & 0xC0) == 0x80) --end;
  return std::string(value.substr(0, end)) + "...";
}

std::string_view value_of(std::span<const XmlAttribute> attributes, std::string_view name) {
  for (const auto& attribute : attributes)
    if (attribute.uri.empty() && attribute.name == name) return attribute.value;
  return {};
}

}  // namespace

DocumentBuilder::DocumentBuilder(std::string_view name, std::string bytes, Findings& findings)
    : findings_(findings), document_(std::make_shared<Document>()), cursor_({}) {
  document_->name_ = name;
  document_->bytes_ = std::move(bytes);
  document_->arena_.expect(2 * document_->bytes_.size());
  cursor_ = StartTagCursor(document_->bytes_);
}

Finding& DocumentBuilder::report(std::string_view code, const Node& node, std::string_view attribute,
                                 const FindingParams& params) {
  if (findings_.size() >= Findings::kLimit) return findings_.add(code);
  Finding& finding = findings_.add(code, params);
  *finding.mutable_source() = node.place(attribute);
  return finding;
}

void DocumentBuilder::defect(std::string_view code, const Node& node, std::string_view attribute,
                             const FindingParams& params) {
  fail(node);
  report(code, node, attribute, params);
}

Finding& DocumentBuilder::report_foreign(std::string_view code, const Node& parent, std::string_view name,
                                         const FindingParams& params) {
  Finding& finding = report(code, parent, "", params);
  if (findings_.left_out() > 0 || tag_offset_ == StartTagCursor::npos) return finding;
  const LineColumn where = document_->line_column(tag_offset_);
  finding.mutable_source()->set_path(parent.path() + "/" + shown(name));
  finding.mutable_source()->set_line(where.line);
  finding.mutable_source()->set_column(where.column);
  finding.mutable_source()->set_byte_offset(tag_offset_);
  return finding;
}

void DocumentBuilder::foreign_defect(std::string_view code, const Node& parent, std::string_view name,
                                     const FindingParams& params) {
  fail(parent);
  report_foreign(code, parent, name, params);
}

void DocumentBuilder::fail(const Node& node) {
  structure_failed_ = true;
  for (const Node* at = &node; at != nullptr && unsound_.insert(at).second; at = at->parent()) {
  }
}

void DocumentBuilder::start_element(std::string_view uri, std::string_view name,
                                    std::span<const XmlAttribute> attributes) {
  tag_offset_ = cursor_.next();
  if (skipped_ > 0) {
    ++skipped_;
    return;
  }
  if (open_.empty()) {
    start_root(uri, name, attributes);
    return;
  }
  Open& parent = open_.back();
  const ElementRow& row = *parent.node->row_;
  if (row.content == Content::ignored) {
    skipped_ = 1;
    return;
  }
  // Mostly the row of the child before, or one soon after it.
  for (std::size_t tried = 0, i = parent.last; tried < row.children.size(); ++tried, ++i) {
    if (i == row.children.size()) i = 0;
    const ChildRow& child = row.children[i];
    if (!same_name(child.element->name, name) || child.element->space->uri != uri) continue;
    const std::uint32_t position = ++parent.counts[i];
    parent.out_of_shape = parent.out_of_shape || i < parent.reached || position > child.most;
    parent.last = i;
    parent.reached = std::max(parent.reached, i);
    Node& node = add_node(*child.element, parent.node, child.most > 1, position, attributes);
    open_.push_back({.node = &node, .first_child = children_.size()});
    return;
  }
  start_foreign(parent, uri, name);
  skipped_ = 1;
}

void DocumentBuilder::start_root(std::string_view uri, std::string_view name,
                                 std::span<const XmlAttribute> attributes) {
  const ElementRow* row = nullptr;
  for (const ElementRow* candidate : {&comprobante_row(), &refused_comprobante_row()})
    if (candidate->name == name && candidate->space->uri == uri) row = candidate;
  if (row == nullptr) {
    structure_failed_ = true;
    Finding& finding = findings_.add("DOCUMENT_NOT_CFDI", {{"element", shown(name)}, {"namespace", shown(uri)}});
    finding.mutable_source()->set_document(document_->name_);
    skipped_ = 1;
    return;
  }
  checks_ = row == &comprobante_row() && collapse(value_of(attributes, "Version")) == row->space->version;
  Node& root = add_node(*row, nullptr, false, 1, attributes);
  document_->root_ = &root;
  open_.push_back({.node = &root, .first_child = 0});
  if (!checks_) {
    // CFDI 3.2 and older wrote the attribute in lower case.
    const auto version = value_of(attributes, "Version");
    refuse_comprobante(root, version.empty() ? value_of(attributes, "version") : version);
  }
}

void DocumentBuilder::refuse_comprobante(const Node& root, std::string_view version) {
  comprobante_refused_ = version_refused_ = true;
  defect("CFDI_VERSION_REFUSED", root, "Version",
         {{"version", shown(version)}, {"use", std::string(comprobante_row().space->version)}});
}

void DocumentBuilder::start_foreign(Open& parent, std::string_view uri, std::string_view name) {
  const Node& node = *parent.node;
  const Content content = node.row_->content;
  parent.holds_foreign = true;
  if (content == Content::complements) {
    start_foreign_complement(node, uri, name);
  } else if (!checks_) {
    return;
  } else if (is_known_element(uri, name)) {
    foreign_defect("ELEMENT_MISPLACED", node, name,
                   {{"element", std::string(name)}, {"parent", std::string(node.name())}});
  } else if (content == Content::concept_complements && known_namespace(uri) == nullptr) {
    holds_unread_ = true;
    report_foreign("COMPLEMENT_UNKNOWN", node, name, {{"element", shown(name)}, {"namespace", shown(uri)}});
  } else {
    foreign_defect("ELEMENT_UNKNOWN", node, name,
                   {{"element", shown(name)}, {"namespace", shown(uri)}, {"parent", std::string(node.name())}});
  }
}

void DocumentBuilder::start_foreign_complement(const Node& parent, std::string_view uri, std::string_view name) {
  if (const auto refused = std::ranges::find(refused_complements(), uri, &RefusedComplement::uri);
      refused != refused_complements().end()) {
    version_refused_ = true;
    (refused->carta_porte ? refused_carta_porte_ : refused_comercio_exterior_) = true;
    foreign_defect("COMPLEMENT_VERSION_REFUSED", parent, name,
                   {{"complement", std::string(refused->title)},
                    {"version", std::string(refused->version)},
                    {"use", std::string(refused->use_version)}});
    return;
  }
  if (!checks_) return;
  if (const auto unread = std::ranges::find(unread_complements(), uri, &UnreadComplement::uri);
      unread != unread_complements().end()) {
    holds_unread_ = true;
    document_->other_complements_.emplace_back(uri);
    report_foreign("COMPLEMENT_NOT_READ", parent, name,
                   {{"complement", std::string(unread->title)}, {"namespace", std::string(unread->uri)}});
  } else if (is_known_element(uri, name)) {
    foreign_defect("ELEMENT_MISPLACED", parent, name,
                   {{"element", std::string(name)}, {"parent", std::string(parent.name())}});
  } else if (known_namespace(uri) != nullptr) {
    foreign_defect("ELEMENT_UNKNOWN", parent, name,
                   {{"element", shown(name)}, {"namespace", shown(uri)}, {"parent", std::string(parent.name())}});
  } else {
    holds_unread_ = true;
    document_->other_complements_.emplace_back(uri);
    report_foreign("COMPLEMENT_UNKNOWN", parent, name, {{"element", shown(name)}, {"namespace", shown(uri)}});
  }
}

Node& DocumentBuilder::add_node(const ElementRow& row, const Node* parent, bool repeats, std::uint32_t position,
                                std::span<const XmlAttribute> attributes) {
  Node& node = *document_->arena_.make<Node>();
  node.row_ = &row;
  node.parent_ = parent;
  node.document_ = document_.get();
  node.repeats_ = repeats;
  node.position_ = position;
  node.tag_offset_ = tag_offset_;
  if (&row == &timbre_row() && document_->timbre_ == nullptr) document_->timbre_ = &node;
  if (&row == &carta_porte_row() && document_->carta_porte_ == nullptr) document_->carta_porte_ = &node;
  if (&row == &comercio_exterior_row() && document_->comercio_exterior_ == nullptr)
    document_->comercio_exterior_ = &node;
  read_attributes(node, attributes);
  if (checks_ && (parent == nullptr || parent->row_->space != row.space)) check_prefix(node);
  return node;
}

void DocumentBuilder::read_attributes(Node& node, std::span<const XmlAttribute> attributes) {
  const auto& rows = node.row_->attributes;
  values_.resize(std::max(values_.size(), rows.size()));
  std::size_t next = 0;  // attributes mostly come in the order of the schema
  for (const XmlAttribute& attribute : attributes) {
    std::size_t at = AttributeIndex::npos;
    if (attribute.uri.empty()) {
      at = next < rows.size() && same_name(rows[next].name, attribute.name)
               ? next
               : node.row_->index.find(rows, attribute.name);
    }
    if (at == AttributeIndex::npos) {
      const bool schema_hint = attribute.uri == kSchemaInstance &&
                               (attribute.name == "schemaLocation" || attribute.name == "noNamespaceSchemaLocation");
      if (checks_ && !schema_hint)
        defect("ATTRIBUTE_UNKNOWN", node, "",
               {{"attribute", shown(attribute.name)}, {"element", std::string(node.name())}});
      else if (checks_)
        check_schema_location(node, attribute);
      continue;
    }
    next = at + 1;
    Arena& arena = document_->arena_;
    values_[at] = is_collapsed(attribute.value) ? arena.keep(attribute.value)
                                                : arena.keep(std::string_view(collapse(attribute.value)));
    node.present_ |= std::uint64_t{1} << at;
    if (checks_) check_attribute(node, rows[at], attribute.value, values_[at]);
  }
  std::size_t count = 0;
  for (std::uint64_t rest = node.present_; rest != 0; rest &= rest - 1)
    values_[count++] = values_[static_cast<std::size_t>(std::countr_zero(rest))];
  node.values_ = document_->arena_.keep(std::span<const std::string_view>(values_).first(count)).data();
  if (checks_) check_required(node);
}

void DocumentBuilder::check_attribute(const Node& node, const AttributeRow& row, std::string_view raw,
                                      std::string_view collapsed) {
  const auto problem = check_value(row.type, raw, collapsed);
  if (!problem) return;
  defect(problem->code, node, row.name,
         {{"attribute", std::string(row.name)}, {"value", shown(raw)}, {"expected", problem->expected}});
}

void DocumentBuilder::check_required(const Node& node) {
  const auto& rows = node.row_->attributes;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].use != Use::required || (node.present_ >> i & 1) != 0) continue;
    const FindingParams params = {{"attribute", std::string(rows[i].name)}, {"element", std::string(node.name())}};
    // What sealing fills is missing in a document that is tried before: its rules are judged all the same.
    if (std::ranges::find(kSealing, rows[i].name) != kSealing.end() && node.row_ == &comprobante_row()) {
      structure_failed_ = true;
      report("ATTRIBUTE_MISSING", node, rows[i].name, params);
    } else {
      defect("ATTRIBUTE_MISSING", node, rows[i].name, params);
    }
  }
}

namespace {

// What is wrong with the pairs of a schemaLocation: "" where nothing is.
std::string_view fault_of_locations(std::string_view pairs) {
  constexpr std::string_view kBlank = " \t\r\n";
  const auto next = [&] {
    const std::size_t begin = std::min(pairs.find_first_not_of(kBlank), pairs.size());
    const std::size_t end = std::min(pairs.find_first_of(kBlank, begin), pairs.size());
    const std::string_view token = pairs.substr(begin, end - begin);
    pairs.remove_prefix(end);
    return token;
  };
  for (std::string_view uri = next(); !uri.empty(); uri = next()) {
    std::string_view place = next();
    if (place.empty()) return uri;  // a namespace without its schema
    const Namespace* space = known_namespace(uri);
    if (space == nullptr) continue;
    const std::string_view whole = place;
    for (const std::string_view scheme : {"http://", "https://"})
      if (place.starts_with(scheme)) place.remove_prefix(scheme.size());
    if (!place.starts_with(kSchemas) || place.substr(kSchemas.size()) != space->schema) return whole;
  }
  return "";
}

}  // namespace

// A hint that no reader may follow. The SAT wants it right all the same: one for each namespace, at the root; the stamp
// has its own.
void DocumentBuilder::check_schema_location(const Node& node, const XmlAttribute& attribute) {
  const bool at_its_place = node.parent_ == nullptr || node.row_ == &timbre_row();
  std::string_view fault = attribute.name == "schemaLocation" ? fault_of_locations(attribute.value) : attribute.value;
  if (fault.empty() && !at_its_place) fault = node.name();
  if (!fault.empty()) report("SCHEMA_LOCATION_BROKEN", node, "", {{"value", shown(fault)}});
}

// The root and the complements carry the prefixes that the SAT fixed.
void DocumentBuilder::check_prefix(const Node& node) {
  if (tag_offset_ == StartTagCursor::npos) return;
  const std::string_view tag = std::string_view(document_->bytes_).substr(tag_offset_ + 1);
  const std::size_t end = tag.find_first_of(" \t\r\n/>:");
  const std::string_view prefix = end != std::string_view::npos && tag[end] == ':' ? tag.substr(0, end) : "";
  const std::string_view wanted = node.row_->space->prefix;
  if (prefix != wanted)
    report("PREFIX_UNUSUAL", node, "",
           {{"element", std::string(node.name())},
            {"value", prefix.empty() ? "\"\"" : shown(prefix)},
            {"expected", std::string(wanted)}});
}

void DocumentBuilder::end_element() {
  if (skipped_ > 0) {
    --skipped_;
    return;
  }
  const Open& open = open_.back();
  open.node->children_ = document_->arena_.keep(std::span<const Node* const>(children_).subspan(open.first_child));
  children_.resize(open.first_child);
  if (checks_) check_children(open);
  if (open_.size() > 1) children_.push_back(open.node);
  open_.pop_back();
}

// Every child that comes after one of a later row, and the first of each row that is one too many.
void DocumentBuilder::report_misshapen(const Node& node) {
  const auto& rows = node.row_->children;
  std::array<std::uint32_t, kMostChildRows> counts{};
  std::size_t reached = 0;
  for (const Node* child : node.children_) {
    const auto index =
        static_cast<std::size_t>(std::ranges::find(rows, child->row_, &ChildRow::element) - rows.begin());
    if (node.row_->content == Content::children && index < reached)
      defect("ELEMENT_OUT_OF_ORDER", *child, "",
             {{"element", std::string(child->name())}, {"after", std::string(rows[reached].element->name)}});
    reached = std::max(reached, index);
    if (++counts[index] != rows[index].most + 1) continue;
    // The schema lets a complement repeat; the rules do not, and the stamp has a check of its own (signatures).
    if (node.row_->content == Content::children) {
      defect("ELEMENT_REPEATED", *child, "",
             {{"element", std::string(child->name())}, {"most", std::to_string(rows[index].most)}});
    } else if (child->row_ != &timbre_row()) {
      report("COMPLEMENT_REPEATED", *child, "", {{"complement", std::string(child->row_->space->title)}});
    }
  }
}

void DocumentBuilder::check_children(const Open& open) {
  const Node& node = *open.node;
  const auto& rows = node.row_->children;
  if (open.out_of_shape) report_misshapen(node);
  std::string_view after = node.name();  // what stands before the place of the row: its parent's own tag to begin with
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (open.counts[i] < rows[i].least)
      defect("ELEMENT_MISSING", node, "",
             {{"element", std::string(rows[i].element->name)},
              {"parent", std::string(node.name())},
              {"least", std::to_string(rows[i].least)},
              {"after", "<" + std::string(after) + ">"}});
    if (open.counts[i] > 0) after = rows[i].element->name;
  }
  if (node.row_->content == Content::concept_complements && !open.holds_foreign)
    defect("ELEMENT_EMPTY", node, "", {{"element", std::string(node.name())}});
}

void DocumentBuilder::text(bool blank) {
  if (skipped_ > 0 || open_.empty() || !checks_) return;
  Open& open = open_.back();
  const ElementRow& row = *open.node->row_;
  if (row.content == Content::ignored || open.text_reported) return;
  // An element without children is empty: not even white space.
  const bool empty_content = row.content == Content::children && row.children.empty();
  if (blank && !empty_content) return;
  open.text_reported = true;
  defect("TEXT_NOT_ALLOWED", *open.node, "", {{"element", std::string(open.node->name())}});
}

std::shared_ptr<const Document> DocumentBuilder::finish() {
  if (document_->root_ == nullptr) return nullptr;
  if (document_->bytes_.starts_with("\xEF\xBB\xBF"))
    findings_.add("BYTE_ORDER_MARK").mutable_source()->set_document(document_->name_);
  const bool carta_porte = document_->carta_porte_ != nullptr || refused_carta_porte_;
  const bool comercio_exterior = document_->comercio_exterior_ != nullptr || refused_comercio_exterior_;
  if (carta_porte && comercio_exterior) {
    document_->kind_ = DocumentKind::export_invoice_with_carta_porte;
  } else if (carta_porte) {
    document_->kind_ = DocumentKind::carta_porte;
  } else if (comercio_exterior) {
    document_->kind_ = DocumentKind::export_invoice;
  } else if (document_->root_->attribute_or("TipoDeComprobante") == "I") {
    document_->kind_ = DocumentKind::invoice;
  }
  return document_;
}

}  // namespace puente::sat
