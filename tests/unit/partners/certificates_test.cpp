#include "gateway/partners/certificates.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>
#include <iterator>

namespace puente::partners {
namespace {

using namespace std::chrono_literals;

const std::chrono::sys_seconds kNow = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());

class Certificates : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "puente-certs-XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    dir_ = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(dir_); }

  std::string text(const std::string& name) const {
    std::ifstream in(dir_ / name, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  std::filesystem::path dir_;
};

TEST_F(Certificates, Development_AllNames_WrittenWithPrivateKeysForTheOwnerOnly) {
  ASSERT_TRUE(write_development_certificates(dir_, {"acme", "laredo"}).has_value());
  for (const std::string name : {"ca", "server", "receipt", "acme", "laredo"}) {
    struct stat status {};
    ASSERT_EQ(::stat((dir_ / (name + ".key")).c_str(), &status), 0) << name;
    EXPECT_EQ(status.st_mode & 0777U, 0600U) << name;
    EXPECT_TRUE(spki_sha256_of_pem(text(name + ".crt")).has_value()) << name;
  }
  EXPECT_NE(*spki_sha256_of_pem(text("acme.crt")), *spki_sha256_of_pem(text("laredo.crt")));
}

TEST_F(Certificates, Development_SecondCall_KeepsWhatIsThereAndAddsTheNewName) {
  ASSERT_TRUE(write_development_certificates(dir_, {"acme"}).has_value());
  const std::string authority = text("ca.crt"), acme = text("acme.crt");
  ASSERT_TRUE(write_development_certificates(dir_, {"acme", "late"}).has_value());
  EXPECT_EQ(text("ca.crt"), authority);
  EXPECT_EQ(text("acme.crt"), acme);
  EXPECT_FALSE(text("late.crt").empty());
}

TEST_F(Certificates, Development_NameThatIsAPathOrTaken_Refused) {
  for (const std::string name : {"../acme", "", "ca", "server", "Acme", "a/b"}) {
    const auto done = write_development_certificates(dir_, {name});
    ASSERT_FALSE(done.has_value()) << name;
    EXPECT_EQ(done.error().code, "certificate_name");
  }
}

TEST_F(Certificates, Spki_SameAsOpensslPipeline_ForAKnownCertificate) {
  ASSERT_TRUE(write_development_certificates(dir_, {"acme"}).has_value());
  const std::string command = "openssl x509 -in " + (dir_ / "acme.crt").string() +
                              " -noout -pubkey | openssl pkey -pubin -outform DER | sha256sum > " +
                              (dir_ / "digest").string();
  if (std::system("command -v openssl >/dev/null") != 0) GTEST_SKIP() << "the openssl program is not installed";
  ASSERT_EQ(std::system(command.c_str()), 0);
  EXPECT_EQ(*spki_sha256_of_pem(text("acme.crt")), text("digest").substr(0, 64));
}

TEST(Spki_NotACertificate_Fault, every_kind_of_text) {
  for (const std::string_view text : {"", "hello", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"}) {
    const auto digest = spki_sha256_of_pem(text);
    ASSERT_FALSE(digest.has_value());
    EXPECT_EQ(digest.error().code, "certificate_unreadable");
  }
}

TEST(ServerCredentials_Check, only_a_matching_unexpired_pair_with_an_authority_passes) {
  const auto authority = issue_certificate({"ca", Purpose::authority, kNow - 1h, kNow + 1h}, nullptr).value();
  const auto server = issue_certificate({"server", Purpose::server, kNow - 1h, kNow + 1h}, &authority).value();
  const auto other = issue_certificate({"other", Purpose::server, kNow - 1h, kNow + 1h}, &authority).value();
  const auto expired = issue_certificate({"old", Purpose::server, kNow - 2h, kNow - 1h}, &authority).value();
  const std::string& ca = authority.certificate_pem;

  EXPECT_TRUE(check_server_credentials(server.certificate_pem, server.key_pem, ca, kNow).has_value());
  EXPECT_EQ(check_server_credentials(server.certificate_pem, other.key_pem, ca, kNow).error().code,
            "certificate_key_mismatch");
  EXPECT_EQ(check_server_credentials(expired.certificate_pem, expired.key_pem, ca, kNow).error().code,
            "certificate_expired");
  EXPECT_EQ(check_server_credentials(server.certificate_pem, server.key_pem, "", kNow).error().code,
            "certificate_unreadable");
  EXPECT_EQ(check_server_credentials(server.certificate_pem, "", ca, kNow).error().code, "certificate_unreadable");
}

}  // namespace
}  // namespace puente::partners
