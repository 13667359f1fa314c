// The typed document: places, values as the cadena projects them, versions refused, rules, the generated page.
#include <gtest/gtest.h>

#include <cstdlib>

#include "mappings/sat/documentation.h"
#include "mappings/sat/element_tables.h"
#include "mappings/sat/value_check.h"
#include "mappings/sat/versions.h"
#include "mappings/sat/xml_bytes.h"
#include "tests/unit/sat/documents.h"
#include "tests/unit/sat/sat_files.h"

namespace puente::sat {
namespace {

std::shared_ptr<const Document> document_of(const std::string& text) {
  auto outcome = read("factura.xml", text, {});
  EXPECT_NE(outcome.document, nullptr) << codes(outcome.findings);
  return outcome.document;
}

TEST(Node_PlaceOfAttribute, HasPathLineColumnAndOffset) {
  const std::string text = signed_invoice();
  const auto document = document_of(text);
  const auto concepts = document->comprobante().find_all("Conceptos/Concepto");
  ASSERT_EQ(concepts.size(), 2u);
  const auto place = concepts[1]->place("Importe");
  EXPECT_EQ(place.document(), "factura.xml");
  EXPECT_EQ(place.path(), "/cfdi:Comprobante/cfdi:Conceptos/cfdi:Concepto[2]/@Importe");
  EXPECT_EQ(place.line(), 7u);
  EXPECT_EQ(text.substr(place.byte_offset(), 16), "Importe=\"50.00\" ");
  const auto line_begin = text.rfind('\n', place.byte_offset()) + 1;
  EXPECT_EQ(place.column(), place.byte_offset() - line_begin + 1);
}

TEST(Node_ColumnAfterAccents_CountsCharacters, NotBytes) {
  const std::string text = signed_invoice();
  const auto place = document_of(text)->comprobante().child("Receptor")->place("UsoCFDI");
  const auto line_begin = text.rfind('\n', place.byte_offset()) + 1;
  EXPECT_EQ(place.column(), place.byte_offset() - line_begin);  // one character of the name has two bytes
}

// One to four bytes, one and two units of UTF-16, wherever the parser's buffers cut them (16 K characters, 48 K bytes).
TEST(Node_LongValueOfManyScripts, IsWhatTheBytesSay) {
  std::string value;
  while (value.size() < 200'000) value += "a\xC3\xB1\xE2\x82\xAC\xF0\x9F\x98\x80" + std::string(value.size() % 37, 'x');
  for (std::size_t shift = 0; shift < 20; ++shift) {
    const std::string shifted = std::string(shift, '-') + value;
    const auto mark = shift % 2 == 0 ? "" : "\xEF\xBB\xBF";
    const auto document = document_of(
        mark + replace(signed_invoice(), "NoIdentificacion=\"P-1\"", "NoIdentificacion=\"" + shifted + "\""));
    EXPECT_EQ(document->comprobante().find("Conceptos/Concepto")->attribute("NoIdentificacion"), shifted) << shift;
  }
}

TEST(Node_PlaceOfAbsentAttribute, IsTheElement) {
  const std::string text = signed_invoice();
  const auto place = document_of(text)->comprobante().child("Emisor")->place("FacAtrAdquirente");
  EXPECT_EQ(text.substr(place.byte_offset(), 12), "<cfdi:Emisor");
  EXPECT_EQ(place.path(), "/cfdi:Comprobante/cfdi:Emisor/@FacAtrAdquirente");
}

TEST(LineIndex_EveryOffset_HasTheLineAndColumnOfACount, AlsoAcrossBlocks) {
  std::string text = "\xEF\xBB\xBF";
  for (int i = 0; text.size() < 9000; ++i) text += i % 700 < 350 ? "\n" : (i % 3 == 0 ? "ñ" : "ab\r\n");
  text += std::string(5000, 'x');
  const LineIndex index(text);
  std::uint32_t line = 1, column = 0;
  for (std::size_t at = 0; at <= text.size(); ++at) {
    const auto byte = at < text.size() ? static_cast<unsigned char>(text[at]) : 0u;
    if (at >= 3 && (byte & 0xC0) != 0x80) {
      ++column;
      const LineColumn where = index.locate(text, at);
      ASSERT_EQ(where.line, line) << at;
      ASSERT_EQ(where.column, column) << at;
    }
    if (byte == '\n') {
      ++line;
      column = 0;
    }
  }
}

TEST(Node_PlaceAmongCommentsAndCdata, IsStillRight) {
  const std::string noise = "<!-- <cfdi:Emisor> --><?pi <cfdi:Emisor>?>";
  const std::string text = replace(signed_invoice(), "<cfdi:Emisor ", noise + "<cfdi:Emisor a='>' ");
  const auto place = document_of(text)->comprobante().child("Emisor")->place("Nombre");
  EXPECT_EQ(text.substr(place.byte_offset(), 8), "Nombre=\"");
}

TEST(Node_Values_AreAsTheCadenaProjectsThem, WithSpacesCollapsed) {
  const std::string text =
      replace(signed_invoice(), "Descripcion=\"Uno\"", "Descripcion=\"  Uno \t y&#xA;&#x9; dos\xC2\xA0 \"");
  const auto document = document_of(text);
  const Node* concepto = document->comprobante().find("Conceptos/Concepto");
  EXPECT_EQ(concepto->attribute("Descripcion"), "Uno y dos\xC2\xA0");
  EXPECT_NE(cadena_original(*document).find("|Uno y dos\xC2\xA0|"), std::string::npos);
}

TEST(Node_Sealed_FollowsTheTables, ForSelloAndCertificado) {
  const auto document = document_of(signed_invoice(timbre()));
  EXPECT_TRUE(document->comprobante().sealed("Total"));
  EXPECT_FALSE(document->comprobante().sealed("Sello"));
  EXPECT_FALSE(document->comprobante().sealed("Certificado"));
  EXPECT_TRUE(document->timbre()->sealed("UUID"));
  EXPECT_FALSE(document->timbre()->sealed("SelloSAT"));
}

TEST(Cadena_OfSmallInvoice, IsAsTheStyleSheetWrites) {
  EXPECT_EQ(cadena_original(*document_of(signed_invoice(timbre()))),
            "||4.0|A|17|2026-03-02T10:00:00|03|30001000000500003416|100.00|MXN|116.00|I|01|PUE|64000|EKU9003173C9|"
            "ESCUELA KEMPER URGATE|601|URE180429TM6|UNIVERSIDAD ROBOTICA ESPAÑOLA|86991|601|G01|10101500|P-1|2|H87|Uno|"
            "25.00|50.00|01|10101500|1|H87|Dos|50.00|50.00|02|100.00|002|Tasa|0.160000|16.00|100.00|002|Tasa|0.160000|"
            "16.00|16.00||");
}

TEST(Cadena_TotalsOfTaxes_FollowTheirOwnGroup, RetencionesFirst) {
  const std::string text =
      replace(signed_invoice(), "<cfdi:Impuestos TotalImpuestosTrasladados=\"16.00\">",
              "<cfdi:Impuestos TotalImpuestosRetenidos=\"4.00\" TotalImpuestosTrasladados=\"16.00\"><cfdi:Retenciones>"
              "<cfdi:Retencion Impuesto=\"001\" Importe=\"4.00\"/></cfdi:Retenciones>");
  const std::string cadena = cadena_original(*document_of(text));
  EXPECT_TRUE(cadena.ends_with("|001|4.00|4.00|100.00|002|Tasa|0.160000|16.00|16.00||")) << cadena;
}

TEST(Cadena_EmptyOptionalAttribute_WritesAField, ButAbsentOneDoesNot) {
  const std::string text = replace(signed_invoice(), "NoIdentificacion=\"P-1\"", "NoIdentificacion=\"\"");
  EXPECT_NE(cadena_original(*document_of(text)).find("|10101500||2|"), std::string::npos);
}

TEST(CadenaTimbre_OfStamp, LeavesSelloSatOut) {
  EXPECT_EQ(
      cadena_original_timbre(*document_of(signed_invoice(timbre()))->timbre()),
      "||1.1|a1b2c3d4-0000-1111-2222-333344445555|2026-03-02T10:05:00|SPR190613I52|c2VsbG8=|30001000000500003456||");
}

TEST(Identify_Document_GivesIdentity, WithoutSignatures) {
  const auto identity = identify(signed_invoice(timbre()), {});
  EXPECT_EQ(identity.folio_fiscal, "A1B2C3D4-0000-1111-2222-333344445555");
  EXPECT_EQ(identity.emisor_rfc, kEmisorRfc);
  EXPECT_EQ(identity.serie_folio, "A17");
}

TEST(Kind_OfPlainInvoice, IsInvoice) {
  const auto document = document_of(signed_invoice());
  EXPECT_EQ(document->kind(), DocumentKind::invoice);
  EXPECT_EQ(document->serie_folio(), "A17");
  EXPECT_EQ(document->folio_fiscal(), "");
}

TEST(Read_RefusedVersions, NameTheVersionToUse) {
  struct Case {
    std::string bytes;
    std::string_view code, use;
    DocumentKind kind;
  };
  const auto complement = [](std::string_view name, std::string_view uri) {
    return signed_invoice("<c:" + std::string(name) + " xmlns:c=\"" + std::string(uri) + "\"/>" + timbre());
  };
  const std::string old =
      replace(replace(signed_invoice(timbre()), "cfd/4", "cfd/3"), "Version=\"4.0\"", "Version=\"3.3\"");
  const std::vector<Case> cases = {{old, "CFDI_VERSION_REFUSED", "4.0", DocumentKind::other},
                                   {complement("CartaPorte", "http://www.sat.gob.mx/CartaPorte20"),
                                    "COMPLEMENT_VERSION_REFUSED", "3.1", DocumentKind::carta_porte},
                                   {complement("CartaPorte", "http://www.sat.gob.mx/CartaPorte30"),
                                    "COMPLEMENT_VERSION_REFUSED", "3.1", DocumentKind::carta_porte},
                                   {complement("ComercioExterior", "http://www.sat.gob.mx/ComercioExterior11"),
                                    "COMPLEMENT_VERSION_REFUSED", "2.0", DocumentKind::export_invoice}};
  for (const auto& refused : cases) {
    const auto outcome = read("old.xml", refused.bytes, {});
    SCOPED_TRACE(codes(outcome.findings));
    ASSERT_TRUE(outcome.findings.has_code(refused.code));
    for (const auto& finding : outcome.findings)
      if (finding.code() == refused.code) {
        EXPECT_EQ(finding.params().at("use"), refused.use);
      }
    EXPECT_EQ(outcome.stages.structure, Stage::fail);
    EXPECT_EQ(outcome.stages.seal, Stage::unknown);
    EXPECT_EQ(outcome.stages.stamp, Stage::unknown) << "its certificate is not at hand";
    EXPECT_EQ(outcome.folio_fiscal, "A1B2C3D4-0000-1111-2222-333344445555");
    if (refused.kind != DocumentKind::other) {
      EXPECT_EQ(outcome.kind, refused.kind);
    }
  }
}

TEST(Read_AllowedUnreadComplement, LeavesStructureUnknown) {
  const auto outcome =
      read("locales.xml",
           signed_invoice("<l:ImpuestosLocales xmlns:l=\"http://www.sat.gob.mx/implocal\" version=\"1.0\"/>"), {});
  EXPECT_TRUE(outcome.findings.has_code("COMPLEMENT_NOT_READ")) << codes(outcome.findings);
  EXPECT_EQ(outcome.stages.structure, Stage::unknown);
}

TEST(Rules_BrokenSums, AreFindingsAtTheirPlace) {
  const auto outcome = read("sums.xml", replace(signed_invoice(), "SubTotal=\"100.00\"", "SubTotal=\"100.01\""), {});
  EXPECT_EQ(outcome.stages.rules, Stage::fail);
  bool found = false;
  for (const auto& finding : outcome.findings) {
    if (finding.code() != "SUBTOTAL_NOT_SUM") continue;
    found = true;
    EXPECT_EQ(finding.params().at("expected"), "100");
    EXPECT_EQ(finding.source().path(), "/cfdi:Comprobante/@SubTotal");
    EXPECT_EQ(finding.authority_rule(), "CFDI40108");
  }
  EXPECT_TRUE(found) << codes(outcome.findings);
}

TEST(Rules_ImporteWithinLimits_Pass, AndOutsideFail) {
  // 3 x 33.33 at these decimals lies between 83.31 and 116.70.
  const auto with = [](std::string_view importe) {
    return read("limits.xml",
                replace(replace(replace(signed_invoice(), "Cantidad=\"2\"", "Cantidad=\"3\""),
                                "ValorUnitario=\"25.00\"", "ValorUnitario=\"33.33\""),
                        "Importe=\"50.00\"", "Importe=\"" + std::string(importe) + "\""),
                {});
  };
  EXPECT_FALSE(with("83.31").findings.has_code("IMPORTE_OUT_OF_LIMITS"));
  EXPECT_FALSE(with("116.68").findings.has_code("IMPORTE_OUT_OF_LIMITS"));
  EXPECT_TRUE(with("83.30").findings.has_code("IMPORTE_OUT_OF_LIMITS"));
  EXPECT_TRUE(with("116.69").findings.has_code("IMPORTE_OUT_OF_LIMITS"));
}

TEST(Rules_AmountsBeyondArithmetic, AreFindingsToo) {
  const std::string huge(18, '9');
  const auto text = replace(replace(signed_invoice(), "Cantidad=\"2\"", "Cantidad=\"" + std::string(40, '9') + "\""),
                            "ValorUnitario=\"25.00\"", "ValorUnitario=\"" + huge + ".999999\"");
  const auto outcome = read("huge.xml", text, {});
  EXPECT_EQ(outcome.stages.structure, Stage::pass) << codes(outcome.findings);
  EXPECT_TRUE(outcome.findings.has_code("AMOUNT_OUT_OF_RANGE"));
}

TEST(CompareDecimals_ByValue, IgnoresHowTheyAreWritten) {
  EXPECT_EQ(compare_decimals("1.0", "+01."), 0);
  EXPECT_EQ(compare_decimals("-0", "0.00"), 0);
  EXPECT_LT(compare_decimals("-2", "1"), 0);
  EXPECT_LT(compare_decimals("-2", "-1.5"), 0);
  EXPECT_GT(compare_decimals("10", "9.999"), 0);
  EXPECT_LT(compare_decimals(".000001", ".00001"), 0);
}

TEST(Pattern_OfTheOfficialSchemas, MatchesWholeValues) {
  EXPECT_TRUE(row::kRfc.matches("ÑAB010131AB1"));
  EXPECT_TRUE(row::kRfc.matches("H&E951128469"));
  EXPECT_FALSE(row::kRfc.matches("ÑAB010132AB1"));
  EXPECT_FALSE(row::kRfc.matches("ñAB010131AB1"));
  EXPECT_TRUE(row::kCurp.matches("HEGG560427MVZRRL04"));
  EXPECT_FALSE(row::kCurp.matches("HEGG560427MZZRRL04"));
  EXPECT_FALSE(row::kDigits5.matches("123456"));
  EXPECT_FALSE(row::kDigits5.matches(""));
  static constexpr Pattern kPlaca("[^(?!.*\\s)-]{5,7}");
  EXPECT_TRUE(kPlaca.matches("ÑÑÑÑÑÑÑ"));
  EXPECT_FALSE(kPlaca.matches("AB-1234"));
  EXPECT_FALSE(kPlaca.matches("AB 1234"));
}

// Defects of issuing systems that are passed over: told, and nothing else follows from them.
TEST(Repairs, AreTold_AndTheDocumentIsReadAsItStands) {
  constexpr std::string_view kHint = "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:schemaLocation=\"";
  const auto hinted = [&](std::string_view pairs) {
    return replace(signed_invoice(), " Version=\"4.0\"",
                   " " + std::string(kHint) + std::string(pairs) + "\" Version=\"4.0\"");
  };
  const std::string cfdi = "http://www.sat.gob.mx/cfd/4 http://www.sat.gob.mx/sitio_internet/cfd/4/cfdv40.xsd";
  struct Case {
    std::string bytes;
    std::string_view code;  // "" for none
  };
  const Case cases[] = {
      {hinted(cfdi), ""},
      {hinted(cfdi + " http://www.sat.gob.mx/CartaPorte31 "
                     "https://www.sat.gob.mx/sitio_internet/cfd/CartaPorte/CartaPorte31.xsd urn:x y.xsd"),
       ""},
      {hinted(cfdi + " http://www.sat.gob.mx/CartaPorte31 "
                     "http://www.sat.gob.mx/sitio_internet/cfd/CartaPorte31/CartaPorte31.xsd"),
       "SCHEMA_LOCATION_BROKEN"},
      {hinted(cfdi + " http://www.sat.gob.mx/CartaPorte31"), "SCHEMA_LOCATION_BROKEN"},
      {replace(signed_invoice(), "<cfdi:Emisor ", "<cfdi:Emisor " + std::string(kHint) + cfdi + "\" "),
       "SCHEMA_LOCATION_BROKEN"},
      {signed_invoice(timbre("t")), "PREFIX_UNUSUAL"},
      {signed_invoice(timbre()), ""},
      {"\xEF\xBB\xBF" + signed_invoice(), "BYTE_ORDER_MARK"},
  };
  for (const Case& one : cases) {
    const auto outcome = read("repair.xml", one.bytes, {});
    SCOPED_TRACE(one.bytes.substr(0, 300) + "\n" + codes(outcome.findings));
    EXPECT_EQ(outcome.stages.structure, Stage::pass);
    EXPECT_EQ(outcome.document->bytes(), one.bytes);
    for (const std::string_view repair : repairs())
      EXPECT_EQ(outcome.findings.has_code(repair), repair == one.code) << repair;
  }
}

void expect_in_step(const std::filesystem::path& page, const std::string& rendered) {
  const std::filesystem::path file = PUENTE_SOURCE_DIR "/mappings/sat" / page;
  if (std::getenv("PUENTE_BLESS") != nullptr) std::ofstream(file, std::ios::binary) << rendered;
  EXPECT_EQ(read_file(file), rendered) << "run this test once with PUENTE_BLESS=1 in the environment";
}

TEST(ElementsPage_InTheTree, IsWhatTheTablesRender) { expect_in_step("ELEMENTS.md", render_elements()); }
TEST(RulesPage_InTheTree, IsWhatTheTablesRender) { expect_in_step("RULES.md", render_rules()); }

}  // namespace
}  // namespace puente::sat
