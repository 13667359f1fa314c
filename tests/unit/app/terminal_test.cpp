#include "gateway/app/terminal.h"

#include <gtest/gtest.h>

#include <sstream>

namespace puente::app {
namespace {

TEST(SafeText, ControlsAndBidi_AreLeftOut) {
  EXPECT_EQ(safe_text("a\x1b[31mb\x07"
                      "c"),
            "a[31mbc");
  EXPECT_EQ(safe_text("inv\u202Eoice\u200B\u2066"), "invoice");
  EXPECT_EQ(safe_text("\u009Bx"), "x");  // C1 CSI
}

TEST(SafeText, LineBreaks_BecomeSpaces) { EXPECT_EQ(safe_text("a\nb\tc\r"), "a b c "); }

TEST(SafeText, BytesThatAreNotUtf8_BecomeReplacementCharacters) {
  EXPECT_EQ(safe_text("\xC0\xAF"), "\uFFFD\uFFFD");
  EXPECT_EQ(safe_text("\xED\xA0\x80").substr(0, 3), "\uFFFD");  // a surrogate
  EXPECT_EQ(safe_text("ok\xE2\x82"), "ok\uFFFD\uFFFD");         // cut short
}

TEST(SafeText, SpanishLetters_Stay) { EXPECT_EQ(safe_text("Año Peña Ü"), "Año Peña Ü"); }

TEST(Columns, CombiningMarks_TakeNone) {
  EXPECT_EQ(columns_of("Peña"), 4U);
  EXPECT_EQ(columns_of("Pen\u0303a"), 4U);
  EXPECT_EQ(padded("ñ", 3), "ñ  ");
}

TEST(Wrapped, LongPath_BreaksAfterSlashes) {
  const std::string text = wrapped("/cfdi:Comprobante/cfdi:Complemento/cce20:ComercioExterior/@TotalUSD", 40, "  ");
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) EXPECT_LE(columns_of(line), 42U) << line;
  std::string joined = text;
  for (std::size_t at; (at = joined.find("\n  ")) != std::string::npos;) joined.erase(at, 3);
  EXPECT_EQ(joined, "/cfdi:Comprobante/cfdi:Complemento/cce20:ComercioExterior/@TotalUSD");
}

TEST(Wrapped, Sentence_BreaksAtSpaces) { EXPECT_EQ(wrapped("one two three", 8, "> "), "one two\n> three"); }

TEST(Printer, WithoutColour_PaintsNothing) {
  std::ostringstream out;
  Printer plain(out, true, false);
  EXPECT_EQ(plain.paint(Tone::bad, "error"), "error");
  Printer colour(out, true, true);
  EXPECT_EQ(colour.paint(Tone::bad, "error"), "\x1b[31merror\x1b[0m");
}

}  // namespace
}  // namespace puente::app
