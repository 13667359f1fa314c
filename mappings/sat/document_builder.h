// Builds the typed document from the parser's events by the element tables, and judges its structure on the way: what
// the official schemas would say, enumerations of the catalogs aside. Elements match by namespace and place, never by
// prefix. A subtree that no row knows is skipped as a whole; so is Addenda, which nobody signed.
#pragma once

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "mappings/findings/findings.h"
#include "mappings/sat/document.h"
#include "mappings/sat/element_tables.h"
#include "mappings/sat/xml_parser.h"

namespace puente::sat {

class DocumentBuilder : public XmlHandler {
 public:
  DocumentBuilder(std::string_view name, std::string bytes, Findings& findings);

  const std::string& bytes() const { return document_->bytes_; }

  void start_element(std::string_view uri, std::string_view name, std::span<const XmlAttribute> attributes) override;
  void end_element() override;
  void text(bool blank) override;

  // After a whole document. Null when the root is no Comprobante.
  std::shared_ptr<const Document> finish();

  bool structure_failed() const { return structure_failed_; }
  // Nodes with a structural defect, and all above them.
  const std::unordered_set<const Node*>& unsound() const { return unsound_; }
  // A complement that Puente does not read: structure and seal cannot be judged.
  bool holds_unread() const { return holds_unread_; }
  // A version that Puente refuses: the seal is not judged.
  bool version_refused() const { return version_refused_; }
  // The root is of another version than 4.0.
  bool comprobante_refused() const { return comprobante_refused_; }

 private:
  static constexpr std::size_t kMostChildRows = 16;
  struct Open {
    Node* node;
    std::size_t first_child;                             // in children_
    std::array<std::uint32_t, kMostChildRows> counts{};  // by child row
    std::size_t last = 0, reached = 0;                   // child rows: of the last child, and the furthest so far
    bool out_of_shape = false;                           // some child comes too late or too often
    bool text_reported = false;
    bool holds_foreign = false;  // an element that is not a node of ours
  };

  void start_root(std::string_view uri, std::string_view name, std::span<const XmlAttribute> attributes);
  void start_foreign(Open& parent, std::string_view uri, std::string_view name);
  void start_foreign_complement(const Node& parent, std::string_view uri, std::string_view name);
  Node& add_node(const ElementRow& row, const Node* parent, bool repeats, std::uint32_t position,
                 std::span<const XmlAttribute> attributes);
  void read_attributes(Node& node, std::span<const XmlAttribute> attributes);
  void check_attribute(const Node& node, const AttributeRow& row, std::string_view raw, std::string_view collapsed);
  void check_required(const Node& node);
  void check_schema_location(const Node& node, const XmlAttribute& attribute);
  void check_prefix(const Node& node);
  void check_children(const Open& open);
  void report_misshapen(const Node& node);
  void refuse_comprobante(const Node& root, std::string_view version);
  // A structural defect: adds the finding and fails the stage. No more than Findings keeps get their texts and place.
  void defect(std::string_view code, const Node& node, std::string_view attribute, const FindingParams& params);
  // The same for an element that is no node: placed where its tag is, below `parent`.
  void foreign_defect(std::string_view code, const Node& parent, std::string_view name, const FindingParams& params);
  Finding& report_foreign(std::string_view code, const Node& parent, std::string_view name,
                          const FindingParams& params);
  Finding& report(std::string_view code, const Node& node, std::string_view attribute, const FindingParams& params);

  void fail(const Node& node);

  Findings& findings_;
  std::shared_ptr<Document> document_;
  StartTagCursor cursor_;
  std::size_t tag_offset_ = StartTagCursor::npos;
  std::vector<Open> open_;
  std::vector<const Node*> children_;     // of the open elements: of each those that are complete
  std::vector<std::string_view> values_;  // of the current element, by attribute row
  std::size_t skipped_ = 0;               // depth inside a subtree that is not read
  bool checks_ = true;                    // false below a root of a refused version
  bool structure_failed_ = false;
  std::unordered_set<const Node*> unsound_;
  bool holds_unread_ = false;
  bool version_refused_ = false;
  bool comprobante_refused_ = false;
  bool refused_carta_porte_ = false, refused_comercio_exterior_ = false;
};

}  // namespace puente::sat
