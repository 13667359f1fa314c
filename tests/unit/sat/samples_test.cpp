// The acceptance over the sample documents: stages agree with index.csv, the cadena digests with cadena-original
// section 7, and the golden documents pass whole.
#include <gtest/gtest.h>
#include <openssl/evp.h>

#include <array>

#include "mappings/domain/csv.h"
#include "tests/unit/sat/sat_files.h"

namespace puente::sat {
namespace {

// What index.csv says of a stage: yes is pass, any no is fail, not checked is unknown, none is absent; n/a and empty
// are not compared.
std::string expected_stage(const std::vector<std::string>& columns) {
  std::string expected;
  for (const auto& column : columns) {
    if (column.starts_with("no") && !column.starts_with("not checked") && !column.starts_with("none")) return "fail";
    if (column.starts_with("not checked")) expected = "unknown";
    if (column.starts_with("none")) expected = "absent";
    if (column == "yes" && expected.empty()) expected = "pass";
  }
  return expected;
}

std::string sha256(const std::string& text) {
  std::array<unsigned char, 32> digest{};
  unsigned length = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &length, EVP_sha256(), nullptr);
  std::string hex;
  for (const unsigned char byte : digest) {
    static constexpr char kHex[] = "0123456789abcdef";
    hex += kHex[byte >> 4];
    hex += kHex[byte & 15];
  }
  return hex;
}

TEST(Samples_StagesOfEveryFile, AgreeWithIndex) {
  if (!std::filesystem::exists(kSamples / "index.csv")) GTEST_SKIP() << "no samples at " << kSamples;
  const auto index = parse_csv(read_file(kSamples / "index.csv"), "index.csv");
  ASSERT_TRUE(index.has_value());
  const auto context = context_with(kSamples / "trust");
  ASSERT_NE(context.trust, nullptr);
  for (const auto& row : index->rows) {
    const auto cell = [&](std::string_view name) { return row.cells[index->column(name)]; };
    const std::string file = cell("file");
    const auto outcome = read(file, read_file(kSamples / file), context);
    SCOPED_TRACE(file + "\n" + codes(outcome.findings));
    const auto agree = [&](const std::string& expected, Stage stage, std::string_view what) {
      if (!expected.empty()) {
        EXPECT_EQ(stage_name(stage), expected) << what;
      }
    };
    agree(expected_stage({cell("well_formed")}), outcome.stages.xml, "xml");
    agree(expected_stage({cell("xsd_valid")}), outcome.stages.structure, "structure");
    agree(expected_stage({cell("sellosat_valid"), cell("sellocfd_equals_sello")}), outcome.stages.stamp, "stamp");
    const bool version_refused =
        outcome.findings.has_code("COMPLEMENT_VERSION_REFUSED") || outcome.findings.has_code("CFDI_VERSION_REFUSED");
    if (version_refused) {
      EXPECT_EQ(stage_name(outcome.stages.seal), "unknown");
      EXPECT_FALSE(outcome.accepted);
    } else {
      agree(expected_stage(
                {cell("signature_valid"), cell("certificate_serial_matches"), cell("rfc_matches_certificate")}),
            outcome.stages.seal, "seal");
    }
    EXPECT_EQ(version_refused, file.starts_with("old-") || cell("kind").find("CFDI 3.3 I CCE") != std::string::npos ||
                                   cell("kind").find("CP2.0") != std::string::npos ||
                                   cell("kind").find("CP3.0") != std::string::npos ||
                                   cell("kind").find("CCE1.1") != std::string::npos);
  }
}

TEST(Samples_CadenaOriginal, HasPublishedDigests) {
  if (!std::filesystem::exists(kSamples)) GTEST_SKIP() << "no samples at " << kSamples;
  static constexpr std::pair<std::string_view, std::string_view> kDigests[] = {
      {"cfdi40-I-cp31-auto-stamped.xml", "c043e920a1c19b151108d6de93a87d06d245483f12b311d71714e3538cc4d6bf"},
      {"cfdi40-I-cce20-stamped.xml", "0cc75b7c6e7fc7b1d1c8f75ac7d213a4341b0008e89c918f0f165b660293eccf"},
      {"cfdi40-T-cp31-auto-signed.xml", "880515111251df40190f14d4741464df2823beedd4e1c7197eabfe6c3fc179fb"},
      {"cfdi40-I-cp31-rail-6stops-signed.xml", "865b2b44e85bbd743166b4c3db33b26da148dcaad1a3133da6f19852e259b382"},
      {"cfdi40-I-plain-stamped-a.xml", "3eed9652b5ed1c260d16e82864b303c33ad621bfa3f7e2fe7f14916288913eef"}};
  for (const auto& [file, digest] : kDigests) {
    const auto outcome = read(file, read_file(kSamples / file), {});
    ASSERT_NE(outcome.document, nullptr) << file;
    EXPECT_EQ(sha256(cadena_original(*outcome.document)), digest) << file;
  }
}

TEST(Golden_Documents, AreAcceptedWithAllStagesPassed) {
  const auto golden = kReference / "crosswalk/golden";
  if (!std::filesystem::exists(golden)) GTEST_SKIP() << "no golden cases at " << golden;
  const auto context = context_with(golden / "authority");
  ASSERT_NE(context.trust, nullptr);
  std::size_t documents = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(golden)) {
    if (entry.path().extension() != ".xml") continue;
    ++documents;
    const auto outcome = read(entry.path().filename().string(), read_file(entry.path()), context);
    SCOPED_TRACE(entry.path().string() + "\n" + codes(outcome.findings));
    EXPECT_TRUE(outcome.accepted);
    for (const Stage stage : {outcome.stages.xml, outcome.stages.structure, outcome.stages.seal, outcome.stages.stamp,
                              outcome.stages.rules})
      EXPECT_EQ(stage, Stage::pass);
  }
  EXPECT_GT(documents, 0u);
}

}  // namespace
}  // namespace puente::sat
