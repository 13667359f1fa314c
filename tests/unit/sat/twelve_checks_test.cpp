// The twelve checks of cadena-original section 6, each failing alone: a document that is sealed and stamped in order
// but for one thing gets the finding of that check and no other of seal and stamp. And the zones by which checks 5, 11
// and 12 count.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "tests/support/sealing.h"
#include "tests/unit/sat/documents.h"
#include "tests/unit/sat/sat_files.h"

namespace puente::sat {
namespace {

using test::Authority;
using test::CertificateAsk;
using test::Signer;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::string_view kUuid = "A1B2C3D4-0000-4111-8222-333344445555";
constexpr std::string_view kInTime = "2026-03-02T10:05:00";  // the template's Fecha is 2026-03-02T10:00:00

CertificateAsk csd(const std::string& serial = "00009900000800000003") {
  CertificateAsk ask;
  ask.serial = serial;
  ask.name = "EMISOR";
  ask.rfc = "EKU9003173C9";
  return ask;
}

CertificateAsk stamping(const std::string& serial, const std::string& rfc) {
  CertificateAsk ask;
  ask.serial = serial;
  ask.name = "SERVICIO DE ADMINISTRACION TRIBUTARIA";
  ask.rfc = rfc;
  return ask;
}

// Two authorities: one of tests by its name, and one that production would take for the SAT's.
class TwelveChecks : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::filesystem::temp_directory_path() / ("puente-twelve-" + std::to_string(getpid()));
    for (const char* name : {"test", "sat"}) std::filesystem::create_directories(folder_ / name);
    test_ = new Authority(Authority::create());
    sat_ = new Authority(Authority::create("AUTORIDAD CERTIFICADORA"));
    test_->write_trust(folder_ / "test");
    sat_->write_trust(folder_ / "sat");
    issuer_ = new Signer(test_->issue(csd()));
    sat_issuer_ = new Signer(sat_->issue(csd()));
  }
  static void TearDownTestSuite() {
    std::filesystem::remove_all(folder_);
    delete sat_issuer_;
    delete issuer_;
    delete sat_;
    delete test_;
  }

  // A trust store of the environment over a folder and the certificates of these signers, and nothing else.
  static ReadContext trusting(Environment environment, std::string_view folder, const std::vector<Signer>& also = {}) {
    const auto beside = folder_ / "beside";
    std::filesystem::remove_all(beside);
    std::filesystem::create_directories(beside);
    for (const Signer& signer : also)
      std::ofstream(beside / (signer.serial + ".cer"), std::ios::binary) << signer.certificate_der;
    std::vector<std::filesystem::path> folders = {beside};
    if (!folder.empty()) folders.push_back(folder_ / folder);
    const auto store = TrustStore::load(environment, folders);
    EXPECT_TRUE(store) << (store ? "" : store.error().text);
    ReadContext context;
    if (store) context.trust = *store;
    return context;
  }
  static ReadContext trusting() { return trusting(Environment::test, "test"); }

  static std::string sealed(const Signer& issuer = *issuer_, const std::string& text = invoice()) {
    return test::seal(text, issuer);
  }
  static std::string stamped(const std::string& text, std::string_view time = kInTime,
                             const Signer& signer = test_->stamping()) {
    return test::stamp(text, signer, {std::string(kUuid), std::string(time)});
  }

  static std::vector<std::string> said(const std::string& text, const ReadContext& context) {
    std::vector<std::string> out;
    for (const auto& finding : read("document.xml", text, context).findings)
      if (finding.code().starts_with("SEAL_") || finding.code().starts_with("STAMP_") ||
          finding.code().starts_with("DOCUMENT_NOT_"))
        out.push_back(finding.code());
    return out;
  }

  static inline std::filesystem::path folder_;
  static inline Authority* test_ = nullptr;
  static inline Authority* sat_ = nullptr;
  static inline Signer* issuer_ = nullptr;
  static inline Signer* sat_issuer_ = nullptr;
};

TEST_F(TwelveChecks, AllInOrder_SayNothing) {
  EXPECT_THAT(said(stamped(sealed()), trusting()), IsEmpty());
  EXPECT_THAT(said(stamped(sealed(*sat_issuer_), kInTime, sat_->stamping()), trusting(Environment::production, "sat")),
              IsEmpty());
}

TEST_F(TwelveChecks, C1_NotOneCertificate) {
  const std::string text = stamped(sealed());
  // Base64 of the certificate twice over is one certificate and something after it.
  const std::string& good = issuer_->certificate_base64;
  for (const std::string& bad :
       {good.substr(4), good.substr(0, 400), good + "AAAA", std::string("bm90IG9uZQ=="), "!" + good.substr(1)})
    EXPECT_THAT(said(replace(text, good, bad), trusting()), ElementsAre("SEAL_CERTIFICATE_UNREADABLE"))
        << bad.substr(0, 20);
}

TEST_F(TwelveChecks, C2_AnotherSerial) {
  Signer other = *issuer_;
  other.serial = "00009900000800000004";  // NoCertificado is in the cadena: sealed with it
  EXPECT_THAT(said(stamped(sealed(other)), trusting()), ElementsAre("SEAL_SERIAL_MISMATCH"));
}

TEST_F(TwelveChecks, C3_AnotherRfc_AndThatOfTheRepresentative) {
  CertificateAsk ask = csd("00009900000800000005");
  ask.rfc = "URE180429TM6";
  EXPECT_THAT(said(stamped(sealed(test_->issue(ask))), trusting()), ElementsAre("SEAL_RFC_MISMATCH"));
  // The representative of every certificate here: behind the slash, and no issuer.
  const std::string text = replace(invoice(), "Rfc=\"EKU9003173C9\"", "Rfc=\"VADA800927DJ3\"");
  EXPECT_THAT(said(stamped(sealed(*issuer_, text)), trusting()), ElementsAre("SEAL_RFC_MISMATCH"));
}

TEST_F(TwelveChecks, C4_Efirma) {
  CertificateAsk ask = csd("00009900000800000006");
  ask.e_firma = true;
  EXPECT_THAT(said(stamped(sealed(test_->issue(ask))), trusting()), ElementsAre("SEAL_CERTIFICATE_NOT_CSD"));
}

TEST_F(TwelveChecks, C5_NotValidAtFecha) {
  CertificateAsk late = csd("00009900000800000007"), early = csd("00009900000800000008");
  late.not_before = "20260304060000Z";
  early.not_after = "20260301060000Z";
  for (const CertificateAsk& ask : {late, early})
    EXPECT_THAT(said(stamped(sealed(test_->issue(ask))), trusting()), ElementsAre("SEAL_CERTIFICATE_NOT_VALID"));
}

TEST_F(TwelveChecks, C5_ExpiredSince_IsInOrder) {
  CertificateAsk ask = csd("00009900000800000009");
  ask.not_before = "20200101060000Z";
  ask.not_after = "20240101060000Z";  // long ago
  const std::string text = replace(invoice(), "Fecha=\"2026-03-02T", "Fecha=\"2023-03-02T");
  CertificateAsk old = stamping("00009900000800000010", "SAT970701NN3");
  old.not_before = ask.not_before;
  old.not_after = ask.not_after;
  const Signer authority = test_->issue(old);
  EXPECT_THAT(said(stamped(sealed(test_->issue(ask), text), "2023-03-02T10:05:00", authority),
                   trusting(Environment::test, "test", {authority})),
              IsEmpty());
}

TEST_F(TwelveChecks, C6_IssuerNotAtHand_Forged_AndOfTests) {
  EXPECT_THAT(said(stamped(sealed()), trusting(Environment::test, "", {test_->stamping()})),
              ElementsAre("SEAL_ISSUER_UNKNOWN"));
  const Authority forger = Authority::create();
  EXPECT_THAT(said(stamped(sealed(forger.issue(csd()))), trusting()), ElementsAre("SEAL_ISSUER_REFUSED"));
  EXPECT_THAT(said(stamped(sealed(), kInTime, sat_->stamping()), trusting(Environment::production, "sat")),
              ElementsAre("SEAL_TEST_AUTHORITY"));
}

TEST_F(TwelveChecks, C6_ThroughAnIntermediate) {
  const Authority intermediate = test_->below("AC DE DESARROLLO PUENTE 5", "00009900000800000090");
  const std::string text = stamped(sealed(intermediate.issue(csd())));
  const auto trust_of = [&](const std::vector<std::string>& pems) {
    const auto place = folder_ / "chain";
    std::filesystem::remove_all(place);
    std::filesystem::create_directories(place);
    // PEM under the name of DER, as the SAT has it.
    for (std::size_t i = 0; i < pems.size(); ++i)
      std::ofstream(place / (std::to_string(i) + ".cer"), std::ios::binary) << pems[i];
    std::ofstream(place / "stamping.cer", std::ios::binary) << test_->stamping().certificate_der;
    const auto store = TrustStore::load(Environment::test, {place});
    EXPECT_TRUE(store) << (store ? "" : store.error().text);
    ReadContext context;
    if (store) context.trust = *store;
    return context;
  };
  const std::string root = test_->certificate_pem(), below = intermediate.certificate_pem();
  EXPECT_THAT(said(text, trust_of({root, below})), IsEmpty());
  EXPECT_THAT(said(text, trust_of({below})), IsEmpty()) << "an intermediate is believed without its root";
  EXPECT_THAT(said(text, trust_of({root})), ElementsAre("SEAL_ISSUER_UNKNOWN"));
}

TEST_F(TwelveChecks, DescribedCertificates_AreOfTheirKind) {
  CertificateAsk person = csd("00009900000800000091");
  person.e_firma = true;
  const Authority intermediate = test_->below("AC DE DESARROLLO PUENTE 5", "00009900000800000090");
  const std::vector<std::pair<std::string, CertificateKind>> cases = {
      {test_->certificate_pem(), CertificateKind::root},
      {intermediate.certificate_pem(), CertificateKind::intermediate},
      {test_->stamping().certificate_der, CertificateKind::stamping},
      {test_->issue(stamping("00009900000800000092", "SPR190613I52")).certificate_der, CertificateKind::stamping},
      {issuer_->certificate_der, CertificateKind::csd},
      {test_->issue(person).certificate_der, CertificateKind::e_firma}};
  const auto roots = describe_certificates("root.pem", test_->certificate_pem());
  ASSERT_TRUE(roots);
  const auto store = TrustStore::of(Environment::test, *roots);
  for (const auto& [content, kind] : cases) {
    const auto described = describe_certificates("file", content);
    ASSERT_TRUE(described);
    ASSERT_EQ(described->size(), 1u);
    EXPECT_EQ(described->front().kind, kind) << described->front().number;
    EXPECT_EQ(described->front().number.size(), 20u);
    EXPECT_EQ(described->front().sha256.size(), 64u);
    EXPECT_EQ(store->chain(described->front()), ChainVerdict::trusted);
  }
  const auto both = describe_certificates("bundle.pem", test_->certificate_pem() + intermediate.certificate_pem());
  ASSERT_TRUE(both);
  EXPECT_EQ(both->size(), 2u);
  for (const std::string& bad : {std::string(), std::string("text"), issuer_->certificate_der + "x",
                                 std::string("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")})
    EXPECT_FALSE(describe_certificates("bad", bad));
}

TEST_F(TwelveChecks, C7_ChangedAfterSealing) {
  EXPECT_THAT(said(replace(stamped(sealed()), "Total=\"116.00\"", "Total=\"16.00\""), trusting()),
              ElementsAre("SEAL_INVALID"));
}

TEST_F(TwelveChecks, C7_SealedWithAnotherKey) {
  Signer other = test_->issue(csd());
  other.certificate_base64 = issuer_->certificate_base64;
  EXPECT_THAT(said(stamped(sealed(other)), trusting()), ElementsAre("SEAL_INVALID"));
}

TEST_F(TwelveChecks, C8_NoStamp_AndTwo) {
  EXPECT_THAT(said(sealed(), trusting()), ElementsAre("DOCUMENT_NOT_STAMPED"));
  const std::string once = stamped(sealed());
  const auto begin = once.find("<tfd:TimbreFiscalDigital"), end = once.find("</cfdi:Complemento>");
  EXPECT_THAT(said(once.substr(0, end) + once.substr(begin), trusting()), ElementsAre("STAMP_REPEATED"));
}

TEST_F(TwelveChecks, C9_StampOfAnotherDocument) {
  const std::string other = stamped(sealed(*issuer_, replace(invoice(), "Folio=\"17\"", "Folio=\"18\"")));
  const auto begin = other.find("<tfd:TimbreFiscalDigital");
  const std::string taken = other.substr(begin, other.find("</cfdi:Complemento>") - begin);
  EXPECT_THAT(said(replace(sealed(), "</cfdi:Complemento>", taken + "</cfdi:Complemento>"), trusting()),
              ElementsAre("STAMP_OF_ANOTHER_DOCUMENT"));
}

TEST_F(TwelveChecks, C9_WhiteSpaceInEither_IsNoDifference) {
  // Sello is not in the cadena: wrapping its base64 leaves the seal as it was.
  std::string text = stamped(sealed());
  for (auto at = text.find(" Sello=\"") + 8 + 64; text[at] != '"' && text.find('"', at) > at + 64; at += 69)
    text.insert(at, "&#xA;");
  EXPECT_THAT(said(text, trusting()), IsEmpty());
  EXPECT_EQ(read("wrapped.xml", text, trusting()).stages.stamp, Stage::pass);
  // SelloCFD is in the stamp's: wrapped before it is stamped. Sello stands as one word when the stamp is on.
  const std::string one_word = sealed();
  const auto value = one_word.find(" Sello=\"") + 8;
  std::string two_words = one_word;
  two_words.insert(value + 100, " ");
  std::string with_stamp = stamped(two_words);
  with_stamp.erase(with_stamp.find(" Sello=\"") + 8 + 100, 1);
  EXPECT_THAT(said(with_stamp, trusting()), IsEmpty());
}

TEST_F(TwelveChecks, C10_ChangedAfterStamping_AndStampedWithAnotherKey) {
  EXPECT_THAT(said(replace(stamped(sealed()), "UUID=\"A1B2", "UUID=\"B1B2"), trusting()), ElementsAre("STAMP_INVALID"));
  Signer other = test_->issue(csd());
  other.serial = test_->stamping().serial;
  EXPECT_THAT(said(stamped(sealed(), kInTime, other), trusting()), ElementsAre("STAMP_INVALID"));
}

TEST_F(TwelveChecks, C10_CertificateNotAtHand_IsSaidAndNotHeldAgainstTheStamp) {
  const Signer other = test_->issue(stamping("00009900000800000011", "SAT970701NN3"));
  const std::string text = stamped(sealed(), kInTime, other);
  EXPECT_THAT(said(text, trusting()), ElementsAre("STAMP_CERTIFICATE_UNKNOWN"));
  EXPECT_EQ(read("unknown.xml", text, trusting()).stages.stamp, Stage::unknown);
  EXPECT_TRUE(read("unknown.xml", text, trusting()).accepted);
}

TEST_F(TwelveChecks, C11_ThePacsOwnCertificate) {
  const Signer pac = test_->issue(stamping("00009900000800000012", "CVD110412TF6"));
  EXPECT_THAT(said(stamped(sealed(), kInTime, pac), trusting(Environment::test, "test", {pac})),
              ElementsAre("STAMP_CERTIFICATE_REFUSED"));
}

TEST_F(TwelveChecks, C11_TheSatsDoubleOfTests_IsBelievedInTestsAlone) {
  const Signer in_test = test_->issue(stamping("00009900000800000013", "SPR190613I52"));
  EXPECT_THAT(said(stamped(sealed(), kInTime, in_test), trusting(Environment::test, "test", {in_test})), IsEmpty());
  const Signer in_production = sat_->issue(stamping("00009900000800000014", "SPR190613I52"));
  EXPECT_THAT(said(stamped(sealed(*sat_issuer_), kInTime, in_production),
                   trusting(Environment::production, "sat", {in_production})),
              ElementsAre("STAMP_CERTIFICATE_REFUSED"));
}

TEST_F(TwelveChecks, C11_NotValidAtFechaTimbrado_ByCentralTime) {
  // 10:05 central is 16:05 UTC.
  struct Case {
    std::string not_after;
    bool valid;
  };
  for (const Case& one : {Case{"20260302180000Z", true}, {"20260302160600Z", true}, {"20260302150000Z", false}}) {
    CertificateAsk ask = stamping("00009900000800000015", "SAT970701NN3");
    ask.not_after = one.not_after;
    const Signer signer = test_->issue(ask);
    const auto codes = said(stamped(sealed(), kInTime, signer), trusting(Environment::test, "test", {signer}));
    SCOPED_TRACE(one.not_after);
    if (one.valid) {
      EXPECT_THAT(codes, IsEmpty());
    } else {
      EXPECT_THAT(codes, ElementsAre("STAMP_CERTIFICATE_REFUSED"));
    }
  }
}

TEST_F(TwelveChecks, C12_StampedTooLate_AndBeforeItWasIssued) {
  for (const std::string_view time : {"2026-03-05T13:00:01", "2026-03-02T06:59:59"})
    EXPECT_THAT(said(stamped(sealed(), time), trusting()), ElementsAre("STAMP_TIME")) << time;
  for (const std::string_view time : {"2026-03-05T13:00:00", "2026-03-02T07:00:00"})
    EXPECT_THAT(said(stamped(sealed(), time), trusting()), IsEmpty()) << time;
}

class Zones : public TwelveChecks {
 protected:
  static ReadContext with_postal_codes() {
    ReadContext context = trusting();
    const auto list = catalogs::SatList::parse("c_CodigoPostal",
                                               "clave,estado,municipio,localidad,vigencia_desde,vigencia_hasta,huso\n"
                                               "22000,BCN,004,04,2019-01-07,,Tiempo del Noroeste en Frontera\n"
                                               "31000,CHH,019,02,2019-01-07,,Tiempo del Pacífico\n"
                                               "64000,NLE,039,07,2019-01-07,,Tiempo del Centro\n"
                                               "77500,ROO,005,01,2022-01-01,,Tiempo del Sureste\n"
                                               "99999,ROO,005,01,2022-01-01,,Tiempo de Marte\n");
    EXPECT_TRUE(list) << (list ? "" : list.error().text);
    if (list) context.lists = catalogs::SatLists::with(std::array{*list});
    return context;
  }
  static std::string issued_at(std::string_view postal_code, const Signer& issuer = *issuer_) {
    return sealed(issuer, replace(invoice(), "LugarExpedicion=\"64000\"",
                                  "LugarExpedicion=\"" + std::string(postal_code) + "\""));
  }
};

TEST_F(Zones, C12_IsCountedFromTheZoneOfLugarExpedicion) {
  struct Case {
    std::string_view place, stamped;
    bool in_time;
  };
  // Issued 2026-03-02T10:00 on the place's clocks: 12:00 central in Tijuana, 09:00 in Cancún. An hour of slack.
  const auto context = with_postal_codes();
  for (const Case& one : {Case{"22000", "2026-03-02T12:01:00", true},
                          {"22000", "2026-03-02T11:00:00", true},
                          {"22000", "2026-03-02T10:30:00", false},
                          {"22000", "2026-03-05T13:00:00", true},
                          {"22000", "2026-03-05T13:30:00", false},
                          {"77500", "2026-03-02T09:01:00", true},
                          {"77500", "2026-03-02T07:30:00", false},
                          {"64000", "2026-03-02T09:00:00", true},
                          {"64000", "2026-03-02T08:59:59", false},
                          // Chihuahua went to central time in 2022, and the list at hand still says Pacífico.
                          {"31000", "2026-03-02T10:01:00", true},
                          // Not in the list, of no zone, and no list: the slack of all of Mexico.
                          {"44100", "2026-03-02T07:00:00", true},
                          {"99999", "2026-03-02T07:00:00", true}}) {
    SCOPED_TRACE(std::string(one.place) + " " + std::string(one.stamped));
    const auto codes = said(stamped(issued_at(one.place), one.stamped), context);
    if (one.in_time) {
      EXPECT_THAT(codes, IsEmpty());
    } else {
      EXPECT_THAT(codes, ElementsAre("STAMP_TIME"));
    }
  }
}

TEST_F(Zones, C5_IsCountedFromTheZoneOfLugarExpedicion) {
  CertificateAsk ask = csd("00009900000800000016");
  ask.not_after = "20260302163000Z";  // Fecha 10:00 is 18:00 UTC in Tijuana, 16:00 in Monterrey
  const Signer issuer = test_->issue(ask);
  const auto tijuana = stamped(issued_at("22000", issuer), "2026-03-02T12:05:00");
  EXPECT_THAT(said(tijuana, with_postal_codes()), ElementsAre("SEAL_CERTIFICATE_NOT_VALID"));
  EXPECT_THAT(said(stamped(issued_at("64000", issuer)), with_postal_codes()), IsEmpty());
  EXPECT_THAT(said(tijuana, trusting()), IsEmpty()) << "without the list a day of slack";
}

}  // namespace
}  // namespace puente::sat
