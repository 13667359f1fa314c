// X-22 of security section 5.4: what the seal does not cover is flagged wherever it is used. The oracle is the cadena
// original itself: a value is sealed when another one in its place makes another cadena.
#include <gtest/gtest.h>

#include <algorithm>

#include "mappings/crosswalk/lineage.h"
#include "mappings/sat/element_tables.h"
#include "tests/unit/crosswalk/shipment_samples.h"

namespace puente::crosswalk {
namespace {

using namespace samples;

std::string cadenas(const sat::Document& document) {
  return sat::cadena_original(document) +
         (document.timbre() == nullptr ? "" : sat::cadena_original_timbre(*document.timbre()));
}

// Whether another value at this place is another cadena; nullopt where there is no value to change.
std::optional<bool> changes_cadena(const sat::Document& document, const SourcePlace& place) {
  std::string bytes = document.bytes();
  const auto quote = bytes.find('"', place.byte_offset());
  if (bytes[place.byte_offset()] == '<' || quote == std::string::npos) return std::nullopt;
  bytes.insert(quote + 1, "Z");
  const auto other = sat::read(document.name(), bytes, {}).document;
  if (other == nullptr) return std::nullopt;  // the version itself
  return cadenas(*other) != cadenas(document);
}

void expect_flags(const sat::Document& document, const sat::Node& node, std::size_t& sealed, std::size_t& unsealed) {
  for (const sat::AttributeRow& row : node.row().attributes) {
    if (!node.attribute(row.name)) continue;
    const auto source = from_document(node, row.name);
    const auto changes = changes_cadena(document, source.place());
    if (!changes) continue;
    EXPECT_EQ(source.unsealed(), !*changes) << source.place().path();
    ++(*changes ? sealed : unsealed);
  }
  for (const sat::Node* child : node.children()) expect_flags(document, *child, sealed, unsealed);
}

TEST(Lineage_EveryAttribute_IsFlaggedUnsealed, ExactlyWhenTheCadenaLeavesItOut) {
  std::string text(carta_porte().document->bytes());
  const std::string root = "<cfdi:Comprobante ";
  text.insert(text.find(root) + root.size(),
              R"(Sello="c2VsbG8=" Certificado="Y2VydA==" NoCertificado="30001000000500003416" )");
  const auto document = sat::read("sealed.xml", text, {}).document;
  ASSERT_NE(document, nullptr);
  std::size_t sealed = 0, unsealed = 0;
  expect_flags(*document, document->comprobante(), sealed, unsealed);
  EXPECT_GT(sealed, 50u);
  EXPECT_EQ(unsealed, 3u);  // Sello and Certificado, SelloSAT
}

TEST(Lineage_OfADraft_FlagsWhatTheSealDoesNotCover, AndNothingElse) {
  const std::vector<ShipmentDocument> documents = {invoice(), carta_porte()};
  const v1::Draft draft = draft_of(documents, notice());
  std::size_t checked = 0;
  for (const v1::Lineage& row : draft.lineage())
    for (const v1::LineageSource& source : row.sources()) {
      if (source.kind() != v1::LineageSource::DOCUMENT) {
        EXPECT_FALSE(source.unsealed()) << row.element();
        continue;
      }
      const auto of = std::ranges::find_if(
          documents, [&](const ShipmentDocument& d) { return d.document->name() == source.place().document(); });
      ASSERT_NE(of, documents.end()) << source.place().document();
      const auto changes = changes_cadena(*of->document, source.place());
      if (!changes) continue;
      ++checked;
      EXPECT_EQ(source.unsealed(), !*changes) << row.element() << " from " << source.place().path();
    }
  EXPECT_GT(checked, 60u);
}

}  // namespace
}  // namespace puente::crosswalk
