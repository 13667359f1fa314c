#include <openssl/ssl.h>

#include <fstream>

#include "gateway/partners/certificates.h"
#include "gateway_fixture.h"
#include "raw_socket.h"

namespace puente::transport {
namespace {

using namespace std::chrono_literals;
using testing::attempt;
using testing::eventually;
using testing::GatewayTest;
using testing::TlsAttempt;

class Tls : public GatewayTest {
 protected:
  TlsAttempt with(const std::string& name, int lowest = TLS1_2_VERSION, int highest = TLS1_3_VERSION) {
    TlsAttempt wanted{.port = server_->port(),
                      .authority = file("ca.crt"),
                      .certificate = {},
                      .key = {},
                      .lowest = lowest,
                      .highest = highest};
    if (!name.empty()) {
      wanted.certificate = file(name + ".crt");
      wanted.key = file(name + ".key");
    }
    return wanted;
  }

  void write(const std::string& name, const partners::Credentials& credentials) {
    std::ofstream(file(name + ".crt"), std::ios::binary) << credentials.certificate_pem;
    std::ofstream(file(name + ".key"), std::ios::binary) << credentials.key_pem;
  }

  partners::Credentials issue(const std::string& name, partners::Purpose purpose, std::chrono::hours from,
                              std::chrono::hours to, const partners::Credentials* authority = nullptr) {
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    const partners::Credentials own{text_of(file("ca.crt")), text_of(file("ca.key"))};
    return partners::issue_certificate({name, purpose, now + from, now + to}, authority != nullptr ? authority : &own)
        .value();
  }
};

TEST_F(Tls, Versions_12And13Served_11Refused) {
  EXPECT_EQ(attempt(with("carrier", TLS1_3_VERSION, TLS1_3_VERSION)).version, "TLSv1.3");
  EXPECT_TRUE(attempt(with("carrier", TLS1_3_VERSION, TLS1_3_VERSION)).served);
  EXPECT_TRUE(attempt(with("carrier", TLS1_2_VERSION, TLS1_2_VERSION)).served);
  EXPECT_FALSE(attempt(with("carrier", TLS1_1_VERSION, TLS1_1_VERSION)).served);
  EXPECT_FALSE(attempt(with("carrier", TLS1_VERSION, TLS1_VERSION)).served);
}

TEST_F(Tls, NoClientCertificate_NoService) {
  EXPECT_FALSE(attempt(with("", TLS1_3_VERSION, TLS1_3_VERSION)).served);
  EXPECT_FALSE(attempt(with("", TLS1_2_VERSION, TLS1_2_VERSION)).served);
}

TEST_F(Tls, BadClientCertificates_NoService) {
  const auto other = issue("other authority", partners::Purpose::authority, -1h, 1h);
  const auto self_made = [&] {
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    return partners::issue_certificate({"carrier", partners::Purpose::client, now - 1h, now + 1h}, nullptr).value();
  };
  write("expired", issue("carrier", partners::Purpose::client, -3h, -1h));
  write("future", issue("carrier", partners::Purpose::client, 1h, 3h));
  write("wrong-use", issue("carrier", partners::Purpose::server, -1h, 1h));
  write("stranger-ca", issue("carrier", partners::Purpose::client, -1h, 1h, &other));
  write("self-made", self_made());
  for (const std::string name : {"expired", "future", "wrong-use", "stranger-ca", "self-made"}) {
    EXPECT_FALSE(attempt(with(name)).served) << name;
  }
  EXPECT_TRUE(attempt(with("carrier")).served);
}

TEST_F(Tls, SameNameOfAnAllowedAuthority_OtherKey_Unauthenticated) {
  write("carrier", issue("carrier", partners::Purpose::client, -1h, 1h));
  const auto reply = connect("carrier")->submit(document("invoice"));
  ASSERT_FALSE(reply);
  EXPECT_EQ(reply.error().code, "unauthenticated");
}

TEST_F(Tls, Reload_NewPair_ServedWithoutRestart_OpenConnectionGoesOn) {
  const auto carrier = connect("carrier");
  ASSERT_TRUE(carrier->submit(document("before")));
  write("server", issue("server", partners::Purpose::server, -1h, 1h));
  const std::string expected = partners::spki_sha256_of_pem(text_of(file("server.crt"))).value();
  EXPECT_NE(attempt(with("carrier")).server_key, expected);
  ASSERT_TRUE(server_->reload_certificates());
  EXPECT_TRUE(eventually([&] { return attempt(with("carrier")).server_key == expected; }));
  EXPECT_TRUE(carrier->submit(document("after")));
}

TEST_F(Tls, Reload_KeyOfAnotherCertificate_RefusedAndOldOnesStay) {
  const std::string before = attempt(with("carrier")).server_key;
  auto mixed = issue("server", partners::Purpose::server, -1h, 1h);
  mixed.key_pem = issue("server", partners::Purpose::server, -1h, 1h).key_pem;
  write("server", mixed);
  const auto loaded = server_->reload_certificates();
  ASSERT_FALSE(loaded);
  EXPECT_EQ(loaded.error().code, "certificate_key_mismatch");
  EXPECT_EQ(attempt(with("carrier")).server_key, before);
  EXPECT_TRUE(connect("carrier")->submit(document("served")));
}

}  // namespace
}  // namespace puente::transport
