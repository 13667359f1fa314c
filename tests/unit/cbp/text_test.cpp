#include "mappings/cbp/catair/text.h"

#include <gtest/gtest.h>

#include <string>

namespace puente::cbp {
namespace {

TEST(CbpText, MappingExample_BecomesUpperCaseAsciiWithoutLosingLetters) {
  const CbpText text = to_cbp_text("Cañón – “Niño” ½\" Ø 3 mm, año 2026 ¿sí? & Cía.");
  EXPECT_EQ(text.text, "CANON - \"NINO\" 1/2\" O 3 MM, ANO 2026 SI? & CIA.");
  EXPECT_TRUE(text.transliterated);
}

TEST(CbpText, CharacterWithoutCounterpart_IsLost) {
  for (const char* text : {"株式会社 ACME", "a[b]", "bad\xFFutf", "4°", "Завод"}) EXPECT_TRUE(to_cbp_text(text).lost) << text;
  for (const char* text : {"Río Bravo", "Cañón – “Niño”", "¡Hola!", "a\tb", "a\u00A0b", "two   spaces", ""})
    EXPECT_FALSE(to_cbp_text(text).lost) << text;
}

struct Case {
  const char* utf8;
  const char* text;
  bool transliterated;
};

TEST(CbpText, SpecialSigns_MapAsTheTableSays) {
  for (const Case& sample : {
           Case{"Straße Œuvre Æther", "STRASSE OEUVRE AETHER", true},
           Case{"2×4 m² m³ ¼", "2X4 M2 M3 1/4", true},
           Case{"4° 3ª 2º fin", "4 3 2 FIN", true},
           Case{"‘a’ “b” … — €5", "'A' \"B\" ... - EUR5", true},
           Case{"¡Hola!", "HOLA!", true},
           Case{"n\xCC\x83"
                "andu\xCC\x81",
                "NANDU", true},  // decomposed marks
           Case{"Łódź İstanbul", "LODZ ISTANBUL", true},
           Case{"plain  text\t", "PLAIN TEXT", true},  // a tab is no character of a record
           Case{"  two   spaces ", "TWO SPACES", false},
           Case{"lower Case", "LOWER CASE", false},
           Case{"a[b]{c}|d", "A B C D", true},
           Case{"日本", "", true},
           Case{"bad\xFFutf\xC3", "BAD UTF", true},
           Case{"", "", false},
       }) {
    const CbpText result = to_cbp_text(sample.utf8);
    EXPECT_EQ(result.text, sample.text) << sample.utf8;
    EXPECT_EQ(result.transliterated, sample.transliterated) << sample.utf8;
  }
}

TEST(CbpText, AnyBytes_GiveOnlyTheCharacterSetAndAreStable) {
  std::string bytes;
  for (int byte = 0; byte < 256; ++byte) bytes += {static_cast<char>(byte), static_cast<char>(byte ^ 0x5A), 'x'};
  const CbpText once = to_cbp_text(bytes);
  for (const char character : once.text) EXPECT_TRUE(is_cbp_character(character));
  const CbpText twice = to_cbp_text(once.text);
  EXPECT_EQ(once.text, twice.text);
  EXPECT_FALSE(twice.transliterated);
}

}  // namespace
}  // namespace puente::cbp
