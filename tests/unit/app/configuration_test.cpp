#include "gateway/app/configuration.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

namespace puente::app {
namespace {

constexpr std::string_view kMinimal = R"(environment = "test"
[tls]
certificate = "certificates/server.crt"
key = "certificates/server.key"
client_ca = "/etc/puente/ca.crt"
[partners]
registry = "registry.toml"
profiles = "partners"
catalog = "catalog.csv"
[ledger]
file = "ledger/puente.sqlite"
[receipt]
key = "receipt.key"
)";

LoadedConfiguration parse(const std::string& more = "") {
  return parse_configuration("/srv/puente/puente.toml", std::string(kMinimal) + more);
}

// "CODE line:key" of every finding.
std::set<std::string> told(const LoadedConfiguration& loaded) {
  std::set<std::string> out;
  for (const Finding& finding : loaded.findings)
    out.insert(finding.code() + " " + std::to_string(finding.source().line()) + ":" + finding.source().path());
  return out;
}

TEST(Configuration, Minimal_TakesDefaultsAndResolvesPaths) {
  const LoadedConfiguration loaded = parse();
  ASSERT_TRUE(loaded.usable()) << loaded.fault().text;
  EXPECT_EQ(loaded.values.environment, sat::Environment::test);
  EXPECT_EQ(loaded.values.tls_certificate, "/srv/puente/certificates/server.crt");
  EXPECT_EQ(loaded.values.tls_client_ca, "/etc/puente/ca.crt");
  EXPECT_EQ(loaded.values.grpc_listen, (Address{"0.0.0.0", 7443}));
  EXPECT_EQ(loaded.values.document_bytes.count, 10U * 1024 * 1024);
  EXPECT_EQ(loaded.values.deadline_before_arrival, std::chrono::minutes(60));
  EXPECT_EQ(loaded.origins.at("listen.grpc"), "default");
  EXPECT_EQ(loaded.origins.at("environment"), "line 1");
}

TEST(Configuration, EstadoUrl_IsOffOrAUrlWithoutAName) {
  EXPECT_FALSE(parse().values.estado_url);
  EXPECT_FALSE(parse("[estado]\nurl = \"off\"\n").values.estado_url);
  const auto on = parse("[estado]\nurl = \"https://sat.example/svc\"\nproxy = \"http://proxy:3128\"\nwait = \"0s\"\n");
  ASSERT_TRUE(on.usable()) << on.fault().text;
  EXPECT_EQ(on.values.estado_url->text, "https://sat.example/svc");
  EXPECT_EQ(on.values.estado_proxy->text, "http://proxy:3128");
  EXPECT_EQ(on.values.estado_wait.count(), 0);
  for (const auto* wrong : {"sat.example", "ftp://sat.example/", "https://", "https://name:word@sat.example/svc",
                            "https://sat.example/a b", "file:///etc/passwd"})
    EXPECT_TRUE(
        told(parse("[estado]\nurl = \"" + std::string(wrong) + "\"\n")).contains("CONFIG_VALUE_INVALID 15:estado.url"))
        << wrong;
}

TEST(Configuration, EstadoUrlWithoutTls_IsRefusedInProduction) {
  const auto refused = [](const std::string& environment, const std::string& url) {
    auto text = std::string(kMinimal) + "[estado]\nurl = \"" + url + "\"\n";
    text.replace(text.find("\"test\""), 6, "\"" + environment + "\"");
    Findings findings;
    check_surroundings(parse_configuration("/srv/puente/puente.toml", text), findings);
    return std::any_of(findings.begin(), findings.end(), [](const Finding& finding) {
      return finding.code() == "CONFIG_VALUE_INVALID" && finding.source().path() == "estado.url";
    });
  };
  EXPECT_TRUE(refused("production", "http://sat.example/svc"));
  EXPECT_FALSE(refused("production", "https://sat.example/svc"));
  EXPECT_FALSE(refused("test", "http://sat.example/svc"));
}

TEST(Configuration, EveryProblem_IsToldAtOnceWithItsPlace) {
  const LoadedConfiguration loaded = parse_configuration("p.toml", R"(environment = "staging"
colour = "blue"
[listen]
grpc = "7443"
[delivery]
backof_first = "2s"
poll = "2 seconds"
give_up = "1s"
[limits]
document = "1GiB"
depth = "64"
)");
  const std::set<std::string> expected = {
      "CONFIG_VALUE_INVALID 1:environment",     "CONFIG_KEY_UNKNOWN 2:colour",
      "CONFIG_VALUE_INVALID 4:listen.grpc",     "CONFIG_KEY_UNKNOWN 6:delivery.backof_first",
      "CONFIG_VALUE_INVALID 7:delivery.poll",   "CONFIG_VALUE_BOUNDS 8:delivery.give_up",
      "CONFIG_VALUE_BOUNDS 10:limits.document", "CONFIG_VALUE_INVALID 11:limits.depth",
      "CONFIG_KEY_MISSING 0:tls.certificate",   "CONFIG_KEY_MISSING 0:tls.key",
      "CONFIG_KEY_MISSING 0:tls.client_ca",     "CONFIG_KEY_MISSING 0:partners.registry",
      "CONFIG_KEY_MISSING 0:partners.profiles", "CONFIG_KEY_MISSING 0:partners.catalog",
      "CONFIG_KEY_MISSING 0:ledger.file",       "CONFIG_KEY_MISSING 0:receipt.key"};
  EXPECT_EQ(told(loaded), expected);
  EXPECT_FALSE(loaded.usable());
}

TEST(Configuration, UnknownKey_NamesTheNearest) {
  const LoadedConfiguration loaded = parse("[delivery]\nbackof_first = \"2s\"\n");
  ASSERT_EQ(loaded.findings.size(), 1U);
  EXPECT_NE(loaded.findings.begin()->remedy_en().find("delivery.backoff_first"), std::string::npos);
}

TEST(Configuration, NotToml_IsOneFindingWithItsLine) {
  const LoadedConfiguration loaded = parse_configuration("p.toml", "environment = \"test\"\n[tls\n");
  EXPECT_EQ(told(loaded), (std::set<std::string>{"CONFIG_SYNTAX 2:"}));
}

TEST(Configuration, IPv6_NeedsBrackets) {
  EXPECT_EQ(parse("[listen]\ngrpc = \"[::1]:0\"\n").values.grpc_listen, (Address{"::1", 0}));
  EXPECT_FALSE(parse("[listen]\ngrpc = \"::1:7443\"\n").usable());
  EXPECT_FALSE(parse("[listen]\ngrpc = \"localhost:70000\"\n").usable());
}

TEST(Configuration, Printed_LoadsAgainAsItself) {
  const LoadedConfiguration first =
      parse("[delivery]\nbackoff_first = \"1500ms\"\n[log]\nlevel = \"debug\"\n[trust]\nfolders = [\"a\", \"/b\"]\n");
  ASSERT_TRUE(first.usable());
  const std::string printed = print_configuration(first);
  const LoadedConfiguration second = parse_configuration("/elsewhere/puente.toml", printed);
  ASSERT_TRUE(second.usable()) << printed;
  EXPECT_TRUE(restart_needed(first.values, second.values).empty());
  EXPECT_EQ(second.values.backoff_first, std::chrono::milliseconds(1500));
  EXPECT_EQ(second.values.trust, first.values.trust);
  EXPECT_EQ(second.values.log_level, ops::LogLevel::debug);
}

TEST(Configuration, ChangedKeyThatCannotBeReloaded_IsNamed) {
  const LoadedConfiguration running = parse();
  const LoadedConfiguration wanted = parse("[listen]\ngrpc = \"127.0.0.1:1\"\n[log]\nlevel = \"debug\"\n");
  EXPECT_EQ(restart_needed(running.values, wanted.values), std::vector<std::string>{"listen.grpc"});
}

TEST(Configuration, EveryKey_HasBothSentencesAndALegalDefault) {
  std::set<std::string_view> names;
  for (const ConfigurationKey& key : configuration_keys()) {
    EXPECT_TRUE(names.insert(key.key).second) << key.key;
    EXPECT_FALSE(key.sentence.en.empty()) << key.key;
    EXPECT_FALSE(key.sentence.es.empty()) << key.key;
    EXPECT_LE(key.least, key.most) << key.key;
  }
  EXPECT_TRUE(parse().findings.empty());
}

TEST(Configuration, ReferencePage_IsTheTable) {
  std::ifstream file(std::string(PUENTE_SOURCE_DIR) + "/deploy/CONFIG.md");
  std::ostringstream page;
  page << file.rdbuf();
  EXPECT_EQ(page.str(), configuration_reference())
      << "write it anew: puente check-config --reference > deploy/CONFIG.md";
}

class Surroundings : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "puente-config-XXXXXX";
    folder_ = ::mkdtemp(name.data());
    for (const char* folder : {"certificates", "partners", "ledger"})
      std::filesystem::create_directory(folder_ / folder);
    for (const char* file : {"certificates/server.crt", "certificates/server.key", "ca.crt", "registry.toml",
                             "catalog.csv", "receipt.key"}) {
      std::ofstream(folder_ / file) << "x";
      ::chmod((folder_ / file).c_str(), 0600);
    }
    text_ = kMinimal;
    text_.replace(text_.find("/etc/puente/ca.crt"), 18, "ca.crt");
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::set<std::string> check() {
    LoadedConfiguration loaded = parse_configuration(folder_ / "puente.toml", text_);
    EXPECT_TRUE(loaded.usable());
    check_surroundings(loaded, loaded.findings);
    return told(loaded);
  }
  std::filesystem::path folder_;
  std::string text_;
};

TEST_F(Surroundings, AllThere_SaysNothing) { EXPECT_TRUE(check().empty()); }

TEST_F(Surroundings, SecretThatOthersMayRead_IsRefused) {
  ::chmod((folder_ / "certificates/server.key").c_str(), 0640);
  EXPECT_EQ(check(), (std::set<std::string>{"CONFIG_SECRET_EXPOSED 4:tls.key"}));
}

TEST_F(Surroundings, MissingFile_IsNamedByItsKey) {
  std::filesystem::remove(folder_ / "registry.toml");
  EXPECT_EQ(check(), (std::set<std::string>{"CONFIG_FILE_MISSING 7:partners.registry"}));
}

}  // namespace
}  // namespace puente::app
