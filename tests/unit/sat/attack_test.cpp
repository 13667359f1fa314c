// Hostile and broken input: each has its finding and no crash; hostile_cost_test.cpp says what it costs. Source: security sections 5.1 to
// 5.4. Of the tricks of 5.4: are Read_ForgedPlaces, X-21 Read_DataInAddenda, X-23 Node_Values and SpacesAfterSealing, X-26 the
// twelve checks of signature_test.cpp, X-22 lineage_unsealed_test.cpp of the crosswalk; X-25 has no place here: no style sheet is ever run.
#include <gtest/gtest.h>

#include "tests/fuzz/demand.h"
#include "tests/unit/sat/documents.h"
#include "tests/unit/sat/sat_files.h"

namespace puente::sat {
namespace {

std::string repeat(std::string_view text, std::size_t times) {
  std::string out;
  out.reserve(text.size() * times);
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

std::string in_root(const std::string& content) { return "<a>" + content + "</a>"; }

std::string utf16(std::string_view text, bool mark) {
  std::string out = mark ? std::string("\xFF\xFE", 2) : std::string();
  for (const char c : text) {
    out += c;
    out += '\0';
  }
  return out;
}

struct Attack {
  std::string_view name;
  std::string bytes;
  std::string_view code;
};

std::vector<Attack> attacks() {
  const std::string bomb =
      "<!DOCTYPE a [<!ENTITY x \"ha\"><!ENTITY y \"&x;&x;&x;&x;&x;&x;&x;&x;\"><!ENTITY z "
      "\"&y;&y;&y;&y;&y;\">]><a>&z;</a>";
  std::string attributes = "<a";
  std::string prefixes = "<a";
  for (int i = 0; i < 2000; ++i) {
    attributes += " a" + std::to_string(i) + "=\"1\"";
    prefixes += " xmlns:p" + std::to_string(i) + "=\"urn:p" + std::to_string(i) + "\"";
  }
  return {
      {"nothing", "", "XML_EMPTY"},
      {"blanks", " \r\n\t", "XML_EMPTY"},
      {"a mark alone", "\xEF\xBB\xBF", "XML_EMPTY"},
      {"not XML", "SE10 this is no XML", "XML_MALFORMED"},
      {"doctype", "<!DOCTYPE a><a/>", "XML_DOCTYPE"},
      {"external entity", "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/hostname\">]><a>&x;</a>", "XML_DOCTYPE"},
      {"external DTD", "<!DOCTYPE a SYSTEM \"http://127.0.0.1:9/a.dtd\"><a/>", "XML_DOCTYPE"},
      {"entity bomb", bomb, "XML_DOCTYPE"},
      {"scanner differential", "<!DOCTYPE a [<!ENTITY x \"]><a>FORGED</a><!--\">]><a>REAL</a>", "XML_DOCTYPE"},
      {"doctype after a comment", "<!-- --><?pi x?><!DOCTYPE a><a/>", "XML_DOCTYPE"},
      {"declaration that ends in a value", "<?xml version=\"1.0 ?><a \"?><a/>", "XML_MALFORMED"},
      {"doctype after a short instruction", "<?p?><!DOCTYPE a><a/>", "XML_DOCTYPE"},
      {"undeclared entity", in_root("&x;"), "XML_MALFORMED"},
      {"depth", repeat("<a>", 100'000), "XML_TOO_DEEP"},
      {"elements", in_root(repeat("<b/>", 200'001)), "XML_TOO_MANY_ELEMENTS"},
      {"attributes", attributes + "/>", "XML_TOO_MANY_ATTRIBUTES"},
      {"prefixes", prefixes + "/>", "XML_TOO_MANY_PREFIXES"},
      {"text", in_root(repeat("0123456789abcdef", 70'000)), "XML_TOO_MUCH_TEXT"},
      {"comments", in_root("<!--" + repeat("0123456789abcdef", 70'000) + "-->"), "XML_TOO_MUCH_TEXT"},
      {"eleven MiB", std::string(11 * 1024 * 1024, ' ') + "<a/>", "XML_TOO_LARGE"},
      {"UTF-16 with a mark", utf16("<a/>", true), "XML_ENCODING"},
      {"UTF-16 without a mark", utf16("<a/>", false), "XML_ENCODING"},
      {"UTF-16 declared", "<?xml version=\"1.0\" encoding=\"UTF-16\"?><a/>", "XML_ENCODING"},
      {"UTF-7 declared", "<?xml version=\"1.0\" encoding=\"UTF-7\"?>+ADw-!DOCTYPE a+AD4-<a/>", "XML_ENCODING"},
      {"UTF-7 without saying so", "+ADw-a/+AD4-", "XML_MALFORMED"},
      {"EBCDIC", "\x4C\x6F\xA7\x94\x93", "XML_ENCODING"},
      {"Latin-1 declared", "<?xml version='1.0' encoding='ISO-8859-1'?><a/>", "XML_ENCODING"},
      {"encoding that is no text", "<?xml version='1.0' encoding='X\xF1\x80'?><a/>", "XML_ENCODING"},
      {"Latin-1 bytes", "<a b=\"Espa\xF1ola\"/>", "XML_NOT_UTF8"},
      {"overlong", "<a b=\"\xC0\xAF\"/>", "XML_NOT_UTF8"},
      {"surrogate", "<a b=\"\xED\xA0\x80\"/>", "XML_NOT_UTF8"},
      {"NUL", std::string("<a b=\"x\0y\"/>", 12), "XML_CONTROL_CHARACTER"},
      {"XML 1.1", "<?xml version=\"1.1\"?><a/>", "XML_VERSION"},
      {"unbound prefix", "<cfdi:Comprobante Version=\"4.0\"/>", "XML_UNBOUND_PREFIX"},
      {"truncated", signed_invoice().substr(0, 600), "XML_MALFORMED"},
      {"two roots", "<a/><a/>", "XML_MALFORMED"},
      {"attribute twice", "<a b=\"1\" b=\"2\"/>", "XML_MALFORMED"},
      {"no CFDI", "<invoice/>", "DOCUMENT_NOT_CFDI"},
      {"another namespace", replace(signed_invoice(), "sat.gob.mx/cfd/4", "sat.gob.mx/cfd/5"), "DOCUMENT_NOT_CFDI"},
  };
}

TEST(Read_HostileInput, IsRefusedWithItsFinding) {
  for (const auto& attack : attacks()) {
    const auto outcome = read("attack.xml", attack.bytes, {});
    SCOPED_TRACE(std::string(attack.name) + "\n" + codes(outcome.findings));
    EXPECT_TRUE(outcome.findings.has_code(attack.code));
    EXPECT_FALSE(outcome.accepted);
    EXPECT_EQ(outcome.document, nullptr);
    for (const auto& finding : outcome.findings) EXPECT_TRUE(fuzz::is_utf8(finding.detail() + finding.en()));
    const auto identity = identify(attack.bytes, {});
    EXPECT_EQ(identity.emisor_rfc + identity.folio_fiscal + identity.serie_folio, "");
    if (attack.code.starts_with("XML_")) {
      EXPECT_EQ(outcome.stages.xml, Stage::fail);
      EXPECT_EQ(outcome.findings.size(), 1u);
      EXPECT_EQ(outcome.stages.structure, Stage::unknown);
    } else {
      EXPECT_EQ(outcome.stages.structure, Stage::fail);
    }
  }
}

TEST(Read_AfterHostileInput, ReadsTheNextDocument) {
  for (const auto& attack : attacks()) {
    (void)read("attack.xml", attack.bytes, {});
    ASSERT_EQ(read("good.xml", signed_invoice(), {}).stages.structure, Stage::pass) << "after " << attack.name;
  }
}

TEST(Read_ExternalReference, IsNeverFollowed) {
  // The schema hints of every real CFDI point at a server; this one would hang or fail if anything asked it.
  const auto text = replace(signed_invoice(), " Version=",
                            " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:noNamespaceSchemaLocation="
                            "\"http://127.0.0.1:9/x.xsd\" xsi:schemaLocation=\"odd number of tokens\" Version=");
  EXPECT_EQ(read("hints.xml", text, {}).stages.structure, Stage::pass);
}

TEST(Read_CpuBudgetOfNothing, StopsReading) {
  ReadContext context;
  context.limits.cpu_seconds = -1;
  const auto outcome = read("slow.xml", in_root(repeat("<b/>", 5000)), context);
  EXPECT_TRUE(outcome.findings.has_code("XML_TOO_SLOW")) << codes(outcome.findings);
}

TEST(Read_CpuBudgetOfNothing, StopsAfterTheParse) {
  ReadContext context;
  context.limits.cpu_seconds = -1;
  const auto outcome = read("slow.xml", signed_invoice(), context);  // too small for the parser to look
  EXPECT_EQ(outcome.stages.xml, Stage::pass);
  for (const Stage stage : {outcome.stages.seal, outcome.stages.stamp, outcome.stages.rules})
    EXPECT_EQ(stage, Stage::unknown);
  EXPECT_FALSE(outcome.accepted);
  EXPECT_TRUE(outcome.findings.has_code("XML_TOO_SLOW")) << codes(outcome.findings);
}

TEST(Read_PlaceOfMalformed_IsTold, WithLineAndColumn) {
  const auto outcome = read("bad.xml", "<a>\n  <b c=\"Espa\xF1ola\"/>\n</a>", {});
  ASSERT_EQ(outcome.findings.size(), 1u);
  const auto& place = outcome.findings.list().front().source();
  EXPECT_EQ(place.document(), "bad.xml");
  EXPECT_EQ(place.line(), 2u);
  EXPECT_EQ(place.column(), 13u);
  EXPECT_EQ(place.byte_offset(), 16u);
}

struct Trick {
  std::string_view name;
  std::string bytes;
  std::string_view code;
};

TEST(Read_ForgedPlaces, AreFindings) {
  const std::string second = "<cfdi:Comprobante Version=\"4.0\"/>";
  const std::vector<Trick> tricks = {
      {"second Comprobante", replace(signed_invoice(), "<cfdi:Conceptos>", second + "<cfdi:Conceptos>"),
       "ELEMENT_MISPLACED"},
      {"Comprobante in Complemento", signed_invoice(second), "ELEMENT_MISPLACED"},
      {"second stamp", signed_invoice(timbre() + timbre("t")), "STAMP_REPEATED"},
      {"stamp outside Complemento", replace(signed_invoice(), "<cfdi:Conceptos>", timbre() + "<cfdi:Conceptos>"),
       "ELEMENT_MISPLACED"},
      {"Carta Porte outside Complemento",
       replace(signed_invoice(), "<cfdi:Conceptos>",
               "<cp:CartaPorte xmlns:cp=\"http://www.sat.gob.mx/CartaPorte31\" Version=\"3.1\"/><cfdi:Conceptos>"),
       "ELEMENT_MISPLACED"},
      {"Comercio Exterior in a Concepto",
       replace(signed_invoice(), "ObjetoImp=\"01\"/>",
               "ObjetoImp=\"01\"><cce:ComercioExterior xmlns:cce=\"http://www.sat.gob.mx/ComercioExterior20\" "
               "Version=\"2.0\"/></cfdi:Concepto>"),
       "ELEMENT_MISPLACED"},
      {"Carta Porte twice",
       signed_invoice("<cp:CartaPorte xmlns:cp=\"http://www.sat.gob.mx/CartaPorte31\" Version=\"3.1\"/>"
                      "<cp:CartaPorte xmlns:cp=\"http://www.sat.gob.mx/CartaPorte31\" Version=\"3.1\"/>"),
       "COMPLEMENT_REPEATED"},
      {"stamp in the stamp's place of another element",
       signed_invoice("<x:y xmlns:x=\"http://www.sat.gob.mx/TimbreFiscalDigital\">" + timbre() + "</x:y>"),
       "ELEMENT_UNKNOWN"},
      {"Emisor of a complement's name",
       replace(signed_invoice(), "<cfdi:Emisor ", "<cfdi:Emisor xmlns:cfdi=\"http://www.sat.gob.mx/ComercioExterior20\" "),
       "ELEMENT_MISPLACED"},
      {"default namespace changed below",
       replace(signed_invoice(), "<cfdi:Emisor ", "<Emisor xmlns=\"http://www.sat.gob.mx/cfd/3\" Rfc=\"x\"/><cfdi:Emisor "),
       "ELEMENT_MISPLACED"},
      {"second Emisor",
       replace(signed_invoice(), "<cfdi:Receptor", "<cfdi:Emisor Rfc=\"XAXX010101000\"/><cfdi:Receptor"),
       "ELEMENT_REPEATED"},
      {"same name, no namespace", replace(signed_invoice(), "<cfdi:Emisor ", "<Emisor "), "ELEMENT_UNKNOWN"},
      {"prefix bound elsewhere", replace(signed_invoice(), "<cfdi:Emisor ", "<cfdi:Emisor xmlns:cfdi=\"urn:forged\" "),
       "ELEMENT_UNKNOWN"},
      {"attribute in a namespace", replace(signed_invoice(), " Total=", " xmlns:x=\"urn:x\" x:Total=\"1\" Total="),
       "ATTRIBUTE_UNKNOWN"},
      {"xsi:nil",
       replace(signed_invoice(),
               " Version=", " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:nil=\"true\" Version="),
       "ATTRIBUTE_UNKNOWN"},
      {"text between elements", replace(signed_invoice(), "<cfdi:Conceptos>", "<cfdi:Conceptos>text"),
       "TEXT_NOT_ALLOWED"},
  };
  for (const auto& trick : tricks) {
    const auto outcome = read("trick.xml", trick.bytes, {});
    SCOPED_TRACE(std::string(trick.name) + "\n" + codes(outcome.findings));
    EXPECT_EQ(outcome.stages.xml, Stage::pass);
    EXPECT_TRUE(outcome.findings.has_code(trick.code));
    EXPECT_FALSE(outcome.accepted);
  }
}

TEST(Read_UnknownComplement, IsNamedAndTheRestIsRead) {
  for (const auto& bytes :
       {signed_invoice("<x:Thing xmlns:x=\"urn:x\" A=\"1\"><x:Inner/></x:Thing>"),
        replace(signed_invoice(), "ObjetoImp=\"01\"/>",
                "ObjetoImp=\"01\"><cfdi:ComplementoConcepto><x:Thing "
                "xmlns:x=\"urn:x\"/></cfdi:ComplementoConcepto></cfdi:Concepto>")}) {
    const auto outcome = read("unknown.xml", bytes, {});
    SCOPED_TRACE(codes(outcome.findings));
    EXPECT_TRUE(outcome.findings.has_code("COMPLEMENT_UNKNOWN"));
    for (const Finding& finding : outcome.findings)
      if (finding.code() == "COMPLEMENT_UNKNOWN") {
        EXPECT_EQ(finding.severity(), Severity::SEVERITY_WARNING);
        EXPECT_EQ(finding.params().at("namespace"), "urn:x");
        EXPECT_GT(finding.source().line(), 0u);
      }
    EXPECT_EQ(outcome.stages.structure, Stage::unknown);
    EXPECT_EQ(outcome.stages.rules, Stage::pass);
    ASSERT_NE(outcome.document, nullptr);
    EXPECT_EQ(outcome.document->comprobante().attribute("Total"), "116.00");
  }
}

TEST(Read_DataInAddenda, IsNeverRead) {
  const auto text = replace(signed_invoice(), "</cfdi:Complemento>",
                            "</cfdi:Complemento><cfdi:Addenda>free text<cfdi:Emisor Rfc=\"XAXX010101000\"/>" +
                                timbre() + "<any xmlns=\"urn:any\"><thing/></any></cfdi:Addenda>");
  const auto outcome = read("addenda.xml", text, {});
  EXPECT_EQ(outcome.stages.structure, Stage::pass) << codes(outcome.findings);
  EXPECT_EQ(outcome.stages.stamp, Stage::absent);
  ASSERT_NE(outcome.document, nullptr);
  EXPECT_EQ(outcome.document->timbre(), nullptr);
  EXPECT_EQ(outcome.document->comprobante().children("Emisor").size(), 1u);
  EXPECT_TRUE(outcome.document->comprobante().child("Addenda")->children().empty());
  EXPECT_EQ(identify(text, {}).folio_fiscal, "");
}

TEST(Read_OtherPrefixes_MeanTheSame, WhenTheNamespaceIs) {
  std::string text = signed_invoice(timbre("stamp"));
  for (auto at = text.find("cfdi:"); at != std::string::npos; at = text.find("cfdi:")) text.erase(at, 5);
  text = replace(text, "xmlns:cfdi=", "xmlns=");
  const auto outcome = read("default.xml", text, {});
  EXPECT_EQ(outcome.stages.structure, Stage::pass) << codes(outcome.findings);
  EXPECT_EQ(outcome.folio_fiscal, "A1B2C3D4-0000-1111-2222-333344445555");
  EXPECT_EQ(cadena_original(*outcome.document),
            cadena_original(*read("plain.xml", signed_invoice(timbre()), {}).document));
}

TEST(Read_ManyDefects, KeepsABoundedList) {
  std::string text = signed_invoice();
  text = replace(text, "<cfdi:Conceptos>", "<cfdi:Conceptos>" + repeat("<cfdi:Concepto/>", 50'000));
  const auto outcome = read("defects.xml", text, {});
  EXPECT_EQ(outcome.findings.size(), Findings::kLimit);
  EXPECT_GT(outcome.findings.left_out(), 100'000u);
  EXPECT_FALSE(outcome.accepted);
}

}  // namespace
}  // namespace puente::sat
