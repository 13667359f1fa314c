#include "gateway/app/client_options.h"

#include <gtest/gtest.h>

namespace puente::app {
namespace {

TEST(ClientOptions, PrintedFile_IsReadRelativeToItsFolder) {
  ClientOptions written;
  written.address = "127.0.0.1:7443";
  written.certificate = "certificates/a.crt";
  written.key = "certificates/a.key";
  written.authority = "/etc/ca.crt";
  const std::string text = print_client_options(written);
  const auto options = parse_client_options("/srv/demo/client-a.toml", text);
  ASSERT_TRUE(options) << options.error().text;
  EXPECT_EQ(options->address, "127.0.0.1:7443");
  EXPECT_EQ(options->certificate, "/srv/demo/certificates/a.crt");
  EXPECT_EQ(options->authority, "/etc/ca.crt");
}

TEST(ClientOptions, UnknownKey_IsRefusedWithItsLine) {
  const auto options = parse_client_options("c.toml", "address = \"a:1\"\npassword = \"x\"\n");
  ASSERT_FALSE(options);
  EXPECT_EQ(options.error().code, "client_config_invalid");
  EXPECT_NE(options.error().text.find("c.toml:2: unknown key password"), std::string::npos);
}

TEST(ClientOptions, NothingGiven_NamesWhatIsMissing) {
  const auto options = client_options(Arguments());
  ASSERT_FALSE(options);
  EXPECT_EQ(options.error().code, "client_config_missing");
}

TEST(ClientOptions, Flags_WinWithoutFile) {
  Arguments arguments;
  arguments.add("--address", "localhost:1");
  arguments.add("--certificate", "/a.crt");
  arguments.add("--key", "/a.key");
  arguments.add("--authority", "/ca.crt");
  const auto options = client_options(arguments);
  ASSERT_TRUE(options);
  EXPECT_EQ(options->key, "/a.key");
}

}  // namespace
}  // namespace puente::app
