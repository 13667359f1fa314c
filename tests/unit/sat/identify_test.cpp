// The plain scanner against the hardened parser: where the scanner answers, both say the same. The parser is the
// oracle.
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <random>

#include "mappings/sat/identify_plain.h"
#include "tests/unit/sat/documents.h"
#include "tests/unit/sat/sat_files.h"

namespace puente::sat {
namespace {

std::vector<std::string> documents() {
  std::vector<std::string> found = {signed_invoice(timbre()), signed_invoice(timbre("t")), invoice()};
  for (const char* folder : {"/deploy/samples", "/tests/fuzz/corpus/sat_bytes", "/tests/fuzz/corpus/sat_reader"})
    for (const auto& entry : std::filesystem::recursive_directory_iterator(std::string(PUENTE_SOURCE_DIR) + folder))
      if (entry.is_regular_file() && entry.path().string().find("partners") == std::string::npos)
        if (auto text = read_file(entry.path()); !text.empty() && text.find('<') != std::string::npos)
          found.push_back(std::move(text));
  return found;
}

// Empty when the scanner leaves the bytes to the parser, or both agree.
std::string difference(const std::string& bytes, const Limits& limits, std::size_t& answered) {
  const auto plain = identify_plain(bytes, limits);
  if (!plain) return {};
  ++answered;
  const auto hardened = identify_hardened(bytes, limits);
  const auto all = [](const Identity& i) { return i.folio_fiscal + "|" + i.emisor_rfc + "|" + i.serie_folio; };
  if (all(*plain) == all(hardened)) return {};
  return "plain " + all(*plain) + ", parser " + all(hardened) + " of\n" + bytes;
}

// What XML gives a meaning, what it forbids, and what a CFDI is made of.
constexpr auto kPieces = std::to_array<std::string_view>({"<",
                                                          ">",
                                                          "/",
                                                          "/>",
                                                          "</",
                                                          "=",
                                                          "\"",
                                                          "'",
                                                          " ",
                                                          "\n",
                                                          "\r",
                                                          "\t",
                                                          "&",
                                                          "&amp;",
                                                          "&#65;",
                                                          "&lt;",
                                                          "&x;",
                                                          ";",
                                                          "<!---->",
                                                          "<!DOCTYPE a>",
                                                          "<![CDATA[x]]>",
                                                          "<?p d?>",
                                                          "<?xml version=\"1.0\"?>",
                                                          "]]>",
                                                          ":",
                                                          "xmlns",
                                                          "xmlns:x",
                                                          " xmlns=\"urn:x\"",
                                                          " xmlns:cfdi=\"urn:x\"",
                                                          " xmlns:x=\"\"",
                                                          " xmlns:xml=\"urn:x\"",
                                                          " xml:lang=\"es\"",
                                                          " xsi:x=\"1\"",
                                                          " a=\"1\"",
                                                          " a:b=\"1\"",
                                                          " UUID=\"A\"",
                                                          " Rfc=\"&amp;\"",
                                                          " Folio='7'",
                                                          "cfdi:",
                                                          "tfd:",
                                                          "Comprobante",
                                                          "Complemento",
                                                          "TimbreFiscalDigital",
                                                          "<cfdi:Complemento>",
                                                          "</cfdi:Complemento>",
                                                          "<cfdi:Addenda/>",
                                                          "<a>",
                                                          "<a/>",
                                                          "\xC3\xB1",
                                                          "\xC3",
                                                          "\xEF\xBF\xBE",
                                                          "\xEF\xBB\xBF",
                                                          "\x7F",
                                                          "\xC2\x85",
                                                          "\x01",
                                                          "text",
                                                          "-",
                                                          ".",
                                                          "9"});

std::string mutated(std::string bytes, std::mt19937& random) {
  const auto at = [&](std::size_t limit) { return std::uniform_int_distribution<std::size_t>(0, limit)(random); };
  for (std::size_t times = 1 + at(1); times > 0; --times) {
    if (bytes.empty()) return bytes;
    const std::size_t where = at(bytes.size() - 1);
    switch (random() % 6) {
      case 0:
        bytes.insert(where, kPieces[at(kPieces.size() - 1)]);
        break;
      case 1:
        bytes[where] = static_cast<char>(random() & 0xFF);
        break;
      case 2:
        bytes.erase(where, 1 + at(30));
        break;
      case 3:
        bytes.insert(where, bytes.substr(at(bytes.size() - 1), at(60)));
        break;
      case 4: {  // a piece right beside what has a meaning
        const auto mark = bytes.find_first_of("<>=\" /:", where);
        if (mark != std::string::npos) bytes.insert(mark + at(1), kPieces[at(kPieces.size() - 1)]);
        break;
      }
      default: {
        const auto mark = bytes.find_first_of("<>=\" /:&", where);
        if (mark != std::string::npos) bytes.erase(mark, 1);
        break;
      }
    }
  }
  return bytes;
}

TEST(IdentifyPlain_SampleDocuments, AreAnsweredWithoutTheParserAndAlike) {
  std::size_t answered = 0, named = 0;
  const auto all = documents();
  for (const auto& text : all) {
    EXPECT_EQ(difference(text, {}, answered), "");
    if (!identify(text, {}).folio_fiscal.empty()) ++named;
  }
  EXPECT_GE(answered, 8u);  // the samples are plain
  EXPECT_GE(named, 7u);
}

TEST(IdentifyPlain_MutatedDocuments, NeverContradictTheParser) {
  std::mt19937 random(2207);
  std::size_t answered = 0, tried = 0;
  const bool full = std::getenv("PUENTE_LONG") != nullptr;
  for (const auto& text : documents()) {
    for (int i = 0; i < (full ? 20'000 : 1'000); ++i, ++tried) {
      const auto found = difference(mutated(text, random), {}, answered);
      ASSERT_EQ(found, "") << "mutation " << i;
    }
  }
  EXPECT_GE(answered, tried / 20);  // mutations of values leave a document plain
}

TEST(IdentifyPlain_Limits, AreTheParsers) {
  const auto text = signed_invoice(timbre());
  std::size_t answered = 0;
  for (std::size_t least = 0; least < 30; ++least) {
    Limits limits;
    limits.depth = least;
    EXPECT_EQ(difference(text, limits, answered), "") << "depth " << least;
    limits = {};
    limits.elements = least;
    EXPECT_EQ(difference(text, limits, answered), "") << "elements " << least;
    limits = {};
    limits.attributes = least;
    EXPECT_EQ(difference(text, limits, answered), "") << "attributes " << least;
    limits = {};
    limits.prefixes = least;
    EXPECT_EQ(difference(text, limits, answered), "") << "prefixes " << least;
    limits = {};
    limits.bytes = least * 100;
    EXPECT_EQ(difference(text, limits, answered), "") << "bytes " << least;
    limits = {};
    limits.text = least * 100;
    EXPECT_EQ(difference(text, limits, answered), "") << "text " << least;
  }
  EXPECT_GT(answered, 60u);
}

TEST(IdentifyPlain_WhatItDoesNotKnow, IsLeftToTheParser) {
  const auto text = signed_invoice(timbre());
  const auto with = [&](std::string_view what, std::string_view by) { return replace(text, what, by); };
  for (const auto& odd :
       {with("<cfdi:Emisor", "<!-- c --><cfdi:Emisor"), with("<cfdi:Emisor", "<?p d?><cfdi:Emisor"),
        with("<cfdi:Emisor", "<![CDATA[ ]]><cfdi:Emisor"), with("xmlns:cfdi", "xmlns=\"urn:x\" xmlns:cfdi"),
        with("UUID=\"a", "UUID=\"&#97;"), with("UUID=\"a", "UUID=\"&amp;"), with("UUID=\"a", "UUID = \"a"),
        with("<cfdi:Emisor", "x<cfdi:Emisor"), "\xEF\xBB\xBF" + text, text.substr(0, text.size() - 9)})
    EXPECT_FALSE(identify_plain(odd, {})) << odd;
  // Only what is asked for has to be without references.
  EXPECT_TRUE(identify_plain(with("KEMPER", "&amp;"), {}));
}

}  // namespace
}  // namespace puente::sat
