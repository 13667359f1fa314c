// The twelve checks of cadena-original section 6, on documents sealed and stamped by a development authority.
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <thread>
#include <vector>

#include "tests/support/sealing.h"
#include "tests/unit/sat/documents.h"
#include "tests/unit/sat/sat_files.h"

namespace puente::sat {
namespace {

using test::Authority;
using test::Signer;

constexpr std::string_view kUuid = "A1B2C3D4-0000-4111-8222-333344445555";

class Signatures : public testing::Test {
 protected:
  // Keys are costly to make and the same for every test.
  static void SetUpTestSuite() {
    authority_ = new Authority(Authority::create());
    issuer_ =
        new Signer(authority_->issue({.serial = "00009900000800000003", .name = "EMISOR", .rfc = "EKU9003173C9"}));
    directory_ = std::filesystem::temp_directory_path() / ("puente-trust-" + std::to_string(getpid()));
    std::filesystem::create_directory(directory_);
    authority_->write_trust(directory_);
  }
  static void TearDownTestSuite() {
    std::filesystem::remove_all(directory_);
    delete issuer_;
    delete authority_;
  }

  static ReadContext trusting() { return context_with(directory_); }
  static std::string sealed(const std::string& text = invoice()) { return test::seal(text, *issuer_); }
  static std::string stamped(const std::string& text, const std::string& time = "2026-03-02T10:05:00") {
    return test::stamp(text, authority_->stamping(), {std::string(kUuid), time});
  }
  static std::string sealed_by(test::CertificateAsk ask) { return test::seal(invoice(), authority_->issue(ask)); }

  static inline Authority* authority_ = nullptr;
  static inline Signer* issuer_ = nullptr;
  static inline std::filesystem::path directory_;
};

TEST_F(Signatures, SealedAndStamped_PassesEveryCheck) {
  const auto outcome = read("good.xml", stamped(sealed()), trusting());
  for (const Finding& finding : outcome.findings)
    EXPECT_EQ(finding.code(), "SAT_LIST_NOT_LOADED") << codes(outcome.findings);
  EXPECT_EQ(outcome.stages.seal, Stage::pass);
  EXPECT_EQ(outcome.stages.stamp, Stage::pass);
  EXPECT_EQ(outcome.folio_fiscal, kUuid);
}

TEST_F(Signatures, OnSeveralThreads_GiveTheSameOutcome) {
  const std::string text = stamped(sealed());
  const ReadContext context = trusting();
  std::atomic<int> passed = 0;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (int k = 0; k < 20; ++k) {
        const auto outcome = read("shared.xml", text, context);
        if (outcome.accepted && outcome.stages.seal == Stage::pass && outcome.stages.stamp == Stage::pass) ++passed;
      }
    });
  threads.clear();
  EXPECT_EQ(passed, 80);
}

struct Expected {
  std::string_view code;
  Stage seal, stamp;
};

void expect_finding(const std::string& text, const ReadContext& context, const Expected& expected) {
  const auto outcome = read("document.xml", text, context);
  SCOPED_TRACE(codes(outcome.findings));
  EXPECT_TRUE(outcome.findings.has_code(expected.code)) << expected.code;
  EXPECT_EQ(outcome.stages.seal, expected.seal) << stage_name(outcome.stages.seal);
  EXPECT_EQ(outcome.stages.stamp, expected.stamp) << stage_name(outcome.stages.stamp);
}

TEST_F(Signatures, CertificateUnreadable_FailsTheSeal) {
  const std::string good = sealed();
  const std::string& certificate = issuer_->certificate_base64;
  for (const std::string& bad : {std::string("bm90IGEgY2VydGlmaWNhdGU="), "!" + certificate.substr(1),
                                 certificate + "AAAA", certificate.substr(0, 400)})
    expect_finding(replace(good, certificate, bad), trusting(),
                   {"SEAL_CERTIFICATE_UNREADABLE", Stage::fail, Stage::absent});
}

TEST_F(Signatures, AnotherSerial_FailsTheSeal) {
  expect_finding(replace(sealed(), "NoCertificado=\"00009900000800000003\"", "NoCertificado=\"00009900000800000004\""),
                 trusting(), {"SEAL_SERIAL_MISMATCH", Stage::fail, Stage::absent});
}

TEST_F(Signatures, CertificateOfAnotherRfc_FailsTheSeal) {
  expect_finding(sealed_by({.serial = "00009900000800000005", .name = "OTRO", .rfc = "URE180429TM6"}), trusting(),
                 {"SEAL_RFC_MISMATCH", Stage::fail, Stage::absent});
}

TEST_F(Signatures, Efirma_IsAFindingThatLeavesTheStage) {
  expect_finding(
      sealed_by({.serial = "00009900000800000006", .name = "EMISOR", .rfc = "EKU9003173C9", .e_firma = true}),
      trusting(), {"SEAL_CERTIFICATE_NOT_CSD", Stage::pass, Stage::absent});
}

TEST_F(Signatures, CertificateExpiredAtFecha_IsAFindingThatLeavesTheStage) {
  expect_finding(sealed_by({.serial = "00009900000800000007",
                            .name = "EMISOR",
                            .rfc = "EKU9003173C9",
                            .not_before = "20200101060000Z",
                            .not_after = "20260301060000Z"}),
                 trusting(), {"SEAL_CERTIFICATE_NOT_VALID", Stage::pass, Stage::absent});
}

TEST_F(Signatures, CertificateExpiredTheSameDay_IsWithinTheSlackOfZones) {
  const auto outcome = read("slack.xml",
                            sealed_by({.serial = "00009900000800000008",
                                       .name = "EMISOR",
                                       .rfc = "EKU9003173C9",
                                       .not_before = "20200101060000Z",
                                       .not_after = "20260302060000Z"}),
                            trusting());
  EXPECT_FALSE(outcome.findings.has_code("SEAL_CERTIFICATE_NOT_VALID")) << codes(outcome.findings);
}

TEST_F(Signatures, NoRootAtHand_IsAWarningNotAGuess) {
  ReadContext context;
  context.trust = TrustStore::empty(Environment::test);
  expect_finding(sealed(), context, {"SEAL_ISSUER_UNKNOWN", Stage::pass, Stage::absent});
  EXPECT_TRUE(read("unknown.xml", sealed(), context).accepted);
}

TEST_F(Signatures, ForgedIssuer_IsRefused) {
  // Another authority of the same name: its certificates name a root at hand that did not sign them.
  const Authority forger = Authority::create();
  const Signer forged = forger.issue({.serial = "00009900000800000009", .name = "EMISOR", .rfc = "EKU9003173C9"});
  expect_finding(test::seal(invoice(), forged), trusting(), {"SEAL_ISSUER_REFUSED", Stage::pass, Stage::absent});
}

TEST_F(Signatures, RenewedAuthorityOfTheSameName_IsFoundByItsKey) {
  const Authority renewed = Authority::create();
  const auto both = directory_ / "both";
  std::filesystem::create_directories(both / "old");
  std::filesystem::create_directories(both / "new");
  authority_->write_trust(both / "old");
  renewed.write_trust(both / "new");
  const auto trust = TrustStore::load(Environment::test, {both / "old", both / "new"});
  ASSERT_TRUE(trust) << trust.error().text;
  ReadContext context;
  context.trust = *trust;
  const Signer late = renewed.issue({.serial = "00009900000800000007", .name = "EMISOR", .rfc = "EKU9003173C9"});
  for (const std::string& text : {sealed(), test::seal(invoice(), late)}) {
    const auto outcome = read("renewed.xml", text, context);
    EXPECT_FALSE(outcome.findings.has_code("SEAL_ISSUER_REFUSED")) << codes(outcome.findings);
    EXPECT_TRUE(outcome.accepted) << codes(outcome.findings);
  }
}

TEST_F(Signatures, TestAuthorityInProduction_IsRefused) {
  ReadContext production;
  production.trust = TrustStore::empty(Environment::production);
  expect_finding(sealed(), production, {"SEAL_TEST_AUTHORITY", Stage::pass, Stage::absent});
  EXPECT_FALSE(read("test.xml", sealed(), production).accepted);
}

TEST_F(Signatures, ChangedAfterSealing_FailsTheSeal) {
  expect_finding(replace(sealed(), "Nombre=\"ESCUELA", "Nombre=\"ESCUELA NUEVA"), trusting(),
                 {"SEAL_INVALID", Stage::fail, Stage::absent});
}

TEST_F(Signatures, SpacesAfterSealing_DoNotBreakIt) {
  const auto outcome =
      read("spaces.xml", replace(sealed(), "Descripcion=\"Uno\"", "Descripcion=\"  Uno&#xA;\""), trusting());
  EXPECT_EQ(outcome.stages.seal, Stage::pass) << codes(outcome.findings);
}

TEST_F(Signatures, NotSealed_IsAbsentAndAWarning) {
  expect_finding(invoice("", " Sello=\"\" NoCertificado=\"\" Certificado=\"\""), trusting(),
                 {"DOCUMENT_NOT_SEALED", Stage::absent, Stage::absent});
}

TEST_F(Signatures, NotStamped_IsAbsentAndAWarning) {
  expect_finding(sealed(), trusting(), {"DOCUMENT_NOT_STAMPED", Stage::pass, Stage::absent});
  EXPECT_TRUE(read("unstamped.xml", sealed(), trusting()).accepted);
}

TEST_F(Signatures, TwoStamps_FailTheStamp) {
  const std::string once = stamped(sealed());
  const auto begin = once.find("<tfd:TimbreFiscalDigital");
  const auto end = once.find("</cfdi:Complemento>");
  const std::string twice = once.substr(0, end) + once.substr(begin, end - begin) + once.substr(end);
  expect_finding(twice, trusting(), {"STAMP_REPEATED", Stage::pass, Stage::fail});
}

TEST_F(Signatures, StampOfAnotherDocument_FailsTheStamp) {
  const std::string other = stamped(sealed(replace(invoice(), "Folio=\"17\"", "Folio=\"18\"")));
  const auto begin = other.find("<tfd:TimbreFiscalDigital");
  const auto end = other.find("</cfdi:Complemento>");
  expect_finding(replace(sealed(), "</cfdi:Complemento>", other.substr(begin, end - begin) + "</cfdi:Complemento>"),
                 trusting(), {"STAMP_OF_ANOTHER_DOCUMENT", Stage::pass, Stage::fail});
}

TEST_F(Signatures, ChangedStamp_FailsTheStamp) {
  expect_finding(replace(stamped(sealed()), "UUID=\"A1B2", "UUID=\"B1B2"), trusting(),
                 {"STAMP_INVALID", Stage::pass, Stage::fail});
}

TEST_F(Signatures, SatCertificateNotAtHand_IsAWarningAndUnknown) {
  ReadContext context;
  context.trust = TrustStore::empty(Environment::test);
  expect_finding(stamped(sealed()), context, {"STAMP_CERTIFICATE_UNKNOWN", Stage::pass, Stage::unknown});
  EXPECT_TRUE(read("unknown.xml", stamped(sealed()), context).accepted);
}

TEST_F(Signatures, SatCertificateNotValidThen_IsAFindingThatLeavesTheStage) {
  const std::string late = replace(invoice(), "Fecha=\"2026-03-02T", "Fecha=\"2031-03-02T");
  expect_finding(stamped(sealed(late), "2031-03-02T10:05:00"), trusting(),
                 {"STAMP_CERTIFICATE_REFUSED", Stage::pass, Stage::pass});
}

TEST_F(Signatures, StampedTooLateOrTooEarly_IsAFindingThatLeavesTheStage) {
  for (const std::string time : {"2026-03-06T10:00:00", "2026-03-02T05:00:00"})
    expect_finding(stamped(sealed(), time), trusting(), {"STAMP_TIME", Stage::pass, Stage::pass});
}

TEST_F(Signatures, StampedBeforeFechaAcrossZones_IsWithinTheSlack) {
  const auto outcome = read("zones.xml", stamped(sealed(), "2026-03-02T08:30:00"), trusting());
  EXPECT_FALSE(outcome.findings.has_code("STAMP_TIME")) << codes(outcome.findings);
}

TEST_F(Signatures, TrustStore_LoadsRootsAndSatCertificates) {
  const auto store = TrustStore::load(Environment::test, {directory_});
  ASSERT_TRUE(store.has_value());
  EXPECT_EQ((*store)->roots(), 1u);
  EXPECT_EQ((*store)->sat_certificates(), 1u);
}

TEST_F(Signatures, TrustStore_TestAuthorityInProduction_IsAFault) {
  const auto store = TrustStore::load(Environment::production, {directory_});
  ASSERT_FALSE(store.has_value());
  EXPECT_EQ(store.error().code, "trust_test_root_in_production");
}

TEST_F(Signatures, TrustStore_MissingDirectoryOrBadFile_IsAFault) {
  const auto missing = TrustStore::load(Environment::test, {directory_ / "missing"});
  ASSERT_FALSE(missing.has_value());
  EXPECT_EQ(missing.error().code, "trust_directory_unreadable");
  const auto bad = directory_ / "bad";
  std::filesystem::create_directory(bad);
  std::ofstream(bad / "x.cer") << "not a certificate";
  const auto invalid = TrustStore::load(Environment::test, {bad});
  std::filesystem::remove_all(bad);
  ASSERT_FALSE(invalid.has_value());
  EXPECT_EQ(invalid.error().code, "trust_certificate_invalid");
}

}  // namespace
}  // namespace puente::sat
