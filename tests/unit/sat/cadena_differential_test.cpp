// Cadena and seal against programs that nobody here wrote: the cadena original that the SAT's own style sheets make in
// xsltproc, and the verdict of the openssl program on Sello. Over the sample documents, seeded mutants of them and
// documents written from the element tables.
//
// The style sheets are not ours to keep. PUENTE_SAT_STYLESHEETS names a folder with cadenaoriginal_4_0.xslt somewhere
// below it and what it includes beside it by relative paths (as phpcfdi/resources-sat-xml has them); without it that
// half is skipped.
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <random>
#include <sstream>

#include "mappings/sat/certificate.h"
#include "tests/support/sealing.h"
#include "tests/unit/sat/documents.h"
#include "tests/unit/sat/every_element.h"
#include "tests/unit/sat/sat_files.h"

namespace puente::sat {
namespace {

struct Named {
  std::string name, text;
};

class Folder {
 public:
  Folder() : path_(std::filesystem::temp_directory_path() / ("puente-differential-" + std::to_string(::getpid()))) {
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  std::string file(const std::string& name, std::string_view content) const {
    std::ofstream(path_ / name, std::ios::binary) << content;
    return (path_ / name).string();
  }
  std::string path(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

int shell(const std::string& command) { return std::system(command.c_str()); }  // NOLINT(cert-env33-c): paths of ours

bool is_supported(const ReadOutcome& outcome) {
  if (outcome.document == nullptr) return false;
  for (const std::string_view code : {"COMPLEMENT_VERSION_REFUSED", "COMPLEMENT_UNSUPPORTED", "COMPLEMENT_NOT_READ",
                                      "ELEMENT_MISPLACED", "ELEMENT_UNKNOWN"})
    if (outcome.findings.has_code(code)) return false;  // what is in them the cadena of the style sheet may have
  return true;
}

// Documents of the supported versions: the shared samples where they are, those of the repository, and one sealed here.
std::vector<Named> documents() {
  static const test::Authority authority = test::Authority::create();
  static const test::Signer issuer =
      authority.issue({.serial = "00009900000800000003", .name = "EMISOR", .rfc = "EKU9003173C9"});
  std::vector<Named> out = {{"own.xml", test::stamp(test::seal(invoice(), issuer), authority.stamping(),
                                                    {"A1B2C3D4-0000-4111-8222-333344445555", "2026-03-02T10:05:00"})}};
  std::vector<std::filesystem::path> files;
  for (const std::filesystem::path& folder : {kSamples, std::filesystem::path(PUENTE_SOURCE_DIR "/deploy/samples")}) {
    if (!std::filesystem::exists(folder)) continue;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
      if (entry.path().extension() == ".xml") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  for (const auto& file : files) {
    std::string text = read_file(file);
    if (is_supported(read(file.filename().string(), text, {})))
      out.push_back({file.filename().string(), std::move(text)});
  }
  return out;
}

class Mutator {
 public:
  explicit Mutator(unsigned seed) : random_(seed) {}

  // One to three changes of values, attributes and elements; what comes out may be anything.
  std::string mutate(std::string text) {
    for (std::size_t changes = 1 + below(3); changes > 0; --changes) change(text);
    return text;
  }

 private:
  std::size_t below(std::size_t end) { return std::uniform_int_distribution<std::size_t>(0, end - 1)(random_); }

  void change(std::string& text) {
    static constexpr std::string_view kValues[] = {" ", "  ", "&#xA;", "\t",        "&#xA0;", "&amp;",
                                                   "|", "ñ",  "0",     "&#x1F69B;", " a  b "};
    std::vector<std::size_t> values, tags;  // of '=', of '<'
    for (std::size_t at = text.find("=\""); at != std::string::npos; at = text.find("=\"", at + 1))
      values.push_back(at);
    for (std::size_t at = text.find('<'); at != std::string::npos; at = text.find('<', at + 1)) tags.push_back(at);
    if (values.empty() || tags.empty()) return;
    const std::size_t equals = values[below(values.size())], open = equals + 2, close = text.find('"', open);
    const std::size_t name = text.find_last_of(" \t\r\n", equals), tag = tags[below(tags.size())],
                      end = text.find('>', tag);
    if (close == std::string::npos || name == std::string::npos || end == std::string::npos) return;
    if (text.compare(name + 1, 5, "xmlns") == 0) return;  // another namespace is another document
    switch (below(7)) {
      case 0:
        text.insert(open + below(close - open + 1), kValues[below(std::size(kValues))]);
        break;
      case 1:
        text.insert(below(2) == 0 ? open : close, kValues[below(4)]);  // white space at an end
        break;
      case 2:
        text.replace(open, close - open, kValues[below(std::size(kValues))]);
        break;
      case 3:
        text.erase(name, close + 1 - name);
        break;
      case 4:
        if (text[end - 1] == '/') text.insert(tag, text.substr(tag, end + 1 - tag));  // an element twice
        break;
      case 5:
        if (text[end - 1] == '/') text.erase(tag, end + 1 - tag);
        break;
      default:
        text.insert(tag, "<!-- <cfdi:Emisor Rfc='x'/> -->");
        break;
    }
  }

  std::mt19937 random_;
};

std::vector<Named> mutants(const std::vector<Named>& of, std::size_t each, unsigned seed) {
  Mutator mutator(seed);
  std::vector<Named> out;
  for (const Named& one : of)
    for (std::size_t i = 0; i < each; ++i) {
      Named mutant{one.name + "#" + std::to_string(i), mutator.mutate(one.text)};
      if (is_supported(read(mutant.name, mutant.text, {}))) out.push_back(std::move(mutant));
    }
  return out;
}

std::filesystem::path style_sheet(std::string_view name) {
  const char* folder = std::getenv("PUENTE_SAT_STYLESHEETS");
  if (folder == nullptr || !std::filesystem::exists(folder)) return {};
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder))
    if (entry.path().filename() == name) return entry.path();
  return {};
}

// What the style sheet makes of each. A CFDI that holds nothing but its number stands behind every document, since
// xsltproc writes one result after the other without an end.
std::vector<std::string> by_style_sheet(const std::filesystem::path& sheet, const std::vector<Named>& of,
                                        const Folder& folder) {
  const auto marker = [](std::size_t i) {
    return "<c:Comprobante xmlns:c=\"http://www.sat.gob.mx/cfd/4\" Version=\"marker-" + std::to_string(i) + "-\"/>";
  };
  std::ofstream list(folder.path("list"));
  for (std::size_t i = 0; i < of.size(); ++i)
    list << folder.file("d" + std::to_string(i) + ".xml", of[i].text) << "\n"
         << folder.file("m" + std::to_string(i) + ".xml", marker(i)) << "\n";
  list.close();
  const std::string run = "xsltproc --nonet '" + sheet.string() + "' ";
  const std::string only = folder.file("only.xml", marker(0));
  EXPECT_EQ(shell(run + "'" + only + "' >'" + folder.path("only") + "' 2>/dev/null"), 0);
  EXPECT_EQ(shell("xargs -n 1000000 " + run + "<'" + folder.path("list") + "' >'" + folder.path("all") + "' 2>'" +
                  folder.path("errors") + "'"),
            0);
  const std::string ending = read_file(folder.path("only")).substr(std::string("||marker-0-").size());
  std::string all = read_file(folder.path("all"));
  std::vector<std::string> out;
  std::size_t at = 0;
  for (std::size_t i = 0; i < of.size(); ++i) {
    const std::string mark = "||marker-" + std::to_string(i) + "-" + ending;
    const auto end = all.find(mark, at);
    if (end == std::string::npos) break;
    out.push_back(all.substr(at, end - at));
    at = end + mark.size();
  }
  return out;
}

TEST(CadenaDifferential_SampleDocumentsAndMutants, EqualTheSatsOwnStyleSheets) {
  const auto sheet = style_sheet("cadenaoriginal_4_0.xslt");
  if (sheet.empty()) GTEST_SKIP() << "PUENTE_SAT_STYLESHEETS names no folder with cadenaoriginal_4_0.xslt";
  if (shell("xsltproc --version >/dev/null 2>&1") != 0) GTEST_SKIP() << "no xsltproc";
  std::vector<Named> all = documents();
  const std::size_t originals = all.size();
  std::ranges::move(mutants(all, 20, 4), std::back_inserter(all));
  std::mt19937 random(12);
  for (const ElementRow* complement :
       {static_cast<const ElementRow*>(nullptr), &carta_porte_row(), &comercio_exterior_row()}) {
    all.push_back({"every element", ElementWriter(complement).write()});
    for (int i = 0; i < 30; ++i)
      all.push_back({"some elements " + std::to_string(i), ElementWriter(complement, &random).write()});
  }
  const Folder folder;
  const auto expected = by_style_sheet(sheet, all, folder);
  ASSERT_EQ(expected.size(), all.size()) << read_file(folder.path("errors")).substr(0, 2000);
  std::size_t wrong = 0;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const auto document = read(all[i].name, all[i].text, {}).document;
    ASSERT_NE(document, nullptr) << all[i].name;
    const std::string cadena = cadena_original(*document);
    if (cadena == expected[i]) continue;
    if (++wrong <= 3) {
      ADD_FAILURE() << all[i].name << "\nours  " << cadena << "\ntheirs " << expected[i] << "\nof " << all[i].text;
    }
  }
  EXPECT_EQ(wrong, 0u) << "of " << all.size();
  EXPECT_GT(all.size(), originals * 5);
  RecordProperty("documents", static_cast<int>(all.size()));
  std::printf("%zu documents, %zu of them as they came\n", all.size(), originals);
}

TEST(StampDifferential_SampleDocumentsAndMutants, EqualTheSatsOwnStyleSheet) {
  const auto sheet = style_sheet("cadenaoriginal_TFD_1_1.xslt");
  if (sheet.empty()) GTEST_SKIP() << "PUENTE_SAT_STYLESHEETS names no folder with cadenaoriginal_TFD_1_1.xslt";
  if (shell("xsltproc --version >/dev/null 2>&1") != 0) GTEST_SKIP() << "no xsltproc";
  // The style sheet is for a stamp that stands alone: with the namespaces of the document that it was cut from.
  std::vector<Named> stamps;
  for (const Named& one : documents()) {
    const auto begin = one.text.find("<tfd:TimbreFiscalDigital"), end = one.text.find("/>", begin);
    if (begin == std::string::npos || end == std::string::npos) continue;
    std::string stamp = one.text.substr(begin, end + 2 - begin);
    for (const std::string_view space : {"xmlns:tfd=\"http://www.sat.gob.mx/TimbreFiscalDigital\"",
                                         "xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\""})
      if (stamp.find(space) == std::string::npos)
        stamp.insert(std::string("<tfd:TimbreFiscalDigital").size(), " " + std::string(space));
    stamps.push_back({one.name, stamp});
  }
  Mutator mutator(6);
  for (std::size_t i = 0, originals = stamps.size(); i < originals; ++i)
    for (int k = 0; k < 6; ++k)
      stamps.push_back({stamps[i].name + "#" + std::to_string(k), mutator.mutate(stamps[i].text)});
  const Folder folder;
  std::string script;
  for (std::size_t i = 0; i < stamps.size(); ++i) {
    const std::string file = folder.file("t" + std::to_string(i) + ".xml", stamps[i].text);
    script += "xsltproc --nonet '" + sheet.string() + "' " + file + " >" + file + ".cadena || echo none >" + file +
              ".cadena\n";
  }
  ASSERT_EQ(shell("sh " + folder.file("script", script) + " 2>/dev/null"), 0);
  std::size_t compared = 0;
  for (std::size_t i = 0; i < stamps.size(); ++i) {
    const auto document = read(stamps[i].name, signed_invoice(stamps[i].text), {}).document;
    const std::string expected = read_file(folder.path("t" + std::to_string(i) + ".xml.cadena"));
    if (document == nullptr || document->timbre() == nullptr || expected == "none\n") continue;
    ++compared;
    EXPECT_EQ(cadena_original_timbre(*document->timbre()), expected) << stamps[i].name << "\n" << stamps[i].text;
  }
  EXPECT_GT(compared, 5u);
  std::printf("%zu stamps\n", compared);
}

TEST(SealDifferential_SampleDocumentsAndMutants, AgreesWithTheOpensslProgram) {
  if (shell("openssl version >/dev/null 2>&1") != 0) GTEST_SKIP() << "no openssl program";
  std::vector<Named> all = documents();
  const std::vector<Named> originals = all;
  std::ranges::move(mutants(originals, 8, 5), std::back_inserter(all));
  const Folder folder;
  std::map<std::string, std::string> certificates;  // base64 -> file of its public key
  struct Asked {
    std::string name;
    bool valid;
  };
  std::vector<Asked> asked;
  std::string script;
  for (const Named& one : all) {
    const auto outcome = read(one.name, one.text, {});
    const Node& root = outcome.document->comprobante();
    const std::string base64(root.attribute_or("Certificado"));
    std::string der, signature;
    if (certificate_of(base64) == nullptr || root.attribute_or("Sello").empty()) continue;  // no signature to be judged
    const std::string number = std::to_string(asked.size());
    auto& key = certificates[base64];
    if (key.empty()) {
      ASSERT_TRUE(decode_base64(base64, der));
      const std::string file = folder.file("k" + number + ".cer", der);
      key = folder.path("k" + number + ".pub");
      script += "openssl x509 -inform DER -in " + file + " -pubkey -noout -out " + key + "\n";
    }
    // openssl decodes the signature itself, in one line, as wide as it comes.
    std::string sello;
    for (const char c : root.attribute_or("Sello"))
      if (c != ' ') sello += c;
    const std::string encoded = folder.file("s" + number + ".b64", sello);
    const std::string cadena = folder.file("c" + number, cadena_original(*outcome.document));
    script += "openssl base64 -d -A -in " + encoded + " -out " + folder.path("s" + number) +
              " && openssl dgst -sha256 -verify " + key + " -signature " + folder.path("s" + number) + " " + cadena +
              " >/dev/null && echo valid || echo invalid\n";
    asked.push_back({one.name, !outcome.findings.has_code("SEAL_INVALID")});
  }
  const std::string file = folder.file("script", script);
  ASSERT_EQ(shell("sh " + file + " >'" + folder.path("verdicts") + "' 2>/dev/null"), 0);
  std::istringstream verdicts(read_file(folder.path("verdicts")));
  std::size_t valid = 0;
  for (const Asked& one : asked) {
    std::string verdict;
    ASSERT_TRUE(verdicts >> verdict) << "a verdict for each";
    EXPECT_EQ(one.valid, verdict == "valid") << one.name;
    valid += one.valid ? 1 : 0;
  }
  // Both verdicts were put to the test.
  EXPECT_GT(valid, 1u);
  EXPECT_GT(asked.size() - valid, 1u);
  std::printf("%zu seals, %zu of them valid\n", asked.size(), valid);
}

}  // namespace
}  // namespace puente::sat
