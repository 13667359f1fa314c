#include <gmock/gmock.h>

#include <algorithm>
#include <fstream>
#include <iterator>

#include "gateway/flow/numbers.h"
#include "gateway/transport/spool/spool.h"
#include "tests/unit/flow/gateway_fixture.h"

namespace puente::test {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Spool : public GatewayTest {
 protected:
  void SetUp() override {
    delivery_options_.poll = std::chrono::milliseconds(20);
    GatewayTest::SetUp();
    run();
    delivery_->start();
    spool_ = transport::make_spool(*partners_, *delivery_, {});
    spool_->look();
  }
  void TearDown() override {
    spool_.reset();
    GatewayTest::TearDown();
  }
  std::string registry_text() const override {
    return GatewayTest::registry_text().substr(0, GatewayTest::registry_text().find("[[route]]")) +
           "[partner.folder]\nroles = [\"filer\"]\nbroker = \"laredo-customs-brokers\"\nchannel = \"spool\"\nspool = "
           "\"" +
           (folder_ / "spool").string() + "\"\n[[route]]\nfiler = \"folder\"\n";
  }
  std::filesystem::path at(std::string_view name) const { return folder_ / "spool" / name; }
  std::vector<std::string> names(std::string_view folder) const {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(at(folder)))
      found.push_back(entry.path().filename().string());
    std::sort(found.begin(), found.end());
    return found;
  }
  static std::string read(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  void write(std::string_view name, std::string_view text) const { std::ofstream(at(name), std::ios::binary) << text; }
  // Offers are made on delivery's thread: look until both filings lie there.
  void receive() {
    submit_shipment(sample());
    settle();
    wait_until([this] {
      const auto rows = filings();
      return std::count_if(rows.begin(), rows.end(), [](const auto& row) { return row.state == "offered"; }) == 2;
    });
    while (names("out").size() < 4) spool_->look();
  }
  void look_twice() {
    spool_->look();
    spool_->look();
  }
  std::unique_ptr<transport::SpoolTransport> spool_;
};

TEST_F(Spool, Filings_LieInOutWithTheirRecords) {
  receive();
  const auto row = filing("se");
  EXPECT_EQ(read(at("out/" + row.token + ".se")), row.records);
  EXPECT_THAT(read(at("out/" + row.token + ".json")), HasSubstr("\"possible_duplicate\""));
  EXPECT_EQ(names("out").size(), 4U);
}

TEST_F(Spool, Confirmation_IsAppliedAndPutAway) {
  receive();
  const auto row = filing("se");
  write("in/ok.json", "{\"confirmation\": {\"token\": \"" + row.token + "\"}}");
  spool_->look();
  EXPECT_EQ(filing("se").state, "offered") << "one look is not enough";
  spool_->look();
  EXPECT_EQ(filing("se").state, "confirmed");
  EXPECT_THAT(names("done"), ::testing::ElementsAre("ok.json", "ok.json.findings.json"));
  EXPECT_THAT(names("in"), IsEmpty());
  EXPECT_EQ(names("out").size(), 2U);
  // Again under the same name: a repeat, and the first one stays.
  write("in/ok.json", "{\"confirmation\": {\"token\": \"" + row.token + "\"}}");
  look_twice();
  EXPECT_EQ(names("done").size(), 4U);
}

TEST_F(Spool, Confirmation_WithEntryNumber_LeavesTheRebuiltRecordsInDone) {
  receive();
  const auto row = filing("se");
  std::string number;
  for (char digit = '0'; digit <= '9'; ++digit)
    if (flow::entry_number_checks("B7P", std::string("0000123") + digit, {})) number = std::string("0000123") + digit;
  write("in/ok.json", "{\"confirmation\": {\"token\": \"" + row.token + "\", \"entry_number\": \"" + number + "\"}}");
  look_twice();
  EXPECT_EQ(read(at("done/" + row.token + ".se")), filing("se").records);
  EXPECT_THAT(filing("se").records, HasSubstr(number));
}

TEST_F(Spool, WhatWasReplacedOrAnsweredElsewhere_LeavesOut) {
  receive();
  const auto replaced = filing("se").token, answered = filing("ae").token;
  ASSERT_TRUE(act("folder", refusal(replaced, true))->applied());  // by another way than the folder
  ASSERT_TRUE(submit("carrier", v1::CROSSING_NOTICE, later_notice())->has_receipt());
  settle();
  wait_until([this] { return filing("se", 1).state == "replaced"; });
  EXPECT_TRUE(std::filesystem::exists(at("out/" + replaced + ".se")));
  spool_->look();
  EXPECT_FALSE(std::filesystem::exists(at("out/" + replaced + ".json")));
  EXPECT_FALSE(std::filesystem::exists(at("out/" + replaced + ".se")));
  EXPECT_TRUE(std::filesystem::exists(at("out/" + answered + ".ae"))) << "it is still with the filer";
  ASSERT_TRUE(act("folder", confirmation(answered))->applied());
  spool_->look();
  EXPECT_FALSE(std::filesystem::exists(at("out/" + answered + ".ae")));
}

TEST_F(Spool, WhatTheFilerPutThere_IsLeftAlone) {
  write("out/notes.txt", "x");
  write("out/00000000-0000-5000-8000-000000000000.json", "{}");
  spool_->look();
  EXPECT_EQ(names("out").size(), 2U);
}

TEST_F(Spool, AnswerNamedByToken_IsMatched) {
  receive();
  const auto row = filing("ae");
  write("in/" + row.token + ".ax", "a line of CBP");
  look_twice();
  look([&](ledger::Reader& reader) { EXPECT_EQ(reader.answers_of_filing(row.id).size(), 1U); });
  EXPECT_EQ(names("done").size(), 2U);
}

TEST_F(Spool, WhatCannotBeTaken_GoesToBadWithFindings) {
  write("in/a.json", "{\"confirmation\": ");
  write("in/b.exe", "x");
  write("in/c.json", "{\"confirmation\": {\"token\": \"nobody\"}}");
  write("in/d.txt", std::string(2 * 1024 * 1024, 'x'));
  look_twice();
  EXPECT_THAT(read(at("bad/a.json.findings.json")), HasSubstr("SPOOL_JSON_INVALID"));
  EXPECT_THAT(read(at("bad/b.exe.findings.json")), HasSubstr("SPOOL_FILE_UNKNOWN"));
  EXPECT_THAT(read(at("bad/c.json.findings.json")), HasSubstr("TOKEN_UNKNOWN"));
  EXPECT_THAT(read(at("bad/d.txt.findings.json")), HasSubstr("SPOOL_FILE_TOO_LARGE"));
  EXPECT_THAT(names("in"), IsEmpty());
}

TEST_F(Spool, LinksPartialAndHiddenFiles_AreLeftAlone) {
  std::ofstream(folder_ / "outside.txt") << "outside";
  std::filesystem::create_symlink(folder_ / "outside.txt", at("in/link.txt"));
  write("in/x.json.tmp", "{");
  write("in/y.part", "{");
  write("in/.hidden", "{");
  std::filesystem::create_directory(at("in/folder.json"));
  look_twice();
  EXPECT_EQ(names("in").size(), 5U);
  EXPECT_THAT(names("bad"), IsEmpty());
  EXPECT_THAT(names("done"), IsEmpty());
}

}  // namespace
}  // namespace puente::test
