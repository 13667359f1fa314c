#include "gateway/app/findings_text.h"

#include <gtest/gtest.h>

#include <sstream>

namespace puente::app {
namespace {

SourcePlace place_at(std::string_view document, std::string_view what) {
  SourcePlace place;
  place.set_byte_offset(document.find(what));
  place.set_line(1);
  place.set_column(1);
  return place;
}

constexpr std::size_t kWidth = 60;

TEST(Excerpt, OfAnAttribute_IsMarkedToTheEndOfItsValue) {
  const std::string document = "<a>\n   <b Uno=\"1\" Año=\"2026\" Tres=\"3\"/>\n</a>";
  EXPECT_EQ(excerpt(document, place_at(document, "Año"), kWidth),
            "<b Uno=\"1\" Año=\"2026\" Tres=\"3\"/>\n"
            "           ^~~~~~~~~~\n");
}

TEST(Excerpt, OfAnElement_IsMarkedToTheEndOfItsName) {
  const std::string document = "<a><cfdi:Emisor Rfc=\"X\"/></a>";
  EXPECT_EQ(excerpt(document, place_at(document, "<cfdi:E"), kWidth),
            "<a><cfdi:Emisor Rfc=\"X\"/></a>\n"
            "   ^~~~~~~~~~~~\n");
}

TEST(Excerpt, OfALongLine_IsAWindowThatFitsAndSplitsNoCharacter) {
  std::string document = "<a";
  for (int i = 0; i < 200; ++i) document += " ñandú" + std::to_string(i) + "=\"ü\"";
  document += "/>";
  const std::string shown = excerpt(document, place_at(document, "ñandú100"), kWidth);
  const std::string text = shown.substr(0, shown.find('\n'));
  EXPECT_LE(columns_of(text), kWidth + 6);
  EXPECT_NE(text.find("ñandú100=\"ü\""), std::string::npos);
  EXPECT_EQ(shown.find("\xEF\xBF\xBD"), std::string::npos) << shown;
  const std::string caret = shown.substr(shown.find('\n') + 1);
  EXPECT_EQ(caret.find('^'), columns_of(text.substr(0, text.find("ñandú100"))));
}

TEST(Excerpt, OfHostileText_StealsNoTerminal) {
  const std::string document = "<a b=\"\x1b[31m\xE2\x80\xAE\" c=\"1\"/>";
  const std::string shown = excerpt(document, place_at(document, "c="), kWidth);
  EXPECT_EQ(shown.find('\x1b'), std::string::npos);
  EXPECT_EQ(shown.find("\xE2\x80\xAE"), std::string::npos);
}

TEST(Excerpt, WithoutALineOrBeyondTheBytes_IsEmpty) {
  EXPECT_EQ(excerpt("<a/>", SourcePlace(), kWidth), "");
  SourcePlace beyond;
  beyond.set_line(3);
  beyond.set_byte_offset(99);
  EXPECT_EQ(excerpt("<a/>", beyond, kWidth), "");
  SourcePlace last;
  last.set_line(1);
  last.set_byte_offset(3);
  EXPECT_EQ(excerpt("<a/>", last, kWidth), "<a/>\n   ^\n");
}

TEST(PrintFinding, ShowsTheLineOnlyOnATerminal) {
  const std::string document = "<a b=\"1\"/>";
  Finding finding = make_finding("ATTRIBUTE_EMPTY", {{"attribute", "b"}});
  *finding.mutable_source() = place_at(document, "b=");
  for (const bool tty : {true, false}) {
    std::ostringstream out;
    Printer printer(out, tty, false);
    print_finding(printer, finding, Language::en, "  ", document);
    EXPECT_EQ(out.str().find("^~~~~") != std::string::npos, tty);
  }
}

TEST(ListsTogether, AreOneFindingInThePlaceOfTheFirst) {
  const auto missing = [](const char* list) { return make_finding("SAT_LIST_NOT_LOADED", {{"list", list}}); };
  const auto told = lists_together(
      {make_finding("FORMA_PAGO_PPD"), missing("c_Colonia"), make_finding("XML_EMPTY"), missing("c_CodigoPostal")});
  ASSERT_EQ(told.size(), 3U);
  EXPECT_EQ(told[1].params().at("list"), "c_Colonia, c_CodigoPostal");
  EXPECT_EQ(told[2].code(), "XML_EMPTY");
  EXPECT_EQ(lists_together({make_finding("XML_EMPTY")}).size(), 1U);
}

TEST(PrintFinding, NamesTheOverrideThatActed) {
  Finding finding = make_finding("FORMA_PAGO_PPD");
  finding.mutable_override()->set_was(v1::SEVERITY_ERROR);
  finding.mutable_override()->set_owner("ana");
  finding.mutable_override()->set_reason("ticket 4711");
  finding.mutable_override()->set_expires("2027-01-31");
  finding.set_severity(v1::SEVERITY_WARNING);
  std::ostringstream out;
  Printer printer(out, false, false);
  print_finding(printer, finding, Language::es);
  EXPECT_NE(out.str().find("severidad cambiada de error por ana hasta 2027-01-31: ticket 4711"), std::string::npos)
      << out.str();
}

}  // namespace
}  // namespace puente::app
