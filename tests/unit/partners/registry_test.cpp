#include "gateway/partners/registry.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <sstream>

namespace puente::partners {
namespace {

using namespace std::chrono_literals;

const std::string kCarrierKey(64, 'a');
const std::string kBrokerKey(64, 'b');
const std::string kOldKey(64, 'c');
constexpr std::chrono::sys_seconds kNow = std::chrono::sys_days(std::chrono::year(2026) / 3 / 15);

const std::string kRegistry = R"([partner.transportes]
name = "Transportes del Norte"
roles = ["sender"]
keys = [
  { spki_sha256 = ")" + kCarrierKey +
                              R"(", valid_from = 2026-03-01, valid_to = 2027-03-01T06:00:00-06:00 },
  { spki_sha256 = ")" + kOldKey +
                              R"(", revoked = true },
]

[partner.laredo]
roles = ["filer", "sender"]
keys = [{ spki_sha256 = ")" + kBrokerKey +
                              R"(" }]
broker = "laredo"
window = 8
lease_seconds = 120

[partner.laredo.limits]
documents_per_second = 7
stored_bytes_per_day = 1000000000

[partner.folder]
roles = ["filer"]
broker = "folder"
channel = "spool"
spool = "/var/spool/puente/folder"

[[route]]
importer = "acme"
port = "2304"
filer = "laredo"

[[route]]
kind = "ae"
filer = "folder"
)";

std::shared_ptr<const Registry> registry() {
  auto parsed = Registry::parse("registry.toml", kRegistry);
  EXPECT_TRUE(parsed.has_value()) << parsed.error().text;
  return *parsed;
}

TEST(Registry_ByKey, pinned_key_in_its_window_is_the_partner) {
  const Partner* partner = registry()->by_key(kCarrierKey, kNow);
  EXPECT_EQ(registry()->by_key(kBrokerKey, kNow)->id, "laredo");
  ASSERT_NE(partner, nullptr);
}

TEST(Registry_ByKey, unknown_revoked_or_out_of_window_is_nobody) {
  const auto known = registry();
  EXPECT_EQ(known->by_key(std::string(64, 'd'), kNow), nullptr);
  EXPECT_EQ(known->by_key("", kNow), nullptr);
  EXPECT_EQ(known->by_key(kOldKey, kNow), nullptr);
  EXPECT_EQ(known->by_key(kCarrierKey, std::chrono::sys_days(std::chrono::year(2026) / 2 / 28)), nullptr);
  const std::chrono::sys_seconds end = std::chrono::sys_days(std::chrono::year(2027) / 3 / 1) + 12h;
  EXPECT_NE(known->by_key(kCarrierKey, end - 1s), nullptr);
  EXPECT_EQ(known->by_key(kCarrierKey, end), nullptr);
}

TEST(Registry_Parse, fields_are_read_and_defaults_stand) {
  const auto known = registry();
  const Partner* broker = known->by_id("laredo");
  ASSERT_NE(broker, nullptr);
  EXPECT_EQ(broker->window, 8U);
  EXPECT_EQ(broker->lease, 120s);
  EXPECT_EQ(broker->name, "laredo");
  EXPECT_TRUE(broker->roles.contains(Role::sender));
  EXPECT_EQ(known->by_id("folder")->spool, "/var/spool/puente/folder");
  EXPECT_EQ(known->by_id("transportes")->window, 64U);
  EXPECT_EQ(known->by_id("nobody"), nullptr);
}

TEST(Registry_Limits, a_given_one_counts_and_the_others_stay_as_the_table_presets_them) {
  const auto known = registry();
  const PartnerLimits& given = known->by_id("laredo")->limits;
  for (const LimitRow& row : limit_rows()) {
    const bool changed = row.limit == Limit::documents_per_second || row.limit == Limit::stored_bytes_per_day;
    EXPECT_EQ(given[row.limit] == row.preset, !changed) << row.key;
    EXPECT_EQ(known->by_id("transportes")->limits[row.limit], row.preset) << row.key;
    EXPECT_TRUE(row.preset == 0 ? row.least == 0 : row.least <= row.preset && row.preset <= row.most) << row.key;
    EXPECT_EQ(limit_of_key(row.key), &row);
  }
  EXPECT_EQ(given[Limit::documents_per_second], 7U);
  EXPECT_EQ(given[Limit::stored_bytes_per_day], 1'000'000'000U);
}

TEST(Registry_Limits, the_widest_are_within_the_bounds) {
  const auto wide = Registry::parse("r.toml", "[partner.a]\nroles = [\"ops\"]\nkeys = [{ spki_sha256 = \"" +
                                                  kCarrierKey + "\" }]\n" + widest_limits());
  ASSERT_TRUE(wide.has_value()) << wide.error().text;
  for (const LimitRow& row : limit_rows())
    EXPECT_EQ((*wide)->by_id("a")->limits[row.limit], row.preset == 0 ? 0 : row.most) << row.key;
}

TEST(Registry_Limits, page_is_that_of_the_table) {
  const std::string page = std::string(PUENTE_SOURCE_DIR) + "/deploy/LIMITS.md";
  if (std::getenv("PUENTE_BLESS") != nullptr) std::ofstream(page) << limits_reference();
  std::ostringstream text;
  text << std::ifstream(page).rdbuf();
  EXPECT_EQ(text.str(), limits_reference()) << "write it anew with PUENTE_BLESS=1 and look at the difference";
}

TEST(Registry_Route, first_row_whose_given_fields_match_wins) {
  const auto known = registry();
  EXPECT_EQ(known->route("acme", "12-3456789AB", "2304", "TRNO", "se")->id, "laredo");
  EXPECT_EQ(known->route("acme", "12-3456789AB", "2304", "TRNO", "ae")->id, "laredo");
  EXPECT_EQ(known->route("other", "98-7654321AB", "2304", "TRNO", "ae")->id, "folder");
  EXPECT_EQ(known->route("other", "98-7654321AB", "2304", "TRNO", "se"), nullptr);
}

std::string with_override(const std::string& fields) {
  return "[partner.a]\nroles = [\"ops\"]\noverrides = [{ " + fields + " }]\n";
}

struct BrokenRegistry {
  const char* name;
  std::string toml;
  std::string fault;
};

class Registry_Broken : public testing::TestWithParam<BrokenRegistry> {};

TEST_P(Registry_Broken, fault_names_file_line_and_cause) {
  const auto parsed = Registry::parse("r.toml", GetParam().toml);
  ASSERT_FALSE(parsed.has_value());
  EXPECT_EQ(parsed.error().code, "registry_invalid");
  EXPECT_EQ(parsed.error().text, GetParam().fault);
}

std::string one_key(const std::string& rest) {
  return "keys = [{ spki_sha256 = \"" + kCarrierKey + "\"" + rest + " }]\n";
}

INSTANTIATE_TEST_SUITE_P(
    EachFault, Registry_Broken,
    testing::Values(
        BrokenRegistry{"UnknownTable", "[partners.a]\n", "r.toml:1: unknown field \"partners\" in the registry"},
        BrokenRegistry{"UnknownField", "[partner.a]\nroles = [\"ops\"]\n" + one_key("") + "colour = 1\n",
                       "r.toml:4: unknown field \"colour\" in [partner.a]"},
        BrokenRegistry{"UnknownKeyField", "[partner.a]\nroles = [\"ops\"]\n" + one_key(", until = 2026-01-01"),
                       "r.toml:3: unknown field \"until\" in a key of [partner.a]"},
        BrokenRegistry{"UnknownLimit", "[partner.a]\nroles = [\"ops\"]\n" + one_key("") + "limits.pigeons = 1\n",
                       "r.toml:4: unknown limit \"pigeons\" in [partner.a]"},
        BrokenRegistry{"LimitOutOfBounds",
                       "[partner.a]\nroles = [\"ops\"]\n" + one_key("") + "limits.connections = 0\n",
                       "r.toml:4: connections must be a whole number from 1 to 10000"},
        BrokenRegistry{"NoRoles", "[partner.a]\n" + one_key(""),
                       "r.toml:1: [partner.a] needs roles = [\"sender\", \"filer\", \"ops\"], at least one"},
        BrokenRegistry{"WrongRole", "[partner.a]\nroles = [\"admin\"]\n" + one_key(""),
                       "r.toml:2: a role is one of \"sender\", \"filer\", \"ops\""},
        BrokenRegistry{"NoKeys", "[partner.a]\nroles = [\"sender\"]\n", "r.toml:1: [partner.a] needs keys"},
        BrokenRegistry{"ShortDigest", "[partner.a]\nroles = [\"ops\"]\nkeys = [{ spki_sha256 = \"AB\" }]\n",
                       "r.toml:3: spki_sha256 must be 64 lower-case hex digits"},
        BrokenRegistry{"LocalTime", "[partner.a]\nroles = [\"ops\"]\n" + one_key(", valid_to = 2026-01-01T00:00:00"),
                       "r.toml:3: valid_to must be a date, or a date and time with its offset (2026-03-01T00:00:00Z)"},
        BrokenRegistry{"EmptyWindow",
                       "[partner.a]\nroles = [\"ops\"]\n" + one_key(", valid_from = 2026-01-02, valid_to = 2026-01-02"),
                       "r.toml:3: valid_from must be before valid_to"},
        BrokenRegistry{
            "SharedKey",
            "[partner.a]\nroles = [\"ops\"]\n" + one_key("") + "[partner.b]\nroles = [\"ops\"]\n" + one_key(""),
            "r.toml:6: this key is already pinned by [partner.a]"},
        BrokenRegistry{"FilerWithoutBroker", "[partner.a]\nroles = [\"filer\"]\n" + one_key(""),
                       "r.toml:1: [partner.a] has the role filer and needs broker"},
        BrokenRegistry{"SpoolWithoutFolder", "[partner.a]\nroles = [\"filer\"]\nbroker = \"a\"\nchannel = \"spool\"\n",
                       "r.toml:1: [partner.a] has channel \"spool\" and needs spool"},
        BrokenRegistry{"UnknownChannel",
                       "[partner.a]\nroles = [\"filer\"]\nbroker = \"a\"\nchannel = \"fax\"\n" + one_key(""),
                       "r.toml:4: channel must be \"grpc\", \"socket\" or \"spool\""},
        BrokenRegistry{"Window", "[partner.a]\nroles = [\"ops\"]\nwindow = 0\n" + one_key(""),
                       "r.toml:3: window must be a whole number from 1 to 10000"},
        BrokenRegistry{"RouteToNobody", "[[route]]\nfiler = \"x\"\n",
                       "r.toml:1: filer \"x\" is no partner of this registry"},
        BrokenRegistry{"RouteToSender",
                       "[partner.a]\nroles = [\"sender\"]\n" + one_key("") + "[[route]]\nfiler = \"a\"\n",
                       "r.toml:4: [partner.a] does not have the role filer"},
        BrokenRegistry{"OverrideWithoutReason", with_override("code = \"CFDI40105\", owner = \"x\""),
                       "r.toml:3: an override needs code, owner and reason"},
        BrokenRegistry{"OverrideOfTheSeal", with_override("code = \"SEAL_INVALID\", owner = \"x\", reason = \"y\""),
                       "r.toml:3: SEAL_INVALID cannot be overridden: only findings of rules and catalogs can"},
        BrokenRegistry{"OverrideForEver",
                       with_override("code = \"CP149\", owner = \"x\", reason = \"y\", severity = \"warning\""),
                       "r.toml:3: an override needs expires, a date (2027-01-31)"},
        BrokenRegistry{"OverrideToHold",
                       with_override("code = \"CP149\", owner = \"x\", reason = \"y\", severity = \"hold\""),
                       "r.toml:3: severity of an override is \"error\", \"warning\" or \"info\""}),
    [](const auto& broken) { return std::string(broken.param.name); });

TEST(Registry_Parse, overrides_are_rows_with_owner_reason_and_expiry) {
  const auto parsed = Registry::parse(
      "r.toml", with_override("code = \"CP149\", severity = \"warning\", owner = \"ana\", reason = \"pallets\", "
                              "expires = 2027-01-31") +
                    one_key(""));
  ASSERT_TRUE(parsed.has_value()) << parsed.error().text;
  const auto& overrides = (*parsed)->by_id("a")->overrides;
  ASSERT_EQ(overrides.size(), 1U);
  EXPECT_EQ(overrides[0].code, "CP149");
  EXPECT_EQ(overrides[0].severity, v1::SEVERITY_WARNING);
  EXPECT_EQ(overrides[0].owner, "ana");
  EXPECT_EQ(overrides[0].reason, "pallets");
  EXPECT_EQ(to_string(overrides[0].expires), "2027-01-31");
}

TEST(Registry_Parse, broken_toml_names_its_line) {
  const auto parsed = Registry::parse("r.toml", "[partner.a]\nroles = [\n");
  ASSERT_FALSE(parsed.has_value());
  EXPECT_EQ(parsed.error().text.find("r.toml:"), 0U);
}

TEST(Partners_Replace, new_registry_is_current_when_listeners_run_and_unlistened_are_silent) {
  Partners partners(registry());
  std::vector<std::string> heard;
  const auto kept = partners.listen([&](const Registry& now) {
    heard.push_back(now.partners().empty() ? "empty" : "full");
    EXPECT_EQ(partners.current().get(), &now);
  });
  const auto dropped = partners.listen([&](const Registry&) { heard.push_back("dropped"); });
  partners.unlisten(dropped);
  partners.replace(*Registry::parse("r.toml", ""));
  partners.unlisten(kept);
  partners.replace(registry());
  EXPECT_EQ(heard, std::vector<std::string>{"empty"});
}

}  // namespace
}  // namespace puente::partners
